/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store's client against a store that steps, lies, and falls silent.
 * with: -DCONFIG_XENSTORE_EVENT_BYTES=64 -DCONFIG_XENSTORE_TIMEOUT_S=5 libs/xenstore/xenstore.c
 */
#include "libs/xenstore/wire.c"
#include "tests/libs/fake_store.h"
#include <pthread.h>
#include <sched.h>

static void script(uint32_t type, const char *text, size_t len)
{
	store.is_scripted = true;
	store.type = type;
	memcpy(store.answer, text, len);
	store.answer_len = len;
}

/* The client still works. */
static void check_alive(void)
{
	char buf[10];

	store.is_scripted = false;
	store.id_offset = 0;
	assert_int_equal(uk_xenstore_read(0, "size/9", buf, sizeof(buf)), 9);
	for (size_t i = 0; i < 9; i++)
		assert_int_equal(buf[i], pattern(i));
	assert_int_equal(buf[9], 0);
}

static void check_dead(void)
{
	char buf[10];
	const char *token;
	size_t before = store.requests;

	assert_int_equal(uk_xenstore_read(0, "size/9", buf, sizeof(buf)), -XEN_ENOTCONN);
	assert_int_equal(uk_xenstore_event(buf, sizeof(buf), &token, 1), -XEN_ENOTCONN);
	assert_int_equal(store.requests, before);
}

static void expect_event(const char *path, const char *token)
{
	char buf[64];
	const char *t;

	assert_int_equal(uk_xenstore_event(buf, sizeof(buf), &t, 0), 0);
	assert_string_equal(buf, path);
	assert_string_equal(t, token);
}

/* What is there when the store has nothing to do any more, or its ring is full. */
static int poll_event(void)
{
	char buf[64];
	const char *t;

	for (int i = 0; i < 10 && store.is_awake; i++)
		step();
	return uk_xenstore_event(buf, sizeof(buf), &t, 1);
}

/* Every size of answers and requests, moved in pieces of several sizes, around the end of the ring. */
static void test_sizes(void **state)
{
	static const size_t chunks[] = {1, 3, 16, 17, 1000, XENSTORE_RING_SIZE};
	static char buf[UK_XENSTORE_VALUE_BYTES], value[BODY_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(value); i++)
		value[i] = pattern(i + 5);
	for (size_t c = 0; c < sizeof(chunks) / sizeof(chunks[0]); c++) {
		store.chunk = chunks[c];
		for (unsigned int n = 0; n <= BODY_MAX; n += n < 40 ? 1 : 169) {
			char path[32];

			snprintf(path, sizeof(path), "size/%u", n);
			assert_int_equal(uk_xenstore_read(0, path, buf, sizeof(buf)), n);
			for (size_t i = 0; i < n; i++)
				assert_int_equal(buf[i], pattern(i));
			assert_int_equal(buf[n], 0);
			if (n + 2 > BODY_MAX)
				continue;
			assert_int_equal(uk_xenstore_write(7, "w", value, n), 0);
			assert_int_equal(store.head.type, XS_WRITE);
			assert_int_equal(store.head.tx_id, 7);
			assert_int_equal(store.head.len, n + 2);
			assert_memory_equal(store.body + 2, value, n);
		}
	}
}

static void test_request_too_long(void **state)
{
	static char value[BODY_MAX + 1];

	(void)state;
	check_alive();
	assert_int_equal(uk_xenstore_write(0, "w", value, BODY_MAX - 2), 0);
	assert_int_equal(store.requests, 2);
	assert_int_equal(uk_xenstore_write(0, "w", value, BODY_MAX - 1), -XEN_E2BIG);
	assert_int_equal(uk_xenstore_write(0, "w", value, SIZE_MAX), -XEN_E2BIG);
	check_alive();
	assert_int_equal(store.requests, 3);
}

