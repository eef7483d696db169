# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off kcfi icall
DEFAULT := kcfi
CFLAGS.kcfi := -fsanitize=kcfi
# icall sees the whole program at link time; -fno-sanitize-ignorelist: no list of exempt functions.
CFLAGS.icall := -flto=full -fsanitize=cfi-icall -fsanitize-trap=cfi-icall -fno-sanitize-ignorelist
LDFLAGS.icall := --lto-O2
SRC := runtime/cfi.c
FAULT := uk_cfi_fault
STATUS.kvm := proven
STATUS.process := proven
STATUS.xen-pv := proven
STATUS.xen-pvh := proven
