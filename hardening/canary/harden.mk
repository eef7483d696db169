# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off strong all
DEFAULT := strong
# The reference value is at %fs:0x28: the target triple's default place, inside the thread's TCB.
CFLAGS.strong := -fstack-protector-strong
CFLAGS.all := -fstack-protector-all
SRC := runtime/canary.c
STATUS.kvm := proven
STATUS.process := proven
STATUS.xen-pv := proven
STATUS.xen-pvh := proven
