/* SPDX-License-Identifier: BSD-2-Clause */
#include "flags.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/str.h"
#include "headers.h"
#include "lock.h"
#include "manifest.h"
#include "order.h"
#include "plan.h"
#include "resolve.h"
#include "tool.h"
#include "tree.h"

/* A source file or header of the tree is never larger. */
#define SOURCE_MAX_BYTES (8u << 20)

static const char *word_origin(struct arena *a, const struct plan_in *in, const struct word *w)
{
	return arena_printf(a, "%s:%u", path_relative(a, w->loc.path, in->home), w->loc.line);
}

static void push_words(struct arena *a, const struct plan_in *in, const struct words *words,
		       struct flags *ret)
{
	for (size_t i = 0; i < words->len; i++)
		flag_push(a, ret, words->v[i].s, word_origin(a, in, &words->v[i]));
}

/* An include folder of a unit: "source/x" lies in the unpacked third-party source. */
static const char *include_path(struct arena *a, const struct plan_in *in, const struct unit *u,
				const char *word)
{
	if (u->source && (str_eq(word, "source") || str_starts(word, "source/")))
		return path_join(a, in->source_dir, word[6] ? word + 7 : ".");
	return path_join(a, u->dir, word);
}

static bool is_active(const struct mech_level *l)
{
	return !str_eq(l->level, "off");
}

bool flags_label_is(const char *label, const char *file)
{
	size_t len = strlen(label), rel = len >= strlen(file) ? len - strlen(file) : 0;

	return str_ends(label, file) && (rel == 0 || label[rel - 1] == '/');
}

bool flags_is_exempt(const struct unit *unit, const char *label, const char *mechanism)
{
	if (!unit)
		return false;
	for (size_t i = 0; i < unit->exempt.len; i++) {
		const struct exemption *e = &unit->exempt.v[i];

		if (str_eq(e->mechanism, mechanism) && flags_label_is(label, e->file))
			return true;
	}
	return false;
}

static void push_level(struct arena *a, const struct mech_level *m, const struct words *words,
		       struct flags *ret)
{
	const char *origin = arena_printf(a, "hardening %s=%s", m->mech->name, m->level);

	for (size_t i = 0; i < words->len; i++)
		flag_push(a, ret, words->v[i].s, origin);
}

/* Whether a level's words count: the active one's and those of every level but off. */
static bool is_level(const struct mech_level *m, const struct level *l)
{
	return is_active(m) && (l->name[0] == '\0' || str_eq(l->name, m->level));
}

int flags_find_seed(struct arena *a, const struct plan_in *in, const char *seed_hex,
		    const uint8_t **ret, struct diags *d)
{
	uint8_t *seed = arena_alloc(a, ORDER_SEED_BYTES);
	const char *seed_file;
	bool is_needed = false;

	for (size_t i = 0; i < in->sel->mechs_len; i++) {
		const struct mech_level *m = &in->sel->mechs[i];

		for (size_t k = 0; k < m->mech->levels.len; k++)
			is_needed |= is_level(m, &m->mech->levels.v[k]) &&
				     m->mech->levels.v[k].cflags_seed.len > 0;
	}
	*ret = is_needed ? seed : NULL;
	if (!is_needed)
		return 0;
	return lock_seed(a, in->manifest, seed_hex, in->variant_dir, &seed_file, d) ||
			       lock_read_seed(a, seed_file, seed, d)
		       ? -1
		       : 0;
}

/* One seed for all objects of an image; it tells nothing about those of other purposes. */
static const char *image_seed(struct arena *a, const struct plan_in *in, const char *mechanism)
{
	const char *const words[] = {"flags", in->manifest->name.s, mechanism, NULL};

	return lock_derive(a, in->seed, words);
}

static void push_seeded(struct arena *a, const struct plan_in *in, const struct mech_level *m,
			const struct words *words, struct flags *ret)
{
	const char *origin = arena_printf(a, "hardening %s=%s", m->mech->name, m->level);

	for (size_t i = 0; i < words->len; i++)
		flag_pushf(a, ret, origin, "%s%s", words->v[i].s, image_seed(a, in, m->mech->name));
}

