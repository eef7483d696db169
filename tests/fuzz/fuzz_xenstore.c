/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client of xenstore: the input is both what the program asks for and all that a hostile other end does to
 * the shared page. A byte is a call, or how many of the next bytes come in, or an index that is overwritten.
 */
#define CONFIG_XENSTORE_EVENT_BYTES 64
#define CONFIG_XENSTORE_TIMEOUT_S 1
#include "libs/xenstore/wire.c"
#include "libs/xenstore/xenstore.c"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	STEPS_MAX = 4096,
	/* What the other end does; other bytes: so many of the next ones come in. */
	DO_RSP_PROD = 0xf8,
	DO_REQ_CONS,
	DO_OWN,
	DO_ERROR,
	DO_READ,
	DO_NOTHING,
	DO_SLEEP,
};

static struct xenstore_domain_interface page;
static const uint8_t *at, *end;
static uint64_t clock_ns;

static uint8_t next(void)
{
	return at < end ? *at++ : 0;
}

static uint32_t next_word(void)
{
	uint32_t w = 0;

	for (int i = 0; i < 4; i++)
		w = w << 8 | next();
	return w;
}

static void come_in(size_t n)
{
	while (n-- && at < end && page.rsp_prod - page.rsp_cons < XENSTORE_RING_SIZE) {
		page.rsp[MASK_XENSTORE_IDX(page.rsp_prod)] = (char)next();
		page.rsp_prod++;
	}
}

static int act(uint64_t deadline_ns)
{
	uint8_t what = next();

	switch (what) {
	case DO_RSP_PROD:
		page.rsp_prod = next_word();
		break;
	case DO_REQ_CONS:
		page.req_cons = next_word();
		break;
	case DO_OWN:
		page.req_prod = next_word();
		page.rsp_cons = next_word();
		break;
	case DO_ERROR:
		page.server_features = next();
		page.error = next();
		break;
	case DO_READ:
		page.req_cons = page.req_prod;
		break;
	case DO_NOTHING:
		break;
	case DO_SLEEP:
		clock_ns = deadline_ns;
		return -XEN_ETIMEDOUT;
	default:
		come_in(what);
	}
	return 0;
}

struct xenstore_domain_interface *uk_xen_store(uint32_t *ret_port)
{
	*ret_port = 1;
	return &page;
}

bool uk_xen_event_take(uint32_t port)
{
	return port == 1;
}

int uk_xen_event_send(uint32_t port)
{
	return port == 1 ? 0 : -1;
}

int uk_xen_event_wait(const uint32_t *ports, size_t count, uint64_t deadline_ns)
{
	if (count != 1 || *ports != 1)
		abort();
	if (at == end)
		return -XEN_ETIMEDOUT;
	return act(deadline_ns);
}

uint64_t uk_plat_clock_mono_ns(void)
{
	return clock_ns += NS_PER_S / 64;
}

/* One call of the program with a buffer of exactly `size` bytes. */
static void call(uint8_t what, size_t size)
{
	char *buf = malloc(size ? size : 1);
	const struct uk_xenstore_perm perms[] = {{'n', 1}, {'r', 65535}};
	const char *token;
	uint32_t tx = 0;
	int r;

	if (!buf)
		abort();
	switch (what % 8) {
	case 0:
		r = uk_xenstore_read(tx, "path", buf, size);
		if (r >= 0 && ((size_t)r >= size || buf[r]))
			abort();
		break;
	case 1:
		r = uk_xenstore_list(tx, "path", buf, size);
		if (r > 0 && ((size_t)r > size || buf[r - 1]))
			abort();
		break;
	case 2:
		r = uk_xenstore_domain_path(7, buf, size);
		if (r >= 0 && strlen(buf) > (size_t)r)
			abort();
		break;
	case 3:
		r = uk_xenstore_begin(&tx);
		if ((r == 0) != (tx != 0))
			abort();
		break;
	case 4:
		memset(buf, 'v', size);
		r = uk_xenstore_write(1, "path", buf, size);
		break;
	case 5:
		r = uk_xenstore_set_perms(0, "path", perms, 2);
		break;
	case 6:
		r = uk_xenstore_watch("path", "token");
		break;
	default:
		r = uk_xenstore_event(buf, size, &token, what & 8 ? 1 : 0);
		if (r == 0 && (token <= buf || strlen(buf) + strlen(token) + 2 > size))
			abort();
	}
	if (r < -4095 || (r > 0 && (size_t)r > XENSTORE_PAYLOAD_MAX))
		abort();
	free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	at = data;
	end = data + size;
	clock_ns = 0;
	memset(&xs, 0, sizeof(xs));
	memset(&page, 0, sizeof(page));
	for (int i = 0; i < STEPS_MAX && at < end; i++) {
		uint8_t what = next(), bytes = next();

		call(what, (size_t)bytes * (what & 16 ? 40 : 1));
	}
	return 0;
}
