/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls from the application: of a checked function (__memcpy_chk and so on), and of one that could be
 * checked where the compiler knew nothing of the destination. How many it could have known of the image does
 * not tell, so both are counted and the first need not be all. Conditions for `on`: each checked function of
 * the image has a conditional branch that leads to the end of the guest, and each function that calls
 * vfprintf looks at the format first.
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "elf.h"
#include "harden.h"
#include <stdint.h>
#include <string.h>

static const char fail_name[] = "uk_fortify_fail", format_name[] = "uk_fortify_format";

struct calls {
	size_t checked, plain;
	bool has_format_check;
	const char *problem;
};

static bool is_checked_name(const char *name)
{
	return str_starts(name, "__") && str_ends(name, "_chk");
}

/* Functions that the headers have a checked form of. */
static bool is_checkable_name(const char *name)
{
	static const char *const names[] = {
		"memcpy",    "memmove", "memset",  "strcpy",  "stpcpy",   "strcat",
		"strncpy",   "stpncpy", "strncat", "sprintf", "snprintf", "vsprintf",
		"vsnprintf", "fgets",   "fread",   "read",    "recv",     "recvfrom"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eq(names[i], name))
			return true;
	return false;
}

/* The function that a direct call or tail call leads to, or NULL. */
static const struct image_func *callee(const struct image *img, const struct image_func *from,
				       const struct insn *i)
{
	const struct image_func *to =
		i->kind == INSN_CALL || i->kind == INSN_JUMP || i->kind == INSN_JUMP_COND
			? image_func_at(img, i->target)
			: NULL;

	return to && to != from && to->addr == i->target ? to : NULL;
}

static bool calls_fail(const struct image *img, const struct image_func *f,
		       const struct code_insns *c, size_t at)
{
	/* The way to the call may align the stack first. */
	for (size_t n = 0; at < c->len && n < 3; at++, n++) {
		const struct image_func *to = callee(img, f, &c->v[at]);

		if (to && str_eq(to->name, fail_name))
			return true;
		if (c->v[at].kind != INSN_OTHER)
			return false;
	}
	return false;
}

static bool has_check(const struct image *img, const struct image_func *f,
		      const struct code_insns *c)
{
	for (size_t i = 0; i < c->len; i++) {
		const struct image_func *to = callee(img, f, &c->v[i]);
		size_t target = code_index(c, c->v[i].target);

		if (c->v[i].kind != INSN_JUMP_COND)
			continue;
		if ((to && str_eq(to->name, fail_name)) || calls_fail(img, f, c, i + 1) ||
		    (target != SIZE_MAX && calls_fail(img, f, c, target)))
			return true;
	}
	return false;
}

static void look_at(const struct code *c, const struct image_func *f, struct calls *t)
{
	bool is_app = str_starts(f->object, "app/"), looks = false;
	struct code_insns insns;

	code_function(c, f, &insns);
	if (is_checked_name(f->name) && !has_check(c->image, f, &insns) && !t->problem)
		t->problem =
			arena_printf(c->arena, "'%s' (%s) compares nothing", f->name, f->object);
	for (size_t i = 0; i < insns.len; i++) {
		const struct image_func *to = callee(c->image, f, &insns.v[i]);

		if (!to)
			continue;
		t->checked += is_checked_name(to->name) && !is_checked_name(f->name);
		t->plain += is_app && is_checkable_name(to->name);
		looks = looks || str_eq(to->name, format_name);
		if (str_eq(to->name, "vfprintf") && !looks && t->has_format_check && !t->problem)
			t->problem = arena_printf(c->arena,
						  "'%s' (%s) prints without a look at the format",
						  f->name, f->object);
	}
}

static void verify(const struct code *c, struct verdict *v)
{
	const struct image *img = c->image;
	struct calls t = {0};

	t.has_format_check = image_func_named(img, format_name) != NULL;
	for (size_t i = 0; i < img->funcs_len; i++)
		if (img->funcs[i].object[0] != '\0')
			look_at(c, &img->funcs[i], &t);
	v->covered = t.checked;
	v->total = t.checked + t.plain;
	/* An application that calls nothing of the kind looks the same with and without. */
	v->is_vacuous = !t.checked && !t.has_format_check && !image_func_named(img, "vfprintf");
	if (t.checked || t.has_format_check) {
		v->level = "on";
		v->problem = t.problem;
		v->state = t.problem ? VERDICT_PARTIAL : VERDICT_ON;
	}
}

extern const struct mechanism mech_fortify;
const struct mechanism mech_fortify = {
	.name = "fortify", .what = "calls that could be checked", .verify = verify};
