/* SPDX-License-Identifier: BSD-2-Clause */
void *malloc(unsigned long size);
void *malloc(unsigned long size)
{
	return (void *)size;
}
