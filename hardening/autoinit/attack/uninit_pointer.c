/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: UNINIT_POINTER */
/* adversary: A2 */
/* levels: capped zero */
/*
 * A function that calls through a pointer of its frame that one path does not set; an earlier call has
 * filled that part of the stack with what the attacker chose. The type is right: cfi has no objection.
 * Level pattern is left out: there the pointer is not null, and the program crashes.
 */
#include "attack.h"

#define SPRAY_WORDS 32

struct request {
	uintptr_t id[4];
	void (*done)(void);
};

static __attribute__((noinline)) void target(void)
{
	attack_succeeded();
}

static __attribute__((noinline)) void allowed(void)
{
	attack_control_ok();
}

static void (*volatile pointer)(void) = target;

static __attribute__((noinline)) void spray(uintptr_t value)
{
	volatile uintptr_t words[SPRAY_WORDS];

	for (size_t i = 0; i < SPRAY_WORDS; i++)
		words[i] = value;
}

/* Sets the pointer only if the request is complete. */
static __attribute__((noinline)) void parse(volatile struct request *r, int is_complete)
{
	r->id[0] = 1;
	if (is_complete)
		r->done = allowed;
}

static __attribute__((noinline)) void serve(int is_complete)
{
	struct request r;

	parse(&r, is_complete);
	if (r.done)
		r.done();
}

int main(void)
{
	volatile int yes = 1, no = 0;

	serve(yes);
	spray((uintptr_t)pointer);
	serve(no);
	return 0;
}
