/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the words of a trap block to a call chain with file and line. The guest says where it
 * stopped and which words above its stack pointer point into text, all relative to the image, so a
 * randomised layout does not matter; the sidecar's call frame information picks the return
 * addresses among them.
 */
#include "run.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/json.h"
#include "base/proc.h"
#include "cfi.h"
#include "elf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Calls followed at most: a runaway recursion has as many as the guest prints. */
#define CHAIN_MAX 64

struct unwinder {
	const struct elf *elf;
	const struct elf_section *cfi;
	uint64_t base; /* link address of the image: what offsets are relative to */
	const struct trap_frame *words;
	size_t words_len;
	bool is_fault; /* it stopped at ip itself, not behind a call of uk_trap() */
};

struct frames {
	struct trap_frame *v;
	size_t len, cap;
};

/*
 * The address to look up for frame i. A return address may be the first byte of the next function
 * (calls that do not return), so it is the byte before it that tells where the call stands.
 */
static uint64_t lookup_pc(const struct unwinder *u, const struct trap_frame *f, size_t i)
{
	return u->base + f->offset - (i || !u->is_fault ? 1 : 0);
}

/*
 * What follows " ip=" on the trap line: "+0x1234", or "outside" after a jump to where there is no
 * text. False when neither stands there.
 */
static bool trapped_at(const char *trap_line, struct trap_frame *ret)
{
	const char *at = trap_line ? strstr(trap_line, " ip=") : NULL;
	char *end;

	*ret = (struct trap_frame){0};
	if (!at)
		return false;
	at += strlen(" ip=");
	if (str_starts(at, "outside")) {
		ret->is_outside = true;
		return true;
	}
	if (!str_starts(at, "+0x"))
		return false;
	ret->offset = strtoull(at + strlen("+0x"), &end, 16);
	return end != at + strlen("+0x");
}

/*
 * Whether the bytes before a return address are a call: E8 rel32, or FF /2 with any addressing mode
 * (Intel SDM volume 2, CALL), which is two to seven bytes long.
 */
static bool follows_call(const struct unwinder *u, uint64_t offset)
{
	const uint8_t *end = offset < 7 ? NULL : elf_at(u->elf, u->base + offset - 7, 7);
	size_t len;

	if (!end)
		return false;
	end += 7;
	if (end[-5] == 0xe8)
		return true;
	for (len = 2; len <= 7; len++)
		if (end[-(int)len] == 0xff && (end[1 - (int)len] & 0x38) == 0x10)
			return true;
	return false;
}

/* The word at this place of the stack, when it points into text. */
static const struct trap_frame *word_at(const struct unwinder *u, uint64_t stack_offset)
{
	size_t i;

	for (i = 0; i < u->words_len; i++)
		if (u->words[i].stack_offset == stack_offset)
			return &u->words[i];
	return NULL;
}

/* The next word above that can be a return address. */
static const struct trap_frame *guess(const struct unwinder *u, uint64_t stack_offset)
{
	size_t i;

	for (i = 0; i < u->words_len; i++)
		if (u->words[i].stack_offset >= stack_offset && follows_call(u, u->words[i].offset))
			return &u->words[i];
	return NULL;
}

/*
 * The return address of the function that is at pc with its %rsp at stack_offset. A program counter
 * outside text came from a call through a bad pointer: the return address lies on top.
 */
static const struct trap_frame *caller_of(const struct unwinder *u, uint64_t pc,
					  uint64_t stack_offset, bool is_outside,
					  bool *ret_is_guess)
{
	struct cfi_rule rule;
	const struct trap_frame *w = NULL;

	*ret_is_guess = false;
	if (is_outside)
		return word_at(u, stack_offset);
	if (u->cfi && u->cfi->data && cfi_find(u->cfi->data, u->cfi->size, pc, &rule)) {
		if (rule.reg == CFI_RSP && rule.offset >= 8)
			w = word_at(u, stack_offset + (uint64_t)rule.offset - 8);
		if (w || rule.reg == CFI_RSP)
			return w;
	}
	*ret_is_guess = true;
	return guess(u, stack_offset);
}

static void unwind(struct arena *a, const struct unwinder *u, struct trap_frame first,
		   struct frames *ret)
{
	uint64_t pc = lookup_pc(u, &first, 0), stack_offset = 0;

	vec_push(a, ret, first);
	while (ret->len < CHAIN_MAX) {
		bool is_guess;
		const struct trap_frame *w =
			caller_of(u, pc, stack_offset, ret->v[ret->len - 1].is_outside, &is_guess);
		struct trap_frame f;

		if (!w)
			break;
		f = *w;
		f.is_guess = is_guess;
		vec_push(a, ret, f);
		pc = lookup_pc(u, w, ret->len - 1);
		stack_offset = w->stack_offset + 8;
	}
}

