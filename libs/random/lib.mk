# SPDX-License-Identifier: BSD-2-Clause
PROVIDES := random
SRC := random.c
# Loops here must not turn into calls of a C library.
CFLAGS := -fno-builtin
# The boot draws before it has a thread, and so before it has an unsafe stack.
NOHARDEN.safestack := random.c
