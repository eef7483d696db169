/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON in and out. See json.h. */
#include "json.h"

#include "arena.h"
#include "diag.h"
#include "file.h"
#include "str.h"
#include <stdlib.h>

void json_print(const json_t *j, FILE *to)
{
	/* A write error stays in the stream's error flag; ukbuild.c looks at it before it ends. */
	(void)json_dumpf(j, to, JSON_INDENT(2) | JSON_ENCODE_ANY);
	(void)fputc('\n', to);
}

char *json_text(struct arena *a, const json_t *j)
{
	char *dump = json_dumps(j, JSON_INDENT(2) | JSON_ENCODE_ANY);
	char *text = arena_printf(a, "%s\n", dump ? dump : "null");

	free(dump);
	return text;
}

json_t *json_parse(const char *path, const char *text, size_t len, struct diags *d)
{
	json_error_t e;
	json_t *j = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);

	if (!j && !len)
		(void)diag_error(d, (struct loc){path, 0, 0}, "not valid JSON: it is empty");
	else if (!j) {
		struct loc loc = {path, e.line > 0 ? (unsigned)e.line : 0,
				  e.column > 0 ? (unsigned)e.column : 0};

		(void)diag_error(d, loc, "not valid JSON: %s", e.text);
	}
	return j;
}

json_t *json_read(struct arena *a, const char *path, size_t max_bytes, struct diags *d)
{
	char *text;
	size_t len;

	return file_read(a, path, max_bytes, &text, &len, d) ? NULL
							     : json_parse(path, text, len, d);
}

json_t *json_strs(const struct strs *l)
{
	json_t *j = json_array();

	for (size_t i = 0; i < l->len; i++)
		json_array_append_new(j, json_string(l->v[i]));
	return j;
}
