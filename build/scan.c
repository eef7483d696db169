/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the application's objects: which undefined symbols are referenced from sections that a
 * linker with --gc-sections would keep. Knows relocations, not C; places come from scan_source.c.
 */
#include "scan.h"

#include <elf.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/proc.h"
#include "elf.h"
#include "resolve.h"
#include "tool.h"

/* First bytes of LLVM bitcode: 'BC' 0xC0DE (LLVM Bitcode File Format, "Magic Numbers"). */
static const uint8_t bitcode_magic[4] = {'B', 'C', 0xc0, 0xde};

/* Kept by linkers although nothing refers to it (ELF gABI extension of GNU, elf.h of binutils). */
#define SECTION_RETAIN (1u << 21)

/*
 * What code generation at link time may call although no bitcode refers to it
 * (llvm/IR/RuntimeLibcalls.def, the memory functions, and what SimplifyLibCalls makes of memcmp).
 */
static const char *const lto_calls[] = {"memcpy", "memmove", "memset", "memcmp", "bcmp"};

/*
 * Mathematical intrinsics become calls of the C library where the processor has no instruction
 * (llvm/IR/RuntimeLibcalls.def; sqrt and fabs always have one). llvm-nm does not show them, and their
 * names are in the bitcode's string table as they are.
 */
static const char *const lto_math[] = {
	"ceil",   "floor",  "trunc",   "rint", "nearbyint", "round", "roundeven", "lrint",
	"llrint", "lround", "llround", "pow",  "exp",       "exp2",  "log",       "log2",
	"log10",  "sin",    "cos",     "fma",  "ldexp",     "frexp"};
static const struct {
	const char *type, *suffix;
} lto_floats[] = {{".f64", ""}, {".f32", "f"}, {".f80", "l"}};

struct object {
	const char *path;
	struct elf elf;
	bool *is_live;       /* by section */
	uint32_t *order;     /* relocations grouped by section */
	uint32_t *first;     /* by section, one past the end at the last: index into order */
	struct strs defines; /* bitcode only */
	struct strs needs;
};

struct section_ref {
	size_t object;
	uint32_t section;
};

struct graph {
	struct arena *arena;
	struct object *objects;
	size_t len;
	struct map *definitions; /* global symbol -> struct definition */
	struct {
		struct section_ref *v;
		size_t len, cap;
	} todo;
	struct strs needs, defines;
};

struct definition {
	size_t object;
	const struct elf_symbol *symbol; /* NULL: in bitcode */
	bool is_weak;
};

static bool is_bitcode(const char *bytes, size_t len)
{
	return len >= sizeof(bitcode_magic) && !memcmp(bytes, bitcode_magic, sizeof(bitcode_magic));
}

/* What kcfi adds for a function: the hash of its type, the label in front of it. Nobody asks for them. */
static bool is_made_up(const char *name)
{
	return str_starts(name, "__kcfi_typeid_") || str_starts(name, "__cfi_");
}

static bool is_global(const struct elf_symbol *s)
{
	return s->bind != STB_LOCAL && s->name[0] && !is_made_up(s->name);
}

/* "name type [value size]" of one line of llvm-nm --format=posix. */
static void parse_nm_line(struct arena *a, const char *line, size_t len, struct object *o)
{
	const char *space = memchr(line, ' ', len);
	const char *name;
	char type;

	if (!space || space == line || (size_t)(space - line) + 1 >= len)
		return;
	name = arena_memdup(a, line, (size_t)(space - line));
	type = space[1];
	if (is_made_up(name))
		return;
	if (type == 'U')
		strs_push(a, &o->needs, name);
	else if (type != 'w' && type != 'v')
		strs_push(a, &o->defines, name);
}

/* Output of llvm-nm -A: lines "path: name type ...", object after object in the order asked. */
static void parse_nm(struct arena *a, const char *out, size_t out_len,
		     struct object *const *objects, size_t len)
{
	size_t i = 0;

	for (size_t at = 0; at < out_len && i < len;) {
		const char *nl = memchr(out + at, '\n', out_len - at);
		size_t end = nl ? (size_t)(nl - out) : out_len, skip;

		while (i < len && !(str_starts(out + at, objects[i]->path) &&
				    str_starts(out + at + strlen(objects[i]->path), ": ")))
			i++;
		if (i == len)
			return;
		skip = strlen(objects[i]->path) + strlen(": ");
		if (at + skip < end)
			parse_nm_line(a, out + at + skip, end - at - skip, objects[i]);
		at = end + 1;
	}
}

/* True when one of the types follows: "llvm.ceil.f64", "llvm.lround.i64.f64", "llvm.ldexp.f64.i32". */
static const char *float_suffix(const char *s, const char *end)
{
	for (unsigned skipped = 0; skipped < 2 && s < end; skipped++) {
		for (size_t i = 0; i < ARRAY_LEN(lto_floats); i++) {
			size_t len = strlen(lto_floats[i].type);

			if ((size_t)(end - s) >= len && !memcmp(s, lto_floats[i].type, len))
				return lto_floats[i].suffix;
		}
		if (end - s < 4 || s[0] != '.' || s[1] != 'i')
			return NULL;
		s += 4; /* ".i64", ".i32" */
	}
	return NULL;
}

