/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths as text: nothing here follows symbolic links. See file.h. */
#include "arena.h"
#include "file.h"
#include "str.h"
#include <limits.h>
#include <string.h>
#include <unistd.h>

const char *path_join(struct arena *a, const char *dir, const char *name)
{
	if (*name == '/' || !*dir || str_eq(dir, "."))
		return arena_strdup(a, name);
	return arena_printf(a, "%s%s%s", dir, str_ends(dir, "/") ? "" : "/", name);
}

const char *path_dir(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	if (slash == path)
		return "/";
	return arena_memdup(a, path, (size_t)(slash - path));
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const char *path_unusable(const char *path)
{
	for (; *path; path++) {
		if ((unsigned char)*path < 0x20 || strchr(";%=|*?\\", *path))
			return path;
	}
	return NULL;
}

bool path_is_assembly(const char *path)
{
	return str_ends(path, ".S") || str_ends(path, ".s");
}

bool path_leaves(const char *path)
{
	return *path == '/' || str_eq(path, "..") || str_starts(path, "../") ||
	       str_ends(path, "/..") || strstr(path, "/../");
}

/* The parts of an absolute path, "." and ".." folded. */
static void split_parts(struct arena *a, const char *path, struct strs *parts)
{
	while (*path) {
		size_t len = strcspn(path, "/");

		if (len == 2 && path[0] == '.' && path[1] == '.')
			parts->len -= parts->len > 0;
		else if (len > 0 && !(len == 1 && path[0] == '.'))
			strs_push(a, parts, arena_memdup(a, path, len));
		path += len;
		path += strspn(path, "/");
	}
}

static void absolute_parts(struct arena *a, const char *path, struct strs *parts)
{
	char cwd[PATH_MAX];

	/* Without a current folder (it was removed) a relative path starts at the root. */
	if (*path != '/' && getcwd(cwd, sizeof(cwd)))
		split_parts(a, cwd, parts);
	split_parts(a, path, parts);
}

const char *path_absolute(struct arena *a, const char *path)
{
	struct strs parts = {0};

	absolute_parts(a, path, &parts);
	return arena_printf(a, "/%s", strs_join(a, &parts, "/"));
}

const char *path_relative(struct arena *a, const char *path, const char *base)
{
	struct strs to = {0}, from = {0}, result = {0};
	size_t common = 0;

	absolute_parts(a, path, &to);
	absolute_parts(a, base, &from);
	while (common < to.len && common < from.len && str_eq(to.v[common], from.v[common]))
		common++;
	for (size_t i = common; i < from.len; i++)
		strs_push(a, &result, "..");
	for (size_t i = common; i < to.len; i++)
		strs_push(a, &result, to.v[i]);
	return result.len ? strs_join(a, &result, "/") : ".";
}
