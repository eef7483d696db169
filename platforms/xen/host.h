/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of the launcher of Xen images: host.c joins them. */
#ifndef XEN_HOST_H
#define XEN_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct diags;
struct run_opts;
struct run_split;
struct strs;

/* The two kinds of guest. */
struct xen_guest {
	const char *platform;
	const char *type; /* in xl.cfg(5) */
	/* When the image is the initial domain: */
	const char *machine;    /* QEMU's */
	const char *cpu;        /* features that Xen or the image need beyond the model's */
	const char *xen;        /* of Xen's command line */
	const char *devices[3]; /* NULL-terminated */
	uint64_t xen_kib;       /* memory that Xen takes itself, beside the domain's */
	uint64_t seed_kib;      /* the seed's page, where Xen takes it off the domain's memory */
};

/*
 * Xen and its initial domain write to one serial port: takes Xen's lines out, told by their prefix
 * "(XEN) [SECONDS] " (console_timestamps=boot), and everything before the domain starts; turns the
 * port's "\r\n" back into "\n".
 */
void xen_split_shared(struct run_split *s, const char *data, size_t len, bool is_last);
/* As struct platform_host. */
const char *xen_explain(struct arena *a, const char *log);

/* The guest's command line, as long as Xen passes it on. */
int xen_cmdline(struct arena *a, const struct run_opts *o, const char *nonce, const char **ret,
		struct diags *d);
/* A file as QEMU finds it in a list of multiboot modules. */
int xen_module_path(struct arena *a, const char *path, const char **ret, struct diags *d);
/* What every QEMU with Xen in it has, in front of and behind the devices. */
void xen_push_machine(struct arena *a, struct strs *argv, const struct run_opts *o,
		      const char *machine, const char *cpu, uint64_t memory_kib);
void xen_push_boot(struct arena *a, struct strs *argv, const struct run_opts *o,
		   const char *options, const char *modules);

/* Machine dom0: the image is the initial domain. */
int xen_dom0_command(struct arena *a, const struct xen_guest *g, const struct run_opts *o,
		     const char *nonce, struct strs *ret_argv, struct diags *d);
/* Machine domu: a Linux initial domain starts the image with xl. */
int xen_domu_command(struct arena *a, const struct xen_guest *g, const struct run_opts *o,
		     const char *nonce, struct strs *ret_argv, struct diags *d);

/* Machine xl: this host is Xen's initial domain and has xl. */
int xen_xl_command(struct arena *a, const struct xen_guest *g, const struct run_opts *o,
		   const char *nonce, struct strs *ret_argv, struct diags *d);

/* A guest as xl.cfg(5) describes it. */
struct xen_config {
	const char *name, *type;
	const char *kernel;
	const char *ramdisk; /* or NULL */
	const char *cmdline; /* or NULL */
	uint64_t memory_bytes;
	const char *at_end; /* what is done with a domain that ended: "destroy", "preserve" */
};
const char *xen_config_text(struct arena *a, const struct xen_config *c);

#endif
