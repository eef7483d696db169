# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off link boot full
DEFAULT := full
SRC.boot := runtime/aslr.c
INIT.boot := layout:uk_aslr_layout
SRC.full := runtime/aslr.c
INIT.full := layout:uk_aslr_layout
FAULT := uk_aslr_fault
