#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Run once in the unpacked and patched musl: makes the headers that musl's Makefile makes (GENH, version.h)
# and gathers the public ones of x86_64 under include/, as `make install-headers` does.
set -eu
LC_ALL=C
export LC_ALL

sed -f tools/mkalltypes.sed arch/x86_64/bits/alltypes.h.in include/alltypes.h.in > alltypes.h.new
{
	cat arch/x86_64/bits/syscall.h.in
	sed -n -e 's/__NR_/SYS_/p' arch/x86_64/bits/syscall.h.in
} > syscall.h.new
printf '#define VERSION "%s"\n' "$(cat VERSION)" > src/internal/version.h
mkdir include/bits
cp arch/generic/bits/*.h include/bits/
cp arch/x86_64/bits/*.h include/bits/
mv alltypes.h.new include/bits/alltypes.h
mv syscall.h.new include/bits/syscall.h
rm include/alltypes.h.in
