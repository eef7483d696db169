# SPDX-License-Identifier: BSD-2-Clause
# Boots images as Xen's initial domain, with a command line, a processor and a seed of the caller's choice.
# Sourced after lib.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # scratch and platform are the caller's, status is for it

UKBUILD_CACHE=${UKBUILD_CACHE:-$root/out/src}
export UKBUILD_CACHE

# rig_missing: prints why there is no rig here, or nothing.
rig_missing()
{
	if ! command -v qemu-system-x86_64 >/dev/null; then
		echo 'qemu-system-x86_64 is not installed'
	elif [ ! -e /usr/include/xen/xen.h ]; then
		echo 'package libxen-dev is not installed'
	elif ! sh "$root/platforms/xen/rig/prepare.sh" dom0 "$UKBUILD_CACHE" >"$scratch/rig.log" 2>&1; then
		tail -n 1 "$scratch/rig.log"
	fi
}

# rig_boot IMAGE MACHINE CPU MEMORY CMDLINE [-initrd SEED] [QEMU ARGUMENTS]: console in $scratch/console, for
# $platform. The rig has one machine; CPU qemu64 is without random numbers, any other has them. $status is
# what isa-debug-exit would make QEMU say: the initial domain ends the machine by restarting it, so only
# the console tells how it ended.
rig_boot()
{
	r_cpu=$3 r_modules=$(echo "$1 $5" | sed 's/,/,,/g')
	r_line=$("$UKBUILD" -q -o "$scratch/out" run --platform "$platform" --dry-run --memory "$4" "$1" |
		sed 's/ -initrd .*//')
	shift 5
	if [ "${1:-}" = -initrd ]; then
		r_modules=$r_modules,$2
		shift 2
	fi
	[ "$r_cpu" != qemu64 ] || r_line=$(echo "$r_line" | sed 's/+rdrand,*//')
	# The line is made for a shell to read.
	eval "set -- $r_line \"\$@\""
	timeout 120 "$@" -initrd "$r_modules" </dev/null 2>&1 | tr -d '\r' >"$scratch/console"
	case $(sed -n 's/^ukbuild-exit: [^ ]* //p' "$scratch/console" | tail -n 1) in
	0) status=1 ;;
	*' '*) status=5 ;;
	'') status=0 ;;
	*) status=3 ;;
	esac
}
