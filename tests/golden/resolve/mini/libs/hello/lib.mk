# SPDX-License-Identifier: BSD-2-Clause
SRC := hello.c
