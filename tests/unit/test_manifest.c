/* SPDX-License-Identifier: BSD-2-Clause */
/* The manifest: what each key becomes, what each mistake says and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "manifest.h"
#include "manifest_node.h"

static struct manifest *parse(const char *text)
{
	return manifest_parse(arena, "t.yaml", "/", text, strlen(text), false, &diags);
}

static void minimal_has_defaults(void **state)
{
	const struct manifest *m = parse("name: hello\nsources: \"*.c\"\n");

	(void)state;
	assert_non_null(m);
	assert_string_equal(m->name.s, "hello");
	assert_int_equal(m->name.loc.line, 1);
	assert_int_equal(m->name.loc.col, 7);
	assert_int_equal(m->sources.len, 1);
	assert_string_equal(m->platforms.v[0].s, "kvm");
	assert_string_equal(m->harden.profile.s, "default");
	assert_null(m->harden.seed.s);
	assert_int_equal(m->memory_bytes.n, 32 << 20);
	assert_false(m->memory_bytes.is_set);
	assert_false(m->test.is_set);
	assert_false(m->debug);
}

static void every_key(void **state)
{
	const struct manifest *m = parse(
		"name: all-keys_1\n"
		"sources: [main.c, 'lib/*.c']\n"
		"include: inc\n"
		"cflags: -O3  -DX=1\n"
		"args: [one two, '']\n"
		"env: {A: 1, B_2: 'x y'}\n"
		"platforms: [kvm, xen-pvh]\n"
		"libs: [heap]\n"
		"kconfig:\n  LIB_HEAP: y\n  HEAP_SIZE: 64\n  LIB_X: false\n"
		"hardening:\n  profile: max\n  cfi: off\n"
		"  seed: 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
		"memory: 8MiB\n"
		"allow-missing: [fork]\n"
		"budget: {image: 48KiB, memory: 1536K, instructions: 200_000, overhead: 2.5%}\n"
		"test:\n  args: -x 'y'\n  expect: [hello, world]\n  timeout: 1500ms\n"
		"debug: true\n");

	(void)state;
	assert_non_null(m);
	assert_int_equal(m->sources.len, 2);
	assert_string_equal(m->include.v[0].s, "inc");
	assert_int_equal(m->cflags.len, 2);
	assert_string_equal(m->cflags.v[1].s, "-DX=1");
	assert_int_equal(m->args.len, 2);
	assert_string_equal(m->args.v[0].s, "one two");
	assert_string_equal(m->args.v[1].s, "");
	assert_string_equal(m->env.v[1].key.s, "B_2");
	assert_string_equal(m->env.v[1].val.s, "x y");
	assert_int_equal(m->platforms.len, 2);
	assert_string_equal(m->libs.v[0].s, "heap");
	assert_string_equal(m->kconfig.v[1].val.s, "64");
	assert_int_equal(m->kconfig.v[1].key.loc.line, 11);
	assert_int_equal(m->kconfig.v[1].key.loc.col, 3);
	assert_string_equal(m->kconfig.v[2].val.s, "n");
	assert_string_equal(m->harden.profile.s, "max");
	assert_int_equal(m->harden.mechs.len, 1);
	assert_string_equal(m->harden.mechs.v[0].val.s, "off");
	assert_non_null(m->harden.seed.s);
	assert_int_equal(m->memory_bytes.n, 8 << 20);
	assert_string_equal(m->allow_missing.v[0].s, "fork");
	assert_int_equal(m->budget.image_bytes.n, 48 << 10);
	assert_int_equal(m->budget.memory_bytes.n, 1536 << 10);
	assert_int_equal(m->budget.instructions.n, 200000);
	assert_int_equal(m->budget.overhead_permille.n, 25);
	assert_true(m->test.is_set);
	assert_int_equal(m->test.args.len, 2);
	assert_string_equal(m->test.expect.v[1].s, "world");
	assert_int_equal(m->test.timeout_ms.n, 1500);
	assert_true(m->debug);
}

static void harden_as_a_profile(void **state)
{
	const struct manifest *m = parse("name: x\nsources: x.c\nhardening: peer\n");

	(void)state;
	assert_string_equal(m->harden.profile.s, "peer");
	assert_int_equal(m->harden.profile.loc.line, 3);
}

#define HEAD "name: x\nsources: x.c\n"

static const struct {
	const char *text;
	unsigned line, col;
	const char *error;
	const char *hint; /* a part of it, or NULL */
} mistakes[] = {
	{"", 0, 0, "the manifest is empty", NULL},
	{"# nothing\n", 0, 0, "the manifest is empty", NULL},
	{"---\n...\n", 0, 0, "the manifest is empty", NULL},
	{"~\n", 0, 0, "the manifest is empty", NULL},
	{"- a\n", 1, 1, "a manifest is a map of keys, not a list", NULL},
	{"hello\n", 1, 1, "a manifest is a map of keys, not a string", NULL},
	{"sources: x.c\n", 0, 0, "the key 'name' is missing", "name: hello"},
	{"name: x\n", 0, 0, "the key 'sources' is missing", "sources: "},
	{HEAD "hardenning: max\n", 3, 1, "unknown key 'hardenning'", "did you mean 'hardening'?"},
	{HEAD "xyzzy: 1\n", 3, 1, "unknown key 'xyzzy'", "the keys are name, sources,"},
	{HEAD "budget: {imgae: 1K}\n", 3, 10, "unknown key 'imgae' in 'budget'", "'image'"},
	{HEAD "test: {expct: x}\n", 3, 8, "unknown key 'expct' in 'test'", "'expect'"},
	{HEAD "<<: {debug: true}\n", 3, 1, "unknown key '<<'", NULL},
	{HEAD "name: y\n", 3, 1, "duplicate key 'name'", NULL},
	{HEAD "env: {A: 1, A: 2}\n", 3, 13, "duplicate key 'A'", NULL},
	{HEAD "libs: [heap, heap]\n", 3, 14, "'heap' stands twice in 'libs'", NULL},
	{HEAD "memory:\n", 3, 1, "'memory' has no value", "a size such as 8M"},
	{HEAD "libs: ~\n", 3, 1, "'libs' has no value", NULL},
	{HEAD "memory: [1]\n", 3, 9, "'memory' must be a size such as 8M or 512K, not a list",
	 NULL},
	{HEAD "memory: 8 MB\n", 3, 9, "'memory' must be a size such as 8M or 512K, not '8 MB'",
	 NULL},
	{HEAD "memory: 0\n", 3, 9, "'memory' must be more than 0", NULL},
	{HEAD "memory: 2000G\n", 3, 9, "'memory' is too large: '2000G'", NULL},
	{HEAD "libs: {a: b}\n", 3, 7, "'libs' must be a string or a list of strings, not a map",
	 NULL},
	{HEAD "libs: [[a]]\n", 3, 8, "an item of 'libs' must be a string, not a list", NULL},
	{HEAD "libs: [a, ]\n", 0, 0, NULL, NULL},
	{HEAD "libs:\n  -\n", 4, 4, "an item of 'libs' must be a string, not nothing", NULL},
	{HEAD "libs: \"a\\x07\"\n", 3, 7,
	 "an item of 'libs' must not be empty or contain control characters", NULL},
	{HEAD "env: [A]\n", 3, 6, "'env' must be a map, not a list", NULL},
	{HEAD "env: {A: [1]}\n", 3, 10, "'A' must be a string, not a list", NULL},
	{HEAD "env: {1A: x}\n", 3, 7, "'1A' cannot name a variable", NULL},
	{HEAD "env: {[a]: x}\n", 3, 7, "a key must be a string, not a list", NULL},
	{HEAD "kconfig: {CONFIG_X: y}\n", 3, 11, "'CONFIG_X' is written without CONFIG_",
	 "write 'X'"},
	{HEAD "kconfig: {lib: y}\n", 3, 11, "'lib' is not a Kconfig option", NULL},
	{HEAD "hardening: {seed: 12}\n", 3, 19, "'seed' must be 64 digits 0-9 a-f", NULL},
	{HEAD "hardening: [max]\n", 3, 12, "'hardening' must be a profile or a map, not a list",
	 NULL},
	{HEAD "hardening: {cfi: }\n", 3, 13, "'cfi' has no value", NULL},
	{HEAD "budget: {overhead: 3}\n", 3, 20,
	 "'overhead' must be a percentage such as 3%, not '3'", NULL},
	{HEAD "budget: 3\n", 3, 9, "'budget' must be a map, not a string", NULL},
	{HEAD "test: {timeout: 0s}\n", 3, 17, "'timeout' must be more than 0", NULL},
	{HEAD "test: {expect: ''}\n", 3, 16, "an empty text is always found", NULL},
	{HEAD "debug: yes\n", 3, 8, "'debug' must be true or false, not a string", NULL},
	{"name: Hello\nsources: x.c\n", 1, 7, "'Hello' is not a name", "a-z"},
	{"name: x\nsources: []\n", 2, 10, "'sources' is empty", NULL},
	{HEAD "args: &x [a]\n", 3, 7, "anchor '&x': anchors and aliases are not supported", NULL},
	{HEAD "args: *x\n", 3, 7, "alias '*x': anchors and aliases are not supported", NULL},
	{"&a [*a]\n", 1, 1, "anchor '&a': anchors and aliases are not supported", NULL},
	{HEAD "args: !!binary aGk=\n", 3, 7,
	 "tag 'tag:yaml.org,2002:binary': tags are not supported", NULL},
	{HEAD "---\nname: y\n", 3, 1, "a second document begins here: a manifest is one", NULL},
	{HEAD "env:\n\tA: 1\n", 4, 1, "not valid YAML: found character that cannot start any token",
	 "not tabs"},
	{HEAD "args: [a\n", 4, 1, "not valid YAML: did not find expected ',' or ']'", NULL},
	{HEAD "args: \"a\n", 4, 1, "not valid YAML: found unexpected end of stream", NULL},
	{"name: x\n  sources: x.c\n", 2, 10,
	 "not valid YAML: mapping values are not allowed in this context", NULL},
	{HEAD "args: \"a\\0b\"\n", 3, 7, "the text contains a NUL byte", NULL},
	{HEAD "# gr\xfc\xdf\n", 3, 5, "byte 0xfc is not UTF-8", "UTF-8"},
	{HEAD "args: \xc0\x80\n", 3, 7, "byte 0xc0 is not UTF-8", NULL},
	{HEAD "args: \xed\xa0\x80\n", 3, 7, "byte 0xed is not UTF-8", NULL},
	{"\xff\xfen\0a\0", 1, 1, "byte 0xff is not UTF-8", NULL},
	{HEAD "args: \xe2\x82", 3, 7, "byte 0xe2 is not UTF-8", NULL},
	{HEAD "args: [[[[[[[[[[[[[[[[[[[[\n", 3, 22, "nested more than 16 levels deep", NULL},
};

