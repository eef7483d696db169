/* SPDX-License-Identifier: BSD-2-Clause */
#include <uk/hello.h>

long uk_clock(void);
int uk_hello(const char *name)
{
	return name[0] + (int)uk_clock();
}
