/* SPDX-License-Identifier: BSD-2-Clause */
#include "plan.h"

#include <stdarg.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "flags.h"
#include "gen.h"
#include "link.h"
#include "manifest.h"
#include "passes.h"
#include "resolve.h"
#include "tool.h"
#include "tree.h"

/* Hex digits of a command hash that name an object: 128 bits, no accidental collision. */
#define COMMAND_HASH_DIGITS 32

void flag_push(struct arena *a, struct flags *f, const char *s, const char *origin)
{
	vec_push(a, f, (struct flag){s, origin});
}

void flag_pushf(struct arena *a, struct flags *f, const char *origin, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	flag_push(a, f, arena_vprintf(a, fmt, ap), origin);
	va_end(ap);
}

/* s with every occurrence of folder replaced by mark. */
static const char *replace_folder(struct arena *a, const char *s, const char *folder,
				  const char *mark)
{
	struct sb b;
	const char *hit;
	size_t len = strlen(folder);

	if (len < 2 || !strstr(s, folder))
		return s;
	sb_init(&b, a);
	while ((hit = strstr(s, folder)) != NULL) {
		sb_putn(&b, s, (size_t)(hit - s));
		sb_put(&b, mark);
		s = hit + len;
	}
	sb_put(&b, s);
	return sb_str(&b);
}

/* A word with the folders that differ between machines taken out; the longest folders first. */
static const char *normal_word(struct arena *a, const struct plan_in *in, const char *s)
{
	s = replace_folder(a, s, in->source_dir, "@source");
	s = replace_folder(a, s, in->out_dir, "@out");
	s = replace_folder(a, s, in->cache_dir, "@cache");
	if (strlen(in->manifest->dir) > strlen(in->home)) {
		s = replace_folder(a, s, in->manifest->dir, "@app");
		s = replace_folder(a, s, in->home, "@home");
	} else {
		s = replace_folder(a, s, in->home, "@home");
		s = replace_folder(a, s, in->manifest->dir, "@app");
	}
	return replace_folder(a, s, in->self, "@self");
}

const char *plan_command_hash(struct arena *a, const struct plan_in *in, const struct flags *argv)
{
	struct hash h;
	uint8_t bytes[HASH_BYTES];
	char hex[HASH_HEX];

	hash_init(&h);
	hash_add_str(&h, in->tools->identity);
	for (size_t i = 0; i < argv->len; i++)
		hash_add_str(&h, normal_word(a, in, argv->v[i].s));
	hash_end(&h, bytes);
	hash_hex(bytes, hex);
	return arena_memdup(a, hex, COMMAND_HASH_DIGITS);
}

/* What one compile edge is made from. */
struct compile {
	enum flags_for what;
	const struct unit *unit;
	const char *path, *label;
	const struct sel_file *file;
	const struct app_source *source; /* of an application's third-party file */
};

/* Not what belongs to one application, whose files have the same names as those of another. */
static bool is_shared(const struct plan_in *in, const struct compile *c)
{
	return in->shared_dir && (c->what == FLAGS_OWN || c->what == FLAGS_THIRD_PARTY);
}

/* The command's hash names its object: what decides the object and is no word of it is added as salt. */
static const char *compile_hash(struct arena *a, const struct plan_in *in, const struct compile *c,
				const struct pass_use *use, const struct flags *argv)
{
	struct flags salt = *argv;

	salt.cap = salt.len; /* a copy when it grows */
	flag_push(a, &salt, "-c", NULL);
	flag_push(a, &salt, c->path, NULL);
	/* One -o may serve several applications, whose files have the same names below their folders. */
	if (c->what == FLAGS_APP || c->what == FLAGS_APP_SOURCE)
		flag_pushf(a, &salt, NULL, "application %s", in->manifest->name.s);
	if (use->names)
		flag_pushf(a, &salt, NULL, "passes %s %s %s", use->names,
			   use->seed_hex ? use->seed_hex : "", in->passes->identity);
	return plan_command_hash(a, in, &salt);
}

static int add_compile(struct arena *a, const struct plan_in *in, const struct compile *c,
		       struct edges *to, struct diags *d)
{
	struct edge *e = arena_alloc(a, sizeof(*e));
	bool is_asm = path_is_assembly(c->path);
	const char *hash, *object, *base;
	struct pass_use use = {0};

