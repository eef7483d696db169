/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How an image of platform xen-pv or xen-pvh is launched. Machine `dom0`: QEMU (TCG) boots the
 * distribution's Xen, and the image is its initial domain. Knows command lines only; the rig itself
 * is made by rig/prepare.sh.
 */
#include "host.h"
#include "../../build/base/arena.h"
#include "../../build/base/diag.h"
#include "../../build/base/file.h"
#include "../../build/base/log.h"
#include "../../build/base/proc.h"
#include "../../build/base/str.h"
#include "../../build/qemu.h"
#include "../../build/run.h"

#include <inttypes.h>
#include <string.h>

/*
 * The TSC advances by 128 an instruction: Xen calibrates and waits by time, and at shift 0 that takes
 * it billions of instructions.
 */
#define ICOUNT_SHIFT 7
/* MAX_GUEST_CMDLINE in xen/include/public/xen.h, with the zero byte. */
#define CMDLINE_MAX_BYTES 1024
/* Downloads hang at worst for this long. */
#define PREPARE_TIMEOUT_MS (10 * 60 * 1000)

/* The two kinds of guest. */
struct guest {
	const char *platform;
	const char *machine;    /* of QEMU, for dom0 */
	const char *cpu;        /* features that Xen or the image need beyond the model's */
	const char *xen;        /* of Xen's command line */
	const char *devices[3]; /* NULL-terminated */
	uint64_t xen_kib;       /* memory that Xen takes itself, beside the domain's */
	uint64_t seed_kib;      /* the seed's page, where Xen takes it off the domain's memory */
};

/*
 * No IOMMU with a PV dom0: Xen 4.17 fails on QEMU's amd-iommu then; a PVH dom0 must have one. The
 * seed alone would do, but a guest that mixes in the processor's random numbers should find them.
 */
static const struct guest guest_pv = {
	.platform = "xen-pv",
	.machine = "pc",
	.cpu = "+rdrand",
	.xen = "",
	.xen_kib = 64 << 10,
	.seed_kib = 4,
};
static const struct guest guest_pvh = {
	.platform = "xen-pvh",
	.machine = "q35",
	.cpu = "+rdrand,+svm,+npt",
	.xen = " dom0=pvh",
	.devices = {"-device", "amd-iommu"},
	.xen_kib = 192 << 10,
};

static const char *prepare_script(struct arena *a, const struct run_opts *o)
{
	return path_join(a, o->home, "platforms/xen/rig/prepare.sh");
}

/* The last line of text that says something. */
static const char *last_line(struct arena *a, const char *text)
{
	const char *line = "failed without a message";

	while (*text) {
		size_t len = strcspn(text, "\n");

		if (len)
			line = arena_memdup(a, text, len);
		text += len;
		text += *text == '\n';
	}
	return str_starts(line, "error: ") ? line + strlen("error: ") : line;
}

/* The folder of a stage of the rig, made when it is not there. */
static int prepare(struct arena *a, const struct run_opts *o, const char **ret_dir, struct diags *d)
{
	const char *script = prepare_script(a, o);
	const char *check[] = {"sh", script, "--check", "dom0", o->cache_dir, NULL};
	const char *make[] = {"sh", script, "dom0", o->cache_dir, NULL};
	struct proc_opts po = {
		.flags = PROC_CAPTURE_OUT | PROC_CAPTURE_ERR | PROC_STDIN_NULL,
		.timeout_ms = PREPARE_TIMEOUT_MS,
	};
	struct proc_result r;

	if (proc_run(a, check, &po, &r, d))
		return -1;
	if (r.status) {
		log_info("setting up the Xen rig below %s", o->cache_dir);
		if (proc_run(a, make, &po, &r, d))
			return -1;
	}
	if (r.status || r.timed_out) {
		diag_fail(d, DIAG_TOOL, "the Xen rig: %s",
			  r.timed_out ? "timed out" : last_line(a, r.err));
		return diag_hint(d, "'ukbuild doctor' says what is missing");
	}
	*ret_dir = arena_memdup(a, r.out, strcspn(r.out, "\n"));
	return 0;
}

/*
 * A file as QEMU finds it in a list of multiboot modules: the name ends at a blank, which cannot be
 * quoted (hw/i386/multiboot.c).
 */
static int module_path(struct arena *a, const char *path, const char **ret, struct diags *d)
{
	if (strchr(path, ' '))
		path = path_relative(a, path, ".");
	if (strchr(path, ' ')) {
		diag_fail(d, DIAG_INPUT, "QEMU cannot load '%s' as a module: it has a blank", path);
		return diag_hint(d, "rename the folder, or run from inside it");
	}
	*ret = qemu_value(a, path);
	return 0;
}

