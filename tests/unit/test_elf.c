/* SPDX-License-Identifier: BSD-2-Clause */
/* The ELF reader: a small object built here, then the same with one field wrong at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <elf.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "elf.h"

/* Sections of the sample, in the order of its table. */
enum {
	S_NULL,
	S_TEXT,
	S_RELA,
	S_SYMTAB,
	S_STRTAB,
	S_SHSTRTAB,
	S_NOTE,
	S_COUNT,
};

static const char names[] = "\0.text\0.rela.text\0.symtab\0.strtab\0.shstrtab\0.note.x";
static const char strings[] = "\0first\0second";

struct sample {
	Elf64_Ehdr head;
	Elf64_Phdr segment[2];
	uint8_t text[16];
	Elf64_Rela rela;
	Elf64_Sym symbols[3];
	char strtab[sizeof(strings)];
	char shstrtab[sizeof(names)];
	struct {
		Elf64_Nhdr head;
		char owner[4];
		uint8_t desc[8];
	} note;
	Elf64_Shdr sections[S_COUNT];
};

#define AT(member) offsetof(struct sample, member)

static Elf64_Shdr section(unsigned name, unsigned type, size_t offset, size_t size)
{
	return (Elf64_Shdr){
		.sh_name = name,
		.sh_type = type,
		.sh_offset = offset,
		.sh_size = size,
		.sh_addralign = 4,
	};
}

static struct sample *sample(struct arena *a)
{
	struct sample *s = arena_alloc(a, sizeof(*s));

	s->head = (Elf64_Ehdr){
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			    EV_CURRENT},
		.e_type = ET_REL,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_entry = 0x1004,
		.e_phoff = AT(segment),
		.e_shoff = AT(sections),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 2,
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = S_COUNT,
		.e_shstrndx = S_SHSTRTAB,
	};
	s->segment[0] = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_X,
		.p_offset = AT(text),
		.p_vaddr = 0x1000,
		.p_filesz = sizeof(s->text),
		.p_memsz = 0x20,
	};
	s->segment[1] = (Elf64_Phdr){
		.p_type = PT_NOTE,
		.p_offset = AT(note),
		.p_filesz = sizeof(s->note),
		.p_align = 4,
	};
	memset(s->text, 0x90, sizeof(s->text));
	s->rela = (Elf64_Rela){4, ELF64_R_INFO(2, R_X86_64_PC32), -4};
	s->symbols[1] = (Elf64_Sym){1, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, S_TEXT, 0x1000, 8};
	s->symbols[2] = (Elf64_Sym){7, ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), 0, SHN_UNDEF, 0, 0};
	memcpy(s->strtab, strings, sizeof(strings));
	memcpy(s->shstrtab, names, sizeof(names));
	s->note.head = (Elf64_Nhdr){4, sizeof(s->note.desc), 18};
	memcpy(s->note.owner, "Xen", 4);
	s->sections[S_TEXT] = section(1, SHT_PROGBITS, AT(text), sizeof(s->text));
	s->sections[S_RELA] = section(7, SHT_RELA, AT(rela), sizeof(s->rela));
	s->sections[S_RELA].sh_entsize = sizeof(s->rela);
	s->sections[S_RELA].sh_link = S_SYMTAB;
	s->sections[S_RELA].sh_info = S_TEXT;
	s->sections[S_SYMTAB] = section(18, SHT_SYMTAB, AT(symbols), sizeof(s->symbols));
	s->sections[S_SYMTAB].sh_entsize = sizeof(Elf64_Sym);
	s->sections[S_SYMTAB].sh_link = S_STRTAB;
	s->sections[S_STRTAB] = section(26, SHT_STRTAB, AT(strtab), sizeof(s->strtab));
	s->sections[S_SHSTRTAB] = section(34, SHT_STRTAB, AT(shstrtab), sizeof(s->shstrtab));
	s->sections[S_NOTE] = section(44, SHT_NOTE, AT(note), sizeof(s->note));
	return s;
}

static int parse(struct arena *a, const void *bytes, size_t len, struct elf *ret)
{
	struct diags d;

	diags_init(&d, a);
	if (elf_parse(a, "sample", bytes, len, ret, &d) == 0)
		return 0;
	assert_int_equal(diags_exit_code(&d), DIAG_INPUT);
	return -1;
}

