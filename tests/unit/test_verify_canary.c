/* SPDX-License-Identifier: BSD-2-Clause */
/* The canary verifier on functions as clang 19 writes them, and on the same with one part taken out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_image.h"

extern const struct mechanism mech_canary;

/* void __stack_chk_fail(void): ud2 */
static const uint8_t fail[] = {0x0f, 0x0b};

/* A function that passes the address of an array to another one. */
static const uint8_t protected_code[] = {
	0x48, 0x83, 0xec, 0x18,                               /*  0 sub $24, %rsp */
	0x64, 0x48, 0x8b, 0x04, 0x25, 0x28, 0x00, 0x00, 0x00, /*  4 mov %fs:0x28, %rax */
	0x48, 0x89, 0x44, 0x24, 0x10,                         /* 13 mov %rax, 16(%rsp) */
	0x48, 0x89, 0xe7,                                     /* 18 mov %rsp, %rdi */
	0xe8, 0x00, 0x00, 0x00, 0x00, /* 21 call itself, for want of another */
	0x64, 0x48, 0x8b, 0x04, 0x25, 0x28, 0x00, 0x00, 0x00, /* 26 mov %fs:0x28, %rax */
	0x48, 0x3b, 0x44, 0x24, 0x10,                         /* 35 cmp 16(%rsp), %rax */
	0x75, 0x05,                                           /* 40 jne 47 */
	0x48, 0x83, 0xc4, 0x18,                               /* 42 add $24, %rsp */
	0xc3,                                                 /* 46 ret */
	0xe8, 0x00, 0x00, 0x00, 0x00,                         /* 47 call __stack_chk_fail */
};
enum {
	AT_SETUP = 4,
	AT_STORE = 13,
	AT_CALL = 21,
	AT_LOAD = 26,
	AT_COMPARE = 35,
	AT_BRANCH = 40,
	AT_FAIL = 47,
};

/* The same function without a canary. */
static const uint8_t bare_code[] = {
	0x48, 0x83, 0xec, 0x18,       /* sub $24, %rsp */
	0x48, 0x89, 0xe7,             /* mov %rsp, %rdi */
	0xe8, 0x00, 0x00, 0x00, 0x00, /* call */
	0x48, 0x83, 0xc4, 0x18,       /* add $24, %rsp */
	0xc3,                         /* ret */
};
/* xor %eax, %eax; ret: nothing to protect. */
static const uint8_t leaf_code[] = {0x31, 0xc0, 0xc3};

/* Two protected functions, so that one broken one leaves the image partly protected. */
static uint8_t *two_functions(struct fake *f)
{
	uint8_t *code;

	fake_function(f, "__stack_chk_fail", fail, sizeof(fail));
	code = fake_function(f, "first", protected_code, sizeof(protected_code));
	fake_call(f, code + AT_CALL, "first");
	fake_call(f, code + AT_FAIL, "__stack_chk_fail");
	code = fake_function(f, "second", protected_code, sizeof(protected_code));
	fake_call(f, code + AT_CALL, "first");
	fake_call(f, code + AT_FAIL, "__stack_chk_fail");
	fake_function(f, "leaf", leaf_code, sizeof(leaf_code));
	return code;
}

static void strong(void **state)
{
	struct fake *f = fake_new();
	struct verdict v;

	(void)state;
	two_functions(f);
	v = fake_verify(f, &mech_canary);
	assert_int_equal(v.state, VERDICT_ON);
	assert_string_equal(v.level, "strong");
	assert_int_equal(v.covered, 2);
	assert_int_equal(v.total, 2);
	arena_free(f->arena);
}

static void all(void **state)
{
	struct fake *f = fake_new();
	struct verdict v;

	(void)state;
	two_functions(f);
	f->image.funcs_len--; /* without the leaf each function that returns is covered */
	v = fake_verify(f, &mech_canary);
	assert_int_equal(v.state, VERDICT_ON);
	assert_string_equal(v.level, "all");
	assert_string_equal(v.implied, "strong");
	arena_free(f->arena);
}

static void off(void **state)
{
	struct fake *f = fake_new();

	(void)state;
	fake_function(f, "bare", bare_code, sizeof(bare_code));
	assert_int_equal(fake_verify(f, &mech_canary).state, VERDICT_OFF);
	assert_false(fake_verify(f, &mech_canary).is_vacuous);
	f->image.has_sidecar = false;
	assert_int_equal(fake_verify(f, &mech_canary).state, VERDICT_UNKNOWN);
	arena_free(f->arena);
}

static void nothing_to_cover(void **state)
{
	struct fake *f = fake_new();

	(void)state;
	fake_function(f, "leaf", leaf_code, sizeof(leaf_code));
	assert_true(fake_verify(f, &mech_canary).is_vacuous);
	arena_free(f->arena);
}

/* Each part of set-up and check replaced by nops, one at a time. */
static void any_part_missing_is_partial(void **state)
{
	static const struct {
		size_t at, len;
	} parts[] = {
		{AT_SETUP, 9},   {AT_STORE, 5},  {AT_LOAD, 9},
		{AT_COMPARE, 5}, {AT_BRANCH, 2}, {AT_FAIL, 5},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		struct fake *f = fake_new();
		uint8_t *code = two_functions(f);
		struct verdict v;

		memset(code + parts[i].at, 0x90, parts[i].len);
		v = fake_verify(f, &mech_canary);
		assert_int_equal(v.state, VERDICT_PARTIAL);
		assert_int_equal(v.covered, 1);
		assert_int_equal(v.total, 2);
		assert_non_null(strstr(v.problem, "'second'"));
		arena_free(f->arena);
	}
}

static void branch_the_other_way_is_partial(void **state)
{
	struct fake *f = fake_new();
	uint8_t *code = two_functions(f);

	(void)state;
	code[AT_BRANCH + 1] = 0; /* jne to the next instruction: never to the trap */
	assert_int_equal(fake_verify(f, &mech_canary).state, VERDICT_PARTIAL);
	arena_free(f->arena);
}

static void unprotected_function_counts(void **state)
{
	struct fake *f = fake_new();
	struct verdict v;

	(void)state;
	two_functions(f);
	fake_function(f, "bare", bare_code, sizeof(bare_code));
	v = fake_verify(f, &mech_canary);
	assert_int_equal(v.state, VERDICT_PARTIAL);
	assert_int_equal(v.total, 3);
	assert_non_null(strstr(v.problem, "'bare'"));
	arena_free(f->arena);
}

static void exempt_function_stays_in_the_total(void **state)
{
	struct fake *f = fake_new();
	struct image_func *func;
	struct verdict v;

	(void)state;
	two_functions(f);
	fake_function(f, "bare", bare_code, sizeof(bare_code));
	func = &f->funcs[f->image.funcs_len - 1];
	strs_push(f->arena, &func->exempt, "canary");
	strs_push(f->arena, &func->reasons, "runs before there is one");
	v = fake_verify(f, &mech_canary);
	assert_int_equal(v.state, VERDICT_ON);
	assert_int_equal(v.covered, 2);
	assert_int_equal(v.total, 3);
	assert_int_equal(v.exempt.len, 1);
	assert_string_equal(v.exempt.v[0], "bare: runs before there is one");
	arena_free(f->arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strong),
		cmocka_unit_test(all),
		cmocka_unit_test(off),
		cmocka_unit_test(nothing_to_cover),
		cmocka_unit_test(any_part_missing_is_partial),
		cmocka_unit_test(branch_the_other_way_is_partial),
		cmocka_unit_test(unprotected_function_counts),
		cmocka_unit_test(exempt_function_stays_in_the_total),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
