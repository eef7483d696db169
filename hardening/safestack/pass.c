/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Marks functions for LLVM's own SafeStack pass (lib/CodeGen/SafeStack.cpp), which runs with the code
 * generator: it moves variables whose address is handed out, or that are indexed without a proof that they
 * end where they should, to the unsafe stack, and puts its pointer back behind each call of setjmp().
 *
 * Why not -fsanitize=safe-stack: boot code runs before there is a thread, so it must not be marked; and the
 * pointer is declared here as what it is, a variable of this image at a fixed distance from %fs. By
 * itself the code generator asks a table for the distance, which costs a load and a register in each function.
 */
#include <string.h>

#include "pass.h"

#define POINTER "__safestack_unsafe_stack_ptr" /* getDefaultSafeStackPointerLocation() */

/* The code generator takes the declaration it finds, if it has the type and is thread-local. */
static void declare_pointer(LLVMModuleRef m)
{
	LLVMValueRef v = LLVMGetNamedGlobal(m, POINTER);

	if (!v)
		v = LLVMAddGlobal(m, LLVMPointerTypeInContext(LLVMGetModuleContext(m), 0), POINTER);
	LLVMSetThreadLocalMode(v, LLVMLocalExecTLSModel);
	LLVMSetVisibility(v, LLVMHiddenVisibility);
}

static void run(const struct pass_module *m)
{
	const unsigned kind = LLVMGetEnumAttributeKindForName("safestack", strlen("safestack"));
	LLVMContextRef context = LLVMGetModuleContext(m->module);
	bool is_needed = false;

	for (LLVMValueRef f = LLVMGetFirstFunction(m->module); f; f = LLVMGetNextFunction(f)) {
		if (!pass_is_open(f))
			continue;
		LLVMAddAttributeAtIndex(f, LLVMAttributeFunctionIndex,
					LLVMCreateEnumAttribute(context, kind, 0));
		is_needed = true;
	}
	if (is_needed)
		declare_pointer(m->module);
}

extern const struct pass pass_safestack;
const struct pass pass_safestack = {.name = "safestack", .order = PASS_EDGES, .run = run};
