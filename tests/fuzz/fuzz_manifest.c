/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a manifest: a manifest, or at least one error of kind input; printing works too. */
#include "base/arena.h"
#include "base/diag.h"
#include "manifest.h"
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *null = fopen("/dev/null", "w");
	struct arena *a = arena_new();
	const struct manifest *m;
	struct diags d;

	diags_init(&d, a);
	m = manifest_parse(a, "fuzz.yaml", "/", (const char *)data, size, false, &d);
	if (!m != (d.errors > 0) || (!m && diags_exit_code(&d) != DIAG_INPUT))
		abort();
	if (m && (!m->name.s || !m->sources.len || !m->platforms.len || !m->harden.profile.s))
		abort();
	if (null) {
		diags_print(&d, null, false);
		fclose(null);
	}
	arena_free(a);
	return 0;
}
