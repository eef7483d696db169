-- SPDX-License-Identifier: BSD-2-Clause
-- Runs each kernel once and prints "bench: NAME COUNT", the time stamp counter's difference (which is the
-- number of instructions under QEMU's -icount shift=0), and "sum: NAME CHECKSUM". Names, inputs and counts
-- are frozen: figures of different versions are compared. Arguments choose kernels.
local names = { "fib", "nbody", "strings", "tables", "closures", "gc" }

for _, name in ipairs(#arg > 0 and arg or names) do
	local run = assert(loadfile("/kernels/" .. name .. ".lua"))()

	collectgarbage()
	local start = ticks()
	local sum = run()
	local count = ticks() - start

	print(string.format("bench: %s %d", name, count))
	print(string.format("sum: %s %016x", name, sum))
end
