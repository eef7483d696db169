/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A store for host tests of its client: it moves as many bytes at a time as the test says, whenever the client
 * calls the platform, and says what the test tells it to. It sleeps when it has nothing to do until the
 * client rings, so that a wakeup which is lost on either side ends in nobody moving. Included once, after
 * the client's ring (`xs`).
 */
#ifndef UK_FAKE_STORE_H
#define UK_FAKE_STORE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	PORT = 3,
	OUT_BYTES = 1 << 20,
	BODY_MAX = XENSTORE_PAYLOAD_MAX,
	RINGS_MAX = 1000,
};

static struct xenstore_domain_interface page;
static bool is_pending, is_absent;
static size_t rings; /* without a reason */
static uint64_t clock_ns, tick_ns;

/* The store. */
static struct {
	size_t chunk;       /* bytes it moves in a step */
	unsigned int eager; /* of 16 calls of the platform, how many let it step */
	bool is_awake, is_deaf, is_mute, is_dead, is_ringing;
	_Atomic bool is_flooding; /* by a thread: there is always something to read */
	uint32_t req_cons, rsp_prod;
	/* The request that comes in; the last whole one. */
	char in[sizeof(struct xsd_sockmsg) + BODY_MAX];
	size_t in_len;
	struct xsd_sockmsg head;
	char body[BODY_MAX + 1];
	size_t requests;
	/* What is to be written. */
	char out[OUT_BYTES];
	size_t out_len, out_at;
	/* What it answers instead, and before. */
	bool is_scripted;
	uint32_t type, id_offset;
	char answer[BODY_MAX + 1];
	size_t answer_len;
	char first[OUT_BYTES / 4];
	size_t first_len;
} store;

