/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What code that an attacker brought along can ask of the kernel: makes the system call whose number and
 * arguments (hexadecimal) are on the command line and says what it returned. Words before them:
 * `inject` lets the call be made by bytes written to data, `old` by the 32-bit entry, `gate` from where the
 * boot makes its calls, `vsyscall` by the kernel's own page for gettimeofday; `spin` waits for ever. B stands for the address of a buffer.
 */
#include "put.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uk/plat.h>

enum {
	ARGUMENTS = 7,
	GATE = 0xff000, /* platforms/process/process.h */
};
#define VSYSCALL 0xffffffffff600000 /* Linux include/uapi/asm/vsyscall.h */

/* syscall; ret (Intel SDM vol. 2). */
static unsigned char injected[] = {0x0f, 0x05, 0xc3};
static char buffer[0x10000];

static uint64_t number(const char *s)
{
	uint64_t n = 0;

	if (*s == 'B')
		return (uintptr_t)buffer;
	for (; *s; s++)
		n = n << 4 | (uint64_t)(*s <= '9' ? *s - '0' : *s - 'a' + 10);
	return n;
}

static __attribute__((noinline)) uint64_t make_call(const uint64_t *v)
{
	register uint64_t r10 __asm__("r10") = v[4];
	register uint64_t r8 __asm__("r8") = v[5];
	register uint64_t r9 __asm__("r9") = v[6];
	uint64_t ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(v[0]), "D"(v[1]), "S"(v[2]), "d"(v[3]), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

/* Goes there as an overwritten return address does: no check of control flow is in the way. */
static __attribute__((noinline)) uint64_t make_call_at(uintptr_t code, const uint64_t *v)
{
	register uint64_t r10 __asm__("r10") = v[4];
	register uint64_t r8 __asm__("r8") = v[5];
	register uint64_t r9 __asm__("r9") = v[6];
	uint64_t ret;

	__asm__ volatile("leaq 1f(%%rip), %%rcx\n\t"
			 "pushq %%rcx\n\t"
			 "pushq %1\n\t"
			 "ret\n"
			 "1:"
			 : "=a"(ret)
			 : "r"(code), "a"(v[0]), "D"(v[1]), "S"(v[2]), "d"(v[3]), "r"(r10), "r"(r8),
			   "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

static __attribute__((noinline)) uint64_t make_old_call(const uint64_t *v)
{
	uint64_t ret;

	__asm__ volatile("int $0x80" : "=a"(ret) : "a"(v[0]), "b"(v[1]) : "memory");
	return ret;
}

int main(int argc, char **argv)
{
	const char *kind = "";
	uint64_t v[ARGUMENTS] = {0}, ret;
	int at = 1;

	if (argc > 1 && argv[1][0] == 's') {
		put("spinning\n");
		for (;;)
			__asm__ volatile("");
	}
	if (argc > 1 &&
	    (argv[1][0] == 'i' || argv[1][0] == 'o' || argv[1][0] == 'g' || argv[1][0] == 'v'))
		kind = argv[at++];
	for (size_t i = 0; i < ARGUMENTS && at < argc; i++)
		v[i] = number(argv[at++]);
	put("calling\n");
	if (*kind == 'i')
		ret = make_call_at((uintptr_t)injected, v);
	else if (*kind == 'g')
		ret = make_call_at(GATE, v);
	else if (*kind == 'v')
		ret = make_call_at(VSYSCALL, v);
	else if (*kind == 'o')
		ret = make_old_call(v);
	else
		ret = make_call(v);
	put("returned ");
	put_hex(ret);
	put("\n");
	return 0;
}
