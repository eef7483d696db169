/* SPDX-License-Identifier: BSD-2-Clause */
/* The verifiers of nullpage, guard, wx and aslr: a whole image in miniature, then one thing wrong each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_image.h"

extern const struct mechanism mech_nullpage;
extern const struct mechanism mech_guard;
extern const struct mechanism mech_wx;
extern const struct mechanism mech_aslr;

static const uint8_t call_code[] = {0xe8, 0, 0, 0, 0, 0xc3}; /* call; ret */
static const uint8_t ask_code[] = {0xc6, 0x07, 0x01, 0xc3};  /* movb $1, (%rdi); ret */
static const uint8_t ret_code[] = {0xc3};
static const uint8_t tables_code[] = {0x0f, 0x22, 0xd8}; /* mov %rax, %cr3 */
/* movq $65536, 8(%rdi); ret */
static const uint8_t ask_size_code[] = {0x48, 0xc7, 0x47, 0x08, 0x00, 0x00, 0x01, 0x00, 0xc3};
/* sub $4096, %rsp; movq $0, (%rsp); sub $32, %rsp; add $4128, %rsp; ret */
static const uint8_t probed_code[] = {
	0x48, 0x81, 0xec, 0x00, 0x10, 0x00, 0x00, 0x48, 0xc7, 0x04, 0x24, 0x00, 0x00, 0x00,
	0x00, 0x48, 0x83, 0xec, 0x20, 0x48, 0x81, 0xc4, 0x20, 0x10, 0x00, 0x00, 0xc3,
};
/* sub $65536, %rsp; add $65536, %rsp; ret */
static const uint8_t overstep_code[] = {
	0x48, 0x81, 0xec, 0x00, 0x00, 0x01, 0x00, 0x48, 0x81, 0xc4, 0x00, 0x00, 0x01, 0x00, 0xc3,
};

/* Where the parts of a fake are, to be edited. */
struct parts {
	uint8_t *ask, *call, *tables;
};

static uint8_t *boot_function(struct fake *f, const char *name, const void *code, size_t len)
{
	uint8_t *at = fake_function(f, name, code, len);

	f->funcs[f->image.funcs_len - 1].is_boot = true;
	return at;
}

/* Boot code that calls `layout`, ends with the load of its tables, and permanent text behind it. */
static struct fake *new_image(const char *layout, const void *ask, size_t ask_len,
			      struct parts *ret)
{
	struct fake *f = fake_new();

	ret->ask = boot_function(f, layout, ask, ask_len);
	ret->call = boot_function(f, "uk_init_layout", call_code, sizeof(call_code));
	fake_call(f, ret->call, layout);
	ret->tables = fake_bytes(f, tables_code, sizeof(tables_code));
	fake_symbol(f, "__text_start", fake_here(f));
	return f;
}

/* Without the call, the number or the tables, the mechanism is not on; whole, it is. */
static void needs_all_parts(const struct mechanism *m, const char *layout, const void *ask,
			    size_t ask_len, size_t number_at)
{
	struct parts p;
	struct fake *f = new_image(layout, ask, ask_len, &p);

	assert_int_equal(fake_verify(f, m).state, VERDICT_ON);
	p.call[0] = 0xa9; /* test $imm32, %eax */
	assert_int_equal(fake_verify(f, m).state, VERDICT_PARTIAL);
	p.call[0] = 0xe8;
	memset(p.ask + number_at, 0, ask_len - number_at - 1);
	assert_int_equal(fake_verify(f, m).state, VERDICT_PARTIAL);
	memcpy(p.ask, ask, ask_len);
	p.tables[0] = 0x90;
	assert_int_equal(fake_verify(f, m).state, VERDICT_PARTIAL);
	p.tables[0] = 0x0f;
	assert_int_equal(fake_verify(f, m).state, VERDICT_ON);
	f->image.funcs_len = 0;
	f->image.sidecar.symbols_len = 1;
	assert_int_equal(fake_verify(f, m).state, VERDICT_OFF);
	f->image.has_sidecar = false;
	assert_int_equal(fake_verify(f, m).state, VERDICT_UNKNOWN);
	arena_free(f->arena);
}

