/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Recognises the traps of control-flow checks. The compiler gives them no handler: a failed check
 * ends in an undefined instruction, and only the code around it says which one it was.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uk/ud.h>

const char *uk_cfi_fault(const struct uk_fault *f);

/*
 * kcfi, as clang's X86AsmPrinter (LowerKCFI_CHECK) writes it, target in REG:
 *	mov  $-hash, %r10d	41 ba imm32		(%r11d when REG is %r10)
 *	add  -4(REG), %r10d	44/45 03 modrm [sib] fc
 *	je   1f			74 02
 *	ud2			0f 0b
 * 1:	call *REG
 */
static bool is_kcfi_trap(const uint8_t *ip)
{
	return ip[0] == 0x0f && ip[1] == 0x0b && ip[-1] == 0x02 && ip[-2] == 0x74 && ip[-3] == 0xfc;
}

/* The add of that check: it faults itself when the target is no memory at all. */
static bool is_kcfi_load(const uint8_t *ip)
{
	size_t len;

	if ((ip[0] & 0xfe) != 0x44 || ip[1] != 0x03)
		return false;
	/* ModRM with an 8-bit displacement; rm 4 means a SIB byte follows (Intel SDM vol. 2, 2.1.5). */
	if (ip[2] >> 6 != 1)
		return false;
	len = (ip[2] & 7) == 4 ? 5 : 4;
	return ip[len - 1] == 0xfc && is_kcfi_trap(ip + len + 2);
}

const char *uk_cfi_fault(const struct uk_fault *f)
{
	const uint8_t *ip = (const uint8_t *)f->ip;

	/* Without kcfi nothing here may read text: it need not be readable. */
	if (!CONFIG_HARDEN_CFI_KCFI)
		return uk_ud_check(f) == UK_CHECK_CFI ? "cfi" : NULL;
	if (f->vector == UK_VECTOR_UD && f->where == UK_WHERE_IMAGE)
		return is_kcfi_trap(ip) ? "cfi" : NULL;
	/* The instruction was fetched, so it can be read; not so when the fetch itself failed. */
	if (f->vector == UK_VECTOR_PF && !(f->error & UK_PF_FETCH))
		return is_kcfi_load(ip) ? "cfi" : NULL;
	return NULL;
}
