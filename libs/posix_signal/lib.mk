# SPDX-License-Identifier: BSD-2-Clause
PROVIDES := posix_signal
SRC := signal.c
