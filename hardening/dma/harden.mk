# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off on
DEFAULT := on
SRC := runtime/dma.c
STATUS.kvm := proven
STATUS.process := inherent there are no devices
STATUS.xen-pv := inherent Xen lets another domain reach only pages that were granted to it
STATUS.xen-pvh := inherent Xen lets another domain reach only pages that were granted to it
