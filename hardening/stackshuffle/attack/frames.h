/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions of one shape: two buffers and a table of handlers in a frame. What an attacker has found out about
 * one build is how far the table is from a buffer; he uses it against another. Without the mechanism all builds
 * have the same frames, and so have functions of one shape: the first function stands for the attacker's copy,
 * the others for builds that he has not seen. Success is that all of them run his function.
 *
 * With an argument it is two builds indeed: "record" prints the distances of all functions, "offset", "overflow"
 * and "spray", followed by the distances of another build, count how many of them lead to the table.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include "attack.h"

enum {
	FRAMES = 16,
	/* How many an attack has to take over: one by chance is no attack. */
	CHAIN = 6,
	TEXT_BYTES = 64,
	REPLY_BYTES = 48,
	TABLE_LEN = 16,
};

enum how {
	HOW_NORMAL,
	HOW_RECORD,
	HOW_OFFSET,   /* one word at the recorded distance: A2 */
	HOW_OVERFLOW, /* everything up to there: A1 */
	HOW_SPRAY,    /* everything up to there is the address, again and again */
};

struct request {
	enum how how;
	bool from_reply;    /* which of the buffers it runs out of */
	ptrdiff_t distance; /* of the table from there */
	attack_function *to;
};

static volatile int taken;

static int normal(void)
{
	return 0;
}

static int hijacked(void)
{
	taken++;
	return 0;
}

/* Of the two the buffer below the table, if there is one: an overflow runs upwards. */
static __attribute__((noinline)) void record(struct request *r, const char *text, const char *reply,
					     const char *table)
{
	r->from_reply = text > table;
	r->distance = table - (r->from_reply ? reply : text);
}

static __attribute__((noinline)) void use(const struct request *r, char *text, char *reply)
{
	volatile char *from = attack_launder(r->from_reply ? reply : text);
	attack_function *const volatile address[1] = {r->to};
	const volatile char *bytes = (const volatile char *)address;

	/* An overflow does not run downwards. */
	if (r->how != HOW_OFFSET && r->distance < 0)
		return;
	for (ptrdiff_t i = 0; r->how != HOW_OFFSET && i < r->distance; i++)
		from[i] = r->how == HOW_SPRAY ? bytes[i % (ptrdiff_t)sizeof(address)] : 'x';
	for (size_t i = 0; i < sizeof(address); i++)
		from[r->distance + (ptrdiff_t)i] = bytes[i];
}

/*
 * Not in place: what a function uses often in proportion to its size lies low in its frame (LLVM,
 * X86FrameLowering::orderFrameObjects), where no overflow gets.
 */
static __attribute__((noinline)) void fill(attack_function *volatile *table)
{
	for (size_t i = 0; i < TABLE_LEN; i++)
		table[i] = normal;
}

#define FRAME(n)                                                           \
	static __attribute__((noinline)) void frame_##n(struct request *r) \
	{                                                                  \
		attack_function *volatile table[TABLE_LEN];                \
		char text[TEXT_BYTES], reply[REPLY_BYTES];                 \
                                                                           \
		fill(table);                                               \
		if (r->how == HOW_RECORD)                                  \
			record(r, text, reply, (const char *)table);       \
		else if (r->how != HOW_NORMAL)                             \
			use(r, text, reply);                               \
		table[0]();                                                \
	}

FRAME(0)
FRAME(1)
FRAME(2)
FRAME(3)
FRAME(4)
FRAME(5)
FRAME(6)
FRAME(7)
FRAME(8)
FRAME(9)
FRAME(10)
FRAME(11)
FRAME(12)
FRAME(13)
FRAME(14)
FRAME(15)

static void (*const volatile frames[FRAMES])(struct request *) = {
	frame_0, frame_1, frame_2,  frame_3,  frame_4,  frame_5,  frame_6,  frame_7,
	frame_8, frame_9, frame_10, frame_11, frame_12, frame_13, frame_14, frame_15,
};

static void say_number(ptrdiff_t n)
{
	char text[24];
	size_t at = sizeof(text);
	const bool is_negative = n < 0;

	text[--at] = '\0';
	for (n = is_negative ? -n : n; n || at == sizeof(text) - 1; n /= 10)
		text[--at] = (char)('0' + n % 10);
	if (is_negative)
		text[--at] = '-';
	attack_say(text + at);
}

/* "r-48": out of reply, 48 bytes below it. */
static int frames_record(void)
{
	for (size_t i = 0; i < FRAMES; i++) {
		struct request r = {.how = HOW_RECORD};

		frames[i](&r);
		attack_say(r.from_reply ? "frame r" : "frame t");
		say_number(r.distance);
		attack_say("\n");
	}
	return 0;
}

static struct request parse(enum how how, const char *word)
{
	struct request r = {.how = how, .from_reply = word[0] == 'r', .to = hijacked};
	const bool is_negative = word[1] == '-';

	for (word += 1 + is_negative; *word; word++)
		r.distance = r.distance * 10 + (*word - '0');
	if (is_negative)
		r.distance = -r.distance;
	return r;
}

/* One frame a start, since a wrong one may end it: its number, then the distance. */
static int frames_replay(enum how how, const char *number, const char *distance)
{
	struct request r = parse(how, distance);
	size_t i = 0;

	for (; *number; number++)
		i = i * 10 + (size_t)(*number - '0');
	frames[i % FRAMES](&r);
	attack_say(taken ? "frame taken\n" : "frame missed\n");
	return 0;
}

static int frames_main(int argc, char **argv, enum how how)
{
	struct request r = {.how = HOW_NORMAL};

	for (size_t i = 0; i < FRAMES; i++)
		frames[i](&r);
	if (taken)
		return 1;
	attack_control_ok();
	if (argc > 3)
		return frames_replay(argv[1][0] == 's'   ? HOW_SPRAY
				     : argv[1][1] == 'f' ? HOW_OFFSET
							 : HOW_OVERFLOW,
				     argv[2], argv[3]);
	if (argc > 1)
		return frames_record();
	r.how = HOW_RECORD;
	frames[0](&r);
	r.how = how;
	r.to = hijacked;
	for (size_t i = 1; i <= CHAIN; i++)
		frames[i](&r);
	if (taken == CHAIN)
		attack_succeeded();
	return 0;
}

#endif
