/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decoys: code that looks like a write past the end of an array, into memory that is nothing but room for it.
 * A decoy is assembly as a whole, so that nobody moves, merges or simplifies it, and that its bound is in its
 * own bytes: the index is masked or compared there, and the pad is as large as the largest index reaches, and
 * dead room on both sides. What looks like the end of the array is a word that the decoy counts in,
 * at three quarters of what it can reach (Hu et al., "unused" targets of an overflow).
 *
 * What goes into pads is constants, counts and an index of seven bits at most: no value of the program
 * that could be a secret, and no address. Nothing reads a pad but decoys.
 *
 * Chosen are functions with an integer in their first block, which runs once a call, and of some size, so that a
 * decoy is little of what they do: one of FEW_SHARE, or one of MANY_SHARE with two decoys each.
 *
 * Each decoy leaves a record in section .chaff of the sidecar: where it is in the code. verify.c reads it.
 */
#include <llvm-c/Target.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/str.h"
#include "pass.h"

enum {
	/* Instructions of a function, of LLVM's, from which on it may have a decoy. */
	FUNCTION_LEAST = 24,
	FEW_SHARE = 8,
	MANY_SHARE = 2,
	MANY_DECOYS = 2,
	/* On either side of what a decoy reaches. verify.c wants as much. */
	DEAD_BYTES = 16,
	/* Up to so many steps of 8 bytes in front of the array. */
	FRONT_STEPS = 4,
	VALUES_MAX = 64,
	/* Memory that no other code can name, read and written: LLVM, ModRef.h (MemoryEffects), two bits a place. */
	EFFECT_INACCESSIBLE = 3 << 2,
};

enum shape {
	SHAPE_STRING, /* a zero behind a text, or a field of a message: s[n & 63] = 0 */
	SHAPE_TABLE,  /* a count of what occurred: seen[n & 31]++ */
	SHAPE_CHECK,  /* if (n <= 70) s[n] = 0 */
	SHAPE_APPEND, /* end += n & 31; s[end & 63] = 0 */
	SHAPES,
};

struct decoy {
	enum shape shape;
	unsigned bytes; /* of a store, and of an element of a table */
	unsigned last;  /* the largest index */
	/* In the pad: the array, the word behind its seeming end, and all. */
	unsigned array, word, pad_bytes;
	unsigned stored;
};

struct chaff {
	struct arena *arena;
	const uint8_t *seed;
	LLVMModuleRef module;
	LLVMContextRef context;
	LLVMBuilderRef b;
	LLVMTypeRef i8, i64;
	struct stream numbers; /* of one function */
};

static bool is_code(LLVMValueRef insn)
{
	return !LLVMIsACallInst(insn) || (!str_starts(pass_callee(insn), "llvm.dbg.") &&
					  !str_starts(pass_callee(insn), "llvm.lifetime."));
}

static bool is_large(LLVMValueRef function)
{
	unsigned n = 0;

	for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
	     block = LLVMGetNextBasicBlock(block))
		for (LLVMValueRef i = LLVMGetFirstInstruction(block); i;
		     i = LLVMGetNextInstruction(i))
			n += is_code(i);
	return n >= FUNCTION_LEAST;
}

static bool is_integer(LLVMValueRef v)
{
	LLVMTypeRef type = LLVMTypeOf(v);
	unsigned bits;

	if (LLVMGetTypeKind(type) != LLVMIntegerTypeKind)
		return false;
	bits = LLVMGetIntTypeWidth(type);
	return bits == 8 || bits == 16 || bits == 32 || bits == 64;
}

/* Behind a call that ends the function there is no room: it may be a jump. */
static bool has_room_behind(LLVMValueRef insn)
{
	LLVMValueRef next = LLVMGetNextInstruction(insn);

	return next && !(LLVMIsACallInst(insn) && LLVMIsAReturnInst(next));
}

/*
 * Something loaded or returned, in another width perhaps. Not what is computed of addresses: code for an address in
 * the frame that nobody else needs would be a trace of an array that there is not (stackshuffle).
 */
static bool is_plain(LLVMValueRef insn)
{
	LLVMValueRef from = insn;

	if (LLVMIsAZExtInst(insn) || LLVMIsASExtInst(insn) || LLVMIsATruncInst(insn))
		from = LLVMGetOperand(insn, 0);
	return LLVMIsAArgument(from) || LLVMIsALoadInst(from) || LLVMIsACallInst(from);
}

