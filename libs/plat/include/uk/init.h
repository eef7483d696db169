/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The generated start-up (one C file an image, written by the driver) and the two ends it connects:
 * the platform runs the phases, then uk_start() of the one start library that is in.
 */
#ifndef UK_INIT_H
#define UK_INIT_H

/*
 * For an INIT function in a file that also has permanent code; a file of boot code alone includes
 * uk/boot.h instead. Unmapped before main when page rights are in. Never inlined, so that the finished
 * image shows whether the function is called.
 */
#define UK_BOOT_CODE __attribute__((section(".boot.text"), noinline))

/* Direct calls of the INIT entries of each phase, in a fixed order. The first may not allocate. */
void uk_init_early(void);
void uk_init_mem(void);
void uk_init_device(void);
void uk_init_late(void);

/* Arguments and environment of the manifest; each ends with NULL. */
extern const int uk_app_argc;
extern const char *const uk_app_argv[];
extern const char *const uk_app_envp[];

/* Calls main with the prototype it has, so that indirect-call checks need no exemption. */
int uk_app_main(int argc, char **argv, char **envp);

/*
 * Never returns. argv, NULL, envp, NULL and a pair of zeros (an empty auxiliary vector) stand in
 * one block at the top of the main stack, as the System V ABI has it; the strings may be changed.
 */
_Noreturn void uk_start(int argc, char **argv, char **envp);

#endif
