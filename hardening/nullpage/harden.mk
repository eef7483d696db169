# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off on
DEFAULT := on
SRC := runtime/nullpage.c
INIT := layout:uk_nullpage_layout
FAULT := uk_nullpage_fault
STATUS.kvm := proven
STATUS.process := inherent Linux maps nothing below vm.mmap_min_addr, 64 KiB unless an administrator lowers it
STATUS.xen-pv := proven
STATUS.xen-pvh := proven
