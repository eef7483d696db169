# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off on
DEFAULT := on
# In place of libs/heap, in programs that allocate.
SRC-uk_heap_alloc := runtime/heap.c
SRC-uk_heap_alloc_zeroed := runtime/heap.c
SRC-uk_heap_alloc_aligned := runtime/heap.c
SRC-uk_heap_resize := runtime/heap.c
SRC-uk_heap_free := runtime/heap.c
SRC-uk_heap_usable := runtime/heap.c
SRC-uk_heap_hold := runtime/quarantine.c
SRC-uk_heap_let_go := runtime/quarantine.c
SRC-uk_heap_draw_canary := runtime/quarantine.c
SRC-uk_heap_draw_more := runtime/quarantine.c
STATUS.kvm := proven
STATUS.process := proven
STATUS.xen-pv := proven
STATUS.xen-pvh := proven
