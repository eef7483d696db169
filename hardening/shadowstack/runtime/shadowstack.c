/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asks for shadows of the stacks and names what fails in the checks that pass.c adds.
 * INIT layout:uk_shadowstack_layout
 * FAULT uk_shadowstack_fault
 */
#include <uk/init.h>
#include <uk/layout.h>
#include <uk/trap.h>
#include <uk/ud.h>

#include <stddef.h>

void uk_shadowstack_layout(struct uk_layout *l);
const char *uk_shadowstack_fault(const struct uk_fault *f);

UK_BOOT_CODE void uk_shadowstack_layout(struct uk_layout *l)
{
	l->is_shadowed = true;
}

/*
 * A stack pointer that was turned to memory that is no stack: the copy would be at the same distance from
 * it, where nothing is mapped. The distance is secret, so nothing else gets there but by chance.
 */
static bool is_beside_shadow(const struct uk_fault *f)
{
	return f->vector == UK_VECTOR_PF && !(f->error & UK_PF_FETCH) &&
	       f->where == UK_WHERE_OTHER &&
	       uk_where(f->addr - uk_shadow_distance) != UK_WHERE_OTHER;
}

const char *uk_shadowstack_fault(const struct uk_fault *f)
{
	return uk_ud_check(f) == UK_CHECK_SHADOWSTACK || is_beside_shadow(f) ? "shadowstack" : NULL;
}
