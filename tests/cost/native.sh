#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Native time of the bench kernels as an image of platform process (profile none) over the same sources
# with the same flags as a plain static program, runs taken in turn on one processor. A command, never a
# test. The malloc and regex
# kernels compare allocators: the image has ours.
#   tests/cost/native.sh [ROUNDS]
set -eu
rounds=${1:-40}
root=$(cd "$(dirname "$0")/../.." && pwd)
ukbuild=${UKBUILD:-$root/ukbuild}
bench=$root/out/bench/native
rm -rf "$bench"
mkdir -p "$bench"

"$ukbuild" init -q bench "$bench/bench" >/dev/null
image=$("$ukbuild" build -q --json -f "$bench/bench/ukbuild.yaml" --platform process --harden none |
	jq -r '.images[0].path')
"$root/tests/cost/static_musl.sh" "$bench/bench" "$(dirname "$image")" "$bench/static"

i=0
while [ "$i" -lt "$rounds" ]; do
	taskset -c 0 "$bench/static" | sed -n "s/^bench: /$i static /p" >>"$bench/times"
	taskset -c 0 "$root/ukbuild-tender" "$image" | sed -n "s/^bench: /$i image /p" >>"$bench/times"
	i=$((i + 1))
done

"$root/tests/cost/ratio.sh" "$bench/times" image static
