/* SPDX-License-Identifier: BSD-2-Clause */
void uk_deaf(void);

int main(void)
{
	uk_deaf();
	return 0;
}
