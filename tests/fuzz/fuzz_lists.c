/* SPDX-License-Identifier: BSD-2-Clause */
/* A system's package lists, in both formats: every source entry that comes out is the distribution's. */
#include "base/arena.h"
#include "base/str.h"
#include "fetch.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new();
	const char *text = arena_memdup(a, data, len);
	struct sb one_line, deb822;

	sb_init(&one_line, a);
	sb_init(&deb822, a);
	fetch_entries_one_line(a, text, "bookworm", &one_line);
	fetch_entries_deb822(a, text, "bookworm", &deb822);
	if (one_line.len &&
	    (!str_starts(sb_str(&one_line), "deb-src ") || !strstr(sb_str(&one_line), " bookworm")))
		abort();
	if (deb822.len && !str_starts(sb_str(&deb822), "Types: deb-src\n"))
		abort();
	arena_free(a);
	return 0;
}
