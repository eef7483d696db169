/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Do buffers lie on the unsafe stack? Read from the finished code:
 *   - no function hands an address in its own frame to a function that it calls; copies and fills of memory are
 *     excepted, of which the compiler proves before the move that they stay inside;
 *   - a function that takes part of the unsafe stack stores the pointer before it calls anything, and on
 *     every way out stores again what it found there;
 *   - behind each call of setjmp() the pointer is stored before anything else is called: longjmp() brings
 *     back none;
 *   - code that runs before there is an unsafe stack, or when it may have run out (the boot's first half, drawing
 *     random bytes, the end of the guest), has no use of it;
 *   - boot code asks for unsafe stacks and sets the pointer.
 *
 * Counted: functions in C outside the boot that use the pointer or hand out an address of their frame.
 *
 * Not seen: arrays that stay in the frame because all their indices are in range, as the compiler says; addresses
 * in memory instead of a register (a va_list has the place of the saved arguments: the compiler's doing), or
 * above the frame; what is stored before a return by a function with several switches; what code at an address that
 * is computed does.
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "disasm.h"
#include "elf.h"
#include "harden.h"
#include "kept.h"
#include <elf.h>
#include <stdint.h>

enum {
	/* From a call of setjmp() to the store behind it, for what the scheduler puts in between. */
	NEAR_INSNS = 12,
};

static const char *const saver_names[] = {"setjmp", "_setjmp", "__setjmp", "sigsetjmp",
					  "__sigsetjmp"};
/* What the compiler makes of copies and fills whose length it has proved (SafeStack.cpp, IsMemIntrinsicSafe). */
static const char *const mover_names[] = {"memcpy", "memmove", "memset"};

struct checker {
	struct code code;
	bool has_pointer;
	int64_t pointer; /* of the unsafe stack, from %fs */
	uint64_t savers[ARRAY_LEN(saver_names)], movers[ARRAY_LEN(mover_names)]; /* 0: absent */
};

/* How far a path has come with the unsafe stack's pointer. */
enum {
	AS_FOUND = 1,
	LOADED = 2, /* without having stored it */
	TAKEN = 4,
};

struct look {
	const struct checker *checker;
	struct code_insns f;
	const uint8_t *tables;
	const struct frame_regs *regs;
	const struct kept *kept; /* the pointer as it was found */
	bool uses;               /* what lies below it */
};

struct finding {
	bool counts, has_trace;
	const char *missing;
};

static void find_functions(const struct image *img, const char *const *names, size_t len,
			   uint64_t *ret)
{
	for (size_t i = 0; i < len; i++)
		if (!image_symbol(img, names[i], &ret[i]))
			ret[i] = 0;
}

static bool is_one_of(const uint64_t *functions, size_t len, uint64_t target)
{
	for (size_t i = 0; target && i < len; i++)
		if (functions[i] == target)
			return true;
	return false;
}

static bool is_call(const struct insn *i)
{
	return i->kind == INSN_CALL || i->kind == INSN_CALL_INDIRECT;
}

static bool is_saver(const struct checker *c, const struct insn *i)
{
	return is_one_of(c->savers, ARRAY_LEN(c->savers), i->target);
}

static bool names_pointer(const struct checker *c, const struct insn *i)
{
	return c->has_pointer && i->is_by_fs && i->fs_disp == c->pointer;
}

static bool loads(const struct checker *c, const struct insn *i)
{
	return names_pointer(c, i) && !i->stores_register && i->dst != REG_NONE;
}

static bool stores(const struct checker *c, const struct insn *i)
{
	return names_pointer(c, i) && !loads(c, i);
}

static bool finds(const void *arg, const struct insn *i)
{
	return loads(arg, i);
}

/* Whether the register that is stored at `at` has what the function found there: it stores less in between. */
static bool puts_back(const struct look *l, size_t at)
{
	size_t k = at + 1;

	if (l->kept[at].regs & l->f.v[at].reads)
		return true;
	/* What is kept is not known: a store at the end, before a return or a jump to one. */
	while (k < l->f.len && l->f.v[k].kind == INSN_OTHER)
		k++;
	return kept_is_vague(&l->f) && k < l->f.len &&
	       (l->f.v[k].kind == INSN_RET || l->f.v[k].kind == INSN_JUMP);
}

struct walk {
	const struct look *look;
	uint8_t *seen;
	struct step {
		size_t at;
		uint8_t how;
	} *work;
	size_t work_len;
	uint8_t how; /* of what is visited next */
};

static void walk_to(void *ctx, size_t at)
{
	struct walk *w = ctx;

	if (at >= w->look->f.len || w->seen[at] & w->how)
		return;
	w->seen[at] |= w->how;
	w->work[w->work_len++] = (struct step){at, w->how};
}

/* One instruction: what is wrong with it, or NULL and the paths that go on. */
static const char *walk_one(struct walk *w, struct step s)
{
	const struct look *l = w->look;
	const struct checker *c = l->checker;
	const struct insn *i = &l->f.v[s.at];
	const bool leaves = i->kind == INSN_RET || (i->kind == INSN_JUMP && i->target &&
						    code_index(&l->f, i->target) == SIZE_MAX);

	if (stores(c, i))
		s.how = puts_back(l, s.at) ? AS_FOUND : TAKEN;
	else if (loads(c, i) && s.how == AS_FOUND)
		s.how = LOADED;
	else if (s.how == LOADED && l->uses && is_call(i))
		return "takes no part of the unsafe stack before it calls";
	if (leaves && s.how == TAKEN)
		return "leaves without giving its part of the unsafe stack back";
	if (i->kind == INSN_CALL && code_never_returns(&c->code, i->target))
		return NULL;
	w->how = s.how;
	frame_each_next(&l->f, l->tables, s.at, walk_to, w);
	return NULL;
}

static const char *pointer_problem(const struct look *l)
{
	struct arena *a = l->checker->code.arena;
	struct walk w = {.look = l, .how = AS_FOUND};
	const char *missing = NULL;

	w.seen = arena_alloc(a, l->f.len);
	w.work = arena_array(a, 3 * l->f.len, sizeof(*w.work));
	walk_to(&w, 0);
	while (w.work_len > 0 && !missing)
		missing = walk_one(&w, w.work[--w.work_len]);
	return missing;
}

/* A way back into this function that longjmp() takes: the next thing that happens must be the store. */
static const char *setjmp_problem(const struct look *l)
{
	for (size_t k = 0; k < l->f.len; k++) {
		size_t n = k + 1;

		if (!is_saver(l->checker, &l->f.v[k]) || !is_call(&l->f.v[k]))
			continue;
		while (n < l->f.len && n <= k + NEAR_INSNS && l->f.v[n].kind == INSN_OTHER &&
		       !stores(l->checker, &l->f.v[n]))
			n++;
		if (n == l->f.len || !stores(l->checker, &l->f.v[n]))
			return "does not set the unsafe stack behind setjmp";
	}
	return NULL;
}

static bool hands_out(const struct look *l)
{
	const struct checker *c = l->checker;

	for (size_t k = 0; k < l->f.len; k++) {
		if (!is_call(&l->f.v[k]) || !l->regs[k].is_reached ||
		    is_one_of(c->movers, ARRAY_LEN(c->movers), l->f.v[k].target))
			continue;
		for (size_t n = 0; n < FRAME_ARGUMENTS; n++) {
			const int64_t at = l->regs[k].at[frame_arguments[n]];

			if (at != FRAME_UNKNOWN && at < 0)
				return true;
		}
	}
	return false;
}

static void examine(const struct checker *c, const struct image_func *func, struct finding *ret)
{
	struct look l = {.checker = c};

	*ret = (struct finding){0};
	code_function(&c->code, func, &l.f);
	if (!l.f.len)
		return;
	l.tables = code_table_targets(&c->code, &l.f);
	l.regs = frame_regs(&c->code, &l.f, l.tables);
	for (size_t i = 0; i < l.f.len; i++)
		ret->has_trace |= names_pointer(c, &l.f.v[i]);
	if (hands_out(&l))
		ret->missing = "hands out an address in its frame";
	if (!ret->missing)
		ret->missing = setjmp_problem(&l);
	ret->counts = ret->has_trace || ret->missing;
	if (ret->missing || !ret->has_trace)
		return;
	l.kept = kept_values(&c->code, &l.f, l.tables, l.regs, finds, c);
	for (size_t i = 0; i < l.f.len; i++)
		l.uses |= l.f.v[i].mem_base != REG_NONE && l.f.v[i].mem_disp < 0 &&
			  l.kept[i].regs >> l.f.v[i].mem_base & 1;
	ret->missing = pointer_problem(&l);
}

static void look_at(const struct checker *c, struct verdict *v, size_t *ret_traces)
{
	struct arena *a = c->code.arena;

	for (size_t i = 0; i < c->code.image->funcs_len; i++) {
		const struct image_func *f = &c->code.image->funcs[i];
		struct finding found;

		if (f->is_asm || f->is_boot || f->object[0] == '\0')
			continue;
		examine(c, f, &found);
		if (!found.counts)
			continue;
		*ret_traces += found.has_trace;
		code_count(a, f, "safestack", found.missing, v);
	}
}

/* The first function that uses the pointer where there may be no unsafe stack, or NULL; whether the boot sets it. */
static const struct image_func *too_early(const struct checker *c, bool *ret_is_set)
{
	static const char *const roots[] = {"uk_boot_low", "uk_tcb_init", "uk_fault", "uk_trap",
					    "uk_wipe_memory"};
	const uint8_t *reached = code_reached(&c->code, roots, ARRAY_LEN(roots));
	const struct image_func *first = NULL;

	*ret_is_set = false;
	for (size_t i = 0; i < c->code.image->funcs_len; i++) {
		const struct image_func *f = &c->code.image->funcs[i];
		struct code_insns insns;

		if (!reached[i] && !f->is_boot)
			continue;
		code_function(&c->code, f, &insns);
		for (size_t k = 0; k < insns.len; k++) {
			*ret_is_set |= f->is_boot && stores(c, &insns.v[k]);
			if (!first && reached[i] && names_pointer(c, &insns.v[k]))
				first = f;
		}
	}
	return first;
}

/* Thread-local storage ends at %fs, rounded up to its alignment (ELF Handling For TLS, 3.4.6). */
static void find_pointer(struct checker *c)
{
	const struct elf *e = &c->code.image->sidecar;
	uint64_t value;

	if (!image_symbol(c->code.image, "__safestack_unsafe_stack_ptr", &value))
		return;
	for (size_t i = 0; i < e->segments_len; i++) {
		const struct elf_segment *s = &e->segments[i];
		const uint64_t align = s->align ? s->align : 1;

		if (s->type != PT_TLS)
			continue;
		c->pointer = (int64_t)(value - ((s->memsz + align - 1) & ~(align - 1)));
		c->has_pointer = true;
	}
}

static void verify(const struct code *code, struct verdict *v)
{
	struct checker c = {.code = *code};
	const struct image_func *early;
	size_t traces = 0;
	bool is_set;

	find_pointer(&c);
	find_functions(code->image, saver_names, ARRAY_LEN(saver_names), c.savers);
	find_functions(code->image, mover_names, ARRAY_LEN(mover_names), c.movers);
	look_at(&c, v, &traces);
	if (!traces) {
		*v = (struct verdict){.state = VERDICT_OFF,
				      .what = v->what,
				      .total = v->total,
				      .is_vacuous = v->total == v->exempt.len};
		return;
	}
	early = too_early(&c, &is_set);
	if (!code_asks_layout(&c.code, "uk_safestack_layout", 1))
		v->problem = "boot code does not ask for unsafe stacks";
	else if (!is_set)
		v->problem = "boot code does not set the unsafe stack's pointer";
	else if (early)
		v->problem = arena_printf(c.code.arena,
					  "'%s' (%s) needs an unsafe stack where there may be none",
					  early->name, early->object);
	v->state = v->problem ? VERDICT_PARTIAL : VERDICT_ON;
	v->level = "on";
}

extern const struct mechanism mech_safestack;
const struct mechanism mech_safestack = {.name = "safestack",
					 .what = "functions in C whose variables have an address",
					 .verify = verify};
