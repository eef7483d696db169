/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The compiler's calls against those of the host's compiler.
 * with: libs/rt/div128.c libs/rt/complex_double.c -D__udivti3=t_udiv -D__umodti3=t_umod -D__divti3=t_div -D__modti3=t_mod -D__udivmodti4=t_udivmod -D__muldc3=t_mul -D__divdc3=t_cdiv -lm
 */
#include "libs/rt/rt.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static uint64_t random_bits(void)
{
	static uint64_t state = 88172645463325252ull;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Of any length from 1 to 128 bits. */
static rt_u128 random_number(void)
{
	rt_u128 x = (rt_u128)random_bits() << 64 | random_bits();

	return x >> random_bits() % 128;
}

static void test_division(void **state)
{
	(void)state;
	for (int i = 0; i < 300000; i++) {
		rt_u128 a = random_number(), b = random_number(), rest;
		rt_s128 s, t;

		if (!b)
			continue;
		assert_true(__udivti3(a, b) == a / b);
		assert_true(__umodti3(a, b) == a % b);
		assert_true(__udivmodti4(a, b, &rest) == a / b && rest == a % b);
		s = (rt_s128)(random_bits() % 2 ? a : -a);
		t = (rt_s128)(random_bits() % 2 ? b : -b);
		if (t == -1)
			continue;
		assert_true(__divti3(s, t) == s / t);
		assert_true(__modti3(s, t) == s % t);
	}
}

static int same(double x, double y)
{
	return (isnan(x) && isnan(y)) || (x == y && signbit(x) == signbit(y));
}

static double _Complex pair(double re, double im)
{
	double _Complex z;

	__real__ z = re;
	__imag__ z = im;
	return z;
}

static int is_infinite(double _Complex z)
{
	return isinf(__real__ z) || isinf(__imag__ z);
}

/* Every kind of number in every place, against the host's compiler. */
static void test_product(void **state)
{
	static const double values[] = {0.0,     -0.0,     1.0,       -2.5, 1e300,
					-1e-300, INFINITY, -INFINITY, NAN};
	enum {
		COUNT = sizeof(values) / sizeof(values[0])
	};

	(void)state;
	for (int i = 0; i < COUNT * COUNT * COUNT * COUNT; i++) {
		double a = values[i % COUNT], b = values[i / COUNT % COUNT];
		double c = values[i / COUNT / COUNT % COUNT], d = values[i / COUNT / COUNT / COUNT];
		double _Complex theirs = pair(a, b) * pair(c, d), ours = __muldc3(a, b, c, d);

		assert_true(same(__real__ ours, __real__ theirs));
		assert_true(same(__imag__ ours, __imag__ theirs));
	}
}

static void test_quotient(void **state)
{
	(void)state;
	for (int i = 0; i < 10000; i++) {
		double a = (double)(random_bits() % 1000) - 500,
		       b = (double)(random_bits() % 1000) - 500;
		double c = (double)(random_bits() % 1000) + 1,
		       d = (double)(random_bits() % 1000) - 500;
		double _Complex z = __divdc3(a, b, c, d);
		double _Complex back = z * pair(c, d);

		assert_true(fabs(__real__ back - a) < 1e-9 && fabs(__imag__ back - b) < 1e-9);
	}
	/* Large and small divisors do not overflow on the way. */
	assert_true(fabs(__real__ __divdc3(1e300, 1e300, 1e300, 1e300) - 1) < 1e-12);
	assert_true(fabs(__real__ __divdc3(1e-300, 1e-300, 1e-300, 1e-300) - 1) < 1e-12);
	/* C11, G.5.1, paragraph 4. */
	assert_true(is_infinite(__divdc3(INFINITY, 1, 2, 3)));
	assert_true(is_infinite(__divdc3(1, 1, 0, 0)));
	assert_true(__real__ __divdc3(1, 1, INFINITY, 1) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_division),
		cmocka_unit_test(test_product),
		cmocka_unit_test(test_quotient),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
