/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store and grants of a real Xen, from inside a guest. The other half (peer, map.c) runs in the initial
 * domain: the two take turns by nodes in data/, the part of the store in which a guest may write.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uk/grant.h>
#include <uk/plat.h>
#include <uk/xenstore.h>

#define NS_PER_S 1000000000ull

enum {
	PEER_S = 60, /* how long the peer may take for its turn */
};

_Alignas(UK_PAGE_BYTES) static char page[UK_PAGE_BYTES], page_ro[UK_PAGE_BYTES];
static char own[64]; /* the path of this domain */
static int failures;

static void check(const char *name, bool is_good, int got)
{
	printf("%s %s", is_good ? "ok" : "not ok", name);
	if (!is_good)
		printf(" (%d)", got);
	printf("\n");
	failures += !is_good;
}

static void check_is(const char *name, int got, int wanted)
{
	check(name, got == wanted, got);
}

/* `path` reads as `wanted`. */
static void check_value(const char *name, uint32_t tx, const char *path, const char *wanted)
{
	char buf[256];
	int r = uk_xenstore_read(tx, path, buf, sizeof(buf));

	check(name, r == (int)strlen(wanted) && !strcmp(buf, wanted), r);
}

static int put(uint32_t tx, const char *path, const char *value)
{
	return uk_xenstore_write(tx, path, value, strlen(value));
}

/* Lets the peer have its turn and takes its answer; it must begin with `wanted`. */
static void turn(const char *name, const char *answer, const char *wanted)
{
	uint64_t deadline = uk_plat_clock_mono_ns() + PEER_S * NS_PER_S;
	char path[64], buf[256];
	const char *token;
	int r;

	snprintf(path, sizeof(path), "data/%s", answer);
	r = uk_xenstore_watch(path, answer);
	if (!r)
		r = put(0, "data/turn", answer);
	while (!r) {
		r = uk_xenstore_event(buf, sizeof(buf), &token, deadline);
		if (r)
			break;
		r = uk_xenstore_read(0, path, buf, sizeof(buf));
		if (r >= 0)
			break;
		if (r == -ENOENT)
			r = 0;
	}
	check(name, r > 0 && !strncmp(buf, wanted, strlen(wanted)), r);
	if (r > 0 && strncmp(buf, wanted, strlen(wanted)))
		printf("  %s: %s\n", answer, buf);
	r = uk_xenstore_unwatch(path, answer);
	if (r)
		check_is("unwatch-answer", r, 0);
	while (uk_xenstore_event(buf, sizeof(buf), &token, 1) == 0)
		;
}

static void test_read(int argc, char **argv)
{
	char buf[256], vm[128];
	int id, r;

	r = uk_xenstore_read(0, "domid", buf, sizeof(buf));
	check("read-domid", r > 0 && atoi(buf) > 0, r);
	id = atoi(buf);
	snprintf(own, sizeof(own), "/local/domain/%d", id);
	r = uk_xenstore_domain_path((uint16_t)id, buf, sizeof(buf));
	check("domain-path", r == (int)strlen(own) && !strcmp(buf, own), r);
	check_value("read-name", 0, "name", argc > 1 ? argv[1] : "?");
	r = uk_xenstore_read(0, "vm", vm, sizeof(vm) - sizeof("/name"));
	check("read-vm", r > 4 && !strncmp(vm, "/vm/", 4), r);
	strcat(vm, "/name");
	check_value("read-absolute", 0, vm, argc > 1 ? argv[1] : "?");
	check_is("read-missing", uk_xenstore_read(0, "no", buf, sizeof(buf)), -ENOENT);
	check_is("read-bad-path", uk_xenstore_read(0, "a//b", buf, sizeof(buf)), -EINVAL);
	check_is("read-into-too-little", uk_xenstore_read(0, "name", buf, 2), -ENOBUFS);
	check_is("type-is-hidden",
		 uk_xenstore_read(0, (snprintf(vm, sizeof(vm), "/libxl/%d/type", id), vm), buf,
				  sizeof(buf)),
		 -EACCES);
}

