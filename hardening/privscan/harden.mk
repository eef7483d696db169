# SPDX-License-Identifier: BSD-2-Clause
# All of it is done by the link (build/relink.c) and by the verifier.
LEVELS := off on
DEFAULT := on
STATUS.kvm := proven
STATUS.process := inherent the tender's filter looks at every system call, wherever it comes from; ring 3 has no privileged instruction
STATUS.xen-pv := proven
STATUS.xen-pvh := proven
