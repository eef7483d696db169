/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compiler and linker flags of an image: the project's own, the unit's, the mechanisms'. Knows no
 * mechanism by name: what a level adds stands in hardening/NAME/harden.mk.
 */
#ifndef UKB_FLAGS_H
#define UKB_FLAGS_H

#include <stdbool.h>
#include <stdint.h>

struct app_source;
struct arena;
struct diags;
struct flags;
struct plan_in;
struct sel_file;
struct unit;

/* What a file is compiled as. */
enum flags_for {
	FLAGS_APP,         /* hosted, -O2, the manifest's cflags */
	FLAGS_APP_SOURCE,  /* the same, of a third-party source of the application */
	FLAGS_ATTACK,      /* as the application, without what the manifest adds */
	FLAGS_OWN,         /* freestanding, -Os, the public headers of all libraries */
	FLAGS_THIRD_PARTY, /* as the unit's fragment says, no warnings */
	FLAGS_GENERATED,   /* as own code */
};

/*
 * The words between the compiler's name and the input: everything but -o, -MF and the source.
 * label is the file's stable name (for exemptions); unit is NULL for the application.
 */
int flags_compile(struct arena *a, const struct plan_in *in, enum flags_for what,
		  const struct unit *unit, const char *path, const char *label, bool is_asm,
		  struct flags *ret, struct diags *d);
/* What is special for files of a third-party source of the application; after flags_compile(). */
void flags_app_source(struct arena *a, const struct plan_in *in, const struct app_source *s,
		      bool is_asm, struct flags *ret);
/* True when the stable name is that of a file as a fragment names it. */
bool flags_label_is(const char *label, const char *file);
/* True when a NOHARDEN line of the unit exempts the file; unit may be NULL (the application). */
bool flags_is_exempt(const struct unit *unit, const char *label, const char *mechanism);
/*
 * *ret: the layout seed when flags of an active level end in one (CFLAGS-SEED), else NULL. seed_hex as in
 * lock_seed(). in->seed has it while flags are made.
 */
int flags_find_seed(struct arena *a, const struct plan_in *in, const char *seed_hex,
		    const uint8_t **ret, struct diags *d);
/* The linker's words without script, output and objects. */
int flags_link(struct arena *a, const struct plan_in *in, struct flags *ret, struct diags *d);
/* True when an active level hands bitcode to the linker (its CFLAGS say -flto). */
bool flags_is_lto(const struct plan_in *in);
/* The -DCONFIG_X=value words for the CONFIG_ names that the file and the public headers mention. */
int flags_config(struct arena *a, const struct plan_in *in, const char *path, struct flags *ret,
		 struct diags *d);

#endif
