/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a .config, as a Kconfig file and as a Kconfig expression. */
#include "base/arena.h"
#include "base/diag.h"
#include "kconf.h"
#include "kconf_check.h"
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	const char *text = arena_memdup(a, size ? (const char *)data : "", size);
	struct kconf_values values = {0};
	struct kconf k = {0};
	struct diags d;

	diags_init(&d, a);
	if ((kconf_parse_config(a, ".config", text, size, &values, &d) != 0) != (d.errors > 0))
		abort();
	for (size_t i = 0; i < values.len; i++)
		(void)kconf_value(&values, values.v[i].name); /* terminates; duplicates have one */
	diags_init(&d, a);
	if ((kconf_parse(a, &k, NULL, "Kconfig", text, size, &d) != 0) != (d.errors > 0))
		abort();
	for (size_t i = 0; i < k.len; i++) {
		if (!kconf_find(&k, k.v[i].name))
			abort();
		for (size_t j = 0; j < k.v[i].depends.len; j++)
			(void)kconf_eval(a, k.v[i].depends.v[j], &values); /* any value will do */
	}
	(void)kconf_eval(a, text, &values); /* as above */
	arena_free(a);
	return 0;
}
