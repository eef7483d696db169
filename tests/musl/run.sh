#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The C library's source as we prepare it: our security fixes on the host, the overlay's switch, the index,
# and that each function in assembly is tried through a pointer.
# The whole index takes a minute (FULL=1); else the overlay and every 16th file are compared.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$root"
cc=${CC:-clang-19}

if ! "$UKBUILD" fetch --json musl > "$scratch/fetch" 2> "$scratch/log"; then
	cat "$scratch/log"
	for name in iconv qsort switch index pointers; do
		echo "skip $name: the source of musl is neither in the cache nor to be fetched"
	done
	exit 0
fi
source=$(jq -r '.[0].path' "$scratch/fetch")

# report NAME RESULT: prints the log of a failure.
report() {
	if [ "$2" = 0 ]; then
		echo "ok $1"
	else
		cat "$scratch/$1.log"
		echo "not ok $1"
	fi
}

# host_test NAME FILE FLAGS...: tests/musl/test_NAME.c includes the file of the prepared source.
host_test() {
	name=$1
	selected "$name" || return 0
	macro=SOURCE_$(echo "$name" | tr '[:lower:]' '[:upper:]')
	file=$source/$2
	shift 2
	result=0
	{
		"$cc" -std=gnu11 -g -O1 -w -fsanitize=address,undefined \
			-fno-sanitize=alignment,shift-base -fno-sanitize-recover=undefined "$@" \
			-Itests/musl/stub "-D$macro=\"$file\"" "tests/musl/test_$name.c" -lcmocka \
			-o "$scratch/$name" && timeout 60 "$scratch/$name"
	} > "$scratch/$name.log" 2>&1 || result=1
	report "$name" "$result"
}

host_test iconv src/locale/iconv.c -fsanitize-coverage=trace-pc-guard
host_test qsort src/stdlib/qsort.c

if selected switch; then
	result=0
	libs/musl/mkswitch.sh | clang-format-19 --style=file:.clang-format |
		diff libs/musl/overlay/internal/ukb_switch.h - > "$scratch/switch.log" || result=1
	report switch "$result"
fi

# The entries of the files that the index in $1 names, from the checked-in index.
entries_of() {
	awk 'FNR == NR { if ($1 == "F") wanted[$2] = 1; next }
		$1 == "F" { on = $2 in wanted }
		on' "$1" libs/musl/musl.index
}

if selected index; then
	result=0
	if [ "${FULL:-}" = 1 ]; then
		libs/musl/mkindex.sh "$source" > "$scratch/index.new"
		cp libs/musl/musl.index "$scratch/index.old"
	else
		SAMPLE=16 libs/musl/mkindex.sh "$source" | grep -v '^#' > "$scratch/index.new"
		entries_of "$scratch/index.new" > "$scratch/index.old"
	fi
	diff "$scratch/index.old" "$scratch/index.new" > "$scratch/index.log" || result=1
	report index "$result"
fi

# Functions in assembly, all in public headers: those that begin with __ no program may name. The address of setjmp()
# and its like may not be taken (C11, 7.13 and 7.13.1.1): they are to be called where they are written.
assembly_functions() {
	awk '$1 == "F" { is_assembly = $2 ~ /\.[sS]$/ }
		($1 == "D" || $1 == "W") && is_assembly { for (i = 2; i <= NF; i++) print $i }' libs/musl/musl.index |
		grep -Ev '^(__.*|_?setjmp|sigsetjmp)$' | sort
}

if selected pointers; then
	result=0
	assembly_functions > "$scratch/assembly"
	grep -o '[a-z_0-9]*' tests/libc/pointers.c | sort -u | comm -13 - "$scratch/assembly" > "$scratch/pointers.log"
	[ "$(wc -l < "$scratch/assembly")" -gt 20 ] && [ ! -s "$scratch/pointers.log" ] || result=1
	report pointers "$result"
fi
