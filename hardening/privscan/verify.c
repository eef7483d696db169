/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each byte of the text that stays mapped is taken as the beginning of an instruction. None may be one that
 * undoes protection on the machine the image is for (build/priv.h). Exempt are instructions, not bytes inside
 * one: where a platform has to call what is below it (NOHARDEN.privscan), and in a process, where the
 * tender's filter looks at each call. Chance can make an image clean that nobody asked it of.
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "disasm.h"
#include "elf.h"
#include "harden.h"
#include "priv.h"
#include <stdint.h>

/* How many bytes of a sequence the message shows. */
#define SHOWN_BYTES 3

static bool is_exempt(const struct code *c, const struct priv_hit *hit, struct verdict *v)
{
	const struct image_func *f = image_func_at(c->image, hit->addr);
	const char *reason = f ? image_func_exempt(f, "privscan") : NULL;

	if (!hit->aligned)
		return false;
	if (!reason)
		return false;
	strs_add(c->arena, &v->exempt, arena_printf(c->arena, "%s: %s", f->name, reason));
	return true;
}

static const char *describe(const struct code *c, const struct priv_hit *hit)
{
	const struct image_func *f = image_func_at(c->image, hit->addr);
	const uint8_t *b = elf_at(&c->image->stripped, hit->addr, SHOWN_BYTES);
	const char *bytes =
		b ? arena_printf(c->arena, " (bytes %02x %02x %02x)", b[0], b[1], b[2]) : "";

	if (!f)
		return arena_printf(c->arena, "'%s' between functions%s", hit->name, bytes);
	return arena_printf(c->arena, "'%s'%s in '%s' (%s) at +0x%llx%s", hit->name,
			    hit->aligned ? "" : " inside an instruction", f->name, f->object,
			    (unsigned long long)(hit->addr - f->addr), bytes);
}

/* What a program can do, where the link could not. */
static const char *remedy(const struct code *c, const struct priv_hit *hit)
{
	const struct image_func *f = image_func_at(c->image, hit->addr);

	if (hit->aligned || !f)
		return "";
	if (f->is_asm)
		return "; assembly stays as it is written: another register or another constant";
	return "; compiling it another way did not help or was not possible (passrun): another "
	       "constant or another -O for that file, or no inline assembly with these bytes";
}

static void look_at(const struct code *c, const struct code_text *text, struct verdict *v)
{
	enum priv_machine machine = priv_machine(&c->image->stripped);
	size_t found = 0;

	for (size_t i = 0; i < text->priv.len; i++) {
		const struct priv_hit *hit = &text->priv.v[i];

		if (!priv_undoes_protection(machine, hit->name) || is_exempt(c, hit, v))
			continue;
		found++;
		if (!v->problem)
			v->problem =
				arena_printf(c->arena, "%s%s", describe(c, hit), remedy(c, hit));
		else
			strs_pushf(c->arena, &v->facts, "also %s", describe(c, hit));
	}
	v->total = text->len;
	v->covered = text->len - found;
}

static void verify(const struct code *c, struct verdict *v)
{
	const struct code_text *text = code_text(c);

	v->is_property = true;
	if (text)
		look_at(c, text, v);
	else
		v->problem = "permanent text is not in the file";
	v->level = "on";
	v->state = v->problem ? VERDICT_OFF : VERDICT_ON;
}

extern const struct mechanism mech_privscan;
const struct mechanism mech_privscan = {
	.name = "privscan", .what = "bytes of text", .verify = verify};
