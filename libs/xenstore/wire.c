/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ring shared with the store, xen/io/xs_wire.h: messages out, replies and events in. Knows nothing of
 * what requests mean. The page belongs to the other end too, which may write anything at any time: its
 * indexes are read once a look and checked, our own are kept here, and no byte is used before it is copied.
 */
#include "wire.h"
#include <uk/plat.h>
#include <uk/xen.h>
#include <uk/xenstore.h>
#include <xen/errno.h>

/* The table of names in xs_wire.h wants these. */
#define EINVAL XEN_EINVAL
#define EACCES XEN_EACCES
#define EEXIST XEN_EEXIST
#define EISDIR XEN_EISDIR
#define ENOENT XEN_ENOENT
#define ENOMEM XEN_ENOMEM
#define ENOSPC XEN_ENOSPC
#define EIO XEN_EIO
#define ENOTEMPTY XEN_ENOTEMPTY
#define ENOSYS XEN_ENOSYS
#define EROFS XEN_EROFS
#define EBUSY XEN_EBUSY
#define EAGAIN XEN_EAGAIN
#define EISCONN XEN_EISCONN
#define E2BIG XEN_E2BIG
#define EPERM XEN_EPERM
#include <xen/io/xs_wire.h>

enum {
	ERROR_BYTES = 16, /* the longest name, "ENOTEMPTY", and some */
	NAMES = sizeof(xsd_errors) / sizeof(xsd_errors[0]),
};
#define NS_PER_S 1000000000ull

/* What becomes of the bytes of the message that comes in. */
enum target {
	TARGET_NONE, /* dropped */
	TARGET_EVENT,
	TARGET_REPLY,
	TARGET_ERROR,
	TARGET_REFUSED, /* the answer to our request, but no good: dropped */
};

static struct {
	struct xenstore_domain_interface *ring;
	uint32_t port;
	uint32_t req_prod, rsp_cons; /* the page's copies are for the other end only */
	bool is_broken;
	bool is_owed; /* the other end has not been told what was moved */

	/* The message that comes in: head_len and got bytes of it so far. */
	struct xsd_sockmsg head;
	size_t head_len, got;
	enum target target;

	/* The reply that is waited for. */
	bool is_waiting;
	uint32_t id, type;
	char *buf;
	size_t size;
	int result;
	char error[ERROR_BYTES];

	/* Events, the oldest first: path, 0, token, 0. Behind them the one that comes in. */
	char events[CONFIG_XENSTORE_EVENT_BYTES];
	size_t events_len;
	bool is_lost;
} xs;

static size_t length(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

static void copy(char *to, const char *from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = from[i];
}

static bool is_equal(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (a[i] != b[i])
			return false;
	}
	return true;
}

static int break_off(void)
{
	xs.is_broken = true;
	return -XEN_ENOTCONN;
}

/* Bytes between two indexes of the other end and us; -ENOTCONN when they cannot be right. */
static int distance(uint32_t prod, uint32_t cons)
{
	uint32_t n = prod - cons;

	return n > XENSTORE_RING_SIZE ? break_off() : (int)n;
}

/* Puts at most len bytes into the ring. Returns how many. */
static int put(const char *from, size_t len)
{
	volatile char *ring = xs.ring->req;
	int used = distance(xs.req_prod, __atomic_load_n(&xs.ring->req_cons, __ATOMIC_ACQUIRE));

	if (used < 0)
		return used;
	if (len > (size_t)(XENSTORE_RING_SIZE - used))
		len = (size_t)(XENSTORE_RING_SIZE - used);
	for (size_t i = 0; i < len; i++)
		ring[MASK_XENSTORE_IDX(xs.req_prod + i)] = from[i];
	xs.req_prod += (uint32_t)len;
	__atomic_store_n(&xs.ring->req_prod, xs.req_prod, __ATOMIC_RELEASE);
	if (len)
		xs.is_owed = true;
	return (int)len;
}

/* Takes at most len bytes out of the ring, to `to` or to nowhere. Returns how many. */
static int take(char *to, size_t len)
{
	const volatile char *ring = xs.ring->rsp;
	int used = distance(__atomic_load_n(&xs.ring->rsp_prod, __ATOMIC_ACQUIRE), xs.rsp_cons);

	if (used < 0)
		return used;
	if (len > (size_t)used)
		len = (size_t)used;
	for (size_t i = 0; to && i < len; i++)
		to[i] = ring[MASK_XENSTORE_IDX(xs.rsp_cons + i)];
	xs.rsp_cons += (uint32_t)len;
	__atomic_store_n(&xs.ring->rsp_cons, xs.rsp_cons, __ATOMIC_RELEASE);
	if (len)
		xs.is_owed = true;
	return (int)len;
}

static void tell(void)
{
	if (xs.is_owed)
		uk_xen_event_send(xs.port);
	xs.is_owed = false;
}

