/* SPDX-License-Identifier: BSD-2-Clause */
#include "relink.h"

#include <elf.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/proc.h"
#include "base/str.h"
#include "disasm.h"
#include "elf.h"
#include "image.h"
#include "lto.h"
#include "order.h"
#include "priv.h"

/* A linker's map is never larger. */
#define MAP_MAX_BYTES (256u << 20)
/* A move changes the distances from and to one function, so a megabyte of text needs two or three links. */
#define LINKS_MAX 16
#define PADDING_BYTES 16
/* From here on functions leave their place empty when they move: behind all others room is kept for them. */
#define LARGE_TEXT_BYTES (256u << 10)
#define PARKING_BYTES (16u << 10)
/* As many as tell an instruction (build/disasm.c). */
#define SHOWN_BYTES 3

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

static int read_pieces(struct arena *a, const struct relink_in *in, const char *rsp_path,
		       json_t **ret, struct diags *d)
{
	json_t *names = object_names(a, rsp_path, d);
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

/* One sequence inside an instruction of the last link. */
struct found {
	uint64_t addr;
	const char *name;     /* "wrmsr" */
	const char *function; /* up to the first dot: the name in the source */
	uint64_t offset;
	uint8_t bytes[SHOWN_BYTES];
};
struct founds {
	struct found *v;
	size_t len, cap;
};

/* A sequence that has been found before, at the same place of its function. */
struct sighting {
	struct found found;
	size_t rounds, last; /* links in a row that had it, and the last of them */
	bool is_hopeless;
};
struct sightings {
	struct sighting *v;
	size_t len, cap;
};

/* A function that is compiled another way. */
struct rewording {
	const char *function, *object; /* "cdef.o"; LTO_OBJECT: in any object of bitcode */
	struct found found;
	unsigned attempt;
};
struct rewordings {
	struct rewording *v;
	size_t len, cap;
};

struct relinking {
	struct arena *arena;
	const struct relink_in *in;
	struct order_changes changes;
	struct sightings seen;
	struct rewordings reworded;
	struct strs objects;  /* as planned: bitcode where there is some */
	struct strs used;     /* parallel: as changed */
	const char *rsp_path; /* what is linked */
	json_t *pieces;       /* of the last link */
	size_t text_bytes;
};

static const struct elf_symbol *function_at(const struct elf *e, uint64_t addr)
{
	for (size_t i = 0; i < e->symbols_len; i++) {
		const struct elf_symbol *s = &e->symbols[i];

		if (s->type == STT_FUNC && addr >= s->value && addr - s->value < s->size)
			return s;
	}
	return NULL;
}

static void add_found(struct relinking *r, const struct elf *e, const struct priv_hit *hit,
		      const uint8_t *bytes, struct founds *ret)
{
	const struct elf_symbol *s = function_at(e, hit->addr);
	struct found f = {
		.addr = hit->addr, .name = hit->name, .function = "", .offset = hit->addr};

	if (s) {
		f.function = arena_memdup(r->arena, s->name, strcspn(s->name, "."));
		f.offset = hit->addr - s->value;
	}
	memcpy(f.bytes, bytes, sizeof(f.bytes));
	vec_push(r->arena, ret, f);
}

/* Hits in the middle of instructions of permanent text. */
static int find_hits(struct relinking *r, struct founds *ret, struct diags *d)
{
	const char *path = r->in->linked_path;
	const struct elf_symbol *start, *end;
	enum priv_machine machine;
	struct priv_hits all = {0};
	const uint8_t *text;
	struct disasm *s;
	struct elf e;

	if (elf_load(r->arena, path, &e, d))
		return -1;
	start = elf_find_symbol(&e, "__text_start");
	end = elf_find_symbol(&e, "__text_end");
	text = start && end && start->value < end->value
		       ? elf_at(&e, start->value, end->value - start->value)
		       : NULL;
	if (!text)
		return diag_fail(d, DIAG_BUG, "'%s' has no permanent text", path);
	s = disasm_open(r->arena, d);
	if (!s)
		return -1;
	r->text_bytes = end->value - start->value;
	disasm_scan_privileged(r->arena, s, text, r->text_bytes, start->value, &all);
	disasm_close(s);
	machine = priv_machine(&e);
	for (size_t i = 0; i < all.len; i++) {
		const uint64_t at = all.v[i].addr - start->value;

		if (!all.v[i].aligned && priv_undoes_protection(machine, all.v[i].name) &&
		    at + SHOWN_BYTES <= r->text_bytes)
			add_found(r, &e, &all.v[i], text + at, ret);
	}
	return 0;
}

static struct sighting *see(struct relinking *r, const struct found *f, size_t round)
{
	struct sighting *s;

	for (size_t i = 0; i < r->seen.len; i++) {
		s = &r->seen.v[i];
		if (s->found.offset != f->offset || !str_eq(s->found.function, f->function) ||
		    memcmp(s->found.bytes, f->bytes, sizeof(f->bytes)) != 0)
			continue;
		s->rounds = s->last + 1 == round ? s->rounds + 1 : 1;
		s->last = round;
		return s;
	}
	vec_push(r->arena, &r->seen, (struct sighting){*f, 1, round, false});
	return &r->seen.v[r->seen.len - 1];
}

/* The piece of the map that addr lies in, unless its section has no name of its own. */
static const json_t *piece_at(const struct relinking *r, uint64_t addr)
{
	for (size_t i = 0; i < json_array_size(r->pieces); i++) {
		const json_t *p = json_array_get(r->pieces, i);
		uint64_t from = (uint64_t)json_integer_value(json_object_get(p, "addr"));
		uint64_t size = (uint64_t)json_integer_value(json_object_get(p, "size"));

		if (addr >= from && addr - from < size &&
		    !str_eq(json_string_value(json_object_get(p, "section")), ".text"))
			return p;
	}
	return NULL;
}

static const char *piece_word(const struct relinking *r, const json_t *piece, const char *key)
{
	return arena_strdup(r->arena, json_string_value(json_object_get(piece, key)));
}

/* Behind all other functions, and each time it is there already a little further on. */
static void park(struct relinking *r, const json_t *piece)
{
	struct order_parks *parks = &r->changes.parks;
	const char *object = piece_word(r, piece, "object");
	const char *section = piece_word(r, piece, "section");
	uint64_t used = 0;
	size_t i;

	for (i = 0; i < parks->len; i++)
		if (str_eq(parks->v[i].object, object) && str_eq(parks->v[i].section, section))
			break;
	if (i < parks->len)
		parks->v[i].shift_bytes += PADDING_BYTES;
	else
		vec_push(r->arena, parks,
			 (struct order_park){
				 object, section,
				 (uint64_t)json_integer_value(json_object_get(piece, "addr")),
				 (uint64_t)json_integer_value(json_object_get(piece, "size")), 0});
	for (i = 0; i < parks->len; i++)
		used += parks->v[i].size + parks->v[i].shift_bytes + PADDING_BYTES;
	while (parks->reserved_bytes < used)
		parks->reserved_bytes += PARKING_BYTES;
}

/* Another distance from and to the function that addr lies in. */
static void move_function(struct relinking *r, uint64_t addr, size_t round)
{
	const json_t *piece = piece_at(r, addr);

	if (!piece)
		return;
	/* Exchanging two functions moves all between them: too many new distances in a large text. */
	if (r->text_bytes >= LARGE_TEXT_BYTES)
		park(r, piece);
	else
		vec_push(r->arena, &r->changes,
			 (struct order_move){piece_word(r, piece, "object"),
					     piece_word(r, piece, "section"), round + 1});
}

static bool is_lto(const char *object)
{
	return str_eq(object, LTO_OBJECT);
}

/* "f=1:22,g=2:30": what is to be done to one object. */
static const char *changes_of(const struct relinking *r, const char *object, bool is_bitcode)
{
	struct strs list = {0};

	for (size_t i = 0; i < r->reworded.len; i++) {
		const struct rewording *w = &r->reworded.v[i];

		if (is_lto(w->object) ? is_bitcode : str_eq(path_base(object), w->object))
			strs_pushf(r->arena, &list, "%s=%u:%02x", w->function, w->attempt,
				   w->found.bytes[1]);
		/* The number may come from a function that was put into this one. */
		if (is_lto(w->object) && is_bitcode && w->attempt > 1)
			strs_pushf(r->arena, &list, "*=1:%02x", w->found.bytes[1]);
	}
	return list.len ? strs_join(r->arena, &list, ",") : NULL;
}

/* The place of changed bitcode's object, by all it is made from: images that are made side by side share it. */
static int optimised_path(const struct relinking *r, const char **ret, struct diags *d)
{
	char hex[HASH_HEX];
	uint8_t bytes[HASH_BYTES];
	struct hash h;

	hash_init(&h);
	if (hash_file(r->in->template_path, hex, d))
		return -1;
	hash_add_str(&h, hex);
	for (size_t i = 0; i < r->used.len; i++) {
		if (hash_file(r->used.v[i], hex, d))
			return -1;
		hash_add_str(&h, hex);
	}
	hash_end(&h, bytes);
	hash_hex(bytes, hex);
	*ret = arena_printf(r->arena, "%s/%.32s/%s", r->in->reword.dir, hex, LTO_OBJECT);
	return 0;
}

static int write_list(const struct relinking *r, const char *path, const struct strs *objects,
		      struct diags *d)
{
	const char *text = strs_to_response(r->arena, objects);

	return file_write(path, text, strlen(text), d);
}

/* Bitcode that was changed is optimised as the plan's was. */
static int optimise(const struct relinking *r, struct strs *ret, struct diags *d)
{
	struct lto_in in = {
		.linker = r->in->linker,
		.template_path = r->in->template_path,
		.rsp_path = arena_printf(r->arena, "%s.bitcode.rsp", r->in->script_path),
	};

	if (optimised_path(r, &in.out_path, d))
		return -1;
	if (!file_exists(in.out_path) &&
	    (write_list(r, in.rsp_path, &r->used, d) || lto_generate(r->arena, &in, d)))
		return -1;
	return lto_replace(r->arena, &r->used, in.out_path, ret, d);
}

/* Objects for the next link. *ret_is_changed: some object is another one than in the last. */
static int reword_objects(struct relinking *r, bool *ret_is_changed, struct diags *d)
{
	struct strs used = {0}, linked;

	*ret_is_changed = false;
	for (size_t i = 0; i < r->objects.len; i++) {
		const char *object = r->objects.v[i], *changes, *used_now = object;
		bool is_bitcode, is_reworded = false;

		if (lto_is_bitcode(r->arena, object, &is_bitcode, d))
			return -1;
		changes = changes_of(r, object, is_bitcode);
		if (changes && reword_object(r->arena, &r->in->reword, object, changes, &used_now,
					     &is_reworded, d))
			return -1;
		strs_push(r->arena, &used, used_now);
		*ret_is_changed |= is_reworded && !str_eq(used_now, r->used.v[i]);
	}
	if (!*ret_is_changed)
		return 0;
	r->used = linked = used;
	if (r->in->bitcode_rsp && optimise(r, &linked, d))
		return -1;
	r->rsp_path = arena_printf(r->arena, "%s.rsp", r->in->script_path);
	return write_list(r, r->rsp_path, &linked, d);
}

static struct rewording *find_rewording(struct relinking *r, const char *function)
{
	for (size_t i = 0; i < r->reworded.len; i++)
		if (str_eq(r->reworded.v[i].function, function))
			return &r->reworded.v[i];
	return NULL;
}

/* The next way to compile the function. False when there is none. */
static bool ask_rewording(struct relinking *r, const struct found *f)
{
	struct rewording *w = find_rewording(r, f->function);
	const json_t *piece = piece_at(r, f->addr);

	if (!*f->function || !piece || (w && w->attempt == REWORD_ATTEMPTS))
		return false;
	if (!w) {
		vec_push(r->arena, &r->reworded,
			 (struct rewording){f->function, piece_word(r, piece, "object"), *f, 0});
		w = &r->reworded.v[r->reworded.len - 1];
	}
	w->found = *f;
	w->attempt++;
	return true;
}

/*
 * What to do about one sequence: a move; what a move leaves alone may be an address of data, which another
 * place of all data changes; what is still there is part of the instruction.
 */
static bool act(struct relinking *r, const struct found *f, size_t round, bool *ret_rewords)
{
	struct sighting *s = see(r, f, round);
	size_t rounds = s->rounds + (find_rewording(r, f->function) ? 1 : 0);

	if (s->is_hopeless)
		return false;
	if (rounds == 1) {
		move_function(r, f->addr, round);
		return true;
	}
	if (rounds == 2) {
		move_function(r, f->addr, round);
		if (s->rounds == 2)
			r->changes.pad_bytes += PADDING_BYTES;
		return true;
	}
	s->is_hopeless = !ask_rewording(r, f);
	*ret_rewords |= !s->is_hopeless;
	return !s->is_hopeless;
}

/* Changes for the next link; false: nothing is left to try. */
static int plan_round(struct relinking *r, const struct founds *hits, size_t round, bool *ret,
		      struct diags *d)
{
	bool acts = false, rewords = false, is_changed = false;

	for (size_t i = 0; i < hits->len; i++)
		acts |= act(r, &hits->v[i], round, &rewords);
	if (rewords && reword_objects(r, &is_changed, d))
		return -1;
	/* Nobody compiles these functions: they are assembly, or there is no passrun. */
	for (size_t i = 0; rewords && !is_changed && i < r->seen.len; i++)
		if (r->seen.v[i].last == round && find_rewording(r, r->seen.v[i].found.function))
			r->seen.v[i].is_hopeless = true;
	*ret = acts && (!rewords || is_changed || hits->len > r->reworded.len);
	return 0;
}

/* The first script: as drawn, or the template itself where nothing is drawn. */
static int write_script(const struct relinking *r, struct diags *d)
{
	const struct relink_in *in = r->in;
	struct arena *a = r->arena;
	char *text;
	size_t len;

	if (in->seed || r->changes.len || r->changes.parks.len || r->changes.pad_bytes)
		return order_write(a, in->template_path, in->seed, r->rsp_path, &r->changes,
				   in->script_path, d);
	return file_read(a, in->template_path, MAP_MAX_BYTES, &text, &len, d) ||
			       file_write(in->script_path, text, len, d)
		       ? -1
		       : 0;
}

static int run_linker(const struct relinking *r, struct diags *d)
{
	const struct proc_opts opts = {.flags = PROC_CAPTURE_ERR | PROC_STDIN_NULL};
	struct proc_result result;
	struct strs argv = {0};

	for (const char *const *w = r->in->linker; *w; w++)
		strs_push(r->arena, &argv, *w);
	strs_pushf(r->arena, &argv, "-Map=%s", r->in->map_path);
	strs_pushf(r->arena, &argv, "@%s", r->rsp_path);
	strs_push(r->arena, &argv, "-T");
	strs_push(r->arena, &argv, r->in->script_path);
	strs_push(r->arena, &argv, "-o");
	strs_push(r->arena, &argv, r->in->linked_path);
	return proc_check(r->arena, proc_argv(r->arena, &argv), &opts, &result, d);
}

/* What the record says of the functions that were compiled another way. */
static int write_changes(const struct relinking *r, struct diags *d)
{
	json_t *list = json_array();
	const char *text;
	int err;

	for (size_t i = 0; i < r->reworded.len; i++) {
		const struct rewording *w = &r->reworded.v[i];
		json_t *o = json_object();

		json_object_set_new(o, "object",
				    json_string(is_lto(w->object) ? "lto" : w->object));
		json_object_set_new(o, "function", json_string(w->function));
		json_object_set_new(o, "would_be", json_string(w->found.name));
		json_object_set_new(
			o, "bytes",
			json_string(arena_printf(r->arena, "%02x %02x %02x", w->found.bytes[0],
						 w->found.bytes[1], w->found.bytes[2])));
		json_object_set_new(o, "attempt", json_integer(w->attempt));
		json_array_append_new(list, o);
	}
	text = json_text(r->arena, list);
	err = file_write(RELINK_CHANGES(r->arena, r->in->linked_path), text, strlen(text), d);
	json_decref(list);
	return err;
}

int relink(struct arena *a, const struct relink_in *in, struct diags *d)
{
	struct relinking r = {.arena = a, .in = in, .rsp_path = in->rsp_path};
	bool goes_on = true;
	char *text;
	size_t len;

	if (file_read(a, in->bitcode_rsp ? in->bitcode_rsp : in->rsp_path, MAP_MAX_BYTES, &text,
		      &len, d))
		return -1;
	strs_from_response(a, &r.objects, text);
	r.used = r.objects;
	for (size_t round = 0; goes_on; round++) {
		struct founds hits = {0};

		if (write_script(&r, d) || run_linker(&r, d) || find_hits(&r, &hits, d))
			return -1;
		if (hits.len == 0 || round + 1 == LINKS_MAX)
			break;
		if (read_pieces(a, in, r.rsp_path, &r.pieces, d))
			return -1;
		if (plan_round(&r, &hits, round, &goes_on, d)) {
			json_decref(r.pieces);
			return -1;
		}
		json_decref(r.pieces);
	}
	return write_changes(&r, d);
}
