#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Wall time of building the hello template: from an empty out folder, with nothing changed, with one
# file touched, with a link-only option switched and back. A command, never a test: the figures are this
# machine's.
#   tests/cost/build_time.sh [RUNS]
set -eu
runs=${1:-5}
root=$(cd "$(dirname "$0")/../.." && pwd)
ukbuild=${UKBUILD:-$root/ukbuild}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# ms ARGS...: milliseconds of one build.
ms()
{
	start=$(date +%s%N)
	"$ukbuild" build -q "$@" >/dev/null 2>&1
	end=$(date +%s%N)
	echo $(((end - start) / 1000000))
}

# series NAME RUNS COMMAND...: runs "COMMAND NUMBER" each time, prints median and spread.
series()
{
	name=$1 n=$2
	shift 2
	for i in $(seq "$n"); do "$@" "$i"; done | sort -n |
		awk -v name="$name" '{ v[NR] = $1 } END {
			printf "%-28s median %5d ms  (%d-%d, %d runs)\n", name, v[int((NR + 1) / 2)], v[1], v[NR], NR }'
}

empty() { rm -rf out && ms --harden "$profile"; }
nothing() { ms; }
touched() { touch main.c && ms; }
seeded() { ms --seed "$(printf '%064d' "$1")"; }

"$ukbuild" init -q hello "$tmp/hello" >/dev/null
cd "$tmp/hello"
for profile in none default max; do
	series "empty out, $profile" "$runs" empty
done
ms >/dev/null
series "nothing changed" 20 nothing
series "one file touched" "$runs" touched
series "link-only option switched" "$runs" seeded
series "and back" "$runs" seeded
