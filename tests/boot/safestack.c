/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two stacks: where variables lie, that longjmp() and siglongjmp() out of functions with buffers leave nothing behind,
 * and a function on a stack of the pool. With an argument: recursion until the stack of buffers runs out.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <uk/plat.h>
#include <uk/tls.h>

enum {
	JUMPS = 1000, /* of 1 KiB and more each: what is left behind would be more than the stack */
};

static jmp_buf env;
static sigjmp_buf signal_env;
#if THREADS
static const char *thread_says = "nothing";
#endif

static __attribute__((noinline)) void touch(volatile char *p, size_t len)
{
	p[len - 1] = 1;
}

static __attribute__((noinline)) void leave(int depth)
{
	char buffer[512];

	touch(buffer, sizeof(buffer));
	if (depth == 0)
		longjmp(env, 1);
	leave(depth - 1);
	touch(buffer, sizeof(buffer));
}

static void on_signal(int sig)
{
	char buffer[512];

	(void)sig;
	touch(buffer, sizeof(buffer));
	siglongjmp(signal_env, 1);
}

static __attribute__((noinline)) const void *jumps(void)
{
	for (volatile int i = 0; i < JUMPS; i++)
		if (!setjmp(env))
			leave(2);
	return __safestack_unsafe_stack_ptr;
}

static __attribute__((noinline)) const void *signals(void)
{
	signal(SIGUSR1, on_signal);
	for (volatile int i = 0; i < JUMPS; i++)
		if (!sigsetjmp(signal_env, 1))
			raise(SIGUSR1);
	return __safestack_unsafe_stack_ptr;
}

static __attribute__((noinline)) int deep(int n)
{
	volatile char buffer[256];

	touch(buffer, sizeof(buffer));
	return n == 0 ? 0 : deep(n + 1) + buffer[0];
}

#if THREADS

static void on_thread(void)
{
	const uintptr_t top = uk_plat_thread_unsafe(0);
	char buffer[64];
	uintptr_t base;
	size_t bytes;

	touch(buffer, sizeof(buffer));
	if (uk_plat_thread_stack(0, &base, &bytes))
		return;
	if (top - (uintptr_t)buffer < 1024 && (uintptr_t)__builtin_frame_address(0) - base < bytes)
		thread_says = "own";
}

/* Runs on_thread() on the stack that ends at sp: no verifier of stacks knows such a function. */
static __attribute__((naked, noinline)) void call_on_stack(__attribute__((unused)) uintptr_t sp)
{
	__asm__("pushq %%rbx\n\t"
		"movq %%rsp, %%rbx\n\t"
		"movq %%rdi, %%rsp\n\t"
		"call %c0\n\t"
		"movq %%rbx, %%rsp\n\t"
		"popq %%rbx\n\t"
		"ret"
		:
		: "i"(on_thread));
}

#endif

int main(int argc, char **argv)
{
	const void *before = __safestack_unsafe_stack_ptr;
	uintptr_t base, text;
	char word[16] = "";

	(void)argv;
	if (argc > 1)
		return deep(1);
	printf("jumps: %s\n", jumps() == before ? "same" : "other");
	printf("signals: %s\n", signals() == before ? "same" : "other");
	touch(word, sizeof(word));
	text = (uintptr_t)word;
	/* A GiB at least: windows of their own. */
	base = (uintptr_t)__builtin_frame_address(0);
	printf("apart: %s\n", text - base > 1 << 30 && base - text > 1 << 30 ? "yes" : "no");
#if THREADS
	void *mine = __safestack_unsafe_stack_ptr;
	size_t bytes;

	if (uk_plat_thread_stack(0, &base, &bytes))
		return 1;
	__safestack_unsafe_stack_ptr = (void *)uk_plat_thread_unsafe(0);
	call_on_stack(base + bytes);
	__safestack_unsafe_stack_ptr = mine;
	printf("thread: %s\n", thread_says);
#endif
	return 0;
}
