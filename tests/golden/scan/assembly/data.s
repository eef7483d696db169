# SPDX-License-Identifier: BSD-2-Clause
	.section .rodata
	.globl	table
table:	.quad	uk_hello