static void test_buffer_too_small(void **state)
{
	char buf[20];

	(void)state;
	memset(buf, 'x', sizeof(buf));
	assert_int_equal(uk_xenstore_read(0, "size/9", buf, 9), -XEN_ENOBUFS);
	assert_int_equal(buf[9], 'x');
	assert_int_equal(uk_xenstore_read(0, "size/9", buf, 0), -XEN_ENOBUFS);
	assert_int_equal(uk_xenstore_read(0, "size/4096", buf, 9), -XEN_ENOBUFS);
	check_alive();
}

static void test_error_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < NAMES; i++) {
		script(XS_ERROR, xsd_errors[i].errstring, strlen(xsd_errors[i].errstring) + 1);
		assert_int_equal(uk_xenstore_mkdir(0, "a"), -xsd_errors[i].errnum);
	}
	script(XS_ERROR, "EAGAIN", 7);
	assert_int_equal(uk_xenstore_commit(1), -XEN_EAGAIN);
	script(XS_ERROR, "EACCES", 7);
	assert_int_equal(uk_xenstore_mkdir(0, "a"), -XEN_EACCES);
	script(XS_ERROR, "EACCES", 6); /* not terminated */
	assert_int_equal(uk_xenstore_mkdir(0, "a"), -XEN_EIO);
	script(XS_ERROR, "ESRCH", 6);
	assert_int_equal(uk_xenstore_mkdir(0, "a"), -XEN_EIO);
	script(XS_ERROR, "", 0);
	assert_int_equal(uk_xenstore_mkdir(0, "a"), -XEN_EIO);
	store.answer_len = BODY_MAX;
	assert_int_equal(uk_xenstore_mkdir(0, "a"), -XEN_EIO);
	check_alive();
}

static void test_wrong_answers(void **state)
{
	char buf[10];

	(void)state;
	/* Of nobody, of the last request, of the next one: dropped, as is what has another type. */
	check_alive();
	say_first(XS_READ, xs.id, "old", 3);
	say_first(XS_ERROR, xs.id + 2, "EPERM", 6);
	say_first(XS_READ, xs.id + 1 + (1u << 31), "no", 2);
	say_first(XS_INVALID, 0, "no", 2);
	check_alive();
	script(XS_DIRECTORY, "a", 2);
	assert_int_equal(uk_xenstore_read(0, "a", buf, sizeof(buf)), -XEN_EBADMSG);
	script(XS_MKDIR, "OKAY", 5);
	assert_int_equal(uk_xenstore_mkdir(0, "a"), -XEN_EBADMSG);
	script(XS_MKDIR, "NO", 3);
	assert_int_equal(uk_xenstore_mkdir(0, "a"), -XEN_EBADMSG);
	script(XS_MKDIR, "OK", 2);
	assert_int_equal(uk_xenstore_mkdir(0, "a"), -XEN_EBADMSG);
	script(0, "OK", 3);
	store.id_offset = 1;
	assert_int_equal(uk_xenstore_mkdir(0, "a"), -XEN_ETIMEDOUT);
	check_alive();
}

/* The same answer once more, when the caller's buffer is something else. */
static void test_answer_twice(void **state)
{
	char buf[10];

	(void)state;
	assert_int_equal(uk_xenstore_read(0, "size/9", buf, sizeof(buf)), 9);
	memset(buf, 'x', sizeof(buf));
	say(XS_READ, xs.id, "123456789", 9);
	say(XS_ERROR, xs.id, "EPERM", 6);
	assert_int_equal(poll_event(), -XEN_ETIMEDOUT);
	assert_memory_equal(buf, "xxxxxxxxxx", sizeof(buf));
	check_alive();
}

/* What comes before the request has gone is no answer to it. */
static void test_answer_before_request(void **state)
{
	static char value[3000];

	(void)state;
	check_alive();
	store.chunk = 100;
	say(XS_WRITE, xs.id + 1, "no", 3);
	while (store.is_awake)
		step();
	assert_int_equal(uk_xenstore_write(0, "a", value, sizeof(value)), 0);
	check_alive();
}

