/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs each kernel once and prints "bench: NAME COUNT", the time stamp counter's difference (which is the
 * number of instructions under QEMU's -icount shift=0), and "sum: NAME CHECKSUM".
 */
#include "bench.h"
#include <stdio.h>
#include <x86intrin.h>

static const struct kernel {
	const char *name;
	uint64_t (*run)(void);
} kernels[] = {
	{"qsort", bench_qsort}, {"printf", bench_printf}, {"string", bench_string},
	{"regex", bench_regex}, {"hash", bench_hash},     {"malloc", bench_malloc},
};

int main(void)
{
	for (unsigned i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		uint64_t start = __rdtsc();
		uint64_t sum = kernels[i].run();
		uint64_t count = __rdtsc() - start;

		printf("bench: %s %llu\n", kernels[i].name, (unsigned long long)count);
		printf("sum: %s %016llx\n", kernels[i].name, (unsigned long long)sum);
	}
	return 0;
}
