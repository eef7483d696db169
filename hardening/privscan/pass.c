/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compiles single functions another way, because an instruction of theirs has bytes that must not be there
 * (build/reword.h). It cannot see machine code, so it changes what decides it, more at each attempt:
 *	1	constants with one of the bytes in question are made from two others, behind the optimiser's back
 *	2	and the frame has another layout: displacements are others
 *	3	and %rbp is a frame pointer: registers are others
 *	4	and the frame is larger by more, %rbp is free, and instructions are chosen for size
 * What the program does stays the same. Functions in assembly stay as they are.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "pass.h"

enum {
	ATTEMPTS = 4,
	BYTES = 8,
	FIRST = 0x0f, /* of all sequences in question but int 0x80 */
};

struct change {
	const char *name; /* of a function, not terminated */
	size_t name_len;
	unsigned long attempt, byte; /* the second byte of the sequence */
};

struct reword {
	LLVMContextRef context;
	LLVMBuilderRef b;
	struct change change;
	bool is_everywhere; /* in all functions, but constants that have the whole sequence only */
	bool is_changed;
};

static bool has_byte(unsigned long long value, unsigned bits, const struct change *c)
{
	for (unsigned i = 0; i < bits / 8; i++, value >>= 8)
		if ((value & 0xff) == FIRST || (value & 0xff) == c->byte)
			return true;
	return false;
}

static bool has_pair(unsigned long long value, unsigned bits, const struct change *c)
{
	for (unsigned i = 1; i < bits / 8; i++, value >>= 8)
		if ((value & 0xff) == FIRST && (value >> 8 & 0xff) == c->byte)
			return true;
	return false;
}

/* The same byte everywhere, such that neither half of a value has a byte in question. */
static unsigned long long mask_for(unsigned long long value, unsigned bits, const struct change *c)
{
	for (unsigned mask = 0x5a; mask < 0x7f; mask++) {
		unsigned long long all = 0;

		for (unsigned i = 0; i < bits / 8; i++)
			all = all << 8 | mask;
		if (!has_byte(value ^ all, bits, c) && !has_byte(all, bits, c))
			return all;
	}
	return 0;
}

/* An instruction in front of `user` that computes what the constant says; the constant where it is harmless. */
static LLVMValueRef hidden(struct reword *r, LLVMValueRef user, LLVMValueRef constant)
{
	LLVMTypeRef type = LLVMTypeOf(constant), function;
	unsigned long long value, mask;
	LLVMValueRef code, half;
	unsigned bits;

	if (!LLVMIsAConstantInt(constant))
		return constant;
	bits = LLVMGetIntTypeWidth(type);
	if (bits < 8 || bits > 8 * BYTES || bits % 8 || (bits & (bits - 1)))
		return constant;
	value = LLVMConstIntGetZExtValue(constant);
	if (!value || !(r->is_everywhere ? has_pair : has_byte)(value, bits, &r->change))
		return constant;
	mask = mask_for(value, bits, &r->change);
	if (!mask)
		return constant;
	r->is_changed = true;
	function = LLVMFunctionType(type, &type, 1, false);
	code = LLVMGetInlineAsm(function, "", 0, "=r,0", strlen("=r,0"), false, false,
				LLVMInlineAsmDialectATT, false);
	LLVMPositionBuilderBefore(r->b, user);
	half = LLVMConstInt(type, value ^ mask, false);
	half = LLVMBuildCall2(r->b, function, code, &half, 1, "");
	return LLVMBuildXor(r->b, half, LLVMConstInt(type, mask, false), "");
}

/* How many operands, from the first on, may be any value. */
static unsigned free_operands(LLVMValueRef i)
{
	switch (LLVMGetInstructionOpcode(i)) {
	case LLVMStore:
		return 1;
	case LLVMCall:
		return str_starts(pass_callee(i), "llvm.") ||
				       LLVMIsAInlineAsm(LLVMGetCalledValue(i))
			       ? 0
			       : LLVMGetNumArgOperands(i);
	case LLVMGetElementPtr:
		/* A number of elements; the fields of a structure are constants for ever. */
		return LLVMGetTypeKind(LLVMGetGEPSourceElementType(i)) == LLVMIntegerTypeKind ? 2
											      : 0;
	case LLVMAdd:
	case LLVMSub:
	case LLVMMul:
	case LLVMUDiv:
	case LLVMSDiv:
	case LLVMURem:
	case LLVMSRem:
	case LLVMAnd:
	case LLVMOr:
	case LLVMXor:
	case LLVMICmp:
		return 2;
	case LLVMSelect:
		return 3;
	case LLVMRet:
		return (unsigned)LLVMGetNumOperands(i);
	default:
		return 0;
	}
}

