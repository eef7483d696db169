/* SPDX-License-Identifier: BSD-2-Clause */
/* Decoding, the privileged scan and the gadget count, on bytes whose meaning the SDM fixes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "disasm.h"

struct fixture {
	struct arena *arena;
	struct disasm *disasm;
};

static int setup(void **state)
{
	static struct fixture f;
	struct diags d;

	f.arena = arena_new();
	diags_init(&d, f.arena);
	f.disasm = disasm_open(f.arena, &d);
	*state = &f;
	return f.disasm ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	disasm_close(f->disasm);
	arena_free(f->arena);
	return 0;
}

static struct insn decode(struct fixture *f, const void *bytes, size_t len)
{
	struct insn i;

	assert_true(disasm_one(f->disasm, bytes, len, 0x1000, &i));
	assert_int_equal(i.size, len);
	return i;
}

#define DECODE(bytes) decode(*state, (bytes), sizeof(bytes) - 1)

static void kinds(void **state)
{
	struct insn i = DECODE("\xe8\x10\x00\x00\x00");

	assert_int_equal(i.kind, INSN_CALL);
	assert_int_equal(i.target, 0x1015);
	i = DECODE("\xeb\xfe");
	assert_int_equal(i.kind, INSN_JUMP);
	assert_int_equal(i.target, 0x1000);
	i = DECODE("\x75\x02");
	assert_int_equal(i.kind, INSN_JUMP_COND);
	assert_int_equal(i.target, 0x1004);
	i = DECODE("\x41\xff\xd3");
	assert_int_equal(i.kind, INSN_CALL_INDIRECT);
	assert_int_equal(i.reg, 11);
	i = DECODE("\xff\xe0");
	assert_int_equal(i.kind, INSN_JUMP_INDIRECT);
	assert_int_equal(i.reg, 0);
	assert_int_equal(DECODE("\xc3").kind, INSN_RET);
	assert_int_equal(DECODE("\x0f\x0b").kind, INSN_TRAP);
	assert_int_equal(DECODE("\xcc").kind, INSN_TRAP);
	/* ud1 2(%eax), %eax: its operand belongs to it. */
	assert_int_equal(DECODE("\x67\x0f\xb9\x40\x02").kind, INSN_TRAP);
	assert_int_equal(DECODE("\x90").kind, INSN_OTHER);
}

static void canary_and_stack(void **state)
{
	struct insn i = DECODE("\x64\x48\x8b\x04\x25\x28\x00\x00\x00"); /* mov %fs:0x28, %rax */

	assert_true(i.reads_fs28);
	i = DECODE("\x64\x48\x8b\x04\x25\x30\x00\x00\x00"); /* mov %fs:0x30, %rax */
	assert_false(i.reads_fs28);
	i = DECODE("\x48\x89\x44\x24\x08"); /* mov %rax, 8(%rsp) */
	assert_true(i.stores_register);
	i = DECODE("\x48\x3b\x44\x24\x08"); /* cmp 8(%rsp), %rax */
	assert_true(i.is_compare && i.has_memory);
	i = DECODE("\x48\x8d\x7c\x24\x10"); /* lea 16(%rsp), %rdi */
	assert_true(i.takes_stack_address);
	assert_int_equal(i.stack_disp, 16);
	i = DECODE("\x8a\x04\x0c"); /* mov (%rsp,%rcx), %al */
	assert_true(i.indexes_stack);
	i = DECODE("\x48\x83\xec\x18"); /* sub $24, %rsp */
	assert_int_equal(i.sub_rsp, 24);
	i = DECODE("\x48\xc7\x04\x24\x00\x00\x00\x00"); /* movq $0, (%rsp) */
	assert_true(i.touches_stack_page);
	i = DECODE("\x48\x89\xe5"); /* mov %rsp, %rbp */
	assert_true(i.sets_rbp && !i.takes_stack_address);
	i = DECODE("\x48\x89\xcc"); /* mov %rcx, %rsp */
	assert_true(i.sets_rsp);
	i = DECODE("\xc6\x07\x01"); /* movb $1, (%rdi) */
	assert_true(i.stores_number);
	assert_int_equal(i.number, 1);
}

