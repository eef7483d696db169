/* SPDX-License-Identifier: BSD-2-Clause */
#include "build.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/str.h"
#include "cmd.h"
#include "elf.h"
#include "flags.h"
#include "inspect.h"
#include "lock.h"
#include "manifest.h"
#include "passes.h"
#include "run.h"
#include "scan.h"
#include "source.h"
#include "source_app.h"
#include "stamp.h"
#include "tree.h"

/* m with spec applied; m itself and its lists stay as they are. */
static const struct manifest *with_spec(struct ctx *c, const struct manifest *m, const char *spec)
{
	struct manifest *copy;
	struct mpairs *mechs;

	if (!spec)
		return m;
	copy = (void *)arena_memdup(c->a, m, sizeof(*m));
	mechs = &copy->harden.mechs;
	mechs->v = (void *)arena_memdup(c->a, mechs->v, mechs->len * sizeof(*mechs->v));
	mechs->cap = mechs->len;
	return manifest_override_harden(c->a, copy, "--harden", spec, c->d) ? NULL : copy;
}

/* The profile's name, and a hash of the levels where they are not the profile's own. */
static const char *variant_name(struct arena *a, const struct tree *t, const struct selection *sel,
				const struct manifest *m, const char *seed_hex, bool is_reordered)
{
	const struct profile *p = tree_profile(t, m->harden.profile.s);
	bool is_plain = true;
	uint8_t bytes[HASH_BYTES];
	char hex[HASH_HEX];
	struct hash h;

	hash_init(&h);
	for (size_t i = 0; i < sel->mechs_len; i++) {
		const struct mech_level *l = &sel->mechs[i];
		const char *own = "off";

		for (size_t k = 0; p && k < p->len; k++)
			if (str_eq(p->v[k].mechanism, l->mech->name))
				own = p->v[k].level;
		is_plain = is_plain && str_eq(own, l->left_out ? l->left_out : l->level);
		hash_add_str(&h, l->mech->name);
		hash_add_str(&h, l->level);
	}
	if (m->kconfig.len || seed_hex || m->harden.seed.s || m->attack_files)
		is_plain = false;
	for (size_t i = 0; i < m->kconfig.len; i++) {
		hash_add_str(&h, m->kconfig.v[i].key.s);
		hash_add_str(&h, m->kconfig.v[i].val.s);
	}
	hash_add_str(&h, seed_hex ? seed_hex : m->harden.seed.s ? m->harden.seed.s : "");
	hash_add_str(&h, is_reordered ? "reordered" : "");
	hash_add_str(&h, !m->attack_files ? "" : m->is_attack_verified ? "verified" : "attacks");
	hash_end(&h, bytes);
	hash_hex(bytes, hex);
	return is_plain ? m->harden.profile.s
			: arena_printf(a, "%s+%.8s", m->harden.profile.s, hex);
}

static int prepare_unit(struct ctx *c, const struct unit *u, const char **ret)
{
	const struct source s = source_of_unit(c->a, u);

	return source_prepare(c->a, &s, c->source_cache, ret, c->d);
}

/* The C library's source, unpacked; the empty folder name when no unit has one. */
static int prepare_source(struct ctx *c, const struct tree *t, const char **ret)
{
	*ret = c->home;
	for (size_t i = 0; i < t->len; i++)
		if (t->v[i]->source && t->v[i]->public_includes.len)
			return prepare_unit(c, t->v[i], ret);
	return 0;
}

static int scan(struct ctx *c, struct pipeline *p)
{
	struct strs objects = {0};
	struct scan_source *sources = arena_array(c->a, p->plan.app.len + 1, sizeof(*sources));
	const char *cache = path_join(c->a, c->out_dir, "cache");

	for (size_t i = 0; i < p->plan.app.len; i++) {
		const struct edge *e = p->plan.app.v[i];

		strs_push(c->a, &objects, e->outputs.v[0]);
		sources[i].path = e->inputs.v[0];
		/* argv[0] is the compiler; "-c" begins what is about input and output. */
		for (size_t k = 1; k < e->argv.len && !str_eq(e->argv.v[k].s, "-c"); k++)
			strs_push(c->a, &sources[i].flags, e->argv.v[k].s);
	}
	if (scan_objects(c->a, &p->tools, &objects, &p->scan, c->d))
		return -1;
	return scan_sources(c->a, c->self, cache, sources, p->plan.app.len, &p->scan, c->d);
}

