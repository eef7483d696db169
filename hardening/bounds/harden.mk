# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off on
# -fstrict-flex-arrays=3: only [] is an array without an end, not [1] at the end of a structure.
CFLAGS.on := -fsanitize=bounds -fsanitize-trap=bounds -fstrict-flex-arrays=3
SRC := runtime/bounds.c
FAULT := uk_bounds_fault
STATUS.kvm := proven
STATUS.process := proven
