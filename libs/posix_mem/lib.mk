# SPDX-License-Identifier: BSD-2-Clause
PROVIDES := posix_mem
SRC-uk_sys_mmap := mem.c
SRC-uk_sys_munmap := mem.c
SRC-uk_sys_mremap := mem.c
SRC-uk_sys_madvise := mem.c
SRC-uk_sys_mprotect := refuse.c
SRC-uk_sys_brk := refuse.c