/* Tools, tree, levels and where things go. */
static int begin(struct ctx *c, const struct manifest *m, const char *platform, struct pipeline *p)
{
	const struct tree *t;

	p->manifest = m;
	/* Shared by all applications: probing the compiler takes half a second. */
	if (tools_find(c->a, c->source_cache, &p->tools, c->d))
		return -1;
	t = tree_load(c->a, c->home, c->d);
	if (!t)
		return -1;
	p->tree = t;
	if (resolve_levels(c->a, t, m, platform, &p->sel, c->d))
		return -1;
	p->variant = variant_name(c->a, t, &p->sel, m, c->seed, c->is_reordered);
	p->in = (struct plan_in){
		.manifest = m,
		.tree = t,
		.tools = &p->tools,
		.sel = &p->sel,
		.home = c->home,
		.out_dir = c->out_dir,
		.shared_dir = c->shared_dir,
		.cache_dir = path_absolute(c->a, c->source_cache),
		.self = c->self,
		.launcher = c->launcher,
		.headers = map_new(c->a),
		.variant_dir = arena_printf(c->a, "%s/%s/%s-%s", c->out_dir, m->name.s, platform,
					    p->variant),
	};
	return prepare_source(c, t, &p->in.source_dir) ||
			       app_sources(c->a, m, c->source_cache, &p->in.app_sources, c->d) ||
			       passes_find(c->a, &p->in, c->seed, &p->in.passes, c->d) ||
			       flags_find_seed(c->a, &p->in, c->seed, &p->in.seed, c->d)
		       ? -1
		       : 0;
}

/* What resolve's reader needs to compile. */
struct reader {
	struct ctx *c;
	struct pipeline *p;
	struct map *known; /* object -> struct sel_file that has its symbols, of this run */
};

/* Compiles own files with their final flags and reads what they reference (see needs_reader). */
static int read_needs(void *arg, const struct selection *sel, struct sel_file *const *files,
		      size_t len, struct diags *d)
{
	const struct reader *r = arg;
	struct plan_in in = r->p->in;
	struct edges edges = {0}, unknown = {0};
	struct object_symbols *symbols;
	size_t n = 0;

	in.sel = sel;
	if (plan_files(r->c->a, &in, files, len, &edges, d))
		return -1;
	/* Resolution asks again in its next round; an object of the same command is the same. */
	for (size_t i = 0; i < len; i++) {
		const struct sel_file *k = map_get(r->known, edges.v[i]->outputs.v[0], NULL);

		if (!k) {
			vec_push(r->c->a, &unknown, edges.v[i]);
			continue;
		}
		files[i]->defines = k->defines;
		files[i]->needs = k->needs;
	}
	if (unknown.len && compile_run(r->c->a, &unknown, in.shared_dir,
				       path_join(r->c->a, in.variant_dir, "needs.mk"), "own files",
				       r->c->jobs, &r->p->stats, d))
		return -1;
	symbols = arena_array(r->c->a, len, sizeof(*symbols));
	for (size_t i = 0; i < len; i++)
		if (!map_get(r->known, edges.v[i]->outputs.v[0], NULL))
			symbols[n++].path = edges.v[i]->outputs.v[0];
	if (scan_symbols(r->c->a, &r->p->tools, symbols, n, d))
		return -1;
	n = 0;
	for (size_t i = 0; i < len; i++) {
		if (map_get(r->known, edges.v[i]->outputs.v[0], NULL))
			continue;
		files[i]->defines = symbols[n].defines;
		files[i]->needs = symbols[n++].needs;
	}
	for (size_t i = 0; i < len; i++)
		map_put(r->known, edges.v[i]->outputs.v[0], files[i]);
	return 0;
}

