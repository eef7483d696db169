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

# Other programs only ever slow a run down: on a machine that is not quiet the fastest runs tell most.
echo "kernel: image over static: fastest run of $rounds; median of the ratios (quartiles)"
awk '{ v[$1, $2, $3] = $4; names[$3]
	if (!(($2, $3) in least) || $4 < least[$2, $3]) least[$2, $3] = $4
} END {
	for (k in names)
		for (i = 0; (i, "image", k) in v; i++)
			print k, v[i, "image", k] / v[i, "static", k], least["image", k] / least["static", k]
}' "$bench/times" | sort -k1,1 -k2,2n | awk '
function say() { if (n) { printf "%-8s %.3f  %.3f (%.3f-%.3f)\n", name, least, r[int((n + 1) / 2)],
	r[int((n + 3) / 4)], r[int((3 * n + 3) / 4)] } }
$1 != name { say(); name = $1; n = 0 }
{ r[++n] = $2; least = $3 }
END { say() }'
