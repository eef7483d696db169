#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Golden tests: tests/golden/STAGE/CASE/ holds `cmd` (one shell line, run in a scratch copy of the
# folder), `expect` (its stdout and stderr) and `status` (default 0). UPDATE=1 rewrites them.
# `needs` names programs without which the case is skipped.
# The copy's path reads CASE and the tree's path TREE in the output.
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
unset UKBUILD_OBJECTS # builds are what is tested

one()
{
	name=$1
	from=$root/tests/golden/$name
	copy=$scratch/$name
	actual=$copy.actual
	if [ -f "$from/needs" ]; then
		while read -r program; do
			command -v "$program" >/dev/null && continue
			echo "skip $name: $program is not installed"
			return
		done <"$from/needs"
	fi
	rm -rf "$copy"
	mkdir -p "$copy"
	cp -R "$from/." "$copy"
	rm -f "$copy/cmd" "$copy/expect" "$copy/status" "$copy/needs"
	status=0
	(cd "$copy" && timeout 300 sh -c "$(cat "$from/cmd")") >"$actual.raw" 2>&1 </dev/null || status=$?
	sed "s|$copy|CASE|g; s|$root|TREE|g" "$actual.raw" >"$actual"
	wanted=0
	[ ! -f "$from/status" ] || wanted=$(cat "$from/status")
	if [ -n "${UPDATE:-}" ]; then
		cp "$actual" "$from/expect"
		rm -f "$from/status"
		[ "$status" -eq 0 ] || echo "$status" >"$from/status"
		echo "ok $name (updated)"
	elif [ ! -f "$from/expect" ]; then
		echo "not ok $name (no file 'expect')"
	elif [ "$status" -ne "$wanted" ]; then
		echo "not ok $name (status $status, not $wanted)"
		cat "$actual"
	elif ! diff -u "$from/expect" "$actual" >"$actual.diff"; then
		echo "not ok $name"
		echo "command: cd $copy && UKBUILD=$UKBUILD sh -c '$(cat "$from/cmd")'"
		cat "$actual.diff"
	else
		echo "ok $name"
	fi
}

for file in "$root"/tests/golden/*/*/cmd; do
	[ -f "$file" ] || continue
	name=${file%/cmd}
	name=${name#"$root"/tests/golden/}
	if selected "$name"; then
		one "$name"
	fi
done