static void push_mechanisms(struct arena *a, const struct plan_in *in, enum flags_for what,
			    const struct unit *unit, const char *label, struct flags *ret)
{
	bool is_own = what != FLAGS_THIRD_PARTY && what != FLAGS_APP_SOURCE;

	for (size_t i = 0; i < in->sel->mechs_len; i++) {
		const struct mech_level *m = &in->sel->mechs[i];
		const struct levels *levels = &m->mech->levels;

		if (flags_is_exempt(unit, label, m->mech->name))
			continue;
		for (size_t k = 0; k < levels->len; k++) {
			if (!is_level(m, &levels->v[k]))
				continue;
			push_level(a, m, &levels->v[k].cflags, ret);
			push_seeded(a, in, m, &levels->v[k].cflags_seed, ret);
			if (is_own)
				push_level(a, m, &levels->v[k].cflags_own, ret);
		}
	}
}

static void push_mechanisms_link(struct arena *a, const struct plan_in *in, struct flags *ret)
{
	for (size_t i = 0; i < in->sel->mechs_len; i++) {
		const struct mech_level *m = &in->sel->mechs[i];

		for (size_t k = 0; k < m->mech->levels.len; k++)
			if (is_level(m, &m->mech->levels.v[k]))
				push_level(a, m, &m->mech->levels.v[k].ldflags, ret);
	}
}

bool flags_is_lto(const struct plan_in *in)
{
	for (size_t i = 0; i < in->sel->mechs_len; i++) {
		const struct mech_level *m = &in->sel->mechs[i];

		for (size_t k = 0; k < m->mech->levels.len; k++) {
			const struct level *l = &m->mech->levels.v[k];

			if (!is_level(m, l))
				continue;
			for (size_t w = 0; w < l->cflags.len; w++)
				if (str_starts(l->cflags.v[w].s, "-flto"))
					return true;
		}
	}
	return false;
}

/* Adds each CONFIG_NAME in text to names, without the prefix. */
static void find_mentions(struct arena *a, const char *text, struct strs *names)
{
	static const char prefix[] = "CONFIG_";
	const char *p = text;

	while ((p = strstr(p, prefix)) != NULL) {
		const char *s = p + sizeof(prefix) - 1, *e = s;
		bool is_start = p == text || (!isalnum((unsigned char)p[-1]) && p[-1] != '_');

		while (isalnum((unsigned char)*e) || *e == '_')
			e++;
		if (is_start && e > s)
			strs_add(a, names, arena_memdup(a, s, (size_t)(e - s)));
		p = e;
	}
}

static int find_mentions_in(struct arena *a, const char *path, struct strs *names, struct diags *d)
{
	char *text;
	size_t len;

	if (file_read(a, path, SOURCE_MAX_BYTES, &text, &len, d))
		return -1;
	find_mentions(a, text, names);
	return 0;
}

/* Headers of folder dir and of dir/uk. A missing folder has none. */
static int find_mentions_headers(struct arena *a, const char *dir, struct strs *names,
				 struct diags *d)
{
	struct strs list = {0};

	if (!file_is_dir(dir))
		return 0;
	if (file_list(a, dir, &list, d))
		return -1;
	for (size_t i = 0; i < list.len; i++) {
		const char *path = path_join(a, dir, list.v[i]);

		if (file_is_dir(path)      ? find_mentions_headers(a, path, names, d)
		    : str_ends(path, ".h") ? find_mentions_in(a, path, names, d)
					   : 0)
			return -1;
	}
	return 0;
}

/* A Kconfig value as the preprocessor sees it: 0, 1, a number or a string literal. */
static const char *config_word(struct arena *a, const char *name, const char *val)
{
	if (!val || str_eq(val, "n"))
		return arena_printf(a, "-DCONFIG_%s=0", name);
	if (str_eq(val, "y"))
		return arena_printf(a, "-DCONFIG_%s=1", name);
	if (isdigit((unsigned char)val[0]) || val[0] == '-')
		return arena_printf(a, "-DCONFIG_%s=%s", name, val);
	return arena_printf(a, "-DCONFIG_%s=\"%s\"", name, val);
}

int flags_config(struct arena *a, const struct plan_in *in, const char *path, struct flags *ret,
		 struct diags *d)
{
	struct strs names = {0};

