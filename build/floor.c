/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest of one instruction, as run.h describes it. The file is built here byte for byte, so
 * that no assembler or linker is needed where images are only run.
 */
#include "run.h"

#include "base/diag.h"
#include "base/file.h"

#include <elf.h>
#include <string.h>

/* PVH entry point, 32 bits: Xen public/elfnote.h. <elf.h> has no name for it. */
#define XEN_ELFNOTE_PHYS32_ENTRY 18

/* Where images are loaded: the first byte above the legacy area. */
#define FLOOR_BASE 0x100000u

struct pvh_note {
	Elf64_Nhdr head;
	char owner[4];
	uint32_t entry;
};

struct floor_guest {
	Elf64_Ehdr header;
	Elf64_Phdr segments[2];
	struct pvh_note note;
	uint8_t code[4];
};

/* out %al, $0xf4 (Intel SDM volume 2, OUT: E6 ib): isa-debug-exit ends the machine. */
static const uint8_t end_machine[] = {0xe6, 0xf4};

static void fill_header(struct floor_guest *g)
{
	Elf64_Ehdr *h = &g->header;

	memcpy(h->e_ident, ELFMAG, SELFMAG);
	h->e_ident[EI_CLASS] = ELFCLASS64;
	h->e_ident[EI_DATA] = ELFDATA2LSB;
	h->e_ident[EI_VERSION] = EV_CURRENT;
	h->e_type = ET_EXEC;
	h->e_machine = EM_X86_64;
	h->e_version = EV_CURRENT;
	h->e_entry = FLOOR_BASE + offsetof(struct floor_guest, code);
	h->e_phoff = offsetof(struct floor_guest, segments);
	h->e_ehsize = sizeof(Elf64_Ehdr);
	h->e_phentsize = sizeof(Elf64_Phdr);
	h->e_phnum = 2;
}

static void fill_segment(Elf64_Phdr *p, uint32_t type, uint32_t flags, size_t offset, size_t len)
{
	p->p_type = type;
	p->p_flags = flags;
	p->p_offset = offset;
	p->p_vaddr = p->p_paddr = FLOOR_BASE + offset;
	p->p_filesz = p->p_memsz = len;
	p->p_align = 4;
}

int run_write_floor_guest(const char *path, struct diags *d)
{
	struct floor_guest g;

	memset(&g, 0, sizeof(g));
	fill_header(&g);
	fill_segment(&g.segments[0], PT_LOAD, PF_R | PF_X, 0, sizeof(g));
	fill_segment(&g.segments[1], PT_NOTE, PF_R, offsetof(struct floor_guest, note),
		     sizeof(g.note));
	g.note.head.n_namesz = sizeof(g.note.owner);
	g.note.head.n_descsz = sizeof(g.note.entry);
	g.note.head.n_type = XEN_ELFNOTE_PHYS32_ENTRY;
	memcpy(g.note.owner, "Xen", sizeof("Xen"));
	g.note.entry = FLOOR_BASE + offsetof(struct floor_guest, code);
	memcpy(g.code, end_machine, sizeof(end_machine));
	return file_write(path, &g, sizeof(g), d);
}
