/* SPDX-License-Identifier: BSD-2-Clause */
/* Editing a manifest's text: every byte that is not a changed key stays. */
#include "base/arena.h"
#include "base/diag.h"
#include "edit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "name: x # ü name\nsources: [x.c]\n"

struct change {
	const char *key, *val;
};

struct edit_case {
	const char *before;
	struct change changes[4];
	const char *after;
};

/* Applies the changes, compares, and reads the result again. */
static void check(const struct edit_case *c, bool is_harden)
{
	struct arena *a = arena_new();
	struct diags d;
	struct edit_keys keys = {0};
	struct edit_map map = {.name = "kconfig"};
	struct manifest *m;
	const char *after;

	diags_init(&d, a);
	m = manifest_parse(a, "x.yaml", "/", c->before, strlen(c->before), false, &d);
	assert_non_null(m);
	map.pairs = &m->kconfig;
	if (is_harden) {
		map.name = "hardening";
		map.pairs = &m->harden.mechs;
		map.scalar = m->harden.profile.loc.line ? &m->harden.profile : NULL;
		map.scalar_key = "profile";
		map.has_others = m->harden.seed.s != NULL;
	}
	for (size_t i = 0; i < ARRAY_LEN(c->changes) && c->changes[i].key; i++)
		vec_push(a, &keys, (struct edit_key){c->changes[i].key, c->changes[i].val});
	after = edit_manifest(a, c->before, &map, &keys);
	assert_string_equal(after, c->after);
	assert_non_null(manifest_parse(a, "x.yaml", "/", after, strlen(after), false, &d));
	arena_free(a);
}

static void test_kconfig(void **state)
{
	static const struct edit_case cases[] = {
		{HEAD, {{"A", "y"}, {"B", "7"}}, HEAD "kconfig:\n  A: y\n  B: 7\n"},
		{"name: x\nsources: x.c",
		 {{"A", "y"}},
		 "name: x\nsources: x.c\nkconfig:\n  A: y\n"},
		{HEAD "kconfig:\n  # about A\n  A: y # why\n  B: 7\n# end\n",
		 {{"A", "n"}},
		 HEAD "kconfig:\n  # about A\n  A: n # why\n  B: 7\n# end\n"},
		{HEAD "kconfig:\n    A: y\n    B: 7 # seven\n# end\n",
		 {{"B", NULL}, {"C", "1"}},
		 HEAD "kconfig:\n    A: y\n    C: 1\n# end\n"},
		{HEAD "kconfig:\n  A: \"y\"\nmemory: 8M\n",
		 {{"A", "n"}, {"Z", "\"a b\""}},
		 HEAD "kconfig:\n  A: n\n  Z: \"a b\"\nmemory: 8M\n"},
		{HEAD "kconfig:\n  A: y\nmemory: 8M\n", {{"A", NULL}}, HEAD "memory: 8M\n"},
		{HEAD "kconfig: {A: y, B: 7} # flow\n",
		 {{"A", NULL}},
		 HEAD "kconfig: {B: 7} # flow\n"},
		{HEAD "kconfig: {A: y, B: 7}\n",
		 {{"B", NULL}, {"C", "1"}},
		 HEAD "kconfig: {A: y, C: 1}\n"},
		{HEAD "kconfig: {A: y, B: 7}\n", {{"B", "8"}}, HEAD "kconfig: {A: y, B: 8}\n"},
		{HEAD "kconfig: {B: \"ü}\", A: y} # ü\n",
		 {{"A", "n"}},
		 HEAD "kconfig: {B: \"ü}\", A: n} # ü\n"},
		{HEAD "kconfig: {B: \"ü}\", A: y} # ü\n",
		 {{"B", "7"}},
		 HEAD "kconfig: {B: 7, A: y} # ü\n"},
		{HEAD "kconfig: {A: y}\n# end\n", {{"A", NULL}}, HEAD "# end\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(&cases[i], false);
}

static void test_harden(void **state)
{
	static const struct edit_case cases[] = {
		{HEAD, {{"cfi", "off"}}, HEAD "hardening:\n  cfi: off\n"},
		{HEAD "hardening: max\ndebug: true\n",
		 {{"cfi", "off"}},
		 HEAD "hardening:\n  profile: max\n  cfi: off\ndebug: true\n"},
		{HEAD "hardening: max # all\n",
		 {{"cfi", "off"}},
		 HEAD "hardening: # all\n  profile: max\n  cfi: off\n"},
		{HEAD "hardening:\n  profile: peer # as others\n",
		 {{"cfi", "kcfi"}},
		 HEAD "hardening:\n  profile: peer # as others\n  cfi: kcfi\n"},
		{HEAD "hardening:\n  profile: peer\n  cfi: kcfi\n",
		 {{"cfi", NULL}},
		 HEAD "hardening:\n  profile: peer\n"},
		{HEAD "hardening: {profile: peer, cfi: kcfi}\n",
		 {{"cfi", NULL}, {"wx", "on"}},
		 HEAD "hardening: {profile: peer, wx: on}\n"},
		{HEAD "hardening:\n  cfi: off\n", {{"cfi", NULL}}, HEAD},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(&cases[i], true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kconfig),
		cmocka_unit_test(test_harden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