	if (find_mentions_in(a, path, &names, d) ||
	    find_mentions_headers(a, path_dir(a, path), &names, d))
		return -1;
	for (size_t i = 0; i < in->tree->len; i++)
		if (in->tree->v[i]->kind != UNIT_MECHANISM &&
		    find_mentions_headers(a, path_join(a, in->tree->v[i]->dir, "include"), &names,
					  d))
			return -1;
	strs_sort_uniq(&names);
	for (size_t i = 0; i < names.len; i++)
		flag_push(a, ret, config_word(a, names.v[i], selection_config(in->sel, names.v[i])),
			  "Kconfig");
	return 0;
}

/* For assembly without preprocessor: the options that it names and that are on, as symbols for .ifdef. */
static int push_symbols(struct arena *a, const struct plan_in *in, const char *path,
			struct flags *ret, struct diags *d)
{
	struct strs names = {0};

	if (find_mentions_in(a, path, &names, d))
		return -1;
	strs_sort_uniq(&names);
	for (size_t i = 0; i < names.len; i++) {
		const char *val = selection_config(in->sel, names.v[i]);

		if (val && str_eq(val, "y"))
			flag_pushf(a, ret, "Kconfig", "-Wa,--defsym,CONFIG_%s=1", names.v[i]);
	}
	return 0;
}

/* The words every image object has. */
static void push_common(struct arena *a, const struct plan_in *in, bool is_asm, struct flags *ret)
{
	static const char *const all[] = {
		"--target=x86_64-unknown-linux-gnu",
		"-mno-red-zone",
		"-fno-pic",
		"-gline-tables-only",
		/* A compile farm sees preprocessed text, whose columns are others. */
		"-gno-column-info",
		"-gdwarf-4",
		"-fdebug-compilation-dir=.",
		"-Qn",
	};
	/* The triple's and the distribution's own defaults are switched off: mechanisms ask. */
	static const char *const c_only[] = {
		"-ffunction-sections",  "-fdata-sections",
		"-fno-common",          "-fno-asynchronous-unwind-tables",
		"-fno-unwind-tables",   "-fno-stack-protector",
		"-fcf-protection=none",
	};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		flag_push(a, ret, all[i], NULL);
	for (size_t i = 0; !is_asm && i < ARRAY_LEN(c_only); i++)
		flag_push(a, ret, c_only[i], NULL);
	/* The assembler has no use for what the preprocessor and the code generator are told. */
	if (is_asm)
		flag_push(a, ret, "-Wno-unused-command-line-argument", NULL);
	/* The longest prefix must come last: clang applies the last that matches. */
	flag_pushf(a, ret, NULL, "-ffile-prefix-map=%s=app", in->manifest->dir);
	flag_pushf(a, ret, NULL, "-ffile-prefix-map=%s=.", in->home);
	flag_pushf(a, ret, NULL, "-ffile-prefix-map=%s=out", in->out_dir);
	flag_pushf(a, ret, NULL, "-ffile-prefix-map=%s=source", in->source_dir);
	for (size_t i = 0; i < in->app_sources.len; i++)
		flag_pushf(a, ret, NULL, "-ffile-prefix-map=%s=%s", in->app_sources.v[i].dir,
			   in->app_sources.v[i].name);
}

/* Whether a unit before the one at index has its folder. */
static bool is_again(const struct tree *t, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (str_eq(t->v[i]->dir, t->v[index]->dir))
			return true;
	return false;
}

/*
 * Public headers: every library's and every platform's, so that a command is the same for all
 * platforms and its object is shared.
 */
static void push_public_includes(struct arena *a, const struct plan_in *in, struct flags *ret)
{
	for (size_t i = 0; i < in->tree->len; i++) {
		const struct unit *u = in->tree->v[i];
		const char *dir = path_join(a, u->dir, "include");

		if (u->kind != UNIT_MECHANISM && !u->source && !is_again(in->tree, i) &&
		    file_is_dir(dir))
			flag_pushf(a, ret, NULL, "-I%s", dir);
	}
}

/* The C library's public headers, as the application sees them. */
static void push_libc_includes(struct arena *a, const struct plan_in *in, struct flags *ret)
{
	for (size_t i = 0; i < in->tree->len; i++) {
		const struct unit *u = in->tree->v[i];

		for (size_t k = 0; u->source && k < u->public_includes.len; k++) {
			flag_push(a, ret, "-isystem", NULL);
			flag_push(a, ret, include_path(a, in, u, u->public_includes.v[k].s), NULL);
		}
	}
}