static void test_message_too_long(void **state)
{
	struct xsd_sockmsg head = {XS_READ, 1, 0, BODY_MAX + 1};

	(void)state;
	memcpy(store.first, &head, sizeof(head));
	store.first_len = sizeof(head);
	assert_int_equal(uk_xenstore_mkdir(0, "a"), -XEN_ENOTCONN);
	check_dead();
}

static void test_indexes(void **state)
{
	(void)state;
	check_alive();
	page.rsp_prod += XENSTORE_RING_SIZE + 1;
	assert_int_equal(poll_event(), -XEN_ENOTCONN);
	check_dead();

	start(NULL);
	check_alive();
	page.rsp_prod -= 1;
	assert_int_equal(poll_event(), -XEN_ENOTCONN);
	check_dead();

	start(NULL);
	check_alive();
	page.req_cons += 1;
	store.is_dead = true;
	assert_int_equal(uk_xenstore_mkdir(0, "a"), -XEN_ENOTCONN);
	check_dead();

	start(NULL);
	check_alive();
	page.req_cons -= XENSTORE_RING_SIZE + 1;
	store.is_dead = true;
	assert_int_equal(uk_xenstore_mkdir(0, "a"), -XEN_ENOTCONN);
	check_dead();
}

/* The other end overwrites our own indexes: we know better. */
static void test_own_indexes(void **state)
{
	(void)state;
	check_alive();
	store.eager = 0;
	page.req_prod += 12345;
	page.rsp_cons -= 999;
	check_alive();
}

static void test_events(void **state)
{
	char buf[8];
	const char *token;

	(void)state;
	assert_int_equal(uk_xenstore_watch("a", "one"), 0);
	assert_int_equal(store.head.type, XS_WATCH);
	assert_int_equal(store.head.len, 6);
	assert_memory_equal(store.body, "a\0one", 6);
	assert_int_equal(poll_event(), -XEN_ETIMEDOUT);
	say_event("a/b", "one");
	say_event("a", "");
	expect_event("a/b", "one");
	expect_event("a", "");
	/* Behind others in the ring: not asking again must not mean sleeping. */
	say(XS_READ, xs.id, "old", 3);
	say(XS_READ, xs.id - 1, "older", 5);
	say_event("c", "one");
	assert_int_equal(poll_event(), 0);
	/* While a request is under way; equal ones count once. */
	say_first(XS_WATCH_EVENT, 0, "a\0one", 6);
	say_first(XS_WATCH_EVENT, 0, "b\0one", 6);
	say_first(XS_WATCH_EVENT, 5, "a\0one", 6);
	check_alive();
	assert_int_equal(uk_xenstore_event(buf, 5, &token, 0), -XEN_ENOBUFS);
	expect_event("a", "one");
	expect_event("b", "one");
	assert_int_equal(poll_event(), -XEN_ETIMEDOUT);
	assert_int_equal(uk_xenstore_unwatch("a", "one"), 0);
	assert_int_equal(store.head.type, XS_UNWATCH);
}

