/* SPDX-License-Identifier: BSD-2-Clause */
/* What passes share; see pass.h. Knows no pass. */
#include "pass.h"

#include <llvm-c/DebugInfo.h>
#include <string.h>

#include "base/str.h"

unsigned pass_attribute(const char *name)
{
	return LLVMGetEnumAttributeKindForName(name, strlen(name));
}

static bool has_attribute(LLVMValueRef function, const char *name)
{
	return LLVMGetEnumAttributeAtIndex(function, LLVMAttributeFunctionIndex,
					   pass_attribute(name)) != NULL;
}

void pass_keep_whole(LLVMValueRef function)
{
	LLVMContextRef context = LLVMGetModuleContext(LLVMGetGlobalParent(function));

	LLVMRemoveEnumAttributeAtIndex(function, LLVMAttributeFunctionIndex,
				       pass_attribute("alwaysinline"));
	LLVMAddAttributeAtIndex(function, LLVMAttributeFunctionIndex,
				LLVMCreateEnumAttribute(context, pass_attribute("noinline"), 0));
}

bool pass_is_open(LLVMValueRef function)
{
	const char *section = LLVMGetSection(function);

	return !LLVMIsDeclaration(function) && !has_attribute(function, "naked") &&
	       !(section && str_starts(section, ".boot"));
}

LLVMValueRef pass_call_intrinsic(LLVMModuleRef m, LLVMBuilderRef b, const char *name,
				 LLVMTypeRef type, LLVMValueRef *args, unsigned args_len)
{
	const unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
	LLVMValueRef f = LLVMGetIntrinsicDeclaration(m, id, &type, type ? 1 : 0);

	return LLVMBuildCall2(b, LLVMGlobalGetValueType(f), f, args, args_len, "");
}

const char *pass_callee(LLVMValueRef call)
{
	LLVMValueRef callee = LLVMGetCalledValue(call);
	size_t len;

	return LLVMIsAFunction(callee) ? LLVMGetValueName2(callee, &len) : "";
}

void pass_set_line(LLVMBuilderRef b, LLVMValueRef function)
{
	LLVMMetadataRef scope = LLVMGetSubprogram(function);

	if (scope)
		LLVMSetCurrentDebugLocation2(
			b, LLVMDIBuilderCreateDebugLocation(
				   LLVMGetModuleContext(LLVMGetGlobalParent(function)),
				   LLVMDISubprogramGetLine(scope), 0, scope, NULL));
	else
		LLVMSetCurrentDebugLocation2(b, NULL);
}
