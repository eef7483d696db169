/* SPDX-License-Identifier: BSD-2-Clause */
/* Start of an image without a C library: main, then halt with its status. */
#include <uk/init.h>
#include <uk/plat.h>

_Noreturn void uk_start(int argc, char **argv, char **envp)
{
	uk_plat_halt(uk_app_main(argc, argv, envp), NULL);
}
