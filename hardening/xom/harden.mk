# SPDX-License-Identifier: BSD-2-Clause
# kcfi reads the hash in front of the function it is about to call, which is text.
LEVELS := off on
CONFLICTS := cfi=kcfi
PASS := xom
SRC := runtime/xom.c
INIT := layout:uk_xom_layout
FAULT := uk_xom_fault
STATUS.kvm := proven
STATUS.process := proven
STATUS.xen-pvh := proven
REFUSED.xen-pv := all of a PV guest's pages are user pages to the processor, and Xen does not let it use protection keys
