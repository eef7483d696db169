-- SPDX-License-Identifier: BSD-2-Clause
-- Calls: Fibonacci numbers by the definition.
local function fib(n)
	if n < 2 then
		return n
	end
	return fib(n - 1) + fib(n - 2)
end

return function()
	return fib(22)
end
