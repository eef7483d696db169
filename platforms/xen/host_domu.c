/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The full rig: Xen, a Linux initial domain, and the image started by xl. What the guest needs goes in
 * behind Linux's initial RAM disk (rig/pack.sh); its console comes out at a serial port of its own. And
 * the same without a rig, on a Xen host.
 */
#include "host.h"

#include "../../build/base/arena.h"
#include "../../build/base/diag.h"
#include "../../build/base/file.h"
#include "../../build/base/proc.h"
#include "../../build/base/str.h"
#include "../../build/qemu.h"
#include "../../build/run.h"

#include <inttypes.h>
#include <string.h>

/* The guest's name, in Xen and as a folder of the RAM disk. */
#define NAME "uk"
#define INSIDE "/rig/guests/" NAME "/" /* where rig/init finds it */
/* The least that Linux and xl start in, and what Xen takes beside it and the guest. */
#define LINUX_MIB 256
#define XEN_MIB 128

#define LINUX_CMDLINE                                                                \
	"console=hvc0 quiet mitigations=off rodata=off cryptomgr.notests swiotlb=1 " \
	"random.trust_cpu=on"

static int write_config(struct arena *a, const struct xen_config *c, const char *path,
			struct diags *d)
{
	const char *text = xen_config_text(a, c);

	return file_write(path, text, strlen(text), d);
}

/* The folder of the guest: image, seed and xl.cfg. */
static int write_guest(struct arena *a, const struct xen_guest *g, const struct run_opts *o,
		       const char *cmdline, const char *dir, struct diags *d)
{
	const struct xen_config c = {
		.name = NAME,
		.type = g->type,
		.kernel = INSIDE "image",
		.ramdisk = o->seed_file ? INSIDE "seed" : NULL,
		.cmdline = cmdline,
		.memory_bytes = o->memory_bytes,
		.at_end = "preserve",
	};

	if (file_mkdirs(dir, d) || file_copy(o->image, path_join(a, dir, "image"), d) ||
	    write_config(a, &c, path_join(a, dir, "xl.cfg"), d))
		return -1;
	return o->seed_file ? file_copy(o->seed_file, path_join(a, dir, "seed"), d) : 0;
}

static int pack(struct arena *a, const struct run_opts *o, const char *dir, const char *to,
		struct diags *d)
{
	const char *argv[] = {"sh",         path_join(a, o->home, "platforms/xen/rig/pack.sh"),
			      o->ready_dir, to,
			      dir,          NULL};
	struct proc_opts po = {.flags = PROC_CAPTURE_OUT | PROC_CAPTURE_ERR | PROC_STDIN_NULL};
	struct proc_result r;

	return proc_check(a, argv, &po, &r, d);
}

int xen_domu_command(struct arena *a, const struct xen_guest *g, const struct run_opts *o,
		     const char *nonce, struct strs *ret_argv, struct diags *d)
{
	const char *dir = path_join(a, o->work_dir, NAME),
		   *disk = path_join(a, o->work_dir, "disk");
	const char *cmdline, *kernel, *module;
	uint64_t guest_mib = (o->memory_bytes + (1 << 20) - 1) >> 20;

	if (xen_cmdline(a, o, nonce, &cmdline, d) || write_guest(a, g, o, cmdline, dir, d) ||
	    pack(a, o, dir, disk, d) ||
	    xen_module_path(a, path_join(a, o->ready_dir, "vmlinux"), &kernel, d) ||
	    xen_module_path(a, disk, &module, d))
		return -1;
	xen_push_machine(a, ret_argv, o, "pc", "+rdrand,+svm,+npt",
			 (LINUX_MIB + XEN_MIB + guest_mib) << 10);
	/* The first serial port is Xen's and Linux's, the second the guest's. */
	qemu_push_words(a, ret_argv,
			(const char *const[]){"-chardev", "file,id=log,path=/dev/stderr,append=on",
					      "-serial", "chardev:log", "-serial", "stdio", NULL});
	xen_push_boot(
		a, ret_argv, o,
		arena_printf(a, "dom0_mem=%dM,max:%dM guest_loglvl=all", LINUX_MIB, LINUX_MIB),
		arena_printf(a, "%s %s,%s", kernel, LINUX_CMDLINE, module));
	return 0;
}

int xen_xl_command(struct arena *a, const struct xen_guest *g, const struct run_opts *o,
		   const char *nonce, struct strs *ret_argv, struct diags *d)
{
	const char *path = path_join(a, o->work_dir, "xl.cfg");
	struct xen_config c = {
		.name = arena_printf(a, NAME "-%s", nonce),
		.type = g->type,
		.kernel = path_absolute(a, o->image),
		.ramdisk = o->seed_file ? path_absolute(a, o->seed_file) : NULL,
		.memory_bytes = o->memory_bytes,
		.at_end = "destroy",
	};

	if (!proc_which(a, "xl")) {
		diag_fail(d, DIAG_TOOL, "'xl' is not in PATH");
		return diag_hint(
			d, "machine 'xl' is for a Xen host; 'dom0' and 'domu' bring Xen along");
	}
	if (xen_cmdline(a, o, nonce, &c.cmdline, d) || file_mkdirs(o->work_dir, d) ||
	    write_config(a, &c, path, d))
		return -1;
	qemu_push_words(a, ret_argv,
			(const char *const[]){"sh",
					      path_join(a, o->home, "platforms/xen/rig/xl.sh"),
					      path, c.name, NULL});
	return 0;
}
