/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: WRITE_STREAM_POINTER */
/* adversary: A2 */
/* needs: nullpage=on,wx=on */
/* Puts a stream of the attacker's into the place through which exit() finds the one to flush. */
#include "attack.h"
#include <stdio.h>

/* musl 1.2.3, src/stdio/__stdio_exit.c. */
extern FILE *volatile __stdout_used;

int main(void)
{
	static unsigned char mine[256];
	FILE **place = attack_launder((const void *)&__stdout_used);

	if (puts("one line") < 0)
		return 1;
	attack_control_ok();
	*place = (FILE *)(void *)mine;
	if (__stdout_used == (FILE *)(void *)mine)
		attack_succeeded();
	return 0;
}
