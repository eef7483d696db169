# SPDX-License-Identifier: BSD-2-Clause
PROVIDES := grant
SYSTEM-HEADERS := xen=libxen-dev
SRC := grant.c
# Without it Xen's headers give the interface of 2005.
CFLAGS := -D__XEN_INTERFACE_VERSION__=__XEN_LATEST_INTERFACE_VERSION__
