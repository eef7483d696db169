/* SPDX-License-Identifier: BSD-2-Clause */
long fork(void);

int main(void)
{
	return (int)fork();
}
