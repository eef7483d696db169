/* SPDX-License-Identifier: BSD-2-Clause */
void uk_left_init(void);
void uk_left_init(void)
{
}
