/* SPDX-License-Identifier: BSD-2-Clause */
int mian(void)
{
	return 0;
}
