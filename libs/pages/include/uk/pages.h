/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs of pages out of the platform's memory (uk_plat_ram). All memory is mapped before main and stays
 * so: a run is bookkeeping, held apart from the pages it is about. Taking and giving back a run takes
 * constant time; memory that was never taken is never touched.
 *
 * Interface: a run is named by its first byte. A run that is not there (given back twice, not the start
 * of one) is a fatal trap of "heap", never an answer.
 */
#ifndef UK_PAGES_H
#define UK_PAGES_H

#include <stdbool.h>
#include <stddef.h>

/* A new run, its contents undefined, at a multiple of align_pages pages (a power of two). NULL: full. */
void *uk_pages_alloc(size_t pages, size_t align_pages);
void uk_pages_free(void *run);

/* Makes the run longer or shorter in place; false (and nothing changed) when there is no room. */
bool uk_pages_resize(void *run, size_t pages);
/* Cuts the run in two after `pages` pages, fewer than it has; the second begins there. */
void uk_pages_split(void *run, size_t pages);

/*
 * A word for whoever took the run: NULL at first. Kept with its first page, or with all: then only the
 * whole run can be given back, no split and no resize.
 */
void uk_pages_set_owner(void *run, void *owner);
void uk_pages_set_owner_all(void *run, void *owner);
/* The owner kept with the page in which p lies; NULL also outside of every run. */
void *uk_pages_owner(const void *p);

/* Length in pages of the run that starts at p; 0: none does. */
size_t uk_pages_length(const void *p);
/* The run without an owner in which p lies, or NULL. Takes time in proportion to its length. */
void *uk_pages_find(const void *p);

/* Pages taken now, at most, and there are. */
struct uk_pages_count {
	size_t used, peak, total;
};
struct uk_pages_count uk_pages_count(void);

#endif