/* Headers that active mechanisms put in front of the C library's. */
static void push_mechanism_includes(struct arena *a, const struct plan_in *in, struct flags *ret)
{
	for (size_t i = 0; i < in->sel->mechs_len; i++) {
		const struct mech_level *m = &in->sel->mechs[i];
		const struct words *dirs = &m->mech->public_includes;
		const char *origin = arena_printf(a, "hardening %s=%s", m->mech->name, m->level);

		for (size_t k = 0; is_active(m) && k < dirs->len; k++) {
			flag_push(a, ret, "-isystem", origin);
			flag_push(a, ret, path_join(a, m->mech->dir, dirs->v[k].s), origin);
		}
	}
}

static void push_compiler_includes(struct arena *a, const struct plan_in *in, struct flags *ret)
{
	flag_push(a, ret, "-isystem", NULL);
	flag_push(a, ret, in->tools->cc_include, NULL);
}

/*
 * A file of attacks: its main is one of many, so each gets the name of its file. The attacks fit themselves
 * to the stack that the manifest asks for.
 */
static void push_attack(struct arena *a, const struct plan_in *in, const char *path,
			struct flags *ret)
{
	const struct mpairs *options = &in->manifest->kconfig;
	const char *base = path_base(path);

	flag_pushf(a, ret, NULL, "-I%s", path_join(a, in->home, "attacks"));
	flag_pushf(a, ret, NULL, "-Dmain=uk_attack_%.*s", (int)strcspn(base, "."), base);
	for (size_t i = 0; i < options->len; i++)
		if (str_eq(options->v[i].key.s, "PLAT_STACK_KIB"))
			flag_pushf(a, ret, NULL, "-DATTACK_STACK_KIB=%s", options->v[i].val.s);
}

/* A place in the manifest as the origin of a flag. */
static const char *manifest_origin(struct arena *a, const struct plan_in *in, struct loc loc)
{
	return arena_printf(a, "%s:%u:%u", path_base(in->manifest->path), loc.line, loc.col);
}

static void push_app(struct arena *a, const struct plan_in *in, enum flags_for what,
		     struct flags *ret)
{
	const struct manifest *m = in->manifest;

	flag_push(a, ret, "-O2", NULL);
	flag_push(a, ret, "-nostdlibinc", NULL);
	push_mechanism_includes(a, in, ret);
	push_libc_includes(a, in, ret);
	push_public_includes(a, in, ret);
	if (what == FLAGS_ATTACK)
		return;
	for (size_t i = 0; i < m->include.len; i++)
		flag_pushf(a, ret, manifest_origin(a, in, m->include.v[i].loc), "-I%s",
			   path_join(a, m->dir, m->include.v[i].s));
	for (size_t i = 0; i < in->app_sources.len; i++) {
		const struct app_source *s = &in->app_sources.v[i];

		for (size_t k = 0; k < s->spec->include.len; k++)
			flag_pushf(a, ret, manifest_origin(a, in, s->spec->include.v[k].loc),
				   "-I%s", path_join(a, s->dir, s->spec->include.v[k].s));
	}
}

static void push_manifest_words(struct arena *a, const struct plan_in *in,
				const struct mstrs *words, struct flags *ret)
{
	for (size_t i = 0; i < words->len; i++)
		flag_push(a, ret, words->v[i].s, manifest_origin(a, in, words->v[i].loc));
}

void flags_app_source(struct arena *a, const struct plan_in *in, const struct app_source *s,
		      bool is_asm, struct flags *ret)
{
	if (!is_asm)
		flag_push(a, ret, "-w", NULL); /* its code is not ours to warn about */
	push_manifest_words(a, in, &s->spec->cflags, ret);
}

static int push_system_headers(struct arena *a, const struct plan_in *in, const struct unit *unit,
			       struct flags *ret, struct diags *d)
{
	for (size_t i = 0; unit && i < unit->headers.len; i++) {
		const struct system_header *h = &unit->headers.v[i];
		const char *dir = headers_folder(a, in, h, d);
		const char *origin = arena_printf(
			a, "%s:%u", path_relative(a, h->loc.path, in->home), h->loc.line);

		if (!dir)
			return -1;
		flag_push(a, ret, "-isystem", origin);
		flag_push(a, ret, dir, origin);
	}
	return 0;
}

