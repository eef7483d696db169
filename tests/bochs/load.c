/* SPDX-License-Identifier: BSD-2-Clause */
/* Loads the image in the ROM and tells it what a PVH loader tells (Xen public/arch-x86/hvm/start_info.h). */
#include <stddef.h>
#include <stdint.h>

enum {
	MEMORY_BYTES = 64 << 20, /* as run.sh has it */
	LOW_BYTES = 0xa0000,
	INFO_ADDRESS = 0x8000, /* below 64 KiB: memory that no image uses */
	ELFNOTE_PHYS32_ENTRY = 18,
	START_INFO_MAGIC = 0x336ec578,
	MEMMAP_TYPE_RAM = 1,
	/* Intel 82371AB (PIIX4) data sheet, 7.1: function 3, where QEMU's firmware puts its registers too. */
	PCI_CONFIG = 0x80000000,
	PIIX4_POWER = 1 << 11 | 3 << 8,
	PIIX4_PMBA = 0x40,
	PIIX4_PMREGMISC = 0x80,
	ACPI_BASE = 0x600,
};

/* ELF-64 Object File Format, version 1.5: header, program header, note. */
struct elf_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, segments_at, sections_at;
	uint32_t flags;
	uint16_t bytes, segment_bytes, segments;
};
struct segment {
	uint32_t type, flags;
	uint64_t at, vaddr, paddr, file_bytes, memory_bytes, align;
};
struct note {
	uint32_t name_bytes, desc_bytes, type;
};
enum {
	PT_LOAD = 1,
	PT_NOTE = 4,
};

struct start_info {
	uint32_t magic, version, flags, nr_modules;
	uint64_t modlist_paddr, cmdline_paddr, rsdp_paddr;
	uint64_t memmap_paddr;
	uint32_t memmap_entries, reserved;
};
struct memmap_entry {
	uint64_t addr, bytes;
	uint32_t type, reserved;
};

extern const char image[], cmdline[], cmdline_end[];
uint64_t load(void);

static void out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

/* So that the image can switch the machine off the way it does under QEMU. */
static void set_power_registers(void)
{
	out32(0xcf8, PCI_CONFIG | PIIX4_POWER | PIIX4_PMBA);
	out32(0xcfc, ACPI_BASE | 1);
	out32(0xcf8, PCI_CONFIG | PIIX4_POWER | PIIX4_PMREGMISC);
	out32(0xcfc, 1);
}

static void copy(char *to, const char *from, size_t len, size_t total)
{
	total -= len;
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(len) : : "memory");
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(total) : "a"(0) : "memory");
}

static uint32_t find_entry(const struct segment *p)
{
	const char *at = image + p->at, *end = at + p->file_bytes;

	while (at < end) {
		const struct note *n = (const struct note *)at;
		const char *desc = at + sizeof(*n) + ((n->name_bytes + 3) & ~3u);

		/* The only note of this number: its owner is Xen. */
		if (n->type == ELFNOTE_PHYS32_ENTRY)
			return *(const uint32_t *)desc;
		at = desc + ((n->desc_bytes + 3) & ~3u);
	}
	return 0;
}

uint64_t load(void)
{
	const struct elf_header *e = (const struct elf_header *)image;
	const struct segment *p = (const struct segment *)(image + e->segments_at);
	struct start_info *info = (struct start_info *)INFO_ADDRESS;
	struct memmap_entry *map = (struct memmap_entry *)(info + 1);
	char *line = (char *)(map + 2);
	uint32_t entry = 0;

	set_power_registers();
	for (unsigned int i = 0; i < e->segments; i++) {
		if (p[i].type == PT_LOAD)
			copy((char *)(uint32_t)p[i].paddr, image + p[i].at, p[i].file_bytes,
			     p[i].memory_bytes);
		if (p[i].type == PT_NOTE)
			entry = find_entry(&p[i]);
	}
	/* The image maps no more than the first GiB: the command line goes there. */
	copy(line, cmdline, (size_t)(cmdline_end - cmdline), (size_t)(cmdline_end - cmdline));
	*info = (struct start_info){
		.magic = START_INFO_MAGIC,
		.version = 1,
		.cmdline_paddr = (uint32_t)line,
		.memmap_paddr = (uint32_t)map,
		.memmap_entries = 2,
	};
	map[0] = (struct memmap_entry){0, LOW_BYTES, MEMMAP_TYPE_RAM, 0};
	map[1] = (struct memmap_entry){1 << 20, MEMORY_BYTES - (1 << 20), MEMMAP_TYPE_RAM, 0};
	return (uint64_t)(uint32_t)info << 32 | entry;
}
