/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of the program is the end of the guest. */
#include <uk/plat.h>
#include <uk/posix.h>

enum {
	STATUS_MASK = 0xff, /* what wait() shows of a status: POSIX.1-2017, _Exit() */
};

long uk_sys_exit_group(long status)
{
	uk_plat_halt((int)(status & STATUS_MASK), NULL);
}

/* The only thread ends, and with it the process. */
long uk_sys_exit(long status)
{
	return uk_sys_exit_group(status);
}
