/* SPDX-License-Identifier: BSD-2-Clause */
/* The note reader: the input is the content of the one PT_NOTE segment of an otherwise sane file.
 */
#include "base/arena.h"
#include "base/diag.h"
#include "elf.h"
#include <elf.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct {
		Elf64_Ehdr head;
		Elf64_Phdr note;
	} file = {
		.head =
			{
				.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
					    ELFDATA2LSB, EV_CURRENT},
				.e_type = ET_EXEC,
				.e_machine = EM_X86_64,
				.e_version = EV_CURRENT,
				.e_phoff = sizeof(Elf64_Ehdr),
				.e_ehsize = sizeof(Elf64_Ehdr),
				.e_phentsize = sizeof(Elf64_Phdr),
				.e_phnum = 1,
			},
		.note = {.p_type = PT_NOTE, .p_offset = sizeof(file), .p_align = 4},
	};
	struct arena *a = arena_new();
	uint8_t *bytes = arena_alloc(a, sizeof(file) + size);
	volatile size_t sum = 0;
	struct diags d;
	struct elf e;

	diags_init(&d, a);
	/* The first byte chooses the alignment, as both occur in real files. */
	if (size && data[0] & 1)
		file.note.p_align = 8;
	file.note.p_filesz = file.note.p_memsz = size;
	memcpy(bytes, &file, sizeof(file));
	if (size)
		memcpy(bytes + sizeof(file), data, size);
	if (elf_parse(a, "input", bytes, sizeof(file) + size, &e, &d) == 0)
		for (size_t i = 0; i < e.notes_len; i++) {
			sum += strlen(e.notes[i].owner);
			for (size_t k = 0; k < e.notes[i].desc_len; k++)
				sum += e.notes[i].desc[k];
		}
	arena_free(a);
	return 0;
}
