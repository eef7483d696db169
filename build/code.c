/* SPDX-License-Identifier: BSD-2-Clause */
#include "code.h"

#include "base/arena.h"
#include "base/str.h"
#include "elf.h"
#include "harden.h"
#include <string.h>

/* How far before its jump a switch computes the target, in instructions. */
#define SWITCH_INSNS 4

/* What has been decoded: two dozen verifiers read the same functions. */
struct code_decoded {
	struct arena *arena;
	struct code_insns
		*funcs;        /* of image->funcs; len 0: not decoded yet, or nothing to decode */
	struct code_text text; /* bytes NULL: not scanned yet, or not there */
	uint8_t *ends;         /* parallel to funcs: what code_never_returns() has found */
};

int code_open(struct arena *a, const struct image *img, struct code *ret, struct diags *d)
{
	struct disasm *s = disasm_open(a, d);
	struct code_decoded *decoded;

	if (!s)
		return -1;
	decoded = arena_alloc(a, sizeof(*decoded));
	*decoded = (struct code_decoded){
		.arena = a,
		.funcs = arena_array(a, img->funcs_len, sizeof(*decoded->funcs)),
		.ends = arena_alloc(a, img->funcs_len)};
	*ret = (struct code){.arena = a, .image = img, .disasm = s, .decoded = decoded};
	return 0;
}

void code_close(struct code *c)
{
	disasm_close(c->disasm);
}

struct verdict mechanism_verdict(const struct mechanism *m, const struct code *c)
{
	struct verdict v = {.state = VERDICT_UNKNOWN, .what = m->what};

	if (c->image->has_sidecar) {
		v.state = VERDICT_OFF;
		m->verify(c, &v);
	}
	return v;
}

static void decode(const struct code *c, struct arena *a, const struct image_func *f,
		   struct code_insns *ret)
{
	struct arena *own = arena_new();
	const uint8_t *bytes = elf_at(&c->image->stripped, f->addr, f->size);
	struct {
		struct insn *v;
		size_t len, cap;
	} out = {0};
	size_t at = 0;

	while (bytes && at < f->size) {
		struct insn i;

		if (!disasm_one(c->disasm, bytes + at, f->size - at, f->addr + at, &i))
			break;
		i.mnemonic = i.operands = ""; /* the next one's are written over them */
		vec_push(own, &out, i);
		at += i.size;
	}
	*ret = (struct code_insns){.v = (void *)arena_memdup(a, out.v, out.len * sizeof(*out.v)),
				   .len = out.len,
				   .is_whole = bytes && at == f->size};
	arena_free(own);
}

void code_function(const struct code *c, const struct image_func *f, struct code_insns *ret)
{
	const struct image *img = c->image;
	struct code_insns *known;

	/* Also text that is no function of the image may be asked for. */
	if (image_func_at(img, f->addr) != f) {
		decode(c, c->arena, f, ret);
		return;
	}
	known = &c->decoded->funcs[f - img->funcs];
	if (!known->len)
		decode(c, c->decoded->arena, f, known);
	*ret = *known;
}

const struct code_text *code_text(const struct code *c)
{
	struct code_text *t = &c->decoded->text;
	uint64_t end;

	if (t->bytes)
		return t;
	if (!image_symbol(c->image, "__text_start", &t->start) ||
	    !image_symbol(c->image, "__text_end", &end) || t->start >= end)
		return NULL;
	t->len = end - t->start;
	t->bytes = elf_at(&c->image->stripped, t->start, t->len);
	if (!t->bytes)
		return NULL;
	disasm_scan_privileged(c->decoded->arena, c->disasm, t->bytes, t->len, t->start, &t->priv);
	return t;
}

