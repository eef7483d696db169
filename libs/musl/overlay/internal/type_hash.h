/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a call through a pointer compares under -fsanitize=kcfi: the hash of the function's type in the four bytes
 * before it, the immediate of a mov that never runs (clang, "Control Flow Integrity", kcfi). The compiler
 * defines the symbol wherever a function's address is taken; where it never is, the bytes are zero. Directly
 * before the label of an assembly function, in files whose first bytes are that function.
 */
#ifndef MUSL_TYPE_HASH_H
#define MUSL_TYPE_HASH_H

#define TYPE_HASH(name)             \
	.weak __kcfi_typeid_##name; \
	.byte 0xb8;                 \
	.4byte __kcfi_typeid_##name;

#endif
