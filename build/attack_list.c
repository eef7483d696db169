/* SPDX-License-Identifier: BSD-2-Clause */
#include "attack_list.h"

#include "base/arena.h"
#include "base/file.h"
#include "tree.h"

#include <ctype.h>
#include <string.h>

#define SOURCE_MAX_BYTES (1u << 20)
#define EXPECT_ON "on: "
#define EXPECT_REFUSED "REFUSED "
#define EXPECT_HARMLESS "HARMLESS"
#define EXPECT_MISSES "MISSES"
/* Directives stand in the first lines. */
#define DIRECTIVE_LINES 16

const char *const attack_adversaries[] = {"A1", "A2", "A3", NULL};

/*
 * Test names of Linux' lkdtm that mean something in one address space (tools/testing/selftests/lkdtm/tests.txt).
 * Names with another ending, "(read)" or "_LEADING", are variants of these.
 */
static const char *const lkdtm_names[] = {
	"ACCESS_NULL",
	"ARRAY_BOUNDS",
	"CFI_BACKWARD",
	"CFI_FORWARD_PROTO",
	"CORRUPT_LIST",
	"CORRUPT_STACK",
	"DOUBLE_FAULT",
	"EXEC_DATA",
	"EXEC_NULL",
	"EXEC_RODATA",
	"EXEC_STACK",
	"EXHAUST_STACK",
	"FAM_BOUNDS",
	"FORTIFY_",
	"HEAP_",
	"OVERWRITE_ALLOCATION",
	"READ_AFTER_FREE",
	"READ_BUDDY_AFTER_FREE",
	"REPORT_STACK",
	"SLAB_",
	"STACK_GUARD_PAGE",
	"STACKLEAK_ERASING",
	"UNSET_SMEP",
	"VMALLOC_LINEAR_OVERFLOW",
	"WRITE_AFTER_FREE",
	"WRITE_BUDDY_AFTER_FREE",
	"WRITE_KERN",
	"WRITE_RO",
};

/*
 * What makes an attack dearer without stopping it: a secret or an order that it must know or guess, or a
 * processor that not every machine has.
 */
static const struct {
	const char *mechanism, *adversary;
} costs[] = {
	{"aslr", "A1"},         {"aslr", "A2"},         {"stackshuffle", "A1"},
	{"stackshuffle", "A2"}, {"structlayout", "A1"}, {"structlayout", "A2"},
	{"cet", "A2"},          {"cet", "A3"},
};

/* A target of the matrix: which locations it can lie beside, and what stops its payloads. */
struct target {
	const char *name;
	const char *beside; /* where its neighbour the buffer lies */
	bool is_called;     /* through a pointer of a type */
	const char *direct; /* what stops a change by an overflow, or NULL */
	const char *any;    /* what stops any change, or NULL */
};

static const char *const locations[] = {"stack", "heap", "bss", "data"};
static const struct target targets[] = {
	{"return", "stack", false, "canary safestack", "shadowstack"},
	{"frame", "stack", false, "canary safestack", "shadowstack"},
	{"local", "stack", true, NULL, NULL},
	{"parameter", "stack", true, NULL, NULL},
	{"pointer-heap", "heap", true, NULL, NULL},
	{"pointer-bss", "bss", true, NULL, NULL},
	{"pointer-data", "data", true, NULL, NULL},
	{"member-stack", "stack", true, NULL, NULL},
	{"member-heap", "heap", true, NULL, NULL},
	{"member-bss", "bss", true, NULL, NULL},
	{"member-data", "data", true, NULL, NULL},
	{"jump-stack", "stack", false, NULL, "setjmp"},
	{"jump-heap", "heap", false, NULL, "setjmp"},
	{"jump-bss", "bss", false, NULL, "setjmp"},
	{"jump-data", "data", false, NULL, "setjmp"},
	{"table-stack", "stack", true, NULL, NULL},
	{"table-heap", "heap", true, NULL, NULL},
	{"table-bss", "bss", true, NULL, NULL},
	{"table-data", "data", true, NULL, NULL},
};

/*
 * direct: an overflow that fills everything up to the target. leak: the same by somebody who has read what lies
 * between and puts it back. indirect: the overflow changes a pointer through which the program then writes.
 */
static const struct technique {
	const char *name, *adversary;
	bool is_near; /* the buffer must lie beside the target */
} techniques[] = {{"direct", "A1", true}, {"leak", "A3", true}, {"indirect", "A2", false}};

