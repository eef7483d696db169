/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The compiler ends a failed check in ud1 with a number, which the handler of the fault reads from the code.
 * Where code cannot be read the number has to come another way: in the error code of a software interrupt
 * that no table has an entry for (libs/plat/include/uk/ud.h). Boot code is changed like all other.
 */
#include <llvm-c/DebugInfo.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "pass.h"

enum {
	FIRST_VECTOR = 0x81, /* UK_CHECK_VECTOR */
	LAST_VECTOR = 0xff,
};

static void replace(LLVMBuilderRef b, LLVMTypeRef type, LLVMValueRef trap)
{
	const unsigned long long number = LLVMConstIntGetZExtValue(LLVMGetOperand(trap, 0));
	LLVMValueRef code;
	char text[32];
	int len;

	/* None of clang's numbers is larger: LIST_SANITIZER_CHECKS has some thirty, passes take what is below 0x7e. */
	if (number > LAST_VECTOR - FIRST_VECTOR)
		return;
	len = snprintf(text, sizeof(text), "int $$%llu", FIRST_VECTOR + number);
	LLVMPositionBuilderBefore(b, trap);
	LLVMSetCurrentDebugLocation2(b, LLVMInstructionGetDebugLoc(trap));
	code = LLVMGetInlineAsm(type, text, (size_t)len, "", 0, true, false,
				LLVMInlineAsmDialectATT, false);
	LLVMBuildCall2(b, type, code, NULL, 0, "");
	LLVMInstructionEraseFromParent(trap);
}

static void run(const struct pass_module *m)
{
	LLVMContextRef context = LLVMGetModuleContext(m->module);
	LLVMTypeRef type = LLVMFunctionType(LLVMVoidTypeInContext(context), NULL, 0, false);
	LLVMBuilderRef b = LLVMCreateBuilderInContext(context);
	LLVMValueRef next;

	for (LLVMValueRef f = LLVMGetFirstFunction(m->module); f; f = LLVMGetNextFunction(f))
		for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(f); block;
		     block = LLVMGetNextBasicBlock(block))
			for (LLVMValueRef i = LLVMGetFirstInstruction(block); i; i = next) {
				next = LLVMGetNextInstruction(i);
				if (LLVMIsACallInst(i) &&
				    str_starts(pass_callee(i), "llvm.ubsantrap"))
					replace(b, type, i);
			}
	LLVMDisposeBuilder(b);
}

extern const struct pass pass_xom;
const struct pass pass_xom = {.name = "xom", .order = PASS_TRAPS, .run = run};