static int resolve_units(struct ctx *c, struct pipeline *p, const char *platform)
{
	struct reader reader = {c, p, map_new(c->a)};
	const struct needs_reader needs = {read_needs, &reader};
	const struct resolve_in in = {
		.tree = p->tree,
		.manifest = p->manifest,
		.scan = &p->scan,
		.tools = &p->tools,
		.platform = platform,
		.cache_dir = path_join(c->a, c->out_dir, "cache"),
		.source_dir = p->in.source_dir,
		.needs = &needs,
	};

	return resolve(c->a, &in, &p->sel, c->d);
}

static int write_compile_commands(struct ctx *c, const struct pipeline *p)
{
	const char *text = plan_compile_commands(c->a, &p->plan.app, &p->plan.rest);
	const char *path = path_join(c->a, p->in.variant_dir, "compile_commands.json");

	return file_write_if_changed(path, text, strlen(text), NULL, c->d);
}

int build_scan(struct ctx *c, const struct manifest *m, const char *platform,
	       const char *harden_spec, struct pipeline *p)
{
	m = with_spec(c, m, harden_spec);
	if (!m || begin(c, m, platform, p) || plan_app(c->a, &p->in, &p->plan, c->d))
		return -1;
	p->is_app_bad =
		compile_run(c->a, &p->plan.app, NULL, path_join(c->a, p->in.variant_dir, "app.mk"),
			    "application objects", c->jobs, &p->stats, c->d) ||
		scan(c, p);
	return p->is_app_bad ? -1 : 0;
}

int build_resolve(struct ctx *c, const struct manifest *m, const char *platform,
		  const char *harden_spec, struct pipeline *p)
{
	return build_scan(c, m, platform, harden_spec, p) || resolve_units(c, p, platform) ? -1 : 0;
}

int build_plan(struct ctx *c, const struct manifest *m, const char *platform,
	       const char *harden_spec, struct pipeline *p)
{
	const char *seed_file = NULL;

	if (build_resolve(c, m, platform, harden_spec, p))
		return -1;
	p->in.main_proto = p->scan.main_proto;
	if ((c->is_reordered || str_eq(selection_config(&p->sel, "NEEDS_LINK_ORDER"), "y")) &&
	    lock_seed(c->a, p->manifest, c->seed, p->in.variant_dir, &seed_file, c->d))
		return -1;
	if (plan_rest(c->a, &p->in, seed_file, &p->plan, c->d))
		return -1;
	return write_compile_commands(c, p);
}

int build_each(struct ctx *c, const struct manifest *m, build_stage *stage, build_show *show,
	       json_t *images)
{
	int err = 0;

	for (size_t i = 0; i < m->platforms.len; i++) {
		const char *platform = m->platforms.v[i].s;
		size_t errors = c->d->errors;
		struct pipeline p = {0};

		if (!stage(c, m, platform, NULL, &p)) {
			show(c, m, &p, platform, images);
			continue;
		}
		err = -1;
		if (p.is_app_bad)
			break;
		ctx_note_platform(c, m, i, errors);
	}
	return err;
}

/* Where the stamp of this request lies: its name holds all that was asked for. */
static const char *stamp_path(struct ctx *c, const struct manifest *m, const char *platform)
{
	uint8_t bytes[HASH_BYTES];
	char hex[HASH_HEX];
	struct hash h;

	hash_init(&h);
	hash_add_str(&h, m->dir);
	hash_add_str(&h, path_base(m->path));
	hash_add_str(&h, c->home);
	hash_add_str(&h, platform);
	hash_add_str(&h, m->harden.profile.s);
	for (size_t i = 0; i < m->harden.mechs.len; i++) {
		hash_add_str(&h, m->harden.mechs.v[i].key.s);
		hash_add_str(&h, m->harden.mechs.v[i].val.s);
	}
	for (size_t i = 0; i < m->files.len; i++)
		hash_add_str(&h, m->files.v[i].s);
	for (size_t i = 0; i < m->embedded.len; i++)
		hash_add_str(&h, m->embedded.v[i].s);
	hash_add_str(&h, c->seed ? c->seed : "");
	hash_add_str(&h, c->is_reordered ? "reordered" : "");
	hash_add_str(&h, m->is_attack_verified ? "verified" : "");
	for (size_t i = 0; m->attack_files && i < m->attack_files->len; i++)
		hash_add_str(&h, m->attack_files->v[i]);
	hash_end(&h, bytes);
	hash_hex(bytes, hex);
	return arena_printf(c->a, "%s/%s/stamps/%.32s", c->out_dir, m->name.s, hex);
}

