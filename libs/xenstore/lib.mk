# SPDX-License-Identifier: BSD-2-Clause
PROVIDES := xenstore
SYSTEM-HEADERS := xen=libxen-dev
SRC := wire.c
SRC += xenstore.c
# Loops here must not turn into calls of a C library.
CFLAGS := -fno-builtin
