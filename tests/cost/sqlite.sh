#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Native time of SQLite's speedtest1, on a database in memory, as an image of platform process: profile none
# over the same sources with the same flags as a plain static program, and default over none. Runs are taken in
# turn on one processor. A command, never a test: the figures are this machine's.
#   tests/cost/sqlite.sh [ROUNDS [SIZE]]
set -eu
rounds=${1:-20}
size=${2:-5}
root=$(cd "$(dirname "$0")/../.." && pwd)
ukbuild=${UKBUILD:-$root/ukbuild}
bench=$root/out/bench/sqlite
mkdir -p "$bench"
rm -rf "$bench/app" "$bench/times"

"$ukbuild" init -q sqlite "$bench/app" >/dev/null
sed -i "s/^args: .*/args: --memdb --size $size/" "$bench/app/ukbuild.yaml"
# image PROFILE
image()
{
	"$ukbuild" build -q --json -f "$bench/app/ukbuild.yaml" -o "$bench/out" --platform process \
		--harden "$1" | jq -r '.images[0].path'
}
none=$(image none)
hardened=$(image default)
"$root/tests/cost/static_musl.sh" "$bench/app" "$(dirname "$none")" "$bench/static" sqlite3.c speedtest1.c

# timed PROGRAM COMMAND...
timed()
{
	program=$1
	shift
	taskset -c 0 "$@" | sed -n "s/^bench: /$i $program /p" >>"$bench/times"
}
i=0
while [ "$i" -lt "$rounds" ]; do
	timed static "$bench/static" --memdb --size "$size"
	timed none "$root/ukbuild-tender" "$none"
	timed default "$root/ukbuild-tender" "$hardened"
	i=$((i + 1))
done

"$root/tests/cost/ratio.sh" "$bench/times" none static
"$root/tests/cost/ratio.sh" "$bench/times" default none
