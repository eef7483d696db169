/* SPDX-License-Identifier: BSD-2-Clause */
/* The requests, as xen/io/xs_wire.h and docs/misc/xenstore.txt of Xen have them. */
#include "wire.h"
#include <stdbool.h>
#include <uk/xenstore.h>
#include <xen/errno.h>
#include <xen/io/xs_wire.h>

enum {
	NUMBER_BYTES = 11, /* decimal digits of 32 bits and a 0 */
	PERM_BYTES = 1 + 6,
};

/* The piece for a string and its 0. */
static struct piece text(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return (struct piece){s, n + 1};
}

/* Writes v in decimal and a 0. Returns the bytes of both. */
static size_t put_number(char *to, uint32_t v)
{
	char digits[NUMBER_BYTES];
	size_t n = 0, len = 0;

	do {
		digits[n++] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	while (n)
		to[len++] = digits[--n];
	to[len++] = 0;
	return len;
}

/* A whole number that is not 0, and its 0. */
static bool parse_number(const char *s, size_t len, uint32_t *ret)
{
	uint64_t v = 0;

	if (len < 2 || s[len - 1])
		return false;
	for (size_t i = 0; i < len - 1; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(s[i] - '0');
		if (v > UINT32_MAX)
			return false;
	}
	if (!v)
		return false;
	*ret = (uint32_t)v;
	return true;
}

/* A request that is answered with "OK" alone. */
static int order(uint32_t type, uint32_t tx, struct piece a, struct piece b)
{
	const struct piece pieces[UK_XENSTORE_PIECES] = {a, b};
	char ok[sizeof("OK")];
	int r = uk_xenstore_call(type, tx, pieces, ok, sizeof(ok));

	if (r == -XEN_ENOBUFS)
		return -XEN_EBADMSG;
	if (r < 0)
		return r;
	return r == sizeof(ok) && ok[0] == 'O' && ok[1] == 'K' && !ok[2] ? 0 : -XEN_EBADMSG;
}

static int ask(uint32_t type, uint32_t tx, const char *what, char *buf, size_t size)
{
	const struct piece pieces[UK_XENSTORE_PIECES] = {text(what)};

	return uk_xenstore_call(type, tx, pieces, buf, size);
}

int uk_xenstore_read(uint32_t tx, const char *path, char *buf, size_t size)
{
	int r;

	if (!size)
		return -XEN_ENOBUFS;
	r = ask(XS_READ, tx, path, buf, size - 1);
	if (r >= 0)
		buf[r] = 0;
	return r;
}

int uk_xenstore_list(uint32_t tx, const char *path, char *buf, size_t size)
{
	int r = ask(XS_DIRECTORY, tx, path, buf, size);

	return r > 0 && buf[r - 1] ? -XEN_EBADMSG : r;
}

int uk_xenstore_write(uint32_t tx, const char *path, const void *value, size_t len)
{
	return order(XS_WRITE, tx, text(path), (struct piece){value, len});
}

int uk_xenstore_mkdir(uint32_t tx, const char *path)
{
	return order(XS_MKDIR, tx, text(path), (struct piece){0});
}

int uk_xenstore_remove(uint32_t tx, const char *path)
{
	return order(XS_RM, tx, text(path), (struct piece){0});
}

int uk_xenstore_set_perms(uint32_t tx, const char *path, const struct uk_xenstore_perm *perms,
			  size_t count)
{
	char list[UK_XENSTORE_PERMS_MAX * PERM_BYTES];
	size_t len = 0;

	if (count > UK_XENSTORE_PERMS_MAX)
		return -XEN_E2BIG;
	for (size_t i = 0; i < count; i++) {
		list[len++] = perms[i].rights;
		len += put_number(list + len, perms[i].domain);
	}
	return order(XS_SET_PERMS, tx, text(path), (struct piece){list, len});
}

int uk_xenstore_domain_path(uint16_t domain, char *buf, size_t size)
{
	char number[NUMBER_BYTES];
	int r;

	put_number(number, domain);
	r = ask(XS_GET_DOMAIN_PATH, UK_XENSTORE_NO_TX, number, buf, size);
	if (r < 0)
		return r;
	return r == 0 || buf[r - 1] ? -XEN_EBADMSG : r - 1;
}

int uk_xenstore_begin(uint32_t *ret_tx)
{
	char id[NUMBER_BYTES];
	int r = ask(XS_TRANSACTION_START, UK_XENSTORE_NO_TX, "", id, sizeof(id));

	if (r == -XEN_ENOBUFS)
		return -XEN_EBADMSG;
	if (r < 0)
		return r;
	return parse_number(id, (size_t)r, ret_tx) ? 0 : -XEN_EBADMSG;
}

int uk_xenstore_commit(uint32_t tx)
{
	return order(XS_TRANSACTION_END, tx, text("T"), (struct piece){0});
}

int uk_xenstore_abort(uint32_t tx)
{
	return order(XS_TRANSACTION_END, tx, text("F"), (struct piece){0});
}

int uk_xenstore_watch(const char *path, const char *token)
{
	return order(XS_WATCH, UK_XENSTORE_NO_TX, text(path), text(token));
}

int uk_xenstore_unwatch(const char *path, const char *token)
{
	return order(XS_UNWATCH, UK_XENSTORE_NO_TX, text(path), text(token));
}
