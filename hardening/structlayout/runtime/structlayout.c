/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one structure whose order is in code that boots: each member gets its number, in the order in which they
 * are declared. The verifier compares the places with the records in the sidecar.
 * INIT late:uk_structlayout_witness
 */
#include <uk/shuffled.h>

void uk_structlayout_witness(void);

static volatile struct uk_shuffled_witness witness;

__attribute__((noinline)) void uk_structlayout_witness(void)
{
	witness.a = 1;
	witness.b = 2;
	witness.c = 3;
	witness.d = 4;
	witness.e = 5;
	witness.f = 6;
	witness.g = 7;
	witness.h = 8;
	witness.i = 9;
	witness.j = 10;
	witness.k = 11;
	witness.l = 12;
}