/* Integers that the function has been given or gets at the beginning: what a length could be. */
static size_t find_values(LLVMValueRef function, LLVMValueRef *ret)
{
	size_t len = 0;

	for (unsigned i = 0; i < LLVMCountParams(function) && len < VALUES_MAX; i++)
		if (is_integer(LLVMGetParam(function, i)))
			ret[len++] = LLVMGetParam(function, i);
	for (LLVMValueRef i = LLVMGetFirstInstruction(LLVMGetEntryBasicBlock(function));
	     i && len < VALUES_MAX; i = LLVMGetNextInstruction(i))
		if (is_integer(i) && is_plain(i) && has_room_behind(i))
			ret[len++] = i;
	return len;
}

static unsigned one_of(struct chaff *c, const unsigned *from, size_t len)
{
	return from[stream_below(&c->numbers, len)];
}

/* Numbers never have the byte 0f, with which most instructions begin that text must not hold (privscan). */
static void draw(struct chaff *c, struct decoy *ret)
{
	static const unsigned sizes[] = {1, 4, 8}, elements[] = {4, 8}, masks[] = {31, 63, 127},
			      stores[] = {0, 0, 0, 1, ' ', '\n'};
	struct decoy d = {.shape = (enum shape)stream_below(&c->numbers, SHAPES)};
	unsigned span;

	d.bytes = d.shape == SHAPE_TABLE ? one_of(c, elements, ARRAY_LEN(elements))
					 : one_of(c, sizes, ARRAY_LEN(sizes));
	if (d.shape == SHAPE_CHECK)
		d.last = 20 + (unsigned)stream_below(&c->numbers, 100);
	else
		d.last = one_of(c, masks, ARRAY_LEN(masks) - (d.shape == SHAPE_TABLE));
	d.stored = one_of(c, stores, ARRAY_LEN(stores));
	d.array = DEAD_BYTES + 8 * (unsigned)stream_below(&c->numbers, FRONT_STEPS);
	span = d.last * (d.shape == SHAPE_TABLE ? d.bytes : 1);
	d.word = d.array + (span * 3 / 4 & ~7u);
	d.pad_bytes = ((d.array + span + d.bytes + 7) & ~7u) + DEAD_BYTES;
	*ret = d;
}

static const char *suffix(unsigned bytes)
{
	return bytes == 1 ? "b" : bytes == 4 ? "l" : "q";
}

/* $0: the pad's address, $1: the index, $2: the pad. */
static void put_body(struct sb *b, const struct decoy *d)
{
	sb_put(b, "leaq ${2:c}(%rip), $0\n");
	switch (d->shape) {
	case SHAPE_TABLE:
		sb_putf(b, "incl %u($0)\nandq $$%u, $1\ninc%s %u($0,$1,%u)\n", d->word, d->last,
			suffix(d->bytes), d->array, d->bytes);
		return;
	case SHAPE_CHECK:
		sb_putf(b, "incl %u($0)\ncmpq $$%u, $1\nja .Lchaff_end${:uid}\n", d->word, d->last);
		break;
	case SHAPE_APPEND:
		sb_putf(b, "andq $$31, $1\naddl %u($0), ${1:k}\nmovl ${1:k}, %u($0)\n", d->word,
			d->word);
		sb_putf(b, "andq $$%u, $1\n", d->last);
		break;
	case SHAPE_STRING:
	case SHAPES:
		sb_putf(b, "incl %u($0)\nandq $$%u, $1\n", d->word, d->last);
		break;
	}
	sb_putf(b, "mov%s $$%u, %u($0,$1)\n", suffix(d->bytes), d->stored, d->array);
}

static const char *decoy_text(struct arena *a, const struct decoy *d)
{
	struct sb b;

	sb_init(&b, a);
	sb_put(&b, ".Lchaff${:uid}:\n");
	put_body(&b, d);
	sb_put(&b, ".Lchaff_end${:uid}:\n"
		   ".pushsection .chaff,\"o\",@progbits,.Lchaff${:uid}\n"
		   ".quad .Lchaff${:uid}, .Lchaff_end${:uid} - .Lchaff${:uid}\n"
		   ".popsection");
	return sb_str(&b);
}