/* Folders and fragments: a new unit, a changed option, an edited header. */
static void add_unit_files(struct arena *a, const struct tree *t, const struct unit *u,
			   struct stamp *s)
{
	const char *fragment = u->kind == UNIT_LIB        ? "lib.mk"
			       : u->kind == UNIT_PLATFORM ? "plat.mk"
							  : "harden.mk";

	strs_push(a, &s->files, u->dir);
	strs_push(a, &s->files, path_join(a, u->dir, fragment));
	strs_push(a, &s->files, path_join(a, u->dir, "Kconfig"));
	if (u->kind == UNIT_PLATFORM)
		strs_push(a, &s->files, tree_script(a, t, u));
	if (u->source) {
		strs_push(a, &s->files, arena_printf(a, "%s/%s.index", u->dir, u->name));
		for (size_t i = 0; i < u->source->patches.len; i++)
			strs_push(a, &s->files, path_join(a, u->dir, u->source->patches.v[i].s));
	}
}

/* What the manifest's third-party sources and embedded files are made from. */
static void add_manifest_files(struct ctx *c, const struct manifest *m, struct stamp *s)
{
	for (size_t i = 0; i < m->source.len; i++) {
		const struct source src = source_of_manifest(c->a, m, &m->source.v[i]);

		for (size_t k = 0; k < src.patches.len; k++)
			strs_push(c->a, &s->files, src.patches.v[k].path);
		if (src.script)
			strs_push(c->a, &s->files, src.script);
	}
	for (size_t i = 0; i < m->embedded.len; i++)
		strs_push(c->a, &s->files, path_join(c->a, m->dir, m->embedded.v[i].s));
}

static void add_inputs(struct ctx *c, const struct pipeline *p, struct stamp *s)
{
	static const char *const tops[] = {"libs",    "platforms",       "hardening",
					   "kconfig", "kconfig/Kconfig", "hardening/profiles.mk"};
	const struct edges *const lists[] = {&p->plan.app, &p->plan.rest};
	const char *const tools[] = {p->tools.cc,
				     p->tools.ld,
				     c->self,
				     path_absolute(c->a, p->manifest->path),
				     path_join(c->a, p->manifest->dir, "ukbuild.lock"),
				     p->plan.image,
				     arena_printf(c->a, "%s.ukmap", p->plan.image)};

	for (size_t i = 0; i < ARRAY_LEN(tops); i++)
		strs_push(c->a, &s->files, path_join(c->a, c->home, tops[i]));
	for (size_t i = 0; i < ARRAY_LEN(tools); i++)
		strs_push(c->a, &s->files, tools[i]);
	if (p->in.passes)
		strs_push(c->a, &s->files, p->in.passes->program);
	for (size_t i = 0; i < p->tree->len; i++)
		add_unit_files(c->a, p->tree, p->tree->v[i], s);
	add_manifest_files(c, p->manifest, s);
	for (size_t l = 0; l < ARRAY_LEN(lists); l++)
		for (size_t i = 0; i < lists[l]->len; i++) {
			const struct edge *e = lists[l]->v[i];

			if (!e->depfile)
				continue;
			strs_push(c->a, &s->files, e->inputs.v[0]);
			stamp_add_depfile(c->a, s, e->depfile);
		}
}

