/* SPDX-License-Identifier: BSD-2-Clause */
/* The compiler's own calls: libgcc manual, "Routines for integer arithmetic" and "... floating point". */
#ifndef UK_RT_H
#define UK_RT_H

typedef unsigned __int128 rt_u128; /* typedefs: the language has no short name for these */
typedef __int128 rt_s128;

rt_u128 __udivmodti4(rt_u128 a, rt_u128 b, rt_u128 *ret_rest);
rt_u128 __udivti3(rt_u128 a, rt_u128 b);
rt_u128 __umodti3(rt_u128 a, rt_u128 b);
rt_s128 __divti3(rt_s128 a, rt_s128 b);
rt_s128 __modti3(rt_s128 a, rt_s128 b);

float _Complex __mulsc3(float a, float b, float c, float d);
float _Complex __divsc3(float a, float b, float c, float d);
double _Complex __muldc3(double a, double b, double c, double d);
double _Complex __divdc3(double a, double b, double c, double d);
long double _Complex __mulxc3(long double a, long double b, long double c, long double d);
long double _Complex __divxc3(long double a, long double b, long double c, long double d);

#endif
