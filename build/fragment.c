/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The language of fragments (tree.h): a strict subset of make. Owns the list of names and what each
 * means; knows nothing of other units, and does not look at the files that a fragment names.
 */
#include "tree.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

/* Words of one fragment, over all its lines: a bound for hostile input. */
#define FRAGMENT_MAX_WORDS 20000

const char *const init_phases[] = {"layout", "early", "mem", "device", "late"};
const size_t init_phases_len = ARRAY_LEN(init_phases);

enum in_kind {
	IN_LIB = 1 << UNIT_LIB,
	IN_PLATFORM = 1 << UNIT_PLATFORM,
	IN_MECHANISM = 1 << UNIT_MECHANISM,
	IN_CODE = IN_LIB | IN_PLATFORM,
	IN_ALL = IN_CODE | IN_MECHANISM,
};

enum name_id {
	NAME_NAMES,
	NAME_PROVIDES,
	NAME_SRC,
	NAME_CFLAGS,
	NAME_CFLAGS_OWN,
	NAME_CFLAGS_SEED,
	NAME_LDFLAGS,
	NAME_ASFLAGS,
	NAME_INCLUDES,
	NAME_PUBLIC_INCLUDES,
	NAME_SYSTEM_HEADERS,
	NAME_EXPORTS,
	NAME_INIT,
	NAME_NOHARDEN,
	NAME_SOURCE,
	NAME_ARCHIVE,
	NAME_SHA256,
	NAME_UNPACKED,
	NAME_LICENCE,
	NAME_PATCH,
	NAME_OVERLAY,
	NAME_LEVELS,
	NAME_DEFAULT,
	NAME_FAULT,
	NAME_CONFLICTS,
	NAME_PASS,
	NAME_STATUS,
	NAME_REFUSED,
};

enum name_flags {
	KEY_LEVEL = 1 << 0,    /* of a mechanism: NAME.level may stand */
	KEY_PLATFORM = 1 << 1, /* of a platform: NAME.platform may stand, see NAMES */
	KEY_REQUIRED = 1 << 2, /* NAME.mechanism must, or NAME.platform in a mechanism */
	ONE_WORD = 1 << 3,
};

struct name {
	const char *s;
	enum name_id id;
	unsigned kinds; /* enum in_kind */
	unsigned flags; /* enum name_flags */
};

static const struct name names[] = {
	{"NAMES", NAME_NAMES, IN_PLATFORM, 0},
	{"PROVIDES", NAME_PROVIDES, IN_CODE, KEY_PLATFORM},
	{"SRC", NAME_SRC, IN_ALL, KEY_LEVEL | KEY_PLATFORM},
	{"CFLAGS", NAME_CFLAGS, IN_ALL, KEY_LEVEL | KEY_PLATFORM},
	{"CFLAGS-OWN", NAME_CFLAGS_OWN, IN_MECHANISM, KEY_LEVEL},
	{"CFLAGS-SEED", NAME_CFLAGS_SEED, IN_MECHANISM, KEY_LEVEL},
	{"LDFLAGS", NAME_LDFLAGS, IN_MECHANISM, KEY_LEVEL},
	{"ASFLAGS", NAME_ASFLAGS, IN_CODE, 0},
	{"INCLUDES", NAME_INCLUDES, IN_ALL, 0},
	{"PUBLIC-INCLUDES", NAME_PUBLIC_INCLUDES, IN_LIB | IN_MECHANISM, 0},
	{"SYSTEM-HEADERS", NAME_SYSTEM_HEADERS, IN_CODE, 0},
	{"EXPORTS", NAME_EXPORTS, IN_ALL, 0},
	{"INIT", NAME_INIT, IN_ALL, KEY_LEVEL | KEY_PLATFORM},
	{"NOHARDEN", NAME_NOHARDEN, IN_ALL, KEY_REQUIRED},
	{"SOURCE", NAME_SOURCE, IN_LIB, ONE_WORD},
	{"ARCHIVE", NAME_ARCHIVE, IN_LIB, ONE_WORD},
	{"SHA256", NAME_SHA256, IN_LIB, ONE_WORD},
	{"UNPACKED", NAME_UNPACKED, IN_LIB, ONE_WORD},
	{"LICENCE", NAME_LICENCE, IN_LIB, ONE_WORD},
	{"PATCH", NAME_PATCH, IN_LIB, 0},
	{"OVERLAY", NAME_OVERLAY, IN_LIB, ONE_WORD},
	{"LEVELS", NAME_LEVELS, IN_MECHANISM, 0},
	{"DEFAULT", NAME_DEFAULT, IN_MECHANISM, ONE_WORD},
	{"FAULT", NAME_FAULT, IN_MECHANISM, ONE_WORD},
	{"CONFLICTS", NAME_CONFLICTS, IN_MECHANISM, 0},
	{"PASS", NAME_PASS, IN_MECHANISM, 0},
	{"STATUS", NAME_STATUS, IN_MECHANISM, KEY_REQUIRED},
	{"REFUSED", NAME_REFUSED, IN_MECHANISM, KEY_REQUIRED},
};

