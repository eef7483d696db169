/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * On entry a function copies its return address to the shadow of its stack; before each return it compares
 * the two. The shadow of an address is uk_shadow_distance further: no pointer of its own, so a thread
 * switch or a longjmp has nothing to restore (libs/plat/include/uk/layout.h).
 *
 * Left bare: functions that neither call anything nor write memory; nothing happens between their entry
 * and their return that could change the address. A call in tail position becomes an ordinary one, so that
 * the check stands behind it; before a musttail call, which may not become one, stands the check.
 *
 * The loads are volatile: what was compared must be what lies there at the end, and the distance must not
 * stay in a register, which a call would save on the stack.
 */
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "pass.h"

enum {
	/* Number of the ud1 behind a failed check: "S". The runtime and the verifier know it too. */
	TRAP_NUMBER = 0x53,
};

struct shadow {
	LLVMModuleRef module;
	LLVMContextRef context;
	LLVMBuilderRef b;
	LLVMTypeRef i8, i64, ptr;
	LLVMValueRef distance;
};

/* Intrinsics that become a few instructions without a call and write no memory. */
static bool is_harmless(const char *callee)
{
	static const char *const prefixes[] = {
		"llvm.lifetime.",
		"llvm.dbg.",
		"llvm.assume",
		"llvm.expect",
		"llvm.fsh",
		"llvm.ct",
		"llvm.bswap",
		"llvm.umin",
		"llvm.umax",
		"llvm.smin",
		"llvm.smax",
		"llvm.abs.",
		"llvm.uadd.",
		"llvm.usub.",
		"llvm.sadd.",
		"llvm.ssub.",
		"llvm.umul.with.overflow.i32",
		"llvm.umul.with.overflow.i64",
		"llvm.smul.with.overflow.i32",
		"llvm.smul.with.overflow.i64",
		"llvm.fabs.f64",
		"llvm.fabs.f32",
		"llvm.sqrt.f",
		"llvm.copysign.f",
		"llvm.ubsantrap",
		"llvm.trap",
		"llvm.returnaddress",
		"llvm.frameaddress",
		"llvm.experimental.noalias",
		"llvm.type.test",
	};

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (str_starts(callee, prefixes[i]))
			return true;
	return false;
}

/* Arithmetic for which the code generator calls a function of libs/rt. */
static bool needs_library(LLVMValueRef insn)
{
	LLVMTypeRef t = LLVMTypeOf(insn);

	if (LLVMGetInstructionOpcode(insn) == LLVMAdd || LLVMGetNumOperands(insn) == 0)
		return false;
	if (LLVMGetTypeKind(t) == LLVMFP128TypeKind ||
	    LLVMGetTypeKind(LLVMTypeOf(LLVMGetOperand(insn, 0))) == LLVMFP128TypeKind)
		return true;
	switch (LLVMGetInstructionOpcode(insn)) {
	case LLVMUDiv:
	case LLVMSDiv:
	case LLVMURem:
	case LLVMSRem:
	case LLVMFPToUI:
	case LLVMFPToSI:
		return LLVMGetTypeKind(t) == LLVMIntegerTypeKind && LLVMGetIntTypeWidth(t) > 64;
	case LLVMUIToFP:
	case LLVMSIToFP:
		t = LLVMTypeOf(LLVMGetOperand(insn, 0));
		return LLVMGetTypeKind(t) == LLVMIntegerTypeKind && LLVMGetIntTypeWidth(t) > 64;
	case LLVMFRem:
		return true;
	default:
		return false;
	}
}

static bool calls_or_writes(LLVMValueRef insn)
{
	switch (LLVMGetInstructionOpcode(insn)) {
	case LLVMCall:
		return !is_harmless(pass_callee(insn));
	case LLVMStore:
	case LLVMAtomicRMW:
	case LLVMAtomicCmpXchg:
	case LLVMInvoke:
	case LLVMCallBr:
	case LLVMVAArg:
		return true;
	default:
		return needs_library(insn);
	}
}

/* A structure handed over in memory: the code generator may copy it to an unsafe stack (hardening/safestack). */
static bool has_copied_parameter(LLVMValueRef function)
{
	const unsigned kind = LLVMGetEnumAttributeKindForName("byval", strlen("byval"));

	for (unsigned i = 0; i < LLVMCountParams(function); i++)
		if (LLVMGetEnumAttributeAtIndex(function, i + 1, kind))
			return true;
	return false;
}

/* Whether anything can happen to the return address between entry and a return that there is. */
static bool needs_check(LLVMValueRef function)
{
	bool returns = false, acts = has_copied_parameter(function);

	for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
	     block = LLVMGetNextBasicBlock(block))
		for (LLVMValueRef i = LLVMGetFirstInstruction(block); i;
		     i = LLVMGetNextInstruction(i)) {
			returns |= LLVMGetInstructionOpcode(i) == LLVMRet;
			acts |= calls_or_writes(i);
		}
	return returns && acts;
}

static LLVMValueRef load(const struct shadow *s, LLVMTypeRef type, LLVMValueRef from)
{
	LLVMValueRef v = LLVMBuildLoad2(s->b, type, from, "");

	LLVMSetVolatile(v, true);
	return v;
}

/* The place of the return address, and of its copy: the distance is loaded anew each time. */
static LLVMValueRef place(const struct shadow *s, LLVMValueRef *ret_copy)
{
	LLVMValueRef at = pass_call_intrinsic(s->module, s->b, "llvm.addressofreturnaddress",
					      s->ptr, NULL, 0);
	LLVMValueRef distance = load(s, s->i64, s->distance);
	const unsigned convergent =
		LLVMGetEnumAttributeKindForName("convergent", strlen("convergent"));

	/* Not to be merged with another by link-time optimisation: a pointer kept over calls lies on the stack. */
	LLVMAddCallSiteAttribute(at, LLVMAttributeFunctionIndex,
				 LLVMCreateEnumAttribute(s->context, convergent, 0));
	*ret_copy = LLVMBuildGEP2(s->b, s->i8, at, &distance, 1, "");
	return at;
}

