/* SPDX-License-Identifier: BSD-2-Clause */
/* The smallest image: no C library, the platform's console alone. */
#include <uk/plat.h>

int main(void)
{
	static const char text[] = "hello from a bare image\n";

	uk_plat_console_write(text, sizeof(text) - 1);
	return 0;
}
