/* SPDX-License-Identifier: BSD-2-Clause */
/* The console of a guest, fed in two pieces that the first byte cuts; the guest may be hostile. */
#include "base/arena.h"
#include "console.h"
#include "run.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct run whole, pieces = {0};
	struct arena *a;
	struct console c;
	size_t cut;

	if (!len)
		return 0;
	a = arena_new();
	cut = data[0] % len;
	run_parse_console(a, (const char *)data, len, "c0ffee", &whole);
	console_init(&c, a, "c0ffee", NULL, &pieces);
	console_feed(&c, (const char *)data, cut);
	console_feed(&c, (const char *)data + cut, len - cut);
	console_end(&c);
	if (whole.end != pieces.end || whole.console_len != pieces.console_len ||
	    whole.frames_len != pieces.frames_len)
		abort();
	arena_free(a);
	return 0;
}