static const struct payload {
	const char *name;
	bool of_called, of_others; /* which targets it makes sense for */
	const char *stops;
} payloads[] = {
	{"inject", true, true, "wx"},    /* code in the buffer */
	{"function", false, true, NULL}, /* the entry of a function */
	{"same", true, false, NULL},     /* of a function of the pointer's type */
	{"other", true, false, "cfi"},   /* of another type */
	{"fragment", true, true,
	 "cfi"}, /* the middle of a function; cfi: only where calls are checked */
};

static void add_words(struct arena *a, const char *words, struct strs *ret)
{
	while (words && *words) {
		size_t len = strcspn(words, " ,");

		if (len)
			strs_add(a, ret, arena_memdup(a, words, len));
		words += len + (words[len] != '\0');
	}
}

static void add_cell(struct arena *a, const char *location, const struct target *t,
		     const struct technique *how, const struct payload *p, struct attack_defs *ret)
{
	struct attack_def d = {
		.name = arena_printf(a, "%s/%s/%s/%s", location, t->name, how->name, p->name),
		.group = "matrix",
		.adversary = how->adversary,
		.program = "matrix",
		/* Each target and payload once in each technique. */
		.is_quick = how->is_near || str_eq(location, t->beside),
	};

	strs_push(a, &d.args, location);
	strs_push(a, &d.args, t->name);
	strs_push(a, &d.args, how->name);
	strs_push(a, &d.args, p->name);
	if (t->is_called || !p->stops || !str_eq(p->stops, "cfi"))
		add_words(a, p->stops, &d.stops);
	if (str_eq(how->name, "direct"))
		add_words(a, t->direct, &d.stops);
	add_words(a, t->any, &d.stops);
	vec_push(a, ret, d);
}

void attack_matrix(struct arena *a, struct attack_defs *ret)
{
	for (size_t l = 0; l < ARRAY_LEN(locations); l++)
		for (size_t t = 0; t < ARRAY_LEN(targets); t++)
			for (size_t h = 0; h < ARRAY_LEN(techniques); h++)
				for (size_t p = 0; p < ARRAY_LEN(payloads); p++) {
					if (techniques[h].is_near &&
					    !str_eq(locations[l], targets[t].beside))
						continue;
					if (targets[t].is_called ? payloads[p].of_called
								 : payloads[p].of_others)
						add_cell(a, locations[l], &targets[t],
							 &techniques[h], &payloads[p], ret);
				}
}

/* The text behind "name:" in a comment of one line among the first lines, or NULL. */
static const char *directive(struct arena *a, const char *text, const char *name)
{
	const char *key = arena_printf(a, "/* %s: ", name);

	for (int line = 0; line < DIRECTIVE_LINES && *text; line++) {
		size_t len = strcspn(text, "\n"), at = strlen(key);

		if (str_starts(text, key) && len > at + 3 && !strncmp(text + len - 3, " */", 3))
			return arena_memdup(a, text + at, len - at - 3);
		text += len + (text[len] == '\n');
	}
	return NULL;
}

static bool is_of_lkdtm(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(lkdtm_names); i++)
		if (str_starts(name, lkdtm_names[i]))
			return true;
	return false;
}

bool attack_parse(struct arena *a, const char *path, const char *mechanism, const char *text,
		  struct attack_def *ret)
{
	const char *base = path_base(path), *adversary = directive(a, text, "adversary");

	*ret = (struct attack_def){
		.name = directive(a, text, "attack"),
		.program = arena_memdup(a, base, strcspn(base, ".")),
		.file = path,
		.adversary = adversary ? adversary : "A2",
		.mechanism = mechanism,
		.again = directive(a, text, "again"),
		.again_is_stuck = directive(a, text, "again-sources") != NULL,
		.on_argument = directive(a, text, "on-argument"),
		.symbol = directive(a, text, "symbol"),
		.unit = directive(a, text, "unit"),
		.machine = directive(a, text, "machine"),
		.has_arguments = strstr(text, "main(int ") != NULL,
		.is_quick = true,
	};
	if (!ret->name)
		return false;
	ret->group = is_of_lkdtm(ret->name) ? "lkdtm" : "mechanism";
	if (mechanism)
		strs_push(a, &ret->stops, mechanism);
	add_words(a, directive(a, text, "stops"), &ret->stops);
	add_words(a, directive(a, text, "levels"), &ret->levels);
	add_words(a, directive(a, text, "needs"), &ret->needs);
	add_words(a, directive(a, text, "platforms"), &ret->platforms);
	add_words(a, directive(a, text, "inherent"), &ret->inherent);
	return true;
}