/* Zeros in a section of their own, which is placed, and shuffled, with those of the program. */
static LLVMValueRef add_pad(const struct chaff *c, unsigned bytes)
{
	LLVMTypeRef type = LLVMArrayType2(c->i8, bytes);
	LLVMValueRef pad = LLVMAddGlobal(c->module, type, "uk_chaff_pad");

	LLVMSetInitializer(pad, LLVMConstNull(type));
	LLVMSetLinkage(pad, LLVMInternalLinkage);
	LLVMSetAlignment(pad, 8);
	return pad;
}

static void set_attribute(const struct chaff *c, LLVMValueRef call, const char *name,
			  uint64_t value)
{
	LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex,
				 LLVMCreateEnumAttribute(c->context, pass_attribute(name), value));
}

static void add_decoy(const struct chaff *c, LLVMValueRef value, const struct decoy *d)
{
	static const char constraints[] = "=&r,=&r,i,1,~{flags}";
	LLVMTypeRef results[] = {c->i64, c->i64}, parameters[2], of;
	LLVMValueRef args[] = {add_pad(c, d->pad_bytes), NULL}, code, call;
	const char *text = decoy_text(c->arena, d);

	/* Of no value in particular rather than undefined, where the program has left it so. */
	args[1] = LLVMBuildFreeze(c->b, value, "");
	args[1] = LLVMBuildZExtOrBitCast(c->b, args[1], c->i64, "");
	for (size_t i = 0; i < ARRAY_LEN(args); i++)
		parameters[i] = LLVMTypeOf(args[i]);
	of = LLVMFunctionType(LLVMStructTypeInContext(c->context, results, 2, false), parameters, 2,
			      false);
	code = LLVMGetInlineAsm(of, text, strlen(text), constraints, strlen(constraints), true,
				false, LLVMInlineAsmDialectATT, false);
	call = LLVMBuildCall2(c->b, of, code, args, 2, "");
	set_attribute(c, call, "nounwind", 0);
	set_attribute(c, call, "noduplicate", 0);
	set_attribute(c, call, "memory", EFFECT_INACCESSIBLE);
}

/* Behind what makes the value. */
static void go_behind(const struct chaff *c, LLVMValueRef function, LLVMValueRef value)
{
	LLVMValueRef at = LLVMIsAInstruction(value)
				  ? LLVMGetNextInstruction(value)
				  : LLVMGetFirstInstruction(LLVMGetEntryBasicBlock(function));

	while (LLVMIsAAllocaInst(at))
		at = LLVMGetNextInstruction(at);
	LLVMPositionBuilderBefore(c->b, at);
	pass_set_line(c->b, function);
}

static void change(struct chaff *c, LLVMValueRef function, bool is_many)
{
	LLVMValueRef values[VALUES_MAX];
	const size_t values_len = find_values(function, values);
	size_t len;

	stream_init(&c->numbers, c->seed,
		    arena_printf(c->arena, "chaff %s", LLVMGetValueName2(function, &len)));
	if (!values_len || stream_below(&c->numbers, is_many ? MANY_SHARE : FEW_SHARE))
		return;
	pass_keep_whole(function);
	for (unsigned i = 0; i < (is_many ? MANY_DECOYS : 1); i++) {
		LLVMValueRef value = values[stream_below(&c->numbers, values_len)];
		struct decoy d;

		draw(c, &d);
		go_behind(c, function, value);
		add_decoy(c, value, &d);
	}
}

static void run(const struct pass_module *m)
{
	struct chaff c = {.arena = arena_new(),
			  .seed = m->seed,
			  .module = m->module,
			  .context = LLVMGetModuleContext(m->module)};

	c.b = LLVMCreateBuilderInContext(c.context);
	c.i8 = LLVMInt8TypeInContext(c.context);
	c.i64 = LLVMInt64TypeInContext(c.context);
	for (LLVMValueRef f = LLVMGetFirstFunction(m->module); f; f = LLVMGetNextFunction(f))
		if (pass_is_open(f) && is_large(f))
			change(&c, f, str_eq(m->level, "many"));
	LLVMDisposeBuilder(c.b);
	arena_free(c.arena);
}

extern const struct pass pass_chaff;
const struct pass pass_chaff = {
	.name = "chaff", .order = PASS_MEMORY, .is_seeded = true, .run = run};