static void push_own(struct arena *a, const struct plan_in *in, const struct unit *unit,
		     bool is_asm, struct flags *ret)
{
	static const char *const words[] = {
		"-std=gnu11", "-Os",     "-ffreestanding", "-nostdinc",     "-fvisibility=hidden",
		"-Wall",      "-Wextra", "-Wundef",        "-Werror=undef",
	};

	for (size_t i = 0; !is_asm && i < ARRAY_LEN(words); i++)
		flag_push(a, ret, words[i], NULL);
	if (is_asm)
		flag_push(a, ret, "-nostdinc", NULL);
	for (size_t i = 0; unit && i < unit->includes.len; i++)
		flag_pushf(a, ret, NULL, "-I%s", include_path(a, in, unit, unit->includes.v[i].s));
	push_public_includes(a, in, ret);
	push_compiler_includes(a, in, ret);
}

static void push_third_party(struct arena *a, const struct plan_in *in, const struct unit *unit,
			     bool is_asm, struct flags *ret)
{
	flag_push(a, ret, "-nostdinc", NULL);
	if (!is_asm) {
		flag_push(a, ret, "-Os", NULL);
		flag_push(a, ret, "-w", NULL);
		flag_push(a, ret, "-fvisibility=hidden", NULL);
	}
	for (size_t i = 0; i < unit->includes.len; i++)
		flag_pushf(a, ret, NULL, "-I%s", include_path(a, in, unit, unit->includes.v[i].s));
	push_public_includes(a, in, ret);
	push_compiler_includes(a, in, ret);
}

int flags_compile(struct arena *a, const struct plan_in *in, enum flags_for what,
		  const struct unit *unit, const char *path, const char *label, bool is_asm,
		  struct flags *ret, struct diags *d)
{
	push_common(a, in, is_asm, ret);
	switch (what) {
	case FLAGS_ATTACK:
		push_attack(a, in, path, ret);
		/* fall through */
	case FLAGS_APP:
	case FLAGS_APP_SOURCE:
		push_app(a, in, what, ret);
		break;
	case FLAGS_OWN:
	case FLAGS_GENERATED:
		push_own(a, in, unit, is_asm, ret);
		break;
	case FLAGS_THIRD_PARTY:
		push_third_party(a, in, unit, is_asm, ret);
		break;
	}
	if (push_system_headers(a, in, unit, ret, d))
		return -1;
	if (unit && is_asm)
		push_words(a, in, &unit->asflags, ret);
	else if (unit)
		push_words(a, in, &unit->cflags, ret);
	if (!is_asm)
		push_mechanisms(a, in, what, unit, label, ret);
	if (what == FLAGS_APP || what == FLAGS_APP_SOURCE)
		push_manifest_words(a, in, &in->manifest->cflags, ret);
	if (what == FLAGS_OWN && flags_config(a, in, path, ret, d))
		return -1;
	if (what == FLAGS_THIRD_PARTY && is_asm && push_symbols(a, in, path, ret, d))
		return -1;
	return 0;
}

int flags_link(struct arena *a, const struct plan_in *in, struct flags *ret, struct diags *d)
{
	static const char *const words[] = {
		"-m",
		"elf_x86_64",
		"-nostdlib",
		"--nmagic",
		"--gc-sections",
		"--no-dynamic-linker",
		"--hash-style=gnu",
		"--fatal-warnings",
		"--build-id=sha1",
		"-z",
		"noexecstack",
		"--orphan-handling=error",
	};
	bool needs_pages = str_eq(selection_config(in->sel, "NEEDS_PAGING"), "y");

	(void)d;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		flag_push(a, ret, words[i], NULL);
	/* Sections with different rights need pages of their own (libs/plat/include/uk/layout.h).
	 */
	flag_pushf(a, ret, NULL, "--defsym=UK_ALIGN=%d", needs_pages ? 4096 : 16);
	push_mechanisms_link(a, in, ret);
	return 0;
}
