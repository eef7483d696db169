/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals to oneself, clocks, identity, input that is at its end, files that are not there. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static volatile int got;

static void handler(int sig)
{
	got = sig;
}

static void info_handler(int sig, siginfo_t *info, void *context)
{
	(void)context;
	got = info->si_signo == sig ? -sig : 0;
}

static void signals(void)
{
	struct sigaction action = {.sa_sigaction = info_handler, .sa_flags = SA_SIGINFO};
	sigset_t set;

	signal(SIGUSR1, handler);
	raise(SIGUSR1);
	printf("handler %d\n", got == SIGUSR1);
	sigaction(SIGUSR2, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGUSR2);
	printf("blocked %d\n", got == SIGUSR1);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	printf("delivered %d\n", got == -SIGUSR2);
	raise(SIGCHLD);
}

static void clocks(void)
{
	struct timespec before, after, wait = {0, 2000000};
	time_t day = 86400;

	clock_gettime(CLOCK_MONOTONIC, &before);
	nanosleep(&wait, NULL);
	clock_gettime(CLOCK_MONOTONIC, &after);
	printf("slept %d\n",
	       (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec >=
		       wait.tv_nsec);
	printf("this century %d\n", time(NULL) > 1700000000);
	printf("%s", asctime(gmtime(&day)));
}

static void descriptors(void)
{
	struct pollfd entries[] = {{.fd = 1, .events = POLLOUT}, {.fd = 9, .events = POLLIN}};
	struct stat st;
	int ready = poll(entries, 2, -1), copy;
	ssize_t closed;

	printf("poll %d %d %d\n", ready, entries[0].revents == POLLOUT,
	       entries[1].revents == POLLNVAL);
	ready = fstat(1, &st);
	printf("fstat %d %d, stat %d\n", ready, S_ISCHR(st.st_mode) != 0, stat("/x", &st));
	close(2);
	closed = write(2, "", 0);
	copy = dup(1);
	printf("closed %zd, dup %d, again %zd\n", closed, copy, write(2, "", 0));
	printf("chdir %d %d, mkdir %d\n", chdir("/"), chdir("/tmp"), mkdir("/tmp", 0777));
}

int main(void)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	unsigned char random[32] = {0}, none[32] = {0};
	struct utsname names;
	struct rusage usage;
	char cwd[8], line[8];

	signals();
	clocks();
	pthread_mutex_lock(&mutex);
	printf("trylock %d\n", pthread_mutex_trylock(&mutex) == EBUSY);
	pthread_mutex_unlock(&mutex);
	printf("input %d %d\n", getchar(), fgets(line, sizeof(line), stdin) != NULL);
	printf("fopen %d %s\n", fopen("/etc/passwd", "r") != NULL, strerror(errno));
	printf("create %d %s\n", fopen("/x", "w") != NULL, strerror(errno));
	printf("cwd %s, terminal %d\n", getcwd(cwd, sizeof(cwd)), isatty(1));
	uname(&names);
	printf("%s\n", names.machine);
	printf("random %zd %d\n", getrandom(random, sizeof(random), 0),
	       memcmp(random, none, sizeof(none)) != 0);
	printf("pid %d uid %d\n", getpid(), getuid());
	descriptors();
	printf("processors %ld, files %ld, mask %o\n", sysconf(_SC_NPROCESSORS_ONLN),
	       sysconf(_SC_OPEN_MAX), umask(0));
	printf("usage %d\n", getrusage(RUSAGE_SELF, &usage) == 0 && usage.ru_utime.tv_usec > 0);
	return 0;
}
