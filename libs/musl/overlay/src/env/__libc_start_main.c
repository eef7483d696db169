/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Start of a program on musl, in place of upstream's __libc_start_main.c and of the part of
 * __init_tls.c that builds the first thread. The platform has set up the thread pointer with the
 * canary in it (uk/tls.h); there is no auxiliary vector, no set-user-id state, no file descriptor
 * to check. What is set here is what __init_libc() and __init_tp() of musl 1.2.3 set, field by
 * field.
 */
#include "libc.h"
#include "pthread_impl.h"
#include <elf.h>
#include <stdlib.h>
#include <unistd.h>

/* Page size of the x86-64 paging unit: Intel SDM vol. 3A, 4.5. */
#define PAGE_BYTES 4096

/* Thread 1, as gettid() says (libs/posix_proc). */
#define FIRST_TID 1

int uk_app_main(int argc, char **argv, char **envp);
_Noreturn void uk_start(int argc, char **argv, char **envp);

/* From the linker script. */
extern hidden void (*const __init_array_start[])(void), (*const __init_array_end[])(void);

/* Locks the list of threads (pthread_create.c); upstream defines it in __init_tls.c. */
volatile int __thread_list_lock;

/* What getauxval() reads: nothing but the page size. */
static size_t auxv[] = {AT_PAGESZ, PAGE_BYTES, AT_NULL, 0};

static void init_thread(struct pthread *self)
{
	self->self = self;
	self->detach_state = DT_JOINABLE;
	self->tid = FIRST_TID;
	self->locale = &libc.global_locale;
	self->robust_list.head = &self->robust_list.head;
	self->next = self->prev = self;
	libc.can_do_threads = 1;
}

static void init_names(char *path)
{
	__progname = __progname_full = path;
	for (char *p = path; *p; p++) {
		if (*p == '/')
			__progname = p + 1;
	}
}

_Noreturn void uk_start(int argc, char **argv, char **envp)
{
	static char no_name[1];

	__environ = envp;
	libc.auxv = auxv;
	libc.page_size = PAGE_BYTES;
	init_names(argc > 0 ? argv[0] : no_name);
	init_thread(__pthread_self());
	for (void (*const *f)(void) = __init_array_start; f < __init_array_end; f++)
		(*f)();
	exit(uk_app_main(argc, argv, envp));
}
