/* SPDX-License-Identifier: BSD-2-Clause */
#include "qemu.h"

#include "base/arena.h"
#include "base/str.h"

#include <inttypes.h>

/* The wall clock of measured runs: fixed, so that no instruction depends on the day. */
#define FIXED_CLOCK "base=2026-01-01T00:00:00,clock=vm"

const char *qemu_value(struct arena *a, const char *s)
{
	struct sb b;

	sb_init(&b, a);
	for (; *s; s++) {
		sb_putn(&b, s, 1);
		if (*s == ',')
			sb_put(&b, ",");
	}
	return sb_str(&b);
}

void qemu_push_words(struct arena *a, struct strs *argv, const char *const *words)
{
	for (; *words; words++)
		strs_push(a, argv, *words);
}

void qemu_push_machine(struct arena *a, struct strs *argv, const char *options,
		       const char *memory_file, uint64_t memory_kib)
{
	strs_push(a, argv, QEMU);
	strs_push(a, argv, "-M");
	if (memory_file)
		strs_pushf(a, argv, "%s,memory-backend=ram", options);
	else
		strs_push(a, argv, options);
	if (memory_file) {
		strs_push(a, argv, "-object");
		strs_pushf(a, argv,
			   "memory-backend-file,id=ram,size=%" PRIu64 "K,mem-path=%s,share=on",
			   memory_kib, qemu_value(a, memory_file));
	}
	strs_push(a, argv, "-m");
	strs_pushf(a, argv, "%" PRIu64 "K", memory_kib);
}

void qemu_push_icount(struct arena *a, struct strs *argv, unsigned shift, unsigned seed)
{
	strs_push(a, argv, "-icount");
	strs_pushf(a, argv, "shift=%u,sleep=off", shift);
	qemu_push_words(a, argv, (const char *const[]){"-rtc", FIXED_CLOCK, "-seed", NULL});
	strs_pushf(a, argv, "%u", seed);
}
