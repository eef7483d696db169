/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: SAFE_STACK_LIMITS */
/* adversary: A3 */
/*
 * What safestack does not stop, by argument: "neighbour" overflows a buffer into the next one, which has a pointer
 * to a function (A1); "known" writes the return address by its place (A2); "leak" reads that place out of the
 * list of arguments that a function with a variable number of them has among its variables (A3).
 */
#include "attack.h"

#include <stdarg.h>
#include <string.h>

struct request {
	char text[16];
	void (*done)(void);
};

static void finished(void)
{
	attack_control_ok();
}

__attribute__((used)) static void reached(void)
{
	attack_succeeded();
}

/* Entered by a return, so with a stack that is not aligned as after a call. */
static __attribute__((naked)) void elsewhere(void)
{
	__asm__("andq $-16, %%rsp\n\tcall %c0" : : "i"(reached));
}

static __attribute__((noinline)) void copy(char *to, const char *from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((volatile char *)to)[i] = from[i];
}

static __attribute__((noinline)) void neighbour(const char *from, size_t len)
{
	struct request r;

	r.done = finished;
	copy(r.text, from, len);
	((void (*volatile *)(void))&r.done)[0]();
}

static __attribute__((noinline)) void write_word(volatile uintptr_t *at, uintptr_t value)
{
	*at = value;
}

static __attribute__((noinline)) void known(void)
{
	/* Behind the saved frame pointer: System V ABI AMD64, 3.2.2. */
	write_word((uintptr_t *)__builtin_frame_address(0) + 1,
		   (uintptr_t)attack_launder((const void *)elsewhere));
}

/* Reads what memory that an attacker may read has: the place of arguments on the stack, above the return address. */
static __attribute__((noinline)) void use(va_list *list)
{
	uintptr_t
		words[3]; /* System V ABI AMD64, 3.5.7: offsets, overflow_arg_area, reg_save_area */

	memcpy(words, list, sizeof(words));
	write_word((uintptr_t *)words[1] - 1, (uintptr_t)attack_launder((const void *)elsewhere));
}

static __attribute__((noinline)) void leak(int count, ...)
{
	va_list list;

	va_start(list, count);
	use(&list);
	va_end(list);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	char data[sizeof(struct request)] = "text";
	void (*target)(void) = reached;

	neighbour(data, sizeof(((struct request *)0)->text));
	memcpy(data + offsetof(struct request, done), &target, sizeof(target));
	if (!strcmp(how, "neighbour"))
		neighbour(data, sizeof(data));
	else if (!strcmp(how, "known"))
		known();
	else if (!strcmp(how, "leak"))
		leak(1, 2);
	return 0;
}
