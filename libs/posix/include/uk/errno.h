/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Error numbers of system calls: Linux, include/uapi/asm-generic/errno-base.h and errno.h. A call
 * uk_sys_NAME() takes what the kernel's NAME takes on x86-64 (manual pages, section 2), each argument as
 * a long, and returns its result or a negated error number.
 */
#ifndef UK_ERRNO_H
#define UK_ERRNO_H

enum uk_errno {
	UK_EPERM = 1,
	UK_ENOENT = 2,
	UK_ESRCH = 3,
	UK_EBADF = 9,
	UK_EAGAIN = 11,
	UK_ENOMEM = 12,
	UK_EACCES = 13,
	UK_EEXIST = 17,
	UK_ENODEV = 19,
	UK_ENOTDIR = 20,
	UK_EISDIR = 21,
	UK_EINVAL = 22,
	UK_EMFILE = 24,
	UK_ENOTTY = 25,
	UK_ESPIPE = 29,
	UK_EROFS = 30,
	UK_ERANGE = 34,
	UK_ENOSYS = 38,
};

#endif
