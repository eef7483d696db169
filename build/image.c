/* SPDX-License-Identifier: BSD-2-Clause */
#include "image.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/str.h"
#include "elf.h"
#include "relink.h"

#define MAP_MAX_BYTES (256u << 20)
/* --build-id=sha1 leaves room for this many bytes. */
#define BUILD_ID_BYTES 20

/* End of the last byte of the file that a loader reads. */
static size_t loaded_end(const struct elf *e)
{
	size_t end = 0;

	for (size_t i = 0; i < e->segments_len; i++) {
		const struct elf_segment *s = &e->segments[i];

		if ((s->type == PT_LOAD || s->type == PT_NOTE) && s->offset + s->filesz > end)
			end = (size_t)(s->offset + s->filesz);
	}
	return end;
}

static const struct elf_note *build_id_note(const struct elf *e)
{
	for (size_t i = 0; i < e->notes_len; i++)
		if (str_eq(e->notes[i].owner, "GNU") && e->notes[i].type == NT_GNU_BUILD_ID &&
		    e->notes[i].desc_len == BUILD_ID_BYTES)
			return &e->notes[i];
	return NULL;
}

/* The file as booted, without the build-id: header, program headers, segments. */
static uint8_t *strip(struct arena *a, const struct elf *e, size_t len)
{
	uint8_t *bytes = (uint8_t *)arena_memdup(a, e->bytes, len);
	Elf64_Ehdr h;

	memcpy(&h, bytes, sizeof(h));
	/* Some loaders take ET_EXEC only; nothing here depends on the type (Xen docs/misc/pvh). */
	h.e_type = ET_EXEC;
	h.e_shoff = 0;
	h.e_shnum = 0;
	h.e_shstrndx = SHN_UNDEF;
	h.e_shentsize = 0;
	memcpy(bytes, &h, sizeof(h));
	return bytes;
}

/*
 * Segments with code may be executed and nothing else where text cannot be read: the linker knows no such
 * segment on x86. Loaders take it as a wish; the boot's page tables make it true.
 */
static void hide_text(const struct elf *e, uint8_t *bytes)
{
	Elf64_Ehdr h;
	Elf64_Phdr p;

	memcpy(&h, bytes, sizeof(h));
	for (size_t i = 0; i < e->segments_len; i++) {
		uint8_t *at = bytes + h.e_phoff + i * sizeof(p);

		memcpy(&p, at, sizeof(p));
		if (p.p_type == PT_LOAD && p.p_flags == (PF_R | PF_X))
			p.p_flags = PF_X;
		memcpy(at, &p, sizeof(p));
	}
}

/* The object's label: by its path in the map, else by the function or variable it holds. */
static const char *label_of(struct arena *a, const char *path, size_t path_len, const char *section,
			    const json_t *objects, const json_t *symbols)
{
	const char *file = arena_memdup(a, path, path_len), *dot, *label;

	if (str_eq(file, "<internal>"))
		return "linker";
	if (path_len > 3) {
		const char *base = path_base(file);

		if (base - file >= 3) {
			label = json_string_value(json_object_get(objects, base - 3));
			if (label)
				return label;
		}
	}
	dot = section[0] == '.' ? strchr(section + 1, '.') : NULL;
	label = dot && symbols ? json_string_value(json_object_get(symbols, dot + 1)) : NULL;
	return label ? label : "lto";
}

/* One "path:(section)" line of the map. False for lines of other kinds. */
static bool parse_line(struct arena *a, const char *line, size_t len, const json_t *objects,
		       const json_t *symbols, json_t *list)
{
	unsigned long long addr, size;
	char *text = arena_memdup(a, line, len), *p = text, *colon = NULL, *section, *end, *s;
	json_t *o;

	addr = strtoull(p, &p, 16);
	(void)strtoull(p, &p, 16);
	size = strtoull(p, &p, 16);
	(void)strtoull(p, &p, 10);
	p += strspn(p, " ");
	for (s = p; (s = strstr(s, ":(")) != NULL; s++)
		colon = s;
	end = colon ? strchr(colon, ')') : NULL;
	if (!colon || !end || size == 0)
		return false;
	section = arena_memdup(a, colon + 2, (size_t)(end - colon - 2));
	o = json_object();
	json_object_set_new(o, "addr", json_integer((json_int_t)addr));
	json_object_set_new(o, "size", json_integer((json_int_t)size));
	json_object_set_new(o, "section", json_string(section));
	json_object_set_new(
		o, "object",
		json_string(label_of(a, p, (size_t)(colon - p), section, objects, symbols)));
	json_array_append_new(list, o);
	return true;
}

