/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Include this last in a C file and all its code and data is boot-only: with page rights it is
 * unmapped before main. Such code may use permanent code and data; never the other way round.
 */
#ifndef UK_BOOT_H
#define UK_BOOT_H

#if !__STDC_HOSTED__
#pragma clang section text = ".boot.text" rodata = ".boot.rodata" data = ".boot.data" bss = \
	".boot.bss"
#endif

/* Permanent data in a boot-only file, zero at first: read-only from the end of the boot on. */
#define UK_ROINIT __attribute__((section(".bss.roinit")))
/* The same, but writable for ever. */
#define UK_PERMANENT __attribute__((section(".bss.permanent")))

#endif