static void nullpage(void **state)
{
	struct parts p;
	struct fake *f;

	(void)state;
	needs_all_parts(&mech_nullpage, "uk_nullpage_layout", ask_code, sizeof(ask_code), 2);
	f = new_image("uk_nullpage_layout", ask_code, sizeof(ask_code), &p);
	f->segments[1] = (struct elf_segment){.type = PT_LOAD, .vaddr = 0xf000, .memsz = 16};
	f->image.stripped.segments_len = 2;
	assert_int_equal(fake_verify(f, &mech_nullpage).state, VERDICT_PARTIAL);
	arena_free(f->arena);
}

/* Under Xen PV the boot ends by asking for them: mov $13 (multicall), %eax; syscall. */
static void tables_by_hypercall(void **state)
{
	static const uint8_t code[] = {0xb8, 13, 0, 0, 0, 0x0f, 0x05};
	struct fake *f = fake_new();
	uint8_t *last;

	(void)state;
	boot_function(f, "uk_nullpage_layout", ask_code, sizeof(ask_code));
	fake_call(f, boot_function(f, "uk_init_layout", call_code, sizeof(call_code)),
		  "uk_nullpage_layout");
	last = fake_bytes(f, code, sizeof(code));
	fake_symbol(f, "__text_start", fake_here(f));
	assert_int_equal(fake_verify(f, &mech_nullpage).state, VERDICT_ON);
	last[1] = 29; /* sched_op */
	assert_int_equal(fake_verify(f, &mech_nullpage).state, VERDICT_PARTIAL);
	last[1] = 13;
	last[6] = 0x34; /* sysenter */
	assert_int_equal(fake_verify(f, &mech_nullpage).state, VERDICT_PARTIAL);
	arena_free(f->arena);
}

static void guard(void **state)
{
	struct parts p;
	struct fake *f;
	struct verdict v;

	(void)state;
	needs_all_parts(&mech_guard, "uk_guard_layout", ask_size_code, sizeof(ask_size_code), 4);
	f = new_image("uk_guard_layout", ask_size_code, sizeof(ask_size_code), &p);
	fake_function(f, "probed", probed_code, sizeof(probed_code));
	v = fake_verify(f, &mech_guard);
	assert_int_equal(v.state, VERDICT_ON);
	assert_int_equal(v.covered, 1);
	fake_function(f, "overstep", overstep_code, sizeof(overstep_code));
	v = fake_verify(f, &mech_guard);
	assert_int_equal(v.state, VERDICT_PARTIAL);
	assert_int_equal(v.covered, 1);
	assert_int_equal(v.total, 2);
	assert_non_null(strstr(v.problem, "'overstep'"));
	arena_free(f->arena);
}

static struct fake *wx_image(struct parts *p, uint8_t **ret_permanent)
{
	static const char *const marks[] = {"__boot_end", "__rodata_start", "__roinit_start",
					    "__data_start"};
	struct fake *f = fake_new();

	p->ask = boot_function(f, "uk_wx_layout", ask_code, sizeof(ask_code));
	p->call = boot_function(f, "uk_init_layout", call_code, sizeof(call_code));
	fake_call(f, p->call, "uk_wx_layout");
	boot_function(f, "uk_plat_audit_rights", ret_code, sizeof(ret_code));
	fake_call(f, boot_function(f, "uk_wx_audit", call_code, sizeof(call_code)),
		  "uk_plat_audit_rights");
	fake_call(f, boot_function(f, "uk_init_late", call_code, sizeof(call_code)), "uk_wx_audit");
	p->tables = fake_bytes(f, tables_code, sizeof(tables_code));
	fake_symbol(f, "__text_start", fake_here(f));
	*ret_permanent = fake_function(f, "permanent", call_code, sizeof(call_code));
	fake_symbol(f, "__text_end", fake_here(f));
	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		fake_symbol(f, marks[i], FAKE_BASE + (i + 1) * 0x1000);
	return f;
}

static void wx(void **state)
{
	uint8_t *permanent;
	struct parts p;
	struct fake *f = wx_image(&p, &permanent);
	struct verdict v = fake_verify(f, &mech_wx);

	(void)state;
	assert_int_equal(v.state, VERDICT_ON);
	assert_int_equal(v.covered, 6);
	p.ask[2] = 0;
	assert_int_equal(fake_verify(f, &mech_wx).state, VERDICT_PARTIAL);
	p.ask[2] = 1;
	f->segments[0].flags |= PF_W;
	assert_int_equal(fake_verify(f, &mech_wx).state, VERDICT_PARTIAL);
	f->segments[0].flags &= ~(uint32_t)PF_W;
	f->segments[1] = (struct elf_segment){
		.type = PT_LOAD, .flags = PF_R, .vaddr = FAKE_BASE + 0xff0, .memsz = 64};
	f->image.stripped.segments_len = 2;
	assert_int_equal(fake_verify(f, &mech_wx).state, VERDICT_PARTIAL);
	f->image.stripped.segments_len = 1;
	memcpy(permanent, "\x0f\x30", 2); /* wrmsr */
	v = fake_verify(f, &mech_wx);
	assert_int_equal(v.state, VERDICT_PARTIAL);
	assert_non_null(strstr(v.problem, "'wrmsr' in 'permanent'"));
	arena_free(f->arena);
}

