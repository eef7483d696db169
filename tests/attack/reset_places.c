/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Leaves a text in each kind of memory that a program has, then ends as its argument says. The text is in no file:
 * each letter is one more than it should be.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <uk/plat.h>

enum {
	COPIES = 32,
	DEEP_BYTES = 10000,
};

static volatile char in_data[64] = "variable";
static volatile char in_bss[64];
static _Thread_local volatile char in_tls[64];
static volatile int two = 2;

static __attribute__((noinline)) void leave(volatile char *to, const char *shifted)
{
	size_t i = 0;

	for (; shifted[i]; i++)
		to[i] = (char)(shifted[i] - 1);
	to[i] = '\0';
}

static __attribute__((noinline)) int leave_deep(void)
{
	volatile char deep[DEEP_BYTES];

	leave(deep, "sfnbjot.po.tubdl"); /* remains-on-stack */
	return deep[0];
}

static __attribute__((noinline)) int overflow(volatile int depth)
{
	volatile char frame[1000];

	frame[0] = (char)depth;
	return depth ? overflow(depth + 1) + frame[0] : 0;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "return";
	volatile char *volatile blocks[COPIES];

	leave(in_data, "sfnbjot.jo.ebub"); /* remains-in-data */
	leave(in_bss, "sfnbjot.jo.ctt");
	leave(in_tls, "sfnbjot.jo.umt");
	for (size_t i = 0; i < COPIES; i++) {
		blocks[i] = malloc((size_t)1 << (5 + i % 13));
		if (!blocks[i])
			return 1;
		leave(blocks[i], "sfnbjot.po.ifbq");
	}
	for (size_t i = 0; i < COPIES; i += 2)
		free((void *)blocks[i]);
	leave_deep();
	uk_plat_console_write("left\n", 5);
	if (!strcmp(how, "exit"))
		exit(0);
	if (!strcmp(how, "abort"))
		abort();
	if (!strcmp(how, "signal"))
		raise(SIGTERM);
	if (!strcmp(how, "divide"))
		return 1 / (two - 2);
	if (!strcmp(how, "overflow"))
		return overflow(1);
	return 0;
}
