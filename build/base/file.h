/* SPDX-License-Identifier: BSD-2-Clause */
/* Files and paths. Outputs are written to a temporary file beside the target and renamed. */
#ifndef UKB_FILE_H
#define UKB_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct diags;
struct strs;

/*
 * Whole file, followed by one zero byte that *ret_len does not count. Larger than max_bytes, a
 * directory, unreadable: an error (DIAG_INPUT) that names the path.
 */
int file_read(struct arena *a, const char *path, size_t max_bytes, char **ret_text, size_t *ret_len,
	      struct diags *d);
/* Writes path.tmp.PID, then renames. Makes parent folders. On failure path is as it was. */
int file_write(const char *path, const void *data, size_t len, struct diags *d);
/* As file_write, but leaves path (and its mtime) alone when it already holds these bytes. */
int file_write_if_changed(const char *path, const void *data, size_t len, bool *ret_changed,
			  struct diags *d);
int file_copy(const char *from, const char *to, struct diags *d);
/* Makes path a symbolic link to target, also where it was another one. Makes parent folders. */
int file_link(const char *target, const char *path, struct diags *d);
int file_mkdirs(const char *path, struct diags *d);
/* Removes path and everything below it; a missing path is no error. Never follows symlinks. */
int file_remove_tree(const char *path, struct diags *d);
bool file_exists(const char *path);
bool file_is_dir(const char *path);
/* Size and mtime in ns; -1 without a diagnostic when it cannot be stat'ed. */
int file_stat(const char *path, uint64_t *ret_size, int64_t *ret_mtime_ns);
/* Bytes that the file system of path has left for its user; UINT64_MAX when it does not say. */
uint64_t file_bytes_left(const char *path);
/* Names in dir, sorted, without "." and "..". A missing dir is an error. */
int file_list(struct arena *a, const char *dir, struct strs *ret_names, struct diags *d);
/* Shell globs relative to dir, sorted; paths come back relative to dir. "**" is not special. */
int file_glob(struct arena *a, const char *dir, const char *pattern, struct strs *ret_paths,
	      struct diags *d);

/* Paths. All results are arena-owned. */
const char *path_join(struct arena *a, const char *dir, const char *name); /* name absolute: name */
const char *path_dir(struct arena *a, const char *path);
const char *path_base(const char *path);
const char *path_absolute(struct arena *a, const char *path); /* against the cwd; "." ".." folded */
/*
 * The first character of path that cannot stand in a makefile rule, however it is written (GNU make
 * manual, "Rule Syntax", "Multiple Rules" and "Static Usage"), or NULL.
 */
const char *path_unusable(const char *path);
bool path_is_assembly(const char *path); /* a source .S or .s, or an object named after one */
/* Absolute, or with a ".." in it: may lead out of the folder that it is relative to. */
bool path_leaves(const char *path);
/* path seen from the folder base (both made absolute first). */
const char *path_relative(struct arena *a, const char *path, const char *base);

#endif
