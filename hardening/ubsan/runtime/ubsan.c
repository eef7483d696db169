/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Recognises the traps of checks for undefined behaviour and says which it was, in a line of its own before
 * the trap block. An index out of bounds (bounds) and a call of the wrong type (cfi) have other numbers.
 */
#include <stddef.h>
#include <uk/platform.h>
#include <uk/ud.h>

const char *uk_ubsan_fault(const struct uk_fault *f);

static const char *kind_of(int check)
{
	switch (check) {
	case UK_CHECK_ADD:
		return "a signed addition overflows";
	case UK_CHECK_SUB:
		return "a signed subtraction overflows";
	case UK_CHECK_MUL:
		return "a signed multiplication overflows";
	case UK_CHECK_NEGATE:
		return "a signed negation overflows";
	case UK_CHECK_DIVREM:
		return "a division by zero, or one that overflows";
	case UK_CHECK_SHIFT:
		return "a shift by more than the width";
	case UK_CHECK_UNREACHABLE:
		return "a place is reached that never should be";
	case UK_CHECK_VLA_BOUND:
		return "an array whose length is not positive";
	case UK_CHECK_BUILTIN:
		return "zero given to a builtin that counts bits";
	default:
		return NULL;
	}
}

const char *uk_ubsan_fault(const struct uk_fault *f)
{
	const char *kind = kind_of(uk_ud_check(f));

	if (!kind)
		return NULL;
	uk_put("\nubsan: ");
	uk_put(kind);
	return "ubsan";
}
