/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How an image of platform xen-pv or xen-pvh is launched: QEMU (TCG) boots the distribution's Xen, and
 * the image is its initial domain (machine `dom0`) or a domain that a Linux there starts (`domu`).
 * Knows command lines only; the rig itself is made by rig/prepare.sh.
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

#include <stdio.h>
#include <string.h>

/*
 * The TSC advances by 128 an instruction: Xen calibrates and waits by time, and at shift 0 that takes
 * it billions of instructions.
 */
#define ICOUNT_SHIFT 7
/* MAX_GUEST_CMDLINE in xen/include/public/xen.h, with the zero byte. */
#define CMDLINE_MAX_BYTES 1024
/* When the manifest does not say: as in manifest.h. */
#define MEMORY_BYTES (32u << 20)
/* Downloads hang at worst for this long. */
#define PREPARE_TIMEOUT_MS (10 * 60 * 1000)
/* The full rig is up after some ten seconds on an idle machine. */
#define DOMU_START_MS (2 * 60 * 1000)

/*
 * No IOMMU with a PV dom0: Xen 4.17 fails on QEMU's amd-iommu then; a PVH dom0 must have one. The
 * seed alone would do, but a guest that mixes in the processor's random numbers should find them.
 */
static const struct xen_guest guest_pv = {
	.platform = "xen-pv",
	.type = "pv",
	.machine = "pc",
	.cpu = "+rdrand",
	.xen = "",
	.xen_kib = 64 << 10,
	.seed_kib = 4,
};
static const struct xen_guest guest_pvh = {
	.platform = "xen-pvh",
	.type = "pvh",
	.machine = "q35",
	.cpu = "+rdrand,+svm,+npt",
	.xen = " dom0=pvh",
	.devices = {"-device", "amd-iommu"},
	.xen_kib = 192 << 10,
};

/* The ways to run an image. */
static const struct way {
	const char *name;
	const char *stage; /* of rig/prepare.sh, or NULL: nothing is needed */
	bool is_console_shared;
	uint64_t start_ms;
	int (*command)(struct arena *a, const struct xen_guest *g, const struct run_opts *o,
		       const char *nonce, struct strs *ret_argv, struct diags *d);
} ways[] = {
	{"dom0", "dom0", true, 0, xen_dom0_command},
	{"domu", "full", false, DOMU_START_MS, xen_domu_command},
	{"xl", NULL, false, 0, xen_xl_command},
};

/* In the words of `ukbuild fetch` and `doctor`. */
static const struct run_part parts[] = {
	{"xen-dom0", "dom0", "runs images as Xen's initial domain"},
	{"xen-domu", "domu", "runs images as domains of a Linux under Xen"},
	{NULL, NULL, NULL},
};

/* Whether this system is Xen's initial domain (xenfs, drivers/xen/xenfs/super.c in Linux). */
static bool is_xen_host(void)
{
	char text[64] = "";
	FILE *f = fopen("/proc/xen/capabilities", "re");

	if (!f)
		return false;
	if (!fgets(text, sizeof(text), f))
		text[0] = '\0';
	(void)fclose(f); /* only read */
	return strstr(text, "control_d");
}

static const struct way *find_way(const struct run_opts *o)
{
	const char *name = o->machine ? o->machine : is_xen_host() ? "xl" : "dom0";
	size_t i;

	for (i = 0; i < ARRAY_LEN(ways); i++)
		if (str_eq(ways[i].name, name))
			return &ways[i];
	return NULL;
}

