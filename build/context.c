/* SPDX-License-Identifier: BSD-2-Clause */
/* What commands share: the manifest with the command line's changes. See cmd.h. */
#include "base/arena.h"
#include "base/diag.h"
#include "base/log.h"
#include "base/str.h"
#include "cmd.h"
#include "manifest.h"
#include <string.h>

/* --platform A,B in place of the manifest's list. */
static int override_platforms(struct ctx *c, struct manifest *m)
{
	static const struct loc loc = {"--platform", 0, 0};
	struct mstrs list = {0};

	for (const char *p = c->platform;;) {
		size_t len = strcspn(p, ",");
		const char *name;

		if (!len)
			return diag_fail_at(c->d, DIAG_USAGE, loc, "an empty name in '%s'",
					    c->platform);
		name = arena_memdup(c->a, p, len);
		for (size_t i = 0; i < list.len; i++)
			if (str_eq(list.v[i].s, name))
				return diag_fail_at(c->d, DIAG_USAGE, loc,
						    "platform '%s' stands twice in '%s'", name,
						    c->platform);
		vec_push(c->a, &list, (struct mstr){name, loc});
		if (!p[len])
			break;
		p += len + 1;
	}
	m->platforms = list;
	return 0;
}

struct manifest *ctx_manifest(struct ctx *c)
{
	struct manifest *m = manifest_load(c->a, c->manifest_path, c->d);

	if (!m)
		return NULL;
	if (c->platform && override_platforms(c, m) != 0)
		return NULL;
	if (c->harden && manifest_override_harden(c->a, m, "--harden", c->harden, c->d) != 0)
		return NULL;
	if (c->seed)
		m->harden.seed = (struct mstr){c->seed, {"--seed", 0, 0}};
	return m;
}

static const char *platform_names(struct arena *a, const struct manifest *m)
{
	struct strs names = {0};

	for (size_t i = 0; i < m->platforms.len; i++)
		strs_push(a, &names, m->platforms.v[i].s);
	return strs_join(a, &names, ", ");
}

const char *ctx_one_platform(struct ctx *c, const struct manifest *m)
{
	if (m->platforms.len == 1)
		return m->platforms.v[0].s;
	if (c->platform) {
		(void)diag_fail(c->d, DIAG_USAGE, "'ukbuild %s' takes one platform, not '%s'",
				c->command, c->platform);
		return NULL;
	}
	log_info("for platform '%s' of %s ('--platform' chooses)", m->platforms.v[0].s,
		 platform_names(c->a, m));
	return m->platforms.v[0].s;
}

static bool is_same_place(struct loc x, struct loc y)
{
	return x.path && y.path && str_eq(x.path, y.path) && x.line == y.line && x.col == y.col;
}

void ctx_note_platform(struct ctx *c, const struct manifest *m, size_t index, size_t errors)
{
	const struct mstr *p = &m->platforms.v[index];

	bool is_said = m->platforms.len == 1 || c->d->errors == errors;

	/* An error about the name itself needs no note. */
	for (size_t i = c->d->len; i-- > 0 && !is_said;)
		if (c->d->v[i].severity == DIAG_ERROR) {
			is_said = is_same_place(c->d->v[i].loc, p->loc);
			break;
		}
	if (!is_said)
		diag_note(c->d, p->loc, "this was for platform '%s'", p->s);
}
