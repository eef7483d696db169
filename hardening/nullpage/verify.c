/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Three conditions, each from the finished file: boot code calls the mechanism's layout function, which
 * asks for the unmapped range; boot code ends by loading page tables of its own; no segment of the image
 * lies in the range.
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "elf.h"
#include "harden.h"
#include <elf.h>

/* What is never mapped at least: 64 KiB, as Linux's DEFAULT_MMAP_MIN_ADDR. */
#define NULL_BYTES 0x10000

static bool is_range_free(const struct elf *e)
{
	for (size_t i = 0; i < e->segments_len; i++)
		if (e->segments[i].type == PT_LOAD && e->segments[i].memsz &&
		    e->segments[i].vaddr < NULL_BYTES)
			return false;
	return true;
}

static void verify(const struct code *c, struct verdict *v)
{
	const struct image *img = c->image;

	v->total = 3;
	if (!image_func_named(img, "uk_nullpage_layout"))
		return;
	if (code_asks_layout(c, "uk_nullpage_layout", 1))
		v->covered++;
	else
		v->problem = "the boot does not ask for an unmapped null page";
	if (code_ends_boot_with_tables(c))
		v->covered++;
	else if (!v->problem)
		v->problem = "the boot does not end by loading its page tables";
	if (is_range_free(&img->stripped))
		v->covered++;
	else if (!v->problem)
		v->problem = "a segment of the image lies in the first 64 KiB";
	v->level = "on";
	v->state = v->covered == v->total ? VERDICT_ON : VERDICT_PARTIAL;
}

extern const struct mechanism mech_nullpage;
const struct mechanism mech_nullpage = {.name = "nullpage", .what = "conditions", .verify = verify};