/* The list of multiboot modules: the image with its command line, then the seed. */
static int modules(struct arena *a, const struct run_opts *o, const char *nonce, const char **ret,
		   struct diags *d)
{
	const char *image, *seed, *cmdline;
	struct sb b;

	if (module_path(a, o->image, &image, d) || run_guest_cmdline(a, o, nonce, &cmdline, d))
		return -1;
	if (strlen(cmdline) >= CMDLINE_MAX_BYTES)
		return diag_fail(d, DIAG_USAGE,
				 "the guest's command line has %zu characters, Xen passes %d",
				 strlen(cmdline), CMDLINE_MAX_BYTES - 1);
	sb_init(&b, a);
	sb_putf(&b, "%s %s", image, qemu_value(a, cmdline));
	if (o->seed_file) {
		if (module_path(a, o->seed_file, &seed, d))
			return -1;
		sb_putf(&b, ",%s", seed);
	}
	*ret = sb_str(&b);
	return 0;
}

static int command(struct arena *a, const struct guest *g, const struct run_opts *o,
		   const char *nonce, struct strs *ret_argv, struct diags *d)
{
	uint64_t kib = (o->memory_bytes + 1023) / 1024;
	const char *list = NULL;

	if (o->machine && !str_eq(o->machine, "dom0")) {
		diag_fail(d, DIAG_USAGE, "unknown machine '%s' of platform '%s'", o->machine,
			  g->platform);
		return diag_hint(d, "machines: dom0");
	}
	if (o->accel == RUN_ACCEL_KVM)
		return diag_fail(d, DIAG_USAGE, "the Xen rig runs under tcg only");
	if (modules(a, o, nonce, &list, d))
		return -1;
	if (o->seed_file)
		kib += g->seed_kib;
	qemu_push_machine(a, ret_argv, g->machine, o->memory_file, kib + g->xen_kib);
	qemu_push_words(a, ret_argv, (const char *const[]){"-accel", "tcg", "-cpu", NULL});
	strs_pushf(a, ret_argv, "%s,%s", o->cpu ? o->cpu : "qemu64", g->cpu);
	qemu_push_words(a, ret_argv,
			(const char *const[]){"-nodefaults", "-no-user-config", "-no-reboot",
					      "-display", "none", "-serial", "stdio", "-monitor",
					      "none", "-device", QEMU_DEBUG_EXIT, NULL});
	qemu_push_words(a, ret_argv, g->devices);
	if (o->icount)
		qemu_push_icount(a, ret_argv, ICOUNT_SHIFT, o->icount_seed);
	strs_push(a, ret_argv, "-kernel");
	strs_push(a, ret_argv, path_join(a, o->ready_dir, "xen"));
	strs_push(a, ret_argv, "-append");
	strs_pushf(a, ret_argv,
		   "console=com1 com1=115200,8n1 console_timestamps=boot dom0_mem=%" PRIu64 "K%s",
		   kib, g->xen);
	qemu_push_words(a, ret_argv, (const char *const[]){"-initrd", list, NULL});
	return 0;
}

static int pv_command(struct arena *a, const struct run_opts *o, const char *nonce,
		      struct strs *ret_argv, struct diags *d)
{
	return command(a, &guest_pv, o, nonce, ret_argv, d);
}

static int pvh_command(struct arena *a, const struct run_opts *o, const char *nonce,
		       struct strs *ret_argv, struct diags *d)
{
	return command(a, &guest_pvh, o, nonce, ret_argv, d);
}

static const char *xen_accel(struct arena *a, const char **ret_why)
{
	(void)a;
	*ret_why = "Xen itself runs in QEMU";
	return "tcg";
}

/* (program, package) pairs for `ukbuild doctor`. */
static const char *const needs[] = {QEMU, "qemu-system-x86", NULL};

const struct platform_host platform_host_xen_pv = {
	.name = "xen-pv",
	.prepare = prepare,
	.command = pv_command,
	.split = xen_split,
	.explain = xen_explain,
	.accel = xen_accel,
	.needs = needs,
	.icount_shift = ICOUNT_SHIFT,
};

const struct platform_host platform_host_xen_pvh = {
	.name = "xen-pvh",
	.prepare = prepare,
	.command = pvh_command,
	.split = xen_split,
	.explain = xen_explain,
	.accel = xen_accel,
	.needs = needs,
	.icount_shift = ICOUNT_SHIFT,
};
