# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off on
PASS := shadowstack
SRC := runtime/shadowstack.c
INIT := layout:uk_shadowstack_layout
FAULT := uk_shadowstack_fault
STATUS.kvm := proven
STATUS.process := proven
STATUS.xen-pv := proven
STATUS.xen-pvh := proven
