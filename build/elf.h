/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ELF64 reading through libelf (only here): sections, symbols, relocations, segments, notes. Input
 * may be hostile: every offset is checked, and a broken file is an error, never a crash.
 */
#ifndef UKB_ELF_H
#define UKB_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct diags;

struct elf_section {
	const char *name;
	uint32_t type, link, info; /* SHT_* */
	uint64_t flags;            /* SHF_* */
	uint64_t addr, offset, size, align, entsize;
	const uint8_t *data; /* NULL for SHT_NOBITS */
};
struct elf_symbol {
	const char *name;
	uint64_t value, size;
	uint16_t shndx; /* SHN_UNDEF, SHN_ABS, or a section index */
	uint8_t bind, type, visibility;
};
struct elf_reloc {
	uint32_t section; /* index of the section it applies to (relocatable files) */
	uint32_t symbol;  /* index into symbols */
	uint32_t type;    /* R_X86_64_* */
	uint64_t offset;
	int64_t addend;
};
struct elf_segment {
	uint32_t type, flags; /* PT_*, PF_* */
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};
struct elf_note {
	const char *owner; /* "Xen", "ukbuild", "GNU" */
	uint32_t type;
	const uint8_t *desc;
	size_t desc_len;
};

struct elf {
	const char *path;
	uint16_t type; /* ET_REL, ET_EXEC, ET_DYN */
	uint64_t entry;
	const uint8_t *bytes;
	size_t size;
	struct elf_section *sections;
	size_t sections_len;
	struct elf_symbol *symbols;
	size_t symbols_len;
	struct elf_reloc *relocs; /* SHT_RELA of relocatable files and --emit-relocs images */
	size_t relocs_len;
	struct elf_segment *segments;
	size_t segments_len;
	struct elf_note *notes; /* from PT_NOTE segments, else SHT_NOTE sections */
	size_t notes_len;
};

#define ELF_MAX_BYTES (512u << 20)

/* Reads a whole file; everything lives in the arena. */
int elf_load(struct arena *a, const char *path, struct elf *ret, struct diags *d);
int elf_parse(struct arena *a, const char *path, const void *bytes, size_t len, struct elf *ret,
	      struct diags *d);
const struct elf_section *elf_find_section(const struct elf *e, const char *name);
const struct elf_symbol *elf_find_symbol(const struct elf *e, const char *name);
/* n bytes of memory image at vaddr (from segments, or sections when there are none); NULL outside. */
const uint8_t *elf_at(const struct elf *e, uint64_t vaddr, size_t n);

#endif
