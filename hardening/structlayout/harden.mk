# SPDX-License-Identifier: BSD-2-Clause
# For every C file, third-party ones too: a structure that two of them share has one order.
LEVELS := off on
CFLAGS-SEED := -frandomize-layout-seed=
SRC := runtime/structlayout.c
INIT := late:uk_structlayout_witness
STATUS.kvm := proven
STATUS.process := proven
STATUS.xen-pv := proven
STATUS.xen-pvh := proven