static void each_mistake_is_one_clear_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		const struct manifest *m;

		diags_init(&diags, arena);
		m = parse(mistakes[i].text);
		if (!mistakes[i].error) {
			assert_non_null(m);
			continue;
		}
		if (m || diags.errors != 1 || !str_eq(diags.v[0].text, mistakes[i].error) ||
		    diags.v[0].loc.line != mistakes[i].line ||
		    diags.v[0].loc.col != mistakes[i].col) {
			print_message("case %zu, wanted %u:%u: %s\n", i, mistakes[i].line,
				      mistakes[i].col, mistakes[i].error);
			diags_print(&diags, stderr, false);
			fail_msg("%zu errors", diags.errors);
		}
		assert_int_equal(diags_exit_code(&diags), DIAG_INPUT);
		if (mistakes[i].hint &&
		    (!diags.v[0].hint || !strstr(diags.v[0].hint, mistakes[i].hint)))
			fail_msg("case %zu: hint is '%s'", i,
				 diags.v[0].hint ? diags.v[0].hint : "");
	}
}

static void nul_byte_has_a_place(void **state)
{
	static const char text[] = "name: x\nsour\0ces: y";

	(void)state;
	assert_null(manifest_parse(arena, "t.yaml", "/", text, sizeof(text) - 1, false, &diags));
	assert_string_equal(diags.v[0].text, "NUL byte in a text file");
	assert_int_equal(diags.v[0].loc.line, 2);
	assert_int_equal(diags.v[0].loc.col, 5);
}

