/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what the loader left: memory map, modules, command line (Xen public/arch-x86/hvm/start_info.h). */
#include "kvm.h"

#include <uk/random.h>

#include <uk/boot.h>

#define START_INFO_MAGIC 0x336ec578 /* XEN_HVM_START_MAGIC_VALUE */
#define MEMMAP_TYPE_RAM 1           /* XEN_HVM_MEMMAP_TYPE_RAM */
#define CMDLINE_MAX 2048

struct start_info {
	uint32_t magic, version, flags, nr_modules;
	uint64_t modlist_paddr, cmdline_paddr, rsdp_paddr;
	uint64_t memmap_paddr; /* version 1 and later, as the two below */
	uint32_t memmap_entries, reserved;
};
struct module {
	uint64_t paddr, bytes, cmdline_paddr, reserved;
};
struct memmap_entry {
	uint64_t addr, bytes;
	uint32_t type, reserved;
};

static char cmdline[CMDLINE_MAX];

static void add_ram(struct kvm_boot *b, uintptr_t from, uintptr_t to)
{
	from = (from + UK_PAGE_BYTES - 1) & ~(uintptr_t)(UK_PAGE_BYTES - 1);
	to &= ~(uintptr_t)(UK_PAGE_BYTES - 1);
	if (from < to && b->ram_len < UK_RAM_MAX)
		b->ram[b->ram_len++] = (struct kvm_range){from, to - from};
}

/* Keeps RAM above KVM_RAM_LOWEST that the image does not lie in. Loaders sort the map by address. */
static void read_memmap(struct kvm_boot *b, const struct start_info *info)
{
	const struct memmap_entry *e = (const struct memmap_entry *)info->memmap_paddr;
	const uintptr_t image = (uintptr_t)__image_start, image_end = (uintptr_t)__image_end;

	for (const struct memmap_entry *end = e + info->memmap_entries; e < end; e++) {
		uintptr_t from = e->addr < KVM_RAM_LOWEST ? KVM_RAM_LOWEST : e->addr,
			  to = e->addr + e->bytes;

		if (e->type != MEMMAP_TYPE_RAM || to <= from)
			continue;
		if (image_end <= from || to <= image) {
			add_ram(b, from, to);
		} else {
			add_ram(b, from, image);
			add_ram(b, image_end > from ? image_end : from, to);
		}
	}
}

/* The word after `key` when `s` starts with it, else NULL. */
static const char *value_of(const char *s, const char *key)
{
	while (*key)
		if (*s++ != *key++)
			return NULL;
	return s;
}

static void read_option(const char *word, const char *end)
{
	struct kvm_options *o = &uk_kvm_options;
	const char *v = value_of(word, "ukbuild.nonce=");
	size_t i = 0;

	if (v) {
		while (v < end && i < sizeof(o->nonce) - 1)
			o->nonce[i++] = *v++;
		return;
	}
	v = value_of(word, "ukbuild.trace=");
	if (v && *v == '1')
		o->is_trace = true;
	v = value_of(word, "ukbuild.stats=");
	if (v && *v == '1')
		o->is_stats = true;
}

/* Options of ours up to the word "--", the guest's words after it. */
static char *read_cmdline(char *s)
{
	for (;;) {
		char *word;

		while (*s == ' ')
			s++;
		if (!*s)
			return s;
		word = s;
		while (*s && *s != ' ')
			s++;
		if (s - word == 2 && word[0] == '-' && word[1] == '-')
			return s;
		read_option(word, s);
	}
}

void uk_kvm_read_info(const void *start_info, struct kvm_boot *b)
{
	const struct start_info *info = start_info;
	const char *from;
	size_t len = 0;

	b->guest_args = cmdline;
	if (info->magic != START_INFO_MAGIC || info->version < 1)
		uk_trap("start-info");
	from = (const char *)info->cmdline_paddr;
	if (from) {
		while (len < CMDLINE_MAX - 1 && from[len])
			len++;
		/* Words that are lost in silence would be worse. */
		if (from[len])
			uk_trap("arguments");
		copy_bytes(cmdline, from, len);
		b->guest_args = read_cmdline(cmdline);
	}
	uk_plat_trace(UK_TRACE_INFO);
	read_memmap(b, info);
	if (info->nr_modules) {
		const struct module *m = (const struct module *)info->modlist_paddr;

		if (m->bytes >= UK_RANDOM_SEED_BYTES) {
			b->seed = (const uint8_t *)m->paddr;
			b->seed_bytes = m->bytes;
		}
	}
}