/* The folder's file `expect`, see tests/attack/matrix.sh; "" when there is none. */
static int read_expected(struct arena *a, const char *dir, char **ret, struct diags *d)
{
	const char *path = path_join(a, dir, "expect");
	size_t len;

	*ret = arena_memdup(a, "", 0);
	return file_exists(path) ? file_read(a, path, SOURCE_MAX_BYTES, ret, &len, d) : 0;
}

/* What the text of `expect` says of an attack with its mechanism on: a line of its own, or the one for all. */
static const char *expected_of(struct arena *a, const char *text, const char *attack)
{
	const char *own = arena_printf(a, "on/%s: ", attack), *ret = "";
	bool is_own = false;

	for (const char *line = text; *line;) {
		size_t n = strcspn(line, "\n");
		const char *begin = str_starts(line, own) ? own : EXPECT_ON;

		if (str_starts(line, begin) && !is_own) {
			ret = arena_memdup(a, line + strlen(begin), n - strlen(begin));
			is_own = begin == own;
		}
		line += n + (line[n] == '\n');
	}
	return ret;
}

static int add_folder(struct arena *a, const char *dir, const char *mechanism,
		      struct attack_defs *ret, struct strs *files, struct diags *d)
{
	struct strs names = {0};
	char *expect;

	if (!file_is_dir(dir))
		return 0;
	if (file_list(a, dir, &names, d) || read_expected(a, dir, &expect, d))
		return -1;
	for (size_t i = 0; i < names.len; i++) {
		const char *path = path_join(a, dir, names.v[i]), *expected;
		struct attack_def def;
		char *text;
		size_t len;

		if (!str_ends(path, ".c"))
			continue;
		if (file_read(a, path, SOURCE_MAX_BYTES, &text, &len, d))
			return -1;
		if (!attack_parse(a, path, mechanism, text, &def)) {
			strs_push(a, files, path);
			continue;
		}
		expected = expected_of(a, expect, def.name);
		if (str_starts(expected, EXPECT_REFUSED))
			def.refused = expected + strlen(EXPECT_REFUSED);
		def.is_harmless = str_eq(expected, EXPECT_HARMLESS);
		def.misses = str_eq(expected, EXPECT_MISSES);
		vec_push(a, ret, def);
	}
	return 0;
}

int attack_list(struct arena *a, const struct tree *t, struct attack_defs *ret, struct strs *files,
		struct diags *d)
{
	for (size_t i = 0; i < t->len; i++)
		if (t->v[i]->kind == UNIT_MECHANISM &&
		    add_folder(a, path_join(a, t->v[i]->dir, "attack"), t->v[i]->name, ret, files,
			       d))
			return -1;
	if (add_folder(a, path_join(a, t->home, "attacks"), NULL, ret, files, d))
		return -1;
	attack_matrix(a, ret);
	return 0;
}

static bool only_costs(const char *mechanism, const char *adversary)
{
	for (size_t i = 0; i < ARRAY_LEN(costs); i++)
		if (str_eq(costs[i].mechanism, mechanism) && str_eq(costs[i].adversary, adversary))
			return true;
	return false;
}

enum attack_effect attack_effect_of(const struct attack_defs *l, const char *mechanism,
				    const char *adversary)
{
	if (only_costs(mechanism, adversary))
		return EFFECT_COSTS;
	for (size_t i = 0; i < l->len; i++)
		if (str_eq(l->v[i].adversary, adversary) && strs_has(&l->v[i].stops, mechanism))
			return EFFECT_STOPS;
	return EFFECT_NOTHING;
}

const char *attack_line_name(struct arena *a, const char *name, enum attack_part part)
{
	const char *target = strchr(name, '/'), *technique, *payload;

	technique = target ? strchr(target + 1, '/') : NULL;
	payload = technique ? strchr(technique + 1, '/') : NULL;
	if (!payload)
		return name;
	target++;
	return arena_printf(
		a, "%.*s%.*s", (int)strcspn(target, "-/"), target,
		(int)(part == ATTACK_TARGET ? payload - technique : (ptrdiff_t)strlen(technique)),
		technique);
}
