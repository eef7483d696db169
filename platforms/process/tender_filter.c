/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one filter of the process: which system calls there are, from where, with which arguments. It is in
 * force before the first instruction of the image and is never changed.
 *
 * There are two lists. What is in the first may be called for ever. What is in the second is possible only
 * from the one instruction of the gate's page (process.h): the page is unmapped by the first instructions of
 * permanent text, and nothing that is left can map one there. The second list gives no new memory and no
 * right to anything: it moves, takes away, and prepares for faults.
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
	CHECK_AT_LEAST, /* value, unsigned */
};

struct check {
	uint8_t argument, kind;
	uint32_t value;
};

enum {
	CHECKS_MAX = 2,
	CODE_MAX = 96, /* of BPF */
	REFUSE = 255,  /* a jump to the end: patched when that is known */
};

struct rule {
	uint16_t call;
	struct check checks[CHECKS_MAX];
};

static const struct rule for_ever[] = {
	/* console.c: all output */
	{__NR_write, {{0, CHECK_EQUAL, 1}, {2, CHECK_AT_MOST, PROCESS_WRITE_MAX}}},
	/* clock.c: CLOCK_REALTIME and CLOCK_MONOTONIC; the vdso is gone */
	{__NR_clock_gettime, {{0, CHECK_AT_MOST, CLOCK_ID_MONOTONIC}}},
	/* stop.c: the end */
	{__NR_exit_group, {{0}}},
	/* entry_x86_64.S, first permanent instructions: removes the gate; later there is nothing there */
	{__NR_munmap, {{0, CHECK_EQUAL, PROCESS_GATE}, {1, CHECK_EQUAL, PROCESS_PAGE}}},
};

_Static_assert(sizeof(for_ever) / sizeof(for_ever[0]) == PROCESS_CALLS, "reports tell the number");

static const struct rule from_gate[] = {
	/*
	 * entry_x86_64.S, tables.c: image, stacks and memory to their drawn addresses, with the rights they
	 * have; nothing may take the gate's place
	 */
	{__NR_mremap,
	 {{3, CHECK_EQUAL, MREMAP_MAYMOVE | MREMAP_FIXED}, {4, CHECK_AT_LEAST, PROCESS_IMAGE}}},
	/* entry_x86_64.S: constants and boot-time data become read-only */
	{__NR_mprotect, {{2, CHECK_EQUAL, PROT_READ}}},
	/* tender.c: itself, the last thing it does; entry_x86_64.S: the boot's pages */
	{__NR_munmap, {{0}}},
	/* traps.c: handlers of faults and the stack they start on */
	{__NR_rt_sigaction, {{0}}},
	{__NR_sigaltstack, {{0}}},
	/* entry_x86_64.S: the thread pointer */
	{__NR_arch_prctl, {{0, CHECK_EQUAL, ARCH_SET_FS_CODE}}},
};

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

static void jump(struct code *c, uint16_t comparison, uint32_t k, uint8_t yes, uint8_t no)
{
	emit(c, BPF_JMP | comparison | BPF_K, k, yes, no);
}

static void add_check(struct code *c, const struct check *k)
{
	const size_t low = offsetof(struct seccomp_data, args) + k->argument * sizeof(uint64_t);

	if (k->kind == CHECK_NONE)
		return;
	load(c, low + sizeof(uint32_t));
	if (k->kind == CHECK_AT_LEAST)
		jump(c, BPF_JGT, 0, 2, 0);
	else
		jump(c, BPF_JEQ, 0, 0, REFUSE);
	load(c, low);
	if (k->kind == CHECK_EQUAL)
		jump(c, BPF_JEQ, k->value, 0, REFUSE);
	else if (k->kind == CHECK_AT_MOST)
		jump(c, BPF_JGT, k->value, REFUSE, 0);
	else
		jump(c, BPF_JGE, k->value, 0, REFUSE);
}

/* What is in none of the rules is refused behind them. */
static void add_rules(struct code *c, const struct rule *rules, size_t len)
{
	load(c, offsetof(struct seccomp_data, nr));
	for (const struct rule *r = rules; r < rules + len; r++) {
		const size_t at = c->len;

		jump(c, BPF_JEQ, r->call, 0, 0);
		for (size_t i = 0; i < CHECKS_MAX; i++)
			add_check(c, &r->checks[i]);
		emit(c, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
		c->v[at].jf = (uint8_t)(c->len - at - 1);
	}
}

static void refuse(struct code *c)
{
	for (size_t i = 0; i < c->len; i++) {
		const uint8_t distance = (uint8_t)(c->len - i - 1);

		if (c->v[i].jt == REFUSE)
			c->v[i].jt = distance;
		if (c->v[i].jf == REFUSE)
			c->v[i].jf = distance;
	}
	emit(c, BPF_RET | BPF_K, SECCOMP_RET_TRAP, 0, 0);
}

void tender_filter_install(void)
{
	struct code c = {.len = 0};
	struct sock_fprog program;
	size_t at;
	long err;

	/*
	 * What is loaded first is no part of the call's number: so the kernel sees at once that no call is
	 * always allowed, and does not try all of them to find out (Linux kernel/seccomp.c,
	 * seccomp_cache_prepare), which would take longer than everything else here together.
	 */
	load(&c, offsetof(struct seccomp_data, instruction_pointer) + sizeof(uint32_t));
	load(&c, offsetof(struct seccomp_data, arch));
	jump(&c, BPF_JEQ, AUDIT_ARCH_X86_64, 1, 0);
	emit(&c, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
	load(&c, offsetof(struct seccomp_data, instruction_pointer) + sizeof(uint32_t));
	jump(&c, BPF_JEQ, 0, 0, 2);
	load(&c, offsetof(struct seccomp_data, instruction_pointer));
	jump(&c, BPF_JEQ, PROCESS_GATE_IP, 1, 0);
	at = c.len;
	jump(&c, BPF_JA, 0, 0, 0);
	add_rules(&c, from_gate, sizeof(from_gate) / sizeof(from_gate[0]));
	emit(&c, BPF_RET | BPF_K, SECCOMP_RET_TRAP, 0, 0);
	c.v[at].k = (uint32_t)(c.len - at - 1);
	add_rules(&c, for_ever, sizeof(for_ever) / sizeof(for_ever[0]));
	refuse(&c);
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
