/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as an assembly source: each place that is found has the name it is said to have, as a whole word. */
#include "base/arena.h"
#include "base/str.h"
#include "resolve.h"
#include "scan.h"
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '$';
}

static void check(const char *text, const struct scan_use *use)
{
	const char *line = text;
	size_t len = strlen(use->symbol);

	for (unsigned i = 1; i < use->loc.line; i++) {
		line = strchr(line, '\n');
		if (!line++)
			abort();
	}
	if (!use->loc.col || use->loc.col > strcspn(line, "\n"))
		abort();
	line += use->loc.col - 1;
	if (strncmp(line, use->symbol, len) != 0 || is_word(line[len]) ||
	    (line > text && is_word(line[-1])))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const names[] = {"a", "main", "memcpy", "uk_plat_halt"};
	struct arena *a = arena_new();
	const char *text = arena_memdup(a, data, len);
	struct scan found = {0};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		strs_push(a, &found.needs, names[i]);
	scan_assembly_text(a, text, "x.S", &found);
	for (size_t i = 0; i < found.uses_len; i++)
		check(text, &found.uses[i]);
	arena_free(a);
	return 0;
}
