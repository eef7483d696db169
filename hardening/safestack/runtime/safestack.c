/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asks for unsafe stacks, has the pointer to the one in use, and names a fault beside them.
 * INIT layout:uk_safestack_layout
 * FAULT uk_safestack_fault
 */
#include <uk/init.h>
#include <uk/layout.h>
#include <uk/tls.h>
#include <uk/trap.h>

#include <stddef.h>

void uk_safestack_layout(struct uk_layout *l);
const char *uk_safestack_fault(const struct uk_fault *f);

/* Kept when the image is linked as one: the code generator asks for it by name, later than all else. */
__attribute__((used)) __thread void *__safestack_unsafe_stack_ptr;

UK_BOOT_CODE void uk_safestack_layout(struct uk_layout *l)
{
	l->has_unsafe_stacks = true;
}

/* A buffer that ran over its stack's end, or a stack that ran out. */
const char *uk_safestack_fault(const struct uk_fault *f)
{
	return f->vector == UK_VECTOR_PF && f->where == UK_WHERE_UNSAFE_GUARD ? "safestack" : NULL;
}
