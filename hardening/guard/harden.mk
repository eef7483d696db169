# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off on
DEFAULT := on
# Touches each page of a large frame in turn, so that no frame can step over a guard page.
CFLAGS := -fstack-clash-protection
SRC := runtime/guard.c
INIT := layout:uk_guard_layout
FAULT := uk_guard_fault
STATUS.kvm := proven
STATUS.process := proven
STATUS.xen-pv := proven
STATUS.xen-pvh := proven
