/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Unwinding a trap block with the sidecar: a small program whose frames are laid out in assembly, so
 * that every return address and every distractor on the stack is known.
 */
#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/proc.h"
#include "cfi.h"
#include "elf.h"
#include "run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char program[] =
	".cfi_sections .debug_frame\n"
	".globl __image_start, _start, middle, leaf, after_leaf, after_middle\n"
	"__image_start:\n"
	"_start: .type _start, @function\n .cfi_startproc\n .cfi_undefined rip\n"
	" subq $8, %rsp\n .cfi_def_cfa_offset 16\n"
	" call middle\nafter_middle: hlt\n .cfi_endproc\n .size _start, . - _start\n"
	/* 40 bytes of frame, the last call does not return: its return address is the next function */
	"middle: .type middle, @function\n .cfi_startproc\n"
	" pushq %rbx\n .cfi_def_cfa_offset 16\n subq $32, %rsp\n .cfi_def_cfa_offset 48\n"
	" call leaf\nafter_leaf:\n .cfi_endproc\n .size middle, . - middle\n"
	"leaf: .type leaf, @function\n .cfi_startproc\n"
	" subq $24, %rsp\n .cfi_def_cfa_offset 32\n ud2\n .cfi_endproc\n"
	" .size leaf, . - leaf\n"
	/* a frame pointer: the unwinder cannot know it and looks for the call */
	".globl framed\n"
	"framed: .type framed, @function\n .cfi_startproc\n"
	" pushq %rbp\n .cfi_def_cfa_offset 16\n movq %rsp, %rbp\n .cfi_def_cfa_register rbp\n"
	" ud2\n .cfi_endproc\n .size framed, . - framed\n";

struct fixture {
	struct arena *arena;
	struct diags d;
	char dir[64];
	const char *image;
	struct elf elf;
};

static uint64_t offset_of(struct fixture *f, const char *symbol)
{
	const struct elf_symbol *s = elf_find_symbol(&f->elf, symbol);

	assert_non_null(s);
	return s->value - elf_find_symbol(&f->elf, "__image_start")->value;
}

