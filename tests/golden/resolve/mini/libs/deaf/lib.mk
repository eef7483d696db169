# SPDX-License-Identifier: BSD-2-Clause
SRC-uk_deaf := deaf.c
