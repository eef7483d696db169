/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Event channels, thousands of times: an event that comes while the guest is between its look and its sleep
 * must end that sleep. The timer is what comes by itself on one processor, so its moment is moved, step by
 * step, over all of what a wait does.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uk/plat.h>
#include <uk/xen.h>

/* Xen public/xen.h and public/event_channel.h: an application does not see them. */
enum {
	SET_TIMER_OP = 15,
	EVENT_CHANNEL_OP = 32,
	BIND_VIRQ = 1,
	VIRQ_TIMER = 0,
	DOMID_SELF = 0x7ff0,
	ETIMEDOUT = 110,
};
struct bind_virq {
	uint32_t virq, vcpu, port;
};

enum {
	SENDS = 500,
	TIMERS = 2000,
	PROBES = 16,
	SHORT_NS = 1000000,
};
#define LONG_NS 20000000000ULL

static void say(const char *s)
{
	size_t len = 0;

	while (s[len])
		len++;
	uk_plat_console_write(s, len);
}

static bool check(const char *what, bool is_right)
{
	say(what);
	say(is_right ? " ok\n" : " wrong\n");
	return is_right;
}

/* An event at one end shows at the other, once, and nowhere else. */
static bool passes(uint32_t from, uint32_t to)
{
	return !uk_xen_event_send(from) && !uk_xen_event_wait(&to, 1, 0) && uk_xen_event_take(to) &&
	       !uk_xen_event_take(to) && !uk_xen_event_take(from);
}

static bool loopback(uint32_t *ret_quiet)
{
	uint32_t a, b;
	bool is_right = true;

	if (uk_xen_event_alloc(DOMID_SELF, &a) || uk_xen_event_bind(DOMID_SELF, a, &b))
		return false;
	/* Binding tells both ends. */
	uk_xen_event_take(a);
	uk_xen_event_take(b);
	for (int i = 0; i < SENDS && is_right; i++)
		is_right = passes(a, b) && passes(b, a);
	*ret_quiet = a;
	return is_right && !uk_xen_event_close(b) && uk_xen_event_send(b) < 0;
}

static bool timeout(uint32_t quiet)
{
	uint64_t start = uk_plat_clock_mono_ns(), limit = start + SHORT_NS, end;
	bool is_right;

	uk_xen_event_take(quiet);
	is_right = uk_xen_event_wait(&quiet, 1, limit) == -ETIMEDOUT;
	end = uk_plat_clock_mono_ns();
	return is_right && end >= limit && end < start + LONG_NS;
}

static bool wait_for_timer(const uint32_t ports[2], uint64_t delay_ns)
{
	const uint64_t limit = uk_plat_clock_mono_ns() + LONG_NS;

	uk_xen_call(SET_TIMER_OP, uk_xen_system_ns() + delay_ns, 0, 0, 0);
	return !uk_xen_event_wait(ports, 2, limit) && uk_xen_event_take(ports[1]);
}

static bool timer(uint32_t quiet)
{
	struct bind_virq bind = {.virq = VIRQ_TIMER};
	uint32_t ports[2] = {quiet};
	uint64_t start, cost;

	if (uk_xen_call(EVENT_CHANNEL_OP, BIND_VIRQ, (uintptr_t)&bind, 0, 0))
		return false;
	ports[1] = bind.port;
	/* What a wait costs that has nothing to wait for. */
	start = uk_plat_clock_mono_ns();
	for (int i = 0; i < PROBES; i++)
		if (!wait_for_timer(ports, 0))
			return false;
	cost = (uk_plat_clock_mono_ns() - start) / PROBES;
	for (uint64_t i = 0; i < TIMERS; i++)
		if (!wait_for_timer(ports, 2 * cost * i / TIMERS))
			return false;
	return true;
}

int main(int argc, char **argv)
{
	uint32_t quiet = 0;
	bool is_right = check("loopback", loopback(&quiet));

	(void)argv;
	(void)argc;
	is_right &= check("timeout", timeout(quiet));
	is_right &= check("timer", timer(quiet));
	return is_right ? 0 : 1;
}
