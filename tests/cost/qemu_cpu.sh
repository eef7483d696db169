#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# QEMU's processor time (user and system) for an image on microvm against the guest of one instruction,
# runs taken in turn, medians. A command, never a test: the figures are this machine's.
#   tests/cost/qemu_cpu.sh IMAGE [RUNS]
set -eu
image=${1:?usage: $0 IMAGE [RUNS]}
runs=${2:-30}
root=$(cd "$(dirname "$0")/../.." && pwd)
ukbuild=${UKBUILD:-$root/ukbuild}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# The guest of one instruction (build/floor.c): ELF header, one loaded segment, the PVH note, and
# "out %al, $0xf4", as octal bytes.
floor()
{
	printf '\177ELF\002\001\001\000\000\000\000\000\000\000\000\000' # ELFCLASS64, little endian
	printf '\002\000\076\000\001\000\000\000'                         # ET_EXEC, EM_X86_64
	printf '\310\000\020\000\000\000\000\000\100\000\000\000\000\000\000\000' # entry 0x1000c8
	printf '\000\000\000\000\000\000\000\000\000\000\000\000\100\000\070\000\002\000\000\000\000\000\000\000'
	printf '\001\000\000\000\007\000\000\000\000\000\000\000\000\000\000\000' # PT_LOAD at 0x100000
	printf '\000\000\020\000\000\000\000\000\000\000\020\000\000\000\000\000'
	printf '\314\000\000\000\000\000\000\000\314\000\000\000\000\000\000\000\004\000\000\000\000\000\000\000'
	printf '\004\000\000\000\004\000\000\000\260\000\000\000\000\000\000\000' # PT_NOTE at 0x1000b0
	printf '\260\000\020\000\000\000\000\000\260\000\020\000\000\000\000\000'
	printf '\024\000\000\000\000\000\000\000\024\000\000\000\000\000\000\000\004\000\000\000\000\000\000\000'
	printf '\004\000\000\000\004\000\000\000\022\000\000\000Xen\000\310\000\020\000' # type 18
	printf '\000\000\000\000\346\364\000\000'
}

# User and system microseconds of one run, as the driver reads them from wait4(2). The guest of one
# instruction says nothing, so its run counts as failed.
cpu_us()
{
	"$ukbuild" -q -o "$tmp" run --json --accel tcg "$1" 2>/dev/null >"$tmp/json" || true
	jq '.cpu_ns / 1000 | floor' "$tmp/json"
}

median()
{
	sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

floor >"$tmp/floor.elf"
: >"$tmp/image"
: >"$tmp/floor"
i=0
while [ "$i" -lt "$runs" ]; do
	cpu_us "$image" >>"$tmp/image"
	cpu_us "$tmp/floor.elf" >>"$tmp/floor"
	i=$((i + 1))
done
image_us=$(median "$tmp/image")
floor_us=$(median "$tmp/floor")
echo "image $image_us us, one instruction $floor_us us (median of $runs)"
awk -v a="$image_us" -v b="$floor_us" 'BEGIN { printf "ratio %.2f\n", a / b }'
