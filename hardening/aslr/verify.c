/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boot: boot code calls the layout function, which asks for random bases, and the code that relocates
 * the image; each aligned word of its data that points into it is named by a relocation, so nothing
 * keeps the address it was linked at.
 *
 * link: sections of one object, which the linker puts side by side, lie apart. Counted is how many pairs
 * of neighbours come from one object, against the number in the linker's own order.
 */
#include "base/arena.h"
#include "base/str.h"
#include "code.h"
#include "elf.h"
#include "harden.h"
#include <elf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A RELR bitmap entry covers this many words (generic ABI, "Relative relocation table"). */
#define RELR_WORDS 63
/* With fewer neighbours from one object in the linker's order, one pair torn apart is all one sees. */
#define LINK_MIN_PAIRS 8
/* The linker's own order goes back only where the next kind of section begins: five times, one when it has optimised. */
#define LINK_MIN_DESCENTS 8

/* A multiple of this is taken for a number. */
#define ROUND 0x10000

struct words {
	uint64_t *v;
	size_t len, cap;
};

static int compare_words(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
}

/* The word of the image's memory at addr; false outside the file. */
static bool read_word(const struct elf *e, uint64_t addr, uint64_t *ret)
{
	const uint8_t *p = elf_at(e, addr, sizeof(*ret));

	if (p)
		memcpy(ret, p, sizeof(*ret));
	return p != NULL;
}

static void read_relr(struct arena *a, const struct image *img, struct words *to)
{
	uint64_t start, end, entry, where = 0;

	if (!image_symbol(img, "__relr_start", &start) || !image_symbol(img, "__relr_end", &end))
		return;
	for (; start < end && read_word(&img->stripped, start, &entry); start += 8) {
		if (!(entry & 1)) {
			vec_push(a, to, entry);
			where = entry + 8;
			continue;
		}
		for (unsigned bit = 1; bit <= RELR_WORDS; bit++)
			if (entry >> bit & 1)
				vec_push(a, to, where + (bit - 1) * 8);
		where += RELR_WORDS * 8;
	}
}

static void read_rela(struct arena *a, const struct image *img, struct words *to)
{
	uint64_t start, end, offset;

	if (!image_symbol(img, "__rela_start", &start) || !image_symbol(img, "__rela_end", &end))
		return;
	for (; start < end && read_word(&img->stripped, start, &offset);
	     start += sizeof(Elf64_Rela))
		vec_push(a, to, offset);
}

static bool has_word(const struct words *w, uint64_t addr)
{
	return w->len && bsearch(&addr, w->v, w->len, sizeof(*w->v), compare_words) != NULL;
}

/*
 * Whether a word without a relocation could be an address that was forgotten. Tables of bytes hold such
 * numbers by chance, the more so in large images: into the middle of a function or of a variable, and
 * among other numbers. A real address is that of a function or variable, or of something without a name
 * such as a text, or stands in a table of addresses. Single bits such as 1 << 20 stand there too, as flags: in
 * an image at 1 MiB they look like addresses, which are hardly ever so round.
 */
static bool may_be_address(const struct image *img, const struct words *relocated, uint64_t at,
			   uint64_t word)
{
	const struct elf *names = &img->sidecar;
	bool is_inside = false;

	if (word % ROUND == 0)
		return false;
	if (has_word(relocated, at - 8) || has_word(relocated, at + 8))
		return true;
	for (size_t i = 0; i < names->symbols_len; i++) {
		const struct elf_symbol *s = &names->symbols[i];

		if (s->type != STT_FUNC && s->type != STT_OBJECT)
			continue;
		if (word == s->value)
			return true;
		is_inside |= word > s->value && word < s->value + s->size;
	}
	return !is_inside;
}

/*
 * Words of permanent data that point into the permanent image; the first one without a relocation. Constants
 * hold no addresses: the linker refuses to relocate what is read-only (-z text), so addresses that do not change
 * but for that lie in the part that the boot alone writes.
 */
static uint64_t count_pointers(const struct image *img, const struct words *relocated,
			       struct verdict *v)
{
	uint64_t from, text, end, word, missed = 0;

	if (!image_symbol(img, "__roinit_start", &from) ||
	    !image_symbol(img, "__image_end", &end) || !image_symbol(img, "__text_start", &text))
		return 1;
	for (uint64_t at = (from + 7) & ~(uint64_t)7; at + 8 <= end; at += 8) {
		if (!read_word(&img->stripped, at, &word) || word < text || word >= end)
			continue;
		if (has_word(relocated, at)) {
			v->covered++;
		} else if (!may_be_address(img, relocated, at, word)) {
			continue;
		} else if (!missed) {
			missed = at;
		}
		v->total++;
	}
	return missed;
}