static void add_entry(const struct shadow *s, LLVMValueRef function)
{
	LLVMValueRef i = LLVMGetFirstInstruction(LLVMGetEntryBasicBlock(function));
	LLVMValueRef at, copy;

	while (LLVMIsAAllocaInst(i))
		i = LLVMGetNextInstruction(i);
	LLVMPositionBuilderBefore(s->b, i);
	pass_set_line(s->b, function);
	at = place(s, &copy);
	LLVMSetVolatile(LLVMBuildStore(s->b, load(s, s->i64, at), copy), true);
}

static LLVMBasicBlockRef add_trap(const struct shadow *s, LLVMValueRef function)
{
	LLVMBasicBlockRef block = LLVMAppendBasicBlockInContext(s->context, function, "");
	LLVMValueRef number = LLVMConstInt(s->i8, TRAP_NUMBER, false);

	LLVMPositionBuilderAtEnd(s->b, block);
	pass_set_line(s->b, function);
	pass_call_intrinsic(s->module, s->b, "llvm.ubsantrap", NULL, &number, 1);
	LLVMBuildUnreachable(s->b);
	return block;
}

/* The branch to the trap is never taken: it is placed out of the way. */
static void set_unlikely(const struct shadow *s, LLVMValueRef branch)
{
	LLVMMetadataRef words[] = {
		LLVMMDStringInContext2(s->context, "branch_weights", strlen("branch_weights")),
		LLVMValueAsMetadata(LLVMConstInt(LLVMInt32TypeInContext(s->context), 0xfffff, 0)),
		LLVMValueAsMetadata(LLVMConstInt(LLVMInt32TypeInContext(s->context), 1, 0)),
	};
	LLVMMetadataRef weights = LLVMMDNodeInContext2(s->context, words, ARRAY_LEN(words));

	LLVMSetMetadata(branch, LLVMGetMDKindIDInContext(s->context, "prof", strlen("prof")),
			LLVMMetadataAsValue(s->context, weights));
}

/* Moves all from `first` on into a block of its own, which is reached when the two are equal. */
static void add_check(const struct shadow *s, LLVMValueRef function, LLVMValueRef first,
		      LLVMBasicBlockRef trap)
{
	LLVMBasicBlockRef block = LLVMGetInstructionParent(first);
	LLVMBasicBlockRef rest = LLVMInsertBasicBlockInContext(s->context, trap, "");
	LLVMValueRef at, copy, equal, next;

	LLVMMoveBasicBlockAfter(rest, block);
	LLVMPositionBuilderAtEnd(s->b, rest);
	for (LLVMValueRef i = first; i; i = next) {
		next = LLVMGetNextInstruction(i);
		LLVMInstructionRemoveFromParent(i);
		LLVMInsertIntoBuilder(s->b, i);
	}
	LLVMPositionBuilderAtEnd(s->b, block);
	pass_set_line(s->b, function);
	at = place(s, &copy);
	/* Nothing is known of what lies at a volatile distance: this load may become part of the compare. */
	equal = LLVMBuildICmp(s->b, LLVMIntEQ, load(s, s->i64, at),
			      LLVMBuildLoad2(s->b, s->i64, copy, ""), "");
	set_unlikely(s, LLVMBuildCondBr(s->b, equal, rest, trap));
}

/* Where the check of a block that returns goes: its return, or a musttail call before that. */
static LLVMValueRef way_out(LLVMBasicBlockRef block)
{
	LLVMValueRef ret = LLVMGetBasicBlockTerminator(block);

	if (!ret || LLVMGetInstructionOpcode(ret) != LLVMRet)
		return NULL;
	for (LLVMValueRef i = LLVMGetPreviousInstruction(ret); i; i = LLVMGetPreviousInstruction(i))
		if (LLVMIsACallInst(i) && LLVMGetTailCallKind(i) == LLVMTailCallKindMustTail)
			return i;
	return ret;
}

static void change(const struct shadow *s, LLVMValueRef function)
{
	LLVMBasicBlockRef trap = add_trap(s, function), next;

	for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block; block = next) {
		LLVMValueRef out = way_out(block);

		next = LLVMGetNextBasicBlock(block);
		if (out)
			add_check(s, function, out, trap);
	}
	add_entry(s, function);
}

static void run(const struct pass_module *m)
{
	struct shadow s = {.module = m->module, .context = LLVMGetModuleContext(m->module)};

	s.b = LLVMCreateBuilderInContext(s.context);
	s.i8 = LLVMInt8TypeInContext(s.context);
	s.i64 = LLVMInt64TypeInContext(s.context);
	s.ptr = LLVMPointerTypeInContext(s.context, 0);
	for (LLVMValueRef f = LLVMGetFirstFunction(m->module); f; f = LLVMGetNextFunction(f)) {
		if (!pass_is_open(f) || !needs_check(f))
			continue;
		if (!s.distance) {
			s.distance = LLVMGetNamedGlobal(m->module, "uk_shadow_distance");
			if (!s.distance)
				s.distance = LLVMAddGlobal(m->module, s.i64, "uk_shadow_distance");
			LLVMSetVisibility(s.distance, LLVMHiddenVisibility);
		}
		change(&s, f);
	}
	LLVMDisposeBuilder(s.b);
}

extern const struct pass pass_shadowstack;
const struct pass pass_shadowstack = {.name = "shadowstack", .order = PASS_EDGES, .run = run};
