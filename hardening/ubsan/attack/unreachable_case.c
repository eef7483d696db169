/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: UNREACHABLE_CASE */
/* adversary: A2 */
/* A switch over a variable that was overwritten: the author said that there is no other value. */
#include "attack.h"

enum role {
	ROLE_GUEST,
	ROLE_ADMIN,
};

static __attribute__((noinline)) int is_admin(enum role role)
{
	switch (role) {
	case ROLE_GUEST:
		return 0;
	case ROLE_ADMIN:
		return 1;
	}
	__builtin_unreachable();
}

int main(void)
{
	volatile unsigned role = ROLE_GUEST;

	if (is_admin((enum role)role) || !is_admin((enum role)(role + ROLE_ADMIN)))
		return 1;
	attack_control_ok();
	role = 0x41414141;
	if (is_admin((enum role)role))
		attack_succeeded();
	return 0;
}
