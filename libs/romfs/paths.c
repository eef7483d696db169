/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths: what they name, and what can be asked about it. */
#include <stdbool.h>
#include <stdint.h>
#include <uk/errno.h>
#include <uk/romfs.h>

enum {
	PATH_BYTES = 256,
	/* <sys/stat.h>: kinds and rights. */
	MODE_FILE = 0100444,
	MODE_FOLDER = 0040555,
	BLOCK = 4096,
	SECTOR = 512, /* st_blocks counts these, stat(2) */
	/* access(2) */
	W_OK = 2,
	X_OK = 1,
};

/* struct stat of x86-64: arch/x86/include/uapi/asm/stat.h. */
struct status {
	uint64_t device, inode, links;
	uint32_t mode, user, group, pad;
	uint64_t device_id, size, block_bytes, blocks;
	uint64_t times[6], reserved[3];
};

/* path without a slash at the start and without empty, "." and ".." parts; false: too long. */
static bool normalise(const char *path, char to[PATH_BYTES])
{
	size_t len = 0;

	while (*path) {
		size_t n = 0;

		while (path[n] && path[n] != '/')
			n++;
		if (n == 2 && path[0] == '.' && path[1] == '.') {
			while (len && to[--len] != '/')
				;
		} else if (n && !(n == 1 && path[0] == '.')) {
			if (len + n + 2 > PATH_BYTES)
				return false;
			if (len)
				to[len++] = '/';
			for (size_t i = 0; i < n; i++)
				to[len++] = path[i];
		}
		path += n;
		path += *path == '/';
	}
	to[len] = '\0';
	return true;
}

/* Whether path begins with the name, and what comes then: '\0', '/' or another character. */
static bool begins(const char *path, const char *name, char *ret_next)
{
	while (*name && *path == *name) {
		path++;
		name++;
	}
	*ret_next = *path;
	return !*name;
}

enum uk_romfs_kind uk_romfs_find(const char *path, const struct uk_romfs_file **ret_file)
{
	char name[PATH_BYTES];

	if (!normalise(path, name))
		return UK_ROMFS_NOTHING;
	if (!*name)
		return UK_ROMFS_FOLDER;
	for (size_t i = 0; i < uk_romfs_files_len; i++) {
		char next;

		if (!begins(uk_romfs_files[i].path, name, &next))
			continue;
		if (next == '/')
			return UK_ROMFS_FOLDER;
		if (next)
			continue;
		if (ret_file)
			*ret_file = &uk_romfs_files[i];
		return UK_ROMFS_FILE;
	}
	return UK_ROMFS_NOTHING;
}

long uk_romfs_stat(const char *path, void *stat)
{
	const struct uk_romfs_file *file = NULL;
	struct status *s = stat;

	switch (uk_romfs_find(path, &file)) {
	case UK_ROMFS_FILE:
		*s = (struct status){
			.inode = (uint64_t)(file - uk_romfs_files) + 2,
			.links = 1,
			.mode = MODE_FILE,
			.size = file->bytes,
			.block_bytes = BLOCK,
			.blocks = (file->bytes + SECTOR - 1) / SECTOR,
		};
		return 0;
	case UK_ROMFS_FOLDER:
		*s = (struct status){
			.inode = 1, .links = 1, .mode = MODE_FOLDER, .block_bytes = BLOCK};
		return 0;
	default:
		return -UK_ENOENT;
	}
}

long uk_romfs_access(const char *path, long mode)
{
	enum uk_romfs_kind kind = uk_romfs_find(path, NULL);

	if (kind == UK_ROMFS_NOTHING)
		return -UK_ENOENT;
	if (mode & W_OK)
		return -UK_EROFS;
	return mode & X_OK && kind == UK_ROMFS_FILE ? -UK_EACCES : 0;
}

long uk_romfs_refuse(const char *path)
{
	return uk_romfs_find(path, NULL) == UK_ROMFS_NOTHING ? -UK_ENOENT : -UK_EROFS;
}
