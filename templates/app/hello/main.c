/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

int main(void)
{
	printf("Hello from a unikernel: %d + %d = %d\n", 20, 22, 20 + 22);
	return 0;
}
