/* SPDX-License-Identifier: BSD-2-Clause */
#include "share.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "stats.h"

/* JSON integers of jansson are signed; two bits less keep sums of two ids in range as well. */
#define ID_BITS 62

uint64_t share_id(const void *p, size_t len)
{
	uint8_t bytes[HASH_BYTES];
	struct hash h;
	uint64_t id;

	hash_init(&h);
	hash_add(&h, p, len);
	hash_end(&h, bytes);
	memcpy(&id, bytes, sizeof(id));
	return id >> (64 - ID_BITS);
}

static int compare(const void *x, const void *y)
{
	const struct share_place *a = x, *b = y;

	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

/* Places in both; the lists are sorted. One that stands twice in both counts twice. */
static size_t in_common(const struct share_places *x, const struct share_places *y)
{
	size_t n = 0;

	for (size_t i = 0, k = 0; i < x->len && k < y->len;) {
		int order = compare(&x->v[i], &y->v[k]);

		n += order == 0;
		i += order <= 0;
		k += order >= 0;
	}
	return n;
}

/* The places of all images in one list, sorted: how often each stands there. */
static void count_images(struct arena *a, const struct share_places *images, size_t len,
			 struct share_pairs *ret)
{
	struct share_place *all;
	size_t total = 0, n = 0;

	for (size_t i = 0; i < len; i++)
		total += images[i].len;
	all = arena_array(a, total + 1, sizeof(*all));
	for (size_t i = 0; i < len; i++)
		for (size_t k = 0; k < images[i].len; k++)
			if (k == 0 || compare(&images[i].v[k - 1], &images[i].v[k]) != 0)
				all[n++] = images[i].v[k];
	qsort(all, n, sizeof(*all), compare);
	for (size_t i = 0, from = 0; i < n; i++) {
		if (compare(&all[i], &all[from]) != 0)
			from = i;
		if (i - from + 1 > ret->widest)
			ret->widest = i - from + 1;
		ret->in_all += i - from + 1 == len;
	}
}

struct share_pairs share_count(struct arena *a, struct share_places *images, size_t len)
{
	struct share_pairs r = {.images = len, .pairs = len < 2 ? 0 : len * (len - 1) / 2};
	double *common = arena_array(a, r.pairs + 1, sizeof(*common)), sum = 0, places = 0;
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (images[i].len)
			qsort(images[i].v, images[i].len, sizeof(*images[i].v), compare);
		places += (double)images[i].len;
	}
	r.in_one = len ? places / (double)len : 0;
	if (!r.pairs)
		return r;
	for (size_t i = 0; i < len; i++)
		for (size_t k = i + 1; k < len; k++) {
			size_t both = in_common(&images[i], &images[k]);

			sum += (double)both;
			common[n++] = (double)both;
			if (both > r.most)
				r.most = both;
		}
	r.mean = sum / (double)r.pairs;
	r.median = stats_median(common, n);
	r.percent = r.in_one > 0 ? 100 * r.mean / r.in_one : 0;
	count_images(a, images, len, &r);
	return r;
}

json_t *share_json(const struct share_pairs *p)
{
	return json_pack("{s:I, s:f, s:f, s:f, s:I, s:f, s:I, s:I}", "pairs", (json_int_t)p->pairs,
			 "in_one", p->in_one, "mean", p->mean, "median", p->median, "most",
			 (json_int_t)p->most, "percent", p->percent, "in_all",
			 (json_int_t)p->in_all, "widest", (json_int_t)p->widest);
}
