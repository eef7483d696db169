/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The key of this boot's jump buffers.
 * INIT early:uk_setjmp_draw_key
 */
#include "buffer.h"
#include <uk/random.h>

#include <uk/boot.h>

/* The verifier looks for the call. */
__attribute__((noinline)) void uk_setjmp_draw_key(void);

UK_ROINIT uint64_t uk_setjmp_key[UK_SETJMP_KEY_WORDS];

void uk_setjmp_draw_key(void)
{
	uk_random_bytes(uk_setjmp_key, sizeof(uk_setjmp_key));
}
