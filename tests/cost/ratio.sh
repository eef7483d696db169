#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# For each kernel, what one program took over another: FILE has lines "ROUND PROGRAM KERNEL COUNT".
#   tests/cost/ratio.sh FILE PROGRAM BASE
set -eu
# Other programs only ever slow a run down: on a machine that is not quiet the fastest runs tell most.
echo "kernel: $2 over $3: fastest run; median of the ratios (quartiles)"
awk -v program="$2" -v base="$3" '{ v[$1, $2, $3] = $4; names[$3]
	if (!(($2, $3) in least) || $4 < least[$2, $3]) least[$2, $3] = $4
} END {
	for (k in names)
		for (i = 0; (i, program, k) in v; i++)
			print k, v[i, program, k] / v[i, base, k], least[program, k] / least[base, k]
}' "$1" | sort -k1,1 -k2,2n | awk '
function say() { if (n) { printf "%-8s %.3f  %.3f (%.3f-%.3f)\n", name, least, r[int((n + 1) / 2)],
	r[int((n + 3) / 4)], r[int((3 * n + 3) / 4)] } }
$1 != name { say(); name = $1; n = 0 }
{ r[++n] = $2; least = $3 }
END { say() }'
