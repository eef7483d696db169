/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ELF64 reading. libelf finds the header tables (it knows the extended numbering of sections and
 * segments); everything inside them is read here with each offset checked, because the file may be
 * hostile: an object of the application, a finished image that somebody edited, a fuzzer's idea.
 *
 * Format: System V ABI, "Object Files" (gabi), and its AMD64 supplement.
 */
#include "elf.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/str.h"
#include <libelf.h>
#include <limits.h>
#include <string.h>

/* What one parse needs: where the bytes are and where errors go. */
struct reader {
	struct arena *arena;
	struct elf *elf;
	const Elf64_Ehdr *head;
	struct diags *diags;
};

static int broken(const struct reader *r, const char *what)
{
	struct loc loc = {r->elf->path, 0, 0};

	return diag_error(r->diags, loc, "broken ELF file: %s", what);
}

static bool in_file(const struct reader *r, uint64_t offset, uint64_t len)
{
	return offset <= r->elf->size && len <= r->elf->size - offset;
}

/*
 * The string at off of a string table, or NULL. The table's last byte is zero (gabi, "String Table"), so
 * every string in it ends.
 */
static const char *table_string(const struct elf_section *table, uint64_t off)
{
	if (!table->data || off >= table->size || table->data[table->size - 1] != 0)
		return NULL;
	return (const char *)table->data + off;
}

static int read_segments(struct reader *r, Elf *handle)
{
	struct elf *e = r->elf;
	const void *table;
	size_t len;

	if (elf_getphdrnum(handle, &len) != 0)
		return broken(r, "number of segments");
	/* libelf counts none where the table lies outside the file. */
	if (len < r->head->e_phnum)
		return broken(r, "program header table outside the file");
	if (len == 0)
		return 0;
	table = elf64_getphdr(handle);
	if (!table)
		return broken(r, "program header table outside the file");
	e->segments = arena_array(r->arena, len, sizeof(*e->segments));
	for (size_t i = 0; i < len; i++) {
		Elf64_Phdr p;

		/* The table may start anywhere, and libelf hands it out as it lies. */
		memcpy(&p, (const char *)table + i * sizeof(p), sizeof(p));
		if (!in_file(r, p.p_offset, p.p_filesz))
			return broken(r, "segment outside the file");
		if (p.p_vaddr + p.p_memsz < p.p_vaddr)
			return broken(r, "segment wraps around the address space");
		if (p.p_type == PT_LOAD && p.p_filesz > p.p_memsz)
			return broken(r, "segment with more bytes in the file than in memory");
		e->segments[i] = (struct elf_segment){
			.type = p.p_type,
			.flags = p.p_flags,
			.offset = p.p_offset,
			.vaddr = p.p_vaddr,
			.paddr = p.p_paddr,
			.filesz = p.p_filesz,
			.memsz = p.p_memsz,
			.align = p.p_align,
		};
	}
	e->segments_len = len;
	return 0;
}

/* A copy of a section's header: libelf's own may lie unaligned. */
static int read_header(Elf *handle, size_t index, Elf64_Shdr *ret)
{
	Elf_Scn *section = elf_getscn(handle, index);
	const void *header = section ? elf64_getshdr(section) : NULL;

	if (!header)
		return -1;
	memcpy(ret, header, sizeof(*ret));
	return 0;
}

