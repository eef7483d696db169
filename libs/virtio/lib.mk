# SPDX-License-Identifier: BSD-2-Clause
PROVIDES := virtio
SRC-uk_virtio_open := virtio.c
SRC-uk_virtio_read := virtio.c
SRC-uk_virtio_memory := virtio.c
SRC-uk_virtio_boot := boot.c
SRC-uk_virtio_boot_option := boot.c
# Boot code runs before SSE is enabled, and its loops must not turn into calls of a C library.
CFLAGS := -fno-builtin -mgeneral-regs-only
SRC-uk_virtio_pages := boot.c