/* More than a ring full, in both directions. */
static void test_long(void)
{
	static char out[UK_XENSTORE_VALUE_BYTES], in[UK_XENSTORE_VALUE_BYTES];
	int r;

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = (char)('a' + i * 7 % 26);
	/* The store takes values of at most 2048 bytes from guests (quota "entry-size"). */
	check_is("write-long", uk_xenstore_write(0, "data/long", out, 1900), 0);
	r = uk_xenstore_read(0, "data/long", in, sizeof(in));
	check("read-long", r == 1900 && !memcmp(in, out, 1900), r);
	check_is("over-quota", uk_xenstore_write(0, "data/long", out, 4000), -ENOSPC);
	check_is("too-long", uk_xenstore_write(0, "data/long", out, 4096), -E2BIG);
	check_is("remove-long", uk_xenstore_remove(0, "data/long"), 0);
}

static void test_write(void)
{
	static const char zeros[] = "a\0b";
	char buf[256];
	bool has_a = false, has_b = false;
	size_t names = 0;
	int r;

	check_is("write", put(0, "data/list/a", "1"), 0);
	check_value("read-back", 0, "data/list/a", "1");
	check_is("write-zeros", uk_xenstore_write(0, "data/list/a", zeros, 3), 0);
	r = uk_xenstore_read(0, "data/list/a", buf, sizeof(buf));
	check("read-zeros", r == 3 && !memcmp(buf, zeros, 4), r);
	check_is("mkdir", uk_xenstore_mkdir(0, "data/list/b"), 0);
	check_is("mkdir-again", uk_xenstore_mkdir(0, "data/list/b"), 0);
	check_value("read-empty", 0, "data/list/b", "");
	r = uk_xenstore_list(0, "data/list", buf, sizeof(buf));
	for (const char *p = buf; p < buf + r; p += strlen(p) + 1) {
		has_a |= !strcmp(p, "a");
		has_b |= !strcmp(p, "b");
		names++;
	}
	check("list", has_a && has_b && names == 2, r);
	check_is("list-nothing", uk_xenstore_list(0, "data/list/b", buf, sizeof(buf)), 0);
	check_is("list-missing", uk_xenstore_list(0, "data/no", buf, sizeof(buf)), -ENOENT);
	check_is("remove", uk_xenstore_remove(0, "data/list"), 0);
	check_is("removed", uk_xenstore_read(0, "data/list/a", buf, sizeof(buf)), -ENOENT);
	test_long();
}

static void test_watch(void)
{
	uint64_t before;
	char path[64], buf[256];
	const char *token;
	int r;

	check_is("watch", uk_xenstore_watch("data/w", "tk"), 0);
	r = uk_xenstore_event(buf, sizeof(buf), &token, 0);
	check("first-event", !r && !strcmp(buf, "data/w") && !strcmp(token, "tk"), r);
	before = uk_plat_clock_mono_ns();
	r = uk_xenstore_event(buf, sizeof(buf), &token, before + NS_PER_S / 5);
	check_is("no-event", r, -ETIMEDOUT);
	check("waits-till-then", uk_plat_clock_mono_ns() - before >= NS_PER_S / 5, 0);
	snprintf(path, sizeof(path), "%s/data/w/below", own);
	check_is("write-below", put(0, path, "x"), 0);
	r = uk_xenstore_event(buf, sizeof(buf), &token, before + PEER_S * NS_PER_S);
	check("event-below", !r && !strcmp(buf, "data/w/below") && !strcmp(token, "tk"), r);
	check_is("watch-twice", uk_xenstore_watch("data/w", "tk"), -EEXIST);
	check_is("unwatch", uk_xenstore_unwatch("data/w", "tk"), 0);
	check_is("unwatch-again", uk_xenstore_unwatch("data/w", "tk"), -ENOENT);
	check_is("write-unseen", put(0, "data/w", "x"), 0);
	check_is("no-event-any-more", uk_xenstore_event(buf, sizeof(buf), &token, 1), -ETIMEDOUT);
	turn("event-of-dom0", "hello", "hello from dom0");
}

static void test_overflow(void)
{
	char path[64], buf[256];
	const char *token;
	int r;

	check_is("watch-many", uk_xenstore_watch("data/many", "many"), 0);
	for (int i = 0; i < 100; i++) {
		snprintf(path, sizeof(path), "data/many/%d", i);
		put(0, path, "x");
	}
	while (!(r = uk_xenstore_event(buf, sizeof(buf), &token, 1)))
		;
	check_is("lost-events", r, -EOVERFLOW);
	check_is("unwatch-many", uk_xenstore_unwatch("data/many", "many"), 0);
	while (uk_xenstore_event(buf, sizeof(buf), &token, 1) != -ETIMEDOUT)
		;
	check_is("remove-many", uk_xenstore_remove(0, "data/many"), 0);
}