struct parser {
	struct arena *arena;
	struct unit *unit;
	bool is_one;       /* only what is said of unit->name is kept */
	struct unit other; /* takes the rest */
	struct words keys; /* platforms that NAME.platform mentions */
	const char *path;
	unsigned line;
	struct sb comment;   /* the comment lines directly above */
	struct strs defined; /* names that had a `:=` */
	size_t words_total;
	struct diags *d;
};

/* `NAME[.key] :=|+= words`, cut into pieces. */
struct assignment {
	const char *name, *key; /* key NULL = none */
	const char *symbol;     /* SRC-symbol */
	struct loc loc, key_loc;
	bool is_append;
	struct words words;
};

static struct loc loc_at(const struct parser *p, size_t col)
{
	return (struct loc){p->path, p->line, (unsigned)col};
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

static const struct name *find_name(const char *s)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eq(names[i].s, s))
			return &names[i];
	return NULL;
}

static int unknown_name(struct parser *p, const struct assignment *as)
{
	const char *known[ARRAY_LEN(names)], *near;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		known[i] = names[i].s;
	near = str_suggest(as->name, known, ARRAY_LEN(names));
	(void)diag_error(p->d, as->loc, "unknown name '%s' in a fragment", as->name);
	return near ? diag_hint(p->d, "did you mean '%s'?", near) : -1;
}

/* Splits line into an assignment. 0 = nothing there, 1 = *ret is set, -1 = error. */
static int split_line(struct parser *p, const char *line, size_t len, struct assignment *ret)
{
	struct assignment as = {0};
	size_t i = 0, start;
	const char *dash;

	while (i < len && is_blank(line[i]))
		i++;
	if (i == len)
		return 0;
	as.loc = loc_at(p, i + 1);
	start = i;
	while (i < len && is_name_char(line[i]))
		i++;
	as.name = arena_memdup(p->arena, line + start, i - start);
	if (i < len && line[i] == '.') {
		start = ++i;
		as.key_loc = loc_at(p, start + 1);
		while (i < len && is_name_char(line[i]))
			i++;
		as.key = arena_memdup(p->arena, line + start, i - start);
	}
	while (i < len && is_blank(line[i]))
		i++;
	if (!as.name[0] || (as.key && !as.key[0]) || len - i < 2 || line[i + 1] != '=' ||
	    (line[i] != ':' && line[i] != '+'))
		return diag_error(p->d, loc_at(p, i + 1),
				  "expected 'NAME := words' or 'NAME += words'");
	as.is_append = line[i] == '+';
	dash = strchr(as.name, '-');
	if (dash && str_starts(as.name, "SRC-"))
		as.symbol = dash + 1;
	i += 2;
	while (i < len) {
		while (i < len && is_blank(line[i]))
			i++;
		if (i == len || line[i] == '#')
			break;
		start = i;
		for (; i < len && !is_blank(line[i]); i++)
			if (line[i] == '$' || line[i] == '\\')
				return diag_error(p->d, loc_at(p, i + 1),
						  "'%c' has no place in a fragment", line[i]);
		if (++p->words_total > FRAGMENT_MAX_WORDS)
			return diag_error(p->d, as.loc, "more than %d words", FRAGMENT_MAX_WORDS);
		vec_push(p->arena, &as.words,
			 (struct word){arena_memdup(p->arena, line + start, i - start),
				       loc_at(p, start + 1)});
	}
	*ret = as;
	return 1;
}

static void append(struct arena *a, struct words *to, const struct words *from)
{
	for (size_t i = 0; i < from->len; i++)
		vec_push(a, to, from->v[i]);
}