static void test_event_overflow(void **state)
{
	char path[80];

	(void)state;
	for (int i = 0; i < 30; i++) {
		snprintf(path, sizeof(path), "path/%d%c", i, 0);
		say_first(XS_WATCH_EVENT, 0, path, strlen(path) + 2);
	}
	check_alive();
	assert_int_equal(poll_event(), -XEN_EOVERFLOW);
	assert_int_equal(poll_event(), -XEN_ETIMEDOUT);
	say_event("later", "t");
	expect_event("later", "t");
	/* One that just fits, and one that is too long alone. */
	memset(path, 'p', sizeof(path));
	path[62] = path[63] = 0;
	say(XS_WATCH_EVENT, 0, path, 64);
	path[62] = 0;
	expect_event(path, "");
	path[62] = 'p';
	path[64] = 0;
	say(XS_WATCH_EVENT, 0, path, 65);
	assert_int_equal(poll_event(), -XEN_EOVERFLOW);
	assert_int_equal(poll_event(), -XEN_ETIMEDOUT);
	/* Those that make no sense count as lost. */
	for (size_t k = 0; k < 5; k++) {
		static const char *const bad[] = {"a\0b", "abc", "\0\0\0", "\0\0b", "\0a"};

		say(XS_WATCH_EVENT, 0, bad[k], 3 - k / 4);
		assert_int_equal(poll_event(), -XEN_EOVERFLOW);
	}
	say(XS_WATCH_EVENT, 0, "", 0);
	assert_int_equal(poll_event(), -XEN_EOVERFLOW);
	check_alive();
}

/* An event of which a part has come, when those before it are taken or dropped. */
static void test_event_in_parts(void **state)
{
	static const char second[] = "second\0token";

	(void)state;
	for (size_t part = 1; part < sizeof(struct xsd_sockmsg) + sizeof(second); part++) {
		char whole[sizeof(struct xsd_sockmsg) + sizeof(second)];

		start(NULL);
		check_alive();
		message(whole, XS_WATCH_EVENT, 0, second, sizeof(second));
		say_event("first", "token");
		memcpy(store.out + store.out_len, whole, part);
		store.out_len += part;
		expect_event("first", "token");
		assert_int_equal(poll_event(), -XEN_ETIMEDOUT);
		memcpy(store.out + store.out_len, whole + part, sizeof(whole) - part);
		store.out_len += sizeof(whole) - part;
		store.is_awake = true;
		expect_event("second", "token");
		/* The same with events dropped because of another. */
		xs.is_lost = true;
		say_event("first", "token");
		memcpy(store.out + store.out_len, whole, part);
		store.out_len += part;
		store.first_len = 0;
		while (store.is_awake)
			step();
		while (pull() > 0)
			;
		assert_int_equal(poll_event(), -XEN_EOVERFLOW);
		memcpy(store.out + store.out_len, whole + part, sizeof(whole) - part);
		store.out_len += sizeof(whole) - part;
		store.is_awake = true;
		expect_event("second", "token");
	}
}

static void test_no_answer(void **state)
{
	uint64_t before;

	(void)state;
	check_alive();
	before = clock_ns;
	store.is_mute = true;
	assert_int_equal(uk_xenstore_mkdir(0, "a"), -XEN_ETIMEDOUT);
	assert_true(clock_ns - before >= 5 * NS_PER_S && clock_ns - before < 6 * NS_PER_S);
	/* It comes after all, even in two parts with the end of time between them. */
	store.is_mute = false;
	say(XS_MKDIR, xs.id, "OK", 3);
	check_alive();
}

/* A reply of which a part came in time must not be written to where the caller's buffer was. */
static void test_late_rest(void **state)
{
	char buf[16], whole[64];
	size_t len;

	(void)state;
	check_alive();
	len = message(whole, XS_READ, xs.id + 2, "0123456789", 10);
	store.is_mute = true;
	memset(buf, 'x', sizeof(buf));
	/* All of it comes late. */
	assert_int_equal(uk_xenstore_read(0, "a", buf, sizeof(buf)), -XEN_ETIMEDOUT);
	memset(buf, 'x', sizeof(buf));
	say(XS_READ, xs.id, "0123456789", 10);
	assert_int_equal(poll_event(), -XEN_ETIMEDOUT);
	assert_memory_equal(buf, "xxxxxxxxxxxxxxxx", sizeof(buf));
	/* All that the store says to the request. */
	memcpy(store.first, whole, len - 4);
	store.first_len = len - 4;
	assert_int_equal(uk_xenstore_read(0, "a", buf, sizeof(buf)), -XEN_ETIMEDOUT);
	assert_memory_equal(buf, "012345x", 7);
	memcpy(store.out + store.out_len, whole + len - 4, 4);
	store.out_len += 4;
	store.is_awake = true;
	memset(buf, 'x', sizeof(buf));
	store.is_mute = false;
	check_alive();
	assert_memory_equal(buf, "xxxxxxxxxxxxxxxx", 16);
}

