#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The driver as people have it: installed, as another user, interrupted, with a full disk.
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
unset UKBUILD_OBJECTS # builds are what is tested

tmp=$(mktemp -d)
chmod 755 "$tmp"
trap 'chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT
prefix="$tmp/pre fix"
installed="$prefix/bin/ukbuild"
export UKBUILD_CACHE="${UKBUILD_CACHE:-$root/out/src}"

# check NAME COMMAND...: ok when the command succeeds; shows its output when not.
check()
{
	name=$1
	shift
	selected "$name" || return 0
	if "$@" >"$tmp/log" 2>&1; then
		echo "ok $name"
	else
		echo "not ok $name"
		tail -n 30 "$tmp/log"
	fi
}

install_tree()
{
	make -C "$root" -s install PREFIX="$prefix" &&
		test -x "$installed" && test -f "$prefix/share/man/man1/ukbuild.1" &&
		test -f "$prefix/share/bash-completion/completions/ukbuild"
}

# From another folder, without UKBUILD_HOME, and without touching the installed tree.
use_installed()
{
	chmod -R a-w "$prefix"
	cd "$tmp" && "$installed" init hello app &&
		"$installed" -f app/ukbuild.yaml build &&
		"$installed" -f app/ukbuild.yaml run --test
}

use_as_nobody()
{
	home=$tmp/nobody
	mkdir -p "$home"
	chown 65534 "$home"
	# shellcheck disable=SC2016 # expanded by the inner shell
	cd "$home" && HOME=$home setpriv --reuid=65534 --regid=65534 --clear-groups sh -c \
		'"$0" init hello app && "$0" -f app/ukbuild.yaml build && "$0" -f app/ukbuild.yaml run --test' \
		"$installed"
}

uninstall_tree()
{
	test -x "$installed" && chmod -R u+w "$prefix" || return 1
	make -C "$root" -s uninstall PREFIX="$prefix" && [ -z "$(find "$prefix" -type f)" ]
}

# A guest that never ends; ^C goes to the driver alone. It must end by the signal, and QEMU with it.
interrupt()
{
	mkdir -p "$tmp/loop"
	printf 'name: loop\nsources: main.c\nhardening: none\n' >"$tmp/loop/ukbuild.yaml"
	cat >"$tmp/loop/main.c" <<'C'
#include <uk/plat.h>
int main(void)
{
	static const char text[] = "spinning\n";

	uk_plat_console_write(text, sizeof(text) - 1);
	for (;;)
		__asm__ volatile("pause");
}
C
	"$UKBUILD" -f "$tmp/loop/ukbuild.yaml" build || return 1
	"$UKBUILD" -f "$tmp/loop/ukbuild.yaml" run --timeout 10m >"$tmp/console" 2>&1 &
	pid=$!
	await "$pid" grep -q spinning "$tmp/console" || return 1
	guests=$(pgrep -P "$pid")
	[ -n "$guests" ] || return 1
	# A shell without job control starts background commands with SIGINT ignored: TERM then.
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	echo "ended with status $status"
	for guest in $guests; do
		! kill -0 "$guest" 2>/dev/null || return 1
	done
	[ "$status" -eq 143 ]
}

# Every way to write the answer reports a full disk.
full_disk()
{
	for command in 'help' 'doctor --json' 'init' 'help --man' 'version --json' 'libs'; do
		status=0
		# shellcheck disable=SC2086 # the words of one command
		"$UKBUILD" $command >/dev/full 2>"$tmp/err" || status=$?
		echo "$command: $status"
		[ "$status" -eq 3 ] && grep -q 'No space left' "$tmp/err" || return 1
	done
}

