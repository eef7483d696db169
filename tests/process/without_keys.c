/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a program as on a processor whose kernel uses no protection keys: CPUID leaf 7 says so (%ecx bits 3 and 4:
 * PKU, OSPKE; Intel SDM vol. 2). The program is loaded as one piece, as ukbuild-tender is, so that an instruction
 * lies as far from the entry as in the file; each cpuid becomes a breakpoint, at which we answer in its place.
 */
#include <cpuid.h>
#include <elf.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define CPUID_BYTES 2
#define KEY_BITS (3u << 3)

static unsigned char file[1 << 20];

static int put_breakpoint(pid_t pid, unsigned long long at)
{
	long word = ptrace(PTRACE_PEEKTEXT, pid, (void *)at, 0);

	return (int)ptrace(PTRACE_POKETEXT, pid, (void *)at, (void *)((word & ~0xffL) | 0xcc));
}

static int answer(pid_t pid, struct user_regs_struct *r)
{
	unsigned int leaf = (unsigned int)r->rax, a, b, c, d;

	__cpuid_count(leaf, (unsigned int)r->rcx, a, b, c, d);
	r->rax = a;
	r->rbx = b;
	r->rcx = leaf == 7 ? c & ~KEY_BITS : c;
	r->rdx = d;
	r->rip += CPUID_BYTES - 1; /* the breakpoint had one byte */
	return (int)ptrace(PTRACE_SETREGS, pid, 0, r);
}

int main(int argc, char **argv)
{
	FILE *f = argc > 1 ? fopen(argv[1], "rb") : NULL;
	size_t len = f ? fread(file, 1, sizeof(file), f) : 0;
	struct user_regs_struct r;
	Elf64_Ehdr h;
	int status;
	pid_t pid;

	if (len < sizeof(h) || len == sizeof(file))
		return 1;
	memcpy(&h, file, sizeof(h));
	pid = fork();
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		execv(argv[1], argv + 1);
		_exit(1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_GETREGS, pid, 0, &r))
		return 1;
	for (size_t i = 0; i + CPUID_BYTES <= len; i++)
		if (memcmp(file + i, "\x0f\xa2", CPUID_BYTES) == 0 &&
		    put_breakpoint(pid, r.rip - h.e_entry + i))
			return 1;
	for (int signal = 0;;) {
		if (ptrace(PTRACE_CONT, pid, 0, (void *)(long)signal) ||
		    waitpid(pid, &status, 0) != pid)
			return 1;
		if (WIFEXITED(status))
			return WEXITSTATUS(status);
		if (!WIFSTOPPED(status))
			return 1;
		signal = WSTOPSIG(status);
		if (signal == SIGTRAP) {
			signal = 0;
			if (ptrace(PTRACE_GETREGS, pid, 0, &r) || answer(pid, &r))
				return 1;
		}
	}
}
