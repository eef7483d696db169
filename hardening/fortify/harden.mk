# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off on
DEFAULT := on
# In front of the C library's own headers; for applications.
PUBLIC-INCLUDES := include
# Every member of the printf family ends in vfprintf.
LDFLAGS := --wrap=vfprintf
SRC := runtime/format.c
SRC-uk_fortify_fail := runtime/fail.c
SRC-__memcpy_chk := runtime/mem.c
SRC-__memmove_chk := runtime/mem.c
SRC-__memset_chk := runtime/mem.c
SRC-__strcpy_chk := runtime/str.c
SRC-__stpcpy_chk := runtime/str.c
SRC-__strcat_chk := runtime/str.c
SRC-__strncpy_chk := runtime/str.c
SRC-__stpncpy_chk := runtime/str.c
SRC-__strncat_chk := runtime/str.c
SRC-__vsnprintf_chk := runtime/vsnprintf.c
SRC-__vsprintf_chk := runtime/vsprintf.c
SRC-__fgets_chk := runtime/fgets.c
SRC-__fread_chk := runtime/fread.c
SRC-__read_chk := runtime/read.c
SRC-__recv_chk := runtime/recv.c
SRC-__recvfrom_chk := runtime/recvfrom.c
STATUS.kvm := proven
STATUS.process := proven
STATUS.xen-pv := proven
STATUS.xen-pvh := proven
