# SPDX-License-Identifier: BSD-2-Clause
PROVIDES := posix_time
SRC := time.c