static int add_sym_file(struct parser *p, const struct assignment *as)
{
	if (as->key || as->is_append || as->words.len != 1 || !as->symbol[0])
		return diag_error(p->d, as->loc, "expected 'SRC-symbol := file'");
	for (const char *s = as->symbol; *s; s++)
		if (*s == '-')
			return diag_error(p->d, as->loc, "'%s' is not a symbol", as->symbol);
	vec_push(p->arena, &p->unit->sym_src,
		 (struct sym_file){as->symbol, as->words.v[0].s, as->loc});
	return 0;
}

static bool is_platform_name(const char *s)
{
	return islower((unsigned char)s[0]) &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(s);
}

static int add_names(struct parser *p, const struct assignment *as)
{
	struct words *list = &p->unit->names;

	if (p->is_one)
		return 0;
	if (as->is_append || !as->words.len)
		return diag_error(p->d, as->loc, "expected 'NAMES := platform ...'");
	for (size_t i = 0; i < as->words.len; i++) {
		const struct word *w = &as->words.v[i];

		if (!is_platform_name(w->s))
			return diag_error(p->d, w->loc,
					  "'%s' is no name for a platform: a-z, 0-9 and '-', a "
					  "letter first",
					  w->s);
		for (size_t k = 0; k < list->len; k++)
			if (str_eq(list->v[k].s, w->s))
				return diag_error(p->d, w->loc, "platform '%s' a second time",
						  w->s);
		vec_push(p->arena, list, *w);
	}
	return 0;
}

static int add_init(struct parser *p, const struct words *words, struct init_entries *to)
{
	for (size_t i = 0; i < words->len; i++) {
		const struct word *w = &words->v[i];
		const char *colon = strchr(w->s, ':');
		const char *phase = NULL;

		for (size_t k = 0; colon && k < init_phases_len; k++)
			if (strlen(init_phases[k]) == (size_t)(colon - w->s) &&
			    str_starts(w->s, init_phases[k]))
				phase = init_phases[k];
		if (!phase || !colon[1]) {
			(void)diag_error(p->d, w->loc, "'%s' is not phase:function", w->s);
			return diag_hint(p->d, "phases: layout early mem device late");
		}
		vec_push(p->arena, to, (struct init_entry){phase, colon + 1, w->loc});
	}
	return 0;
}

