/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can be seen of page rights without running the image. Counted are these conditions:
 *   - boot code calls the layout function, which asks for rights;
 *   - boot code calls the auditor, which walks the finished tables;
 *   - no segment is writable and executable;
 *   - parts with different rights share no page;
 *   - boot code ends by loading page tables of its own, or asking Xen for them, in its very last
 *     instruction;
 *   - text that stays mapped has no instruction that could change the tables, the descriptor tables,
 *     model-specific registers or protection keys; byte sequences inside other instructions are listed,
 *     and so are the hypercalls of a platform that needs them.
 * That the tables themselves are right is the auditor's business, at each boot.
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "disasm.h"
#include "elf.h"
#include "harden.h"
#include <elf.h>
#include <stdint.h>

#define PAGE_BYTES 4096

struct checks {
	struct arena *arena;
	struct verdict *v;
};

static void check(struct checks *c, bool holds, const char *problem)
{
	c->v->total++;
	if (holds)
		c->v->covered++;
	else if (!c->v->problem)
		c->v->problem = problem;
}

static bool has_writable_code(const struct elf *e)
{
	for (size_t i = 0; i < e->segments_len; i++)
		if (e->segments[i].type == PT_LOAD &&
		    (e->segments[i].flags & (PF_W | PF_X)) == (PF_W | PF_X))
			return true;
	return false;
}

/* Segments of different rights on pages of their own. */
static bool shares_page(const struct elf *e)
{
	for (size_t i = 0; i < e->segments_len; i++) {
		const struct elf_segment *x = &e->segments[i];

		for (size_t k = i + 1; k < e->segments_len && x->type == PT_LOAD; k++) {
			const struct elf_segment *y = &e->segments[k];

			if (y->type != PT_LOAD || x->flags == y->flags || !x->memsz || !y->memsz)
				continue;
			if (x->vaddr / PAGE_BYTES <= (y->vaddr + y->memsz - 1) / PAGE_BYTES &&
			    y->vaddr / PAGE_BYTES <= (x->vaddr + x->memsz - 1) / PAGE_BYTES)
				return true;
		}
	}
	return false;
}

/* Data that is read-only after boot, and boot code, end where a page ends; segments do not show it. */
static bool are_parts_aligned(const struct image *img)
{
	static const char *const marks[] = {"__boot_end", "__rodata_start", "__roinit_start",
					    "__data_start"};

	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		uint64_t at;

		if (!image_symbol(img, marks[i], &at) || at % PAGE_BYTES)
			return false;
	}
	return true;
}

static bool is_forbidden(const char *name)
{
	static const char *const names[] = {"mov-to-cr", "clts",   "wrmsr",  "lgdt",    "lidt",
					    "lmsw",      "lldt",   "ltr",    "wrpkru",  "xrstor",
					    "xrstors",   "xsetbv", "vmcall", "vmmcall", "syscall"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eq(name, names[i]))
			return true;
	return false;
}

/* Calls of the hypervisor: a platform whose memory the hypervisor can change says so (NOHARDEN.wx). */
static bool is_hypercall(const char *name)
{
	return str_eq(name, "vmcall") || str_eq(name, "vmmcall") || str_eq(name, "syscall");
}

/*
 * True when the hit is such a call where one is allowed; says it once a function. In a process a system
 * call changes no mapping from anywhere but the gate, which the filter of the tender knows by its address
 * (platforms/process/tender_filter.c), and the gate is gone: code_ends_boot_with_tables().
 */
static bool is_exempt(const struct code *c, const struct priv_hit *hit, struct verdict *v)
{
	const struct image_func *f = image_func_at(c->image, hit->addr);
	const char *reason = f ? image_func_exempt(f, "wx") : NULL;

	if (code_is_process(c) && str_eq(hit->name, "syscall"))
		return true;
	if (!reason || !is_hypercall(hit->name))
		return false;
	strs_add(c->arena, &v->exempt, arena_printf(c->arena, "%s: %s", f->name, reason));
	return true;
}

static const char *where(const struct code *c, const struct priv_hit *hit)
{
	const struct image_func *f = image_func_at(c->image, hit->addr);

	if (!f)
		return arena_printf(c->arena, "'%s' between functions", hit->name);
	return arena_printf(c->arena, "'%s' in '%s' (%s) at +0x%llx", hit->name, f->name, f->object,
			    (unsigned long long)(hit->addr - f->addr));
}

/*
 * The first instruction in permanent text that can undo the mechanism, or NULL. Bytes that would be
 * one if control came into the middle of an instruction are said as facts: chance makes a few.
 */
static const char *forbidden(const struct code *c, struct verdict *v)
{
	const struct code_text *text = code_text(c);
	const char *problem = NULL;

	if (!text)
		return "permanent text is not in the file";
	for (size_t i = 0; i < text->priv.len; i++) {
		if (is_exempt(c, &text->priv.v[i], v) || !is_forbidden(text->priv.v[i].name))
			continue;
		if (!text->priv.v[i].aligned)
			strs_pushf(c->arena, &v->facts, "bytes inside an instruction: %s",
				   where(c, &text->priv.v[i]));
		else if (!problem)
			problem = arena_printf(c->arena, "permanent text has %s",
					       where(c, &text->priv.v[i]));
	}
	return problem;
}

static void verify(const struct code *c, struct verdict *v)
{
	const struct image *img = c->image;
	struct arena *a = c->arena;
	struct checks k = {.arena = a, .v = v};
	const char *problem;

	if (!image_func_named(img, "uk_wx_layout"))
		return;
	check(&k, code_asks_layout(c, "uk_wx_layout", 1), "the boot does not ask for page rights");
	check(&k,
	      code_boot_calls(c, "uk_wx_audit") &&
		      code_reaches(c, "uk_wx_audit", "uk_plat_audit_rights"),
	      "the boot does not audit its page tables");
	check(&k, !has_writable_code(&img->stripped), "a segment is writable and executable");
	check(&k, !shares_page(&img->stripped) && are_parts_aligned(img),
	      "parts with different rights share a page");
	check(&k, code_ends_boot_with_tables(c),
	      "the boot does not end by loading its page tables");
	problem = forbidden(c, v);
	check(&k, !problem, problem);
	v->level = "on";
	v->state = v->problem ? VERDICT_PARTIAL : VERDICT_ON;
}

extern const struct mechanism mech_wx;
const struct mechanism mech_wx = {.name = "wx", .what = "conditions", .verify = verify};
