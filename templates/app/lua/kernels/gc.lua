-- SPDX-License-Identifier: BSD-2-Clause
-- The collector: many short-lived tables and strings beside a tree that lives, in both of its modes.
local function tree(depth)
	if depth == 0 then
		return {}
	end
	return { tree(depth - 1), tree(depth - 1) }
end

local function count(node)
	return node[1] and 1 + count(node[1]) + count(node[2]) or 1
end

return function()
	local kept, sum = tree(9), 0

	for _, mode in ipairs({ "incremental", "generational" }) do
		collectgarbage(mode)
		for i = 1, 14 do
			sum = sum + count(tree(7)) + #(tostring(i) .. "x")
		end
	end
	collectgarbage("incremental")
	collectgarbage()
	return sum + count(kept)
end
