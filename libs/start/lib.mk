# SPDX-License-Identifier: BSD-2-Clause
PROVIDES := start
SRC := start.c
EXPORTS := uk_start
