/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arrays of a function are put into one block of bytes, in an order and with gaps that are drawn from the
 * seed. One block, because the code generator sorts variables by its own rules (LLVM,
 * X86FrameLowering::orderFrameObjects): only what lies inside of one variable stays where it was put. A
 * function with one array gets a block too: a gap on either side moves it against the rest of the frame.
 *
 * Taken are variables of fixed size in the entry block that are arrays or structures with arrays in them.
 * What else has its address taken stays with the code generator, which keeps it below the arrays, away from
 * overflows. Variables of a size known at run time only stay too.
 *
 * Each block leaves a record in section .stackshuffle, which is never loaded; verify.c reads it. The record is
 * written by assembly that names the block, so it says where the code generator put it, and keeps the linker's
 * optimiser from taking the block apart. No instruction comes of it.
 */
#include <llvm-c/Target.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/str.h"
#include "pass.h"

enum {
	/* A gap is so many steps at most, less one. A step is the alignment of what follows, from 8 to 16. */
	GAP_STEPS = 16,
	STEP_LEAST = 8,
	STEP_MOST = 16,
	/* A function with more arrays keeps the rest as they are. */
	SLOTS_MAX = 256,
};

struct slot {
	LLVMValueRef variable;
	uint64_t bytes, align, offset;
};

struct frame {
	struct slot slots[SLOTS_MAX];
	size_t len;
	uint64_t bytes, align;
};

struct shuffle {
	struct arena *arena;
	const uint8_t *seed;
	LLVMContextRef context;
	LLVMBuilderRef b;
	LLVMTargetDataRef target;
	LLVMTypeRef i8, i64;
};

static bool has_array(LLVMTypeRef type)
{
	if (LLVMGetTypeKind(type) == LLVMArrayTypeKind)
		return LLVMGetArrayLength2(type) > 0;
	if (LLVMGetTypeKind(type) != LLVMStructTypeKind)
		return false;
	for (unsigned i = 0; i < LLVMCountStructElementTypes(type); i++)
		if (has_array(LLVMStructGetTypeAtIndex(type, i)))
			return true;
	return false;
}

/* Its size when it is an array or has one and is fixed, else 0. */
static uint64_t array_bytes(const struct shuffle *s, LLVMValueRef variable)
{
	LLVMTypeRef type = LLVMGetAllocatedType(variable);
	LLVMValueRef count = LLVMGetOperand(variable, 0);
	unsigned long long n;

	if (!LLVMIsAConstantInt(count))
		return 0;
	n = LLVMConstIntGetZExtValue(count);
	return n > 1 || has_array(type) ? n * LLVMABISizeOfType(s->target, type) : 0;
}

static void find_slots(const struct shuffle *s, LLVMValueRef function, struct frame *ret)
{
	ret->len = 0;
	for (LLVMValueRef i = LLVMGetFirstInstruction(LLVMGetEntryBasicBlock(function)); i;
	     i = LLVMGetNextInstruction(i)) {
		struct slot slot = {.variable = i};

		if (!LLVMIsAAllocaInst(i) || ret->len == SLOTS_MAX)
			continue;
		slot.bytes = array_bytes(s, i);
		slot.align = LLVMGetAlignment(i);
		if (slot.bytes)
			ret->slots[ret->len++] = slot;
	}
}

static uint64_t draw_gap(struct stream *numbers, uint64_t align)
{
	const uint64_t step = align < STEP_LEAST  ? STEP_LEAST
			      : align > STEP_MOST ? STEP_MOST
						  : align;

	return step * stream_below(numbers, GAP_STEPS);
}

/* Fisher-Yates, then a gap in front of each and one behind the last. */
static void draw(const struct shuffle *s, LLVMValueRef function, struct frame *f)
{
	struct stream numbers;
	size_t len;

	stream_init(&numbers, s->seed, LLVMGetValueName2(function, &len));
	for (size_t i = f->len; i > 1; i--) {
		const size_t k = (size_t)stream_below(&numbers, i);
		const struct slot last = f->slots[i - 1];

		f->slots[i - 1] = f->slots[k];
		f->slots[k] = last;
	}
	f->bytes = 0;
	f->align = 1;
	for (size_t i = 0; i < f->len; i++) {
		struct slot *slot = &f->slots[i];

		f->bytes += draw_gap(&numbers, slot->align);
		slot->offset = (f->bytes + slot->align - 1) & ~(slot->align - 1);
		f->bytes = slot->offset + slot->bytes;
		if (f->align < slot->align)
			f->align = slot->align;
	}
	f->bytes += draw_gap(&numbers, f->align);
}

static bool is_lifetime(LLVMValueRef user)
{
	return LLVMIsACallInst(user) && str_starts(pass_callee(user), "llvm.lifetime.");
}

