/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How an image of platform kvm is launched: as a PVH guest of QEMU, under hardware KVM where that
 * really works and under TCG elsewhere. Knows command lines only; what the guest prints is run.c's.
 */
#include "../../build/base/arena.h"
#include "../../build/base/diag.h"
#include "../../build/base/file.h"
#include "../../build/base/proc.h"
#include "../../build/elf.h"
#include "../../build/qemu.h"
#include "../../build/run.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* Every run: no default devices, no user configuration, the console on stdio. */
static const char *const plain_devices[] = {
	"-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",          "-serial",
	"stdio",       "-monitor",        "none",       "-device",  QEMU_DEBUG_EXIT, NULL,
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
	qemu_push_machine(a, &argv, machines[0].options, NULL, 8192);
	qemu_push_words(a, &argv, plain_devices);
	qemu_push_words(
		a, &argv,
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

static const char *choose_accel(struct arena *a, const struct run_opts *o)
{
	const char *why;

	if (o->icount || o->accel == RUN_ACCEL_TCG)
		return "tcg"; /* only TCG counts instructions */
	if (o->accel == RUN_ACCEL_KVM)
		return "kvm";
	return kvm_accel(a, &why);
}

/* libs/virtio_rng/note.S: the type of a virtio device that the image drives. */
#define NOTE_DEVICE 0x44455649

static int drives_device(struct arena *a, const char *image, bool *ret, struct diags *d)
{
	struct elf e;

	*ret = false;
	if (elf_load(a, image, &e, d))
		return -1;
	for (size_t i = 0; i < e.notes_len; i++)
		if (str_eq(e.notes[i].owner, "ukbuild") && e.notes[i].type == NOTE_DEVICE)
			*ret = true;
	return 0;
}

/*
 * The entropy device, on the first of microvm's virtio-mmio places (QEMU hw/i386/microvm.c:
 * VIRTIO_MMIO_BASE, VIRTIO_IRQ_BASE), of which the guest is told as Linux would be.
 */
static int push_device(struct arena *a, const struct machine *m, struct strs *boot_opts,
		       struct strs *argv, struct diags *d)
{
	if (m != &machines[0]) {
		diag_fail(d, DIAG_USAGE, "machine '%s' has no virtio device for this image",
			  m->name);
		return diag_hint(d, "the image drives a device over MMIO: machine microvm has it");
	}
	strs_push(a, boot_opts, "virtio_mmio.device=512@0xfeb00000:5");
	qemu_push_words(a, argv,
			(const char *const[]){"-global", "virtio-mmio.force-legacy=false",
					      "-object", "rng-builtin,id=rng0", "-device",
					      "virtio-rng-device,rng=rng0,bus=virtio-mmio-bus.0",
					      NULL});
	return 0;
}

static int kvm_command(struct arena *a, const struct run_opts *o, const char *nonce,
		       struct strs *ret_argv, struct diags *d)
{
	const struct machine *m = find_machine(o->machine ? o->machine : "microvm");
	struct run_opts told = *o;
	struct strs devices = {0};
	const char *cmdline;
	bool has_device;

	if (!m) {
		diag_fail(d, DIAG_USAGE, "unknown machine '%s' of platform 'kvm'", o->machine);
		return diag_hint(d, "machines: microvm, q35, pc");
	}
	if (o->icount && o->accel == RUN_ACCEL_KVM)
		return diag_fail(d, DIAG_USAGE,
				 "instructions are counted under tcg only, but accelerator 'kvm' "
				 "was asked for");
	if (drives_device(a, o->image, &has_device, d) ||
	    (has_device && push_device(a, m, &told.boot_opts, &devices, d)) ||
	    run_guest_cmdline(a, &told, nonce, &cmdline, d))
		return -1;
	qemu_push_machine(a, ret_argv, m->options, o->memory_file, (o->memory_bytes + 1023) / 1024);
	qemu_push_words(a, ret_argv,
			(const char *const[]){"-accel", choose_accel(a, o), "-cpu",
					      o->cpu ? o->cpu : "max", NULL});
	qemu_push_words(a, ret_argv, plain_devices);
	strs_concat(a, ret_argv, &devices);
	if (o->icount)
		qemu_push_icount(a, ret_argv, 0, o->icount_seed);
	qemu_push_words(a, ret_argv, (const char *const[]){"-kernel", o->image, NULL});
	if (o->seed_file)
		qemu_push_words(a, ret_argv, (const char *const[]){"-initrd", o->seed_file, NULL});
	qemu_push_words(a, ret_argv, (const char *const[]){"-append", cmdline, NULL});
	return 0;
}

/* (program, package) pairs for `ukbuild doctor`. */
static const char *const kvm_needs[] = {QEMU, "qemu-system-x86", NULL};

/*
 * QEMU 7.2 of Debian 12. Calls made: strace -f -c around a hello on microvm under TCG. Lines: C and headers of
 * the source without tests, user-mode emulation and other architectures, without blanks and comment lines.
 */
#define SURFACE                                                                                    \
	"QEMU may make all of Linux's system calls (362) and made 45 different ones (strace, "     \
	"hello on "                                                                                \
	"microvm, TCG); about 950,000 lines of C (QEMU 7.2 for x86, without blanks and comments, " \
	"without the 51 libraries it loads)"

const struct platform_host platform_host_kvm = {
	.name = "kvm",
	.surface = SURFACE,
	.command = kvm_command,
	.accel = kvm_accel,
	.needs = kvm_needs,
};