# A machine that has everything but QEMU: each command that starts guests says so, and what to do, in the same words.
no_emulator()
{
	mkdir -p "$tmp/tools"
	for dir in $(echo "$PATH" | tr : ' '); do
		[ ! -d "$dir" ] || ln -sf "$dir"/* "$tmp/tools/"
	done
	rm -f "$tmp"/tools/qemu-*
	"$UKBUILD" init bare "$tmp/guests" >/dev/null
	for command in run 'run --test' 'attack --only WRITE_RO --profile none' 'attack --only REPLAY --profile none' \
		'measure --variants none --workloads boot'; do
		status=0
		# shellcheck disable=SC2086 # the words of one command
		PATH=$tmp/tools "$UKBUILD" -q -f "$tmp/guests/ukbuild.yaml" $command >/dev/null 2>"$tmp/err" || status=$?
		echo "$command: $status"
		cat "$tmp/err"
		[ "$status" -eq 3 ] && grep -q "cannot run 'qemu-system-x86_64': No such file" "$tmp/err" &&
			grep -qx "hint: 'ukbuild doctor' lists the tools and their packages" "$tmp/err" || return 1
	done
	# Nothing is built that could not be attacked.
	PATH=$tmp/tools "$UKBUILD" -q -f "$tmp/guests/ukbuild.yaml" -o "$tmp/unattacked" attack >/dev/null 2>&1 || :
	[ ! -e "$tmp/unattacked/bare" ]
}

# From a folder where nothing can be written, to another file system.
anywhere()
{
	other=$(mktemp -d /dev/shm/ukbuild-XXXXXX) || return 1
	status=0
	(cd "$tmp" && "$UKBUILD" init bare && cd /proc &&
		"$UKBUILD" -f "$tmp/bare/ukbuild.yaml" -o "$other/out" build &&
		"$UKBUILD" -f "$tmp/bare/ukbuild.yaml" -o "$other/out" run) || status=$?
	rm -rf "$other"
	return "$status"
}

# Names that shells and make treat specially: they work, or are refused with the reason.
odd_names()
{
	# shellcheck disable=SC2016 # the dollar sign is meant
	for odd in 'a b' 'a#b' "a'b" 'a"b' 'a$b' 'a:b' 'a&b' '(a)' '[a]' '~a'; do
		"$UKBUILD" init bare "$tmp/odd/$odd" >/dev/null &&
			mv "$tmp/odd/$odd/main.c" "$tmp/odd/$odd/$odd.c" &&
			printf 'name: odd\nsources: "*.c"\n' >"$tmp/odd/$odd/ukbuild.yaml" &&
			"$UKBUILD" -q -f "$tmp/odd/$odd/ukbuild.yaml" build &&
			"$UKBUILD" -q -f "$tmp/odd/$odd/ukbuild.yaml" build --json >"$tmp/json" &&
			grep -q '"compiled": 0' "$tmp/json" || return 1
	done
	for odd in 'a;b' 'a%b' 'a=b' 'a|b' 'a\b' 'a*b'; do
		"$UKBUILD" init bare "$tmp/odd/$odd" >/dev/null || return 1
		status=0
		"$UKBUILD" -q -f "$tmp/odd/$odd/ukbuild.yaml" build 2>"$tmp/err" || status=$?
		cat "$tmp/err"
		[ "$status" -eq 1 ] && grep -q 'which make cannot read' "$tmp/err" || return 1
	done
}

# with_disk SIZE COMMAND...: of ukbuild, its output on a disk of that size. The status is in $status, what it says in $tmp/err.
with_disk()
{
	disk=$1
	shift
	mkdir -p "$tmp/small"
	[ -d "$tmp/bare" ] || "$UKBUILD" init bare "$tmp/bare"
	status=0
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare -rm sh -c 'mount -t tmpfs -o size="$1" tmpfs "$2/small" || exit 99
		tmp=$2 ukbuild=$3; shift 3
		exec "$ukbuild" -f "$tmp/bare/ukbuild.yaml" -o "$tmp/small/out" "$@"' \
		sh "$disk" "$tmp" "$UKBUILD" "$@" >"$tmp/err" 2>&1 || status=$?
	cat "$tmp/err"
}

# Disks that fill up at different points of a build: exit 3, and the reason is said.
full_disk_build()
{
	for size in 4k 16k 100k; do
		with_disk "$size" build -q
		echo "$size: $status"
		[ "$status" -eq 3 ] && grep -qi 'no space left' "$tmp/err" || return 1
	done
	# Where it was a compiler's message, among its own, it is said once more.
	grep -q '^hint: [0-9]* KiB are left on the disk of' "$tmp/err"
}

# No mechanism is blamed for a full disk, and no further one is tried.
full_disk_measure()
{
	for command in 'measure --variants none,canary,fortify --workloads boot' \
		'attack --profile none,canary,fortify --only WRITE_RO'; do
		# shellcheck disable=SC2086 # the words of one command
		with_disk 100k $command
		[ "$status" -eq 3 ] && grep -q 'error: [0-9]* KiB are left on the disk of' "$tmp/err" || return 1
		! grep -q 'canary\|fortify' "$tmp/err" || return 1
	done
}

# A reader that goes away early: no crash, no endless message.
closed_pipe()
{
	for command in 'help --man' 'libs' 'doctor --json'; do
		# shellcheck disable=SC2086 # the words of one command
		{ "$UKBUILD" $command 2>"$tmp/err" || true; } | true
		[ "$(wc -l <"$tmp/err")" -le 2 ] || return 1
	done
}

check install install_tree
check installed use_installed
if [ "$(id -u)" -eq 0 ]; then
	check unprivileged use_as_nobody
else
	echo 'skip unprivileged: all tests run as an unprivileged user already'
fi
check uninstall uninstall_tree
check interrupt interrupt
check no-emulator no_emulator
check full-disk full_disk
check anywhere anywhere
check odd-names odd_names
if unshare -rm true 2>/dev/null; then
	check full-disk-build full_disk_build
	check full-disk-measure full_disk_measure
else
	echo 'skip full-disk-build: this user may not mount a small file system'
	echo 'skip full-disk-measure: this user may not mount a small file system'
fi
check closed-pipe closed_pipe
