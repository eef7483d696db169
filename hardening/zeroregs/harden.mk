# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off on
CFLAGS.on := -fzero-call-used-regs=used-gpr
STATUS.kvm := proven
STATUS.process := proven
STATUS.xen-pv := proven
STATUS.xen-pvh := proven
