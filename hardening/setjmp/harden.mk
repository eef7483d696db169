# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off on
DEFAULT := on
SRC := runtime/key.c
INIT := early:uk_setjmp_draw_key
# In place of the C library's, in programs that use them.
SRC-setjmp := runtime/setjmp_x86_64.S
SRC-_setjmp := runtime/setjmp_x86_64.S
SRC-__setjmp := runtime/setjmp_x86_64.S
SRC-uk_setjmp_save := runtime/setjmp_x86_64.S
SRC-sigsetjmp := runtime/sigsetjmp_x86_64.S
SRC-__sigsetjmp := runtime/sigsetjmp_x86_64.S
SRC-longjmp := runtime/longjmp_x86_64.S
SRC-_longjmp := runtime/longjmp_x86_64.S
SRC-siglongjmp := runtime/mask.c
SRC-uk_setjmp_save_mask := runtime/mask.c
SRC-uk_setjmp_seal := runtime/seal.c
SRC-uk_setjmp_check := runtime/seal.c
STATUS.kvm := proven
STATUS.process := proven
STATUS.xen-pv := proven
STATUS.xen-pvh := proven
