/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals that a program sends to itself: handlers, mask, pending, default actions. */
#include <stdbool.h>
#include <stdint.h>
#include <uk/errno.h>
#include <uk/plat.h>
#include <uk/posix_signal.h>

/* Linux: include/uapi/asm-generic/signal.h, signal-defs.h and arch/x86/include/uapi/asm/signal.h. */
enum {
	SIGNALS = 64,
	SIGKILL = 9,
	SIGCHLD = 17,
	SIGCONT = 18,
	SIGSTOP = 19,
	SIGURG = 23,
	SIGWINCH = 28,
	SIG_BLOCK = 0,
	SIG_UNBLOCK = 1,
	SIG_SETMASK = 2,
	SI_TKILL = -6,
	SA_SIGINFO = 4,
	SA_NODEFER = 0x40000000,
};
#define SA_RESETHAND 0x80000000ul
#define SIG_DFL ((uintptr_t)0)
#define SIG_IGN ((uintptr_t)1)

enum {
	STATUS_SIGNAL = 128, /* exit status of a program that a signal ended: as shells report it */
	PROCESS = 1,         /* uk_sys_getpid() and uk_sys_gettid() (libs/posix) */
};

/* The kernel's struct sigaction. */
struct action {
	uintptr_t handler;
	unsigned long flags;
	uintptr_t restorer;
	uint64_t mask;
};

/*
 * What a handler with SA_SIGINFO gets; the start of the kernel's siginfo_t. A typedef of this name,
 * because checks of indirect calls compare the handler's type by name.
 */
typedef struct {
	int signal, error, code, pad;
	int pid, uid;
	uint64_t rest[13];
} siginfo_t;

static struct action actions[SIGNALS];
static uint64_t blocked, pending; /* bit n: signal n + 1 */

static uint64_t bit_of(long sig)
{
	return 1ull << (sig - 1);
}

static bool is_signal(long sig)
{
	return sig >= 1 && sig <= SIGNALS;
}

static void default_action(long sig)
{
	if (sig == SIGCHLD || sig == SIGCONT || sig == SIGURG || sig == SIGWINCH)
		return;
	uk_plat_halt(STATUS_SIGNAL + (int)sig, NULL);
}

static void call_handler(const struct action *act, long sig)
{
	siginfo_t info = {
		.signal = (int)sig,
		.code = SI_TKILL,
		.pid = PROCESS,
	};

	/* The context that the handler interrupts is an ordinary call: there is none to show. */
	if (act->flags & SA_SIGINFO)
		((void (*)(int, siginfo_t *, void *))act->handler)((int)sig, &info, NULL);
	else
		((void (*)(int))act->handler)((int)sig);
}

static void deliver(long sig)
{
	const struct action act = actions[sig - 1];
	uint64_t before = blocked;

	if (act.handler == SIG_IGN)
		return;
	if (act.handler == SIG_DFL) {
		default_action(sig);
		return;
	}
	if (act.flags & SA_RESETHAND)
		actions[sig - 1].handler = SIG_DFL;
	blocked |= act.mask;
	if (!(act.flags & SA_NODEFER))
		blocked |= bit_of(sig);
	call_handler(&act, sig);
	blocked = before;
}

static void deliver_pending(void)
{
	uint64_t ready;

	while ((ready = pending & ~blocked)) {
		long sig = __builtin_ctzll(ready) + 1;

		pending &= ~bit_of(sig);
		deliver(sig);
	}
}

long uk_sys_rt_sigaction(long sig, long new_action, long ret_old, long set_bytes)
{
	if (!is_signal(sig) || set_bytes != sizeof(uint64_t))
		return -UK_EINVAL;
	if (new_action && (sig == SIGKILL || sig == SIGSTOP))
		return -UK_EINVAL;
	if (ret_old)
		*(struct action *)ret_old = actions[sig - 1];
	if (new_action)
		actions[sig - 1] = *(const struct action *)new_action;
	return 0;
}

long uk_sys_rt_sigprocmask(long how, long new_set, long ret_old, long set_bytes)
{
	uint64_t old = blocked, set;

	if (set_bytes != sizeof(uint64_t))
		return -UK_EINVAL;
	if (new_set) {
		set = *(const uint64_t *)new_set;
		switch (how) {
		case SIG_BLOCK:
			blocked |= set;
			break;
		case SIG_UNBLOCK:
			blocked &= ~set;
			break;
		case SIG_SETMASK:
			blocked = set;
			break;
		default:
			return -UK_EINVAL;
		}
		blocked &= ~(bit_of(SIGKILL) | bit_of(SIGSTOP));
	}
	if (ret_old)
		*(uint64_t *)ret_old = old;
	deliver_pending();
	return 0;
}

long uk_sys_rt_sigpending(long ret_set, long set_bytes)
{
	if (set_bytes > (long)sizeof(uint64_t))
		return -UK_EINVAL;
	*(uint64_t *)ret_set = pending;
	return 0;
}

long uk_sys_tkill(long tid, long sig)
{
	if (tid != PROCESS)
		return -UK_ESRCH;
	if (sig == 0)
		return 0;
	if (!is_signal(sig))
		return -UK_EINVAL;
	pending |= bit_of(sig);
	deliver_pending();
	return 0;
}

long uk_sys_tgkill(long pid, long tid, long sig)
{
	return pid == PROCESS ? uk_sys_tkill(tid, sig) : -UK_ESRCH;
}

/* pid 0 and -1: the process group and every process, which are this one. */
long uk_sys_kill(long pid, long sig)
{
	return pid == PROCESS || pid == 0 || pid == -1 ? uk_sys_tkill(PROCESS, sig) : -UK_ESRCH;
}