static void reads_everything(void **state)
{
	struct arena *a = arena_new();
	struct sample *s = sample(a);
	struct elf e;

	(void)state;
	assert_int_equal(parse(a, s, sizeof(*s), &e), 0);
	assert_int_equal(e.entry, 0x1004);
	assert_int_equal(e.sections_len, S_COUNT);
	assert_string_equal(e.sections[S_RELA].name, ".rela.text");
	assert_ptr_equal(e.sections[S_TEXT].data, s->text);
	assert_int_equal(e.symbols_len, 3);
	assert_int_equal(elf_find_symbol(&e, "first")->value, 0x1000);
	assert_null(elf_find_symbol(&e, "second"));
	assert_int_equal(e.relocs_len, 1);
	assert_int_equal(e.relocs[0].section, S_TEXT);
	assert_int_equal(e.relocs[0].symbol, 2);
	assert_int_equal(e.relocs[0].type, R_X86_64_PC32);
	assert_true(e.relocs[0].addend == -4);
	assert_int_equal(e.notes_len, 1);
	assert_string_equal(e.notes[0].owner, "Xen");
	assert_int_equal(e.notes[0].type, 18);
	assert_int_equal(e.notes[0].desc_len, 8);
	assert_non_null(elf_find_section(&e, ".symtab"));
	assert_null(elf_find_section(&e, ".data"));
	arena_free(a);
}

static void memory_has_bounds(void **state)
{
	struct arena *a = arena_new();
	struct sample *s = sample(a);
	struct elf e;

	(void)state;
	assert_int_equal(parse(a, s, sizeof(*s), &e), 0);
	assert_ptr_equal(elf_at(&e, 0x1000, 16), s->text);
	assert_ptr_equal(elf_at(&e, 0x1008, 8), s->text + 8);
	assert_null(elf_at(&e, 0x1008, 9)); /* past the file's bytes, though in memory */
	assert_null(elf_at(&e, 0xfff, 2));
	assert_null(elf_at(&e, UINT64_MAX, 2));
	assert_null(elf_at(&e, 0x1000, SIZE_MAX));
	arena_free(a);
}

/* Sets `len` bytes at `offset` of a sample to `byte`; the reader must refuse it. */
static void refuses(size_t offset, uint8_t byte, size_t len)
{
	struct arena *a = arena_new();
	struct sample *s = sample(a);
	struct elf e;

	memset((uint8_t *)s + offset, byte, len);
	assert_int_equal(parse(a, s, sizeof(*s), &e), -1);
	arena_free(a);
}

static void refuses_broken_tables(void **state)
{
	(void)state;
	refuses(0, 'x', 1);
	refuses(AT(head.e_ident) + EI_CLASS, ELFCLASS32, 1);
	refuses(AT(head.e_machine), EM_386, 1);
	refuses(AT(head.e_shoff), 0x7f, 2);
	refuses(AT(head.e_phoff), 0x7f, 2);
	refuses(AT(head.e_shstrndx), S_COUNT, 1);
	refuses(AT(segment[0].p_offset), 0x7f, 3);
	refuses(AT(segment[0].p_filesz), 0xff, 8);
	refuses(AT(segment[0].p_memsz), 1, 1);
	refuses(AT(segment[0].p_vaddr), 0xff, 8);
	refuses(AT(sections[S_TEXT].sh_offset), 0xff, 8);
	refuses(AT(sections[S_TEXT].sh_name), 0x7f, 2);
}

static void refuses_broken_contents(void **state)
{
	(void)state;
	refuses(AT(sections[S_SYMTAB].sh_entsize), 23, 1);
	refuses(AT(sections[S_SYMTAB].sh_link), S_COUNT, 1);
	refuses(AT(symbols[1].st_name), 0x7f, 2);
	refuses(AT(symbols[1].st_shndx), S_COUNT, 1);
	refuses(AT(sections[S_RELA].sh_info), S_COUNT, 1);
	refuses(AT(sections[S_RELA].sh_entsize), 8, 1);
	refuses(AT(rela.r_info) + 4, 3, 1);
	refuses(AT(strtab), 'x', sizeof(strings)); /* a name without an end */
	refuses(AT(note.head.n_namesz), 0xff, 4);
	refuses(AT(note.head.n_descsz), 0xff, 4);
	refuses(AT(note.owner), 'x', 4);
}

static void refuses_every_shorter_file(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(struct sample); len++) {
		struct arena *a = arena_new();
		struct elf e;

		assert_int_equal(parse(a, arena_memdup(a, sample(a), len), len, &e), -1);
		arena_free(a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_everything),
		cmocka_unit_test(memory_has_bounds),
		cmocka_unit_test(refuses_broken_tables),
		cmocka_unit_test(refuses_broken_contents),
		cmocka_unit_test(refuses_every_shorter_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
