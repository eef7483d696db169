-- SPDX-License-Identifier: BSD-2-Clause
-- Strings: building, formatting, finding, replacing.
return function()
	local words, sum = {}, 0

	for i = 1, 700 do
		words[i] = string.format("%s-%d:%x", ("ab"):rep(i % 7), i, i * 2654435761 & 0xffffffff)
	end
	for _ = 1, 8 do
		local text = table.concat(words, ",")

		for name, number in text:gmatch("(%a+)%-(%d+)") do
			sum = sum + #name * tonumber(number)
		end
		sum = sum + select(2, text:gsub("b%-%d", "<%0>")) + #text:upper():reverse()
		sum = sum + (text:find("699:", 1, true) or 0)
	end
	return sum
end
