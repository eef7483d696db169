/* SPDX-License-Identifier: BSD-2-Clause */
/* What the system says about itself. */
#include <stdint.h>
#include <uk/errno.h>
#include <uk/plat.h>
#include <uk/posix.h>

/* struct utsname as the kernel fills it: include/uapi/linux/utsname.h, struct new_utsname. */
struct names {
	char system[65], node[65], release[65], version[65], machine[65], domain[65];
};

/* struct sysinfo of 64-bit Linux: include/uapi/linux/sysinfo.h. */
struct system {
	long uptime;
	unsigned long loads[3];
	unsigned long total_ram, free_ram, shared_ram, buffer_ram, total_swap, free_swap;
	uint16_t processes, pad;
	unsigned long total_high, free_high;
	uint32_t unit_bytes;
};

/* struct rlimit64, RLIM64_INFINITY and the two limits there are: include/uapi/linux/resource.h. */
struct limit {
	uint64_t soft, hard;
};
enum {
	RLIMIT_CORE = 4,
	RLIMIT_NOFILE = 7,
	RLIMIT_COUNT = 16,
	FILES_MAX = 3, /* the console, three times */
	NS_PER_S = 1000000000,
	MASK_USUAL = 022,
};

static void copy(char *to, const char *from)
{
	while ((*to++ = *from++))
		;
}

long uk_sys_uname(long buf)
{
	struct names *n = (struct names *)buf;

	copy(n->system, "ukbuild");
	copy(n->node, "localhost");
	copy(n->release, "1");
	copy(n->version, "1");
	copy(n->machine, "x86_64");
	copy(n->domain, "");
	return 0;
}

long uk_sys_getcwd(long buf, long size)
{
	static const char root[] = "/";

	if (size < (long)sizeof(root))
		return -UK_ERANGE;
	copy((char *)buf, root);
	return sizeof(root);
}

long uk_sys_sysinfo(long info)
{
	struct system *s = (struct system *)info;
	const struct uk_ram *ram;
	size_t len = uk_plat_ram(&ram);

	*s = (struct system){
		.uptime = (long)(uk_plat_clock_mono_ns() / NS_PER_S),
		.processes = 1,
		.unit_bytes = 1,
	};
	for (size_t i = 0; i < len; i++)
		s->total_ram += ram[i].bytes;
	s->free_ram = s->total_ram;
	return 0;
}

long uk_sys_prlimit64(long pid, long resource, long new_limit, long old_limit)
{
	struct limit *old = (struct limit *)old_limit;
	uint64_t limit = UINT64_MAX;

	if (pid != 0 && pid != uk_sys_getpid())
		return -UK_ESRCH;
	if (resource < 0 || resource >= RLIMIT_COUNT)
		return -UK_EINVAL;
	if (new_limit)
		return -UK_EPERM;
	if (resource == RLIMIT_CORE)
		limit = 0;
	if (resource == RLIMIT_NOFILE)
		limit = FILES_MAX;
	if (old)
		*old = (struct limit){limit, limit};
	return 0;
}

long uk_sys_getrlimit(long resource, long ret_limit)
{
	return uk_sys_prlimit64(0, resource, 0, ret_limit);
}

long uk_sys_setrlimit(long resource, long limit)
{
	return uk_sys_prlimit64(0, resource, limit, 0);
}

/* No file is ever made, so the mask has no use; the usual one is reported. */
long uk_sys_umask(long mask)
{
	(void)mask;
	return MASK_USUAL;
}
