/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guards: boot code calls the layout function, which asks for a gap of at least a page, and ends by
 * loading page tables of its own. Stack clash: each function in C with a frame of 4 KiB or more, or one
 * whose size is known at run time only, stores to each page of it on the way down; a single subtraction
 * of more than a page from %rsp is a step over the guard.
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "elf.h"
#include "harden.h"

/* The compiler's probe distance and the smallest gap (-mstack-probe-size, x86 page size). */
#define PAGE_BYTES 4096

enum frame {
	FRAME_SMALL,
	FRAME_PROBED,
	FRAME_BARE,
};

static enum frame examine(const struct code *c, const struct image_func *func)
{
	bool is_large = false, is_dynamic = false, touches = false, oversteps = false;
	struct code_insns f;

	code_function(c, func, &f);
	for (size_t i = 0; i < f.len; i++) {
		is_large |= f.v[i].sub_rsp >= PAGE_BYTES;
		oversteps |= f.v[i].sub_rsp > PAGE_BYTES;
		is_dynamic |= f.v[i].sets_rsp;
		touches |= f.v[i].touches_stack_page;
	}
	if (!is_large && !is_dynamic)
		return FRAME_SMALL;
	return touches && !oversteps ? FRAME_PROBED : FRAME_BARE;
}

static void count_frames(const struct code *c, struct verdict *v)
{
	struct arena *a = c->arena;

	for (size_t i = 0; i < c->image->funcs_len; i++) {
		const struct image_func *f = &c->image->funcs[i];
		const char *reason = image_func_exempt(f, "guard");
		enum frame frame = f->is_asm ? FRAME_SMALL : examine(c, f);

		if (frame == FRAME_SMALL)
			continue;
		v->total++;
		if (frame == FRAME_PROBED)
			v->covered++;
		else if (reason)
			strs_pushf(a, &v->exempt, "%s: %s", f->name, reason);
		else if (!v->problem)
			v->problem = arena_printf(
				a, "'%s' (%s) takes its frame without touching each page", f->name,
				f->object);
	}
}

static void verify(const struct code *c, struct verdict *v)
{
	const struct image *img = c->image;

	if (!image_func_named(img, "uk_guard_layout"))
		return;
	if (!code_asks_layout(c, "uk_guard_layout", PAGE_BYTES))
		v->problem = "the boot does not ask for gaps of a page or more";
	else if (!code_ends_boot_with_tables(c))
		v->problem = "the boot does not end by loading its page tables";
	count_frames(c, v);
	v->level = "on";
	v->state = v->problem ? VERDICT_PARTIAL : VERDICT_ON;
}

extern const struct mechanism mech_guard;
const struct mechanism mech_guard = {
	.name = "guard", .what = "functions with frames of 4 KiB or more", .verify = verify};