static void hide_constants(struct reword *r, LLVMValueRef function)
{
	LLVMValueRef next;

	for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
	     block = LLVMGetNextBasicBlock(block))
		for (LLVMValueRef i = LLVMGetFirstInstruction(block); i; i = next) {
			const unsigned len = free_operands(i);

			next = LLVMGetNextInstruction(i);
			for (unsigned k = 0; k < len; k++)
				LLVMSetOperand(i, k, hidden(r, i, LLVMGetOperand(i, k)));
		}
}

/* A local that is used by nobody, which the code generator cannot know. */
static void pad_frame(const struct reword *r, LLVMValueRef function, unsigned bytes)
{
	LLVMTypeRef pointer = LLVMPointerTypeInContext(r->context, 0);
	LLVMTypeRef type = LLVMFunctionType(LLVMVoidTypeInContext(r->context), &pointer, 1, false);
	LLVMValueRef code, local, i = LLVMGetFirstInstruction(LLVMGetEntryBasicBlock(function));

	while (LLVMIsAAllocaInst(i))
		i = LLVMGetNextInstruction(i);
	LLVMPositionBuilderBefore(r->b, i);
	local = LLVMBuildAlloca(
		r->b, LLVMArrayType2(LLVMInt64TypeInContext(r->context), bytes / BYTES), "");
	code = LLVMGetInlineAsm(type, "", 0, "r", 1, true, false, LLVMInlineAsmDialectATT, false);
	LLVMBuildCall2(r->b, type, code, &local, 1, "");
}

static void set_frame_pointer(const struct reword *r, LLVMValueRef function, const char *which)
{
	static const char name[] = "frame-pointer";

	LLVMAddAttributeAtIndex(function, LLVMAttributeFunctionIndex,
				LLVMCreateStringAttribute(r->context, name, strlen(name), which,
							  (unsigned)strlen(which)));
}

static void optimise_for_size(const struct reword *r, LLVMValueRef function)
{
	const unsigned kind = LLVMGetEnumAttributeKindForName("minsize", strlen("minsize"));

	LLVMAddAttributeAtIndex(function, LLVMAttributeFunctionIndex,
				LLVMCreateEnumAttribute(r->context, kind, 0));
}

static void change(struct reword *r, LLVMValueRef function)
{
	static const unsigned pads[ATTEMPTS + 1] = {0, 0, 16, 16, 336};
	const unsigned long attempt = r->change.attempt;

	if (attempt == 0 || attempt > ATTEMPTS)
		return;
	LLVMSetCurrentDebugLocation2(r->b, NULL);
	pass_set_line(r->b, function);
	hide_constants(r, function);
	if (r->is_everywhere)
		return;
	r->is_changed = true;
	if (pads[attempt])
		pad_frame(r, function, pads[attempt]);
	if (attempt == 3)
		set_frame_pointer(r, function, "all");
	if (attempt == ATTEMPTS)
		optimise_for_size(r, function);
}

/* NAME=ATTEMPT:BYTE in hexadecimal, NAME "*" for all; the next one is behind a comma. */
static const char *parse(const char *s, struct change *ret)
{
	char *end;

	ret->name = s;
	ret->name_len = strcspn(s, "=");
	s += ret->name_len + (s[ret->name_len] == '=');
	ret->attempt = strtoul(s, &end, 10);
	ret->byte = *end == ':' ? strtoul(end + 1, &end, 16) : 0;
	return *end == ',' ? end + 1 : end + strlen(end);
}

static bool is_named(LLVMValueRef function, const struct change *c)
{
	size_t len;
	const char *name = LLVMGetValueName2(function, &len);

	return len == c->name_len && strncmp(name, c->name, len) == 0;
}

static void run(const struct pass_module *m)
{
	struct reword r = {.context = LLVMGetModuleContext(m->module)};

	r.b = LLVMCreateBuilderInContext(r.context);
	for (const char *s = m->changes; *s;) {
		s = parse(s, &r.change);
		r.is_everywhere = r.change.name_len == 1 && *r.change.name == '*';
		for (LLVMValueRef f = LLVMGetFirstFunction(m->module); f;
		     f = LLVMGetNextFunction(f))
			if (pass_is_open(f) && (r.is_everywhere || is_named(f, &r.change)))
				change(&r, f);
	}
	*m->is_changed |= r.is_changed;
	LLVMDisposeBuilder(r.b);
}

extern const struct pass pass_privscan;
const struct pass pass_privscan = {.name = "privscan", .order = PASS_TRAPS, .run = run};