/* The length of the event at p, which is whole. */
static size_t event_bytes(const char *p)
{
	size_t path = length(p) + 1;

	return path + length(p + path) + 1;
}

/* Drops the first bytes of the queue; what is coming in behind it moves too. */
static void drop_events(size_t bytes)
{
	copy(xs.events, xs.events + bytes, sizeof(xs.events) - bytes);
	xs.events_len -= bytes;
}

/* An event has come in behind the queue: keeps it if it is a new one. */
static void add_event(void)
{
	const char *e = xs.events + xs.events_len;
	size_t zeros = 0, n;

	for (size_t i = 0; i < xs.got; i++)
		zeros += e[i] == 0;
	if (zeros != 2 || e[xs.got - 1]) {
		xs.is_lost = true;
		return;
	}
	for (const char *p = xs.events; p < e; p += n) {
		n = event_bytes(p);
		if (n == xs.got && is_equal(p, e, n))
			return;
	}
	xs.events_len += xs.got;
}

static int error_number(void)
{
	for (size_t i = 0; i < NAMES; i++) {
		size_t n = length(xsd_errors[i].errstring) + 1;

		if (n == xs.got && is_equal(xsd_errors[i].errstring, xs.error, n))
			return -xsd_errors[i].errnum;
	}
	return -XEN_EIO;
}

/* The head of the awaited reply is complete. */
static void choose_reply_target(size_t len)
{
	xs.target = TARGET_REFUSED;
	if (xs.head.type == XS_ERROR) {
		xs.result = -XEN_EIO;
		if (len <= sizeof(xs.error))
			xs.target = TARGET_ERROR;
	} else if (xs.head.type != xs.type) {
		xs.result = -XEN_EBADMSG;
	} else if (len > xs.size) {
		xs.result = -XEN_ENOBUFS;
	} else {
		xs.result = (int)len;
		xs.target = TARGET_REPLY;
	}
}

/* A head is complete: where the rest goes. */
static int choose_target(void)
{
	size_t len = xs.head.len;

	xs.target = TARGET_NONE;
	if (len > XENSTORE_PAYLOAD_MAX)
		return break_off();
	if (xs.head.type == XS_WATCH_EVENT) {
		if (len <= sizeof(xs.events) - xs.events_len)
			xs.target = TARGET_EVENT;
		else
			xs.is_lost = true;
	} else if (xs.is_waiting && xs.head.req_id == xs.id) {
		choose_reply_target(len);
	}
	return 0;
}

static void finish_message(void)
{
	if (xs.target == TARGET_EVENT)
		add_event();
	if (xs.target == TARGET_ERROR)
		xs.result = error_number();
	if (xs.target >= TARGET_REPLY)
		xs.is_waiting = false;
	xs.head_len = xs.got = 0;
	xs.target = TARGET_NONE;
}

/* Where the body of the message is kept; NULL: nowhere. */
static char *body(void)
{
	switch (xs.target) {
	case TARGET_EVENT:
		return xs.events + xs.events_len;
	case TARGET_REPLY:
		return xs.buf;
	case TARGET_ERROR:
		return xs.error;
	default:
		return NULL;
	}
}

/* Takes in what there is, one message at most. Returns how many bytes. */
static int pull(void)
{
	char *to;
	int head = 0, n;

	if (xs.head_len < sizeof(xs.head)) {
		head = take((char *)&xs.head + xs.head_len, sizeof(xs.head) - xs.head_len);
		if (head < 0)
			return head;
		xs.head_len += (size_t)head;
		if (xs.head_len < sizeof(xs.head))
			return head;
		n = choose_target();
		if (n < 0)
			return n;
	}
	to = body();
	n = take(to ? to + xs.got : NULL, xs.head.len - xs.got);
	if (n < 0)
		return n;
	xs.got += (size_t)n;
	if (xs.got == xs.head.len)
		finish_message();
	return head + n;
}

/* A request on its way: head and pieces; sent when all are empty. */
enum {
	OUT = 1 + UK_XENSTORE_PIECES
};

static size_t left(const struct piece *out)
{
	size_t n = 0;

	for (size_t i = 0; i < OUT; i++)
		n += out[i].len;
	return n;
}

/* Sends as much as fits. Returns how many bytes. From the last one on the reply may come. */
static int push(struct piece *out)
{
	int n, moved = 0;

	for (size_t i = 0; i < OUT; i++) {
		if (!out[i].len)
			continue;
		n = put(out[i].data, out[i].len);
		if (n < 0)
			return n;
		moved += n;
		out[i].data = (const char *)out[i].data + n;
		out[i].len -= (size_t)n;
		if (out[i].len)
			return moved;
	}
	if (moved)
		xs.is_waiting = true;
	return moved;
}

