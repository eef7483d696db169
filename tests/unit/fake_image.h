/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A finished image made of machine code given as bytes: one segment of text at FAKE_BASE, functions and
 * symbols by name. For the unit tests of verifiers. Include after cmocka.h.
 */
#ifndef FAKE_IMAGE_H
#define FAKE_IMAGE_H

#include <elf.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "code.h"
#include "elf.h"
#include "harden.h"

#define FAKE_BASE 0x100000
#define FAKE_MAX 16
#define FAKE_BYTES 4096

struct fake {
	struct arena *arena;
	struct image image;
	uint8_t bytes[FAKE_BYTES];
	size_t bytes_len;
	struct elf_segment segments[2];
	struct elf_symbol symbols[FAKE_MAX];
	struct image_func funcs[FAKE_MAX];
};

static inline struct fake *fake_new(void)
{
	struct arena *a = arena_new();
	struct fake *f = arena_alloc(a, sizeof(*f));

	f->arena = a;
	f->segments[0] = (struct elf_segment){
		.type = PT_LOAD,
		.flags = PF_R | PF_X,
		.vaddr = FAKE_BASE,
		.filesz = FAKE_BYTES,
		.memsz = FAKE_BYTES,
	};
	f->image.stripped = (struct elf){
		.path = "fake",
		.type = ET_EXEC,
		.bytes = f->bytes,
		.size = FAKE_BYTES,
		.segments = f->segments,
		.segments_len = 1,
	};
	f->image.sidecar = f->image.stripped;
	f->image.sidecar.symbols = f->symbols;
	f->image.sidecar.symbols_len = 1;
	f->symbols[0].name = "";
	f->image.has_sidecar = true;
	f->image.funcs = f->funcs;
	memset(f->bytes, 0xcc, sizeof(f->bytes));
	return f;
}

static inline uint64_t fake_here(const struct fake *f)
{
	return FAKE_BASE + f->bytes_len;
}

static inline void fake_symbol(struct fake *f, const char *name, uint64_t value)
{
	f->symbols[f->image.sidecar.symbols_len++] = (struct elf_symbol){
		.name = name,
		.value = value,
		.shndx = SHN_ABS,
		.bind = STB_GLOBAL,
	};
}

/* Appends bytes that belong to no function. */
static inline uint8_t *fake_bytes(struct fake *f, const void *code, size_t len)
{
	uint8_t *at = f->bytes + f->bytes_len;

	memcpy(at, code, len);
	f->bytes_len += len;
	return at;
}

/* Appends a function; its code is returned, to be edited. */
static inline uint8_t *fake_function(struct fake *f, const char *name, const void *code, size_t len)
{
	f->funcs[f->image.funcs_len++] = (struct image_func){
		.name = name,
		.object = "app/main.c",
		.addr = fake_here(f),
		.size = len,
	};
	fake_symbol(f, name, fake_here(f));
	return fake_bytes(f, code, len);
}

/* Enters the distance from the end of a call (5 bytes) at `at` to function `name`. */
static inline void fake_call(struct fake *f, uint8_t *at, const char *name)
{
	int32_t distance;
	uint64_t to = 0;

	assert_true(image_symbol(&f->image, name, &to));
	distance = (int32_t)(to - (FAKE_BASE + (uint64_t)(at - f->bytes) + 5));
	memcpy(at + 1, &distance, sizeof(distance));
}

static inline struct verdict fake_verify(struct fake *f, const struct mechanism *m)
{
	struct verdict v;
	struct diags d;
	struct code c;

	diags_init(&d, f->arena);
	assert_int_equal(code_open(f->arena, &f->image, &c, &d), 0);
	v = mechanism_verdict(m, &c);
	code_close(&c);
	return v;
}

#endif
