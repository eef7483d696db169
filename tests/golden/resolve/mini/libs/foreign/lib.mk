# SPDX-License-Identifier: BSD-2-Clause
SYSTEM-HEADERS := foreign=libforeign-dev
SRC-uk_foreign := foreign.c
