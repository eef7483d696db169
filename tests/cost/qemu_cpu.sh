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

# The command line of IMAGE, with another kernel when one is given.
command_of()
{
	"$ukbuild" -q -o "$tmp" run --dry-run --accel tcg "$1"
}

# User and system milliseconds of one run.
cpu_ms()
{
	sh -c "$1" >/dev/null 2>&1 </dev/null &
	wait $! || true
}

median()
{
	sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# The children's time so far, in ms: `times` prints it on its second line as 0m1.230s 0m0.450s.
children_ms()
{
	times >"$tmp/times"
	awk 'NR == 2 { ms = 0; for (i = 1; i <= 2; i++) { split($i, t, /[ms]/); ms += t[1] * 60000 + t[2] * 1000 } print ms }' "$tmp/times"
}

floor >"$tmp/floor.elf"
image_command=$(command_of "$image")
floor_command=$(command_of "$tmp/floor.elf")
: >"$tmp/image"
: >"$tmp/floor"
i=0
while [ "$i" -lt "$runs" ]; do
	for kind in image floor; do
		if [ "$kind" = image ]; then command=$image_command; else command=$floor_command; fi
		before=$(children_ms)
		cpu_ms "$command"
		after=$(children_ms)
		echo "$((after - before))" >>"$tmp/$kind"
	done
	i=$((i + 1))
done
image_ms=$(median "$tmp/image")
floor_ms=$(median "$tmp/floor")
echo "image $image_ms ms, one instruction $floor_ms ms (median of $runs)"
awk -v a="$image_ms" -v b="$floor_ms" 'BEGIN { printf "ratio %.2f\n", a / b }'
