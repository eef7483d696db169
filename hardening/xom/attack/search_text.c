/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: SEARCH_TEXT */
/* adversary: A3 */
/* needs: nullpage=on,wx=on,privscan=on */
/* platforms: kvm process xen-pvh */
/* xen-cpu: max */
/*
 * Reuse of code that is found at run time (just-in-time code reuse: Snow et al., IEEE S&P 2013): from the page
 * of one return address it searches code for the fragment it needs, then returns into that. Nothing has to be
 * known of the image, so a drawn order of functions is not in the way.
 */
#include "attack.h"

#define PAGE_BYTES 4096

/* xchg %rax, %rdx; ret; int3 (Intel SDM vol. 2): stands for a fragment that happens to be there. */
static const unsigned char wanted[] = {0x48, 0x92, 0xc3, 0xcc};

static const unsigned char *search(const volatile unsigned char *p)
{
	for (;; p++) {
		size_t i = 0;

		while (i < sizeof(wanted) && p[i] == wanted[i])
			i++;
		if (i == sizeof(wanted))
			return (const unsigned char *)(uintptr_t)p;
	}
}

/* Returns to `to`, as if it stood where a return address was; what runs there comes back. */
static uintptr_t enter(const void *to, uintptr_t rax, uintptr_t rdx)
{
	/* C has no way to return to a number. */
	__asm__ volatile("leaq 1f(%%rip), %%rcx\n\t"
			 "pushq %%rcx\n\t"
			 "pushq %2\n\t"
			 "ret\n\t"
			 "int3\n"
			 "1:"
			 : "+a"(rax), "+d"(rdx)
			 : "r"(to)
			 : "rcx", "memory");
	return rax;
}

/* An address in the caller, which has the fragment. */
static __attribute__((noinline)) uintptr_t leak(void)
{
	return (uintptr_t)attack_launder(__builtin_return_address(0));
}

int main(void)
{
	static const unsigned char place[sizeof(wanted) + 1] = {0, 0x48, 0x92, 0xc3, 0xcc};
	uintptr_t known, fragment;

	/* C has no word for code that is only there to be found. */
	__asm__ volatile("leaq 1f(%%rip), %0\n\t"
			 "jmp 2f\n"
			 "1:\n\t"
			 "xchgq %%rax, %%rdx\n\t"
			 "ret\n\t"
			 "int3\n"
			 "2:"
			 : "=r"(fragment));
	if (search(attack_launder(place)) != place + 1 ||
	    enter(attack_launder((const void *)fragment), 1, 2) != 2)
		return 1;
	known = leak();
	attack_control_ok();
	if (enter(search(attack_launder((const void *)(known & ~(uintptr_t)(PAGE_BYTES - 1)))), 1,
		  2) == 2)
		attack_succeeded();
	return 0;
}
