/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program finds at its start and leaves at its end.
 * args: one "two three"
 * status: 7
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int constructed;
static _Thread_local int set = 42, zero;

__attribute__((constructor)) static void begin(void)
{
	puts("constructor");
	constructed++;
}

__attribute__((destructor)) static void end(void)
{
	puts("destructor");
}

static void handler(void)
{
	puts("atexit");
}

int main(int argc, char **argv, char **envp)
{
	printf("%d %s %s %s\n", argc, strrchr(argv[0], '/') ? "path" : argv[0], argv[1], argv[2]);
	printf("end of arguments: %d\n", argv[argc] == NULL);
	printf("%s %s\n", getenv("WHO"), envp[0]);
	setenv("WHO", "you", 1);
	printf("%s\n", getenv("WHO"));
	printf("constructed %d, tls %d %d\n", constructed, set, zero);
	atexit(handler);
	return 7;
}
