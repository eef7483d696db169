# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off capped zero pattern
DEFAULT := capped
CFLAGS.capped := -ftrivial-auto-var-init=zero -ftrivial-auto-var-init-max-size=128
CFLAGS.zero := -ftrivial-auto-var-init=zero
CFLAGS.pattern := -ftrivial-auto-var-init=pattern
STATUS.kvm := proven
STATUS.process := proven
STATUS.xen-pv := proven
STATUS.xen-pvh := proven
