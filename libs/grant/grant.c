/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grant table, version 1, as xen/grant_table.h wants it handled: an entry becomes valid with the write of
 * its flags, after all else, and invalid by a compare-and-exchange, because Xen sets the flags of mappings in
 * the same word. Xen never looks at the frame of an invalid entry: the list of free ones is kept there. The
 * other domain sees nothing of the table.
 */
#include <uk/grant.h>
#include <uk/plat.h>
#include <uk/xen.h>
#include <xen/errno.h>
#include <xen/grant_table.h>

static struct {
	struct grant_entry_v1 *entries; /* NULL: not looked for yet */
	size_t count;
	size_t top;     /* entries from here on were never used by us */
	uint32_t first; /* of the list of entries that came back; 0 ends it: it is a reserved one */
} table;

static bool is_ready(void)
{
	if (!table.entries) {
		table.entries = uk_xen_grants(&table.count);
		table.top = GNTTAB_NR_RESERVED_ENTRIES;
	}
	return table.entries;
}

static bool is_free(const struct grant_entry_v1 *e)
{
	return __atomic_load_n(&e->flags, __ATOMIC_ACQUIRE) == GTF_invalid;
}

/* A free reference, or 0. */
static uint32_t take(void)
{
	uint32_t ref = table.first;

	if (ref) {
		table.first = table.entries[ref].frame;
		return ref;
	}
	/* A loader that ran before us may have left some in use. */
	while (table.top < table.count && !is_free(&table.entries[table.top]))
		table.top++;
	return table.top < table.count ? (uint32_t)table.top++ : 0;
}

int uk_grant_page(uint16_t domain, const void *page, bool is_read_only, uint32_t *ret_ref)
{
	uint64_t frame;
	uint32_t ref;
	struct grant_entry_v1 *e;

	if ((uintptr_t)page % UK_PAGE_BYTES)
		return -XEN_EINVAL;
	frame = uk_xen_frame(page);
	if (frame > UINT32_MAX)
		return -XEN_EINVAL;
	if (!is_ready())
		return -XEN_ENODEV;
	ref = take();
	if (!ref)
		return -XEN_ENOSPC;
	e = &table.entries[ref];
	e->domid = domain;
	e->frame = (uint32_t)frame;
	__atomic_store_n(&e->flags, GTF_permit_access | (is_read_only ? GTF_readonly : 0),
			 __ATOMIC_RELEASE);
	*ret_ref = ref;
	return 0;
}

int uk_grant_end(uint32_t ref)
{
	struct grant_entry_v1 *e;
	uint16_t flags;

	if (!is_ready())
		return -XEN_EINVAL;
	if (ref < GNTTAB_NR_RESERVED_ENTRIES || ref >= table.top)
		return -XEN_EINVAL;
	e = &table.entries[ref];
	flags = __atomic_load_n(&e->flags, __ATOMIC_RELAXED);
	do {
		if ((flags & GTF_type_mask) != GTF_permit_access)
			return -XEN_EINVAL;
		if (flags & (GTF_reading | GTF_writing))
			return -XEN_EBUSY;
	} while (!__atomic_compare_exchange_n(&e->flags, &flags, GTF_invalid, false,
					      __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	e->frame = table.first;
	table.first = ref;
	return 0;
}