static void set(struct ctx *c, struct stamp *s, const char *key, const char *val)
{
	strs_push(c->a, &s->keys, key);
	strs_push(c->a, &s->vals, val);
}

/* Mechanisms of the profile that the platform refuses, each with the reason. */
static void find_left_out(struct ctx *c, const struct pipeline *p, struct strs *ret)
{
	for (size_t i = 0; i < p->sel.mechs_len; i++) {
		const struct mech_level *l = &p->sel.mechs[i];

		if (l->left_out)
			strs_pushf(c->a, ret, "%s=%s: %s", l->mech->name, l->left_out,
				   mechanism_status(l->mech, p->sel.platform->name)->reason);
	}
}

/* Random numbers whose sources nothing tests: rng is what asks for the tests. */
static void find_notes(struct ctx *c, const struct selection *sel, struct strs *ret)
{
	if (!str_eq(selection_config(sel, "NEEDS_SEED_TESTS"), "n"))
		return;
	for (size_t i = 0; i < sel->units_len; i++)
		if (str_eq(sel->units[i]->name, "random"))
			strs_push(c->a, ret,
				  "it draws random numbers, and nothing tests what they come from: "
				  "rng is off");
}

static int write_stamp(struct ctx *c, const struct pipeline *p, const struct built *b,
		       const char *path)
{
	struct stamp s = {{0}, {0}, {0}};

	set(c, &s, "platform", b->platform);
	set(c, &s, "profile", b->profile);
	set(c, &s, "variant", b->variant);
	set(c, &s, "image", b->image);
	set(c, &s, "dir", b->dir);
	set(c, &s, "bytes", arena_printf(c->a, "%" PRIu64, b->bytes));
	set(c, &s, "sha256", b->sha256);
	set(c, &s, "tools", p->tools.identity);
	for (size_t i = 0; i < b->left_out.len; i++)
		set(c, &s, "left-out", b->left_out.v[i]);
	for (size_t i = 0; i < b->notes.len; i++)
		set(c, &s, "note", b->notes.v[i]);
	set(c, &s, "include", p->tools.system_include);
	add_inputs(c, p, &s);
	return stamp_write(c->a, path, &s, c->d);
}

static bool from_stamp(struct ctx *c, const char *path, struct built *b)
{
	struct stamp s = {{0}, {0}, {0}};
	struct tools tools;
	const char *sha;

	if (!stamp_is_current(c->a, path, &s))
		return false;
	if (tools_find(c->a, c->source_cache, &tools, c->d) ||
	    !str_eq(tools.identity, stamp_get(&s, "tools")) || !stamp_get(&s, "include") ||
	    !str_eq(tools.system_include, stamp_get(&s, "include")))
		return false;
	b->platform = stamp_get(&s, "platform");
	b->profile = stamp_get(&s, "profile");
	b->variant = stamp_get(&s, "variant");
	b->image = stamp_get(&s, "image");
	b->dir = stamp_get(&s, "dir");
	sha = stamp_get(&s, "sha256");
	if (!b->platform || !b->profile || !b->variant || !b->image || !b->dir || !sha ||
	    strlen(sha) != sizeof(b->sha256) - 1 || !stamp_get(&s, "bytes"))
		return false;
	memcpy(b->sha256, sha, sizeof(b->sha256));
	for (size_t i = 0; i < s.keys.len; i++) {
		if (str_eq(s.keys.v[i], "left-out"))
			strs_push(c->a, &b->left_out, s.vals.v[i]);
		if (str_eq(s.keys.v[i], "note"))
			strs_push(c->a, &b->notes, s.vals.v[i]);
	}
	b->bytes = strtoull(stamp_get(&s, "bytes"), NULL, 10);
	b->sidecar = arena_printf(c->a, "%s.ukmap", b->image);
	b->is_current = true;
	return true;
}

/* Copies from to to, unless to has the same bytes. */
static int publish(struct ctx *c, const char *from, const char *to)
{
	char *text;
	size_t len;

	return file_read(c->a, from, ELF_MAX_BYTES, &text, &len, c->d) ||
			       file_write_if_changed(to, text, len, NULL, c->d)
		       ? -1
		       : 0;
}