json_t *image_link_map(struct arena *a, const char *text, const json_t *objects,
		       const json_t *symbols)
{
	json_t *list = json_array();
	const char *next;

	for (; *text; text = next) {
		size_t n = strcspn(text, "\n");

		next = text + n + (text[n] == '\n');
		parse_line(a, text, n, objects, symbols, list);
	}
	return list;
}

/* The unit in a label: "libs/heap/x.c" and "musl/src/x.c" name one; the application's and generated files none. */
static const char *unit_of(struct arena *a, const char *label)
{
	static const char *const folders[] = {"libs/", "platforms/", "hardening/"};

	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		if (str_starts(label, folders[i]))
			return unit_of(a, label + strlen(folders[i]));
	if (str_starts(label, "app/") || str_starts(label, "gen/") || !strchr(label, '/'))
		return NULL;
	return arena_memdup(a, label, strcspn(label, "/"));
}

json_t *image_vanished(struct arena *a, json_t *objects, const json_t *link_map)
{
	struct strs gone = {0}, kept = {0};
	const json_t *row;
	const char *label, *unit;

	for (size_t i = 0; i < json_array_size(link_map); i++) {
		row = json_object_get(json_array_get(link_map, i), "object");
		unit = json_is_string(row) ? unit_of(a, json_string_value(row)) : NULL;
		if (unit)
			strs_add(a, &kept, unit);
	}
	for (void *it = json_object_iter(objects); it; it = json_object_iter_next(objects, it)) {
		label = json_string_value(json_object_iter_value(it));
		unit = label ? unit_of(a, label) : NULL;
		if (unit && !strs_has(&kept, unit))
			strs_push(a, &gone, unit);
	}
	strs_sort_uniq(&gone);
	return json_strs(&gone);
}

/* The record's "config" says that text cannot be read. */
static bool is_text_hidden(const json_t *record)
{
	const char *value = json_string_value(
		json_object_get(json_object_get(record, "config"), "NEEDS_EXECUTE_ONLY"));

	return value && str_eq(value, "y");
}

/*
 * Functions that the link compiled another way (relink.h), with the label of their file: "f (app/main.c): ...".
 * NULL when there are none.
 */
static int read_reworded(struct arena *a, const char *linked_path, json_t *objects, json_t **ret,
			 struct diags *d)
{
	const char *path = RELINK_CHANGES(a, linked_path);
	json_t *list;

	*ret = NULL;
	if (!file_exists(path))
		return 0;
	list = json_read(a, path, MAP_MAX_BYTES, d);
	if (!list)
		return -1;
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *row = json_array_get(list, i), *label;
		const char *object = json_string_value(json_object_get(row, "object")), *key;

		json_object_foreach(objects, key, label) if (object && str_ends(key, object))
			json_object_set(row, "object", label);
	}
	if (json_array_size(list))
		*ret = list;
	else
		json_decref(list);
	return 0;
}

/* The record with what only the finished link tells; NULL on errors. */
static const char *full_record(struct arena *a, const char *linked_path, json_t *record,
			       const char *map_path, const char *build_id, struct diags *d)
{
	json_t *list, *reworded;
	size_t map_len;
	char *map;

	if (file_read(a, map_path, MAP_MAX_BYTES, &map, &map_len, d) ||
	    read_reworded(a, linked_path, json_object_get(record, "objects"), &reworded, d))
		return NULL;
	if (reworded)
		json_object_set_new(record, "reworded", reworded);
	list = image_link_map(a, map, json_object_get(record, "objects"),
			      json_object_get(record, "symbols"));
	/* Link-time optimisation moves code into its callers: no telling what is gone. */
	if (!json_object_get(record, "symbols"))
		json_object_set_new(record, "vanished",
				    image_vanished(a, json_object_get(record, "objects"), list));
	json_object_del(record, "objects");
	json_object_del(record, "symbols");
	json_object_set_new(record, "build_id", json_string(build_id));
	json_object_set_new(record, "link_map", list);
	return json_text(a, record);
}

/*
 * linked with the section .ukbuild added: record, section names and headers are put behind it, what was
 * there keeps its place. By hand, since llvm-objcopy takes longer for it than the whole rest of finishing.
 */
