/* SPDX-License-Identifier: BSD-2-Clause */
/* Complex arithmetic of long double; the functions are the C library's. */
long double logbl(long double x);
long double scalbnl(long double x, int n);
long double fmaxl(long double x, long double y);

#define REAL long double
#define MUL __mulxc3
#define DIV __divxc3
#define LOGB logbl
#define SCALBN scalbnl
#define FMAX fmaxl
#include "complex.h"
