/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening a finished image: the file that boots, its sidecar (if it is there and belongs to it),
 * and from the sidecar the functions and the pieces of the link. The sidecar only names things:
 * what a function does is read from the file that boots.
 */
#include "harden.h"
#include "inspect.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include <elf.h>
#include <stdlib.h>
#include <string.h>

static const struct elf_note *build_id(const struct elf *e)
{
	for (size_t i = 0; i < e->notes_len; i++)
		if (str_eq(e->notes[i].owner, "GNU") && e->notes[i].type == NT_GNU_BUILD_ID)
			return &e->notes[i];
	return NULL;
}

static bool same_build(const struct elf *a, const struct elf *b)
{
	const struct elf_note *x = build_id(a), *y = build_id(b);

	return x && y && x->desc_len == y->desc_len && memcmp(x->desc, y->desc, x->desc_len) == 0;
}

static const char *json_str(struct arena *a, const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return arena_strdup(a, s ? s : "");
}

static int compare_pieces(const void *x, const void *y)
{
	const struct image_piece *a = x, *b = y;

	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	return a->size < b->size ? -1 : a->size > b->size;
}

static void read_pieces(struct arena *a, const json_t *record, struct image *img)
{
	const json_t *map = json_object_get(record, "link_map"), *row;
	struct image_piece *v = arena_array(a, json_array_size(map), sizeof(*v));
	size_t i;

	json_array_foreach(map, i, row)
	{
		json_int_t addr = json_integer_value(json_object_get(row, "addr"));

		/* What is never loaded (debugging information) has no address. */
		if (addr <= 0)
			continue;
		v[img->pieces_len++] = (struct image_piece){
			.addr = (uint64_t)addr,
			.size = (uint64_t)json_integer_value(json_object_get(row, "size")),
			.section = json_str(a, row, "section"),
			.object = json_str(a, row, "object"),
		};
	}
	if (img->pieces_len)
		qsort(v, img->pieces_len, sizeof(*v), compare_pieces);
	img->pieces = v;
}

