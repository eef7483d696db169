/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one filter of the process: which system calls there are, from where, with which arguments. It is in
 * force before the first instruction of the image and is never changed.
 *
 * Calls marked `gate` are possible only from the one instruction of the gate's page (process.h). The page
 * is unmapped by the first instructions of permanent text, and nothing that is left can map one there: so
 * after the boot only the calls that are not marked exist.
 *
 * A call that is not allowed is not made: SECCOMP_RET_TRAP raises SIGSYS, whose handler in the image says
 * which call it was and from where, and ends. Handlers cannot be changed after the boot, SIGSYS from the
 * filter cannot be blocked (Linux kernel/seccomp.c, force_sig_seccomp), and without a handler it kills.
 */
#include "tender.h"

#include "process.h"

#include <asm/unistd_64.h>
#include <linux/audit.h>
#include <linux/errno.h>
#include <linux/filter.h>
#include <linux/mman.h>
#include <linux/seccomp.h>

enum check_kind {
	CHECK_NONE,
	CHECK_EQUAL,    /* both halves of the argument */
	CHECK_AT_MOST,  /* value, unsigned */
	CHECK_AT_LEAST, /* value, unsigned: an address that is not the gate's */
};

struct check {
	uint8_t argument, kind;
	uint32_t value;
};

enum {
	CHECKS_MAX = 3,
	CODE_MAX = 160, /* of BPF; the rules below take 110 */
};

struct rule {
	uint16_t call;
	bool is_gate;
	struct check checks[CHECKS_MAX];
};

static const struct rule rules[] = {
	/* console.c: all output */
	{__NR_write, false, {{0, CHECK_EQUAL, 1}, {2, CHECK_AT_MOST, PROCESS_WRITE_MAX}}},
	/* clock.c: CLOCK_REALTIME and CLOCK_MONOTONIC; the vdso is gone */
	{__NR_clock_gettime, false, {{0, CHECK_AT_MOST, CLOCK_ID_MONOTONIC}}},
	/* stop.c: the end */
	{__NR_exit_group, false, {{0}}},
	/* entry_x86_64.S, first permanent instruction: removes the gate; later there is nothing there */
	{__NR_munmap, false, {{0, CHECK_EQUAL, PROCESS_GATE}, {1, CHECK_EQUAL, PROCESS_PAGE}}},

	/* entry_x86_64.S, tables.c: image, stacks and memory to their drawn addresses, as they are */
	{__NR_mremap,
	 true,
	 {{0, CHECK_AT_LEAST, PROCESS_IMAGE},
	  {3, CHECK_EQUAL, MREMAP_MAYMOVE | MREMAP_FIXED},
	  {4, CHECK_AT_LEAST, PROCESS_IMAGE}}},
	/* entry_x86_64.S: constants and boot-time data become read-only. Nothing becomes executable. */
	{__NR_mprotect, true, {{0, CHECK_AT_LEAST, PROCESS_IMAGE}, {2, CHECK_EQUAL, PROT_READ}}},
	/* traps.c: handlers of faults, the stack they start on, the thread pointer */
	{__NR_rt_sigaction, true, {{0}}},
	{__NR_sigaltstack, true, {{0}}},
	{__NR_arch_prctl, true, {{0, CHECK_EQUAL, ARCH_SET_FS_CODE}}},
};

/*
 * The tender's own last call and the boot's: unmapping, also from the gate. A rule of its own because the
 * two of munmap are alternatives: this one is tried when the one above does not hold.
 */
static const struct rule unmap = {__NR_munmap, true, {{0, CHECK_AT_LEAST, PROCESS_IMAGE}}};

struct code {
	struct sock_filter v[CODE_MAX];
	size_t len;
};

static void emit(struct code *c, uint16_t op, uint32_t k, uint8_t yes, uint8_t no)
{
	if (c->len == CODE_MAX)
		tender_fail("the filter is too long", NULL, 0);
	c->v[c->len++] = (struct sock_filter){op, yes, no, k};
}

static void load(struct code *c, size_t offset)
{
	emit(c, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* Goes on where the condition holds, else to the end of the rule: patched by end_rule(). */
static void demand(struct code *c, uint16_t comparison, uint32_t k)
{
	emit(c, BPF_JMP | comparison | BPF_K, k, 0, UINT8_MAX);
}

static void demand_word(struct code *c, size_t offset, uint32_t low)
{
	load(c, offset);
	demand(c, BPF_JEQ, low);
	load(c, offset + sizeof(uint32_t));
	demand(c, BPF_JEQ, 0);
}

static void demand_check(struct code *c, const struct check *k)
{
	const size_t low = offsetof(struct seccomp_data, args) + k->argument * sizeof(uint64_t);

	switch (k->kind) {
	case CHECK_EQUAL:
		demand_word(c, low, k->value);
		break;
	case CHECK_AT_MOST:
		load(c, low + sizeof(uint32_t));
		demand(c, BPF_JEQ, 0);
		load(c, low);
		/* Not greater: the branch taken is the refusal. */
		emit(c, BPF_JMP | BPF_JGT | BPF_K, k->value, UINT8_MAX, 0);
		break;
	case CHECK_AT_LEAST:
		load(c, low + sizeof(uint32_t));
		emit(c, BPF_JMP | BPF_JGT | BPF_K, 0, 2, 0);
		load(c, low);
		demand(c, BPF_JGE, k->value);
		break;
	default:
		break;
	}
}

/* Allows the call when everything demanded since `from` holds; else goes on behind it. */
static void end_rule(struct code *c, size_t from)
{
	emit(c, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	for (size_t i = from; i < c->len; i++) {
		const uint8_t distance = (uint8_t)(c->len - i - 1);

		if (c->v[i].jt == UINT8_MAX)
			c->v[i].jt = distance;
		if (c->v[i].jf == UINT8_MAX)
			c->v[i].jf = distance;
	}
}

static void add_rule(struct code *c, const struct rule *r)
{
	const size_t from = c->len;

	load(c, offsetof(struct seccomp_data, nr));
	demand(c, BPF_JEQ, r->call);
	if (r->is_gate)
		demand_word(c, offsetof(struct seccomp_data, instruction_pointer), PROCESS_GATE_IP);
	for (size_t i = 0; i < CHECKS_MAX; i++)
		demand_check(c, &r->checks[i]);
	end_rule(c, from);
}

void tender_filter_install(void)
{
	struct code c = {.len = 0};
	struct sock_fprog program;
	long err;

	/*
	 * What is loaded first is no part of the call's number: so the kernel sees at once that no call is
	 * always allowed, and does not try all of them to find out (Linux kernel/seccomp.c,
	 * seccomp_cache_prepare), which would take longer than everything else here together.
	 */
	load(&c, offsetof(struct seccomp_data, instruction_pointer));
	load(&c, offsetof(struct seccomp_data, arch));
	emit(&c, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
	emit(&c, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		add_rule(&c, &rules[i]);
	add_rule(&c, &unmap);
	emit(&c, BPF_RET | BPF_K, SECCOMP_RET_TRAP, 0, 0);
	program = (struct sock_fprog){(unsigned short)c.len, c.v};
	err = tender_call(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, (long)&program, 0, 0, 0);
	if (err == -ENOSYS || err == -EINVAL)
		tender_fail(
			"this kernel has no system call filter (CONFIG_SECCOMP_FILTER), without "
			"which nothing would confine the guest",
			NULL, err);
	if (err)
		tender_fail("cannot install the system call filter", NULL, err);
}
