/* SPDX-License-Identifier: BSD-2-Clause */
/* Inspection of a finished image: every byte attributed, every mechanism verified. */
#ifndef UKB_INSPECT_H
#define UKB_INSPECT_H

#include "base/json.h"
#include "base/str.h"
#include "disasm.h"
#include "harden.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct diags;

/* File bytes and memory bytes of one unit ("musl", "kvm", "app", "headers and padding" ...). */
struct unit_bytes {
	const char *unit;
	uint64_t text, rodata, data, bss; /* bss is memory only */
	uint64_t file;                    /* bytes of the file */
};

struct mech_report {
	const char *name;
	const char *asked; /* level asked for, from the sidecar's record; NULL without sidecar */
	struct verdict verdict;
	/* From the record: how the mechanism stands on the platform, and why; NULL = it does not say. */
	const char *status, *reason;
	const char *left_out; /* the level that the profile asks for and the platform refuses */
	bool is_met; /* false: asked for and not (fully) found, or found partial: an error */
};

struct inspection {
	const char *path;
	const char *build_id;                  /* hex */
	const char *name, *platform, *profile; /* from the record; NULL without sidecar */
	uint64_t file_bytes;
	char sha256[65];
	struct unit_bytes *units; /* largest first; sum of .file == file_bytes */
	size_t units_len;
	struct strs reworded; /* functions that the link compiled another way, and why */
	struct strs vanished; /* units that were chosen and of which the linker kept nothing */
	struct mech_report *mechs;
	size_t mechs_len;
	struct priv_hits priv; /* in text that stays mapped */
	struct gadget_count gadgets;
	const struct image *image;
};

/*
 * Opens path and path.ukmap (if it is there and its build-id matches). A mechanism asked for and not
 * found is reported in ret and is a DIAG_CHECK error.
 */
int inspect_image(struct arena *a, const char *path, struct inspection *ret, struct diags *d);
void inspect_print(const struct inspection *in, FILE *to);
json_t *inspect_json(const struct inspection *in);
/* Opens the image and its sidecar only (for attack and mutation tests, and the symboliser). */
int image_open(struct arena *a, const char *path, struct image *ret, struct diags *d);
/* The platform that an image was built for, by its sidecar's record; NULL when nobody says. */
const char *image_platform(struct arena *a, const char *path);

#endif
