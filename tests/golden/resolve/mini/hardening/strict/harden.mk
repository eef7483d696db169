# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off low high
DEFAULT := low
SRC.high := high.c
INIT.high := late:uk_strict_init
CFLAGS.high := -fstack-protector-strong
CFLAGS-OWN.high := -ftrapv
STATUS.mini := proven
STATUS.right := verifier nobody can attack it there
REFUSED.left := the left one has nothing to be strict with
