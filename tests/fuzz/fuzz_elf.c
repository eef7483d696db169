/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ELF reader on any bytes. Everything it hands out is touched, so that a pointer outside the
 * input shows up under AddressSanitizer.
 */
#include "base/arena.h"
#include "base/diag.h"
#include "elf.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t touch(const uint8_t *p, size_t len)
{
	size_t sum = 0;

	for (size_t i = 0; i < len; i += len < 4096 ? 1 : len - 1)
		sum += p[i];
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct diags d;
	struct elf e;
	volatile size_t sum = 0;

	diags_init(&d, a);
	if (elf_parse(a, "input", data, size, &e, &d) != 0) {
		arena_free(a);
		return 0;
	}
	for (size_t i = 0; i < e.sections_len; i++) {
		const struct elf_section *s = &e.sections[i];

		sum += strlen(s->name) + (s->data ? touch(s->data, s->size) : 0);
	}
	for (size_t i = 0; i < e.symbols_len; i++)
		sum += strlen(e.symbols[i].name);
	for (size_t i = 0; i < e.relocs_len; i++)
		sum += e.relocs[i].symbol ? e.symbols[e.relocs[i].symbol].size : 0;
	for (size_t i = 0; i < e.segments_len; i++) {
		const uint8_t *p = elf_at(&e, e.segments[i].vaddr, 8);

		sum += p ? touch(p, 8) : 0;
	}
	sum += elf_at(&e, e.entry, 16) != NULL;
	sum += elf_find_symbol(&e, "main") != NULL;
	sum += elf_find_section(&e, ".text") != NULL;
	arena_free(a);
	return 0;
}
