/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions that the driver must not call, as compile errors (-Werror=deprecated-declarations). The
 * Makefile includes this file ahead of every driver source; a source that may call one of the
 * second group is listed there with its UKB_MAY_* macro.
 */
#ifndef UKB_BANNED_H
#define UKB_BANNED_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UKB_BANNED(instead) __attribute__((deprecated("banned here: " instead)))

extern char *strcpy(char *, const char *) UKB_BANNED("use arena_strdup or memcpy");
extern char *strcat(char *, const char *) UKB_BANNED("use struct sb");
extern char *strncpy(char *, const char *, size_t) UKB_BANNED("use arena_memdup");
extern char *strncat(char *, const char *, size_t) UKB_BANNED("use struct sb");
extern char *strtok(char *, const char *) UKB_BANNED("use strs_split");
extern int sprintf(char *, const char *, ...) UKB_BANNED("use arena_printf");
extern int vsprintf(char *, const char *, va_list) UKB_BANNED("use arena_vprintf");
extern int system(const char *) UKB_BANNED("use proc_run");
extern FILE *popen(const char *, const char *) UKB_BANNED("use proc_run");
extern char *tmpnam(char[L_tmpnam]) UKB_BANNED("use file_write");
extern __sighandler_t signal(int, __sighandler_t) UKB_BANNED("proc.c handles signals");

/* Defined inline by glibc, so no attribute can be added: use strtoull and check its end. */
#pragma GCC poison atoi atol

#ifndef UKB_MAY_SPAWN
extern pid_t fork(void) UKB_BANNED("use proc_run");
extern int execv(const char *, char *const[]) UKB_BANNED("use proc_run");
extern int execve(const char *, char *const[], char *const[]) UKB_BANNED("use proc_run");
extern int execvp(const char *, char *const[]) UKB_BANNED("use proc_run");
extern int execlp(const char *, const char *, ...) UKB_BANNED("use proc_run");
#endif
#ifndef UKB_MAY_EXIT
extern void exit(int) UKB_BANNED("return -1 with a diagnostic");
extern void _exit(int) UKB_BANNED("return -1 with a diagnostic");
#endif
#ifndef UKB_MAY_GETENV
extern char *getenv(const char *) UKB_BANNED("take it from struct ctx or struct tools");
#endif

#endif