static uint8_t *with_record(struct arena *a, const uint8_t *linked, size_t len, const char *record,
			    size_t record_len, size_t *ret_len, struct diags *d)
{
	static const char name[] = ".ukbuild";
	const size_t at = (len + 7) & ~(size_t)7;
	Elf64_Shdr added = {.sh_type = SHT_PROGBITS, .sh_addralign = 1}, *headers;
	size_t names_at, headers_at, count;
	Elf64_Shdr names;
	Elf64_Ehdr h;
	uint8_t *out;

	memcpy(&h, linked, sizeof(h));
	count = h.e_shnum;
	/* elf_load() has seen that the headers lie in the file. */
	if (!count || h.e_shstrndx >= count || h.e_shentsize != sizeof(Elf64_Shdr) ||
	    count + 1 >= SHN_LORESERVE)
		return diag_fail(d, DIAG_BUG, "the linker's section headers are unusual"), NULL;
	memcpy(&names, linked + h.e_shoff + h.e_shstrndx * sizeof(names), sizeof(names));
	names_at = at + record_len;
	headers_at = (names_at + names.sh_size + sizeof(name) + 7) & ~(size_t)7;
	*ret_len = headers_at + (count + 1) * sizeof(added);
	out = arena_alloc(a, *ret_len);
	memcpy(out, linked, len);
	memcpy(out + at, record, record_len);
	memcpy(out + names_at, linked + names.sh_offset, names.sh_size);
	memcpy(out + names_at + names.sh_size, name, sizeof(name));
	headers = (void *)(out + headers_at);
	memcpy(headers, linked + h.e_shoff, count * sizeof(added));
	added.sh_name = (Elf64_Word)names.sh_size;
	added.sh_offset = at;
	added.sh_size = record_len;
	headers[h.e_shstrndx].sh_offset = names_at;
	headers[h.e_shstrndx].sh_size = names.sh_size + sizeof(name);
	memcpy(&headers[count], &added, sizeof(added));
	h.e_shoff = headers_at;
	h.e_shnum = (Elf64_Half)(count + 1);
	memcpy(out, &h, sizeof(h));
	return out;
}

static int finish(struct arena *a, const char *linked_path, const char *map_path, json_t *record,
		  const char *out_path, struct diags *d)
{
	struct elf e;
	const struct elf_note *note;
	uint8_t *stripped, *linked, *sidecar, id[HASH_BYTES];
	char hex[HASH_HEX];
	const char *full;
	struct hash h;
	size_t len, at, sidecar_len;

	if (elf_load(a, linked_path, &e, d))
		return -1;
	note = build_id_note(&e);
	len = loaded_end(&e);
	if (!note || len < sizeof(Elf64_Ehdr) || len > e.size)
		return diag_fail(d, DIAG_BUG, "'%s' has no build-id note or no segments",
				 linked_path);
	at = (size_t)(note->desc - e.bytes);
	if (at + BUILD_ID_BYTES > len)
		return diag_fail(d, DIAG_BUG, "the build-id of '%s' is not loaded", linked_path);
	linked = (uint8_t *)arena_memdup(a, e.bytes, e.size);
	if (is_text_hidden(record))
		hide_text(&e, linked);
	e.bytes = linked;
	stripped = strip(a, &e, len);
	memset(stripped + at, 0, BUILD_ID_BYTES);
	hash_init(&h);
	hash_add(&h, stripped, len);
	hash_end(&h, id);
	memcpy(stripped + at, id, BUILD_ID_BYTES);
	memcpy(linked + at, id, BUILD_ID_BYTES);
	hash_hex(id, hex);
	hex[2 * BUILD_ID_BYTES] = '\0';
	full = full_record(a, linked_path, record, map_path, hex, d);
	sidecar = full ? with_record(a, linked, e.size, full, strlen(full), &sidecar_len, d) : NULL;
	if (!sidecar || file_write(arena_printf(a, "%s.ukmap", out_path), sidecar, sidecar_len, d))
		return -1;
	return file_write(out_path, stripped, len, d);
}

int image_finish(struct arena *a, const char *linked_path, const char *map_path,
		 const char *record_path, const char *out_path, struct diags *d)
{
	json_t *record = json_read(a, record_path, MAP_MAX_BYTES, d);
	int err;

	if (!record)
		return -1;
	err = finish(a, linked_path, map_path, record, out_path, d);
	json_decref(record);
	return err;
}
