/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs SQLite's speedtest1 with the arguments given and prints "bench: speedtest1 COUNT", the time stamp
 * counter's difference (which is the number of instructions under QEMU's -icount shift=0). With --verify
 * speedtest1 prints a hash of all results.
 */
#include <stdio.h>
#include <x86intrin.h>

int speedtest1_main(int argc, char **argv);

int main(int argc, char **argv)
{
	unsigned long long start = __rdtsc();
	int status = speedtest1_main(argc, argv);

	printf("bench: speedtest1 %llu\n", (unsigned long long)__rdtsc() - start);
	return status;
}