/* "xen=libxen-dev": one folder name and a package name (Debian policy, 5.6.1). */
static int add_headers(struct parser *p, const struct assignment *as)
{
	static const char name[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	static const char package[] = "abcdefghijklmnopqrstuvwxyz0123456789+-.";

	for (size_t i = 0; i < as->words.len; i++) {
		const struct word *w = &as->words.v[i];
		size_t len = strspn(w->s, name);

		if (!len || w->s[len] != '=' || !w->s[len + 1] ||
		    w->s[len + 1 + strspn(w->s + len + 1, package)]) {
			(void)diag_error(p->d, w->loc, "'%s' is not folder=package", w->s);
			return diag_hint(p->d, "e.g. xen=libxen-dev");
		}
		vec_push(p->arena, &p->unit->headers,
			 (struct system_header){arena_memdup(p->arena, w->s, len), w->s + len + 1,
						w->loc});
	}
	return 0;
}

static int add_exemptions(struct parser *p, const struct assignment *as)
{
	const char *reason = sb_str(&p->comment);

	if (!reason[0]) {
		(void)diag_error(p->d, as->loc, "'NOHARDEN.%s' without a reason", as->key);
		return diag_hint(p->d, "write the reason as comment lines directly above");
	}
	for (size_t i = 0; i < as->words.len; i++)
		vec_push(p->arena, &p->unit->exempt,
			 (struct exemption){as->key, as->words.v[i].s,
					    arena_strdup(p->arena, reason), as->loc});
	return 0;
}

/* The level record of a mechanism; key NULL = every level but off. */
static struct level *level_of(struct parser *p, const char *key)
{
	struct levels *l = &p->unit->levels;

	key = key ? key : "";
	for (size_t i = 0; i < l->len; i++)
		if (str_eq(l->v[i].name, key))
			return &l->v[i];
	vec_push(p->arena, l, (struct level){.name = key});
	return &l->v[l->len - 1];
}

static int add_levels(struct parser *p, const struct assignment *as)
{
	if (as->is_append || as->words.len < 2 || !str_eq(as->words.v[0].s, "off")) {
		(void)diag_error(p->d, as->loc, "LEVELS must begin with 'off' and name another");
		return diag_hint(p->d, "e.g. LEVELS := off on");
	}
	append(p->arena, &p->unit->level_names, &as->words);
	return 0;
}

/* "proven"; "verifier" or "inherent" and a reason; of REFUSED the reason alone. */
static int add_status(struct parser *p, const struct assignment *as, enum name_id id)
{
	static const struct {
		const char *word;
		enum standing standing;
	} words[] = {
		{"proven", STANDS_PROVEN},
		{"verifier", STANDS_VERIFIER},
		{"inherent", STANDS_INHERENT},
	};
	struct platform_status s = {as->key, STANDS_REFUSED, NULL, as->key_loc};
	size_t first = id == NAME_STATUS, k = 0;
	struct strs reason = {0};

	if (as->is_append)
		return diag_error(p->d, as->loc, "'%s.%s' is said once, with ':='", as->name,
				  as->key);
	if (first) {
		while (k < ARRAY_LEN(words) && as->words.len &&
		       !str_eq(words[k].word, as->words.v[0].s))
			k++;
		if (k == ARRAY_LEN(words) || !as->words.len) {
			(void)diag_error(p->d, as->words.len ? as->words.v[0].loc : as->loc,
					 "'%s.%s' begins with proven, verifier or inherent",
					 as->name, as->key);
			return diag_hint(p->d, "REFUSED.%s says why it cannot be had", as->key);
		}
		s.standing = words[k].standing;
	}
	for (size_t i = first; i < as->words.len; i++)
		strs_push(p->arena, &reason, as->words.v[i].s);
	if (reason.len)
		s.reason = strs_join(p->arena, &reason, " ");
	if ((s.standing != STANDS_PROVEN) != (s.reason != NULL))
		return diag_error(p->d, as->loc,
				  s.reason ? "'%s.%s': what is proven needs no reason"
					   : "'%s.%s' without a reason",
				  as->name, as->key);
	for (size_t i = 0; i < p->unit->statuses.len; i++)
		if (str_eq(p->unit->statuses.v[i].platform, s.platform))
			return diag_error(p->d, as->loc,
					  "platform '%s' has both STATUS and REFUSED", s.platform);
	vec_push(p->arena, &p->unit->statuses, s);
	return 0;
}

/* PASS := name, or name seeded. */
static int set_pass(struct parser *p, const struct assignment *as)
{
	if (as->is_append || as->words.len < 1 || as->words.len > 2 ||
	    (as->words.len == 2 && !str_eq(as->words.v[1].s, "seeded")))
		return diag_error(p->d, as->loc,
				  "'PASS' is the name of a pass, with ':=', and 'seeded' behind it "
				  "when the pass draws numbers");
	append(p->arena, &p->unit->pass, &as->words);
	return 0;
}

static int set_source(struct parser *p, const struct assignment *as, enum name_id id)
{
	struct source_spec *s = p->unit->source;
	const char *word = as->words.len ? as->words.v[0].s : "", *eq;

	if (!s) {
		s = arena_alloc(p->arena, sizeof(*s));
		s->loc = as->loc;
		p->unit->source = s;
	}
	switch (id) {
	case NAME_SOURCE:
		eq = strchr(word, '=');
		if (!eq || eq == word || !eq[1])
			return diag_error(p->d, as->words.v[0].loc, "'%s' is not package=version",
					  word);
		s->package = arena_memdup(p->arena, word, (size_t)(eq - word));
		s->version = eq + 1;
		s->loc = as->loc;
		return 0;
	case NAME_ARCHIVE:
		s->archive = word;
		return 0;
	case NAME_SHA256:
		if (strlen(word) != 64 || strspn(word, "0123456789abcdef") != 64)
			return diag_error(p->d, as->words.v[0].loc,
					  "'%s' is not 64 lower-case hex digits", word);
		s->sha256 = word;
		return 0;
	case NAME_UNPACKED:
		s->unpacked = word;
		return 0;
	case NAME_LICENCE:
		s->licence = word;
		return 0;
	case NAME_OVERLAY:
		s->overlay = word;
		return 0;
	default:
		append(p->arena, &s->patches, &as->words);
		return 0;
	}
}

static int assign_level(struct parser *p, const struct assignment *as, enum name_id id)
{
	struct level *l = level_of(p, as->key);

	switch (id) {
	case NAME_SRC:
		append(p->arena, &l->src, &as->words);
		return 0;
	case NAME_CFLAGS:
		append(p->arena, &l->cflags, &as->words);
		return 0;
	case NAME_CFLAGS_OWN:
		append(p->arena, &l->cflags_own, &as->words);
		return 0;
	case NAME_CFLAGS_SEED:
		append(p->arena, &l->cflags_seed, &as->words);
		return 0;
	case NAME_LDFLAGS:
		append(p->arena, &l->ldflags, &as->words);
		return 0;
	default:
		return add_init(p, &as->words, &l->init);
	}
}

/* The unit that an assignment is about: NAME.platform may be about another one of the folder. */
static struct unit *subject(struct parser *p, const struct assignment *as)
{
	if (p->unit->kind != UNIT_PLATFORM || !as->key || str_eq(as->name, "NOHARDEN"))
		return p->unit;
	vec_push(p->arena, &p->keys, (struct word){as->key, as->key_loc});
	return !p->is_one || str_eq(as->key, p->unit->name) ? p->unit : &p->other;
}

static int assign(struct parser *p, const struct assignment *as, enum name_id id)
{
	struct unit *u = subject(p, as);
	struct words *to = NULL;

	if (u->kind == UNIT_MECHANISM &&
	    (id == NAME_SRC || id == NAME_CFLAGS || id == NAME_CFLAGS_OWN ||
	     id == NAME_CFLAGS_SEED || id == NAME_LDFLAGS || id == NAME_INIT))
		return assign_level(p, as, id);
	switch (id) {
	case NAME_NAMES:
		return add_names(p, as);
	case NAME_PROVIDES:
		to = &u->provides;
		break;
	case NAME_SRC:
		to = &u->src;
		break;
	case NAME_CFLAGS:
		to = &u->cflags;
		break;
	case NAME_ASFLAGS:
		to = &u->asflags;
		break;
	case NAME_INCLUDES:
		to = &u->includes;
		break;
	case NAME_PUBLIC_INCLUDES:
		to = &u->public_includes;
		break;
	case NAME_EXPORTS:
		to = &u->exports;
		break;
	case NAME_FAULT:
		to = &u->fault;
		break;
	case NAME_CONFLICTS:
		to = &u->conflicts;
		break;
	case NAME_PASS:
		return set_pass(p, as);
	case NAME_SYSTEM_HEADERS:
		return add_headers(p, as);
	case NAME_INIT:
		return add_init(p, &as->words, &u->init);
	case NAME_NOHARDEN:
		return add_exemptions(p, as);
	case NAME_STATUS:
	case NAME_REFUSED:
		return add_status(p, as, id);
	case NAME_LEVELS:
		return add_levels(p, as);
	case NAME_DEFAULT:
		u->default_level = as->words.len ? as->words.v[0].s : "";
		return 0;
	default:
		return set_source(p, as, id);
	}
	append(p->arena, to, &as->words);
	return 0;
}

/* A name that takes `:=` once only: the full form NAME.key counts. */
static int check_once(struct parser *p, const struct assignment *as)
{
	const char *full = as->key ? arena_printf(p->arena, "%s.%s", as->name, as->key) : as->name;

	if (as->is_append || str_eq(as->name, "NOHARDEN"))
		return 0;
	if (!strs_add(p->arena, &p->defined, full)) {
		(void)diag_error(p->d, as->loc, "'%s' is set a second time", full);
		return diag_hint(p->d, "use += to add to it");
	}
	return 0;
}

static int do_assignment(struct parser *p, const struct assignment *as)
{
	const struct name *n = find_name(as->name);
	unsigned kind = 1u << p->unit->kind;
	unsigned keys = KEY_REQUIRED;

	if (as->symbol)
		return check_once(p, as) ? -1 : add_sym_file(p, as);
	if (!n)
		return unknown_name(p, as);
	if (!(n->kinds & kind))
		return diag_error(p->d, as->loc, "'%s' has no meaning for a %s", as->name,
				  unit_kind_name(p->unit->kind));
	if (p->unit->kind == UNIT_MECHANISM)
		keys |= KEY_LEVEL;
	else if (p->unit->kind == UNIT_PLATFORM)
		keys |= KEY_PLATFORM;
	if (as->key && !(n->flags & keys))
		return diag_error(p->d, as->loc, "'%s' takes no '.%s'", as->name, as->key);
	if (!as->key && (n->flags & KEY_REQUIRED))
		return diag_error(p->d, as->loc, "'%s' needs '.%s'", as->name,
				  n->id == NAME_NOHARDEN ? "mechanism" : "platform");
	if ((n->flags & ONE_WORD) && (as->words.len != 1 || as->is_append))
		return diag_error(p->d, as->loc, "'%s' takes exactly one word", as->name);
	if (check_once(p, as))
		return -1;
	return assign(p, as, n->id);
}

static bool is_comment(const char *line, size_t len, size_t *ret_start)
{
	size_t i = 0;

	while (i < len && is_blank(line[i]))
		i++;
	if (i == len || line[i] != '#')
		return false;
	while (i < len && (line[i] == '#' || is_blank(line[i])))
		i++;
	*ret_start = i;
	return true;
}

static int parse_line(struct parser *p, const char *line, size_t len)
{
	struct assignment as = {0};
	size_t start;
	int got;

	while (len > 0 && is_blank(line[len - 1]))
		len--;
	if (len > 0 && line[len - 1] == '\\')
		return diag_error(p->d, loc_at(p, len), "lines are not continued in a fragment");
	if (is_comment(line, len, &start)) {
		if (p->comment.len)
			sb_put(&p->comment, " ");
		sb_putn(&p->comment, line + start, len - start);
		return 0;
	}
	got = split_line(p, line, len, &as);
	if (got > 0)
		got = do_assignment(p, &as);
	sb_init(&p->comment, p->arena);
	return got;
}

/* Levels used as keys must exist; "on" needs a meaning. */
static int check_mechanism(struct parser *p)
{
	struct unit *u = p->unit;

	if (u->level_names.len == 0)
		return diag_error(p->d, u->loc, "mechanism '%s' has no LEVELS", u->name);
	for (size_t i = 0; i < u->levels.len; i++)
		if (u->levels.v[i].name[0] && !mechanism_level(u, u->levels.v[i].name))
			return diag_error(p->d, u->loc, "'.%s' is not one of the LEVELS of '%s'",
					  u->levels.v[i].name, u->name);
	if (!u->default_level)
		u->default_level = u->level_names.v[u->level_names.len - 1].s;
	else if (!mechanism_level(u, u->default_level))
		return diag_error(p->d, u->loc, "DEFAULT '%s' is not one of the LEVELS of '%s'",
				  u->default_level, u->name);
	return 0;
}

/* NAME.platform must be one of NAMES; without NAMES the folder is one platform of its own name. */
static int check_platform(struct parser *p)
{
	const struct unit *u = p->unit;
	const char **list = arena_array(p->arena, u->names.len + 1, sizeof(*list));
	size_t len = 0, errors = p->d->errors;

	for (size_t i = 0; i < u->names.len; i++)
		list[len++] = u->names.v[i].s;
	if (!len)
		list[len++] = u->name;
	for (size_t i = 0; i < p->keys.len; i++) {
		const struct word *key = &p->keys.v[i];
		const char *near;
		size_t k = 0;

		while (k < len && !str_eq(list[k], key->s))
			k++;
		if (k < len)
			continue;
		near = str_suggest(key->s, list, len);
		(void)diag_error(p->d, key->loc, "'.%s' is none of the platforms of this folder",
				 key->s);
		if (near)
			(void)diag_hint(p->d, "did you mean '%s'?", near);
		else if (!u->names.len)
			(void)diag_hint(p->d, "NAMES lists them");
	}
	return p->d->errors == errors ? 0 : -1;
}

int tree_parse_fragment(struct arena *a, struct unit *u, const char *path, const char *text,
			size_t len, struct diags *d)
{
	struct parser p = {.arena = a, .unit = u, .path = path, .d = d};
	size_t errors = d->errors;

	p.is_one = u->names.len > 0;
	sb_init(&p.comment, a);
	u->loc = (struct loc){path, 1, 1};
	if (memchr(text, '\0', len))
		return diag_error(d, u->loc, "zero byte in a fragment");
	for (size_t at = 0; at < len;) {
		const char *nl = memchr(text + at, '\n', len - at);
		size_t end = nl ? (size_t)(nl - text) : len;

		p.line++;
		(void)parse_line(&p, text + at, end - at); /* counted in d->errors */
		at = end + 1;
	}
	if (d->errors == errors && u->kind == UNIT_MECHANISM)
		(void)check_mechanism(&p); /* counted too */
	if (d->errors == errors && u->kind == UNIT_PLATFORM)
		(void)check_platform(&p); /* counted too */
	return d->errors == errors ? 0 : -1;
}
