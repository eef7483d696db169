/* SPDX-License-Identifier: BSD-2-Clause */
/* Native time of the variants: many links of the bench image, run in turn, put beside the counted figures. */
#include "measure_native.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/hash.h"
#include "base/log.h"
#include "build.h"
#include "cmd.h"
#include "manifest.h"
#include "native.h"
#include "tree.h"
#include "variants.h"

const char *measure_native_platform(const struct tree *t)
{
	for (size_t i = 0; i < platform_hosts_len; i++)
		if (platform_hosts[i]->is_native &&
		    tree_find(t, UNIT_PLATFORM, platform_hosts[i]->name))
			return platform_hosts[i]->name;
	return NULL;
}

/* The order of one link: the same for every variant, so that a pair differs in the mechanism alone. */
static const char *layout_seed(struct arena *a, size_t layout)
{
	uint8_t bytes[HASH_BYTES];
	char hex[HASH_HEX];
	struct hash h;

	hash_init(&h);
	hash_add_str(&h, "native layout");
	hash_add(&h, &layout, sizeof(layout));
	hash_end(&h, bytes);
	hash_hex(bytes, hex);
	return arena_strdup(a, hex);
}

static int build_layouts(struct ctx *c, const struct manifest *bench, const char *platform,
			 const struct variant *v, const char **ret_images)
{
	struct manifest plain = *bench;
	struct ctx own = *c;

	plain.harden.mechs.len = 0;
	own.is_reordered = true;
	for (size_t i = 0; i < NATIVE_LAYOUTS; i++) {
		struct built b;

		own.seed = layout_seed(c->a, i);
		if (build_image(&own, &plain, platform, v->spec, &b))
			return -1;
		ret_images[i] = b.image;
	}
	return 0;
}

static struct variant_cost *find_variant(struct cost *cost, const char *name)
{
	for (size_t i = 0; i < cost->variants.len; i++)
		if (str_eq(cost->variants.v[i].name, name))
			return &cost->variants.v[i];
	return NULL;
}

static struct workload_cost *bench_of(struct arena *a, struct variant_cost *v)
{
	struct workload_cost w = {.name = WORKLOAD_BENCH};

	for (size_t i = 0; i < v->workloads.len; i++)
		if (str_eq(v->workloads.v[i].name, WORKLOAD_BENCH))
			return &v->workloads.v[i];
	vec_push(a, &v->workloads, w);
	return &v->workloads.v[v->workloads.len - 1];
}

static void store(struct arena *a, const struct native *n, size_t variant,
		  struct workload_cost *ret)
{
	for (size_t k = 0; k < n->len; k++) {
		struct native_cost one;

		native_kernel_of(a, n, k, variant, &one);
		vec_push(a, &ret->native, one);
	}
	ret->native_overall = native_overall(a, n, variant);
}

int measure_native(struct ctx *c, const struct manifest *bench, const char *platform,
		   const struct variants *variants, const struct probe *p, struct cost *cost)
{
	const char **images = arena_array(c->a, variants->len * NATIVE_LAYOUTS, sizeof(*images));
	struct variant_cost **good = arena_array(c->a, variants->len, sizeof(*good));
	struct native found;
	size_t len = 0;

	for (size_t i = 0; i < variants->len; i++) {
		struct variant_cost *v = find_variant(cost, variants->v[i].name);
		struct ctx own = *c;
		struct diags ignored;

		/* The manifest's own keys are not the bench's; a variant that failed has said why. */
		if (!v || v->problem || !variants->v[i].spec)
			continue;
		diags_init(&ignored, c->a);
		own.d = &ignored;
		log_progress(i + 1, variants->len, "MEASURE %s: links", variants->v[i].name);
		if (build_layouts(&own, bench, platform, &variants->v[i],
				  &images[len * NATIVE_LAYOUTS])) {
			v->problem = ignored.len ? ignored.v[0].text : "the bench does not build";
			continue;
		}
		good[len++] = v;
	}
	if (!len || !str_eq(good[0]->name, "none"))
		return 0; /* nothing to compare with */
	if (native_run(p, images, len, NATIVE_LAYOUTS, NATIVE_ROUNDS, &found, c->d))
		return -1;
	for (size_t i = 0; i < len; i++)
		store(c->a, &found, i, bench_of(c->a, good[i]));
	return 0;
}
