/* SPDX-License-Identifier: BSD-2-Clause */
#include "host.h"

#include "../../build/base/arena.h"
#include "../../build/base/diag.h"
#include "../../build/base/str.h"
#include "../../build/qemu.h"
#include "../../build/run.h"

#include <inttypes.h>

/* The list of multiboot modules: the image with its command line, then the seed. */
static int list_modules(struct arena *a, const struct run_opts *o, const char *nonce,
			const char **ret, struct diags *d)
{
	const char *image, *seed, *cmdline;
	struct sb b;

	if (xen_module_path(a, o->image, &image, d) || xen_cmdline(a, o, nonce, &cmdline, d))
		return -1;
	sb_init(&b, a);
	sb_putf(&b, "%s %s", image, qemu_value(a, cmdline));
	if (o->seed_file) {
		if (xen_module_path(a, o->seed_file, &seed, d))
			return -1;
		sb_putf(&b, ",%s", seed);
	}
	*ret = sb_str(&b);
	return 0;
}

int xen_dom0_command(struct arena *a, const struct xen_guest *g, const struct run_opts *o,
		     const char *nonce, struct strs *ret_argv, struct diags *d)
{
	uint64_t kib = (o->memory_bytes + 1023) / 1024;
	const char *modules = NULL;

	if (list_modules(a, o, nonce, &modules, d))
		return -1;
	if (o->seed_file)
		kib += g->seed_kib;
	xen_push_machine(a, ret_argv, o, g->machine, g->cpu, kib + g->xen_kib);
	qemu_push_words(a, ret_argv, (const char *const[]){"-serial", "stdio", NULL});
	qemu_push_words(a, ret_argv, g->devices);
	xen_push_boot(a, ret_argv, o, arena_printf(a, "dom0_mem=%" PRIu64 "K%s", kib, g->xen),
		      modules);
	return 0;
}
