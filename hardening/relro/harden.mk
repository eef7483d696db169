# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off on
DEFAULT := on
SRC := runtime/relro.c
INIT := layout:uk_relro_layout
FAULT := uk_relro_fault
STATUS.kvm := proven
STATUS.process := proven
STATUS.xen-pv := proven
STATUS.xen-pvh := proven
