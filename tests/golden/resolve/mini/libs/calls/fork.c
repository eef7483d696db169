/* SPDX-License-Identifier: BSD-2-Clause */
long uk_sys_fork(void);
long fork(void);
long fork(void)
{
	return uk_sys_fork();
}