	e->verb = is_asm ? "AS" : "CC";
	e->label = c->label;
	e->file = c->file;
	e->launcher = in->launcher;
	flag_push(a, &e->argv, in->tools->cc, NULL);
	if (flags_compile(a, in, c->what, c->unit, c->path, c->label, is_asm, &e->argv, d))
		return -1;
	if (c->source)
		flags_app_source(a, in, c->source, is_asm, &e->argv);
	if (!is_asm && in->passes)
		passes_of(a, in, c->unit, c->label, &e->argv, &use);
	hash = compile_hash(a, in, c, &use, &e->argv);
	base = arena_printf(a, "%s/%.2s/%s",
			    is_shared(in, c) ? in->shared_dir : path_join(a, in->out_dir, "obj"),
			    hash, hash + 2);
	object = arena_printf(a, "%s.o", base);
	e->depfile = arena_printf(a, "%s.d", base);
	if (use.names)
		passes_add(a, in, &use, base, object, e);
	flag_push(a, &e->argv, "-c", NULL);
	if (use.names)
		flag_push(a, &e->argv, "-emit-llvm", use.origin);
	flag_push(a, &e->argv, c->path, NULL);
	/* System headers are an input only where the fragment asks for some. */
	flag_push(a, &e->argv, c->unit && c->unit->headers.len ? "-MD" : "-MMD", NULL);
	flag_push(a, &e->argv, "-MP", NULL); /* a header that moved away stops no build */
	flag_push(a, &e->argv, "-MF", NULL);
	flag_push(a, &e->argv, e->depfile, NULL);
	flag_push(a, &e->argv, "-MQ", NULL);
	flag_push(a, &e->argv, object, NULL);
	flag_push(a, &e->argv, "-o", NULL);
	flag_push(a, &e->argv, e->made ? e->made : object, NULL);
	strs_push(a, &e->inputs, c->path);
	strs_push(a, &e->outputs, object);
	vec_push(a, to, e);
	return 0;
}

/* The files of a third-party source of the application. */
static int plan_app_source(struct arena *a, const struct plan_in *in, const struct app_source *s,
			   struct plan *p, struct diags *d)
{
	for (size_t i = 0; i < s->files.len; i++) {
		struct compile c = {
			.what = FLAGS_APP_SOURCE,
			.path = path_join(a, s->dir, s->files.v[i]),
			.label = arena_printf(a, "app/%s/%s", s->name, s->files.v[i]),
			.source = s,
		};

		if (add_compile(a, in, &c, &p->app, d))
			return -1;
	}
	return 0;
}

int plan_app(struct arena *a, const struct plan_in *in, struct plan *p, struct diags *d)
{
	const struct strs *attacks = in->manifest->attack_files;

	for (size_t i = 0; i < in->manifest->files.len; i++) {
		const char *rel = in->manifest->files.v[i].s;
		struct compile c = {
			.what = FLAGS_APP,
			.path = path_join(a, in->manifest->dir, rel),
			.label = arena_printf(a, "app/%s", rel),
		};

		if (add_compile(a, in, &c, &p->app, d))
			return -1;
	}
	for (size_t i = 0; attacks && i < attacks->len; i++) {
		struct compile c = {
			.what = FLAGS_ATTACK,
			.path = attacks->v[i],
			.label = arena_printf(a, "attack/%s", path_base(attacks->v[i])),
		};

		if (add_compile(a, in, &c, &p->app, d))
			return -1;
	}
	for (size_t i = 0; i < in->app_sources.len; i++) {
		if (plan_app_source(a, in, &in->app_sources.v[i], p, d))
			return -1;
	}
	return 0;
}

int plan_files(struct arena *a, const struct plan_in *in, struct sel_file *const *files, size_t len,
	       struct edges *to, struct diags *d)
{
	for (size_t i = 0; i < len; i++) {
		const struct sel_file *f = files[i];
		struct compile c = {
			.what = f->is_third_party ? FLAGS_THIRD_PARTY : FLAGS_OWN,
			.unit = f->unit,
			.path = f->path,
			.label = f->label,
			.file = f,
		};

		if (add_compile(a, in, &c, to, d))
			return -1;
	}
	return 0;
}

static int plan_generated(struct arena *a, const struct plan_in *in, struct plan *p,
			  struct diags *d)
{
	struct gen_file *files;
	size_t len;

	if (gen_files(a, in, &files, &len, d))
		return -1;
	for (size_t i = 0; i < len; i++) {
		struct compile c = {
			.what = FLAGS_GENERATED,
			.path = files[i].path,
			.label = files[i].label,
		};

		if (add_compile(a, in, &c, &p->rest, d))
			return -1;
	}
	return 0;
}

int plan_rest(struct arena *a, const struct plan_in *in, const char *seed_file, struct plan *p,
	      struct diags *d)
{
	if (plan_files(a, in, in->sel->files, in->sel->files_len, &p->rest, d) ||
	    plan_generated(a, in, p, d))
		return -1;
	return link_add(a, in, seed_file, p, d);
}

