# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off on
DEFAULT := on
SRC := runtime/nullpage.c
INIT := layout:uk_nullpage_layout
FAULT := uk_nullpage_fault
STATUS.kvm := proven