size_t code_index(const struct code_insns *insns, uint64_t addr)
{
	size_t low = 0, high = insns->len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (insns->v[mid].addr < addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low < insns->len && insns->v[low].addr == addr ? low : SIZE_MAX;
}

/* Padding in front of an aligned instruction: nop, or its long form (0f 1f) behind prefixes. */
static bool is_nop(const struct code *c, const struct insn *i)
{
	const uint8_t *p = elf_at(&c->image->stripped, i->addr, i->size);
	size_t at = 0;

	while (p && at < i->size && (p[at] == 0x66 || p[at] == 0x2e))
		at++;
	if (!p || at == i->size)
		return false;
	return p[at] == 0x90 || (i->size - at >= 2 && p[at] == 0x0f && p[at + 1] == 0x1f);
}

const uint8_t *code_table_targets(const struct code *c, const struct code_insns *insns)
{
	uint8_t *marks = arena_alloc(c->arena, insns->len);
	bool is_behind = false; /* a way out, but for padding */

	for (size_t i = 0; i < insns->len; i++) {
		enum insn_kind kind = insns->v[i].kind;

		if (is_behind && is_nop(c, &insns->v[i]))
			continue;
		marks[i] = is_behind;
		is_behind = kind == INSN_JUMP || kind == INSN_RET || kind == INSN_JUMP_INDIRECT ||
			    kind == INSN_TRAP;
	}
	for (size_t i = 0; i < insns->len; i++) {
		size_t to = insns->v[i].target ? code_index(insns, insns->v[i].target) : SIZE_MAX;

		if (to != SIZE_MAX)
			marks[to] = 0;
	}
	return marks;
}

/*
 * The target is the sum of two registers (position-independent tables), or the jump reads a table with a
 * scaled index. A tail call takes its target as it is.
 */
bool code_is_switch(const struct code *c, const struct code_insns *insns, size_t at)
{
	if (insns->v[at].reg < 0)
		return true; /* clang loads the target of a checked call into a register first */
	for (size_t back = 1; back <= at && back <= SWITCH_INSNS; back++) {
		const struct insn *i = &insns->v[at - back];
		const uint8_t *p = elf_at(&c->image->stripped, i->addr, i->size);

		if (i->kind != INSN_OTHER)
			return false;
		/* add r64, r64: REX.W, 01 or 03, ModRM with mod 3. */
		if (i->size == 3 && (p[0] & 0xf8) == 0x48 && (p[1] | 2) == 0x03 && p[2] >> 6 == 3)
			return true;
	}
	return false;
}

bool code_is_trap(const struct image *img, uint64_t addr, uint8_t number)
{
	/* Number 0 needs no displacement (Intel SDM vol. 2, 2.1.3). */
	static const uint8_t zero[] = {0x67, 0x0f, 0xb9, 0x00};
	/* Where text cannot be read: int 0x81 + NUMBER (libs/plat/include/uk/ud.h). */
	const uint8_t trap[] = {0x67, 0x0f, 0xb9, 0x40, number},
		      hidden[] = {0xcd, (uint8_t)(0x81 + number)};
	const uint8_t *p = elf_at(&img->stripped, addr, number ? sizeof(trap) : sizeof(zero));
	const uint8_t *h = elf_at(&img->stripped, addr, sizeof(hidden));

	return (p && memcmp(p, number ? trap : zero, number ? sizeof(trap) : sizeof(zero)) == 0) ||
	       (h && memcmp(h, hidden, sizeof(hidden)) == 0);
}

int64_t code_frame_bytes(const struct code_insns *f, size_t at)
{
	const bool is_taken_back = at + 1 < f->len && f->v[at + 1].is_pop;

	return f->v[at].sub_rsp + (f->v[at].is_push && !is_taken_back ? 8 : 0);
}

static bool leaves(const struct image_func *f, const struct insn *i)
{
	if (i->kind == INSN_JUMP || i->kind == INSN_JUMP_COND)
		return i->target < f->addr || i->target - f->addr >= f->size;
	return i->kind == INSN_RET || i->kind == INSN_JUMP_INDIRECT;
}

/* Whether a function comes back to who calls it. */
static bool comes_back(const struct code *c, uint64_t addr)
{
	const struct image_func *f = image_func_at(c->image, addr);
	struct code_insns insns;

	if (!f)
		return true;
	code_function(c, f, &insns);
	for (size_t i = 0; i < insns.len; i++)
		if (leaves(f, &insns.v[i]))
			return true;
	return !insns.is_whole;
}

static bool runs_on(const struct code *c, const struct insn *i)
{
	switch (i->kind) {
	case INSN_RET:
	case INSN_JUMP:
	case INSN_JUMP_INDIRECT:
	case INSN_TRAP:
		return false;
	case INSN_CALL:
		return comes_back(c, i->target);
	default:
		return true;
	}
}

bool code_is_trap_reached(const struct code *c, const struct code_insns *f, size_t at)
{
	if (at > 0 && runs_on(c, &f->v[at - 1]))
		return true;
	for (size_t i = 0; i < f->len; i++)
		if (f->v[i].target == f->v[at].addr)
			return true;
	return false;
}

bool code_boot_calls(const struct code *c, const char *name)
{
	const struct image_func *callee = image_func_named(c->image, name);

	for (size_t i = 0; i < c->image->funcs_len && callee; i++) {
		const struct image_func *f = &c->image->funcs[i];
		struct code_insns insns;

		if (!f->is_boot || f == callee)
			continue;
		code_function(c, f, &insns);
		for (size_t k = 0; k < insns.len; k++)
			if (insns.v[k].target == callee->addr &&
			    (insns.v[k].kind == INSN_CALL || insns.v[k].kind == INSN_JUMP))
				return true;
	}
	return false;
}

bool code_asks_layout(const struct code *c, const char *name, int64_t least)
{
	const struct image_func *f = image_func_named(c->image, name);
	struct code_insns insns;

	if (!f || !code_boot_calls(c, name))
		return false;
	code_function(c, f, &insns);
	for (size_t i = 0; i < insns.len; i++)
		if (insns.v[i].stores_number && insns.v[i].number >= least)
			return true;
	return false;
}

static bool ends_with(const struct code *c, uint64_t end, const uint8_t *bytes, size_t len)
{
	const uint8_t *p = elf_at(&c->image->stripped, end - len, len);

	return p && memcmp(p, bytes, len) == 0;
}

/* An image of platform process: platforms/process/process.h, PROCESS_NOTE. */
bool code_is_process(const struct code *c)
{
	const struct image *img = c->image;

	for (size_t i = 0; i < img->stripped.notes_len; i++)
		if (str_eq(img->stripped.notes[i].owner, "ukbuild") &&
		    img->stripped.notes[i].type == 0x50524f43)
			return true;
	return false;
}

/*
 * There permanent text begins by unmapping the one page from which mappings can be changed: mov $11, %eax;
 * mov $0xff000, %edi; mov $0x1000, %esi; syscall (platforms/process/entry_x86_64.S).
 */
static bool starts_without_gate(const struct code *c, uint64_t text)
{
	static const uint8_t unmap[] = {0xb8, 11,   0, 0,    0, 0xbf, 0,    0xf0, 0x0f,
					0,    0xbe, 0, 0x10, 0, 0,    0x0f, 0x05};
	const uint8_t *p = elf_at(&c->image->stripped, text, sizeof(unmap));

	return p && memcmp(p, unmap, sizeof(unmap)) == 0;
}

bool code_ends_boot_with_tables(const struct code *c)
{
	/* mov %rax, %cr3 (Intel SDM vol. 2, MOV to control registers). */
	static const uint8_t load[] = {0x0f, 0x22, 0xd8};
	/* mov $13, %eax; syscall: Xen PV has no such right and asks (xen.h, __HYPERVISOR_multicall). */
	static const uint8_t ask[] = {0xb8, 13, 0, 0, 0, 0x0f, 0x05};
	uint64_t end;

	if (!image_symbol(c->image, "__text_start", &end))
		return false;
	if (code_is_process(c))
		return starts_without_gate(c, end);
	return ends_with(c, end, load, sizeof(load)) || ends_with(c, end, ask, sizeof(ask));
}

const uint8_t *code_reached(const struct code *c, const char *const *names, size_t names_len)
{
	const struct image *img = c->image;
	uint8_t *seen = arena_alloc(c->arena, img->funcs_len);
	size_t *work = arena_array(c->arena, img->funcs_len, sizeof(*work)), work_len = 0;

	for (size_t i = 0; i < names_len; i++) {
		const struct image_func *f = image_func_named(img, names[i]);

		if (!f || seen[f - img->funcs])
			continue;
		seen[f - img->funcs] = 1;
		work[work_len++] = (size_t)(f - img->funcs);
	}
	while (work_len > 0) {
		struct code_insns f;

		code_function(c, &img->funcs[work[--work_len]], &f);
		for (size_t i = 0; i < f.len; i++) {
			const struct image_func *g =
				f.v[i].target ? image_func_at(img, f.v[i].target) : NULL;

			if (!g || seen[g - img->funcs])
				continue;
			seen[g - img->funcs] = 1;
			work[work_len++] = (size_t)(g - img->funcs);
		}
	}
	return seen;
}

bool code_reaches(const struct code *c, const char *from, const char *to)
{
	const struct image_func *goal = image_func_named(c->image, to);

	return goal && code_reached(c, &from, 1)[goal - c->image->funcs];
}

/* In code_decoded; 0: not asked yet. */
enum {
	ENDS_IN_RETURN = 1,
	NEVER_RETURNS = 2,
};

static bool has_no_way_out(const struct code *c, const struct image_func *f)
{
	struct code_insns insns;

	if (str_eq(f->name, "longjmp") || str_eq(f->name, "_longjmp"))
		return true;
	code_function(c, f, &insns);
	for (size_t i = 0; i < insns.len; i++) {
		const struct insn *insn = &insns.v[i];

		if (insn->kind == INSN_RET || insn->kind == INSN_JUMP_INDIRECT ||
		    (insn->target && (insn->kind == INSN_JUMP || insn->kind == INSN_JUMP_COND) &&
		     code_index(&insns, insn->target) == SIZE_MAX))
			return false;
	}
	return insns.len > 0 && insns.is_whole;
}

bool code_never_returns(const struct code *c, uint64_t target)
{
	const struct image_func *f = target ? image_func_at(c->image, target) : NULL;
	uint8_t *known;

	if (!f || f->addr != target)
		return false;
	known = &c->decoded->ends[f - c->image->funcs];
	if (!*known)
		*known = has_no_way_out(c, f) ? NEVER_RETURNS : ENDS_IN_RETURN;
	return *known == NEVER_RETURNS;
}

/* From a branch to the call of the trap, in instructions. */
#define TRAP_NEAR_INSNS 6

static bool leads_to(const struct code_insns *f, size_t at, uint64_t to)
{
	for (size_t n = 0; n < TRAP_NEAR_INSNS && at < f->len; n++, at++) {
		if (f->v[at].target == to)
			return true;
		if (f->v[at].kind != INSN_OTHER)
			return false;
	}
	return false;
}

bool code_is_trap_branch(const struct code *c, const struct code_insns *insns, size_t i)
{
	uint64_t trap;

	return insns->v[i].kind == INSN_JUMP_COND && image_symbol(c->image, "uk_trap", &trap) &&
	       (leads_to(insns, i + 1, trap) ||
		leads_to(insns, code_index(insns, insns->v[i].target), trap));
}

size_t code_trap_branches(const struct code *c, const struct image_func *f)
{
	struct code_insns insns;
	size_t n = 0;

	code_function(c, f, &insns);
	for (size_t i = 0; i < insns.len; i++)
		n += code_is_trap_branch(c, &insns, i);
	return n;
}

void code_count(struct arena *a, const struct image_func *f, const char *mechanism,
		const char *missing, struct verdict *v)
{
	const char *reason = missing ? image_func_exempt(f, mechanism) : NULL;

	v->total++;
	if (!missing)
		v->covered++;
	else if (reason)
		strs_pushf(a, &v->exempt, "%s: %s", f->name, reason);
	else if (!v->problem)
		v->problem = arena_printf(a, "'%s' (%s) %s", f->name, f->object, missing);
}
