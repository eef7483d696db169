/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How an image of platform kvm is launched: as a PVH guest of QEMU, under hardware KVM where that
 * really works and under TCG elsewhere. Knows command lines only; what the guest prints is run.c's.
 */
#include "../../build/base/arena.h"
#include "../../build/base/diag.h"
#include "../../build/base/file.h"
#include "../../build/base/proc.h"
#include "../../build/run.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define QEMU "qemu-system-x86_64"

/* Where the guest ends the machine; QEMU then exits with (value << 1) | 1: hw/misc/debugexit.c. */
#define DEBUG_EXIT "isa-debug-exit,iobase=0xf4,iosize=4"

/* The wall clock of measured runs: fixed, so that no instruction depends on the day. */
#define FIXED_CLOCK "base=2026-01-01T00:00:00,clock=vm"

/* A working accelerator ends the guest of one instruction in some 50 ms; a stuck one never does. */
#define KVM_PROBE_MS 3000

struct machine {
	const char *name;
	const char *options; /* of -M, in front of the memory backend */
};

/*
 * microvm: the serial port is off by default, and the kernel command line must stay as it was given
 * (QEMU would append virtio-mmio devices after the guest's arguments). The i8254 and the RTC are
 * asked for by name: they are the fallbacks of the clocks where there is no KVM clock. Source: QEMU
 * docs/system/i386/microvm.rst.
 */
static const struct machine machines[] = {
	{"microvm", "microvm,isa-serial=on,auto-kernel-cmdline=off,pit=on,rtc=on"},
	{"q35", "q35"},
	{"pc", "pc"},
};

static const struct machine *find_machine(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(machines); i++)
		if (str_eq(machines[i].name, name))
			return &machines[i];
	return NULL;
}

/* A value inside a QEMU option list: a comma is written twice (QEMU docs/system/invocation). */
static const char *option_value(struct arena *a, const char *s)
{
	struct sb b;

	sb_init(&b, a);
	for (; *s; s++) {
		sb_putn(&b, s, 1);
		if (*s == ',')
			sb_put(&b, ",");
	}
	return sb_str(&b);
}

/* The machine of every run: no default devices, no user configuration, the console on stdio. */
static void push_machine(struct arena *a, struct strs *argv, const struct machine *m,
			 const char *memory_file, uint64_t memory_kib)
{
	strs_push(a, argv, QEMU);
	strs_push(a, argv, "-M");
	if (memory_file)
		strs_pushf(a, argv, "%s,memory-backend=ram", m->options);
	else
		strs_push(a, argv, m->options);
	if (memory_file) {
		strs_push(a, argv, "-object");
		strs_pushf(a, argv,
			   "memory-backend-file,id=ram,size=%" PRIu64 "K,mem-path=%s,share=on",
			   memory_kib, option_value(a, memory_file));
	}
	strs_push(a, argv, "-m");
	strs_pushf(a, argv, "%" PRIu64 "K", memory_kib);
}

static void push_words(struct arena *a, struct strs *argv, const char *const *words)
{
	for (; *words; words++)
		strs_push(a, argv, *words);
}

static const char *const plain_devices[] = {
	"-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",     "-serial",
	"stdio",       "-monitor",        "none",       "-device",  DEBUG_EXIT, NULL,
};

/* True when the flag (a whole word) stands in a "flags" line of /proc/cpuinfo. */
static bool cpu_has(const char *cpuinfo, const char *flag)
{
	size_t len = strlen(flag);
	const char *at = cpuinfo;

	while ((at = strstr(at, flag)) != NULL) {
		if (at > cpuinfo && at[-1] == ' ' && (at[len] == ' ' || at[len] == '\n'))
			return true;
		at += len;
	}
	return false;
}

/* Starts the guest of one instruction under KVM. NULL when it ended as it should. */
static const char *probe_kvm(struct arena *a)
{
	char path[] = "/tmp/ukbuild-probe-XXXXXX";
	struct proc_opts opts = {
		.flags = PROC_CAPTURE_OUT | PROC_CAPTURE_ERR | PROC_STDIN_NULL,
		.timeout_ms = KVM_PROBE_MS,
	};
	const char *why = "a guest of one instruction does not end under it";
	struct strs argv = {0};
	struct proc_result r;
	struct diags d;
	int fd;

	diags_init(&d, a);
	fd = mkstemp(path);
	if (fd < 0)
		return "no temporary file for the probe guest";
	close(fd);
	push_machine(a, &argv, &machines[0], NULL, 8192);
	push_words(a, &argv, plain_devices);
	push_words(a, &argv,
		   (const char *const[]){"-accel", "kvm", "-cpu", "host", "-kernel", path, NULL});
	if (!run_write_floor_guest(path, &d) && !proc_run(a, proc_argv(a, &argv), &opts, &r, &d) &&
	    !r.timed_out && (r.status & 1) && r.err_len == 0)
		why = NULL;
	(void)unlink(path); /* in /tmp: nothing to do about a failure */
	return why;
}

/*
 * The presence of the device proves nothing: a host without virtualisation extensions may offer a
 * KVM in software that does not run an ordinary guest. Hardware first, then a real guest.
 */
