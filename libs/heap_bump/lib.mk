# SPDX-License-Identifier: BSD-2-Clause
PROVIDES := heap
EXPORTS := uk_heap_alloc uk_heap_alloc_zeroed uk_heap_alloc_aligned uk_heap_resize uk_heap_free uk_heap_usable
SRC := bump.c
