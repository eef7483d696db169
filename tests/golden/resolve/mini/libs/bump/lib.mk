# SPDX-License-Identifier: BSD-2-Clause
PROVIDES := malloc
SRC := bump.c
EXPORTS := malloc