static uint64_t any(void)
{
	static uint64_t state = 88172645463325252ull;

	/* xorshift64, Marsaglia 2003 */
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static size_t message(char *to, uint32_t type, uint32_t id, const void *data, size_t len)
{
	struct xsd_sockmsg head = {type, id, 0, (uint32_t)len};

	memcpy(to, &head, sizeof(head));
	if (len)
		memcpy(to + sizeof(head), data, len);
	return sizeof(head) + len;
}

static void say(uint32_t type, uint32_t id, const void *data, size_t len)
{
	assert_true(store.out_len + sizeof(struct xsd_sockmsg) + len <= sizeof(store.out));
	store.out_len += message(store.out + store.out_len, type, id, data, len);
	store.is_awake = true;
}

/* Before the next answer. */
static void say_first(uint32_t type, uint32_t id, const void *data, size_t len)
{
	store.first_len += message(store.first + store.first_len, type, id, data, len);
}

static void say_event(const char *path, const char *token)
{
	char text[200];
	int n = snprintf(text, sizeof(text), "%s%c%s", path, 0, token);

	say(XS_WATCH_EVENT, 0, text, (size_t)n + 1);
}

static char pattern(size_t i)
{
	return (char)('a' + i * 7 % 26);
}

static void answer(void)
{
	uint32_t id = store.head.req_id + store.id_offset;
	unsigned int bytes;

	memcpy(store.out + store.out_len, store.first, store.first_len);
	store.out_len += store.first_len;
	store.first_len = 0;
	if (store.is_mute)
		return;
	if (store.is_scripted) {
		say(store.type ? store.type : store.head.type, id, store.answer, store.answer_len);
	} else if (store.head.type == XS_READ && sscanf(store.body, "size/%u", &bytes) == 1) {
		char value[BODY_MAX];

		for (size_t i = 0; i < bytes; i++)
			value[i] = pattern(i);
		say(XS_READ, id, value, bytes);
	} else {
		say(store.head.type, id, "OK", 3);
	}
}

static bool step_in(void)
{
	uint32_t there = __atomic_load_n(&page.req_prod, __ATOMIC_ACQUIRE) - store.req_cons;
	size_t n = there < store.chunk ? there : store.chunk;

	assert_true(there <= XENSTORE_RING_SIZE);
	if (store.is_deaf || !n)
		return false;
	for (size_t i = 0; i < n; i++) {
		store.in[store.in_len++] = page.req[MASK_XENSTORE_IDX(store.req_cons++)];
		if (store.in_len < sizeof(store.head))
			continue;
		memcpy(&store.head, store.in, sizeof(store.head));
		assert_true(store.head.len <= BODY_MAX);
		if (store.in_len < sizeof(store.head) + store.head.len)
			continue;
		memset(store.body, 0, sizeof(store.body));
		memcpy(store.body, store.in + sizeof(store.head), store.head.len);
		store.in_len = 0;
		store.requests++;
		answer();
	}
	__atomic_store_n(&page.req_cons, store.req_cons, __ATOMIC_RELEASE);
	return true;
}

static bool step_out(void)
{
	uint32_t used = store.rsp_prod - __atomic_load_n(&page.rsp_cons, __ATOMIC_ACQUIRE);
	size_t n = store.out_len - store.out_at, room = XENSTORE_RING_SIZE - used;

	assert_true(used <= XENSTORE_RING_SIZE);
	n = n < room ? n : room;
	n = n < store.chunk ? n : store.chunk;
	if (!n)
		return false;
	for (size_t i = 0; i < n; i++)
		page.rsp[MASK_XENSTORE_IDX(store.rsp_prod++)] = store.out[store.out_at++];
	__atomic_store_n(&page.rsp_prod, store.rsp_prod, __ATOMIC_RELEASE);
	if (store.out_at == store.out_len)
		store.out_at = store.out_len = 0;
	return true;
}

static void step(void)
{
	bool has_moved;

	if (!store.is_awake || store.is_dead)
		return;
	has_moved = any() % 2 ? step_in() : step_out();
	has_moved = has_moved || step_in() || step_out();
	if (has_moved)
		is_pending = true;
	else
		store.is_awake = false;
}

/* A point at which the other processor may be anywhere. */
static void let_run(void)
{
	while (any() % 16 < store.eager && store.is_awake)
		step();
}

struct xenstore_domain_interface *uk_xen_store(uint32_t *ret_port)
{
	*ret_port = PORT;
	return is_absent ? NULL : &page;
}

bool uk_xen_event_take(uint32_t port)
{
	bool was;

	assert_int_equal(port, PORT);
	let_run();
	was = is_pending;
	is_pending = false;
	let_run();
	return was;
}

int uk_xen_event_send(uint32_t port)
{
	assert_int_equal(port, PORT);
	let_run();
	store.is_awake = true;
	let_run();
	return 0;
}

int uk_xen_event_wait(const uint32_t *ports, size_t count, uint64_t deadline_ns)
{
	assert_int_equal(count, 1);
	assert_int_equal(ports[0], PORT);
	for (;;) {
		if (is_pending || store.is_flooding)
			return 0;
		if (store.is_ringing && rings++ < RINGS_MAX)
			return 0;
		if (deadline_ns && clock_ns >= deadline_ns)
			return -XEN_ETIMEDOUT;
		if (store.is_awake && !store.is_dead) {
			step();
			clock_ns += tick_ns;
			continue;
		}
		if (!deadline_ns)
			fail_msg("sleeps for ever");
		clock_ns = deadline_ns;
	}
}

uint64_t uk_plat_clock_mono_ns(void)
{
	return clock_ns += tick_ns;
}

/* A fresh client and a fresh store whose indexes are about to wrap. */
static int start(void **state)
{
	static const uint32_t from = UINT32_MAX - 700;

	(void)state;
	memset(&xs, 0, sizeof(xs));
	memset(&store, 0, sizeof(store));
	memset(&page, 0, sizeof(page));
	page.req_cons = page.req_prod = store.req_cons = from;
	page.rsp_cons = page.rsp_prod = store.rsp_prod = from + 300;
	store.chunk = XENSTORE_RING_SIZE;
	store.eager = 8;
	is_pending = is_absent = false;
	tick_ns = 1000;
	rings = 0;
	return 0;
}

#endif
