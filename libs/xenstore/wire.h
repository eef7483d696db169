/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the requests (xenstore.c) and the ring (wire.c). */
#ifndef UK_XENSTORE_WIRE_H
#define UK_XENSTORE_WIRE_H

#include <stddef.h>
#include <stdint.h>

/* A part of a request's body; they follow each other. */
struct piece {
	const void *data;
	size_t len;
};
enum {
	UK_XENSTORE_PIECES = 2
};

/*
 * Sends a request of type XS_x (xen/io/xs_wire.h) and takes its reply to buf. Returns the reply's length, or
 * an error of uk/xenstore.h.
 */
int uk_xenstore_call(uint32_t type, uint32_t tx, const struct piece pieces[UK_XENSTORE_PIECES],
		     char *buf, size_t size);

#endif
