/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: STACK_LEAK */
/* adversary: A3 */
/*
 * An answer of fixed size of which only the beginning is written: the rest is what an earlier call left
 * on the stack, here a key.
 */
#include "attack.h"

#define ANSWER_BYTES 64
#define KEY_BYTES 256
#define KEY_BYTE 0x5e

static __attribute__((noinline)) void fill(volatile unsigned char *to, unsigned char value,
					   size_t len)
{
	/* Eight at a time, one of them would have the bytes of a system call, which privscan refuses. */
#pragma clang loop unroll(disable)
	for (size_t i = 0; i < len; i++)
		to[i] = value;
}

static __attribute__((noinline)) void use_key(void)
{
	unsigned char key[KEY_BYTES];

	fill(key, KEY_BYTE, sizeof(key));
}

/* The other side: how many bytes of the key it was sent. */
static __attribute__((noinline)) size_t receive(const volatile unsigned char *answer)
{
	size_t found = 0;

	for (size_t i = 0; i < ANSWER_BYTES; i++)
		found += answer[i] == KEY_BYTE;
	return found;
}

static __attribute__((noinline)) size_t reply(size_t len)
{
	unsigned char answer[ANSWER_BYTES];

	fill(answer, 1, len);
	return receive(answer);
}

int main(void)
{
	volatile size_t whole = ANSWER_BYTES, part = 1;

	use_key();
	if (reply(whole) != 0)
		return 1;
	attack_control_ok();
	use_key();
	if (reply(part) > 0)
		attack_succeeded();
	return 0;
}