/* File names in the image are relative to the tree or the application, some with "./" before them. */
static const char *without_dots(const char *path)
{
	while (path && str_starts(path, "./"))
		path += strlen("./");
	return path;
}

static const char *text_of(struct arena *a, const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s && *s ? arena_strdup(a, s) : NULL;
}

/* One address of llvm-symbolizer's answer: the innermost inlined function first. */
static void push_symbols(struct arena *a, const struct trap_frame *f, const json_t *answer,
			 struct frames *ret)
{
	const json_t *symbols = json_object_get(answer, "Symbol");
	size_t i, n = json_array_size(symbols);

	for (i = 0; i < n; i++) {
		const json_t *s = json_array_get(symbols, i);
		struct trap_frame named = *f;

		named.symbol = text_of(a, s, "FunctionName");
		named.file = without_dots(text_of(a, s, "FileName"));
		named.line = (unsigned)json_integer_value(json_object_get(s, "Line"));
		named.is_inlined = i + 1 < n;
		vec_push(a, ret, named);
	}
	if (!n)
		vec_push(a, ret, *f);
}

/* Without a symboliser: the function from the symbol table. */
static void name_from_symbols(const struct unwinder *u, struct trap_frame *f, uint64_t pc)
{
	size_t i;

	for (i = 0; i < u->elf->symbols_len; i++) {
		const struct elf_symbol *s = &u->elf->symbols[i];

		if (s->type == 2 /* STT_FUNC: gabi, "Symbol Table" */ && pc >= s->value &&
		    pc - s->value < s->size)
			f->symbol = s->name;
	}
}

static const char *find_symbolizer(struct arena *a)
{
	const char *path = proc_which(a, "llvm-symbolizer-19");

	return path ? path : proc_which(a, "llvm-symbolizer");
}

static int ask_symbolizer(struct arena *a, const struct unwinder *u, const char *program,
			  const struct frames *chain, struct frames *ret, struct diags *d)
{
	struct proc_opts po = {
		.flags = PROC_CAPTURE_OUT | PROC_CAPTURE_ERR | PROC_STDIN_NULL,
		.timeout_ms = 20000,
	};
	struct strs argv = {0};
	struct proc_result pr;
	json_t *answers;
	size_t i;

	strs_push(a, &argv, program);
	strs_pushf(a, &argv, "--obj=%s", u->elf->path);
	strs_push(a, &argv, "--output-style=JSON");
	for (i = 0; i < chain->len; i++)
		strs_pushf(a, &argv, "0x%" PRIx64, lookup_pc(u, &chain->v[i], i));
	if (proc_check(a, proc_argv(a, &argv), &po, &pr, d))
		return -1;
	answers = json_parse(program, pr.out, pr.out_len, d);
	if (!answers)
		return -1;
	for (i = 0; i < chain->len; i++) {
		if (chain->v[i].is_outside)
			vec_push(a, ret, chain->v[i]);
		else
			push_symbols(a, &chain->v[i], json_array_get(answers, i), ret);
	}
	json_decref(answers);
	return 0;
}

int run_symbolise(struct arena *a, const char *image, struct run *r, struct diags *d)
{
	const char *path = arena_printf(a, "%s.ukmap", image), *program;
	struct unwinder u = {.words = r->frames, .words_len = r->frames_len};
	const struct elf_symbol *start;
	struct frames chain = {0}, named = {0};
	struct elf elf;
	struct trap_frame first;
	size_t i;

	if (!file_exists(path) || !trapped_at(r->trap_line, &first))
		return 0;
	if (elf_load(a, path, &elf, d))
		return -1;
	start = elf_find_symbol(&elf, "__image_start");
	if (!start)
		return diag_fail(d, DIAG_INPUT, "'%s' has no symbol __image_start", path);
	u.elf = &elf;
	u.base = start->value;
	u.is_fault = strstr(r->trap_line, " vec=") != NULL;
	u.cfi = elf_find_section(&elf, ".debug_frame");
	unwind(a, &u, first, &chain);
	program = find_symbolizer(a);
	if (program) {
		if (ask_symbolizer(a, &u, program, &chain, &named, d))
			return -1;
	} else {
		for (i = 0; i < chain.len; i++) {
			name_from_symbols(&u, &chain.v[i], lookup_pc(&u, &chain.v[i], i));
			vec_push(a, &named, chain.v[i]);
		}
	}
	r->frames = named.v;
	r->frames_len = named.len;
	r->frames_cap = named.cap;
	r->is_symbolised = true;
	return 0;
}
