/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads an image: an ELF64 program with the note of process.h. It is read, never mapped: no file stays
 * behind the guest's memory. The file may be hostile, so every number is checked.
 */
#include "tender.h"

#include "process.h"

#include <asm/unistd_64.h>
#include <linux/fcntl.h>

enum {
	NOTE_BYTES_MAX = 1024,
	NOTE_ALIGN = 4,
};

#define IMAGE_BYTES_MAX (1UL << 30)

static const char owner[] = "ukbuild";

struct headers {
	Elf64_Ehdr file;
	Elf64_Phdr segments[TENDER_SEGMENTS_MAX];
};

/* Returns less than `bytes` at the end of the file only. */
static uint64_t read_at(const char *path, int fd, void *to, uint64_t bytes, uint64_t offset)
{
	uint64_t done = 0;

	while (done < bytes) {
		long got = tender_call(__NR_pread64, fd, (long)to + (long)done,
				       (long)(bytes - done), (long)(offset + done), 0, 0);

		if (got < 0)
			tender_fail("cannot read image", path, got);
		if (!got)
			break;
		done += (uint64_t)got;
	}
	return done;
}

static void read_headers(const char *path, int fd, struct headers *ret)
{
	const Elf64_Ehdr *head = &ret->file;
	uint64_t got = read_at(path, fd, ret, sizeof(*ret), 0);

	if (got < sizeof(*head) || head->e_ident[EI_MAG0] != 0x7f ||
	    head->e_ident[EI_MAG1] != 'E' || head->e_ident[EI_MAG2] != 'L' ||
	    head->e_ident[EI_MAG3] != 'F' || head->e_ident[EI_CLASS] != ELFCLASS64 ||
	    head->e_machine != EM_X86_64)
		tender_fail("no x86-64 ELF file:", path, 0);
	/* Where linkers put them: right behind the file header. */
	if (head->e_phoff != sizeof(*head) || head->e_phentsize != sizeof(ret->segments[0]) ||
	    head->e_phnum > TENDER_SEGMENTS_MAX ||
	    got < sizeof(*head) + head->e_phnum * sizeof(ret->segments[0]))
		tender_fail("strange program headers in", path, 0);
}

static uint64_t align_up(uint64_t n, uint64_t align)
{
	return (n + align - 1) & ~(align - 1);
}

/* Our note's two words. */
static void read_note(const char *path, int fd, const Elf64_Phdr *segment, uint32_t *ret_flags)
{
	uint32_t notes[NOTE_BYTES_MAX / sizeof(uint32_t)];
	uint64_t bytes = segment->p_filesz < sizeof(notes) ? segment->p_filesz : sizeof(notes);
	uint64_t at = 0;

	bytes = read_at(path, fd, notes, bytes, segment->p_offset);
	while (bytes - at >= sizeof(Elf64_Nhdr)) {
		const Elf64_Nhdr *n = (const Elf64_Nhdr *)((const char *)notes + at);
		const char *name = (const char *)(n + 1);
		uint64_t rest = bytes - at - sizeof(*n);
		uint64_t name_bytes = align_up(n->n_namesz, NOTE_ALIGN);
		uint64_t desc_bytes = align_up(n->n_descsz, NOTE_ALIGN);
		bool is_ours = n->n_type == PROCESS_NOTE && n->n_namesz == sizeof(owner) &&
			       n->n_descsz == 2 * sizeof(uint32_t);

		if (name_bytes > rest || desc_bytes > rest - name_bytes)
			break;
		for (size_t i = 0; is_ours && i < sizeof(owner); i++)
			is_ours = name[i] == owner[i];
		if (is_ours) {
			const uint32_t *words = (const uint32_t *)(name + name_bytes);

			if (words[0] != PROCESS_ABI)
				tender_fail("made for another version of the tender: image", path,
					    0);
			*ret_flags = words[1];
			return;
		}
		at += sizeof(*n) + name_bytes + desc_bytes;
	}
	tender_fail("no image of platform 'process':", path, 0);
}

/*
 * A loaded segment lies behind PROCESS_IMAGE and its bytes behind those of the one before it. Memory sizes
 * may overlap: linkers count the zeros of thread-local data, which take no place.
 */
static void add_segment(const char *path, const Elf64_Phdr *p, struct tender_image *image)
{
	const Elf64_Phdr *last = image->loads_len ? &image->loads[image->loads_len - 1] : NULL;
	const uint64_t least = last ? last->p_vaddr + last->p_filesz : PROCESS_IMAGE;
	const uint64_t end = p->p_vaddr + p->p_memsz;

	if (p->p_vaddr < least || p->p_vaddr > PROCESS_IMAGE + IMAGE_BYTES_MAX ||
	    p->p_memsz > IMAGE_BYTES_MAX || p->p_filesz > p->p_memsz)
		tender_fail("a segment lies where it must not in image", path, 0);
	image->loads[image->loads_len++] = *p;
	if (end > image->end)
		image->end = end;
	if (p->p_flags & PF_X) {
		image->text = p->p_vaddr & ~(uint64_t)(PROCESS_PAGE - 1);
		image->text_end = align_up(end, PROCESS_PAGE);
	}
}

void tender_image_open(const char *path, struct tender_image *ret)
{
	const Elf64_Phdr *note = NULL;
	struct headers h;
	long fd = tender_call(__NR_open, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0, 0);

	if (fd < 0)
		tender_fail("cannot open image", path, fd);
	/* Else the image itself would stay open as one of them. */
	if (fd < 3)
		tender_fail("descriptors 0 to 2 must be open", NULL, 0);
	read_headers(path, (int)fd, &h);
	ret->fd = (int)fd;
	ret->entry = h.file.e_entry;
	ret->end = PROCESS_IMAGE;
	ret->text = ret->text_end = 0;
	ret->loads_len = 0;
	for (size_t i = 0; i < h.file.e_phnum; i++) {
		const Elf64_Phdr *p = &h.segments[i];

		if (p->p_type == PT_NOTE)
			note = p;
		if (p->p_type == PT_LOAD && p->p_memsz)
			add_segment(path, p, ret);
	}
	ret->end = align_up(ret->end, PROCESS_PAGE);
	if (!note)
		tender_fail("no image of platform 'process':", path, 0);
	read_note(path, (int)fd, note, &ret->flags);
	if (ret->entry < ret->text || ret->entry >= ret->text_end)
		tender_fail("the entry is not in the code of image", path, 0);
}

void tender_image_load(const char *path, const struct tender_image *image)
{
	for (size_t i = 0; i < image->loads_len; i++) {
		const Elf64_Phdr *p = &image->loads[i];

		if (read_at(path, image->fd, (void *)p->p_vaddr, p->p_filesz, p->p_offset) <
		    p->p_filesz)
			tender_fail("the file ends too early: image", path, 0);
	}
}
