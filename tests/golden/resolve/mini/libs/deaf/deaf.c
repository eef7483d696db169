/* SPDX-License-Identifier: BSD-2-Clause */
void uk_deaf(void);
void uk_deaf(void)
{
}
