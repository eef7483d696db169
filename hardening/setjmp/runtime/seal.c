/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Seals a jump buffer and checks the seal. The address is sealed with the words, so a valid buffer is of no
 * use in another place.
 */
#include "buffer.h"
#include "siphash.h"
#include <uk/trap.h>

static uint64_t seal_of(const struct uk_setjmp_buffer *b)
{
	uint64_t v[4];

	siphash_begin(v, uk_setjmp_key);
	siphash_word(v, (uintptr_t)b);
	for (unsigned int i = 0; i < UK_SETJMP_WORDS; i++)
		siphash_word(v, b->words[i]);
	/* Never both 0 and a mask: setjmp() does not write that word. */
	siphash_word(v, b->has_mask);
	siphash_word(v, b->has_mask ? b->mask : 0);
#if CONFIG_NEEDS_CET_SHADOW
	siphash_word(v, b->shadow);
#endif
	return siphash_end(v, UK_SETJMP_WORDS + 3 + CONFIG_NEEDS_CET_SHADOW);
}

int uk_setjmp_seal(struct uk_setjmp_buffer *b, int has_mask)
{
	b->has_mask = (unsigned int)has_mask;
	b->seal = seal_of(b);
	return 0;
}

void uk_setjmp_check(const struct uk_setjmp_buffer *b)
{
	if (b->seal != seal_of(b))
		uk_trap("setjmp");
}
