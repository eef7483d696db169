/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one boot says about another. "addresses" prints where things are; "pointer ADDRESS" and "byte BYTE" go
 * where an address or its lowest byte leads that another boot, or an image of another seed, has printed.
 */
#include "attack.h"

#include <stdlib.h>

typedef int handler(int);

static uintptr_t number(const char *s)
{
	uintptr_t n = 0;

	for (; *s; s++)
		n = n << 4 | (uintptr_t)(*s <= '9' ? *s - '0' : *s - 'a' + 10);
	return n;
}

/* In words of its own: a wrong address may well be one of another attack's functions. */
__attribute__((used, noinline)) static void reached(void)
{
	attack_say("replay: succeeded\n");
	uk_plat_halt(0, NULL);
}

static __attribute__((noinline)) int same_type(int n)
{
	if (n)
		reached();
	return 0;
}

/* Two ends of one function: what differs is the lowest byte. */
static __attribute__((naked, used, noinline)) int legitimate(int n)
{
	__asm__("leal 1(%%rdi), %%eax\n\t"
		"ret\n"
		"attack_second_half:\n\t"
		"andq $-16, %%rsp\n\t"
		"call %c0"
		:
		: "i"(reached));
}

static handler *volatile pointer = legitimate, *volatile other = same_type;

static int say_addresses(void)
{
	void *heap = malloc(16);
	uintptr_t canary, half;
	int stack = 0;

	/* C has no name for the thread's control block, nor for the middle of a function. */
	__asm__("movq %%fs:0x28, %0" : "=r"(canary));
	__asm__("leaq attack_second_half(%%rip), %0" : "=r"(half));
	attack_say_number("image ", (uintptr_t)other);
	attack_say_number("half ", half);
	attack_say_number("stack ", (uintptr_t)attack_launder(&stack));
	attack_say_number("heap ", (uintptr_t)attack_launder(heap));
	attack_say_number("canary ", canary);
	return heap ? 0 : 1;
}

int main(int argc, char **argv)
{
	uintptr_t to;

	if (argc > 1 && argv[1][0] == 'a')
		return say_addresses();
	if (argc < 3 || pointer(1) != 2 || other(0) != 0)
		return 1;
	attack_control_ok();
	to = number(argv[2]);
	if (argv[1][0] == 'b')
		*(volatile unsigned char *)attack_launder((const void *)&pointer) =
			(unsigned char)to;
	else
		pointer = (handler *)to;
	return pointer(1);
}
