# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off on
CFLAGS-OWN := -fsanitize=signed-integer-overflow,shift-exponent,integer-divide-by-zero,unreachable,vla-bound,builtin
CFLAGS-OWN += -fsanitize-trap=signed-integer-overflow,shift-exponent,integer-divide-by-zero,unreachable,vla-bound,builtin
SRC := runtime/ubsan.c
FAULT := uk_ubsan_fault
STATUS.kvm := proven
STATUS.process := proven
STATUS.xen-pv := proven
STATUS.xen-pvh := proven
