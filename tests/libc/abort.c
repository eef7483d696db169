/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * abort() ends with the status of its signal.
 * status: 134
 */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	puts("before");
	abort();
}
