/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: READ_TEXT */
/* adversary: A3 */
/* needs: nullpage=on,wx=on,privscan=on */
/* platforms: kvm process xen-pvh */
/* xen-cpu: max */
/* Discloses the code of a function whose address is known: what an attacker does first to find fragments. */
#include "attack.h"

static __attribute__((noinline)) int target(void)
{
	volatile int result = 1;

	return result;
}

int main(void)
{
	static const unsigned char data[2] = {0x5a, 0xa5};
	const volatile unsigned char *p = attack_launder(data);
	unsigned int sum = 0;

	if (p[0] != 0x5a || target() != 1)
		return 1;
	attack_control_ok();
	p = attack_launder((const void *)target);
	for (size_t i = 0; i < 16; i++)
		sum += p[i];
	if (sum)
		attack_succeeded();
	return 0;
}
