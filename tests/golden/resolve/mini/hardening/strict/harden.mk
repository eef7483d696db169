# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off low high
DEFAULT := low
SRC.high := high.c
INIT.high := late:uk_strict_init
CFLAGS.high := -fstack-protector-strong