static void several_mistakes_are_all_reported(void **state)
{
	(void)state;
	assert_null(parse("name: X\nsources: []\nmemroy: 8M\n"));
	assert_int_equal(diags.errors, 3);
}

static void columns_count_characters(void **state)
{
	(void)state;
	assert_null(parse(HEAD "env: {\xc3\xa4\xc3\xb6: 1, B: [1]}\n"));
	assert_int_equal(diags.v[0].loc.col, 17);
}

static void too_many_nodes(void **state)
{
	struct sb b;

	(void)state;
	sb_init(&b, arena);
	sb_put(&b, HEAD "args: [");
	for (int i = 0; i < MANIFEST_MAX_NODES; i++)
		sb_put(&b, "a,");
	sb_put(&b, "]\n");
	assert_null(parse(sb_str(&b)));
	assert_string_equal(diags.v[0].text, "too many values: at most 20000 are read");
	assert_int_equal(diags.errors, 1);
}

static void files_are_expanded(void **state)
{
	const struct manifest *m;

	(void)state;
	assert_int_equal(file_write("app/b.c", "", 0, &diags), 0);
	assert_int_equal(file_write("app/a.c", "", 0, &diags), 0);
	assert_int_equal(file_write("app/start.S", "", 0, &diags), 0);
	assert_int_equal(file_write("app/notes.txt", "", 0, &diags), 0);
	assert_int_equal(file_write("app/ukbuild.yaml", "name: x\nsources: ['*.c', a.c, '*.S']\n",
				    37, &diags),
			 0);
	m = manifest_load(arena, "app/ukbuild.yaml", &diags);
	assert_non_null(m);
	assert_int_equal(m->files.len, 3);
	assert_string_equal(m->files.v[0].s, "a.c");
	assert_string_equal(m->files.v[2].s, "start.S");
	assert_int_equal(m->files.v[2].loc.col, 23);
	assert_true(str_ends(m->dir, "/app"));
	assert_null(manifest_parse(arena, "t.yaml", m->dir, "name: x\nsources: [z.c, '*.txt']\n",
				   32, true, &diags));
	assert_int_equal(diags.errors, 2);
	assert_string_equal(diags.v[0].text, "no file matches 'z.c'");
	assert_string_equal(diags.v[1].text, "'notes.txt' is no C or assembly source (.c, .S, .s)");
}

