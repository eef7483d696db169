# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off on
DEFAULT := on
SRC := runtime/wx.c
INIT := layout:uk_wx_layout late:uk_wx_audit
FAULT := uk_wx_fault
STATUS.kvm := proven
STATUS.process := proven
STATUS.xen-pv := proven
STATUS.xen-pvh := proven
