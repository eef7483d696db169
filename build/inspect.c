/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inspection: attributes each byte of the file, asks each mechanism's verifier, compares what it found
 * with what the record says was asked for.
 */
#include "inspect.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/hash.h"
#include "base/str.h"
#include "code.h"
#include "disasm.h"
#include "elf.h"
#include "harden.h"
#include <elf.h>
#include <stdlib.h>
#include <string.h>

static const char unit_headers[] = "headers and notes";
static const char unit_padding[] = "padding";
static const char unit_unknown[] = "not attributed";

const char *verdict_state_name(enum verdict_state s)
{
	switch (s) {
	case VERDICT_OFF:
		return "off";
	case VERDICT_PARTIAL:
		return "partial";
	case VERDICT_ON:
		return "on";
	case VERDICT_UNKNOWN:
		break;
	}
	return "unknown";
}

/* "libs/heap/slab.c" -> "heap", "musl/src/x.c" -> "musl", "hardening/wx/runtime/wx.c" -> "wx". */
static const char *unit_of(struct arena *a, const char *object)
{
	static const char *const roots[] = {"libs/", "platforms/", "hardening/"};
	const char *from = object, *end;

	for (size_t i = 0; i < ARRAY_LEN(roots); i++)
		if (str_starts(object, roots[i]))
			from = object + strlen(roots[i]);
	end = strchr(from, '/');
	if (!end)
		return object[0] ? object : "linker";
	return arena_memdup(a, from, (size_t)(end - from));
}

struct unit_table {
	struct unit_bytes *v;
	size_t len, cap;
};

static struct unit_bytes *unit_get(struct arena *a, struct unit_table *t, const char *name)
{
	for (size_t i = 0; i < t->len; i++)
		if (str_eq(t->v[i].unit, name))
			return &t->v[i];
	vec_push(a, t, (struct unit_bytes){.unit = name});
	return &t->v[t->len - 1];
}

static const struct elf_segment *load_segment(const struct elf *e, uint64_t addr)
{
	for (size_t i = 0; i < e->segments_len; i++) {
		const struct elf_segment *s = &e->segments[i];

		if (s->type == PT_LOAD && addr >= s->vaddr && addr - s->vaddr < s->memsz)
			return s;
	}
	return NULL;
}

/* Where bytes of an input section count: by what the section's name says they are. */
static uint64_t *column(struct unit_bytes *u, const char *section, bool is_in_file)
{
	if (!is_in_file)
		return &u->bss;
	if (str_starts(section, ".text") || str_starts(section, ".boot.text") ||
	    str_starts(section, ".boot_leave"))
		return &u->text;
	if (str_starts(section, ".rodata") || str_starts(section, ".boot.rodata"))
		return &u->rodata;
	return &u->data;
}

/* Adds the bytes [from, to) of a piece; the part past the segment's file bytes is memory only. */
static uint64_t add_bytes(struct unit_bytes *u, const struct elf_segment *s, const char *section,
			  uint64_t from, uint64_t to)
{
	uint64_t file_end = s->vaddr + s->filesz, in_file;

	if (to > s->vaddr + s->memsz)
		to = s->vaddr + s->memsz;
	in_file = from >= file_end ? 0 : (to < file_end ? to : file_end) - from;
	*column(u, section, true) += in_file;
	u->bss += to - from - in_file;
	u->file += in_file;
	return in_file;
}

static int compare_units(const void *x, const void *y)
{
	const struct unit_bytes *a = x, *b = y;

	if (a->file != b->file)
		return a->file < b->file ? 1 : -1;
	return strcmp(a->unit, b->unit);
}

