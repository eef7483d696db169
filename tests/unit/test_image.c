/* SPDX-License-Identifier: BSD-2-Clause */
/* The linker's map: each input section is attributed, everything else is left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "image.h"

static const char map[] =
	"             VMA              LMA     Size Align Out     In      Symbol\n"
	"          100000           100000      2a8     1 .text\n"
	"          100000           100000       18    16         "
	"/o:(x)/obj/ab/0123.o:(.text.main)\n"
	"          100000           100000       18     1                 main\n"
	"          100020           100020       10    16         out/obj/cd/4567.o:(.rodata)\n"
	"          100030           100030        8     8         <internal>:(.relr.dyn)\n"
	"          100040           100040       20    16         linked.elf.lto.o:(.text.qsort)\n"
	"          100060           100060       20    16         linked.elf.lto.o:(.text.other)\n"
	"          100080           100080        0     1         out/obj/cd/4567.o:(.bss)\n"
	"          100080           100080        0     1         . = ALIGN ( 16 )\n";

static const char *text_at(const json_t *list, size_t i, const char *key)
{
	return json_string_value(json_object_get(json_array_get(list, i), key));
}

static void attributes_each_section(void **state)
{
	struct arena *a = arena_new();
	json_t *objects =
		json_pack("{s:s,s:s}", "ab/0123.o", "app/main.c", "cd/4567.o", "musl/src/a.c");
	json_t *symbols = json_pack("{s:s}", "qsort", "musl/src/stdlib/qsort.c");
	json_t *list = image_link_map(a, map, objects, symbols);

	(void)state;
	assert_int_equal(json_array_size(list), 5);
	assert_string_equal(text_at(list, 0, "object"), "app/main.c");
	assert_string_equal(text_at(list, 0, "section"), ".text.main");
	assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 0), "addr")),
			 0x100000);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 0), "size")),
			 0x18);
	assert_string_equal(text_at(list, 1, "object"), "musl/src/a.c");
	assert_string_equal(text_at(list, 2, "object"), "linker");
	assert_string_equal(text_at(list, 3, "object"), "musl/src/stdlib/qsort.c");
	assert_string_equal(text_at(list, 4, "object"), "lto");
	json_decref(list);
	json_decref(objects);
	json_decref(symbols);
	arena_free(a);
}

static void survives_nonsense(void **state)
{
	static const char *const bad[] = {
		"", "\n\n", ":(", "1 2 3 4 :()", "1 2 3 4 a:(b", "zz zz zz zz x:(y)\n"};
	json_t *none = json_object();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct arena *a = arena_new();
		json_t *list = image_link_map(a, bad[i], none, NULL);

		assert_true(json_array_size(list) <= 1);
		json_decref(list);
		arena_free(a);
	}
	json_decref(none);
}

static void names_what_the_linker_dropped(void **state)
{
	struct arena *a = arena_new();
	json_t *objects = json_pack("{s:s,s:s,s:s,s:s,s:s}", "a.o", "app/main.c", "b.o",
				    "libs/heap/slab.c", "c.o", "libs/tls/tls.c", "d.o",
				    "musl/src/a.c", "e.o", "libs/heap/large.c");
	json_t *map_rows = json_pack("[{s:s},{s:s},{s:s}]", "object", "musl/src/a.c", "object",
				     "linker", "object", "libs/tls/tls.c");
	json_t *gone = image_vanished(a, objects, map_rows);

	(void)state;
	assert_int_equal(json_array_size(gone), 1);
	assert_string_equal(json_string_value(json_array_get(gone, 0)), "heap");
	json_decref(gone);
	json_decref(objects);
	json_decref(map_rows);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes_each_section),
		cmocka_unit_test(survives_nonsense),
		cmocka_unit_test(names_what_the_linker_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