static const char *kvm_accel(struct arena *a, const char **ret_why)
{
	struct diags ignored;
	char *cpuinfo;
	const char *why;
	size_t len;

	diags_init(&ignored, a);
	if (!file_exists("/dev/kvm")) {
		*ret_why = "there is no /dev/kvm";
		return "tcg";
	}
	if (access("/dev/kvm", R_OK | W_OK)) {
		*ret_why = "/dev/kvm may not be opened by this user (group kvm)";
		return "tcg";
	}
	if (file_exists("/sys/module/kvm_pvm")) {
		*ret_why = "/dev/kvm is a KVM in software (kvm_pvm), not for ordinary guests";
		return "tcg";
	}
	if (file_read(a, "/proc/cpuinfo", 16u << 20, &cpuinfo, &len, &ignored) ||
	    (!cpu_has(cpuinfo, "vmx") && !cpu_has(cpuinfo, "svm"))) {
		*ret_why = "the processor shows neither vmx nor svm";
		return "tcg";
	}
	why = probe_kvm(a);
	if (why) {
		*ret_why = arena_printf(a, "/dev/kvm does not work: %s", why);
		return "tcg";
	}
	*ret_why = "/dev/kvm runs a guest";
	return "kvm";
}

/* A guest argument as the guest's splitter reads it: blanks need double quotes. */
static int append_arg(struct sb *b, const char *arg, struct diags *d)
{
	if (strchr(arg, '"'))
		return diag_fail(
			d, DIAG_USAGE,
			"guest argument '%s' holds a double quote, which the command line of "
			"the guest cannot carry",
			arg);
	if (*arg && !strpbrk(arg, " \t\n"))
		sb_putf(b, " %s", arg);
	else
		sb_putf(b, " \"%s\"", arg);
	return 0;
}

/* What the guest reads as its command line: our options, then "--" and the arguments of main. */
static int guest_cmdline(struct arena *a, const struct run_opts *o, const char *nonce,
			 const char **ret, struct diags *d)
{
	struct sb b;
	size_t i;

	sb_init(&b, a);
	sb_putf(&b, "ukbuild.nonce=%s", nonce);
	for (i = 0; i < o->boot_opts.len; i++)
		sb_putf(&b, " %s", o->boot_opts.v[i]);
	if (o->args.len)
		sb_put(&b, " --");
	for (i = 0; i < o->args.len; i++)
		if (append_arg(&b, o->args.v[i], d))
			return -1;
	*ret = sb_str(&b);
	return 0;
}

/* Everything that could differ between two runs of the same guest is fixed. */
static void push_icount(struct arena *a, struct strs *argv, unsigned seed)
{
	push_words(a, argv,
		   (const char *const[]){"-icount", "shift=0,sleep=off", "-rtc", FIXED_CLOCK,
					 "-seed", NULL});
	strs_pushf(a, argv, "%u", seed);
}

static const char *choose_accel(struct arena *a, const struct run_opts *o)
{
	const char *why;

	if (o->icount || o->accel == RUN_ACCEL_TCG)
		return "tcg"; /* only TCG counts instructions */
	if (o->accel == RUN_ACCEL_KVM)
		return "kvm";
	return kvm_accel(a, &why);
}

static int kvm_command(struct arena *a, const struct run_opts *o, const char *nonce,
		       struct strs *ret_argv, struct diags *d)
{
	const struct machine *m = find_machine(o->machine ? o->machine : "microvm");
	const char *cmdline;

	if (!m) {
		diag_fail(d, DIAG_USAGE, "unknown machine '%s' of platform 'kvm'", o->machine);
		return diag_hint(d, "machines: microvm, q35, pc");
	}
	if (o->icount && o->accel == RUN_ACCEL_KVM)
		return diag_fail(d, DIAG_USAGE,
				 "instructions are counted under tcg only, but accelerator 'kvm' "
				 "was asked for");
	if (guest_cmdline(a, o, nonce, &cmdline, d))
		return -1;
	push_machine(a, ret_argv, m, o->memory_file, (o->memory_bytes + 1023) / 1024);
	push_words(a, ret_argv,
		   (const char *const[]){"-accel", choose_accel(a, o), "-cpu",
					 o->cpu ? o->cpu : "max", NULL});
	push_words(a, ret_argv, plain_devices);
	if (o->icount)
		push_icount(a, ret_argv, o->icount_seed);
	push_words(a, ret_argv, (const char *const[]){"-kernel", o->image, NULL});
	if (o->seed_file)
		push_words(a, ret_argv, (const char *const[]){"-initrd", o->seed_file, NULL});
	push_words(a, ret_argv, (const char *const[]){"-append", cmdline, NULL});
	return 0;
}

/* (program, package) pairs for `ukbuild doctor`. */
static const char *const kvm_needs[] = {QEMU, "qemu-system-x86", NULL};

const struct platform_host platform_host_kvm = {
	.name = "kvm",
	.command = kvm_command,
	.accel = kvm_accel,
	.needs = kvm_needs,
};
