# SPDX-License-Identifier: BSD-2-Clause
NAMES := left right
SRC := boot.c
SRC.left := only_left.c
CFLAGS.right := -DIS_RIGHT=1
INIT.left := late:uk_left_init
PROVIDES := clock
