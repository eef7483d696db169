/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs an image of platform process: ukbuild-tender [-m KIB] [-s SEED-FILE] [-a COMMAND-LINE] IMAGE
 *
 * Lays out the window of process.h, gives up everything that a process can give up, installs the system
 * call filter, and leaves through the gate: the last call unmaps all of the tender, its stack, the
 * vdso, so that the image's first instruction finds nothing but the window. Nothing of the image has run
 * when the filter is already in force, and the filter never changes again.
 *
 * Static, without a C library and without writable data: one mapping, few page faults.
 */
#include "tender.h"

#include "process.h"

#include <asm/prctl.h>
#include <asm/unistd_64.h>
#include <linux/auxvec.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/resource.h>

#define DEFAULT_MEMORY_KIB 32768
#define MEMORY_KIB_MAX (1UL << 32) /* 4 TiB: below every address that images draw */

/* Linux arch/x86/include/asm/page_64_types.h: TASK_SIZE_MAX with four-level tables; no mapping is above. */
#define TASK_END 0x7ffffffff000

/* The stack protector's value is at %fs:0x28: the first words of a thread's control block. */
struct control_block {
	uint64_t words[5], canary;
};

struct options {
	const char *image, *seed_file, *cmdline;
	uint64_t memory_bytes;
};

long tender_call(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	/* C has no word for a system call. */
	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

static size_t length(const char *s)
{
	size_t len = 0;

	while (s[len])
		len++;
	return len;
}

static void say(const char *s)
{
	(void)tender_call(__NR_write, 2, (long)s, (long)length(s), 0, 0,
			  0); /* nowhere to complain */
}

_Noreturn void tender_fail(const char *what, const char *name, long err)
{
	char digits[8];
	size_t at = sizeof(digits) - 1;

	say("ukbuild-tender: ");
	say(what);
	if (name) {
		say(" '");
		say(name);
		say("'");
	}
	if (err) {
		digits[at] = '\0';
		for (err = -err; err && at; err /= 10)
			digits[--at] = (char)('0' + err % 10);
		say(" (errno ");
		say(digits + at);
		say(")");
	}
	say("\n");
	for (;;)
		(void)tender_call(__NR_exit_group, TENDER_EXIT, 0, 0, 0, 0, 0);
}

/* Called by compiled-in checks. */
_Noreturn void __stack_chk_fail(void);
_Noreturn void __stack_chk_fail(void)
{
	tender_fail("stack overwritten", NULL, 0);
}

static uint64_t number(const char *s)
{
	uint64_t n = 0;

	if (!*s)
		tender_fail("no number", s, 0);
	for (const char *p = s; *p; p++) {
		if (*p < '0' || *p > '9' || n > MEMORY_KIB_MAX)
			tender_fail("no size in KiB", s, 0);
		n = n * 10 + (uint64_t)(*p - '0');
	}
	if (n > MEMORY_KIB_MAX)
		tender_fail("more memory than an image can have", s, 0);
	return n;
}

static void read_options(char **argv, struct options *ret)
{
	*ret = (struct options){.cmdline = "", .memory_bytes = DEFAULT_MEMORY_KIB * 1024UL};
	while (*argv && **argv == '-') {
		const char *word = *argv++;

		if (length(word) != 2 || !*argv)
			tender_fail("unknown option or no value for", word, 0);
		if (word[1] == 'm')
			ret->memory_bytes = number(*argv++) * 1024;
		else if (word[1] == 's')
			ret->seed_file = *argv++;
		else if (word[1] == 'a')
			ret->cmdline = *argv++;
		else
			tender_fail("unknown option", word, 0);
	}
	if (!argv[0] || argv[1])
		tender_fail("usage: ukbuild-tender [-m KIB] [-s SEED-FILE] [-a COMMAND-LINE] IMAGE",
			    NULL, 0);
	ret->image = *argv;
}

/* The whole window at once; rights are taken away where the image asks for them. */
static void map_window(const struct options *o, const struct tender_image *image, uint64_t canary)
{
	static const unsigned char gate[] = PROCESS_GATE_CODE;
	const bool is_flat = !(image->flags & PROCESS_NOTE_RIGHTS);
	const long rights = PROT_READ | PROT_WRITE | (is_flat ? PROT_EXEC : 0);
	long at = tender_call(
		__NR_mmap, PROCESS_GATE, (long)(PROCESS_PAGE + o->memory_bytes), rights,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE, -1, 0);

	/* A kernel that does not know the flag (before 4.17) takes it as a wish. */
	if (at != PROCESS_GATE)
		tender_fail("cannot map the guest's memory", NULL, at < 0 ? at : -1);
	for (size_t i = 0; i < sizeof(gate); i++)
		((volatile unsigned char *)PROCESS_GATE)[i] = gate[i];
	((struct control_block *)PROCESS_GATE)->canary = canary;
	if (tender_call(__NR_arch_prctl, ARCH_SET_FS, PROCESS_GATE, 0, 0, 0, 0))
		tender_fail("cannot set the thread pointer", NULL, 0);
}

/*
 * Whether the kernel keeps reads from pages that may only be executed: it does so by protection keys, and
 * leaves them readable where there are none (Linux mm/mmap.c, execute_only_pkey). CPUID leaf 7, %ecx bit 4:
 * the kernel has switched keys on (Intel SDM vol. 2).
 */
static bool has_keys(void)
{
	uint32_t a = 0, b, c = 0, d;

	/* C has no word for it. */
	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	if (a < 7)
		return false;
	a = 7;
	c = 0;
	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return c >> 4 & 1;
}

static void set_rights(struct tender_image *image)
{
	long text = PROT_READ | PROT_EXEC, err;

	if (!(image->flags & PROCESS_NOTE_RIGHTS))
		return;
	/* Taken out of what the image is told, so that it can say that it cannot be. */
	if (image->flags & PROCESS_NOTE_HIDDEN && !has_keys())
		image->flags &= ~(uint32_t)PROCESS_NOTE_HIDDEN;
	if (image->flags & PROCESS_NOTE_HIDDEN)
		text = PROT_EXEC;
	err = tender_call(__NR_mprotect, PROCESS_GATE, PROCESS_PAGE, PROT_READ | PROT_EXEC, 0, 0,
			  0);
	if (!err)
		err = tender_call(__NR_mprotect, (long)image->text,
				  (long)(image->text_end - image->text), text, 0, 0, 0);
	if (err)
		tender_fail("cannot set page rights", NULL, err);
}

static void read_seed(const char *file, uint8_t *ret)
{
	long fd, got;

	if (!file) {
		got = tender_call(__NR_getrandom, (long)ret, PROCESS_SEED_BYTES, 0, 0, 0, 0);
		if (got != PROCESS_SEED_BYTES)
			tender_fail("the kernel gives no random bytes", NULL, got);
		return;
	}
	fd = tender_call(__NR_open, (long)file, O_RDONLY | O_CLOEXEC, 0, 0, 0, 0);
	if (fd < 0)
		tender_fail("cannot open the seed", file, fd);
	got = tender_call(__NR_read, fd, (long)ret, PROCESS_SEED_BYTES, 0, 0, 0);
	if (got != PROCESS_SEED_BYTES)
		tender_fail("no 32 bytes in the seed", file, got < 0 ? got : 0);
}

static struct process_info *write_info(const struct options *o, const struct tender_image *image)
{
	struct process_info *info = (struct process_info *)image->end;
	size_t len = length(o->cmdline);

	if (len >= sizeof(info->cmdline))
		tender_fail("the command line is too long", NULL, 0);
	info->abi = PROCESS_ABI;
	info->flags = image->flags;
	info->entry = image->entry;
	info->memory_bytes = o->memory_bytes;
	for (size_t i = 0; i < PROCESS_DEVICES; i++)
		info->devices[i] = -1;
	read_seed(o->seed_file, info->seed);
	for (size_t i = 0; i < len; i++)
		info->cmdline[i] = o->cmdline[i];
	return info;
}

/*
 * What the filter forbids to use is given up as well, so that a hole in the filter alone opens nothing:
 * descriptors, capabilities, core dumps, tracing by others, new processes, files, locked memory.
 */
static void give_up(void)
{
	static const int limits[] = {RLIMIT_CORE, RLIMIT_NPROC, RLIMIT_NOFILE, RLIMIT_MEMLOCK};
	const struct rlimit64 none = {0, 0};
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	const struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}};
	long err = tender_call(__NR_close_range, 3, ~0U, 0, 0, 0, 0);

	if (err)
		tender_fail("cannot close descriptors: Linux 5.9 or later is needed", NULL, err);
	for (size_t i = 0; !err && i < sizeof(limits) / sizeof(limits[0]); i++)
		err = tender_call(__NR_prlimit64, 0, limits[i], (long)&none, 0, 0, 0);
	if (!err)
		err = tender_call(__NR_capset, (long)&head, (long)caps, 0, 0, 0, 0);
	if (!err)
		err = tender_call(__NR_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0, 0);
	if (!err)
		err = tender_call(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0);
	if (err)
		tender_fail("cannot give up privileges", NULL, err);
}

