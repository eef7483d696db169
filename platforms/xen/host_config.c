/* SPDX-License-Identifier: BSD-2-Clause */
#include "host.h"

#include "../../build/base/str.h"

#include <inttypes.h>

/* Strings of xl.cfg: in double quotes, with backslashes as in C (tools/libs/util/libxlu_cfg_l.l). */
static void put_string(struct sb *b, const char *key, const char *val)
{
	if (!val)
		return;
	sb_putf(b, "%s = \"", key);
	for (; *val; val++) {
		if (*val == '"' || *val == '\\')
			sb_put(b, "\\");
		sb_putn(b, val, 1);
	}
	sb_put(b, "\"\n");
}

const char *xen_config_text(struct arena *a, const struct xen_config *c)
{
	uint64_t mib = (c->memory_bytes + (1 << 20) - 1) >> 20; /* the file counts in MiB */
	struct sb b;

	sb_init(&b, a);
	put_string(&b, "name", c->name);
	put_string(&b, "type", c->type);
	put_string(&b, "kernel", c->kernel);
	put_string(&b, "ramdisk", c->ramdisk);
	put_string(&b, "cmdline", c->cmdline);
	sb_putf(&b, "memory = %" PRIu64 "\nvcpus = 1\n", mib);
	put_string(&b, "on_poweroff", c->at_end);
	put_string(&b, "on_reboot", c->at_end);
	put_string(&b, "on_crash", c->at_end);
	return sb_str(&b);
}
