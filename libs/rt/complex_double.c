/* SPDX-License-Identifier: BSD-2-Clause */
/* Complex arithmetic of double; the functions are the C library's. */
double logb(double x);
double scalbn(double x, int n);
double fmax(double x, double y);

#define REAL double
#define MUL __muldc3
#define DIV __divdc3
#define LOGB logb
#define SCALBN scalbn
#define FMAX fmax
#include "complex.h"
