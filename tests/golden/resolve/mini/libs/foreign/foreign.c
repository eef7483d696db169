/* SPDX-License-Identifier: BSD-2-Clause */
#include <foreign/abi.h>
int uk_foreign(void);
int uk_foreign(void)
{
	return FOREIGN_ABI;
}
