/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kconfig-frontends as a process: builds the file that sources all units, writes the requests as a
 * .config, runs kconfig-conf and compares. Outcomes are kept under the hash of everything that the
 * program read, so a configuration that was computed once is not computed again.
 *
 * Generated for the units: promptless NEEDS_* and HAS_* symbols (any unit may mention them, none must
 * declare them), CC_HAS_* from the compiler's probes, and a choice for each interface that more than
 * one library provides.
 */
#include "kconf.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/proc.h"
#include "kconf_check.h"
#include "tool.h"
#include "tree.h"

#define KCONFIG_MAX_BYTES (1u << 20)
#define CONF_TIMEOUT_MS 60000

/* A unit's Kconfig file while the root is built. */
struct unit_file {
	const struct unit *unit;
	const char *path, *text;
	const char *group; /* interface that others provide too, or NULL */
	bool is_again;     /* another platform of the same folder came before */
};

struct unit_files {
	struct unit_file *v;
	size_t len, cap;
};

/* Units of the same kind that provide interface. */
static size_t count_providers(const struct tree *t, const struct unit *u, const char *interface)
{
	size_t n = 0;

	for (size_t i = 0; i < t->len; i++)
		for (size_t k = 0; t->v[i]->kind == u->kind && k < t->v[i]->provides.len; k++)
			if (str_eq(t->v[i]->provides.v[k].s, interface)) {
				n++;
				break;
			}
	return n;
}

static const char *group_of(const struct tree *t, const struct unit *u)
{
	for (size_t i = 0; i < u->provides.len; i++)
		if (count_providers(t, u, u->provides.v[i].s) > 1)
			return u->provides.v[i].s;
	return NULL;
}

/* The file of a unit; platforms of one folder share theirs, which is read once. */
static int read_unit(struct arena *a, const struct unit *u, struct kconf *k,
		     struct unit_files *files, struct hash *h, struct unit_file *ret,
		     struct diags *d)
{
	const char *path = path_join(a, u->dir, "Kconfig");
	char *text;
	size_t len;

	for (size_t i = 0; i < files->len; i++)
		if (str_eq(files->v[i].path, path)) {
			*ret = files->v[i];
			ret->unit = u;
			ret->is_again = true;
			return 0;
		}
	if (file_read(a, path, KCONFIG_MAX_BYTES, &text, &len, d) ||
	    kconf_parse(a, k, u, path, text, len, d))
		return -1;
	hash_add_str(h, text);
	*ret = (struct unit_file){.unit = u, .path = path, .text = text};
	return 0;
}

static int read_units(struct arena *a, const struct tree *t, struct kconf *k,
		      struct unit_files *files, struct hash *h, struct diags *d)
{
	size_t errors = d->errors;

	for (size_t i = 0; i < t->len; i++) {
		const struct unit *u = t->v[i];
		const size_t *index;
		struct unit_file f;

		if (read_unit(a, u, k, files, h, &f, d))
			return -1;
		f.group = group_of(t, u);
		vec_push(a, files, f);
		index = map_get(k->by_name, u->config, NULL);
		if (index)
			k->v[*index].unit = u;
		else
			(void)diag_error(d, (struct loc){f.path, 0, 0},
					 "%s '%s' does not declare its option '%s'",
					 unit_kind_name(u->kind), u->name, u->config);
	}
	return d->errors == errors ? 0 : -1;
}

static bool is_interface(const char *name)
{
	return str_starts(name, "NEEDS_") || str_starts(name, "HAS_");
}

