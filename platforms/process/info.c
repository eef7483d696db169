/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what the tender left (process.h): memory, command line, seed. */
#include "image.h"

#include <uk/platform.h>

#include <uk/boot.h>

struct process_machine uk_process_machine;

void uk_boot_console(const void *info)
{
	(void)info; /* descriptor 1 is there from the start */
}

void uk_boot_info(const void *start, struct uk_boot *b)
{
	const struct process_info *info = start;
	struct process_machine *m = &uk_process_machine;

	m->window_end = PROCESS_IMAGE + info->memory_bytes;
	m->has_rights = info->flags & PROCESS_NOTE_RIGHTS;
	m->hides_text = info->flags & PROCESS_NOTE_HIDDEN;
	b->mapped_bytes = m->window_end;
	uk_boot_add_ram(b, PROCESS_IMAGE, m->window_end);
	uk_boot_cmdline(b, info->cmdline);
	/* In the first page of memory: it is used up before that is given to anybody. */
	b->seed = info->seed;
	b->seed_bytes = PROCESS_SEED_BYTES;
}

bool uk_plat_hides_text(void)
{
	return uk_process_machine.hides_text;
}