static int bad_machine(const struct run_opts *o, struct diags *d)
{
	diag_fail(d, DIAG_USAGE, "unknown machine '%s' of the Xen platforms", o->machine);
	return diag_hint(d, "machines: dom0, domu, xl");
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

static int prepare(struct arena *a, const struct run_opts *o, bool is_check, const char **ret_dir,
		   struct diags *d)
{
	const struct way *way = find_way(o);
	const char *script = path_join(a, o->home, "platforms/xen/rig/prepare.sh");
	struct proc_opts po = {
		.flags = PROC_CAPTURE_OUT | PROC_CAPTURE_ERR | PROC_STDIN_NULL,
		.timeout_ms = PREPARE_TIMEOUT_MS,
	};
	struct proc_result r;

	if (!way)
		return bad_machine(o, d);
	*ret_dir = NULL;
	if (!way->stage)
		return 0;
	if (proc_run(a,
		     (const char *const[]){"sh", script, "--check", way->stage, o->cache_dir, NULL},
		     &po, &r, d))
		return -1;
	if (r.status && is_check)
		return 0;
	if (r.status) {
		log_info("setting up the Xen rig below %s", o->cache_dir);
		if (proc_run(a, (const char *const[]){"sh", script, way->stage, o->cache_dir, NULL},
			     &po, &r, d))
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

/* The name ends at a blank, which cannot be quoted (hw/i386/multiboot.c in QEMU). */
int xen_module_path(struct arena *a, const char *path, const char **ret, struct diags *d)
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

int xen_cmdline(struct arena *a, const struct run_opts *o, const char *nonce, const char **ret,
		struct diags *d)
{
	if (run_guest_cmdline(a, o, nonce, ret, d))
		return -1;
	if (strlen(*ret) >= CMDLINE_MAX_BYTES)
		return diag_fail(d, DIAG_USAGE,
				 "the guest's command line has %zu characters, Xen passes %d",
				 strlen(*ret), CMDLINE_MAX_BYTES - 1);
	return 0;
}

void xen_push_machine(struct arena *a, struct strs *argv, const struct run_opts *o,
		      const char *machine, const char *cpu, uint64_t memory_kib)
{
	qemu_push_machine(a, argv, machine, o->memory_file, memory_kib);
	qemu_push_words(a, argv, (const char *const[]){"-accel", "tcg", "-cpu", NULL});
	strs_pushf(a, argv, "%s,%s", o->cpu ? o->cpu : "qemu64", cpu);
	qemu_push_words(a, argv,
			(const char *const[]){"-nodefaults", "-no-user-config", "-no-reboot",
					      "-display", "none", "-monitor", "none", "-device",
					      QEMU_DEBUG_EXIT, NULL});
	if (o->icount)
		qemu_push_icount(a, argv, ICOUNT_SHIFT, o->icount_seed);
}

void xen_push_boot(struct arena *a, struct strs *argv, const struct run_opts *o,
		   const char *options, const char *modules)
{
	strs_push(a, argv, "-kernel");
	strs_push(a, argv, path_join(a, o->ready_dir, "xen"));
	strs_push(a, argv, "-append");
	strs_pushf(a, argv, "console=com1 com1=115200,8n1 console_timestamps=boot spec-ctrl=no %s",
		   options);
	qemu_push_words(a, argv, (const char *const[]){"-initrd", modules, NULL});
}

static int command(struct arena *a, const struct xen_guest *g, const struct run_opts *o,
		   const char *nonce, struct strs *ret_argv, struct diags *d)
{
	const struct way *way = find_way(o);

	if (!way)
		return bad_machine(o, d);
	if ((o->icount || o->memory_file) && !way->is_console_shared)
		return diag_fail(
			d, DIAG_USAGE,
			"machine '%s' measures nothing: another system runs beside the guest",
			way->name);
	if (o->accel == RUN_ACCEL_KVM)
		return diag_fail(d, DIAG_USAGE, "the Xen rig runs under tcg only");
	return way->command(a, g, o, nonce, ret_argv, d);
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

static void split(const struct run_opts *o, struct run_split *s, const char *data, size_t len,
		  bool is_last)
{
	if (find_way(o)->is_console_shared) {
		xen_split_shared(s, data, len, is_last);
		return;
	}
	sb_putn(&s->guest, data, len);
	s->is_over_at_exit = find_way(o)->stage; /* the rig's Linux need not be shut down */
}

static uint64_t start_ms(const struct run_opts *o)
{
	return find_way(o)->start_ms;
}

static const char *accel(struct arena *a, const char **ret_why)
{
	(void)a;
	if (is_xen_host()) {
		*ret_why = "this is a Xen host";
		return "xen";
	}
	*ret_why = "Xen itself runs in QEMU";
	return "tcg";
}

/* NAME.xl.cfg: how a Xen host starts the image. */
static int finish(struct arena *a, const struct xen_guest *g, const char *image, const char *name,
		  uint64_t memory_bytes, struct diags *d)
{
	struct xen_config c = {
		.name = name,
		.type = g->type,
		.kernel = path_base(image),
		.memory_bytes = memory_bytes ? memory_bytes : MEMORY_BYTES,
		.at_end = "destroy",
	};
	const char *to = path_join(a, path_dir(a, image), arena_printf(a, "%s.xl.cfg", name));
	const char *text = arena_printf(
		a,
		"# For a Xen host; start it in this folder: xl create -c %s\n"
		"# Where the processor has no RDRAND: head -c 32 /dev/urandom >seed, and\n"
		"# ramdisk = \"seed\"\n"
		"# Arguments: cmdline = \"-- first second\"\n%s",
		path_base(to), xen_config_text(a, &c));

	return file_write_if_changed(to, text, strlen(text), NULL, d);
}

static int pv_finish(struct arena *a, const char *image, const char *name, uint64_t memory_bytes,
		     struct diags *d)
{
	return finish(a, &guest_pv, image, name, memory_bytes, d);
}

static int pvh_finish(struct arena *a, const char *image, const char *name, uint64_t memory_bytes,
		      struct diags *d)
{
	return finish(a, &guest_pvh, image, name, memory_bytes, d);
}

/* (program, package) pairs for `ukbuild doctor`. */
static const char *const needs[] = {QEMU, "qemu-system-x86", NULL};

static const char no_memory[] =
	"the emulated machine's memory is Xen's too, and a domain gets whole pages of it from Xen";

/* The two differ in the domain that xl is told to make. */
#define XEN_HOST(shown, its_finish, its_command) \
	{.name = (shown),                        \
	 .no_memory = no_memory,                 \
	 .prepare = prepare,                     \
	 .parts = parts,                         \
	 .finish = (its_finish),                 \
	 .command = (its_command),               \
	 .split = split,                         \
	 .explain = xen_explain,                 \
	 .start_ms = start_ms,                   \
	 .accel = accel,                         \
	 .needs = needs,                         \
	 .icount_shift = ICOUNT_SHIFT}

const struct platform_host platform_host_xen_pv = XEN_HOST("xen-pv", pv_finish, pv_command);
const struct platform_host platform_host_xen_pvh = XEN_HOST("xen-pvh", pvh_finish, pvh_command);
