# SPDX-License-Identifier: BSD-2-Clause
PROVIDES := pages
SRC := pages.c
