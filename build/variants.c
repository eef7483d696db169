/* SPDX-License-Identifier: BSD-2-Clause */
#include "variants.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "manifest.h"
#include "tree.h"

#include <ctype.h>
#include <string.h>

#define KCONFIG_MAX_BYTES (1u << 20)
#define MECHANISM_PREFIX "HARDEN_"

/* The level of a mechanism in a profile, or NULL. */
static const char *level_in(const struct profile *p, const char *mechanism)
{
	size_t i;

	for (i = 0; p && i < p->len; i++)
		if (str_eq(p->v[i].mechanism, mechanism))
			return p->v[i].level;
	return NULL;
}

const char *variants_level(const struct tree *t, const struct unit *mech)
{
	const char *level = level_in(tree_profile(t, "default"), mech->name);

	if (level && !str_eq(level, "off"))
		return level;
	return mech->level_names.len ? mech->level_names.v[mech->level_names.len - 1].s : "on";
}

/* "HARDEN_NULLPAGE && !HARDEN_XOM": each positive name, lower case, without the prefix. */
static void take_depends(struct arena *a, const char *line, size_t len, struct strs *ret)
{
	const char *end = line + len;

	while (line < end) {
		size_t n = 0, k;
		char *name;

		while (line + n < end && (isalnum((unsigned char)line[n]) || line[n] == '_'))
			n++;
		if (n > strlen(MECHANISM_PREFIX) && line[-1] != '!' &&
		    str_starts(line, MECHANISM_PREFIX)) {
			name = arena_memdup(a, line + strlen(MECHANISM_PREFIX),
					    n - strlen(MECHANISM_PREFIX));
			for (k = 0; name[k]; k++)
				name[k] = (char)tolower((unsigned char)name[k]);
			strs_add(a, ret, name);
		}
		line += n ? n : 1;
	}
}

void variants_read_kconfig(struct arena *a, const char *text, const char **ret_prompt,
			   struct strs *ret_depends)
{
	bool is_first = true; /* of the config blocks: the mechanism itself */
	unsigned configs = 0;

	*ret_prompt = NULL;
	while (*text && is_first) {
		size_t len = strcspn(text, "\n");

		if (str_starts(text, "config ") || str_starts(text, "choice"))
			is_first = ++configs <= 1;
		else if (configs == 1 && !*ret_prompt && str_starts(text, "\tbool \""))
			*ret_prompt = arena_memdup(a, text + strlen("\tbool \""),
						   strcspn(text + strlen("\tbool \""), "\"\n"));
		else if (configs == 1 && str_starts(text, "\tdepends on "))
			take_depends(a, text + strlen("\tdepends on "),
				     len - strlen("\tdepends on "), ret_depends);
		text += len + (text[len] == '\n');
	}
}

static void push_variant(struct arena *a, struct variants *l, const char *name, const char *spec,
			 const char *stops)
{
	struct variant v = {name, spec, stops};

	vec_push(a, l, v);
}

/* "wx, canary=strong": what a profile switches on. */
static const char *profile_text(struct arena *a, const struct profile *p)
{
	struct strs words = {0};
	size_t i;

	for (i = 0; p && i < p->len; i++) {
		if (str_eq(p->v[i].level, "off"))
			continue;
		if (str_eq(p->v[i].level, "on"))
			strs_push(a, &words, p->v[i].mechanism);
		else
			strs_pushf(a, &words, "%s=%s", p->v[i].mechanism, p->v[i].level);
	}
	return words.len ? strs_join(a, &words, ", ") : "nothing";
}

static void push_profile(struct arena *a, const struct tree *t, const char *name,
			 struct variants *ret)
{
	const struct profile *p = tree_profile(t, name);

	if (p)
		push_variant(a, ret, name, name, profile_text(a, p));
}

