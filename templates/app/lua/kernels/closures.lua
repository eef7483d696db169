-- SPDX-License-Identifier: BSD-2-Clause
-- Closures, coroutines and methods.
local Counter = {}
Counter.__index = Counter

function Counter.new(step)
	return setmetatable({ value = 0, step = step }, Counter)
end

function Counter:add(n)
	self.value = self.value + n * self.step
	return self
end

local function compose(f, g)
	return function(x)
		return g(f(x))
	end
end

return function()
	local counter, chain = Counter.new(3), function(x)
		return x
	end

	for i = 1, 20 do
		chain = compose(chain, function(x)
			return (x + i) & 0xffff
		end)
	end
	for i = 1, 1200 do
		counter:add(chain(i))
	end

	local numbers = coroutine.wrap(function()
		for i = 1, 8000 do
			coroutine.yield(i)
		end
	end)

	for i = 1, 8000 do
		counter:add(numbers() & i)
	end
	return counter.value
end
