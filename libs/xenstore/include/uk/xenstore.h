/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store of a Xen host: a tree of small values through which guest, toolstack and drivers' other halves
 * find each other. Paths that do not start with '/' are below /local/domain/OWN-ID. One request at a time
 * goes out and its reply comes back; several threads must not be in here at once.
 *
 * Every function returns a number below 0 for an error: Xen's, which are Linux' (xen/errno.h). An error that
 * the store names in its reply is that one. Those made here:
 *   -ENODEV     this domain has no store
 *   -E2BIG      the request has more than XENSTORE_PAYLOAD_MAX bytes; nothing was sent
 *   -ENOBUFS    the answer does not fit into the caller's buffer, which then holds anything
 *   -EBADMSG    the answer makes no sense
 *   -ETIMEDOUT  no answer in CONFIG_XENSTORE_TIMEOUT_S; the request may have been carried out
 *   -ENOTCONN   the other end broke the protocol (or took only a part of a request in that time); from then
 *               on every call returns this
 *   -EIO        also: an error of a name that is not in xen/io/xs_wire.h
 *
 * The other end may be hostile: it can lie and be silent, but not write outside of a buffer or make a call
 * last longer than its time.
 */
#ifndef UK_XENSTORE_H
#define UK_XENSTORE_H

#include <stddef.h>
#include <stdint.h>

enum {
	UK_XENSTORE_NO_TX = 0, /* for `tx`: outside of any transaction */
	/* A buffer of this size holds every value. XENSTORE_PAYLOAD_MAX and the terminator. */
	UK_XENSTORE_VALUE_BYTES = 4096 + 1,
	UK_XENSTORE_PERMS_MAX = 16,
};

/* Copies the value and a terminating 0 to buf. Returns the value's length; it may contain zeros. */
int uk_xenstore_read(uint32_t tx, const char *path, char *buf, size_t size);
/* Creates the node and those above it when they are not there. */
int uk_xenstore_write(uint32_t tx, const char *path, const void *value, size_t len);
/* Creates a node without a value; no error when it is there already. */
int uk_xenstore_mkdir(uint32_t tx, const char *path);
/* With everything below. */
int uk_xenstore_remove(uint32_t tx, const char *path);
/*
 * Copies the names of the node's children, each with a terminating 0. Returns the bytes of all of them. A
 * folder of more than XENSTORE_PAYLOAD_MAX bytes is -E2BIG.
 */
int uk_xenstore_list(uint32_t tx, const char *path, char *buf, size_t size);

/* Who may do what: the first entry names the owner and the rights of all who are not listed. */
struct uk_xenstore_perm {
	char rights; /* 'n' none, 'r' read, 'w' write, 'b' both */
	uint16_t domain;
};
/* At most UK_XENSTORE_PERMS_MAX, else -E2BIG. */
int uk_xenstore_set_perms(uint32_t tx, const char *path, const struct uk_xenstore_perm *perms,
			  size_t count);

/* The path below which a domain has its nodes. Returns its length. */
int uk_xenstore_domain_path(uint16_t domain, char *buf, size_t size);

/*
 * A transaction: other calls with its id see and change the tree as it was at the start. The commit makes
 * all changes or none: -EAGAIN when others changed what it looked at; then all of it is to be done anew.
 * Commit and abort both end it, whatever they return.
 */
int uk_xenstore_begin(uint32_t *ret_tx);
int uk_xenstore_commit(uint32_t tx);
int uk_xenstore_abort(uint32_t tx);

/*
 * Asks for an event whenever the node or something below it changes, and one at once. `token` comes back with
 * each. After the second call events that were under way may still come.
 */
int uk_xenstore_watch(const char *path, const char *token);
int uk_xenstore_unwatch(const char *path, const char *token);

/*
 * The next event: copies path and token, each with its 0, and sets *ret_token to where the token is. Waits
 * until `deadline_ns` of uk_plat_clock_mono_ns(): 0 = without limit, 1 = not at all; -ETIMEDOUT. -ENOBUFS
 * leaves the event for another try.
 *
 * Events that come during other calls wait in CONFIG_XENSTORE_EVENT_BYTES; one that equals another that waits
 * adds nothing. When that room is not enough (or an event makes no sense), all that wait are dropped and the
 * next call returns -EOVERFLOW, once: look at everything that is watched.
 *
 * To wait for other ports too, add the port of uk_xen_store() to them, and look here first: events that wait
 * ring no more.
 */
int uk_xenstore_event(char *buf, size_t size, const char **ret_token, uint64_t deadline_ns);

#endif