/* A word as make and the shell both pass it on. */
static const char *make_word(struct arena *a, const char *s)
{
	const char *q = str_shell_quote(a, s);
	struct sb b;

	if (!strpbrk(q, "$\n"))
		return q;
	sb_init(&b, a);
	for (; *q; q++) {
		if (*q == '$')
			sb_put(&b, "$$");
		else
			sb_putn(&b, *q == '\n' ? " " : q, 1);
	}
	return sb_str(&b);
}

/* A path as a target or prerequisite. */
static const char *make_path(struct arena *a, const char *s)
{
	struct sb b;

	if (!strpbrk(s, " $#:\\%"))
		return s;
	sb_init(&b, a);
	for (; *s; s++) {
		if (*s == '$')
			sb_put(&b, "$");
		else if (strchr(" #:\\%", *s))
			sb_put(&b, "\\");
		sb_putn(&b, s, 1);
	}
	return sb_str(&b);
}

/* A label inside $(info): what would end it or expand is replaced. */
static const char *make_label(struct arena *a, const char *s)
{
	char *copy = arena_strdup(a, s);

	for (char *p = copy; *p; p++)
		if (strchr("$(),#\n", *p))
			*p = '_';
	return copy;
}

static void put_origins(struct sb *b, const struct edge *e)
{
	const char *last = NULL;

	for (size_t i = 0; i < e->argv.len; i++) {
		const char *origin = e->argv.v[i].origin;

		if (!origin)
			continue;
		if (last && str_eq(origin, last))
			sb_putf(b, " %s", e->argv.v[i].s);
		else
			sb_putf(b, "%s# %s: %s", last ? "\n" : "", origin, e->argv.v[i].s);
		last = origin;
	}
	if (last)
		sb_put(b, "\n");
}

static void put_command(struct arena *a, struct sb *b, const struct flags *argv)
{
	for (size_t i = 0; i < argv->len; i++)
		sb_putf(b, "%s%s", i ? " " : "", make_word(a, argv->v[i].s));
}

static void put_rule(struct arena *a, struct sb *b, const struct edge *e)
{
	put_origins(b, e);
	for (size_t i = 0; i < e->outputs.len; i++)
		sb_putf(b, "%s%s", i ? " " : "", make_path(a, e->outputs.v[i]));
	sb_put(b, e->outputs.len > 1 ? " &:" : ":");
	for (size_t i = 0; i < e->inputs.len; i++)
		sb_putf(b, " %s", make_path(a, e->inputs.v[i]));
	/* $(info) costs no process; make starts the command itself, without a shell. */
	sb_putf(b, "\n\t@$(info #%s %s)", e->verb, make_label(a, e->label));
	if (e->launcher)
		sb_putf(b, "%s ", make_word(a, e->launcher));
	put_command(a, b, &e->argv);
	for (size_t i = 0; i < e->then.len; i++) {
		sb_put(b, "\n\t@");
		put_command(a, b, &e->then.v[i]);
	}
	sb_put(b, "\n\n");
}

const char *plan_makefile(struct arena *a, const struct edges *edges, const char *title)
{
	struct sb b;

	sb_init(&b, a);
	sb_putf(&b,
		"# %s: generated by ukbuild, do not edit.\n"
		"MAKEFLAGS += --no-builtin-rules --no-builtin-variables\n"
		".SUFFIXES:\n.DELETE_ON_ERROR:\n.PHONY: all\nall:",
		title);
	for (size_t i = 0; i < edges->len; i++)
		sb_putf(&b, " %s", make_path(a, edges->v[i]->outputs.v[0]));
	sb_put(&b, "\n\n");
	for (size_t i = 0; i < edges->len; i++)
		put_rule(a, &b, edges->v[i]);
	for (size_t i = 0; i < edges->len; i++)
		if (edges->v[i]->depfile)
			sb_putf(&b, "-include %s\n", make_path(a, edges->v[i]->depfile));
	return sb_str(&b);
}

static void add_commands(json_t *list, const struct edges *edges)
{
	for (size_t i = 0; i < edges->len; i++) {
		const struct edge *e = edges->v[i];
		json_t *words, *o;

		if (!e->depfile)
			continue;
		words = json_array();
		for (size_t k = 0; k < e->argv.len; k++)
			json_array_append_new(words, json_string(e->argv.v[k].s));
		o = json_object();
		json_object_set_new(o, "directory", json_string("/"));
		json_object_set_new(o, "file", json_string(e->inputs.v[0]));
		json_object_set_new(o, "output", json_string(e->made ? e->made : e->outputs.v[0]));
		json_object_set_new(o, "arguments", words);
		json_array_append_new(list, o);
	}
}

const char *plan_compile_commands(struct arena *a, const struct edges *app,
				  const struct edges *rest)
{
	json_t *list = json_array();
	const char *text;

	add_commands(list, app);
	add_commands(list, rest);
	text = json_text(a, list);
	json_decref(list);
	return text;
}
