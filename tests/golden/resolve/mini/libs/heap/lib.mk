# SPDX-License-Identifier: BSD-2-Clause
PROVIDES := malloc
SRC := heap.c
EXPORTS := malloc