/* They say when a variable is alive; the block is alive all the time. */
static void drop_lifetimes(LLVMValueRef variable)
{
	LLVMUseRef next;

	for (LLVMUseRef use = LLVMGetFirstUse(variable); use; use = next) {
		next = LLVMGetNextUse(use);
		if (is_lifetime(LLVMGetUser(use)))
			LLVMInstructionEraseFromParent(LLVMGetUser(use));
	}
}

/* The record's bytes as verify.c reads them; $0 becomes the place of the block: "48(%rsp)". */
static const char *record_text(const struct shuffle *s, const struct frame *f)
{
	struct sb b;

	sb_init(&b, s->arena);
	sb_put(&b, ".Lstackshuffle${:uid}:\n"
		   ".pushsection .stackshuffle,\"o\",@progbits,.Lstackshuffle${:uid}\n"
		   ".quad .Lstackshuffle${:uid}\n");
	sb_putf(&b, ".long %llu, %zu\n", (unsigned long long)f->bytes, f->len);
	for (size_t i = 0; i < f->len; i++)
		sb_putf(&b, ".long %llu, %llu\n", (unsigned long long)f->slots[i].offset,
			(unsigned long long)f->slots[i].bytes);
	sb_put(&b, ".asciz \"$0\"\n.popsection");
	return sb_str(&b);
}

static void add_record(const struct shuffle *s, const struct frame *f, LLVMTypeRef type,
		       LLVMValueRef block)
{
	static const char constraint[] = "*m";
	LLVMTypeRef ptr = LLVMTypeOf(block);
	LLVMTypeRef of = LLVMFunctionType(LLVMVoidTypeInContext(s->context), &ptr, 1, false);
	const char *text = record_text(s, f);
	LLVMValueRef code = LLVMGetInlineAsm(of, text, strlen(text), constraint, strlen(constraint),
					     true, false, LLVMInlineAsmDialectATT, false);
	LLVMValueRef call = LLVMBuildCall2(s->b, of, code, &block, 1, "");

	LLVMAddCallSiteAttribute(
		call, 1, LLVMCreateTypeAttribute(s->context, pass_attribute("elementtype"), type));
}

static void change(const struct shuffle *s, LLVMValueRef function, struct frame *f)
{
	LLVMBasicBlockRef entry = LLVMGetEntryBasicBlock(function);
	LLVMValueRef at, block;
	LLVMTypeRef type;

	draw(s, function, f);
	/* Inlined, a block would share its bytes with variables of the caller. */
	pass_keep_whole(function);
	for (size_t i = 0; i < f->len; i++)
		drop_lifetimes(f->slots[i].variable);
	at = LLVMGetFirstInstruction(entry);
	type = LLVMArrayType2(s->i8, f->bytes);
	LLVMPositionBuilderBefore(s->b, at);
	LLVMSetCurrentDebugLocation2(s->b, NULL);
	block = LLVMBuildAlloca(s->b, type, "");
	LLVMSetAlignment(block, (unsigned)f->align);
	while (LLVMIsAAllocaInst(at))
		at = LLVMGetNextInstruction(at);
	LLVMPositionBuilderBefore(s->b, at);
	pass_set_line(s->b, function);
	add_record(s, f, type, block);
	for (size_t i = 0; i < f->len; i++) {
		LLVMValueRef offset = LLVMConstInt(s->i64, f->slots[i].offset, false);

		LLVMReplaceAllUsesWith(f->slots[i].variable,
				       LLVMBuildInBoundsGEP2(s->b, s->i8, block, &offset, 1, ""));
		LLVMInstructionEraseFromParent(f->slots[i].variable);
	}
}

static void run(const struct pass_module *m)
{
	struct shuffle s = {
		.arena = arena_new(), .seed = m->seed, .context = LLVMGetModuleContext(m->module)};
	struct frame f;

	s.b = LLVMCreateBuilderInContext(s.context);
	s.target = LLVMGetModuleDataLayout(m->module);
	s.i8 = LLVMInt8TypeInContext(s.context);
	s.i64 = LLVMInt64TypeInContext(s.context);
	for (LLVMValueRef fn = LLVMGetFirstFunction(m->module); fn; fn = LLVMGetNextFunction(fn)) {
		if (!pass_is_open(fn))
			continue;
		find_slots(&s, fn, &f);
		if (f.len)
			change(&s, fn, &f);
	}
	LLVMDisposeBuilder(s.b);
	arena_free(s.arena);
}

extern const struct pass pass_stackshuffle;
const struct pass pass_stackshuffle = {
	.name = "stackshuffle", .order = PASS_MEMORY, .is_seeded = true, .run = run};
