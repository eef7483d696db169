/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest for the rig's own test: the smallest program that runs as a Xen PV or PVH domain, initial
 * or not. It says what it was given, prints the trailer with the nonce and shuts down; with "crash"
 * on its command line it executes an undefined instruction instead. Built once with PV=1 and once
 * with PV=0; the entry code is in entry_pv.S and entry_pvh.S.
 */
#include <stddef.h>
#include <stdint.h>

/* Without it the headers give the numbers of hypercalls of 2005 (xen/xen-compat.h). */
#define __XEN_INTERFACE_VERSION__ __XEN_LATEST_INTERFACE_VERSION__

#include <xen/xen.h>

#include <xen/arch-x86/hvm/start_info.h>
#include <xen/event_channel.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/io/console.h>
#include <xen/sched.h>

_Noreturn void fixture_main(const void *info);

static struct xencons_interface *ring; /* NULL: the initial domain, which writes through Xen */
static uint32_t ring_port;

static long call(unsigned long nr, uintptr_t a, uintptr_t b, uintptr_t c)
{
	long result;
#if PV
	__asm__ volatile("syscall"
			 : "=a"(result), "+D"(a), "+S"(b), "+d"(c)
			 : "a"(nr)
			 : "rcx", "r11", "memory");
#else
	/* The rig's processor is an AMD one. */
	__asm__ volatile("vmmcall" : "=a"(result), "+D"(a), "+S"(b), "+d"(c) : "a"(nr) : "memory");
#endif
	return result;
}

static size_t length(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

static void put_bytes(const char *s, size_t len)
{
	struct evtchn_send send = {ring_port};
	size_t i;

	if (!ring) {
		call(__HYPERVISOR_console_io, CONSOLEIO_write, len, (uintptr_t)s);
		return;
	}
	for (i = 0; i < len; i++) {
		volatile XENCONS_RING_IDX *cons = &ring->out_cons;

		while (ring->out_prod - *cons >= sizeof(ring->out))
			call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0);
		ring->out[MASK_XENCONS_IDX(ring->out_prod, ring->out)] = s[i];
		__asm__ volatile("" ::: "memory");
		ring->out_prod++;
	}
	call(__HYPERVISOR_event_channel_op, EVTCHNOP_send, (uintptr_t)&send, 0);
}

static void put(const char *s)
{
	put_bytes(s, length(s));
}

/* In as many digits as asked for: the same instructions whatever the number. */
static void put_number(uint64_t n, unsigned base, size_t len)
{
	char digits[20];
	size_t i = len;

	while (i) {
		digits[--i] = "0123456789abcdef"[n % base];
		n /= base;
	}
	put_bytes(digits, len);
}

static uint64_t now(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* Where word stands in line, or NULL. */
static const char *find(const char *line, const char *word)
{
	for (; *line; line++) {
		size_t i = 0;

		while (word[i] && line[i] == word[i])
			i++;
		if (!word[i])
			return line;
	}
	return NULL;
}

#if PV
static const char *take_info(const void *p, const uint8_t **ret_seed, size_t *ret_bytes)
{
	const struct start_info *info = p;
	const uint64_t *m2p = (const uint64_t *)MACH2PHYS_VIRT_START;

	if (!(info->flags & SIF_INITDOMAIN)) {
		ring = (struct xencons_interface *)(m2p[info->console.domU.mfn] << 12);
		ring_port = info->console.domU.evtchn;
	}
	*ret_seed = (const uint8_t *)info->mod_start;
	*ret_bytes = info->mod_start ? info->mod_len : 0;
	return (const char *)info->cmd_line;
}
#else
static uint64_t parameter(unsigned index)
{
	struct xen_hvm_param p = {.domid = DOMID_SELF, .index = index};

	call(__HYPERVISOR_hvm_op, HVMOP_get_param, (uintptr_t)&p, 0);
	return p.value;
}

static const char *take_info(const void *p, const uint8_t **ret_seed, size_t *ret_bytes)
{
	const struct hvm_start_info *info = p;
	const struct hvm_modlist_entry *list = (const void *)(uintptr_t)info->modlist_paddr;

	if (!(info->flags & SIF_INITDOMAIN)) {
		ring = (struct xencons_interface *)(parameter(HVM_PARAM_CONSOLE_PFN) << 12);
		ring_port = (uint32_t)parameter(HVM_PARAM_CONSOLE_EVTCHN);
	}
	*ret_bytes = 0;
	if (info->nr_modules) {
		*ret_seed = (const uint8_t *)(uintptr_t)list->paddr;
		*ret_bytes = list->size;
	}
	return info->cmdline_paddr ? (const char *)(uintptr_t)info->cmdline_paddr : "";
}
#endif

_Noreturn void fixture_main(const void *info)
{
	const uint8_t *seed = NULL;
	uint64_t entry = now();
	size_t bytes = 0, i;
	const char *line = take_info(info, &seed, &bytes), *nonce;
	struct sched_shutdown stop = {SHUTDOWN_poweroff};

	put("fixture: PASS ");
	put(PV ? "pv " : "pvh ");
	put(ring ? "domu\n" : "dom0\n");
	put("fixture: seed ");
	put_number(bytes, 10, 2);
	for (i = 0; i < bytes && i < 4; i++) {
		put(" ");
		put_number(seed[i], 16, 2);
	}
	put("\nfixture: line ");
	put(line);
	put("\nan open line");
	if (find(line, "crash"))
		__asm__ volatile("ud2");
	if (find(line, "endless"))
		for (;;)
			__asm__ volatile("");
	nonce = find(line, "ukbuild.nonce=");
	if (nonce && !find(line, "mute")) {
		put("ukbuild-boot: ");
		put_bytes(nonce + length("ukbuild.nonce="), 16);
		put(" entry=");
		put_number(entry, 10, 16);
		put(" exit=");
		put_number(now(), 10, 16);
		put("\nukbuild-exit: ");
		put_bytes(nonce + length("ukbuild.nonce="), 16);
		put(find(line, "status7") ? " 7\n" : " 0\n");
	}
	if (!ring)
		stop.reason = SHUTDOWN_reboot; /* a poweroff of the initial domain only halts */
	call(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (uintptr_t)&stop, 0);
	for (;;)
		;
}
