#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The C library in the guest: each program here is built and booted with profiles none and default (max
# too with FULL=1), its output compared with NAME.expect. In its first comment: `args:` of the guest, the
# `libs:` asked for, the `files:` it carries, the `status:` it
# ends with, the `trap:` that stops it, or the system call for which the build is `refused:`.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
programs=$root/tests/libc

if ! command -v qemu-system-x86_64 >/dev/null; then
	echo "skip libc: qemu-system-x86_64 is not installed"
	exit 0
fi

# said WORD FILE: what the line `WORD: ...` of the first comment says.
said()
{
	sed -n "s/^ \* $1: //p" "$2"
}

# check NAME PROFILE: prints what is wrong; nothing when all is right.
check()
{
	program=$programs/$1.c
	status=0
	"$UKBUILD" -q -o "$scratch/out" run --accel tcg --harden "$2" >out.txt 2>err.txt || status=$?
	refused=$(said refused "$program")
	trap=$(said trap "$program")
	code=$(said status "$program")
	if [ -n "$refused" ]; then
		[ "$status" = 1 ] || echo "exit status $status, not 1"
		grep -q "$refused" err.txt || echo "'$refused' is not named"
		return
	fi
	diff "$programs/$1.expect" out.txt || echo "wrong output"
	if [ -n "$trap" ]; then
		grep -q "stopped by '$trap'" err.txt || echo "not stopped by '$trap'"
	elif [ -n "$code" ]; then
		grep -q "exited with status $code" err.txt || echo "not status $code"
	else
		[ "$status" = 0 ] || echo "exit status $status"
	fi
}

profiles="none default"
[ "${FULL:-}" != 1 ] || profiles="$profiles max"
for program in "$programs"/*.c; do
	name=$(basename "$program" .c)
	selected "$name" || continue
	mkdir -p "$scratch/$name"
	cd "$scratch/$name"
	cp "$program" main.c
	{
		echo "name: $name"
		echo "sources: main.c"
		echo "env: {WHO: me}"
		args=$(said args "$program")
		libs=$(said libs "$program")
		[ -z "$libs" ] || echo "libs: $libs"
		files=$(said files "$program")
		[ -z "$files" ] || echo "files: [$(echo "$files" | sed 's/ /, /g')]"
		[ -z "$args" ] || echo "args: [$(echo "$args" | sed 's/ "/, "/')]"
	} >ukbuild.yaml
	for profile in $profiles; do
		check "$name" "$profile" >log.txt 2>&1
		if [ -s log.txt ]; then
			cat log.txt err.txt
			echo "not ok $name-$profile"
		else
			echo "ok $name-$profile"
		fi
	done
done
