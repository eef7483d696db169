/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls about memory: anonymous mappings out of the page allocator. All memory is readable and
 * writable from boot on, so a mapping is bookkeeping; rights cannot be changed.
 */
#ifndef UK_POSIX_MEM_H
#define UK_POSIX_MEM_H

long uk_sys_mmap(long addr, long len, long prot, long flags, long fd, long offset);
long uk_sys_munmap(long addr, long len);
long uk_sys_mremap(long addr, long old_len, long new_len, long flags, long new_addr);
long uk_sys_madvise(long addr, long len, long advice);
/* Always -ENOSYS: page tables are built once. */
long uk_sys_mprotect(long addr, long len, long prot);
/* There is no break: 0, which sbrk() and brk() of the C library turn into ENOMEM. */
long uk_sys_brk(long addr);

#endif
