/* SPDX-License-Identifier: BSD-2-Clause */
long calls(void);
extern void (*const table[])(void);

int main(void)
{
	table[0]();
	return (int)calls();
}
