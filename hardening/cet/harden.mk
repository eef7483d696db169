# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off shadow ibt full
DEFAULT := full
CFLAGS.ibt := -fcf-protection=branch
CFLAGS.full := -fcf-protection=branch
SRC := runtime/cet.c
INIT := layout:uk_cet_layout
FAULT := uk_cet_fault
STATUS.kvm := proven
STATUS.xen-pvh := verifier Xen (4.17) shows no guest that its processor has CET
REFUSED.process := Linux lets no process track indirect branches, and a shadow stack (6.6 and later) is for a program that asks for it, which the tender does not
REFUSED.xen-pv := Xen keeps the registers that turn it on to itself