static int set_up(void **state)
{
	struct arena *a = arena_new();
	struct fixture *f = arena_alloc(a, sizeof(*f));
	struct proc_opts po = {.flags = PROC_CAPTURE_OUT | PROC_CAPTURE_ERR};
	struct proc_result pr;
	const char *source, *sidecar;

	f->arena = a;
	diags_init(&f->d, a);
	snprintf(f->dir, sizeof(f->dir), "/tmp/ukbuild-test-symbolise-%d", getpid());
	source = path_join(a, f->dir, "program.s");
	f->image = path_join(a, f->dir, "program");
	sidecar = arena_printf(a, "%s.ukmap", f->image);
	assert_int_equal(file_write(source, program, strlen(program), &f->d), 0);
	assert_int_equal(
		proc_check(a,
			   (const char *const[]){"clang-19", "--target=x86_64-linux-gnu", "-g",
						 "-nostdlib", "-static", "-fuse-ld=lld", source,
						 "-o", sidecar, NULL},
			   &po, &pr, &f->d),
		0);
	assert_int_equal(elf_load(a, sidecar, &f->elf, &f->d), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(file_remove_tree(f->dir, &f->d), 0);
	arena_free(f->arena);
	return 0;
}

static void add_word(struct fixture *f, struct run *r, uint64_t offset, uint64_t stack_offset)
{
	struct trap_frame w = {.offset = offset, .stack_offset = stack_offset};

	if (!r->frames)
		r->frames = arena_array(f->arena, 16, sizeof(*r->frames));
	assert_true(r->frames_len < 16);
	r->frames[r->frames_len++] = w;
}

static void test_chain_skips_distractors(void **state)
{
	struct fixture *f = *state;
	struct run r = {0};

	r.trap_line = arena_printf(f->arena, "ukbuild-trap: fault vec=6 ip=+0x%x",
				   (unsigned)offset_of(f, "leaf") + 4);
	add_word(f, &r, offset_of(f, "after_middle"), 0); /* a stale word in leaf's frame */
	add_word(f, &r, offset_of(f, "after_leaf"), 24);
	add_word(f, &r, offset_of(f, "leaf"), 40); /* a function pointer in middle's frame */
	add_word(f, &r, offset_of(f, "after_middle"), 72);
	assert_int_equal(run_symbolise(f->arena, f->image, &r, &f->d), 0);
	assert_true(r.is_symbolised);
	assert_int_equal(r.frames_len, 3);
	assert_string_equal(r.frames[0].symbol, "leaf");
	assert_string_equal(r.frames[1].symbol, "middle");
	assert_string_equal(r.frames[2].symbol, "_start");
	assert_false(r.frames[1].is_guess);
	assert_non_null(r.frames[0].file);
	assert_int_not_equal(r.frames[0].line, 0);
}

/* uk_trap() reports the place behind its call, which here lies in the next function. */
static void test_stop_by_call(void **state)
{
	struct fixture *f = *state;
	struct run r = {0};

	r.trap_line = arena_printf(f->arena, "ukbuild-trap: canary ip=+0x%x",
				   (unsigned)offset_of(f, "after_leaf"));
	add_word(f, &r, offset_of(f, "after_middle"), 40);
	assert_int_equal(run_symbolise(f->arena, f->image, &r, &f->d), 0);
	assert_int_equal(r.frames_len, 2);
	assert_string_equal(r.frames[0].symbol, "middle");
	assert_string_equal(r.frames[1].symbol, "_start");
}

/* A jump to nowhere: the return address lies on top of the stack. */
static void test_wild_jump(void **state)
{
	struct fixture *f = *state;
	struct run r = {.trap_line = "ukbuild-trap: nullpage vec=14 ip=outside addr=null+0x0"};

	add_word(f, &r, offset_of(f, "after_middle"), 0);
	assert_int_equal(run_symbolise(f->arena, f->image, &r, &f->d), 0);
	assert_int_equal(r.frames_len, 2);
	assert_true(r.frames[0].is_outside);
	assert_string_equal(r.frames[1].symbol, "_start");
}

static void test_frame_pointer_is_a_guess(void **state)
{
	struct fixture *f = *state;
	struct run r = {0};

	r.trap_line = arena_printf(f->arena, "ukbuild-trap: fault vec=6 ip=+0x%x",
				   (unsigned)offset_of(f, "framed") + 4);
	add_word(f, &r, offset_of(f, "middle") + 1, 0); /* no call before it */
	add_word(f, &r, offset_of(f, "after_leaf"), 8);
	assert_int_equal(run_symbolise(f->arena, f->image, &r, &f->d), 0);
	assert_int_equal(r.frames_len, 2);
	assert_string_equal(r.frames[1].symbol, "middle");
	assert_true(r.frames[1].is_guess);
}

static void test_without_sidecar(void **state)
{
	struct fixture *f = *state;
	struct run r = {.trap_line = "ukbuild-trap: fault vec=6 ip=+0x10"};

	add_word(f, &r, 0x20, 0);
	assert_int_equal(run_symbolise(f->arena, "/nowhere/image", &r, &f->d), 0);
	assert_false(r.is_symbolised);
	assert_int_equal(r.frames_len, 1);
}

/* Every truncation and every changed byte of the section is survived. */
static void test_broken_section(void **state)
{
	struct fixture *f = *state;
	const struct elf_section *s = elf_find_section(&f->elf, ".debug_frame");
	uint64_t pc = elf_find_symbol(&f->elf, "leaf")->value + 4;
	struct cfi_rule rule;
	size_t i;

	assert_non_null(s);
	assert_true(cfi_find(s->data, s->size, pc, &rule));
	assert_int_equal(rule.reg, CFI_RSP);
	assert_int_equal(rule.offset, 32);
	for (i = 0; i < s->size; i++) {
		uint8_t *copy = (uint8_t *)arena_memdup(f->arena, s->data, s->size);

		(void)cfi_find(copy, i, pc, &rule);
		copy[i] ^= 0xff;
		(void)cfi_find(copy, s->size, pc, &rule);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_chain_skips_distractors, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stop_by_call, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_wild_jump, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_frame_pointer_is_a_guess, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_without_sidecar, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_broken_section, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
