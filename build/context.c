/* SPDX-License-Identifier: BSD-2-Clause */
/* What commands share: the manifest with the command line's changes. See cmd.h. */
#include "base/arena.h"
#include "base/diag.h"
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

		if (!len)
			return diag_fail_at(c->d, DIAG_USAGE, loc, "an empty name in '%s'",
					    c->platform);
		vec_push(c->a, &list, (struct mstr){arena_memdup(c->a, p, len), loc});
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
	if (c->harden && manifest_override_harden(c->a, m, c->harden, c->d) != 0)
		return NULL;
	if (c->seed)
		m->harden.seed = (struct mstr){c->seed, {"--seed", 0, 0}};
	return m;
}