static void memory_by_itself(void **state)
{
	struct insn i = DECODE("\x48\x8b\x05\x10\x00\x00\x00"); /* mov 16(%rip), %rax */

	assert_int_equal(i.memory, i.addr + i.size + 16);
	i = DECODE("\x48\x8b\x04\x25\x00\x10\x00\x00"); /* mov 0x1000, %rax */
	assert_int_equal(i.memory, 0x1000);
	i = DECODE("\x64\x48\x8b\x04\x25\x28\x00\x00\x00"); /* mov %fs:0x28, %rax */
	assert_int_equal(i.memory, 0);
	i = DECODE("\x48\x8b\x04\xc5\x00\x10\x00\x00"); /* mov 0x1000(,%rax,8), %rax */
	assert_int_equal(i.memory, 0);
}

static void refuses_what_is_no_instruction(void **state)
{
	struct fixture *f = *state;
	struct insn i;

	assert_false(disasm_one(f->disasm, (const uint8_t *)"\x06", 1, 0, &i));
	assert_false(disasm_one(f->disasm, (const uint8_t *)"\xe8\x00", 2, 0, &i));
	assert_false(disasm_one(f->disasm, (const uint8_t *)"", 0, 0, &i));
	assert_false(disasm_one(f->disasm, (const uint8_t *)"\x67\x0f\xb9", 3, 0, &i));
}

static struct priv_hits scan(struct fixture *f, const void *bytes, size_t len)
{
	struct priv_hits hits = {0};

	disasm_scan_privileged(f->arena, f->disasm, bytes, len, 0x2000, &hits);
	return hits;
}

#define SCAN(bytes) scan(*state, (bytes), sizeof(bytes) - 1)

static void scan_finds_aligned(void **state)
{
	static const struct {
		const char *name, *bytes;
		size_t len;
	} cases[] = {
		{"mov-to-cr", "\x0f\x22\xd8", 3},
		{"mov-from-cr", "\x0f\x20\xd0", 3},
		{"wrmsr", "\x0f\x30", 2},
		{"lgdt", "\x0f\x01\x17", 3},
		{"lidt", "\x0f\x01\x1f", 3},
		{"ltr", "\x0f\x00\xd8", 3},
		{"wrpkru", "\x0f\x01\xef", 3},
		{"xrstor", "\x0f\xae\x2f", 3},
		{"syscall", "\x0f\x05", 2},
		{"vmcall", "\x0f\x01\xc1", 3},
		{"iretq", "\x48\xcf", 2},
		{"out", "\xee", 1},
		{"out", "\x66\xef", 2},
		{"in", "\xec", 1},
		{"hlt", "\xf4", 1},
		{"clts", "\x0f\x06", 2},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct priv_hits hits = scan(*state, cases[i].bytes, cases[i].len);

		assert_int_equal(hits.len, 1);
		assert_string_equal(hits.v[0].name, cases[i].name);
		assert_true(hits.v[0].aligned);
	}
}

static void scan_covers_each_offset(void **state)
{
	/* mov $0x3000300f, %eax; ret: a wrmsr inside the number. */
	struct priv_hits hits = SCAN("\xb8\x0f\x30\x00\x30\xc3");

	assert_int_equal(hits.len, 1);
	assert_string_equal(hits.v[0].name, "wrmsr");
	assert_int_equal(hits.v[0].addr, 0x2001);
	assert_false(hits.v[0].aligned);
	/* Bytes of one-byte instructions inside others are everywhere and not reported. */
	assert_int_equal(SCAN("\xb8\xee\xec\xf4\xcf\xc3").len, 0);
	/* lfence shares two bytes with xrstor; cpuid and rdtsc change nothing. */
	assert_int_equal(SCAN("\x0f\xae\xe8\x0f\xa2\x0f\x31").len, 0);
}

static void counts_gadgets(void **state)
{
	struct fixture *f = *state;
	/* pop %rax; ret, twice; a jump keeps the nop before it from being one. */
	static const uint8_t code[] = {0x58, 0xc3, 0x58, 0xc3, 0x90, 0xeb, 0x00};
	struct gadget_count n = {0};

	disasm_count_gadgets(f->arena, f->disasm, code, sizeof(code), 0, &n);
	assert_int_equal(n.total, 4);
	assert_int_equal(n.unique, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(canary_and_stack),
		cmocka_unit_test(memory_by_itself),
		cmocka_unit_test(refuses_what_is_no_instruction),
		cmocka_unit_test(scan_finds_aligned),
		cmocka_unit_test(scan_covers_each_offset),
		cmocka_unit_test(counts_gadgets),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
