/* SPDX-License-Identifier: BSD-2-Clause */
#include "host.h"

#include "../../build/base/arena.h"
#include "../../build/base/str.h"
#include "../../build/run.h"

#include <string.h>

#define TAG "(XEN) ["
/* TAG, then the seconds as "%5u.%06u", then "] ": xen/drivers/char/console.c, printk_start_of_line(). */
#define STAMP_LEN 12
#define PREFIX_LEN (sizeof(TAG) - 1 + STAMP_LEN + 2)

/* The last thing that Xen says before the initial domain runs: xen/arch/x86/setup.c, init_done(). */
static const char started[] = "init memory\n";

/* Lines after which nothing comes but a wait: xen/common/shutdown.c and panic(). */
static const char *const ends[] = {
	"Hardware Dom0 crashed",
	"Hardware Dom0 halted",
	"Reboot in five seconds",
	"Manual reset required",
};

/* What fits at place i of a prefix. */
static bool fits(size_t i, char c)
{
	size_t at = i - (sizeof(TAG) - 1);

	if (i < sizeof(TAG) - 1)
		return TAG[i] == c;
	if (at < STAMP_LEN) {
		if (at == STAMP_LEN - 7)
			return c == '.';
		return (c >= '0' && c <= '9') || (at < STAMP_LEN - 7 && c == ' ');
	}
	return c == (at == STAMP_LEN ? ']' : ' ');
}

/* How many characters of a prefix stand at s. */
static size_t prefix_len(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len && i < PREFIX_LEN && fits(i, s[i]))
		i++;
	return i;
}

/* The port's line ends are "\r\n"; a '\r' at the end is left for the next time. */
static void put_guest(struct run_split *s, const char *data, size_t len)
{
	size_t i, from = 0;

	for (i = 0; i + 1 < len; i++) {
		if (data[i] != '\r' || data[i + 1] != '\n')
			continue;
		sb_putn(&s->guest, data + from, i - from);
		from = i + 1;
	}
	sb_putn(&s->guest, data + from, len - from);
}

/* A line of Xen, with its end; without the prefix in the log. */
static void put_log(struct run_split *s, const char *line, size_t len)
{
	size_t skip = prefix_len(line, len), from = s->log.len, i;

	if (skip == PREFIX_LEN) {
		line += skip;
		len -= skip;
	}
	while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	sb_putn(&s->log, line, len);
	sb_put(&s->log, "\n");
	line = s->log.v + from;
	s->is_guest_up = s->is_guest_up || str_ends(line, started);
	for (i = 0; i < ARRAY_LEN(ends); i++)
		s->is_over = s->is_over || str_starts(line, ends[i]);
}

/* Decides the beginning of data and returns its length; 0 when more must come first. */
static size_t decide(struct run_split *s, const char *data, size_t len, bool is_last)
{
	const char *eol, *at = data;
	size_t known = 0;

	if (s->is_guest_up) {
		/* Up to the next prefix, or to what may become one. */
		for (; at < data + len; at++) {
			known = prefix_len(at, (size_t)(data + len - at));
			if (known == PREFIX_LEN || (known && at + known == data + len && !is_last))
				break;
		}
		if (at == data + len && !is_last && at[-1] == '\r')
			at--;
		if (at > data) {
			put_guest(s, data, (size_t)(at - data));
			return (size_t)(at - data);
		}
		if (known != PREFIX_LEN)
			return 0;
	}
	eol = memchr(data, '\n', len);
	if (!eol && !is_last)
		return 0;
	known = eol ? (size_t)(eol - data) + 1 : len;
	put_log(s, data, known);
	return known;
}

void xen_split_shared(struct run_split *s, const char *data, size_t len, bool is_last)
{
	size_t done = 0, step;

	sb_putn(&s->pending, data, len);
	while (done < s->pending.len) {
		step = decide(s, s->pending.v + done, s->pending.len - done, is_last);
		if (!step)
			break;
		done += step;
	}
	memmove(s->pending.v, s->pending.v + done, s->pending.len - done);
	s->pending.len -= done;
}

/* A line without Xen's prefix and the port's line end. */
static const char *strip(struct arena *a, const char *line, size_t len)
{
	size_t skip = prefix_len(line, len);

	if (skip == PREFIX_LEN) {
		line += skip;
		len -= skip;
	}
	while (len && line[len - 1] == '\r')
		len--;
	return arena_memdup(a, line, len);
}

/* The first line of log that has one of the words, or NULL. */
static const char *find_line(struct arena *a, const char *log, const char *const *words,
			     const char **ret_next)
{
	while (*log) {
		size_t len = strcspn(log, "\n"), i;
		const char *line = strip(a, log, len);

		log += len;
		log += *log == '\n';
		for (i = 0; words[i]; i++) {
			if (!strstr(line, words[i]))
				continue;
			*ret_next = log;
			return line;
		}
	}
	return NULL;
}

const char *xen_explain(struct arena *a, const char *log)
{
	static const char *const panics[] = {"Panic on CPU", NULL};
	static const char *const crashes[] = {"Unhandled", "Triple fault", "domain_crash",
					      "crashed on cpu", NULL};
	static const char *const places[] = {"RIP: ", NULL};
	/* From xl, libxl and Xen's image builder, when there is no domain at all. */
	static const char *const failures[] = {"error: ", "ERROR", "was not created", NULL};
	const char *next = log, *line = find_line(a, log, panics, &next), *place;

	if (line) /* the reason is the line below */
		return arena_printf(a, "Xen stopped: %s", strip(a, next, strcspn(next, "\n")));
	line = find_line(a, log, crashes, &next);
	if (!line) {
		line = find_line(a, log, failures, &next);
		return line ? arena_printf(a, "the rig says: %s", line) : NULL;
	}
	place = find_line(a, next, places, &next);
	return place ? arena_printf(a, "Xen says: %s, %s", line, place)
		     : arena_printf(a, "Xen says: %s", line);
}
