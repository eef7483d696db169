#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Replays the corpus of each fuzz target under ASan and UBSan: no crash, no leak, no hang.
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

for program in "$root"/out/test/fuzz/*; do
	[ -x "$program" ] || continue
	name=$(basename "$program")
	corpus=$root/tests/fuzz/corpus/$name
	selected "$name" || continue
	if [ ! -d "$corpus" ]; then
		echo "not ok $name (no corpus)"
		continue
	fi
	count=$(find "$corpus" -type f | wc -l)
	if timeout 120 "$program" "$corpus"/* >"$scratch/$name.out" 2>&1; then
		echo "ok $name ($count files)"
		continue
	fi
	echo "not ok $name"
	tail -n 40 "$scratch/$name.out"
done
