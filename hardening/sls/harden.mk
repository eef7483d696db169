# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off on
DEFAULT := on
CFLAGS := -mharden-sls=all
STATUS.kvm := verifier what runs past a return leaves no trace in the architecture, and the emulator does not speculate
STATUS.process := verifier what runs past a return leaves no trace in the architecture, and the emulator does not speculate
STATUS.xen-pv := verifier what runs past a return leaves no trace in the architecture, and the emulator does not speculate
STATUS.xen-pvh := verifier what runs past a return leaves no trace in the architecture, and the emulator does not speculate
