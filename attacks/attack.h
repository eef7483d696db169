/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What attack programs share. Each is a normal application: it first makes the access that is allowed
 * (control), then the one that the mechanism forbids, and prints ATTACK-SUCCEEDED when nothing stopped
 * it. Pointers go through attack_launder(), so that the compiler cannot see through the attack.
 *
 * Directives in the first lines of an attack, read by tests/attack/matrix.sh and build/attack_list.c:
 *	attack: NAME		the name in reports; LKDTM's where it has one (Linux, lib/lkdtm)
 *	adversary: A2		whose attack it is: docs/threat-model.md
 *	needs: KEY=LEVEL,...	other mechanisms that must be on beside the one under test
 *	levels: A B		only these levels (default: all but off)
 *	symbol: FUNCTION	its address, from the symbols of the image, is the first argument
 *	off: none		succeeds under profile none only, not with what it needs on
 *	stops: A B		further mechanisms that have to stop it
 *	inherent: A B		platforms that stop it themselves
 *	unit: NAME		it attacks this library: nothing where the image is without
 *	platforms: A B		only there (default: all)
 *	again: WORD		started twice, the second time with this argument and the memory that the first one
 *				left, as a reset leaves it; what counts is what the second one does
 *	machine: NAME		only there, which is none of the launcher's (tests/NAME)
 *	again-sources: zeros	at that second start no processor's generator, and zeros from the launcher
 *	on-argument: WORD	argument of the guest when the mechanism is on
 *	xen-cpu: MODEL		on xen-pvh it needs another processor than that of the rig
 */
#ifndef ATTACK_H
#define ATTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uk/plat.h>

/* The main stack (libs/plat/Kconfig, PLAT_STACK_KIB), where nobody says otherwise. */
#ifndef ATTACK_STACK_KIB
#define ATTACK_STACK_KIB 64
#endif

static inline void attack_say(const char *s)
{
	size_t len = 0;

	while (s[len])
		len++;
	uk_plat_console_write(s, len);
}

/* A line: the name, and the number in as many hexadecimal digits as fit one. */
static inline void attack_say_number(const char *name, uintptr_t n)
{
	char text[sizeof(n) * 2 + 2];
	size_t at = sizeof(text);

	text[--at] = '\0';
	text[--at] = '\n';
	while (at > 0) {
		text[--at] = "0123456789abcdef"[n & 15];
		n >>= 4;
	}
	attack_say(name);
	attack_say(text);
}

static inline void attack_control_ok(void)
{
	attack_say("control: ok\n");
}

_Noreturn static inline void attack_succeeded(void)
{
	attack_say("ATTACK-SUCCEEDED\n");
	uk_plat_halt(0, NULL);
}

/* The same address, of which the compiler knows nothing. */
static inline void *attack_launder(const void *p)
{
	const void *volatile v = p;

	return (void *)(uintptr_t)v;
}

/* mov $42, %eax; ret: a function that returns 42 (Intel SDM vol. 2, MOV and RET). */
#define ATTACK_CODE {0xb8, 42, 0, 0, 0, 0xc3}
#define ATTACK_CODE_BYTES 6
#define ATTACK_CODE_RESULT 42

/* Copies ATTACK_CODE byte by byte: no library function is needed. */
static inline void attack_write_code(void *to)
{
	static const unsigned char code[ATTACK_CODE_BYTES] = ATTACK_CODE;
	volatile unsigned char *p = to;

	for (size_t i = 0; i < ATTACK_CODE_BYTES; i++)
		p[i] = code[i];
}

typedef int attack_function(void);

static inline int attack_call(const void *p)
{
	attack_function *f = (attack_function *)(uintptr_t)attack_launder(p);

	return f();
}

#endif
