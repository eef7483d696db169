/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What tender and image agree on; read by both, and by assembly.
 *
 * The tender leaves one window of anonymous memory, [PROCESS_GATE, PROCESS_IMAGE + memory), and nothing
 * else in the address space:
 *	PROCESS_GATE	one page with the code PROCESS_GATE_CODE, and the thread pointer points to it: what
 *			the boot's own functions take as their canary is at PROCESS_GATE + 0x28
 *	PROCESS_IMAGE	the image where it is linked; the rest is zero
 *	info		a struct process_info, in the first page behind the image
 * and enters the image at its ELF entry, %rbx = address of the info, no stack.
 *
 * System calls that shape the address space are allowed from the gate's one instruction only. Permanent
 * text begins by unmapping that page: from then on nobody can make them any more (tender_filter.c).
 */
#ifndef PROCESS_H
#define PROCESS_H

#define PROCESS_ABI 1

#define PROCESS_PAGE 0x1000
#define PROCESS_IMAGE 0x100000 /* UK_LINK_ADDRESS */
#define PROCESS_GATE (PROCESS_IMAGE - PROCESS_PAGE)
/* syscall; ret (Intel SDM vol. 2); the filter sees the address behind the first. */
#define PROCESS_GATE_CODE {0x0f, 0x05, 0xc3}
#define PROCESS_GATE_IP (PROCESS_GATE + 2)

/*
 * The image takes signals on the pages directly behind its own, which move with it: they are the slots of
 * both fault stacks (uk/platform.h). A signal puts up to 3.5 KiB there on processors with AVX-512; the 8 KiB
 * of AMX are for processes that have asked for them (Linux Documentation/arch/x86/xstate.rst), and the filter
 * lets nobody ask.
 */
#define PROCESS_SIGNAL_STACK 0x2000

/* System calls that are possible for ever: the rules `for_ever` of tender_filter.c. */
#define PROCESS_CALLS 4

/* The longest write that is allowed. */
#define PROCESS_WRITE_MAX 0x8000

/*
 * The image's note: owner "ukbuild", this type, two words: PROCESS_ABI and flags. A tender that does not
 * find it refuses the image.
 */
#define PROCESS_NOTE 0x50524f43
/* The image asks for page rights: the tender maps nothing writable and executable. */
#define PROCESS_NOTE_RIGHTS 1
/* And text that cannot be read, for which the processor needs protection keys (pkeys(7)). */
#define PROCESS_NOTE_HIDDEN 2

/* Linux arch/x86/entry/syscalls/syscall_64.tbl; the numbers never change. */
#define SYS_WRITE 1
#define SYS_MPROTECT 10
#define SYS_MUNMAP 11
#define SYS_RT_SIGACTION 13
#define SYS_MREMAP 25
#define SYS_SIGALTSTACK 131
#define SYS_ARCH_PRCTL 158
#define SYS_CLOCK_GETTIME 228
#define SYS_EXIT_GROUP 231

/* Linux include/uapi/linux/mman.h, asm-generic/mman-common.h, asm/prctl.h, linux/time.h. */
#define MREMAP_MAYMOVE_FIXED 3
#define MAP_READ 1
#define ARCH_SET_FS_CODE 0x1002
#define CLOCK_ID_REALTIME 0
#define CLOCK_ID_MONOTONIC 1

#ifndef __ASSEMBLER__

#include <stdint.h>

enum {
	PROCESS_SEED_BYTES = 32,
	PROCESS_DEVICES = 4,
	PROCESS_CMDLINE_MAX = 3072,
};

struct process_info {
	uint32_t abi, flags;   /* PROCESS_ABI, PROCESS_NOTE_* as the tender obeyed them */
	uint64_t entry;        /* the word that the gate's first `ret` takes */
	uint64_t memory_bytes; /* from PROCESS_IMAGE on, image and this page included */
	int32_t devices[PROCESS_DEVICES];  /* open descriptors for block and network; -1 = none */
	uint8_t seed[PROCESS_SEED_BYTES];  /* fresh entropy */
	char cmdline[PROCESS_CMDLINE_MAX]; /* ends with a zero */
};

#endif
#endif
