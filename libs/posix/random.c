/* SPDX-License-Identifier: BSD-2-Clause */
/* Randomness for the program: the image's one generator, which is seeded before main. */
#include <uk/posix.h>
#include <uk/random.h>

long uk_sys_getrandom(long buf, long len, long flags)
{
	(void)flags; /* never blocks */
	uk_random_bytes((void *)buf, (size_t)len);
	return len;
}
