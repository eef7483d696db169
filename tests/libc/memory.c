/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap and anonymous mappings through the C library. */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
	PAGE = 4096,
};

static int is_zero(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i])
			return 0;
	}
	return 1;
}

static void heap(void)
{
	volatile size_t huge = (size_t)1 << 40;
	char *volatile seen; /* a block that is never looked at is never allocated */
	char *p = malloc(100);
	void *aligned = NULL;

	strcpy(p, "kept");
	p = realloc(p, 100000);
	printf("realloc %s\n", p);
	memset(p, 0x55, 100000);
	free(p);
	p = calloc(50, 2000);
	printf("calloc %d\n", is_zero(p, 100000));
	free(p);
	errno = 0;
	seen = calloc(huge, huge);
	printf("overflow %d %d\n", seen == NULL, *(volatile int *)&errno == ENOMEM);
	printf("aligned %d %d\n", posix_memalign(&aligned, 4 * PAGE, 10),
	       (int)((uintptr_t)aligned % (4 * PAGE)));
	printf("usable %d\n", malloc_usable_size(aligned) >= 10);
	free(aligned);
	printf("bad alignment %d\n", posix_memalign(&aligned, 24, 10) == EINVAL);
}

static void mappings(void)
{
	const int rights = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS;
	char *p = mmap(NULL, 6 * PAGE, rights, flags, -1, 0);

	printf("mmap %d\n", is_zero(p, 6 * PAGE));
	memset(p, 1, 6 * PAGE);
	printf("hole %d\n", munmap(p + 2 * PAGE, PAGE));
	printf("around %d %d\n", p[0], p[3 * PAGE]);
	madvise(p, PAGE, MADV_DONTNEED);
	printf("dropped %d\n", p[0]);
	p[PAGE] = 9;
	p = mremap(p, 2 * PAGE, 20 * PAGE, MREMAP_MAYMOVE);
	printf("mremap %d %d\n", p[PAGE], is_zero(p + 2 * PAGE, 18 * PAGE));
	printf("munmap %d\n", munmap(p, 20 * PAGE));
	errno = 0;
	printf("executable %d %d\n",
	       mmap(NULL, PAGE, rights | PROT_EXEC, flags, -1, 0) == MAP_FAILED, errno == EACCES);
	printf("fixed %d\n",
	       mmap((void *)0x10000, PAGE, rights, flags | MAP_FIXED, -1, 0) == MAP_FAILED);
}

int main(void)
{
	heap();
	mappings();
	return 0;
}
