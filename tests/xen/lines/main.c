/* SPDX-License-Identifier: BSD-2-Clause */
/* More output than the console's ring holds, many times over, in pieces of every length. */
#include <stdio.h>

enum {
	LINES = 400,
};

int main(void)
{
	for (int i = 1; i <= LINES; i++)
		printf("%0*d\n", i, i);
	return 0;
}