static void test_transactions(void)
{
	uint32_t tx = 0, other = 0;
	char buf[64];

	check_is("begin", uk_xenstore_begin(&tx), 0);
	check_is("begin-another", uk_xenstore_begin(&other), 0);
	check("two-ids", tx && other && tx != other, (int)tx);
	check_is("write-inside", put(tx, "data/tx", "new"), 0);
	check_value("seen-inside", tx, "data/tx", "new");
	check_is("unseen-outside", uk_xenstore_read(0, "data/tx", buf, sizeof(buf)), -ENOENT);
	check_is("unseen-by-another", uk_xenstore_read(other, "data/tx", buf, sizeof(buf)),
		 -ENOENT);
	check_is("commit", uk_xenstore_commit(tx), 0);
	check_value("seen-outside", 0, "data/tx", "new");
	/* The other has looked at what changed. */
	check_is("write-in-another", put(other, "data/tx", "other"), 0);
	check_is("conflict", uk_xenstore_commit(other), -EAGAIN);
	check_value("first-wins", 0, "data/tx", "new");
	check_is("committed-twice", uk_xenstore_commit(tx), -ENOENT);
	check_is("begin-again", uk_xenstore_begin(&tx), 0);
	check_is("remove-inside", uk_xenstore_remove(tx, "data/tx"), 0);
	check_is("abort", uk_xenstore_abort(tx), 0);
	check_value("as-before", 0, "data/tx", "new");
}

static void test_rights(void)
{
	struct uk_xenstore_perm perms[] = {{'n', 0}, {'r', 0}};
	char buf[64];

	perms[0].domain = (uint16_t)atoi(own + sizeof("/local/domain/") - 1);
	check_is("foreign-write", put(0, "/local/domain/0/name", "x"), -EACCES);
	check_is("write-right", put(0, "data/right", "x"), 0);
	check_is("set-permissions", uk_xenstore_set_perms(0, "data/right", perms, 2), 0);
	snprintf(buf, sizeof(buf), "n%u,r0", perms[0].domain);
	turn("permissions-seen", "rights", buf);
	perms[0].domain = 0;
	check_is("give-away", uk_xenstore_set_perms(0, "data/right", perms, 2), -EPERM);
}

/* The reference in decimal, for the peer. */
static void put_ref(uint32_t ref)
{
	char buf[16];

	snprintf(buf, sizeof(buf), "%u", ref);
	put(0, "data/ref", buf);
}

static void test_grants(void)
{
	uint32_t ref = 0, ro = 0;

	strcpy(page, "secret of the guest");
	strcpy(page_ro, "only to be read");
	check_is("grant", uk_grant_page(0, page, false, &ref), 0);
	put_ref(ref);
	turn("dom0-maps-it", "mapped", "secret of the guest");
	check("dom0-wrote-to-it", !strcmp(page + 2048, "written by dom0"), page[2048]);
	check_is("busy", uk_grant_end(ref), -EBUSY);
	strcpy(page, "changed by the guest");
	turn("dom0-sees-changes", "unmapped", "changed by the guest");
	check_is("end", uk_grant_end(ref), 0);
	check_is("end-twice", uk_grant_end(ref), -EINVAL);
	turn("dom0-gets-it-no-more", "again", "failed");

	check_is("grant-read-only", uk_grant_page(0, page_ro, true, &ro), 0);
	check("reference-comes-back", ro == ref, (int)ro);
	put_ref(ro);
	turn("no-writing", "ro-write", "failed");
	turn("reading", "ro-read", "only to be read");
	check_is("end-read-only", uk_grant_end(ro), 0);
	check_is("grant-to-another", uk_grant_page(0x1234, page, false, &ref), 0);
	put_ref(ref);
	turn("not-for-dom0", "foreign", "failed");
	check_is("end-another", uk_grant_end(ref), 0);
}

int main(int argc, char **argv)
{
	test_read(argc, argv);
	test_write();
	test_watch();
	test_overflow();
	test_transactions();
	test_rights();
	test_grants();
	printf("done, %d failed\n", failures);
	return failures != 0;
}
