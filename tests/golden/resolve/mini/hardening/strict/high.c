/* SPDX-License-Identifier: BSD-2-Clause */
void uk_strict_init(void);
void uk_strict_init(void)
{
}
void __stack_chk_fail(void);
void __stack_chk_fail(void)
{
}
