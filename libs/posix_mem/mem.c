/* SPDX-License-Identifier: BSD-2-Clause */
/* Anonymous mappings: runs of pages without an owner. */
#include <stdint.h>
#include <uk/errno.h>
#include <uk/pages.h>
#include <uk/plat.h>
#include <uk/posix_mem.h>

/* Linux: include/uapi/asm-generic/mman-common.h, mman.h, linux/mman.h. */
enum {
	PROT_EXEC = 4,
	MAP_FIXED = 0x10,
	MAP_ANONYMOUS = 0x20,
	MAP_FIXED_NOREPLACE = 0x100000,
	MREMAP_MAYMOVE = 1,
	MREMAP_FIXED = 2,
	MADV_DONTNEED = 4,
};

/* Bytes as pages, rounded up; 0 for lengths that no mapping can have. */
static size_t pages_for(long len)
{
	size_t bytes = (size_t)len;

	if (bytes > PTRDIFF_MAX - UK_PAGE_BYTES)
		return 0;
	return (bytes + UK_PAGE_BYTES - 1) / UK_PAGE_BYTES;
}

static void clear(uintptr_t at, size_t pages)
{
	__builtin_memset((void *)at, 0, pages * UK_PAGE_BYTES);
}

/* True when [at, at + pages) lies in one mapping. */
static bool is_mapped(uintptr_t at, size_t pages)
{
	void *run = uk_pages_find((void *)at);

	return run && (at - (uintptr_t)run) / UK_PAGE_BYTES + pages <= uk_pages_length(run);
}

/* Cuts the mapping so that the run at `at` is `pages` long. The range must be mapped. */
static void cut_out(uintptr_t at, size_t pages)
{
	void *run = uk_pages_find((void *)at);

	if (run != (void *)at)
		uk_pages_split(run, (at - (uintptr_t)run) / UK_PAGE_BYTES);
	if (uk_pages_length((void *)at) > pages)
		uk_pages_split((void *)at, pages);
}

/* A fixed address can only name memory that is the caller's already: it is cleared. */
static long map_fixed(uintptr_t at, size_t pages, long flags)
{
	if (at % UK_PAGE_BYTES || !is_mapped(at, pages))
		return -UK_ENOMEM;
	if (flags & MAP_FIXED_NOREPLACE)
		return -UK_EEXIST;
	clear(at, pages);
	return (long)at;
}

long uk_sys_mmap(long addr, long len, long prot, long flags, long fd, long offset)
{
	size_t pages = pages_for(len);
	void *run;

	(void)fd;
	(void)offset;
	if (!pages)
		return len ? -UK_ENOMEM : -UK_EINVAL;
	if (!(flags & MAP_ANONYMOUS))
		return -UK_ENODEV;
	if (prot & PROT_EXEC)
		return -UK_EACCES;
	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))
		return map_fixed((uintptr_t)addr, pages, flags);
	run = uk_pages_alloc(pages, 1);
	if (!run)
		return -UK_ENOMEM;
	clear((uintptr_t)run, pages);
	return (long)run;
}

/* As on Linux, pages of the range that are not mapped are no error. */
long uk_sys_munmap(long addr, long len)
{
	uintptr_t at = (uintptr_t)addr;
	size_t pages = pages_for(len);

	if (at % UK_PAGE_BYTES || !pages)
		return -UK_EINVAL;
	while (pages) {
		void *run = uk_pages_find((void *)at);
		size_t here = 1;

		if (run) {
			here = uk_pages_length(run) - (at - (uintptr_t)run) / UK_PAGE_BYTES;
			if (here > pages)
				here = pages;
			cut_out(at, here);
			uk_pages_free((void *)at);
		}
		at += here * UK_PAGE_BYTES;
		pages -= here;
	}
	return 0;
}

static long move(uintptr_t at, size_t have, size_t pages)
{
	void *run = uk_pages_alloc(pages, 1);

	if (!run)
		return -UK_ENOMEM;
	__builtin_memcpy(run, (void *)at, have * UK_PAGE_BYTES);
	clear((uintptr_t)run + have * UK_PAGE_BYTES, pages - have);
	uk_pages_free((void *)at);
	return (long)run;
}

long uk_sys_mremap(long addr, long old_len, long new_len, long flags, long new_addr)
{
	uintptr_t at = (uintptr_t)addr;
	size_t have = pages_for(old_len), pages = pages_for(new_len);

	(void)new_addr;
	if (at % UK_PAGE_BYTES || !have || !pages || flags & MREMAP_FIXED || !is_mapped(at, have))
		return -UK_EINVAL;
	cut_out(at, have);
	if (uk_pages_resize((void *)at, pages)) {
		if (pages > have)
			clear(at + have * UK_PAGE_BYTES, pages - have);
		return addr;
	}
	return flags & MREMAP_MAYMOVE ? move(at, have, pages) : -UK_ENOMEM;
}

/* All advice may be ignored but one: memory that is not needed reads as zero afterwards. */
long uk_sys_madvise(long addr, long len, long advice)
{
	uintptr_t at = (uintptr_t)addr;
	size_t pages = pages_for(len);

	if (at % UK_PAGE_BYTES)
		return -UK_EINVAL;
	if (!pages || advice != MADV_DONTNEED)
		return 0;
	if (!is_mapped(at, pages))
		return -UK_ENOMEM;
	clear(at, pages);
	return 0;
}
