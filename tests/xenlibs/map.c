/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In the initial domain: map DOMAIN REF ro|rw maps a granted page, prints the string at its start, writes to
 * its middle when it may, and at the end of its input prints the string again and gives the page up.
 * Prints "failed" when it gets no mapping.
 */
#include <fcntl.h>
#include <linux/types.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xen/grant_table.h>

#include <xen/gntdev.h>

enum {
	PAGE_BYTES = 4096,
	MIDDLE = 2048,
};

int main(int argc, char **argv)
{
	struct ioctl_gntdev_map_grant_ref map = {.count = 1};
	int is_rw, fd, rights;
	char *page;

	if (argc != 4)
		return 2;
	map.refs[0].domid = (uint32_t)atoi(argv[1]);
	map.refs[0].ref = (uint32_t)atoi(argv[2]);
	is_rw = !strcmp(argv[3], "rw");
	rights = is_rw ? PROT_READ | PROT_WRITE : PROT_READ;
	fd = open("/dev/xen/gntdev", O_RDWR);
	if (fd < 0 || ioctl(fd, IOCTL_GNTDEV_MAP_GRANT_REF, &map) < 0) {
		puts("no device");
		return 1;
	}
	page = mmap(NULL, PAGE_BYTES, rights, MAP_SHARED, fd, (off_t)map.index);
	if (page == MAP_FAILED) {
		puts("failed");
		return 1;
	}
	if (is_rw)
		strcpy(page + MIDDLE, "written by dom0");
	puts(page);
	fflush(stdout);
	while (getchar() != EOF)
		;
	puts(page);
	munmap(page, PAGE_BYTES);
	return 0;
}
