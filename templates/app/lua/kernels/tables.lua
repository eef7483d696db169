-- SPDX-License-Identifier: BSD-2-Clause
-- Tables: arrays and hashes, a sort with a function, a sieve.
local function sieve(n)
	local composite, count = {}, 0

	for i = 2, n do
		if not composite[i] then
			count = count + 1
			for k = i * i, n, i do
				composite[k] = true
			end
		end
	end
	return count
end

return function()
	local state, list, seen, sum = 42, {}, {}, 0

	for i = 1, 4000 do
		state = (state * 1103515245 + 12345) & 0x7fffffff
		list[i] = state
		seen["k" .. state % 500] = (seen["k" .. state % 500] or 0) + i
	end
	table.sort(list, function(a, b)
		return a > b
	end)
	for i, value in ipairs(list) do
		sum = (sum * 31 + value * i) & 0xffffffff
	end
	for _, value in pairs(seen) do
		sum = sum + value -- in any order
	end
	return sum + sieve(20000)
end
