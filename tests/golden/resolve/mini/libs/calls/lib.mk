# SPDX-License-Identifier: BSD-2-Clause
SRC-fork := fork.c
