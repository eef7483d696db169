/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files that the image carries, through stdio and the system calls; the source itself is one.
 * files: main.c ukbuild.yaml
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static void say(const char *what, long result)
{
	printf("%s: %s\n", what, result < 0 ? strerror(errno) : "done");
}

int main(void)
{
	char line[80] = "", name[4], rest[4];
	struct iovec pieces[] = {{name, sizeof(name)}, {rest, sizeof(rest)}};
	FILE *f = fopen("/ukbuild.yaml", "r");
	struct stat s;
	int fd = open("./ukbuild.yaml", O_RDONLY), copy = dup(fd);
	struct pollfd ready = {fd, POLLIN, 0};

	printf("%s", fgets(line, sizeof(line), f));
	printf("%s", freopen("main.c", "r", f) && fgets(line, sizeof(line), f) ? line : "none\n");
	fseek(f, 0, SEEK_END);
	printf("size is position: %d\n", !fstat(fileno(f), &s) && s.st_size == ftell(f));
	printf("end: %d\n", fgetc(f) == EOF && feof(f));
	fclose(f);
	printf("readv: %zd '%.4s' '%.4s'\n", readv(fd, pieces, 2), name, rest);
	printf("copy goes on at %ld\n", (long)lseek(copy, 0, SEEK_CUR));
	printf("pread: %zd '%.4s'\n", pread(fd, name, 4, 0), name);
	printf("poll: %d %d\n", poll(&ready, 1, 0), ready.revents);
	printf("terminal: %d %d\n", isatty(1), isatty(fd));
	say("write", write(fd, "x", 1));
	say("truncate", ftruncate(fd, 0));
	say("sync", fsync(fd));
	say("close", close(fd) + close(copy));
	say("close again", close(fd));
	say("remove", remove("main.c"));
	say("remove nothing", unlink("nothing"));
	say("rename", rename("main.c", "other.c"));
	say("create", open("new", O_CREAT | O_WRONLY, 0644));
	say("access", access("main.c", R_OK));
	say("folder", !stat("/", &s) && S_ISDIR(s.st_mode) ? 0 : -1);
	say("open folder", open("/", O_RDONLY));
	return 0;
}