/* Through the gate: everything above the window goes, and its `ret` takes the image's entry. */
static _Noreturn void enter(const struct process_info *info)
{
	const uint64_t end = PROCESS_IMAGE + info->memory_bytes;

	/* C has no word for a stack of one word. */
	__asm__ volatile("movq %0, %%rsp\n\t"
			 "jmpq *%1"
			 :
			 : "r"(&info->entry), "r"((uint64_t)PROCESS_GATE), "a"((long)__NR_munmap),
			   "D"(end), "S"(TASK_END - end), "b"(info)
			 : "memory");
	__builtin_unreachable();
}

static _Noreturn void run(char **argv, uint64_t canary)
{
	struct tender_image image;
	struct options o;
	struct process_info *info;

	read_options(argv + 1, &o);
	tender_image_open(o.image, &image);
	if (image.end + PROCESS_PAGE > PROCESS_IMAGE + o.memory_bytes)
		tender_fail("too little memory (-m) for image", o.image, 0);
	map_window(&o, &image, canary);
	tender_image_load(o.image, &image);
	set_rights(&image);
	info = write_info(&o, &image);
	give_up();
	tender_filter_install();
	enter(info);
}

/* Where the kernel starts the process: System V ABI, AMD64 supplement 3.4.1. */
_Noreturn void tender_main(uint64_t *stack) __attribute__((no_stack_protector, used));
_Noreturn void tender_main(uint64_t *stack)
{
	char **argv = (char **)(stack + 1), **word = argv;
	struct control_block block = {.canary = 0};

	while (*word++)
		;
	while (*word++)
		;
	for (const uint64_t *aux = (const uint64_t *)word; aux[0] != AT_NULL; aux += 2)
		if (aux[0] == AT_RANDOM)
			block.canary = *(const uint64_t *)aux[1] & ~(uint64_t)0xff;
	if (tender_call(__NR_arch_prctl, ARCH_SET_FS, (long)&block, 0, 0, 0, 0))
		tender_fail("cannot set the thread pointer", NULL, 0);
	run(argv, block.canary);
}

/* The stack pointer at entry is all there is. */
__asm__(".globl _start\n"
	"_start:\n\t"
	"xorl %ebp, %ebp\n\t"
	"movq %rsp, %rdi\n\t"
	"andq $-16, %rsp\n\t"
	"call tender_main\n\t"
	"ud2");