static void test_store_does_not_read(void **state)
{
	static char value[2000];

	(void)state;
	/* No room at all: nothing was sent. */
	check_alive();
	store.is_deaf = true;
	store.is_mute = true;
	for (int i = 0; i < 60 && page.req_prod - page.req_cons < XENSTORE_RING_SIZE; i++)
		assert_int_equal(uk_xenstore_mkdir(0, "abcdefghijklmno"), -XEN_ETIMEDOUT);
	assert_int_equal(uk_xenstore_mkdir(0, "abcdefghijklmno"), -XEN_ETIMEDOUT);
	store.is_deaf = false;
	store.is_awake = true;
	while (store.is_awake)
		step();
	store.is_mute = false;
	check_alive();
	/* A part of a request went: the stream is of no use any more. */
	store.is_deaf = true;
	assert_int_equal(uk_xenstore_write(0, "w", value, sizeof(value)), -XEN_ENOTCONN);
	check_dead();
}

/* A store that is never without something to say. */
static void *flood(void *unused)
{
	char text[64];
	size_t len = message(text, XS_WATCH_EVENT, 0, "a\0t", 4);

	(void)unused;
	while (store.is_flooding) {
		uint32_t used = store.rsp_prod - __atomic_load_n(&page.rsp_cons, __ATOMIC_ACQUIRE);

		if (XENSTORE_RING_SIZE - used < len) {
			sched_yield();
			continue;
		}
		for (size_t i = 0; i < len; i++)
			page.rsp[MASK_XENSTORE_IDX(store.rsp_prod++)] = text[i];
		__atomic_store_n(&page.rsp_prod, store.rsp_prod, __ATOMIC_RELEASE);
	}
	return NULL;
}

/* Events without end instead of an answer: it ends with the time. */
static void test_flood(void **state)
{
	pthread_t thread;

	(void)state;
	check_alive();
	tick_ns = NS_PER_S / 10;
	store.is_mute = true;
	store.is_flooding = true;
	assert_int_equal(pthread_create(&thread, NULL, flood, NULL), 0);
	while (__atomic_load_n(&page.rsp_prod, __ATOMIC_ACQUIRE) == page.rsp_cons)
		sched_yield();
	assert_int_equal(uk_xenstore_mkdir(0, "a"), -XEN_ETIMEDOUT);
	store.is_flooding = false;
	pthread_join(thread, NULL);
	expect_event("a", "t");
}

/* Rings without end and nothing to read: neither a request nor a look at events outlasts its time. */
static void test_rings(void **state)
{
	(void)state;
	page.connection = XENSTORE_RECONNECT;
	tick_ns = NS_PER_S / 10;
	store.is_mute = true;
	store.is_ringing = true;
	assert_int_equal(uk_xenstore_mkdir(0, "a"), -XEN_ETIMEDOUT);
	assert_true(rings && rings < RINGS_MAX);
	page.connection = XENSTORE_CONNECTED;
	rings = 0;
	assert_int_equal(uk_xenstore_mkdir(0, "a"), -XEN_ETIMEDOUT);
	assert_true(rings && rings < RINGS_MAX);
	rings = 0;
	assert_int_equal(poll_event(), -XEN_ETIMEDOUT);
	assert_true(rings < RINGS_MAX);
}