static int read_sections(struct reader *r, Elf *handle)
{
	struct elf *e = r->elf;
	size_t len, names;

	if (elf_getshdrnum(handle, &len) != 0)
		return broken(r, "number of sections");
	if (len < r->head->e_shnum || (len == 0 && r->head->e_shoff != 0))
		return broken(r, "section header table outside the file");
	if (len == 0)
		return 0;
	if (len > e->size / sizeof(Elf64_Shdr))
		return broken(r, "section header table outside the file");
	if (elf_getshdrstrndx(handle, &names) != 0 || names >= len)
		return broken(r, "no section names");
	e->sections = arena_array(r->arena, len, sizeof(*e->sections));
	for (size_t i = 0; i < len; i++) {
		Elf64_Shdr header;
		const Elf64_Shdr *s = &header;
		bool has_data;

		if (read_header(handle, i, &header) != 0)
			return broken(r, "section header");
		has_data = s->sh_type != SHT_NOBITS && s->sh_type != SHT_NULL;
		if (has_data && !in_file(r, s->sh_offset, s->sh_size))
			return broken(r, "section outside the file");
		if (s->sh_addr + s->sh_size < s->sh_addr)
			return broken(r, "section wraps around the address space");
		e->sections[i] = (struct elf_section){
			.name = "",
			.type = s->sh_type,
			.link = s->sh_link,
			.info = s->sh_info,
			.flags = s->sh_flags,
			.addr = s->sh_addr,
			.offset = s->sh_offset,
			.size = s->sh_type == SHT_NULL ? 0 : s->sh_size,
			.align = s->sh_addralign,
			.entsize = s->sh_entsize,
			.data = has_data ? e->bytes + s->sh_offset : NULL,
		};
	}
	for (size_t i = 1; i < len; i++) {
		Elf64_Shdr header;
		const char *name;

		if (read_header(handle, i, &header) != 0)
			return broken(r, "section header");
		name = table_string(&e->sections[names], header.sh_name);
		if (!name)
			return broken(r, "section name outside its table");
		e->sections[i].name = name;
	}
	e->sections_len = len;
	return 0;
}

static int read_symbols(struct reader *r)
{
	struct elf *e = r->elf;
	const struct elf_section *table = NULL, *names;
	size_t len;

	for (size_t i = 0; i < e->sections_len && !table; i++)
		if (e->sections[i].type == SHT_SYMTAB)
			table = &e->sections[i];
	if (!table)
		return 0;
	if (table->entsize != sizeof(Elf64_Sym) || table->size % sizeof(Elf64_Sym))
		return broken(r, "size of the symbol table");
	if (table->link >= e->sections_len)
		return broken(r, "symbol table without names");
	names = &e->sections[table->link];
	len = table->size / sizeof(Elf64_Sym);
	e->symbols = arena_array(r->arena, len, sizeof(*e->symbols));
	for (size_t i = 0; i < len; i++) {
		Elf64_Sym s;
		const char *name;

		memcpy(&s, table->data + i * sizeof(s), sizeof(s));
		name = table_string(names, s.st_name);
		if (!name)
			return broken(r, "symbol name outside its table");
		/* More than 65,279 sections in one object: not something a compiler gives us. */
		if (s.st_shndx == SHN_XINDEX)
			return broken(r, "extended section index of a symbol");
		if (s.st_shndx < SHN_LORESERVE && s.st_shndx >= e->sections_len)
			return broken(r, "symbol in a section that does not exist");
		e->symbols[i] = (struct elf_symbol){
			.name = name,
			.value = s.st_value,
			.size = s.st_size,
			.shndx = s.st_shndx,
			.bind = ELF64_ST_BIND(s.st_info),
			.type = ELF64_ST_TYPE(s.st_info),
			.visibility = ELF64_ST_VISIBILITY(s.st_other),
		};
	}
	e->symbols_len = len;
	return 0;
}

/* One SHT_RELA section whose symbols are the symbol table's. */
static int read_rela(struct reader *r, const struct elf_section *s, struct elf_reloc *to)
{
	struct elf *e = r->elf;

	for (size_t i = 0; i < s->size / sizeof(Elf64_Rela); i++) {
		Elf64_Rela rela;

		memcpy(&rela, s->data + i * sizeof(rela), sizeof(rela));
		if (ELF64_R_SYM(rela.r_info) >= e->symbols_len && ELF64_R_SYM(rela.r_info) != 0)
			return broken(r, "relocation against a symbol that does not exist");
		to[i] = (struct elf_reloc){
			.section = s->info,
			.symbol = (uint32_t)ELF64_R_SYM(rela.r_info),
			.type = (uint32_t)ELF64_R_TYPE(rela.r_info),
			.offset = rela.r_offset,
			.addend = rela.r_addend,
		};
	}
	return 0;
}

