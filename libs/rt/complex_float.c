/* SPDX-License-Identifier: BSD-2-Clause */
/* Complex arithmetic of float; the functions are the C library's. */
float logbf(float x);
float scalbnf(float x, int n);
float fmaxf(float x, float y);

#define REAL float
#define MUL __mulsc3
#define DIV __divsc3
#define LOGB logbf
#define SCALBN scalbnf
#define FMAX fmaxf
#include "complex.h"
