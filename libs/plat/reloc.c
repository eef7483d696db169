/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-relocation: adds the slide to every word that holds an address. The image is linked where it is
 * loaded, so all addresses are right before this runs, and right at the final place after it.
 */
#include <uk/platform.h>

#include <uk/boot.h>

/* System V ABI, AMD64 supplement, table 4.9. */
#define R_X86_64_RELATIVE 8
/* A RELR bitmap covers this many words (generic ABI, "Relative relocation table"). */
#define RELR_WORDS 63

struct rela {
	uint64_t offset, info;
	int64_t addend;
};
extern const struct rela __rela_start[], __rela_end[];

void uk_boot_relocate(uintptr_t slide)
{
	uint64_t *where = NULL;

	for (const uint64_t *r = __relr_start; r < __relr_end; r++) {
		uint64_t entry = *r;

		if (!(entry & 1)) {
			where = (uint64_t *)entry;
			*where++ += slide;
			continue;
		}
		for (uint64_t *w = where; entry >>= 1; w++)
			if (entry & 1)
				*w += slide;
		where += RELR_WORDS;
	}
	for (const struct rela *r = __rela_start; r < __rela_end; r++) {
		if ((uint32_t)r->info != R_X86_64_RELATIVE)
			uk_trap("relocation");
		*(uint64_t *)r->offset = (uint64_t)r->addend + slide;
	}
}
