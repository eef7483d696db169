/* SPDX-License-Identifier: BSD-2-Clause */
/* `ukbuild init`: copies a template. Nothing that is there is ever overwritten. */
#include "base/arena.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "cmd.h"
#include <string.h>

#define MANIFEST_NAME "ukbuild.yaml"

/* The lock holds the secret layout seed; neither belongs into a repository. */
static const char gitignore[] = "/out/\n/ukbuild.lock\n";

/* Folders in templates are at most this deep. */
enum {
	DEPTH_MAX = 4,
	FILE_MAX_BYTES = 1 << 20,
	DESCRIPTION_MAX = 200
};

static const char *templates_dir(const struct ctx *c)
{
	return path_join(c->a, c->home, "templates/app");
}

/* What building a template in place leaves behind. */
static bool is_product(const char *name)
{
	return str_eq(name, "out") || str_eq(name, "ukbuild.lock") || str_eq(name, ".gitignore");
}

/* The files below dir, relative to it. */
static int list_files(struct ctx *c, const char *dir, const char *below, int depth,
		      struct strs *ret)
{
	struct strs names;

	if (file_list(c->a, path_join(c->a, dir, below), &names, c->d) != 0)
		return -1;
	for (size_t i = 0; i < names.len; i++) {
		const char *rel = path_join(c->a, below, names.v[i]);

		if (is_product(names.v[i]))
			continue;
		if (!file_is_dir(path_join(c->a, dir, rel)))
			strs_push(c->a, ret, rel);
		else if (depth < DEPTH_MAX && list_files(c, dir, rel, depth + 1, ret) != 0)
			return -1;
	}
	return 0;
}

/* The comment in the first line of a template's manifest, "" without one. */
static const char *description(struct ctx *c, const char *name)
{
	const char *path = path_join(c->a, templates_dir(c), name);
	struct diags ignored;
	size_t len;
	char *text;

	diags_init(&ignored, c->a);
	path = path_join(c->a, path, MANIFEST_NAME);
	if (file_read(c->a, path, FILE_MAX_BYTES, &text, &len, &ignored) != 0 ||
	    !str_starts(text, "# "))
		return "";
	return arena_printf(c->a, "%.*s", DESCRIPTION_MAX,
			    arena_memdup(c->a, text + 2, strcspn(text + 2, "\n")));
}

static int list_templates(struct ctx *c, const struct strs *names)
{
	json_t *list = json_array();

	for (size_t i = 0; i < names->len; i++) {
		const char *about = description(c, names->v[i]);

		if (c->json)
			json_array_append_new(list, json_pack("{s:s, s:s}", "name", names->v[i],
							      "description", about));
		else
			printf("%-10s %s\n", names->v[i], about);
	}
	if (c->json) {
		json_t *answer = json_pack("{s:O}", "templates", list);

		json_print(answer, stdout);
		json_decref(answer);
	}
	json_decref(list);
	return 0;
}

static int check_free(struct ctx *c, const char *dir, const struct strs *files)
{
	if (file_exists(dir) && !file_is_dir(dir))
		return diag_error(c->d, (struct loc){dir, 0, 0}, "is there and is no folder");
	for (size_t i = 0; i < files->len; i++) {
		const char *path = path_join(c->a, dir, files->v[i]);

		if (file_exists(path)) {
			(void)diag_error(c->d, (struct loc){path, 0, 0},
					 "is there already: nothing is overwritten");
			return diag_hint(c->d, "name another folder: 'ukbuild init %s DIR'",
					 c->args.v[0]);
		}
	}
	return 0;
}

static int copy_files(struct ctx *c, const char *from, const char *dir, const struct strs *files)
{
	const char *ignore = path_join(c->a, dir, ".gitignore");

	for (size_t i = 0; i < files->len; i++) {
		if (file_copy(path_join(c->a, from, files->v[i]), path_join(c->a, dir, files->v[i]),
			      c->d) != 0)
			return -1;
	}
	return file_exists(ignore) ? 0 : file_write(ignore, gitignore, sizeof(gitignore) - 1, c->d);
}

static int answer(struct ctx *c, const char *dir, struct strs *files)
{
	json_t *j;

	if (!c->json) {
		for (size_t i = 0; i < files->len; i++)
			printf("%s\n", path_join(c->a, dir, files->v[i]));
		if (!c->dry_run)
			log_info("next: ukbuild -f %s run", path_join(c->a, dir, MANIFEST_NAME));
		return 0;
	}
	j = json_pack("{s:s, s:s, s:o}", "template", c->args.v[0], "dir", dir, "files",
		      json_strs(files));
	json_print(j, stdout);
	json_decref(j);
	return 0;
}

int cmd_init(struct ctx *c)
{
	struct strs names, files = {0};
	const char *name, *dir, *from;

	if (file_list(c->a, templates_dir(c), &names, c->d) != 0)
		return -1;
	if (!c->args.len)
		return list_templates(c, &names);
	name = c->args.v[0];
	dir = c->args.len > 1 ? c->args.v[1] : name;
	if (!strs_has(&names, name)) {
		const char *nearest = str_suggest(name, names.v, names.len);

		(void)diag_fail(c->d, DIAG_USAGE, "there is no template '%s'", name);
		return nearest ? diag_hint(c->d, "did you mean '%s'?", nearest)
			       : diag_hint(c->d, "the templates are %s",
					   strs_join(c->a, &names, ", "));
	}
	from = path_join(c->a, templates_dir(c), name);
	if (list_files(c, from, "", 0, &files) != 0 || check_free(c, dir, &files) != 0)
		return -1;
	if (!c->dry_run && copy_files(c, from, dir, &files) != 0)
		return -1;
	strs_push(c->a, &files, ".gitignore");
	return answer(c, dir, &files);
}
