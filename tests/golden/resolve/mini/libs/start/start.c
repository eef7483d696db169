/* SPDX-License-Identifier: BSD-2-Clause */
int uk_app_main(int argc, char **argv, char **envp);
void uk_start(void);
void uk_start(void)
{
	(void)uk_app_main(0, 0, 0);
}