/* Pieces in address order; bytes that two of them claim count once. What is left over is padding. */
static void attribute(struct arena *a, const struct image *img, struct inspection *ret)
{
	const struct elf *e = &img->stripped;
	struct unit_table t = {0};
	uint64_t loaded = 0, attributed = 0, done = 0;

	for (size_t i = 0; i < e->segments_len; i++)
		if (e->segments[i].type == PT_LOAD)
			loaded += e->segments[i].filesz;
	for (size_t i = 0; i < img->pieces_len; i++) {
		const struct image_piece *p = &img->pieces[i];
		uint64_t from = p->addr > done ? p->addr : done, to = p->addr + p->size;
		const struct elf_segment *s = load_segment(e, from);

		/* Thread-local zeros have addresses but no bytes. */
		if (from >= to || !s || str_starts(p->section, ".tbss"))
			continue;
		attributed +=
			add_bytes(unit_get(a, &t, unit_of(a, p->object)), s, p->section, from, to);
		done = to;
	}
	unit_get(a, &t, unit_headers)->file += e->size - loaded;
	unit_get(a, &t, img->has_sidecar ? unit_padding : unit_unknown)->file +=
		loaded - attributed;
	qsort(t.v, t.len, sizeof(*t.v), compare_units);
	ret->units = t.v;
	ret->units_len = t.len;
}

static void set_identity(struct arena *a, const struct image *img, struct inspection *ret)
{
	struct sb hex;

	sb_init(&hex, a);
	for (size_t i = 0; i < img->stripped.notes_len; i++) {
		const struct elf_note *n = &img->stripped.notes[i];

		if (!str_eq(n->owner, "GNU") || n->type != NT_GNU_BUILD_ID)
			continue;
		for (size_t k = 0; k < n->desc_len; k++)
			sb_putf(&hex, "%02x", n->desc[k]);
	}
	ret->build_id = sb_str(&hex);
}

static const char *text_of(struct arena *a, const json_t *record, const char *key)
{
	const char *s = json_string_value(json_object_get(record, key));

	return s ? arena_strdup(a, s) : NULL;
}

/* True when what was found is what was asked for. */
static bool is_met(const char *asked, const struct verdict *v)
{
	if (!asked || v->state == VERDICT_UNKNOWN)
		return false;
	if (v->is_vacuous)
		return true;
	if (str_eq(asked, "off"))
		return v->state == VERDICT_OFF || v->is_property;
	if (v->state != VERDICT_ON)
		return false;
	return !v->level || str_eq(asked, v->level) || (v->implied && str_eq(asked, v->implied));
}

static void say_unmet(const struct mech_report *m, const char *path, struct diags *d)
{
	struct loc loc = {path, 0, 0};
	const struct verdict *v = &m->verdict;

	if (str_eq(m->asked, "off")) {
		(void)diag_fail_at(d, DIAG_CHECK, loc,
				   "'%s' is off but the image has it (%zu of %zu %s)", m->name,
				   v->covered, v->total, v->what);
		return;
	}
	(void)diag_fail_at(d, DIAG_CHECK, loc, "'%s=%s' was asked for and the image has it %s",
			   m->name, m->asked,
			   v->state == VERDICT_ON ? "at another level"
						  : verdict_state_name(v->state));
	if (v->problem)
		(void)diag_hint(d, "%s", v->problem);
	else if (v->state == VERDICT_ON)
		(void)diag_hint(d, "found level '%s'", v->level);
}

static void read_vanished(struct arena *a, const json_t *record, struct strs *ret)
{
	const json_t *list = json_object_get(record, "vanished");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_is_string(json_array_get(list, i)))
			strs_push(a, ret,
				  arena_strdup(a, json_string_value(json_array_get(list, i))));
}

static void read_reworded(struct arena *a, const json_t *record, struct strs *ret)
{
	const json_t *list = json_object_get(record, "reworded");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *row = json_array_get(list, i);
		const char *function = json_string_value(json_object_get(row, "function"));
		const char *object = json_string_value(json_object_get(row, "object"));
		const char *would_be = json_string_value(json_object_get(row, "would_be"));
		const char *bytes = json_string_value(json_object_get(row, "bytes"));

		if (function && object && would_be && bytes)
			strs_pushf(a, ret,
				   "'%s' (%s) is compiled another way: it had '%s' inside an "
				   "instruction (bytes %s)",
				   function, object, would_be, bytes);
	}
}

