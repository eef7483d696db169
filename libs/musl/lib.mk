# SPDX-License-Identifier: BSD-2-Clause
# The C library: musl 1.2.3 from the distribution's source package. Which of its files are compiled is
# decided by musl.index. `source/x` is in the prepared source.
PROVIDES := libc start
SOURCE := musl=1.2.3-1
ARCHIVE := musl_1.2.3.orig.tar.gz
SHA256 := 7d5b0b6062521e4627e099e4c9dc8248d32a30285e959b7eecaa780cf8cfd4a4
UNPACKED := musl-1.2.3
LICENCE := MIT
# Fixes for CVE-2025-26519, CVE-2026-6042 and CVE-2026-40200; each file says what was wrong.
PATCH := patches/iconv-euc-kr.patch patches/iconv-gb18030.patch patches/qsort-shift.patch
OVERLAY := overlay
# As musl's configure chooses for this compiler (CFLAGS_C99FSE, CFLAGS_ALL); its code is not ours to warn about.
CFLAGS := -std=c99 -nostdinc -ffreestanding -fno-strict-aliasing -frounding-math -D_XOPEN_SOURCE=700 -w
INCLUDES := overlay/internal source/arch/x86_64 source/arch/generic source/src/include source/src/internal source/include
EXPORTS := uk_start
PUBLIC-INCLUDES := source/include
