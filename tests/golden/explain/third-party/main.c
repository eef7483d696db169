/* SPDX-License-Identifier: BSD-2-Clause */
int uk_hello(const char *name);
void *malloc(unsigned long size);
void uk_deaf(void);

void never(void);

void never(void)
{
	uk_deaf();
}

int main(void)
{
	if (uk_hello("x"))
		return 1;
	for (;;)
		*(volatile char *)malloc(7) = 1;
}