static void verify_all(struct arena *a, const struct code *code, const json_t *record,
		       struct inspection *ret, struct diags *d)
{
	const json_t *levels = json_object_get(record, "levels");
	const json_t *standings = json_object_get(record, "standings");

	ret->mechs = arena_array(a, mechanisms_len, sizeof(*ret->mechs));
	for (size_t i = 0; i < mechanisms_len; i++) {
		struct mech_report *m = &ret->mechs[ret->mechs_len++];

		m->name = mechanisms[i]->name;
		m->asked = text_of(a, levels, m->name);
		m->status = text_of(a, json_object_get(standings, m->name), "status");
		m->reason = text_of(a, json_object_get(standings, m->name), "reason");
		m->left_out = text_of(a, json_object_get(standings, m->name), "left_out");
		/* A sidecar that does not speak of a mechanism comes from a tree without it. */
		if (!m->asked && record)
			m->asked = "off";
		m->verdict = mechanism_verdict(mechanisms[i], code);
		m->is_met = is_met(m->asked, &m->verdict);
		if (!m->is_met && record)
			say_unmet(m, ret->path, d);
	}
	if (!record) {
		struct loc loc = {ret->path, 0, 0};

		(void)diag_fail_at(d, DIAG_CHECK, loc,
				   "no sidecar '%s.ukmap' of this build: mechanisms are not known",
				   ret->path);
	}
}

/* Scans the text that stays mapped; without sidecar all executable segments. */
static void scan_text(struct arena *a, const struct code *code, struct inspection *ret)
{
	const struct elf *e = &code->image->stripped;
	const struct code_text *text = code_text(code);

	if (text) {
		ret->priv = text->priv;
		disasm_count_gadgets(a, code->disasm, text->bytes, text->len, text->start,
				     &ret->gadgets);
		return;
	}
	for (size_t i = 0; i < e->segments_len; i++) {
		const struct elf_segment *p = &e->segments[i];
		const uint8_t *bytes = e->bytes + p->offset;

		if (p->type != PT_LOAD || !(p->flags & PF_X))
			continue;
		disasm_scan_privileged(a, code->disasm, bytes, p->filesz, p->vaddr, &ret->priv);
		disasm_count_gadgets(a, code->disasm, bytes, p->filesz, p->vaddr, &ret->gadgets);
	}
}

int inspect_image(struct arena *a, const char *path, struct inspection *ret, struct diags *d)
{
	struct image *img = arena_alloc(a, sizeof(*img));
	struct inspection in = {.path = path, .image = img};
	json_t *record = NULL;
	struct code code;

	if (image_open(a, path, img, d) != 0 || hash_file(path, in.sha256, d) != 0)
		return -1;
	in.file_bytes = img->stripped.size;
	set_identity(a, img, &in);
	if (img->has_sidecar) {
		record = json_parse(path, img->record, img->record_len, d);
		if (!record)
			return -1;
		in.name = text_of(a, record, "name");
		in.platform = text_of(a, record, "platform");
		in.profile = text_of(a, record, "profile");
		read_vanished(a, record, &in.vanished);
		read_reworded(a, record, &in.reworded);
	}
	attribute(a, img, &in);
	if (code_open(a, img, &code, d)) {
		json_decref(record);
		return -1;
	}
	scan_text(a, &code, &in);
	verify_all(a, &code, record, &in, d);
	code_close(&code);
	json_decref(record);
	*ret = in;
	return 0;
}

const char *image_platform(struct arena *a, const char *path)
{
	const char *platform = NULL;
	struct image img;
	struct diags ignored; /* an image without a sidecar, or none at all */
	json_t *record;

	diags_init(&ignored, a);
	if (image_open(a, path, &img, &ignored) || !img.has_sidecar)
		return NULL;
	record = json_parse(path, img.record, img.record_len, &ignored);
	if (record)
		platform = text_of(a, record, "platform");
	json_decref(record);
	return platform;
}
