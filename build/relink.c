/* SPDX-License-Identifier: BSD-2-Clause */
#include "relink.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/json.h"
#include "base/proc.h"
#include "base/str.h"
#include "disasm.h"
#include "elf.h"
#include "image.h"
#include "order.h"
#include "priv.h"

/* A linker's map is never larger. */
#define MAP_MAX_BYTES (256u << 20)
/*
 * Links before what is left counts as part of the code. A move changes the distances from and to one
 * function, so a megabyte of text needs two or three.
 */
#define LINKS_MAX 12
/* Moves first; addresses of data in the code change only when data moves. */
#define LINKS_WITHOUT_PADDING 3
#define PADDING_BYTES 16

/* The objects' names, as image_link_map() wants them: {"ab/cdef.o": "cdef.o"}. */
static json_t *object_names(struct arena *a, const char *rsp_path, struct diags *d)
{
	struct strs objects = {0};
	json_t *names;
	char *text;
	size_t len;

	if (file_read(a, rsp_path, MAP_MAX_BYTES, &text, &len, d))
		return NULL;
	strs_from_response(a, &objects, text);
	names = json_object();
	for (size_t i = 0; i < objects.len; i++) {
		const char *base = path_base(objects.v[i]);

		json_object_set_new(names, base - 3, json_string(base));
	}
	return names;
}

static int read_pieces(struct arena *a, const struct relink_in *in, json_t **ret, struct diags *d)
{
	json_t *names = object_names(a, in->rsp_path, d);
	char *text;
	size_t len;

	if (!names || file_read(a, in->map_path, MAP_MAX_BYTES, &text, &len, d)) {
		json_decref(names);
		return -1;
	}
	*ret = image_link_map(a, text, names, NULL);
	json_decref(names);
	return 0;
}

/* The section that addr lies in changes places with the one `by` further on. */
static void move_section_at(struct arena *a, const json_t *pieces, uint64_t addr, size_t by,
			    struct order_changes *changes)
{
	for (size_t i = 0; i < json_array_size(pieces); i++) {
		const json_t *p = json_array_get(pieces, i);
		uint64_t from = (uint64_t)json_integer_value(json_object_get(p, "addr"));
		uint64_t size = (uint64_t)json_integer_value(json_object_get(p, "size"));
		const char *object = json_string_value(json_object_get(p, "object"));
		const char *section = json_string_value(json_object_get(p, "section"));

		if (addr < from || addr - from >= size || str_eq(section, ".text"))
			continue;
		vec_push(
			a, changes,
			(struct order_move){arena_strdup(a, object), arena_strdup(a, section), by});
	}
}

/* Hits in the middle of instructions of permanent text. */
static int find_hits(struct arena *a, const char *path, struct priv_hits *ret, struct diags *d)
{
	const struct elf_symbol *start, *end;
	enum priv_machine machine;
	struct priv_hits all = {0};
	const uint8_t *text;
	struct disasm *s;
	struct elf e;

	if (elf_load(a, path, &e, d))
		return -1;
	start = elf_find_symbol(&e, "__text_start");
	end = elf_find_symbol(&e, "__text_end");
	text = start && end && start->value < end->value
		       ? elf_at(&e, start->value, end->value - start->value)
		       : NULL;
	if (!text)
		return diag_fail(d, DIAG_BUG, "'%s' has no permanent text", path);
	s = disasm_open(a, d);
	if (!s)
		return -1;
	disasm_scan_privileged(a, s, text, end->value - start->value, start->value, &all);
	disasm_close(s);
	machine = priv_machine(&e);
	for (size_t i = 0; i < all.len; i++)
		if (!all.v[i].aligned && priv_undoes_protection(machine, all.v[i].name))
			vec_push(a, ret, all.v[i]);
	return 0;
}

/* The first script: as drawn, or the template itself where nothing is drawn. */
static int write_script(struct arena *a, const struct relink_in *in,
			const struct order_changes *changes, struct diags *d)
{
	char *text;
	size_t len;

	if (in->seed || changes->len || changes->pad_bytes)
		return order_write(a, in->template_path, in->seed, in->rsp_path, in->nm, changes,
				   in->script_path, d);
	return file_read(a, in->template_path, MAP_MAX_BYTES, &text, &len, d) ||
			       file_write(in->script_path, text, len, d)
		       ? -1
		       : 0;
}

int relink(struct arena *a, const struct relink_in *in, struct diags *d)
{
	const struct proc_opts opts = {.flags = PROC_CAPTURE_ERR | PROC_STDIN_NULL};
	struct order_changes changes = {0};

	for (size_t n = 0;; n++) {
		struct priv_hits hits = {0};
		struct proc_result r;
		json_t *pieces;

		if (write_script(a, in, &changes, d) || proc_check(a, in->linker, &opts, &r, d) ||
		    find_hits(a, in->linked_path, &hits, d))
			return -1;
		if (hits.len == 0 || n + 1 == LINKS_MAX)
			return 0;
		if (read_pieces(a, in, &pieces, d))
			return -1;
		for (size_t i = 0; i < hits.len; i++)
			move_section_at(a, pieces, hits.v[i].addr, n + 1, &changes);
		json_decref(pieces);
		if (n + 1 >= LINKS_WITHOUT_PADDING)
			changes.pad_bytes += PADDING_BYTES;
	}
}
