# SPDX-License-Identifier: BSD-2-Clause
PROVIDES := posix_io
# Holds which descriptors are closed, which every other file asks.
SRC := write.c
SRC-uk_sys_read := read.c
SRC-uk_sys_readv := read.c
SRC-uk_sys_lseek := descriptors.c
SRC-uk_sys_ioctl := descriptors.c
SRC-uk_sys_fcntl := descriptors.c
SRC-uk_sys_fstat := descriptors.c
SRC-uk_sys_close := descriptors.c
SRC-uk_sys_open := paths.c
SRC-uk_sys_openat := paths.c
SRC-uk_sys_access := paths.c
SRC-uk_sys_stat := paths.c
SRC-uk_sys_lstat := paths.c
SRC-uk_sys_readlink := paths.c
SRC-uk_sys_unlink := paths.c
