/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: MEMBER_OFFSET */
/* adversary: A2 */
/*
 * Writes a pointer to a function over a member of a structure, at the offset that it has in the attacker's copy of
 * the program. The structure is large so that a drawn order does not have the member at that offset by chance.
 */
#include "attack.h"
#include <uk/shuffled.h>

typedef int handler(void);

#define MEMBERS_4(m) \
	m##0;        \
	m##1;        \
	m##2;        \
	m##3
#define MEMBERS_16(m)    \
	MEMBERS_4(m##0); \
	MEMBERS_4(m##1); \
	MEMBERS_4(m##2); \
	MEMBERS_4(m##3)
#define MEMBERS_64(m)     \
	MEMBERS_16(m##0); \
	MEMBERS_16(m##1); \
	MEMBERS_16(m##2); \
	MEMBERS_16(m##3)
#define MEMBERS_256(m)    \
	MEMBERS_64(m##0); \
	MEMBERS_64(m##1); \
	MEMBERS_64(m##2); \
	MEMBERS_64(m##3)

struct UK_SHUFFLED session {
	MEMBERS_256(handler *first);
	MEMBERS_256(handler *second);
	handler *may_enter;
	MEMBERS_256(handler *third);
	MEMBERS_256(handler *fourth);
};
static const UK_SHUFFLED_RECORD(session, UK_AT(session, first0000), UK_AT(session, second0000),
				UK_AT(session, may_enter), UK_AT(session, third0000),
				UK_AT(session, fourth0000));

/* As declared: behind twice 256 pointers. */
#define KNOWN_OFFSET (2 * 256 * sizeof(handler *))

static struct session session;

static int no(void)
{
	return 0;
}

static int yes(void)
{
	return 1;
}

static __attribute__((noinline)) int victim(struct session *s)
{
	handler *volatile *p = &s->may_enter;

	return (*p)();
}

int main(void)
{
	handler *volatile theirs = yes;
	struct session *s = attack_launder(&session);

	s->may_enter = no;
	if (victim(s) != 0 || theirs() != 1)
		return 1;
	attack_control_ok();
	*(handler *volatile *)((char *)s + KNOWN_OFFSET) = theirs;
	if (victim(s))
		attack_succeeded();
	return 0;
}
