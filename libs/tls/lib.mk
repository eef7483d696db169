# SPDX-License-Identifier: BSD-2-Clause
PROVIDES := tls
SRC := tls.c
# Loops here must not turn into calls of a C library.
CFLAGS := -fno-builtin -mgeneral-regs-only
