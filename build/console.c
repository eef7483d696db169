/* SPDX-License-Identifier: BSD-2-Clause */
#include "console.h"

#include "base/arena.h"
#include "run.h"

#include <string.h>

enum line_kind {
	LINE_BOOT,
	LINE_STAT,
	LINE_EXIT,
	LINE_TRAP,
	LINE_FRAME,
	LINE_KINDS,
	LINE_GUEST = LINE_KINDS,
};

/*
 * Lines with results carry the nonce and count wherever they start: the guest may have left its own
 * line open. A trap block has none (it may come before the command line was read) and counts only
 * at the start of a line; it is believed when the trailer names the mechanism.
 */
static const struct line_form {
	const char *start;
	bool has_nonce;
} forms[LINE_KINDS] = {
	[LINE_BOOT] = {"ukbuild-boot: ", true},    [LINE_STAT] = {"ukbuild-stat: ", true},
	[LINE_EXIT] = {"ukbuild-exit: ", true},    [LINE_TRAP] = {"ukbuild-trap: ", false},
	[LINE_FRAME] = {"ukbuild-frame: ", false},
};

enum match {
	MATCH_NO,
	MATCH_MAYBE, /* as far as it goes */
	MATCH_YES,
};

/* Whether s begins with word: MATCH_MAYBE when s ends first. */
static enum match match_word(const char *s, size_t len, const char *word, size_t word_len)
{
	if (memcmp(s, word, len < word_len ? len : word_len))
		return MATCH_NO;
	return len < word_len ? MATCH_MAYBE : MATCH_YES;
}

/* Whether a line of this kind starts at s; *ret_body is the offset behind start and nonce. */
static enum match match_form(const struct console *c, const struct line_form *f, const char *s,
			     size_t len, size_t *ret_body)
{
	size_t start_len = strlen(f->start), nonce_len = strlen(c->nonce);
	enum match m = match_word(s, len, f->start, start_len);

	*ret_body = start_len;
	if (m != MATCH_YES || !f->has_nonce)
		return m;
	if (!nonce_len)
		return MATCH_NO;
	m = match_word(s + start_len, len - start_len, c->nonce, nonce_len);
	if (m != MATCH_YES)
		return m;
	*ret_body = start_len + nonce_len + 1;
	if (len < *ret_body)
		return MATCH_MAYBE;
	return s[*ret_body - 1] == ' ' ? MATCH_YES : MATCH_NO;
}

/* The first kind that s is or may become. */
static enum match classify(const struct console *c, const char *s, size_t len, bool is_line_start,
			   enum line_kind *ret_kind, size_t *ret_body)
{
	enum match best = MATCH_NO;
	size_t body;
	int k;

	*ret_kind = LINE_GUEST;
	for (k = 0; k < LINE_KINDS; k++) {
		enum match m;

		if (!forms[k].has_nonce && !is_line_start)
			continue;
		m = match_form(c, &forms[k], s, len, &body);
		if (m <= best)
			continue;
		best = m;
		*ret_kind = (enum line_kind)k;
		*ret_body = body;
	}
	return best;
}

static void pass_on(struct console *c, const char *s, size_t len)
{
	if (!len)
		return;
	sb_putn(&c->guest, s, len);
	c->is_mid_line = s[len - 1] != '\n';
	if (!c->echo)
		return;
	(void)fwrite(s, 1, len, c->echo); /* a closed stdout shows at exit, in ukbuild.c */
	(void)fflush(c->echo);
}

/* An unsigned number in s[*at..len); false when there is none or it does not fit. */
static bool take_number(const char *s, size_t len, size_t *at, unsigned base, uint64_t *ret)
{
	size_t i = *at;
	uint64_t n = 0;

	for (; i < len; i++) {
		unsigned digit = 99;

		if (s[i] >= '0' && s[i] <= '9')
			digit = (unsigned)(s[i] - '0');
		else if (s[i] >= 'a' && s[i] <= 'f')
			digit = (unsigned)(s[i] - 'a') + 10;
		if (digit >= base)
			break;
		if (__builtin_mul_overflow(n, base, &n) || __builtin_add_overflow(n, digit, &n))
			return false;
	}
	if (i == *at)
		return false;
	*at = i;
	*ret = n;
	return true;
}

static bool is_name_char(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '_' || ch == '-' ||
	       ch == '.';
}

/* The length of the name at s, at most 64. */
static size_t name_len(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && n < 64 && is_name_char(s[n]))
		n++;
	return n;
}

/* "name=123 other=456": items that do not read so are left out. */
static void take_values(struct console *c, struct run_values *l, const char *s, size_t len)
{
	size_t i = 0;

	while (i < len && l->len < CONSOLE_MAX_ITEMS) {
		size_t n = name_len(s + i, len - i), at = i + n + 1;
		uint64_t val;

		if (n && at < len && s[i + n] == '=' && take_number(s, len, &at, 10, &val) &&
		    (at == len || s[at] == ' ')) {
			struct run_value item = {arena_memdup(c->arena, s + i, n), val};

			vec_push(c->arena, l, item);
		}
		while (i < len && s[i] != ' ')
			i++;
		while (i < len && s[i] == ' ')
			i++;
	}
}