/* Relocations of the linker's input (or of --emit-relocs): those that name a section. */
static bool is_link_rela(const struct elf *e, const struct elf_section *s)
{
	return s->type == SHT_RELA && !(s->flags & SHF_ALLOC) && s->info != 0 &&
	       s->info < e->sections_len;
}

static int read_relocs(struct reader *r)
{
	struct elf *e = r->elf;
	size_t len = 0, at = 0;

	for (size_t i = 0; i < e->sections_len; i++) {
		const struct elf_section *s = &e->sections[i];

		if (s->type == SHT_RELA && e->type == ET_REL && !is_link_rela(e, s))
			return broken(r, "relocations of no section");
		if (!is_link_rela(e, s))
			continue;
		if (s->entsize != sizeof(Elf64_Rela) || s->size % sizeof(Elf64_Rela))
			return broken(r, "size of a relocation table");
		len += s->size / sizeof(Elf64_Rela);
		/* Tables may overlap in a hostile file: the sum, not each, must be sane. */
		if (len > ELF_MAX_BYTES / sizeof(Elf64_Rela))
			return broken(r, "too many relocations");
	}
	e->relocs = arena_array(r->arena, len, sizeof(*e->relocs));
	for (size_t i = 0; i < e->sections_len; i++) {
		const struct elf_section *s = &e->sections[i];

		if (!is_link_rela(e, s))
			continue;
		if (read_rela(r, s, e->relocs + at) != 0)
			return -1;
		at += s->size / sizeof(Elf64_Rela);
	}
	e->relocs_len = len;
	return 0;
}

static uint64_t round_up(uint64_t n, uint64_t align)
{
	return (n + align - 1) & ~(align - 1);
}

/* Note entries are padded to 4 bytes, or to 8 where the segment or section says so (gabi). */
static int read_note_block(struct reader *r, const uint8_t *p, uint64_t len, uint64_t align,
			   size_t *ret_len)
{
	struct elf *e = r->elf;
	uint64_t at = 0;

	align = align == 8 ? 8 : 4;
	while (len - at >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr head;
		const char *owner = "";
		uint64_t desc_at, next;

		memcpy(&head, p + at, sizeof(head));
		at += sizeof(head);
		desc_at = round_up(at + head.n_namesz, align);
		next = round_up(desc_at + head.n_descsz, align);
		if (desc_at > len || head.n_descsz > len - desc_at)
			return broken(r, "note longer than its segment");
		if (head.n_namesz) {
			if (p[at + head.n_namesz - 1] != 0)
				return broken(r, "note owner without an end");
			owner = (const char *)p + at;
		}
		if (e->notes)
			e->notes[*ret_len] = (struct elf_note){
				.owner = owner,
				.type = head.n_type,
				.desc = p + desc_at,
				.desc_len = head.n_descsz,
			};
		(*ret_len)++;
		/* The last entry may lack its padding. */
		at = next < len ? next : len;
	}
	return 0;
}

/* Notes of the segments, else of the sections; the first of two passes only counts. */
static int walk_notes(struct reader *r, size_t *ret_len)
{
	struct elf *e = r->elf;
	bool has_segment = false;

	for (size_t i = 0; i < e->segments_len; i++) {
		const struct elf_segment *p = &e->segments[i];

		if (p->type != PT_NOTE)
			continue;
		has_segment = true;
		if (read_note_block(r, e->bytes + p->offset, p->filesz, p->align, ret_len) != 0)
			return -1;
	}
	for (size_t i = 0; i < e->sections_len && !has_segment; i++) {
		const struct elf_section *s = &e->sections[i];

		if (s->type == SHT_NOTE &&
		    read_note_block(r, s->data, s->size, s->align, ret_len) != 0)
			return -1;
	}
	return 0;
}

static int read_notes(struct reader *r)
{
	struct elf *e = r->elf;
	size_t len = 0;

	if (walk_notes(r, &len) != 0)
		return -1;
	/* Overlapping segments repeat entries; more than the file could hold is not a real file. */
	if (len > e->size / sizeof(Elf64_Nhdr))
		return broken(r, "too many notes");
	e->notes = arena_array(r->arena, len, sizeof(*e->notes));
	return walk_notes(r, &e->notes_len);
}

