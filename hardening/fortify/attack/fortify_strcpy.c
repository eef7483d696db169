/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: FORTIFY_STRCPY */
/* adversary: A1 */
/* A string runs out of one member of a structure into the next. */
#include "attack.h"
#include <string.h>

static struct {
	char name[8];
	char is_admin[8];
} account;

int main(void)
{
	static char text[] = "no-admin.YES";

	text[4] = '\0';
	strcpy(account.name, attack_launder(text));
	if (account.is_admin[0])
		return 1;
	attack_control_ok();
	text[4] = 'd';
	strcpy(account.name, attack_launder(text));
	if (((volatile char *)account.is_admin)[0])
		attack_succeeded();
	return 0;
}
