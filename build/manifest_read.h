/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values of a manifest by their kinds: text, words, lists, numbers, maps. Each reader takes a key and
 * its value, writes what it read, or reports what is wrong with its place and returns -1. Used by
 * manifest_keys.c and manifest_source.c, which say what the keys mean.
 */
#ifndef UKB_MANIFEST_READ_H
#define UKB_MANIFEST_READ_H

#include "manifest.h"
#include "manifest_node.h"

struct reader {
	struct arena *a;
	struct diags *d;
	struct manifest *m;
	struct mrun *run; /* the one whose map is read */
};

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* True when s is not empty and has only characters of set. */
bool text_has_only(const char *s, const char *set);
/* Control characters have no place in names, paths and flags. */
bool text_is_clean(const char *s);

/* How a list may be written, and what its items may be. */
enum list_flags {
	LIST_SPLIT =
		1 << 0, /* one string is a command line, split at blanks; else it is one item */
	LIST_UNIQUE = 1 << 1, /* no item twice */
	LIST_ANY = 1 << 2,    /* items may be empty and contain control characters */
};

int read_wrong_kind(struct reader *r, const struct node *key, const struct node *val,
		    const char *wanted);
int read_text(struct reader *r, const struct node *key, const struct node *val, struct mstr *ret);
/* Text that is not empty and clean. */
int read_word(struct reader *r, const struct node *key, const struct node *val, struct mstr *ret);
int read_list(struct reader *r, const struct node *key, const struct node *val, unsigned flags,
	      struct mstrs *ret);
int read_number(struct reader *r, const struct node *key, const struct node *val,
		bool (*parse)(const char *, uint64_t *), uint64_t max, const char *wanted,
		struct mnum *ret);
int read_size(struct reader *r, const struct node *key, const struct node *val, struct mnum *ret);
/* A map of words to words. */
int read_pairs(struct reader *r, const struct node *key, const struct node *val,
	       struct mpairs *ret);

/*
 * One key of a map. Every map of the manifest with fixed keys is read through such a table.
 */
struct key {
	const char *name;
	int (*read)(struct reader *r, const struct node *key, const struct node *val);
};

/* where: " in 'budget'", or "" for the manifest itself. */
int read_map(struct reader *r, const struct node *map, const char *where, const struct key *keys,
	     size_t keys_len);
/* Keys of every map below n, whatever it means: strings, and none twice. */
int read_check_keys(struct reader *r, const struct node *n);

/* manifest_source.c: the key `source`. */
int read_source(struct reader *r, const struct node *key, const struct node *val);
extern const struct key source_keys[];
extern const size_t source_keys_len;

#endif
