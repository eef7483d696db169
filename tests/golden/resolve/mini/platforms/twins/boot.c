/* SPDX-License-Identifier: BSD-2-Clause */
void uk_entry(void);
void uk_start(void);
void uk_entry(void)
{
	uk_start();
}
long uk_clock(void);
long uk_clock(void)
{
	return CONFIG_TWINS_KIB;
}
