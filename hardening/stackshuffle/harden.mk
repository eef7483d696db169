# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off on
PASS := stackshuffle seeded
STATUS.kvm := proven
STATUS.process := proven
STATUS.xen-pv := proven
STATUS.xen-pvh := proven
