# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off on
# Without -fstrict-flex-arrays=3: Lua, for one, has [1] at the end of structures for what C99 writes [].
CFLAGS.on := -fsanitize=array-bounds -fsanitize-trap=array-bounds
SRC := runtime/bounds.c
FAULT := uk_bounds_fault
STATUS.kvm := proven
STATUS.process := proven
STATUS.xen-pv := proven
STATUS.xen-pvh := proven
