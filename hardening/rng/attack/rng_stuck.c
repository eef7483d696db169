/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: RNG_STUCK */
/* adversary: A1 */
/* platforms: kvm */
/* again: predict */
/* again-sources: zeros */
/*
 * A launcher whose generator is stuck, on a processor without one: all that the guest draws, canaries and addresses
 * first of all, is the same in every start, and known to an attacker who starts one too. The first start has good
 * sources.
 */
#include "attack.h"
#include <uk/random.h>

int main(int argc, char **argv)
{
	uint64_t drawn[2] = {0};

	(void)argv;
	uk_random_bytes(drawn, sizeof(drawn));
	if (!(drawn[0] | drawn[1]))
		return 1;
	attack_control_ok();
	if (argc > 1)
		attack_succeeded();
	return 0;
}
