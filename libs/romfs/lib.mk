# SPDX-License-Identifier: BSD-2-Clause
PROVIDES := romfs
# Everything but the table of files, which build/gen.c makes from the manifest.
SRC := paths.c open.c
