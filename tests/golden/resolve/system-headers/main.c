/* SPDX-License-Identifier: BSD-2-Clause */
int uk_foreign(void);

int main(void)
{
	return uk_foreign();
}
