/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * passrun: reads a module of bitcode, runs passes over it, writes it. A program of its own, linked against
 * the LLVM of one version: a reader understands what the same or an older writer wrote, so ukbuild calls
 * the one that belongs to its compiler (passrun-19 for clang-19).
 *
 *	passrun-N NAME[=LEVEL],NAME... [--seed HEX] [--change LIST] IN OUT
 *
 * With --change the status is 3, and nothing is written, when nothing in the module is on the list.
 * The passes run in the order of pass.h, whatever the order of the names.
 */
#include <llvm-c/Analysis.h>
#include <llvm-c/BitReader.h>
#include <llvm-c/BitWriter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/str.h"
#include "pass.h"

enum {
	STATUS_INPUT = 1,
	STATUS_USAGE = 2,
	STATUS_UNCHANGED = 3,
};

struct request {
	const char *names, *seed_hex, *changes, *in, *out;
	uint8_t seed[HASH_BYTES];
};

_Noreturn static void fail(int status, const char *what, const char *detail)
{
	fprintf(stderr, "passrun-%d: %s%s%s\n", LLVM_VERSION, what, detail ? ": " : "",
		detail ? detail : "");
	exit(status);
}

/* LLVM's own handler would end the program with its own words. */
static void on_diagnostic(LLVMDiagnosticInfoRef info, void *arg)
{
	char **ret = arg;

	if (LLVMGetDiagInfoSeverity(info) == LLVMDSError && !*ret)
		*ret = LLVMGetDiagInfoDescription(info);
}

/* Length of the name that a list of NAME[=LEVEL],... begins with. */
static size_t name_len(const char *s)
{
	return strcspn(s, ",=");
}

static const char *next_name(const char *s)
{
	s += strcspn(s, ",");
	return s + (*s == ',');
}

/* The level that the list has for a pass, "on" when it says none, NULL when it does not have the pass. */
static const char *level_of(struct arena *a, const char *names, const char *pass)
{
	for (const char *s = names; *s; s = next_name(s)) {
		const size_t n = name_len(s);

		if (n != strlen(pass) || strncmp(pass, s, n) != 0)
			continue;
		return s[n] == '=' ? arena_memdup(a, s + n + 1, strcspn(s + n + 1, ",")) : "on";
	}
	return NULL;
}

static void check_names(struct arena *a, const struct request *r)
{
	for (const char *s = r->names; *s; s = next_name(s)) {
		const size_t n = name_len(s);
		bool is_known = false;

		for (size_t i = 0; i < passes_len; i++)
			is_known |=
				strlen(passes[i]->name) == n && strncmp(passes[i]->name, s, n) == 0;
		if (!is_known)
			fail(STATUS_USAGE, "no such pass", s);
	}
	for (size_t i = 0; i < passes_len; i++)
		if (passes[i]->is_seeded && !r->seed_hex && level_of(a, r->names, passes[i]->name))
			fail(STATUS_USAGE, "this pass needs --seed", passes[i]->name);
}

static void parse_seed(struct request *r)
{
	static const char digits[] = "0123456789abcdef";

	if (strlen(r->seed_hex) != 2 * sizeof(r->seed) ||
	    strspn(r->seed_hex, digits) != 2 * sizeof(r->seed))
		fail(STATUS_USAGE, "--seed takes 64 hex digits", NULL);
	for (size_t i = 0; i < sizeof(r->seed); i++)
		r->seed[i] = (uint8_t)((strchr(digits, r->seed_hex[2 * i]) - digits) << 4 |
				       (strchr(digits, r->seed_hex[2 * i + 1]) - digits));
}

static void parse_arguments(struct arena *a, int argc, char **argv, struct request *r)
{
	const char *words[3];
	size_t n = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
			r->seed_hex = argv[++i];
		else if (strcmp(argv[i], "--change") == 0 && i + 1 < argc)
			r->changes = argv[++i];
		else if (n < ARRAY_LEN(words))
			words[n++] = argv[i];
		else
			n = SIZE_MAX - 1;
	}
	if (n != ARRAY_LEN(words))
		fail(STATUS_USAGE,
		     "usage: NAME[=LEVEL],NAME... [--seed HEX] [--change LIST] IN OUT", NULL);
	r->names = words[0];
	r->in = words[1];
	r->out = words[2];
	if (r->seed_hex)
		parse_seed(r);
	check_names(a, r);
}

static LLVMModuleRef read_module(LLVMContextRef context, const char *path, char **problem)
{
	LLVMMemoryBufferRef buffer;
	LLVMModuleRef m = NULL;
	char *message = NULL;

	if (LLVMCreateMemoryBufferWithContentsOfFile(path, &buffer, &message))
		fail(STATUS_INPUT, path, message);
	if (LLVMParseBitcodeInContext2(context, buffer, &m) || *problem) {
		fprintf(stderr, "passrun-%d: '%s' is no bitcode of LLVM %d or older: %s\n",
			LLVM_VERSION, path, LLVM_VERSION,
			*problem ? *problem : "it cannot be read");
		exit(STATUS_INPUT);
	}
	LLVMDisposeMemoryBuffer(buffer);
	return m;
}

int main(int argc, char **argv)
{
	struct request r = {0};
	bool is_changed = false;
	struct pass_module m = {.seed = r.seed, .changes = "", .is_changed = &is_changed};
	struct arena *a = arena_new();
	char *problem = NULL;
	LLVMContextRef context;

	parse_arguments(a, argc, argv, &r);
	if (r.changes)
		m.changes = r.changes;
	context = LLVMContextCreate();
	LLVMContextSetDiagnosticHandler(context, on_diagnostic, &problem);
	m.module = read_module(context, r.in, &problem);
	for (unsigned order = PASS_MEMORY; order <= PASS_TRAPS; order++)
		for (size_t i = 0; i < passes_len; i++) {
			m.level = level_of(a, r.names, passes[i]->name);
			if (m.level && passes[i]->order == order)
				passes[i]->run(&m);
		}
	if (r.changes && !is_changed)
		return STATUS_UNCHANGED;
	if (LLVMVerifyModule(m.module, LLVMReturnStatusAction, &problem))
		fail(STATUS_INPUT, "a pass broke the module", problem);
	if (LLVMWriteBitcodeToFile(m.module, r.out))
		fail(STATUS_INPUT, "cannot write", r.out);
	LLVMDisposeModule(m.module);
	LLVMContextDispose(context);
	arena_free(a);
	return 0;
}
