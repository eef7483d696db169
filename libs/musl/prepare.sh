#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Run once in the unpacked and patched musl: makes the headers that musl's Makefile makes (GENH, version.h)
# and gathers the public ones of x86_64 under include/, as `make install-headers` does. Gives assembly type hashes.
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

# What a call through a pointer compares under -fsanitize=kcfi: the hash of the function's type in the four bytes
# before it, the immediate of a mov (clang, "Control Flow Integrity", kcfi). The compiler defines the symbol
# wherever the address of a function is taken; where it never is, the bytes are zero. The mov runs where
# control falls from one name of a function into the next, and nothing is in %eax yet. And where the processor
# wants one, the instruction to which an indirect branch may lead (Intel CET).
for file in src/*/x86_64/*.s; do
	sed '/^_\{0,1\}[a-z][a-z0-9]*:$/ {
		h
		s/^\(.*\):$/.weak __kcfi_typeid_\1\n.byte 0xb8\n.4byte __kcfi_typeid_\1/
		G
		s/$/\n.ifdef CONFIG_NEEDS_CET_BRANCH\nendbr64\n.endif/
	}' "$file" > assembly.new
	mv assembly.new "$file"
done
