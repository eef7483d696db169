/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Multiplication and division of complex numbers as C11, Annex G.5.1 asks for them (examples 1 and 2
 * there): infinities stay infinities where the plain formula yields NaNs. Included once for each type, with
 * REAL, MUL and DIV set, and LOGB, SCALBN, FMAX of the C library.
 */
#include "rt.h"

static REAL box(REAL x)
{
	return __builtin_copysign(__builtin_isinf(x) ? 1.0 : 0.0, (double)x);
}

static REAL zero_if_nan(REAL x)
{
	return __builtin_isnan(x) ? (REAL)__builtin_copysign(0.0, (double)x) : x;
}

static REAL _Complex pair(REAL re, REAL im)
{
	REAL _Complex z;

	__real__ z = re;
	__imag__ z = im;
	return z;
}

REAL _Complex MUL(REAL a, REAL b, REAL c, REAL d)
{
	const REAL ac = a * c, bd = b * d, ad = a * d, bc = b * c;
	int recalculate = 0;

	if (!__builtin_isnan(ac - bd) || !__builtin_isnan(ad + bc))
		return pair(ac - bd, ad + bc);
	if (__builtin_isinf(a) || __builtin_isinf(b)) {
		a = box(a);
		b = box(b);
		c = zero_if_nan(c);
		d = zero_if_nan(d);
		recalculate = 1;
	}
	if (__builtin_isinf(c) || __builtin_isinf(d)) {
		c = box(c);
		d = box(d);
		a = zero_if_nan(a);
		b = zero_if_nan(b);
		recalculate = 1;
	}
	if (!recalculate && (__builtin_isinf(ac) || __builtin_isinf(bd) || __builtin_isinf(ad) ||
			     __builtin_isinf(bc))) {
		a = zero_if_nan(a);
		b = zero_if_nan(b);
		c = zero_if_nan(c);
		d = zero_if_nan(d);
		recalculate = 1;
	}
	if (!recalculate)
		return pair(ac - bd, ad + bc);
	return pair((REAL)__builtin_inf() * (a * c - b * d),
		    (REAL)__builtin_inf() * (a * d + b * c));
}

REAL _Complex DIV(REAL a, REAL b, REAL c, REAL d)
{
	const REAL infinity = (REAL)__builtin_inf();
	REAL scale = LOGB(FMAX(c < 0 ? -c : c, d < 0 ? -d : d)), denominator, re, im;
	int power = 0;

	if (__builtin_isfinite(scale)) {
		power = (int)scale;
		c = SCALBN(c, -power);
		d = SCALBN(d, -power);
	}
	denominator = c * c + d * d;
	re = SCALBN((a * c + b * d) / denominator, -power);
	im = SCALBN((b * c - a * d) / denominator, -power);
	if (!__builtin_isnan(re) || !__builtin_isnan(im))
		return pair(re, im);
	if (denominator == 0 && (!__builtin_isnan(a) || !__builtin_isnan(b)))
		return pair((REAL)__builtin_copysign(infinity, (double)c) * a,
			    (REAL)__builtin_copysign(infinity, (double)c) * b);
	if ((__builtin_isinf(a) || __builtin_isinf(b)) && __builtin_isfinite(c) &&
	    __builtin_isfinite(d)) {
		a = box(a);
		b = box(b);
		return pair(infinity * (a * c + b * d), infinity * (b * c - a * d));
	}
	if (__builtin_isinf(scale) && scale > 0 && __builtin_isfinite(a) && __builtin_isfinite(b)) {
		c = box(c);
		d = box(d);
		return pair(0 * (a * c + b * d), 0 * (b * c - a * d));
	}
	return pair(re, im);
}
