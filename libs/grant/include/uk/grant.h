/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Grants: pages of this domain that another one may map. A grant is a number, the reference, which goes to the
 * other domain through the store or a ring. Several threads must not be in here at once; Xen and the other
 * domain may do what they like meanwhile.
 *
 * Mapping pages that others grant is not here: under PVH it takes the place of a page of ours, under PV it
 * changes page tables, and the halves of drivers that run in guests never need it.
 *
 * Errors are Xen's, negative (xen/errno.h).
 */
#ifndef UK_GRANT_H
#define UK_GRANT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Grants a page of the image or of uk_plat_ram() to `domain`; all of it: what else lies in the page is given
 * too. From now on the other domain can change it at any moment, unless read-only.
 *   -ENODEV   this domain has no grant table
 *   -ENOSPC   no reference is free
 *   -EINVAL   not the start of a page, or its frame number does not fit into an entry (memory above 16 TiB)
 */
int uk_grant_page(uint16_t domain, const void *page, bool is_read_only, uint32_t *ret_ref);

/*
 * Ends a grant: 0 says that the other domain has no mapping of the page and gets none any more.
 *   -EBUSY    it maps the page just now: the grant stays as it is. The page must not be used for anything
 *             else; ask again after the other side has been told to close.
 *   -EINVAL   the reference is not one of ours
 */
int uk_grant_end(uint32_t ref);

#endif