static void test_given_up(void **state)
{
	(void)state;
	check_alive();
	page.error = XENSTORE_ERROR_PROTO; /* not announced: not meant */
	check_alive();
	page.server_features = XENSTORE_SERVER_FEATURE_ERROR;
	store.is_deaf = true;
	assert_int_equal(uk_xenstore_mkdir(0, "a"), -XEN_ENOTCONN);
	check_dead();
}

static void test_connects_late(void **state)
{
	(void)state;
	page.connection = XENSTORE_RECONNECT;
	assert_int_equal(poll_event(), -XEN_ETIMEDOUT);
	assert_int_equal(uk_xenstore_mkdir(0, "a"), -XEN_ETIMEDOUT);
	assert_int_equal(store.requests, 0);
	page.req_cons = page.req_prod = store.req_cons = 5;
	page.connection = XENSTORE_CONNECTED;
	check_alive();
}

static void test_no_store(void **state)
{
	char buf[4];
	const char *token;

	(void)state;
	is_absent = true;
	assert_int_equal(uk_xenstore_mkdir(0, "a"), -XEN_ENODEV);
	assert_int_equal(uk_xenstore_event(buf, sizeof(buf), &token, 0), -XEN_ENODEV);
}

static void test_transactions(void **state)
{
	static const char *const bad[] = {"0",  "",   "4294967296",    "12x",
					  "-1", " 1", "99999999999999"};
	uint32_t tx = 77;

	(void)state;
	script(0, "4294967295", 11);
	assert_int_equal(uk_xenstore_begin(&tx), 0);
	assert_int_equal(tx, UINT32_MAX);
	assert_int_equal(store.head.type, XS_TRANSACTION_START);
	assert_int_equal(store.head.len, 1);
	store.is_scripted = false;
	assert_int_equal(uk_xenstore_commit(tx), 0);
	assert_int_equal(store.head.type, XS_TRANSACTION_END);
	assert_int_equal(store.head.tx_id, tx);
	assert_int_equal(store.head.len, 2);
	assert_string_equal(store.body, "T");
	assert_int_equal(uk_xenstore_abort(5), 0);
	assert_int_equal(store.head.tx_id, 5);
	assert_string_equal(store.body, "F");
	tx = 77;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		script(0, bad[i], strlen(bad[i]) + 1);
		assert_int_equal(uk_xenstore_begin(&tx), -XEN_EBADMSG);
	}
	script(0, "12", 2); /* not terminated */
	assert_int_equal(uk_xenstore_begin(&tx), -XEN_EBADMSG);
	script(0, "", 0);
	assert_int_equal(uk_xenstore_begin(&tx), -XEN_EBADMSG);
	assert_int_equal(tx, 77);
}

static void test_requests(void **state)
{
	struct uk_xenstore_perm perms[UK_XENSTORE_PERMS_MAX + 1] = {
		{'n', 5}, {'r', 0}, {'b', 65535}};
	char buf[32];

	(void)state;
	assert_int_equal(uk_xenstore_set_perms(3, "p", perms, 3), 0);
	assert_int_equal(store.head.type, XS_SET_PERMS);
	assert_int_equal(store.head.tx_id, 3);
	assert_int_equal(store.head.len, 15);
	assert_memory_equal(store.body, "p\0n5\0r0\0b65535", 15);
	for (size_t i = 0; i < UK_XENSTORE_PERMS_MAX; i++)
		perms[i] = perms[2];
	assert_int_equal(uk_xenstore_set_perms(3, "p", perms, UK_XENSTORE_PERMS_MAX), 0);
	assert_int_equal(uk_xenstore_set_perms(3, "p", perms, UK_XENSTORE_PERMS_MAX + 1),
			 -XEN_E2BIG);
	assert_int_equal(uk_xenstore_mkdir(1, "m"), 0);
	assert_int_equal(store.head.type, XS_MKDIR);
	assert_int_equal(uk_xenstore_remove(1, "m"), 0);
	assert_int_equal(store.head.type, XS_RM);
	assert_int_equal(store.head.len, 2);

	script(0, "one\0two", 8);
	assert_int_equal(uk_xenstore_list(4, "l", buf, sizeof(buf)), 8);
	assert_int_equal(store.head.type, XS_DIRECTORY);
	assert_int_equal(store.head.tx_id, 4);
	assert_memory_equal(buf, "one\0two", 8);
	script(0, "", 0);
	assert_int_equal(uk_xenstore_list(0, "l", buf, sizeof(buf)), 0);
	script(0, "one\0two", 7);
	assert_int_equal(uk_xenstore_list(0, "l", buf, sizeof(buf)), -XEN_EBADMSG);

	script(0, "/local/domain/65535", 20);
	assert_int_equal(uk_xenstore_domain_path(65535, buf, sizeof(buf)), 19);
	assert_int_equal(store.head.type, XS_GET_DOMAIN_PATH);
	assert_string_equal(store.body, "65535");
	assert_string_equal(buf, "/local/domain/65535");
	assert_int_equal(uk_xenstore_domain_path(0, buf, 19), -XEN_ENOBUFS);
	script(0, "/local", 6);
	assert_int_equal(uk_xenstore_domain_path(0, buf, sizeof(buf)), -XEN_EBADMSG);
	script(0, "", 0);
	assert_int_equal(uk_xenstore_domain_path(0, buf, sizeof(buf)), -XEN_EBADMSG);
}

