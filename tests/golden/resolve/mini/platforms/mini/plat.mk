# SPDX-License-Identifier: BSD-2-Clause
SRC := boot.c
SRC-uk_clock := clock.c