static int read_all(struct reader *r, Elf *handle)
{
	const char *ident = elf_getident(handle, NULL);

	if (elf_kind(handle) != ELF_K_ELF || !ident)
		return broken(r, "not an ELF file");
	if (ident[EI_CLASS] != ELFCLASS64 || ident[EI_DATA] != ELFDATA2LSB)
		return broken(r, "not a 64-bit little-endian file");
	r->head = elf64_getehdr(handle);
	if (!r->head)
		return broken(r, "file header");
	if (r->head->e_machine != EM_X86_64)
		return broken(r, "not for x86-64");
	r->elf->type = r->head->e_type;
	r->elf->entry = r->head->e_entry;
	if (read_segments(r, handle) != 0 || read_sections(r, handle) != 0)
		return -1;
	if (read_symbols(r) != 0 || read_relocs(r) != 0)
		return -1;
	return read_notes(r);
}

int elf_parse(struct arena *a, const char *path, const void *bytes, size_t len, struct elf *ret,
	      struct diags *d)
{
	struct elf e = {.path = path, .bytes = bytes, .size = len};
	struct reader r = {.arena = a, .elf = &e, .diags = d};
	Elf *handle;
	int status;

	if (len < sizeof(Elf64_Ehdr))
		return broken(&r, "shorter than a file header");
	if (len > ELF_MAX_BYTES)
		return broken(&r, "larger than 512 MiB");
	if (elf_version(EV_CURRENT) == EV_NONE)
		return diag_fail(d, DIAG_TOOL, "libelf does not know this ELF version");
	/*
	 * libelf takes a mutable pointer although it only reads in this mode. The copy keeps the
	 * caller's bytes const in truth, and aligned for libelf's structures.
	 */
	handle = elf_memory(arena_memdup(a, bytes, len), len);
	if (!handle)
		return broken(&r, "not an ELF file");
	status = read_all(&r, handle);
	(void)elf_end(handle); /* only a reference count */
	if (status == 0)
		*ret = e;
	return status;
}

int elf_load(struct arena *a, const char *path, struct elf *ret, struct diags *d)
{
	char *bytes;
	size_t len;

	if (file_read(a, path, ELF_MAX_BYTES, &bytes, &len, d) != 0)
		return -1;
	return elf_parse(a, path, bytes, len, ret, d);
}

const struct elf_section *elf_find_section(const struct elf *e, const char *name)
{
	for (size_t i = 1; i < e->sections_len; i++)
		if (str_eq(e->sections[i].name, name))
			return &e->sections[i];
	return NULL;
}

const struct elf_symbol *elf_find_symbol(const struct elf *e, const char *name)
{
	const struct elf_symbol *local = NULL;

	for (size_t i = 1; i < e->symbols_len; i++) {
		const struct elf_symbol *s = &e->symbols[i];

		if (s->shndx == SHN_UNDEF || s->type == STT_FILE || !str_eq(s->name, name))
			continue;
		if (s->bind != STB_LOCAL)
			return s;
		if (!local)
			local = s;
	}
	return local;
}

static const uint8_t *inside(const uint8_t *data, uint64_t start, uint64_t len, uint64_t vaddr,
			     size_t n)
{
	if (!data || vaddr < start || vaddr - start > len || n > len - (vaddr - start))
		return NULL;
	return data + (vaddr - start);
}

const uint8_t *elf_at(const struct elf *e, uint64_t vaddr, size_t n)
{
	const uint8_t *p;

	for (size_t i = 0; i < e->segments_len; i++) {
		const struct elf_segment *s = &e->segments[i];

		if (s->type != PT_LOAD)
			continue;
		p = inside(e->bytes + s->offset, s->vaddr, s->filesz, vaddr, n);
		if (p)
			return p;
	}
	for (size_t i = 1; i < e->sections_len && e->segments_len == 0; i++) {
		const struct elf_section *s = &e->sections[i];

		if (!(s->flags & SHF_ALLOC))
			continue;
		p = inside(s->data, s->addr, s->size, vaddr, n);
		if (p)
			return p;
	}
	return NULL;
}
