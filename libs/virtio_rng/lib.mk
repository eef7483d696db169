# SPDX-License-Identifier: BSD-2-Clause
PROVIDES := virtio_rng
SRC := rng.c note.S
INIT := device:uk_virtio_rng_init
CFLAGS := -fno-builtin -mgeneral-regs-only