static void files_that_cannot_be_read(void **state)
{
	char *big = arena_alloc(arena, MANIFEST_MAX_BYTES + 1);

	(void)state;
	assert_null(manifest_load(arena, "absent.yaml", &diags));
	assert_string_equal(diags.v[0].loc.path, "absent.yaml");
	assert_string_equal(diags.v[0].text, "cannot read: No such file or directory");
	assert_non_null(diags.v[0].hint);
	assert_null(manifest_load(arena, ".", &diags));
	assert_string_equal(diags.v[1].text, "cannot read: is a folder");
	memset(big, '#', MANIFEST_MAX_BYTES + 1);
	assert_int_equal(file_write("big.yaml", big, MANIFEST_MAX_BYTES + 1, &diags), 0);
	assert_null(manifest_load(arena, "big.yaml", &diags));
	assert_string_equal(diags.v[2].text,
			    "is too large: 1048577 bytes, at most 1048576 are read");
	assert_int_equal(diags.errors, 3);
}

static void harden_override(void **state)
{
	static const char *const bad[] = {"", ",", "cfi=", "=off", "cfi=off,max", "max,,cfi=off"};
	struct manifest *m = parse(HEAD "hardening: {profile: peer, cfi: off, wx: on}\n");

	(void)state;
	assert_int_equal(
		manifest_override_harden(arena, m, "--harden", "cfi=kcfi,aslr=boot", &diags), 0);
	assert_string_equal(m->harden.profile.s, "peer");
	assert_int_equal(m->harden.mechs.len, 3);
	assert_string_equal(m->harden.mechs.v[0].val.s, "kcfi");
	assert_string_equal(m->harden.mechs.v[2].key.s, "aslr");
	assert_string_equal(m->harden.mechs.v[2].key.loc.path, "--harden");
	assert_int_equal(manifest_override_harden(arena, m, "--harden", "max,wx=off", &diags), 0);
	assert_string_equal(m->harden.profile.s, "max");
	assert_int_equal(m->harden.mechs.len, 1);
	assert_string_equal(m->harden.mechs.v[0].key.s, "wx");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		diags_init(&diags, arena);
		assert_int_equal(manifest_override_harden(arena, m, "--harden", bad[i], &diags),
				 -1);
		assert_int_equal(diags_exit_code(&diags), DIAG_USAGE);
	}
}

/* The keys of one map in the schema are exactly those that the reader knows. */
static void compare_keys(const char *map, const json_t *properties)
{
	const char *names[64];
	size_t len = manifest_key_names(map, names, ARRAY_LEN(names));

	assert_non_null(properties);
	assert_true(len <= ARRAY_LEN(names));
	for (size_t i = 0; i < len; i++) {
		if (!json_object_get(properties, names[i]))
			fail_msg("'%s' is not in the schema", names[i]);
	}
	assert_int_equal(json_object_size(properties), len);
}

static void schema_has_the_same_keys(void **state)
{
	const char *root = getenv("UKB_ROOT");
	json_t *schema, *top;
	char *text;
	size_t len;

	(void)state;
	if (!root)
		skip();
	assert_int_equal(file_read(arena, path_join(arena, root, "docs/manifest.schema.json"),
				   1 << 20, &text, &len, &diags),
			 0);
	schema = json_parse("manifest.schema.json", text, len, &diags);
	assert_non_null(schema);
	top = json_object_get(schema, "properties");
	compare_keys("", top);
	compare_keys("budget", json_object_get(json_object_get(top, "budget"), "properties"));
	compare_keys("test", json_object_get(json_object_get(top, "test"), "properties"));
	compare_keys("workload", json_object_get(json_object_get(top, "workload"), "properties"));
	compare_keys("source",
		     json_object_get(json_object_get(json_object_get(schema, "$defs"), "source"),
				     "properties"));
	json_decref(schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(minimal_has_defaults),     T(every_key),
		T(harden_as_a_profile),      T(each_mistake_is_one_clear_error),
		T(nul_byte_has_a_place),     T(several_mistakes_are_all_reported),
		T(columns_count_characters), T(too_many_nodes),
		T(files_are_expanded),       T(files_that_cannot_be_read),
		T(harden_override),          T(schema_has_the_same_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
