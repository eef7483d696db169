/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every way to leave a function and to call one that a program has: none of them is an attack. Prints what
 * the processor watches, so that nobody takes a machine without it for one that lets all this pass.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uk/plat.h>

enum {
	DEPTH = 1000, /* more than one incssp takes off, and not a multiple of that */
};

static jmp_buf near_buf, far_buf;
static sigjmp_buf mask_buf;
static int exits;

static __attribute__((noinline)) int down(volatile int depth)
{
	if (!depth)
		longjmp(far_buf, DEPTH);
	return down(depth - 1) + 1;
}

static __attribute__((noinline)) int jump(int kind)
{
	if (kind == 0)
		longjmp(near_buf, 0);
	if (kind == 1)
		siglongjmp(mask_buf, 2);
	return kind;
}

static int jumps(void)
{
	volatile int sum = 0, i;
	int got;

	for (i = 0; i < 3; i++) {
		got = setjmp(near_buf);
		sum += got ? got : jump(0);
		got = sigsetjmp(mask_buf, i & 1);
		sum += got ? got : jump(1);
	}
	got = setjmp(far_buf);
	return sum + (got ? got : down(DEPTH));
}

static int compare(const void *x, const void *y)
{
	const int *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
}

static __attribute__((noinline)) int choose(int n)
{
	switch (n) {
	case 0:
		return 17;
	case 1:
		return puts("one");
	case 2:
		return exits;
	case 3:
		return abs(exits - 9);
	case 4:
		return (int)strlen("four");
	case 5:
		return rand();
	default:
		return n;
	}
}

/* Jumps to labels, as interpreters have them: each label begins with an endbr64. */
static __attribute__((noinline)) int labels(const volatile unsigned char *code)
{
	static const void *const to[] = {&&add, &&twice, &&end};
	int n = 0;

	goto *to[*code++];
add:
	n++;
	goto *to[*code++];
twice:
	n *= 2;
	goto *to[*code++];
end:
	return n;
}

static void *(*volatile copy)(void *, const void *, size_t) = memcpy;
static void *(*volatile move)(void *, const void *, size_t) = memmove;
static void *(*volatile fill)(void *, int, size_t) = memset;

static void say_bye(void)
{
	puts("bye");
}

#if THREADS /* run.sh: no compiler sets up this frame, so some mechanisms would miss something in it */
__attribute__((used, noinline)) static void on_thread(void)
{
	printf("on a thread's stack %d\n", jumps());
}

/*
 * Calls on_thread() on another stack. With a token the processor's shadow stack changes too: rstorssp takes it and leaves
 * one for the way back where the old one was, which saveprevssp moves there (SDM vol. 1, 17.2.5).
 */
static __attribute__((naked, noinline)) void call_on_stack(uintptr_t top, uintptr_t token)
{
	__asm__("pushq %rbx\n\t"
		"pushq %r12\n\t"
		"movq %rsp, %rbx\n\t"
		"pushq %rdi\n\t"
		"popq %rsp\n\t"
		"xorl %r12d, %r12d\n\t"
		"testq %rsi, %rsi\n\t"
		"jz 1f\n\t"
		"rdsspq %r12\n\t"
		"rstorssp (%rsi)\n\t"
		"saveprevssp\n"
		"1:\tcall on_thread\n\t"
		"pushq %rbx\n\t"
		"popq %rsp\n\t"
		"testq %r12, %r12\n\t"
		"jz 2f\n\t"
		"rstorssp -8(%r12)\n\t"
		"saveprevssp\n"
		"2:\tpopq %r12\n\t"
		"popq %rbx\n\t"
		"ret");
}

#endif

int main(void)
{
	const volatile unsigned char code[] = {0, 0, 1, 0, 1, 2};
	int numbers[] = {5, 3, 9, 1, 7};
	char text[8];
	uintptr_t ssp = 0;

	/* Intel SDM vol. 2, RDSSPQ: leaves the register as it was where there is no shadow stack. */
	__asm__ volatile("rdsspq %0" : "+r"(ssp));
	printf("shadow stack: %s\n", ssp ? "yes" : "no");
	atexit(say_bye);
	printf("jumps %d\n", jumps());
	printf("labels %d\n", labels(code));
	qsort(numbers, 5, sizeof(numbers[0]), compare);
	fill(text, 'x', sizeof(text));
	copy(text, "copied", 7);
	move(text, text + 1, 6);
	printf("sorted %d %d, %s, %d\n", numbers[0], numbers[4], text, choose(4) + choose(0));
#if THREADS
	uintptr_t base;
	size_t bytes;

	if (!uk_plat_thread_stack(0, &base, &bytes))
		call_on_stack(base + bytes, uk_plat_thread_shadow(0));
#endif
	return 0;
}
