# SPDX-License-Identifier: BSD-2-Clause
PROVIDES := heap
SRC := heap.c
