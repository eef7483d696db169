/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hardened heap against a model: the input is a program of allocations, resizes, frees and misuses. Live
 * blocks never overlap and keep what was written to them; each misuse ends in the trap, nothing else does.
 */
#include "tests/libs/fake_plat.h"
#include <stdlib.h>
#include <uk/heap.h>

#include "hardening/heap/runtime/heap.c"
#include "hardening/heap/runtime/quarantine.c"
/* Both have functions of these names. */
#define init pages_init
#define release pages_release
#include "libs/pages/pages.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum {
	BLOCKS = 64,
};

static struct block {
	uint8_t *at;
	size_t bytes;
	uint8_t fill;
} blocks[BLOCKS];

static void claim(bool holds)
{
	if (!holds)
		abort();
}

static void check(const struct block *b)
{
	for (size_t i = 0; i < b->bytes; i++)
		claim(b->at[i] == b->fill);
}

static void fill(struct block *b, uint8_t *at, size_t bytes, uint8_t with)
{
	claim((uintptr_t)at % UK_HEAP_ALIGN == 0 && uk_heap_usable(at) >= bytes);
	for (size_t i = 0; i < BLOCKS; i++)
		claim(&blocks[i] == b || !blocks[i].at || at + bytes <= blocks[i].at ||
		      blocks[i].at + blocks[i].bytes <= at);
	*b = (struct block){at, bytes, with};
	memset(at, with, bytes);
}

/* A trap that is due; it leaves the heap as it was. */
static void must_trap(uint8_t *p, bool by_resize)
{
	jmp_buf unexpected;

	memcpy(unexpected, fake_trap, sizeof(unexpected));
	claim(by_resize ? FAKE_TRAPS(uk_heap_resize(p, 100)) : FAKE_TRAPS(uk_heap_free(p)));
	memcpy(fake_trap, unexpected, sizeof(unexpected));
}

static void misuse(struct block *b, uint8_t how)
{
	size_t usable = uk_heap_usable(b->at);

	switch (how % 4) {
	case 0: /* behind the start */
		must_trap(b->at + 1 + how % 32, how & 64);
		break;
	case 1: /* one byte of the canary changed */
		b->at[usable + how / 4 % 8] ^= 0x80;
		must_trap(b->at, how & 64);
		b->at[usable + how / 4 % 8] ^= 0x80;
		break;
	case 2: /* freed twice */
		uk_heap_free(b->at);
		must_trap(b->at, how & 64);
		b->at = NULL;
		break;
	default: /* no block at all */
		must_trap((uint8_t *)blocks + how / 4 * 16, how & 64);
	}
}

/* An instruction: which block, what to do, how many bytes. */
static void step(const uint8_t op[4])
{
	struct block *b = &blocks[op[0] % BLOCKS];
	size_t bytes = (size_t)(op[2] | op[3] << 8) & (op[1] & 8 ? 0xffff : 0x1ff);
	uint8_t *p;

	if (!b->at) {
		size_t align = (size_t)1 << op[1] / 16;

		p = op[1] & 1 ? uk_heap_alloc_aligned(align, bytes) : uk_heap_alloc(bytes);
		if (!p)
			return;
		claim(!(op[1] & 1) || (uintptr_t)p % align == 0);
		fill(b, p, bytes, op[0]);
		return;
	}
	check(b);
	switch (op[1] % 4) {
	case 0:
		p = uk_heap_resize(b->at, bytes);
		if (!p)
			return;
		for (size_t i = 0; i < bytes && i < b->bytes; i++)
			claim(p[i] == b->fill);
		fill(b, p, bytes, op[3]);
		break;
	case 1:
		misuse(b, op[2]);
		break;
	default:
		uk_heap_free(b->at);
		b->at = NULL;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	/* A trap of no misuse. */
	if (setjmp(fake_trap))
		abort();
	for (size_t i = 0; i + 4 <= len; i += 4)
		step(data + i);
	for (size_t i = 0; i < BLOCKS; i++) {
		if (!blocks[i].at)
			continue;
		check(&blocks[i]);
		uk_heap_free(blocks[i].at);
		blocks[i].at = NULL;
	}
	claim(uk_stats[UK_STAT_HEAP_NOW] == 0);
	return 0;
}