static const struct image_piece *piece_at(const struct image *img, uint64_t addr)
{
	size_t low = 0, high = img->pieces_len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (img->pieces[mid].addr <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	/* Empty pieces share their address with the one that has the bytes. */
	while (low > 0 && img->pieces[low - 1].size == 0)
		low--;
	if (low == 0 || addr - img->pieces[low - 1].addr >= img->pieces[low - 1].size)
		return NULL;
	return &img->pieces[low - 1];
}

static void add_exemptions(struct arena *a, const json_t *record, struct image_func *f)
{
	const json_t *list = json_object_get(record, "exempt"), *row;
	size_t i;

	json_array_foreach(list, i, row)
	{
		if (f->object[0] == '\0' || !str_eq(json_str(a, row, "object"), f->object))
			continue;
		strs_push(a, &f->exempt, json_str(a, row, "mechanism"));
		strs_push(a, &f->reasons, json_str(a, row, "reason"));
	}
}

/* Which of two symbols at one address names the function: the global one, then the shorter. */
static int symbol_rank(const struct elf_symbol *x, const struct elf_symbol *y)
{
	if ((x->bind == STB_LOCAL) != (y->bind == STB_LOCAL))
		return x->bind == STB_LOCAL ? 1 : -1;
	if ((x->size == 0) != (y->size == 0))
		return x->size == 0 ? 1 : -1;
	return strcmp(x->name, y->name);
}

static int compare_symbols(const void *x, const void *y)
{
	const struct elf_symbol *const *a = x, *const *b = y;

	if ((*a)->value != (*b)->value)
		return (*a)->value < (*b)->value ? -1 : 1;
	return symbol_rank(*a, *b);
}

static bool names_function(const struct elf *e, const struct elf_symbol *s)
{
	if (s->shndx == SHN_UNDEF || s->shndx >= e->sections_len || s->name[0] == '\0')
		return false;
	if (!(e->sections[s->shndx].flags & SHF_EXECINSTR))
		return false;
	/* The hash in front of a function has a symbol of its own and is no function. */
	if (str_starts(s->name, "__cfi_"))
		return false;
	/* Assembly often leaves out the type; the linker's own marks are not code. */
	return s->type == STT_FUNC ||
	       (s->type == STT_NOTYPE && s->bind != STB_LOCAL && !str_ends(s->name, "_end") &&
		!str_ends(s->name, "_start") && s->name[0] != '.');
}

static uint64_t func_end(const struct elf *e, const struct elf_symbol *s, uint64_t next)
{
	const struct elf_section *section = &e->sections[s->shndx];
	uint64_t end = section->addr + section->size;

	if (s->size && s->size <= end - s->value)
		return s->value + s->size;
	return next > s->value && next < end ? next : end;
}

static void read_functions(struct arena *a, const json_t *record, struct image *img)
{
	const struct elf *e = &img->sidecar;
	const struct elf_symbol **found = arena_array(a, e->symbols_len, sizeof(*found));
	struct image_func *v;
	uint64_t boot_start = 0, boot_end = 0;
	size_t len = 0;

	for (size_t i = 0; i < e->symbols_len; i++)
		if (names_function(e, &e->symbols[i]))
			found[len++] = &e->symbols[i];
	if (len)
		qsort(found, len, sizeof(*found), compare_symbols);
	(void)image_symbol(img, "__boot_start", &boot_start); /* absent: no boot code, all zero */
	(void)image_symbol(img, "__boot_end", &boot_end);
	v = arena_array(a, len, sizeof(*v));
	img->funcs = v;
	for (size_t i = 0; i < len; i++) {
		const struct elf_symbol *s = found[i];
		struct image_func *f = &v[img->funcs_len];
		const struct image_piece *piece = piece_at(img, s->value);
		size_t next = i + 1;

		if (i > 0 && found[i - 1]->value == s->value)
			continue;
		/* An entry of a jump table made for indirect-call checks: a jump, no function. */
		if (piece && strstr(piece->section, ".cfi.jumptable"))
			continue;
		while (next < len && found[next]->value == s->value)
			next++;
		*f = (struct image_func){
			.name = s->name,
			.object = piece ? piece->object : "",
			.addr = s->value,
			.is_boot = s->value >= boot_start && s->value < boot_end,
		};
		f->size = func_end(e, s, next < len ? found[next]->value : UINT64_MAX) - s->value;
		f->is_asm = path_is_assembly(f->object);
		add_exemptions(a, record, f);
		img->funcs_len++;
	}
}

static int read_sidecar(struct arena *a, const char *path, struct image *img, struct diags *d)
{
	const struct elf_section *s;
	json_t *record;

	if (elf_load(a, path, &img->sidecar, d) != 0)
		return -1;
	if (!same_build(&img->stripped, &img->sidecar)) {
		struct loc loc = {path, 0, 0};

		diag_warn(d, loc, "belongs to another build of this image and is left out");
		img->sidecar = (struct elf){0};
		return 0;
	}
	s = elf_find_section(&img->sidecar, ".ukbuild");
	if (!s || !s->data) {
		struct loc loc = {path, 0, 0};

		return diag_error(d, loc, "has no record of the build (section .ukbuild)");
	}
	img->record = (const char *)s->data;
	img->record_len = s->size;
	record = json_parse(path, img->record, img->record_len, d);
	if (!record)
		return -1;
	img->is_reordered = json_is_true(json_object_get(record, "reordered"));
	read_pieces(a, record, img);
	read_functions(a, record, img);
	json_decref(record);
	img->has_sidecar = true;
	return 0;
}

int image_open(struct arena *a, const char *path, struct image *ret, struct diags *d)
{
	const char *sidecar = arena_printf(a, "%s.ukmap", path);
	struct image img = {0};

	if (elf_load(a, path, &img.stripped, d) != 0)
		return -1;
	if (file_exists(sidecar) && read_sidecar(a, sidecar, &img, d) != 0)
		return -1;
	*ret = img;
	return 0;
}

const struct image_func *image_func_at(const struct image *img, uint64_t addr)
{
	size_t low = 0, high = img->funcs_len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (img->funcs[mid].addr <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == 0 || addr - img->funcs[low - 1].addr >= img->funcs[low - 1].size)
		return NULL;
	return &img->funcs[low - 1];
}

const struct image_func *image_func_named(const struct image *img, const char *name)
{
	uint64_t addr;

	for (size_t i = 0; i < img->funcs_len; i++)
		if (str_eq(img->funcs[i].name, name))
			return &img->funcs[i];
	/* A second name of the same function. */
	return image_symbol(img, name, &addr) ? image_func_at(img, addr) : NULL;
}

const char *image_func_exempt(const struct image_func *f, const char *mechanism)
{
	for (size_t i = 0; i < f->exempt.len; i++)
		if (str_eq(f->exempt.v[i], mechanism))
			return f->reasons.v[i];
	return NULL;
}

bool image_symbol(const struct image *img, const char *name, uint64_t *ret_value)
{
	const struct elf_symbol *s = elf_find_symbol(&img->sidecar, name);

	if (!s)
		return false;
	*ret_value = s->value;
	return true;
}
