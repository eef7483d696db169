/* SPDX-License-Identifier: BSD-2-Clause */
#include "stamp.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"

#define STAMP_MAX_BYTES (16u << 20)
#define DEPFILE_MAX_BYTES (4u << 20)
/* First line: a stamp of another version is not read. */
static const char magic[] = "ukbuild-stamp 1\n";

const char *stamp_get(const struct stamp *s, const char *key)
{
	for (size_t i = 0; i < s->keys.len; i++)
		if (str_eq(s->keys.v[i], key))
			return s->vals.v[i];
	return NULL;
}

/* "size mtime" or "missing". */
static const char *file_state(struct arena *a, const char *path)
{
	uint64_t size;
	int64_t mtime_ns;

	if (file_stat(path, &size, &mtime_ns))
		return "missing -";
	/* A folder's size says nothing that its time does not. */
	return arena_printf(a, "%" PRIu64 " %" PRId64, size, mtime_ns);
}

int stamp_write(struct arena *a, const char *path, struct stamp *s, struct diags *d)
{
	struct sb b;

	strs_sort_uniq(&s->files);
	sb_init(&b, a);
	sb_put(&b, magic);
	for (size_t i = 0; i < s->keys.len; i++)
		sb_putf(&b, "%s %s\n", s->keys.v[i], s->vals.v[i]);
	for (size_t i = 0; i < s->files.len; i++)
		sb_putf(&b, "@%s %s\n", file_state(a, s->files.v[i]), s->files.v[i]);
	return file_write(path, sb_str(&b), strlen(sb_str(&b)), d);
}

/* One "@size mtime path" line, zero-terminated. */
static bool line_holds(struct arena *a, const char *line)
{
	const char *path = strchr(line, ' ');
	const char *now;
	size_t len;

	path = path ? strchr(path + 1, ' ') : NULL;
	if (!path)
		return false;
	now = file_state(a, path + 1);
	len = strlen(now);
	return (size_t)(path - (line + 1)) == len && memcmp(line + 1, now, len) == 0;
}

bool stamp_is_current(struct arena *a, const char *path, struct stamp *ret)
{
	struct diags ignored; /* an unreadable stamp is no stamp */
	char *text, *line, *next;
	size_t len;

	diags_init(&ignored, a);
	if (!file_exists(path) || file_read(a, path, STAMP_MAX_BYTES, &text, &len, &ignored) ||
	    !str_starts(text, magic))
		return false;
	for (line = text + sizeof(magic) - 1; *line; line = next) {
		char *space;

		next = line + strcspn(line, "\n");
		if (!*next)
			return false; /* cut off */
		*next++ = '\0';
		if (line[0] == '@') {
			if (!line_holds(a, line))
				return false;
			continue;
		}
		space = strchr(line, ' ');
		if (!space)
			return false;
		*space = '\0';
		strs_push(a, &ret->keys, line);
		strs_push(a, &ret->vals, space + 1);
	}
	return true;
}

void stamp_add_depfile(struct arena *a, struct stamp *s, const char *depfile)
{
	struct diags ignored; /* assembly without includes has none */
	struct strs words = {0};
	char *text, *p;
	size_t len;

	diags_init(&ignored, a);
	if (!file_exists(depfile) ||
	    file_read(a, depfile, DEPFILE_MAX_BYTES, &text, &len, &ignored))
		return;
	for (p = text; *p; p++)
		if (p[0] == '\\' && p[1] == '\n')
			p[0] = p[1] = ' ';
		else if (p[0] == '\\' && p[1] == ' ') {
			memmove(p, p + 1, strlen(p)); /* an escaped blank: rejoined below */
			*p = '\x01';
		}
	strs_split(a, &words, text);
	for (size_t i = 0; i < words.len; i++) {
		char *w = arena_strdup(a, words.v[i]);

		if (str_ends(w, ":"))
			continue;
		for (p = w; *p; p++)
			if (*p == '\x01')
				*p = ' ';
		strs_push(a, &s->files, w);
	}
}