static const char *verify_boot(const struct code *c, struct verdict *v)
{
	struct arena *a = c->arena;
	struct words relocated = {0};
	uint64_t missed;

	if (!code_asks_layout(c, "uk_aslr_layout", 1))
		return "the boot does not ask for random bases";
	if (!code_boot_calls(c, "uk_boot_relocate"))
		return "the boot does not relocate the image";
	if (!code_ends_boot_with_tables(c))
		return "the boot does not end by loading its page tables";
	read_relr(a, c->image, &relocated);
	read_rela(a, c->image, &relocated);
	if (relocated.len)
		qsort(relocated.v, relocated.len, sizeof(*relocated.v), compare_words);
	strs_pushf(a, &v->facts, "%zu relocations", relocated.len);
	missed = count_pointers(c->image, &relocated, v);
	if (missed)
		return arena_printf(a,
				    "the word at 0x%llx points into the image and is not relocated",
				    (unsigned long long)missed);
	return NULL;
}

/* Input sections that the drawn order is about: by the name of the output section they go to. */
static bool is_movable(const struct image_piece *p)
{
	static const char *const kinds[] = {".text.", ".rodata.", ".data.", ".bss."};

	if (p->size == 0 || str_eq(p->object, "linker") || str_starts(p->section, ".data.rel.ro") ||
	    str_starts(p->section, ".rodata.str") || str_starts(p->section, ".rodata.cst"))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_starts(p->section, kinds[i]))
			return true;
	return false;
}

static int compare_objects(const void *x, const void *y)
{
	const struct image_piece *const *a = x, *const *b = y;

	return strcmp((*a)->object, (*b)->object);
}

/* What the order of the movable pieces tells. */
struct order {
	size_t pairs;        /* neighbours from one object */
	size_t pairs_linker; /* how many the linker's own order has */
	size_t steps,
		descents; /* neighbours from two objects, and those against the order of names */
	uint64_t moved_bytes, all_bytes;
};

static bool is_lto(const struct image *img)
{
	for (size_t i = 0; i < img->pieces_len; i++)
		if (str_eq(img->pieces[i].object, "lto"))
			return true;
	return false;
}

static void look_at_order(struct arena *a, const struct image *img, struct order *ret)
{
	const struct image_piece **v = arena_array(a, img->pieces_len, sizeof(*v));
	const bool is_text_alone = is_lto(img);
	uint64_t permanent = 0;
	size_t len = 0;

	*ret = (struct order){0};
	(void)image_symbol(img, "__text_start", &permanent); /* absent: everything counts */
	for (size_t i = 0; i < img->pieces_len; i++) {
		if (img->pieces[i].addr < permanent)
			continue;
		ret->all_bytes += img->pieces[i].size;
		if (!is_movable(&img->pieces[i]))
			continue;
		ret->moved_bytes += img->pieces[i].size;
		/*
		 * Static functions of a link-time optimised image: nobody knows their object; and its data
		 * follows the optimiser's order, not that of objects.
		 */
		if (!str_eq(img->pieces[i].object, "lto") &&
		    (!is_text_alone || str_starts(img->pieces[i].section, ".text.")))
			v[len++] = &img->pieces[i];
	}
	for (size_t i = 1; i < len; i++) {
		int order = strcmp(v[i]->object, v[i - 1]->object);

		ret->pairs += order == 0;
		ret->steps += order != 0;
		ret->descents += order < 0;
	}
	if (len)
		qsort(v, len, sizeof(*v), compare_objects);
	/* The linker's order has at most one break an object and output section. */
	for (size_t i = 1; i < len; i++)
		ret->pairs_linker += str_eq(v[i]->object, v[i - 1]->object) &&
				     v[i]->section[1] == v[i - 1]->section[1];
}

static bool is_drawn(const struct order *o)
{
	/* Objects are linked in the order of their names: a drawn order goes back at every other step. */
	if (o->descents >= LINK_MIN_DESCENTS && 4 * o->descents > o->steps)
		return true;
	if (o->pairs_linker < LINK_MIN_PAIRS)
		return o->pairs < o->pairs_linker;
	return o->pairs < o->pairs_linker / 2;
}

static void say_order(struct arena *a, const struct order *o, struct verdict *v)
{
	strs_pushf(a, &v->facts, "order drawn: %llu bytes moved, %llu stay in place",
		   (unsigned long long)o->moved_bytes,
		   (unsigned long long)(o->all_bytes - o->moved_bytes));
}

static void verify(const struct code *c, struct verdict *v)
{
	const struct image *img = c->image;
	struct arena *a = c->arena;
	struct order order;
	bool is_boot;

	is_boot = image_func_named(img, "uk_aslr_layout") != NULL;
	look_at_order(a, img, &order);
	if (img->is_reordered) {
		strs_pushf(a, &v->facts, "order drawn to measure: its seed is known");
	} else if (is_drawn(&order)) {
		say_order(a, &order, v);
		v->state = VERDICT_ON;
		v->level = is_boot ? "full" : "link";
		if (!is_boot) {
			v->what = "bytes after boot";
			v->covered = order.moved_bytes;
			v->total = order.all_bytes;
		}
	}
	if (is_boot && !v->level)
		v->level = "boot";
	/* One section an object: any order looks like the linker's. */
	v->is_vacuous = order.pairs_linker == 0 && !is_boot;
	if (is_boot) {
		v->problem = verify_boot(c, v);
		v->state = v->problem ? VERDICT_PARTIAL : VERDICT_ON;
	}
}

extern const struct mechanism mech_aslr;
const struct mechanism mech_aslr = {
	.name = "aslr", .what = "words that hold an address", .verify = verify};
