# SPDX-License-Identifier: BSD-2-Clause
SRC-uk_start := start.c