/* The names in mech's Kconfig file that are mechanisms; all that these need in their turn follow. */
static int add_needs(struct arena *a, const struct tree *t, const struct unit *mech,
		     const char **ret_prompt, struct strs *ret, struct diags *d)
{
	const char *path = path_join(a, mech->dir, "Kconfig"), *ignored;
	struct strs depends = {0};
	size_t len;
	char *text;

	if (file_read(a, path, KCONFIG_MAX_BYTES, &text, &len, d))
		return -1;
	variants_read_kconfig(a, text, ret_prompt ? ret_prompt : &ignored, &depends);
	for (size_t i = 0; i < depends.len; i++) {
		const struct unit *on = tree_find(t, UNIT_MECHANISM, depends.v[i]);

		/* Each name once: the recursion ends. */
		if (on && on != mech && !strs_has(ret, on->name)) {
			strs_push(a, ret, on->name);
			if (add_needs(a, t, on, NULL, ret, d))
				return -1;
		}
	}
	return 0;
}

int variants_needs(struct arena *a, const struct tree *t, const struct unit *mech, struct strs *ret,
		   struct diags *d)
{
	return add_needs(a, t, mech, NULL, ret, d);
}

/* One mechanism over none, with what its Kconfig file says it depends on. */
static int push_alone(struct arena *a, const struct tree *t, const struct unit *mech,
		      const char *name, const char *level, struct variants *ret, struct diags *d)
{
	const char *prompt = NULL;
	struct strs needs = {0};
	struct sb spec, stops;

	if (add_needs(a, t, mech, &prompt, &needs, d))
		return -1;
	sb_init(&spec, a);
	sb_init(&stops, a);
	sb_put(&spec, "none");
	sb_put(&stops, prompt ? prompt : mech->name);
	for (size_t i = needs.len; i-- > 0;) {
		const struct unit *on = tree_find(t, UNIT_MECHANISM, needs.v[i]);

		sb_putf(&spec, ",%s=%s", on->name, variants_level(t, on));
		sb_putf(&stops, " (with %s)", on->name);
	}
	sb_putf(&spec, ",%s=%s", mech->name, level);
	push_variant(a, ret, name, sb_str(&spec), sb_str(&stops));
	return 0;
}

void variants_other_levels(struct arena *a, const struct tree *t, const struct unit *mech,
			   struct strs *ret)
{
	for (size_t i = 0; i < mech->level_names.len; i++) {
		const char *level = mech->level_names.v[i].s;

		if (!str_eq(level, "off") && !str_eq(level, variants_level(t, mech)))
			strs_pushf(a, ret, "%s=%s", mech->name, level);
	}
}

/* Those of mech's other levels that are named in only. */
static int push_levels(struct arena *a, const struct tree *t, const struct unit *mech,
		       const struct strs *only, struct variants *ret, struct diags *d)
{
	struct strs names = {0};

	variants_other_levels(a, t, mech, &names);
	for (size_t i = 0; i < names.len; i++)
		if (strs_has(only, names.v[i]) &&
		    push_alone(a, t, mech, names.v[i], strchr(names.v[i], '=') + 1, ret, d))
			return -1;
	return 0;
}

static int keep_only(const struct strs *only, struct variants *l, struct diags *d)
{
	size_t i, k, kept = 0;

	for (i = 0; i < only->len; i++) {
		for (k = 0; k < l->len && !str_eq(l->v[k].name, only->v[i]); k++)
			;
		if (k == l->len) {
			diag_fail(d, DIAG_USAGE, "there is no variant '%s'", only->v[i]);
			return diag_hint(
				d, "variants: none, peer, default, max, a mechanism's name, with "
				   "'=LEVEL' at another level, "
				   "manifest (when it has keys of its own)");
		}
	}
	for (i = 0; i < l->len; i++)
		if (!only->len || strs_has(only, l->v[i].name))
			l->v[kept++] = l->v[i];
	l->len = kept;
	return 0;
}

int variants_of(struct arena *a, const struct tree *t, const struct manifest *m,
		const struct strs *only, struct variants *ret, struct diags *d)
{
	size_t i;

	push_profile(a, t, "none", ret);
	push_profile(a, t, "peer", ret);
	for (i = 0; i < t->len; i++)
		if (t->v[i]->kind == UNIT_MECHANISM &&
		    (push_alone(a, t, t->v[i], t->v[i]->name, variants_level(t, t->v[i]), ret, d) ||
		     push_levels(a, t, t->v[i], only, ret, d)))
			return -1;
	push_profile(a, t, "default", ret);
	push_profile(a, t, "max", ret);
	if (m->harden.mechs.len)
		push_variant(a, ret, "manifest", NULL, "what the manifest asks for");
	return keep_only(only, ret, d);
}