/* The other end says that it has given up. */
static bool is_given_up(void)
{
	uint32_t features = __atomic_load_n(&xs.ring->server_features, __ATOMIC_RELAXED);

	return features & XENSTORE_SERVER_FEATURE_ERROR &&
	       __atomic_load_n(&xs.ring->error, __ATOMIC_RELAXED) != XENSTORE_ERROR_NONE;
}

static bool is_late(uint64_t deadline_ns)
{
	return deadline_ns && uk_plat_clock_mono_ns() >= deadline_ns;
}

/*
 * Moves bytes in both directions until the request `out` has its answer or, without one, an event is there.
 * Both at once: the other end may want to get rid of its events before it reads on.
 *
 * The port is cleared before the ring is looked at, so what comes later keeps it pending. What was there then
 * is taken even after the deadline, for it rings no more; it is at most a ring full, the rest is a flood.
 */
static int serve(struct piece *out, uint64_t deadline_ns)
{
	for (;;) {
		size_t seen = 0;
		int moved, n;

		uk_xen_event_take(xs.port);
		do {
			moved = out ? push(out) : 0;
			if (moved < 0)
				return moved;
			n = pull();
			if (n < 0)
				return n;
			if (out ? !left(out) && !xs.is_waiting : xs.events_len || xs.is_lost)
				return 0;
			moved += n;
			seen += (size_t)moved;
			if (seen > XENSTORE_RING_SIZE && is_late(deadline_ns))
				return -XEN_ETIMEDOUT;
		} while (moved);
		if (is_given_up())
			return break_off();
		tell();
		/* Not left to the wait alone: rings without bytes would keep it from looking. */
		if (is_late(deadline_ns))
			return -XEN_ETIMEDOUT;
		n = uk_xen_event_wait(&xs.port, 1, deadline_ns);
		if (n < 0)
			return n;
	}
}

/* The first call finds the ring. A toolstack may connect the store after it has started us. */
static int attach(uint64_t deadline_ns)
{
	struct xenstore_domain_interface *ring;

	if (xs.is_broken)
		return -XEN_ENOTCONN;
	if (xs.ring)
		return 0;
	ring = uk_xen_store(&xs.port);
	if (!ring)
		return -XEN_ENODEV;
	for (;;) {
		int r;

		uk_xen_event_take(xs.port);
		if (__atomic_load_n(&ring->connection, __ATOMIC_ACQUIRE) == XENSTORE_CONNECTED)
			break;
		if (is_late(deadline_ns))
			return -XEN_ETIMEDOUT;
		r = uk_xen_event_wait(&xs.port, 1, deadline_ns);
		if (r < 0)
			return r;
	}
	xs.req_prod = __atomic_load_n(&ring->req_prod, __ATOMIC_RELAXED);
	xs.rsp_cons = __atomic_load_n(&ring->rsp_cons, __ATOMIC_RELAXED);
	xs.ring = ring;
	return 0;
}

int uk_xenstore_call(uint32_t type, uint32_t tx, const struct piece pieces[UK_XENSTORE_PIECES],
		     char *buf, size_t size)
{
	uint64_t deadline_ns = uk_plat_clock_mono_ns() + CONFIG_XENSTORE_TIMEOUT_S * NS_PER_S;
	struct xsd_sockmsg head = {.type = type, .tx_id = tx};
	struct piece out[OUT] = {{&head, sizeof(head)}};
	size_t len = 0;
	int r;

	for (size_t i = 0; i < UK_XENSTORE_PIECES; i++) {
		out[1 + i] = pieces[i];
		if (pieces[i].len > XENSTORE_PAYLOAD_MAX - len)
			return -XEN_E2BIG;
		len += pieces[i].len;
	}
	r = attach(deadline_ns);
	if (r < 0)
		return r;
	head.req_id = ++xs.id;
	head.len = (uint32_t)len;
	xs.type = type;
	xs.buf = buf;
	xs.size = size;
	r = serve(out, deadline_ns);
	tell();
	if (r == 0)
		return xs.result;
	/* A reply that comes after all finds nobody; a request cannot be taken back. */
	xs.is_waiting = false;
	if (xs.target >= TARGET_REPLY)
		xs.target = TARGET_NONE;
	if (left(out) && left(out) < sizeof(head) + len)
		return break_off();
	return r;
}

int uk_xenstore_event(char *buf, size_t size, const char **ret_token, uint64_t deadline_ns)
{
	size_t n;
	int r = attach(deadline_ns);

	if (r < 0)
		return r;
	if (!xs.events_len && !xs.is_lost) {
		r = serve(NULL, deadline_ns);
		tell();
		if (r < 0)
			return r;
	}
	if (xs.is_lost) {
		drop_events(xs.events_len);
		xs.is_lost = false;
		return -XEN_EOVERFLOW;
	}
	n = event_bytes(xs.events);
	if (n > size)
		return -XEN_ENOBUFS;
	copy(buf, xs.events, n);
	*ret_token = buf + length(buf) + 1;
	drop_events(n);
	return 0;
}
