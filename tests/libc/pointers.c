/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Library functions written in assembly, called through pointers: where calls are checked they have a type too.
 * All of them that a program may take the address of, which tests/musl compares with the index.
 */
#include <fenv.h>
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

typedef void *copier(void *, const void *, size_t);
typedef void *filler(void *, int, size_t);

static void try_memory(void)
{
	copier *volatile copy = memcpy, *volatile move = memmove;
	filler *volatile fill = memset;
	char text[8] = "abcdefg";

	copy(text, "xyz", 3);
	puts(text);
	move(text + 1, text, 3);
	puts(text);
	fill(text + 5, '.', 2);
	puts(text);
}

static void try_math(void)
{
	static const struct {
		const char *name;
		long double (*call)(long double);
	} functions[] = {
		{"acosl", acosl},   {"asinl", asinl},   {"atanl", atanl},   {"ceill", ceill},
		{"exp2l", exp2l},   {"expl", expl},     {"expm1l", expm1l}, {"floorl", floorl},
		{"logl", logl},     {"log10l", log10l}, {"log1pl", log1pl}, {"log2l", log2l},
		{"truncl", truncl},
	};
	long double (*volatile angle)(long double, long double) = atan2l;

	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		printf("%s %.6Lf\n", functions[i].name, functions[i].call(0.75L));
	printf("atan2l %.6Lf\n", angle(0.75L, 2));
}

static void try_environment(void)
{
	int (*volatile clear)(int) = feclearexcept, (*volatile raise)(int) = feraiseexcept;
	int (*volatile test)(int) = fetestexcept, (*volatile rounding)(void) = fegetround;
	int (*volatile get)(fenv_t *) = fegetenv, (*volatile set)(const fenv_t *) = fesetenv;
	fenv_t before;

	clear(FE_ALL_EXCEPT);
	get(&before);
	raise(FE_DIVBYZERO);
	printf("%d", test(FE_ALL_EXCEPT) == FE_DIVBYZERO);
	set(&before);
	printf(" %d %d\n", test(FE_ALL_EXCEPT), rounding() == FE_TONEAREST);
}

static void try_jumps(void)
{
	static void (*const volatile jumps[])(jmp_buf, int) = {longjmp, _longjmp};
	jmp_buf buf;

	for (volatile size_t i = 0; i < 2; i++) {
		int value = setjmp(buf);

		if (!value)
			jumps[i](buf, 7);
		printf("jump %d\n", value);
	}
}

int main(void)
{
	try_memory();
	try_math();
	try_environment();
	try_jumps();
	return 0;
}
