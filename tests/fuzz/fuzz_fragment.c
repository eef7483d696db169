/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a fragment, an index and a public header. The first byte chooses the kind of unit, so
 * that each language of names is reached. A refusal comes with an error of kind input.
 */
#include "base/arena.h"
#include "base/diag.h"
#include "tree.h"
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int result, const struct diags *d)
{
	if ((result != 0) != (d->errors > 0) || (result && diags_exit_code(d) != DIAG_INPUT))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct unit u = {.name = "x", .dir = "/x", .rel = "libs/x"};
	struct strs symbols = {0};
	const char *text;
	struct diags d;

	u.kind = (enum unit_kind)(size ? data[0] % 3 : 0);
	text = arena_memdup(a, size ? (const char *)data + 1 : "", size ? size - 1 : 0);
	size = size ? size - 1 : 0;
	diags_init(&d, a);
	check(tree_parse_fragment(a, &u, "x.mk", text, size, &d), &d);
	diags_init(&d, a);
	check(tree_parse_index(a, &u, "x.index", text, size, &d), &d);
	tree_header_symbols(a, text, size, &symbols);
	for (size_t i = 0; i < symbols.len; i++)
		if (!symbols.v[i][0])
			abort();
	arena_free(a);
	return 0;
}