void scan_math_calls(struct arena *a, const char *bytes, size_t len, struct strs *ret)
{
	static const char prefix[] = "llvm.";
	const char *end = bytes + len, *p = bytes;

	while ((p = memchr(p, prefix[0], (size_t)(end - p))) != NULL) {
		if ((size_t)(end - p) < sizeof(prefix) ||
		    memcmp(p, prefix, sizeof(prefix) - 1) != 0) {
			p++;
			continue;
		}
		p += sizeof(prefix) - 1;
		for (size_t i = 0; i < ARRAY_LEN(lto_math); i++) {
			size_t n = strlen(lto_math[i]);
			const char *suffix;

			if ((size_t)(end - p) < n || memcmp(p, lto_math[i], n) != 0)
				continue;
			suffix = float_suffix(p + n, end);
			if (suffix)
				(void)strs_add(a, ret,
					       arena_printf(a, "%s%s", lto_math[i], suffix));
		}
	}
}

/* Only LLVM reads bitcode: one run of llvm-nm for all of it. */
static int read_bitcode(struct arena *a, const struct tools *tools, struct object *const *objects,
			size_t len, struct diags *d)
{
	struct proc_opts opts = {.flags = PROC_CAPTURE_OUT | PROC_CAPTURE_ERR | PROC_STDIN_NULL};
	struct strs argv = {0};
	struct proc_result r;

	if (len == 0)
		return 0;
	strs_push(a, &argv, tools->nm);
	strs_push(a, &argv, "--extern-only");
	strs_push(a, &argv, "--print-file-name");
	strs_push(a, &argv, "--format=posix");
	for (size_t i = 0; i < len; i++)
		strs_push(a, &argv, objects[i]->path);
	if (proc_check(a, proc_argv(a, &argv), &opts, &r, d))
		return -1;
	parse_nm(a, r.out, r.out_len, objects, len);
	for (size_t i = 0; i < len; i++)
		for (size_t k = 0; k < ARRAY_LEN(lto_calls); k++)
			strs_push(a, &objects[i]->needs, lto_calls[k]);
	return 0;
}

static void elf_symbols(struct arena *a, const struct elf *e, struct strs *ret_defines,
			struct strs *ret_needs)
{
	for (size_t i = 0; i < e->symbols_len; i++) {
		const struct elf_symbol *s = &e->symbols[i];

		if (!is_global(s))
			continue;
		if (s->shndx != SHN_UNDEF)
			strs_push(a, ret_defines, s->name);
		else if (s->bind == STB_GLOBAL)
			strs_push(a, ret_needs, s->name);
	}
}

/* ELF goes into elf, bitcode into defines and needs (elf.path stays NULL then). */
static int load_objects(struct arena *a, const struct tools *tools, struct object *objects,
			size_t len, struct diags *d)
{
	struct object **bitcode = arena_array(a, len, sizeof(struct object *));
	size_t bitcode_len = 0;

	for (size_t i = 0; i < len; i++) {
		char *bytes;
		size_t size;

		if (file_read(a, objects[i].path, ELF_MAX_BYTES, &bytes, &size, d))
			return -1;
		if (is_bitcode(bytes, size)) {
			bitcode[bitcode_len++] = &objects[i];
			scan_math_calls(a, bytes, size, &objects[i].needs);
		} else if (elf_parse(a, objects[i].path, bytes, size, &objects[i].elf, d)) {
			return -1;
		}
	}
	return read_bitcode(a, tools, bitcode, bitcode_len, d);
}

int scan_symbols(struct arena *a, const struct tools *tools, struct object_symbols *objects,
		 size_t len, struct diags *d)
{
	struct object *loaded = arena_array(a, len, sizeof(*loaded));

	for (size_t i = 0; i < len; i++)
		loaded[i].path = objects[i].path;
	if (load_objects(a, tools, loaded, len, d))
		return -1;
	for (size_t i = 0; i < len; i++) {
		struct object *o = &loaded[i];

		if (o->elf.path)
			elf_symbols(a, &o->elf, &o->defines, &o->needs);
		strs_sort_uniq(&o->defines);
		strs_sort_uniq(&o->needs);
		objects[i].defines = o->defines;
		objects[i].needs = o->needs;
	}
	return 0;
}

static void define(struct graph *g, size_t object, const char *name, const struct elf_symbol *s,
		   bool is_weak)
{
	struct definition *old = map_get(g->definitions, name, NULL);
	struct definition *new;

	strs_push(g->arena, &g->defines, name);
	if (old && (is_weak || !old->is_weak))
		return;
	new = arena_alloc(g->arena, sizeof(*new));
	*new = (struct definition){object, s, is_weak};
	map_put(g->definitions, name, new);
}

