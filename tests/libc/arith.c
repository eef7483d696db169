/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arithmetic that the compiler does with calls, and the C library's floating point.
 * libs: rt
 */
#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	volatile unsigned __int128 a = ((unsigned __int128)1 << 100) + 12345;
	volatile __int128 b = -(__int128)1000000007;
	volatile double complex z = 3 + 4 * I, w = 1 - 2 * I;
	volatile long double complex l = 2 + 1 * I;

	printf("%llu %llu\n", (unsigned long long)(a / 1000003), (unsigned long long)(a % 1000003));
	printf("%lld %lld\n", (long long)((__int128)a / b), (long long)((__int128)a % b));
	printf("%g%+gi %g%+gi\n", creal(z * w), cimag(z * w), creal(z / w), cimag(z / w));
	printf("%Lg%+Lgi %.6f\n", creall(l * l), cimagl(l * l), cabs(cpow(z, w)));
	printf("%.15g %.15g %.12Lg %a\n", sqrt(2), sin(1), expl(1), 0.1);
	printf("%.17g %g\n", strtod("3.141592653589793", NULL), strtod("1e-320", NULL));
	return 0;
}