static int make_image(struct ctx *c, struct pipeline *p, struct built *b)
{
	const char *makefile = path_join(c->a, p->in.variant_dir, "build.mk");
	uint64_t size;
	int64_t mtime;
	struct inspection found;
	size_t errors = c->d->errors; /* of other platforms */

	if (compile_run(c->a, &p->plan.rest, c->shared_dir, makefile, p->manifest->name.s, c->jobs,
			&p->stats, c->d))
		return -1;
	/*
	 * What was asked for and is not in the finished file is an error before anybody gets it. Attacks are
	 * code that no verifier could be content with, and the image without them is verified.
	 */
	if ((!p->manifest->attack_files || p->manifest->is_attack_verified) &&
	    (inspect_image(c->a, p->plan.linked_image, &found, c->d) || c->d->errors != errors))
		return -1;
	b->image = p->plan.image;
	b->sidecar = arena_printf(c->a, "%s.ukmap", p->plan.image);
	if (publish(c, arena_printf(c->a, "%s.ukmap", p->plan.linked_image), b->sidecar) ||
	    publish(c, p->plan.linked_image, b->image) || hash_file(b->image, b->sha256, c->d))
		return -1;
	if (file_stat(b->image, &size, &mtime))
		return diag_fail(c->d, DIAG_BUG, "'%s' vanished", b->image);
	b->bytes = size;
	b->dir = p->in.variant_dir;
	b->variant = p->variant;
	b->stats = p->stats;
	find_left_out(c, p, &b->left_out);
	find_notes(c, &p->sel, &b->notes);
	return 0;
}

/* What the platform's launcher wants beside the image. */
static int finish_image(struct ctx *c, const struct manifest *m, const struct built *b)
{
	const struct platform_host *host = run_host(b->platform);

	if (!host || !host->finish)
		return 0;
	return host->finish(c->a, b->image, m->name.s, m->memory_bytes.n, c->d);
}

static int build_or_find(struct ctx *c, const struct manifest *m, const char *platform,
			 const char *harden_spec, struct built *ret)
{
	struct pipeline p = {0};
	const char *stamp;

	m = with_spec(c, m, harden_spec);
	if (!m)
		return -1;
	*ret = (struct built){.platform = platform, .profile = m->harden.profile.s};
	stamp = stamp_path(c, m, platform);
	if (from_stamp(c, stamp, ret))
		return finish_image(c, m, ret);
	*ret = (struct built){.platform = platform, .profile = m->harden.profile.s};
	if (build_plan(c, m, platform, NULL, &p) || make_image(c, &p, ret) ||
	    finish_image(c, m, ret)) {
		ret->is_app_bad = p.is_app_bad;
		return -1;
	}
	return write_stamp(c, &p, ret, stamp);
}

static void keep_text(struct arena *a, const char **s)
{
	*s = *s ? arena_strdup(a, *s) : NULL;
}

static void keep_list(struct arena *a, struct strs *l)
{
	struct strs kept = {0};

	for (size_t i = 0; i < l->len; i++)
		strs_push(a, &kept, arena_strdup(a, l->v[i]));
	*l = kept;
}

/* Some commands build hundreds of images, and each takes tens of megabytes to plan and to verify. */
int build_image(struct ctx *c, const struct manifest *m, const char *platform,
		const char *harden_spec, struct built *ret)
{
	struct ctx own = *c;
	const char **const texts[] = {&ret->platform, &ret->profile, &ret->variant,
				      &ret->image,    &ret->sidecar, &ret->dir};
	int err;

	*ret = (struct built){0};
	own.a = arena_new();
	err = build_or_find(&own, m, platform, harden_spec, ret);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		keep_text(c->a, texts[i]);
	keep_list(c->a, &ret->left_out);
	keep_list(c->a, &ret->notes);
	arena_free(own.a);
	return err;
}