/* One pointer to permanent text in data, named by a RELR entry. */
static void aslr_boot(void **state)
{
	struct parts p;
	struct fake *f = new_image("uk_aslr_layout", ask_code, sizeof(ask_code), &p);
	uint64_t relr, target, zero = 0;
	uint8_t *entry;
	struct verdict v;

	(void)state;
	boot_function(f, "uk_boot_relocate", ret_code, sizeof(ret_code));
	fake_call(f, boot_function(f, "uk_boot_low", call_code, sizeof(call_code)),
		  "uk_boot_relocate");
	f->bytes_len = 1024;
	target = fake_here(f);
	fake_function(f, "permanent", ret_code, sizeof(ret_code));
	f->bytes_len = 2048;
	relr = FAKE_BASE + 3072;
	fake_symbol(f, "__relr_start", fake_here(f));
	entry = fake_bytes(f, &relr, sizeof(relr));
	fake_symbol(f, "__relr_end", fake_here(f));
	f->bytes_len = 3072;
	fake_symbol(f, "__roinit_start", fake_here(f));
	fake_bytes(f, &target, sizeof(target));
	fake_bytes(f, &zero, sizeof(zero));
	fake_symbol(f, "__image_end", fake_here(f));
	v = fake_verify(f, &mech_aslr);
	assert_int_equal(v.state, VERDICT_ON);
	assert_string_equal(v.level, "boot");
	assert_int_equal(v.covered, 1);
	assert_int_equal(v.total, 1);
	entry[0] ^= 8; /* names the word behind it */
	v = fake_verify(f, &mech_aslr);
	assert_int_equal(v.state, VERDICT_PARTIAL);
	assert_int_equal(v.covered, 0);
	arena_free(f->arena);
}

/* Order of pieces: 'a' to 'd' name objects, in capitals where it is data; '-' is link-time optimised code. */
static struct verdict order_verdict(const char *order)
{
	static const char *const objects[] = {"a.c", "b.c", "c.c", "d.c"};
	struct fake *f = fake_new();
	size_t len = strlen(order);
	struct image_piece *pieces = arena_array(f->arena, len, sizeof(*pieces));
	struct verdict v;

	for (size_t i = 0; i < len; i++)
		pieces[i] = (struct image_piece){
			.addr = FAKE_BASE + i * 16,
			.size = 16,
			.section = order[i] >= 'A' && order[i] <= 'D' ? ".bss.v" : ".text.f",
			.object = order[i] == '-' ? "lto" : objects[(order[i] | 32) - 'a'],
		};
	f->image.pieces = pieces;
	f->image.pieces_len = len;
	v = fake_verify(f, &mech_aslr);
	arena_free(f->arena);
	return v;
}

static void aslr_link(void **state)
{
	(void)state;
	assert_int_equal(order_verdict("aaabbbcccddd").state, VERDICT_OFF);
	assert_int_equal(order_verdict("abcdabcdabcd").state, VERDICT_ON);
	assert_int_equal(order_verdict("cabbdacdbdca").state, VERDICT_ON);
	assert_false(order_verdict("aaabbbcccddd").is_vacuous);
	assert_true(order_verdict("abcd").is_vacuous);
	/* The optimiser sorts data by its own rules, the linker does not. */
	assert_int_equal(order_verdict("aabbABA").state, VERDICT_ON);
	assert_int_equal(order_verdict("aab-bABA").state, VERDICT_OFF);
	assert_int_equal(order_verdict("abab-").state, VERDICT_ON);
	/* Drawn, and by chance many of one object side by side: it goes back too often for the linker. */
	assert_int_equal(order_verdict("ddccbbaaddccbbaaddccbbaa").state, VERDICT_ON);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nullpage),  cmocka_unit_test(tables_by_hypercall),
		cmocka_unit_test(guard),     cmocka_unit_test(wx),
		cmocka_unit_test(aslr_boot), cmocka_unit_test(aslr_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
