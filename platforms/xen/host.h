/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of the launcher of Xen images: host.c joins them. */
#ifndef XEN_HOST_H
#define XEN_HOST_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct run_split;

/*
 * Xen and its initial domain write to one serial port. As struct platform_host: takes Xen's lines out,
 * told by their prefix "(XEN) [SECONDS] " (console_timestamps=boot), and everything before the domain
 * starts; turns the port's "\r\n" back into "\n".
 */
void xen_split(struct run_split *s, const char *data, size_t len, bool is_last);
const char *xen_explain(struct arena *a, const char *log);

#endif