static int compare_names(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* Symbols that expressions name and nobody declares: interfaces are made, others are mistakes. */
static int put_interfaces(struct arena *a, struct kconf *k, const struct tools *tools,
			  struct sb *out, struct diags *d)
{
	struct strs names = {0};
	size_t errors = d->errors;

	for (size_t i = 0; i < k->mentions_len; i++) {
		const struct kconf_mention *m = &k->mentions[i];

		if (kconf_find(k, m->name))
			continue;
		if (is_interface(m->name) || str_starts(m->name, "CC_HAS_"))
			strs_add(a, &names, m->name);
		else
			(void)diag_error(d, m->loc, "no Kconfig file declares '%s'", m->name);
	}
	for (size_t i = 0; i < k->len; i++)
		for (size_t j = 0; j < k->v[i].selects.len; j++)
			if (is_interface(k->v[i].selects.v[j]) &&
			    !kconf_find(k, k->v[i].selects.v[j]))
				strs_add(a, &names, k->v[i].selects.v[j]);
	for (size_t i = 0; i < tools->features.len; i++)
		strs_add(a, &names, arena_printf(a, "CC_HAS_%s", tools->features.v[i]));
	if (names.len)
		qsort(names.v, names.len, sizeof(*names.v), compare_names);
	for (size_t i = 0; i < names.len; i++) {
		const char *n = names.v[i];

		if (str_starts(n, "CC_HAS_"))
			sb_putf(out, "config %s\n\tdef_bool %s\n\n", n,
				strs_has(&tools->features, n + 7) ? "y" : "n");
		else
			sb_putf(out, "config %s\n\tbool\n\n", n);
	}
	return d->errors == errors ? 0 : -1;
}

/* The last line of the entry that declares s, help text included: the next entry's first line - 1. */
static unsigned end_of_entry(const struct kconf_symbol *s, const char *text)
{
	static const char *const tops[] = {"config ", "menuconfig ", "if ",     "endif",  "choice",
					   "menu ",   "endmenu",     "comment", "source "};
	unsigned line = 1, last = 0;

	while (*text) {
		if (line > s->loc.line)
			for (size_t i = 0; i < ARRAY_LEN(tops); i++)
				if (str_starts(text, tops[i]))
					return line - 1;
		last = line++;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return last;
}

/* The group of the file's unit, or of another platform of its folder. */
static const char *file_group(const struct unit_files *files, const struct unit_file *f)
{
	for (size_t i = 0; i < files->len; i++)
		if (files->v[i].group && str_eq(files->v[i].path, f->path))
			return files->v[i].group;
	return NULL;
}

/* Whether line of path is in the entry that declares the option of a unit of the group. */
static bool is_member_line(const struct kconf *k, const struct unit_files *files, const char *group,
			   const char *path, unsigned line)
{
	for (size_t i = 0; i < files->len; i++) {
		const struct unit_file *f = &files->v[i];
		const struct kconf_symbol *s = kconf_find(k, f->unit->config);

		if (s && f->group && str_eq(f->group, group) && str_eq(f->path, path) &&
		    str_eq(s->loc.path, path) && line >= s->loc.line &&
		    line <= end_of_entry(s, f->text))
			return true;
	}
	return false;
}

/* All providers of one interface: their own entries in a choice, the rest of their files after it. */
static void put_choice(const struct kconf *k, const struct unit_files *files, const char *group,
		       struct sb *out)
{
	sb_putf(out, "choice\n\tprompt \"provider of %s\"\n\toptional\n\n", group);
	for (int inside = 1; inside >= 0; inside--) {
		for (size_t i = 0; i < files->len; i++) {
			const struct unit_file *f = &files->v[i];
			const char *own = file_group(files, f);
			unsigned line = 1;

			if (f->is_again || !own || !str_eq(own, group))
				continue;
			for (const char *s = f->text; *s; line++) {
				size_t len = strcspn(s, "\n");

				if (is_member_line(k, files, group, f->path, line) == inside) {
					sb_putn(out, s, len);
					sb_put(out, "\n");
				}
				s += len + (s[len] == '\n');
			}
		}
		if (inside)
			sb_put(out, "\nendchoice\n\n");
	}
}

static void put_kind(struct arena *a, const struct kconf *k, const struct unit_files *files,
		     enum unit_kind kind, const char *title, struct sb *out)
{
	struct strs groups = {0};

	sb_putf(out, "menu \"%s\"\n\n", title);
	for (size_t i = 0; i < files->len; i++) {
		const struct unit_file *f = &files->v[i];
		const char *group;

		if (f->unit->kind != kind)
			continue;
		group = file_group(files, f);
		if (f->is_again)
			continue;
		if (!group)
			sb_putf(out, "source \"%s\"\n", f->path);
		else if (strs_add(a, &groups, group))
			put_choice(k, files, group, out);
	}
	sb_put(out, "\nendmenu\n\n");
}

/* Members of a generated choice exclude each other: messages want to say so. */
static void mark_choices(struct arena *a, struct kconf *k, const struct unit_files *files)
{
	struct strs groups = {0};

	for (size_t i = 0; i < files->len; i++)
		if (files->v[i].group)
			strs_add(a, &groups, files->v[i].group);
	for (size_t g = 0; g < groups.len; g++) {
		k->choices++;
		for (size_t i = 0; i < files->len; i++) {
			const size_t *index = map_get(k->by_name, files->v[i].unit->config, NULL);

			if (index && files->v[i].group && str_eq(files->v[i].group, groups.v[g]))
				k->v[*index].choice = k->choices;
		}
	}
}

struct kconf *kconf_read(struct arena *a, const struct tree *t, const struct tools *tools,
			 struct diags *d)
{
	struct kconf *k = arena_alloc(a, sizeof(*k));
	struct unit_files files = {0};
	uint8_t bytes[HASH_BYTES];
	char hex[HASH_HEX];
	struct hash h;
	struct sb out;
	char *text;
	size_t len;

	hash_init(&h);
	k->root = path_join(a, t->home, "kconfig/Kconfig");
	if (file_read(a, k->root, KCONFIG_MAX_BYTES, &text, &len, d) ||
	    kconf_parse(a, k, NULL, k->root, text, len, d))
		return NULL;
	hash_add_str(&h, text);
	sb_init(&out, a);
	if (read_units(a, t, k, &files, &h, d) || put_interfaces(a, k, tools, &out, d))
		return NULL;
	mark_choices(a, k, &files);
	put_kind(a, k, &files, UNIT_PLATFORM, "Platform", &out);
	put_kind(a, k, &files, UNIT_LIB, "Libraries", &out);
	put_kind(a, k, &files, UNIT_MECHANISM, "Hardening", &out);
	k->units = sb_str(&out);
	hash_add_str(&h, k->units);
	hash_end(&h, bytes);
	hash_hex(bytes, hex);
	k->stamp = arena_strdup(a, hex);
	return k;
}

/* The requests in the form of a .config. */
static const char *request_text(struct arena *a, const struct kconf *k,
				const struct kconf_request *requests, size_t len)
{
	struct sb b;

	sb_init(&b, a);
	for (size_t i = 0; i < len; i++) {
		const struct kconf_request *r = &requests[i];
		const struct kconf_symbol *s = kconf_find(k, r->name);

		if (str_eq(r->val, "n"))
			sb_putf(&b, "# CONFIG_%s is not set\n", r->name);
		else if (s && s->type && str_eq(s->type, "string"))
			sb_putf(&b, "CONFIG_%s=\"%s\"\n", r->name, r->val);
		else
			sb_putf(&b, "CONFIG_%s=%s\n", r->name, r->val);
	}
	return sb_str(&b);
}

static const char *find_program(struct arena *a, const char *name, struct diags *d)
{
	const char *path = proc_which(a, name);

	if (!path) {
		(void)diag_fail(d, DIAG_TOOL, "there is no '%s' in PATH", name);
		(void)diag_hint(d, "install the package kconfig-frontends-nox");
	}
	return path;
}

/* Hash of all that decides the outcome. */
static const char *outcome_key(struct arena *a, const struct kconf *k, const char *text)
{
	uint8_t bytes[HASH_BYTES];
	char hex[HASH_HEX];
	struct hash h;

	hash_init(&h);
	hash_add_str(&h, k->root);
	hash_add_str(&h, k->stamp);
	hash_add_str(&h, text);
	hash_end(&h, bytes);
	hash_hex(bytes, hex);
	return arena_memdup(a, hex, 32);
}

static const char *const *conf_env(struct arena *a, const char *units, const char *config)
{
	const char **env = arena_array(a, 4, sizeof(*env));

	env[0] = arena_printf(a, "UKBUILD_UNITS=%s", units);
	env[1] = arena_printf(a, "KCONFIG_CONFIG=%s", config);
	env[2] = "LC_ALL=C";
	return env;
}

static int read_config(struct arena *a, const char *path, struct kconf_values *ret, struct diags *d)
{
	char *text;
	size_t len;

	if (file_read(a, path, KCONFIG_MAX_BYTES, &text, &len, d))
		return -1;
	return kconf_parse_config(a, path, text, len, ret, d);
}

/* Writes the units' file; its name holds its hash, so builds that run side by side agree. */
static int write_units(struct arena *a, const struct kconf *k, const char *dir,
		       const char **ret_path, struct diags *d)
{
	*ret_path = arena_printf(a, "%s/units-%.16s", dir, k->stamp);
	return file_write_if_changed(*ret_path, k->units, strlen(k->units), NULL, d);
}

int kconf_run(struct arena *a, const struct kconf *k, const char *dir,
	      const struct kconf_request *requests, size_t len, struct kconf_values *ret,
	      struct diags *d)
{
	const char *text = request_text(a, k, requests, len);
	const char *key = outcome_key(a, k, text);
	const char *done = arena_printf(a, "%s/%s.config", dir, key);
	const char *config = arena_printf(a, "%s/%s.request", dir, key);
	struct proc_opts opts = {
		.flags = PROC_CAPTURE_OUT | PROC_MERGE_ERR | PROC_STDIN_NULL,
		.timeout_ms = CONF_TIMEOUT_MS,
		.cwd = dir, /* its temporary file goes there, and is renamed to its place */
	};
	struct proc_result r;
	struct diags ignored; /* an outcome that was damaged is found again */
	const char *program, *units;

	if (kconf_check_requests(a, k, requests, len, d))
		return -1;
	diags_init(&ignored, a);
	if (file_exists(done) && read_config(a, done, ret, &ignored) == 0)
		return 0;
	*ret = (struct kconf_values){0};
	program = find_program(a, "kconfig-conf", d);
	if (!program || write_units(a, k, dir, &units, d) ||
	    file_write(config, text, strlen(text), d))
		return -1;
	opts.env = conf_env(a, units, config);
	if (proc_run(a, (const char *const[]){program, "--olddefconfig", k->root, NULL}, &opts, &r,
		     d))
		return -1;
	if (r.status == 0 && read_config(a, config, ret, d))
		return -1;
	if (kconf_check_outcome(a, k, requests, len, r.status == 0 ? ret : NULL, r.out, d))
		return -1;
	return file_copy(config, done, d);
}

int kconf_menu(struct arena *a, const struct kconf *k, const char *dir,
	       const struct kconf_request *requests, size_t len, struct kconf_values *ret,
	       struct diags *d)
{
	const char *config = path_join(a, dir, "menu.config");
	const char *text = request_text(a, k, requests, len);
	struct proc_opts opts = {.flags = PROC_FOREGROUND, .cwd = dir};
	struct proc_result r;
	const char *program, *units;

	program = proc_which(a, "kconfig-nconf");
	if (!program)
		program = find_program(a, "kconfig-mconf", d);
	if (!program || write_units(a, k, dir, &units, d) ||
	    file_write(config, text, strlen(text), d))
		return -1;
	opts.env = conf_env(a, units, config);
	if (proc_check(a, (const char *const[]){program, k->root, NULL}, &opts, &r, d))
		return -1;
	return read_config(a, config, ret, d);
}
