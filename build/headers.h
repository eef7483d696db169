/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Headers of the build machine that image code may see: SYSTEM-HEADERS of a fragment names folders of
 * the system's include folder. Each is reached through a folder that holds nothing else, so that no
 * other header of the system gets in by accident.
 */
#ifndef UKB_HEADERS_H
#define UKB_HEADERS_H

struct arena;
struct diags;
struct plan_in;
struct system_header;

/*
 * The include folder with h->folder in it: OUT/headers/HASH, where HASH is of the headers' contents.
 * So commands do not depend on where things lie, and other headers make other commands. Absent headers
 * are an error of kind DIAG_TOOL at h's place. NULL on error.
 */
const char *headers_folder(struct arena *a, const struct plan_in *in, const struct system_header *h,
			   struct diags *d);

#endif
