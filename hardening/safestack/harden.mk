# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off on
# The code generator gives functions that keep nothing on the unsafe stack no canary, so canary=all would be none;
# and it takes the blocks of stackshuffle out of the frame.
CONFLICTS := canary=all stackshuffle
PASS := safestack
SRC := runtime/safestack.c
INIT := layout:uk_safestack_layout
FAULT := uk_safestack_fault
STATUS.kvm := proven
STATUS.process := proven
STATUS.xen-pv := proven
STATUS.xen-pvh := proven
