/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which of the compiler's checks has failed: it ends each in ud1 N(%eax),%eax, and N is the number of its
 * handler (clang, CodeGenFunction.h, LIST_SANITIZER_CHECKS; LLVM, X86MCInstLower.cpp, UBSAN_UD1).
 */
#ifndef UK_UD_H
#define UK_UD_H

#include <stddef.h>
#include <stdint.h>
#include <uk/trap.h>

enum {
	UK_CHECK_NONE = -1,
	UK_CHECK_ADD = 0x00,
	UK_CHECK_UNREACHABLE = 0x01,
	UK_CHECK_CFI = 0x02,
	UK_CHECK_DIVREM = 0x03,
	UK_CHECK_BUILTIN = 0x08,
	UK_CHECK_MUL = 0x0c,
	UK_CHECK_NEGATE = 0x0d,
	UK_CHECK_OUT_OF_BOUNDS = 0x12,
	UK_CHECK_SHIFT = 0x14,
	UK_CHECK_SUB = 0x15,
	UK_CHECK_VLA_BOUND = 0x18,
	UK_CHECK_SHADOWSTACK = 0x53, /* TRAP_NUMBER of hardening/shadowstack/pass.c */
};

/*
 * Where text cannot be read a check ends in int UK_CHECK_VECTOR + N instead (hardening/xom/pass.c). No table
 * goes that far, so it is a general protection fault whose error code has the vector above bit 3, and bit 1
 * (Intel SDM vol. 3, 6.13). QEMU's emulator shifts by one more (target/i386/tcg/seg_helper.c, do_interrupt64()).
 */
#define UK_CHECK_VECTOR 0x81

static inline int uk_ud_vector(const struct uk_fault *f)
{
	uint32_t vector = f->error >> 3;

	if (f->vector != UK_VECTOR_GP || (f->error & 7) != 2)
		return UK_CHECK_NONE;
	if (vector > UINT8_MAX)
		vector >>= 1;
	return vector < UK_CHECK_VECTOR ? UK_CHECK_NONE : (int)(vector - UK_CHECK_VECTOR);
}

static inline int uk_ud_check(const struct uk_fault *f)
{
	const uint8_t *ip = (const uint8_t *)f->ip;

	if (CONFIG_NEEDS_EXECUTE_ONLY)
		return f->where == UK_WHERE_IMAGE ? uk_ud_vector(f) : UK_CHECK_NONE;
	if (f->vector != UK_VECTOR_UD || f->where != UK_WHERE_IMAGE)
		return UK_CHECK_NONE;
	if (ip[0] != 0x67 || ip[1] != 0x0f || ip[2] != 0xb9)
		return UK_CHECK_NONE;
	/* ModRM with an 8-bit displacement, or with none for number 0 (Intel SDM vol. 2, 2.1.3). */
	if (ip[3] == 0x40)
		return ip[4];
	return ip[3] == 0 ? UK_CHECK_ADD : UK_CHECK_NONE;
}

#endif