/* Both sides at any speed: every wakeup that gets lost leaves both asleep. */
static void test_wakeups(void **state)
{
	static char value[3000];
	char buf[3000];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char path[32];
		size_t n = any() % (any() % 8 ? 60 : sizeof(value));

		store.chunk = 1 + any() % (any() % 4 ? 40 : 2000);
		store.eager = (unsigned int)(any() % 15);
		if (any() % 4 == 0)
			say_event("e", "t");
		if (any() % 4 == 0)
			say_first(XS_WATCH_EVENT, 0, "first\0t", 8);
		snprintf(path, sizeof(path), "size/%u", (unsigned int)n);
		if (any() % 2)
			assert_int_equal(uk_xenstore_read(0, path, buf, sizeof(buf)), n);
		else
			assert_int_equal(uk_xenstore_write(0, "w", value, n), 0);
		if (any() % 3 == 0) {
			say_event("wanted", "t");
			do {
				const char *token;

				assert_int_equal(uk_xenstore_event(buf, sizeof(buf), &token, 0), 0);
			} while (strcmp(buf, "wanted") != 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_sizes, start),
		cmocka_unit_test_setup(test_request_too_long, start),
		cmocka_unit_test_setup(test_buffer_too_small, start),
		cmocka_unit_test_setup(test_error_names, start),
		cmocka_unit_test_setup(test_wrong_answers, start),
		cmocka_unit_test_setup(test_answer_twice, start),
		cmocka_unit_test_setup(test_answer_before_request, start),
		cmocka_unit_test_setup(test_message_too_long, start),
		cmocka_unit_test_setup(test_indexes, start),
		cmocka_unit_test_setup(test_own_indexes, start),
		cmocka_unit_test_setup(test_events, start),
		cmocka_unit_test_setup(test_event_overflow, start),
		cmocka_unit_test_setup(test_event_in_parts, start),
		cmocka_unit_test_setup(test_no_answer, start),
		cmocka_unit_test_setup(test_late_rest, start),
		cmocka_unit_test_setup(test_store_does_not_read, start),
		cmocka_unit_test_setup(test_flood, start),
		cmocka_unit_test_setup(test_rings, start),
		cmocka_unit_test_setup(test_given_up, start),
		cmocka_unit_test_setup(test_connects_late, start),
		cmocka_unit_test_setup(test_no_store, start),
		cmocka_unit_test_setup(test_transactions, start),
		cmocka_unit_test_setup(test_requests, start),
		cmocka_unit_test_setup(test_wakeups, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
