/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tender's files share. No C library: system calls, and errors that end the process. */
#ifndef TENDER_H
#define TENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/elf.h>

/* How the tender ends when the guest was never entered; guests end with 0, 1 or 2 (enum uk_exit). */
#define TENDER_EXIT 125

enum {
	TENDER_SEGMENTS_MAX = 16, /* image.ld has 9 */
};

/* Addresses are those the image is linked for. */
struct tender_image {
	int fd;
	uint64_t entry, end;     /* `end` is behind its last page */
	uint64_t text, text_end; /* pages of code */
	uint32_t flags;          /* PROCESS_NOTE_*; what the processor lacks is taken out */
	Elf64_Phdr loads[TENDER_SEGMENTS_MAX];
	size_t loads_len;
};

/* tender.c: a system call; negative errno on failure, as the kernel has it. */
long tender_call(long nr, long a, long b, long c, long d, long e, long f);
/* Prints "ukbuild-tender: WHAT 'NAME' (errno N)"; NAME may be NULL, N 0. */
_Noreturn void tender_fail(const char *what, const char *name, long err);

/* tender_image.c: opens the image, checks all of it, and says what it needs. */
void tender_image_open(const char *path, struct tender_image *ret);
/* Reads its segments to where they are linked. */
void tender_image_load(const char *path, const struct tender_image *image);

/* tender_filter.c: from the return on only what the guest may call is possible. */
void tender_filter_install(void);

#endif