/* "STATUS" or "STATUS MECHANISM", the last thing an image says. */
static void take_exit(struct console *c, const char *s, size_t len)
{
	struct run *r = c->run;
	size_t at = 0, n;
	uint64_t status;

	if (!take_number(s, len, &at, 10, &status) || status > 0xffffffu)
		return;
	if (at == len) {
		r->mechanism = NULL;
	} else {
		n = name_len(s + at + 1, len - at - 1);
		if (s[at] != ' ' || !n || at + 1 + n != len)
			return;
		r->mechanism = arena_memdup(c->arena, s + at + 1, n);
	}
	r->status = (int)status;
	c->has_exit = true;
}

static void take_trap(struct console *c, const char *line, size_t len)
{
	struct run *r = c->run;

	r->trap_line = arena_memdup(c->arena, line, len);
	r->frames_len = 0;
}

/* "+0x1234@0x58": a word of the stack that points into the image's text, and where it lies. */
static void take_frames(struct console *c, const char *s, size_t len)
{
	struct run *r = c->run;
	struct {
		struct trap_frame *v;
		size_t len, cap;
	} frames = {r->frames, r->frames_len, r->frames_cap};
	size_t i = 0;

	while (i + 3 < len && frames.len < CONSOLE_MAX_ITEMS) {
		struct trap_frame f = {0};
		size_t at = i + 3;

		if (!memcmp(s + i, "+0x", 3) && take_number(s, len, &at, 16, &f.offset) &&
		    at + 3 < len && !memcmp(s + at, "@0x", 3)) {
			at += 3;
			if (take_number(s, len, &at, 16, &f.stack_offset) &&
			    (at == len || s[at] == ' '))
				vec_push(c->arena, &frames, f);
		}
		while (i < len && s[i] != ' ')
			i++;
		while (i < len && s[i] == ' ')
			i++;
	}
	r->frames = frames.v;
	r->frames_len = frames.len;
	r->frames_cap = frames.cap;
}

/* A whole protocol line, from its start to the end of the line. */
static void take_line(struct console *c, enum line_kind kind, const char *line, size_t len,
		      size_t body)
{
	if (len && line[len - 1] == '\r')
		len--;
	if (len < body)
		return;
	switch (kind) {
	case LINE_BOOT:
		take_values(c, &c->run->phases, line + body, len - body);
		break;
	case LINE_STAT:
		take_values(c, &c->run->stats, line + body, len - body);
		break;
	case LINE_EXIT:
		take_exit(c, line + body, len - body);
		break;
	case LINE_TRAP:
		take_trap(c, line, len);
		break;
	case LINE_FRAME:
		take_frames(c, line + body, len - body);
		break;
	default:
		break;
	}
}

/*
 * Decides as much of s as can be decided and returns how many bytes that was; what remains is the
 * beginning of a possible protocol line. is_last: nothing will follow.
 */
static size_t decide(struct console *c, const char *s, size_t len, bool is_last)
{
	size_t done = 0, i = 0;

	while (i < len) {
		const char *eol;
		enum line_kind kind;
		size_t body = 0, end;
		enum match m;
		const char *u = memchr(s + i, 'u', len - i);

		if (!u)
			break;
		i = (size_t)(u - s);
		m = classify(c, u, len - i, i > done ? s[i - 1] == '\n' : !c->is_mid_line, &kind,
			     &body);
		if (m == MATCH_NO) {
			i++;
			continue;
		}
		eol = memchr(u, '\n', len - i);
		end = eol ? (size_t)(eol - s) : len;
		if (end - i > CONSOLE_LINE_MAX || (m == MATCH_MAYBE && is_last) ||
		    (m == MATCH_MAYBE && eol)) {
			i++;
			continue;
		}
		pass_on(c, s + done, i - done);
		done = i;
		if (!eol && !is_last)
			return done;
		c->is_mid_line = false; /* the guest's own line goes on behind this one */
		take_line(c, kind, u, end - i, body);
		done = i = eol ? end + 1 : end;
	}
	pass_on(c, s + done, len - done);
	return len;
}

void console_init(struct console *c, struct arena *a, const char *nonce, FILE *echo,
		  struct run *run)
{
	memset(c, 0, sizeof(*c));
	c->arena = a;
	c->run = run;
	c->nonce = nonce;
	c->echo = echo;
	sb_init(&c->pending, a);
	sb_init(&c->guest, a);
	sb_init(&c->raw, a);
}

void console_feed(struct console *c, const char *data, size_t len)
{
	size_t done;

	sb_putn(&c->raw, data, len);
	if (!c->pending.len) {
		done = decide(c, data, len, false);
		sb_putn(&c->pending, data + done, len - done);
		return;
	}
	sb_putn(&c->pending, data, len);
	done = decide(c, c->pending.v, c->pending.len, false);
	memmove(c->pending.v, c->pending.v + done, c->pending.len - done);
	c->pending.len -= done;
}

void console_end(struct console *c)
{
	struct run *r = c->run;

	decide(c, c->pending.v, c->pending.len, true);
	c->pending.len = 0;
	r->end = RUN_NO_TRAILER;
	if (c->has_exit)
		r->end = r->mechanism ? RUN_TRAPPED : RUN_EXITED;
	if (r->end == RUN_EXITED) {
		/* What looked like a trap block was the program's own output. */
		r->trap_line = NULL;
		r->frames_len = 0;
	}
	r->console_len = c->guest.len;
	r->console = sb_str(&c->guest);
	r->raw = sb_str(&c->raw);
}