static void define_all(struct graph *g, size_t object)
{
	const struct object *o = &g->objects[object];

	for (size_t i = 0; i < o->defines.len; i++)
		define(g, object, o->defines.v[i], NULL, false);
	for (size_t i = 0; i < o->elf.symbols_len; i++) {
		const struct elf_symbol *s = &o->elf.symbols[i];

		if (is_global(s) && s->shndx != SHN_UNDEF)
			define(g, object, s->name, s, s->bind == STB_WEAK);
	}
}

/* Counting sort of the relocations by section. */
static void group_relocs(struct arena *a, struct object *o)
{
	size_t sections = o->elf.sections_len;
	uint32_t *next;

	o->is_live = arena_array(a, sections + 1, sizeof(*o->is_live));
	o->first = arena_array(a, sections + 2, sizeof(*o->first));
	o->order = arena_array(a, o->elf.relocs_len + 1, sizeof(*o->order));
	for (size_t i = 0; i < o->elf.relocs_len; i++)
		if (o->elf.relocs[i].section < sections)
			o->first[o->elf.relocs[i].section + 1]++;
	for (size_t i = 0; i < sections; i++)
		o->first[i + 1] += o->first[i];
	next = arena_array(a, sections + 1, sizeof(*next));
	memcpy(next, o->first, (sections + 1) * sizeof(*next));
	for (size_t i = 0; i < o->elf.relocs_len; i++)
		if (o->elf.relocs[i].section < sections)
			o->order[next[o->elf.relocs[i].section]++] = (uint32_t)i;
}

static void keep(struct graph *g, size_t object, uint32_t section)
{
	struct object *o = &g->objects[object];

	if (section == SHN_UNDEF || section >= o->elf.sections_len || o->is_live[section])
		return;
	o->is_live[section] = true;
	vec_push(g->arena, &g->todo, (struct section_ref){object, section});
}

static void refer(struct graph *g, size_t object, const struct elf_symbol *s)
{
	const struct definition *def;

	if (!is_global(s)) {
		keep(g, object, s->shndx);
		return;
	}
	def = map_get(g->definitions, s->name, NULL);
	if (def && def->symbol)
		keep(g, def->object, def->symbol->shndx);
	else if (!def && s->bind == STB_GLOBAL)
		strs_push(g->arena, &g->needs, s->name);
}

static void follow(struct graph *g, struct section_ref at)
{
	const struct object *o = &g->objects[at.object];

	for (uint32_t i = o->first[at.section]; i < o->first[at.section + 1]; i++) {
		const struct elf_reloc *r = &o->elf.relocs[o->order[i]];

		if (r->symbol < o->elf.symbols_len)
			refer(g, at.object, &o->elf.symbols[r->symbol]);
	}
}

static bool is_always_kept(const struct elf_section *s)
{
	return (s->flags & SHF_ALLOC) &&
	       (s->type == SHT_INIT_ARRAY || s->type == SHT_FINI_ARRAY ||
		s->type == SHT_PREINIT_ARRAY || s->type == SHT_NOTE ||
		(s->flags & SECTION_RETAIN) || str_starts(s->name, ".ctors") ||
		str_starts(s->name, ".dtors"));
}

/* Without a main there is no telling what runs: everything counts. */
static void keep_roots(struct graph *g)
{
	const struct definition *main_def = map_get(g->definitions, "main", NULL);

	if (main_def && main_def->symbol)
		keep(g, main_def->object, main_def->symbol->shndx);
	for (size_t i = 0; i < g->len; i++) {
		const struct elf *e = &g->objects[i].elf;

		for (size_t k = 0; k < e->sections_len; k++)
			if (is_always_kept(&e->sections[k]) ||
			    (!main_def && (e->sections[k].flags & SHF_ALLOC)))
				keep(g, i, (uint32_t)k);
	}
}

/* What bitcode refers to in ELF objects is live, the rest is a need. */
static void follow_bitcode(struct graph *g, const struct object *o)
{
	for (size_t i = 0; i < o->needs.len; i++) {
		const struct definition *def = map_get(g->definitions, o->needs.v[i], NULL);

		if (!def)
			strs_push(g->arena, &g->needs, o->needs.v[i]);
		else if (def->symbol)
			keep(g, def->object, def->symbol->shndx);
	}
}

int scan_objects(struct arena *a, const struct tools *tools, const struct strs *objects,
		 struct scan *ret, struct diags *d)
{
	struct graph g = {.arena = a, .len = objects->len, .definitions = map_new(a)};

	g.objects = arena_array(a, objects->len, sizeof(*g.objects));
	for (size_t i = 0; i < g.len; i++)
		g.objects[i].path = objects->v[i];
	if (load_objects(a, tools, g.objects, g.len, d))
		return -1;
	for (size_t i = 0; i < g.len; i++)
		group_relocs(a, &g.objects[i]);
	for (size_t i = 0; i < g.len; i++)
		define_all(&g, i);
	keep_roots(&g);
	for (size_t i = 0; i < g.len; i++)
		follow_bitcode(&g, &g.objects[i]);
	while (g.todo.len > 0)
		follow(&g, g.todo.v[--g.todo.len]);
	strs_sort_uniq(&g.needs);
	strs_sort_uniq(&g.defines);
	ret->needs = g.needs;
	ret->defines = g.defines;
	return 0;
}
