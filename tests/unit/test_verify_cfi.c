/* SPDX-License-Identifier: BSD-2-Clause */
/* The cfi verifier on checked calls as clang 19 writes them, and on the same with one part changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_image.h"

extern const struct mechanism mech_cfi;

static const uint8_t kcfi_code[] = {
	0x41, 0xba, 0x88, 0xa9, 0xcb, 0xed, /*  0 mov $-hash, %r10d */
	0x45, 0x03, 0x53, 0xfc,             /*  6 add -4(%r11), %r10d */
	0x74, 0x02,                         /* 10 je 14 */
	0x0f, 0x0b,                         /* 12 ud2 */
	0x41, 0xff, 0xd3,                   /* 14 call *%r11 */
	0xc3,                               /* 17 ret */
};
static const uint8_t icall_code[] = {
	0x48, 0x89, 0xc1,             /*  0 mov %rax, %rcx */
	0x48, 0x83, 0xf9, 0x01,       /*  3 cmp $1, %rcx */
	0x77, 0x03,                   /*  7 ja 12 */
	0xff, 0xd0,                   /*  9 call *%rax */
	0xc3,                         /* 11 ret */
	0x67, 0x0f, 0xb9, 0x40, 0x02, /* 12 ud1 2(%eax), %eax */
};
/* The same with the trap too far for a short branch, behind a jump. */
static const uint8_t icall_far_code[] = {
	0x48, 0x83, 0xf9, 0x01,       /*  0 cmp $1, %rcx */
	0x74, 0x05,                   /*  4 je 11 */
	0xe9, 0x03, 0x00, 0x00, 0x00, /*  6 jmp 14 */
	0xff, 0xd0,                   /* 11 call *%rax */
	0xc3,                         /* 13 ret */
	0x67, 0x0f, 0xb9, 0x40, 0x02, /* 14 ud1 2(%eax), %eax */
};
static const uint8_t bare_code[] = {0xff, 0xd0, 0xc3}; /* call *%rax; ret */
/* A switch of position-independent code: movslq (%rcx,%rax,4), %rax; add %rcx, %rax; jmp *%rax */
static const uint8_t switch_code[] = {0x48, 0x63, 0x04, 0x81, 0x48, 0x01, 0xc8, 0xff, 0xe0};
static const uint8_t prefix[] = {0xb8, 0x78, 0x56, 0x34, 0x12}; /* mov $hash, %eax */

static uint8_t *kcfi_function(struct fake *f, const char *name)
{
	fake_bytes(f, prefix, sizeof(prefix));
	return fake_function(f, name, kcfi_code, sizeof(kcfi_code));
}

static void kcfi(void **state)
{
	struct fake *f = fake_new();
	struct verdict v;

	(void)state;
	kcfi_function(f, "first");
	kcfi_function(f, "second");
	v = fake_verify(f, &mech_cfi);
	assert_int_equal(v.state, VERDICT_ON);
	assert_string_equal(v.level, "kcfi");
	assert_int_equal(v.covered, 2);
	assert_int_equal(v.total, 2);
	assert_string_equal(v.facts.v[0], "1 type classes over 2 functions, largest 2");
	arena_free(f->arena);
}

static void changed_kcfi_is_partial(void **state)
{
	static const struct {
		size_t at;
		uint8_t byte;
	} edits[] = {
		{0, 0x40},  /* another register gets the hash */
		{8, 0x50},  /* the hash of another register's target */
		{9, 0xf8},  /* another word */
		{10, 0xeb}, /* jmp in place of je */
		{12, 0x90}, /* no trap */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		struct fake *f = fake_new();
		uint8_t *code;
		struct verdict v;

		kcfi_function(f, "first");
		code = kcfi_function(f, "second");
		code[edits[i].at] = edits[i].byte;
		v = fake_verify(f, &mech_cfi);
		assert_int_equal(v.state, VERDICT_PARTIAL);
		assert_int_equal(v.covered, 1);
		assert_non_null(strstr(v.problem, "'second'"));
		arena_free(f->arena);
	}
}

static void icall(void **state)
{
	struct fake *f = fake_new();
	struct verdict v;
	uint8_t *code;

	(void)state;
	fake_function(f, "first", icall_code, sizeof(icall_code));
	code = fake_function(f, "second", icall_code, sizeof(icall_code));
	v = fake_verify(f, &mech_cfi);
	assert_int_equal(v.state, VERDICT_ON);
	assert_string_equal(v.level, "icall");
	assert_int_equal(v.covered, 2);
	memset(code + 7, 0x90, 2);
	v = fake_verify(f, &mech_cfi);
	assert_int_equal(v.state, VERDICT_PARTIAL);
	assert_int_equal(v.covered, 1);
	arena_free(f->arena);
}

static void far_icall(void **state)
{
	struct fake *f = fake_new();
	uint8_t *code = fake_function(f, "far", icall_far_code, sizeof(icall_far_code));

	(void)state;
	assert_int_equal(fake_verify(f, &mech_cfi).state, VERDICT_ON);
	code[17] = 0x41; /* of the trap: its number is another one's */
	assert_int_equal(fake_verify(f, &mech_cfi).covered, 0);
	arena_free(f->arena);
}

static void off(void **state)
{
	struct fake *f = fake_new();

	(void)state;
	fake_function(f, "bare", bare_code, sizeof(bare_code));
	fake_function(f, "switch", switch_code, sizeof(switch_code));
	assert_int_equal(fake_verify(f, &mech_cfi).state, VERDICT_OFF);
	assert_int_equal(fake_verify(f, &mech_cfi).total, 1);
	assert_false(fake_verify(f, &mech_cfi).is_vacuous);
	arena_free(f->arena);
}

static void assembly_is_said_apart(void **state)
{
	struct fake *f = fake_new();
	struct verdict v;

	(void)state;
	kcfi_function(f, "first");
	fake_function(f, "bare", bare_code, sizeof(bare_code));
	f->funcs[1].is_asm = true;
	v = fake_verify(f, &mech_cfi);
	assert_int_equal(v.state, VERDICT_ON);
	assert_int_equal(v.total, 1);
	assert_non_null(strstr(v.facts.v[1], "in assembly"));
	arena_free(f->arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kcfi),  cmocka_unit_test(changed_kcfi_is_partial),
		cmocka_unit_test(icall), cmocka_unit_test(far_icall),
		cmocka_unit_test(off),   cmocka_unit_test(assembly_is_said_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
