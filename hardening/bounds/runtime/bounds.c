/* SPDX-License-Identifier: BSD-2-Clause */
/* Recognises the trap of a failed check of an index: the compiler gives it no handler. */
#include <uk/ud.h>

const char *uk_bounds_fault(const struct uk_fault *f);

const char *uk_bounds_fault(const struct uk_fault *f)
{
	return uk_ud_check(f) == UK_CHECK_OUT_OF_BOUNDS ? "bounds" : NULL;
}
