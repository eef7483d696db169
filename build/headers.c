/* SPDX-License-Identifier: BSD-2-Clause */
#include "headers.h"

#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/str.h"
#include "plan.h"
#include "tool.h"
#include "tree.h"

/* Hex digits of the folder's name. */
#define HASH_DIGITS 16
/* Folders inside each other: a bound for links that go round. */
#define DEPTH_MAX 8

static int hash_headers(struct arena *a, const char *dir, unsigned depth, struct hash *h,
			struct diags *d)
{
	struct strs names = {0};

	if (depth > DEPTH_MAX)
		return diag_error(d, (struct loc){dir, 0, 0}, "more than %d folders deep",
				  DEPTH_MAX);
	if (file_list(a, dir, &names, d))
		return -1;
	for (size_t i = 0; i < names.len; i++) {
		const char *path = path_join(a, dir, names.v[i]);
		char hex[HASH_HEX];

		hash_add_str(h, names.v[i]);
		if (file_is_dir(path)) {
			if (hash_headers(a, path, depth + 1, h, d))
				return -1;
			hash_add_str(h, "/"); /* the folder ends here */
			continue;
		}
		if (hash_file(path, hex, d))
			return -1;
		hash_add_str(h, hex);
	}
	return 0;
}

static int missing(const struct system_header *h, const char *from, struct diags *d)
{
	(void)diag_fail_at(d, DIAG_TOOL, h->loc, "there are no system headers '%s' in %s",
			   h->folder, from);
	return diag_hint(d, "install the package %s", h->package);
}

const char *headers_folder(struct arena *a, const struct plan_in *in, const struct system_header *h,
			   struct diags *d)
{
	const char *from = path_join(a, in->tools->system_include, h->folder);
	char *ret = in->headers ? map_get(in->headers, h->folder, NULL) : NULL;
	uint8_t bytes[HASH_BYTES];
	char hex[HASH_HEX];
	struct hash hash;

	if (ret)
		return ret;
	if (!file_is_dir(from)) {
		(void)missing(h, in->tools->system_include, d);
		return NULL;
	}
	hash_init(&hash);
	hash_add_str(&hash, h->folder);
	if (hash_headers(a, from, 0, &hash, d))
		return NULL;
	hash_end(&hash, bytes);
	hash_hex(bytes, hex);
	ret = arena_printf(a, "%s/headers/%.*s", in->out_dir, HASH_DIGITS, hex);
	if (file_link(from, path_join(a, ret, h->folder), d))
		return NULL;
	if (in->headers)
		map_put(in->headers, h->folder, ret);
	return ret;
}
