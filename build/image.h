/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finishing an image: from the linker's output to the file that boots and its sidecar. Also the
 * command that the makefile calls for it.
 */
#ifndef UKB_IMAGE_H
#define UKB_IMAGE_H

#include "base/json.h"
#include <stddef.h>

struct arena;
struct diags;

/*
 * Writes out: the loadable bytes of linked without section headers, as ET_EXEC, its GNU build-id
 * the SHA-256 (first 20 bytes) of the rest. Writes out.ukmap: linked itself with that build-id and
 * a section .ukbuild, the record with "build_id" and "link_map" added. Both appear by rename.
 */
int image_finish(struct arena *a, const char *linked_path, const char *map_path,
		 const char *record_path, const char *out_path, struct diags *d);

/*
 * The linker's map (lld's -Map text) as [{"addr","size","section","object"}...] in address order;
 * objects: {"ab/cdef.o": label}; symbols (or NULL): {"symbol": label} for code made by the linker.
 */
json_t *image_link_map(struct arena *a, const char *text, const json_t *objects,
		       const json_t *symbols);

/*
 * Names of units that have labels in objects ({"ab/cdef.o": label}) and no byte in the link map: they
 * were chosen, and the linker found nothing of them reachable. Sorted.
 */
json_t *image_vanished(struct arena *a, json_t *objects, const json_t *link_map);

#endif
