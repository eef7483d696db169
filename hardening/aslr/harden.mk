# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off link boot full
DEFAULT := full
# An image that moves at boot: addresses relative to %rip, no global offset table, packed relocations.
CFLAGS.boot := -fPIE -fvisibility=hidden -fdirect-access-external-data
LDFLAGS.boot := -pie -z now --pack-dyn-relocs=relr
SRC.boot := runtime/aslr.c
INIT.boot := layout:uk_aslr_layout
CFLAGS.full := -fPIE -fvisibility=hidden -fdirect-access-external-data
LDFLAGS.full := -pie -z now --pack-dyn-relocs=relr
SRC.full := runtime/aslr.c
INIT.full := layout:uk_aslr_layout
FAULT := uk_aslr_fault
STATUS.kvm := proven
STATUS.process := proven
STATUS.xen-pv := proven
STATUS.xen-pvh := proven
