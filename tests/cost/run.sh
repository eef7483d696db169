#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The numbers the project promises, measured as users measure them: exact ones only (bytes, counted
# instructions, touched pages, least memory). Times are left to tests/cost/qemu_cpu.sh.
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

if ! command -v qemu-system-x86_64 >/dev/null; then
	echo "skip cost: qemu-system-x86_64 is not installed"
	exit 0
fi
cd "$scratch"

# at_most NAME LIMIT FILE FILTER: the number that the jq FILTER finds in FILE; no number is a failure.
at_most()
{
	selected "$1" || return 0
	found=$(jq -r "$4 // empty" "$3" 2>&1) || true
	case $found in
	'' | *[!0-9.-]*) echo "not ok $1 (no figure: $found)" ;;
	*)
		if awk -v a="$found" -v b="$2" 'BEGIN { exit !(a <= b) }'; then
			echo "ok $1"
		else
			echo "not ok $1 ($found, at most $2)"
		fi
		;;
	esac
}

# measured TEMPLATE VARIANTS WORKLOADS: figures in TEMPLATE.json.
measured()
{
	rm -rf "$1"
	"$UKBUILD" -q init "$1" "$1" >/dev/null
	"$UKBUILD" -q -f "$1/ukbuild.yaml" measure --variants "$2" --workloads "$3" --json \
		>"$1.json" 2>"$1.log" || cat "$1.log"
}

# The figures of a variant, for jq.
of()
{
	echo ".variants[] | select(.name == \"$1\" and .problem == null)"
}

measured bare none boot
at_most bare-none-bytes 8192 bare.json "$(of none) | .file_bytes"

measured hello none,default boot,memory,minmem,kernels
for limits in \
	none:28672:30000:163840:1310720 \
	default:49152:200000:327680:1572864; do
	IFS=: read -r variant bytes to_main touched least <<-EOF
		$limits
	EOF
	at_most "hello-$variant-bytes" "$bytes" hello.json "$(of "$variant") | .file_bytes"
	at_most "hello-$variant-instructions-to-main" "$to_main" hello.json \
		"$(of "$variant") | .instructions_to_main.max"
	at_most "hello-$variant-touched" "$touched" hello.json "$(of "$variant") | .touched_at_end"
	at_most "hello-$variant-least-memory-microvm" "$least" hello.json \
		"$(of "$variant") | .min_memory_microvm"
	at_most "hello-$variant-least-memory-q35" "$least" hello.json \
		"$(of "$variant") | .min_memory_q35"
done

# Percent over none, kernels without malloc: the geometric mean and the worst.
kernels='.workloads[] | select(.name == "bench") | .kernels'
ratios="[.variants[] | select(.name == \"none\" or .name == \"default\") | $kernels] as [\$n, \$d] |
	[\$n | keys[] | select(startswith(\"malloc\") | not) | \$d[.].median / \$n[.].median]"
at_most kernels-mean 3 hello.json "$ratios | ((map(log) | add / length | exp) - 1) * 100"
at_most kernels-worst 12 hello.json "$ratios | (max - 1) * 100"
at_most kernels-malloc 150 hello.json \
	"[.variants[] | $kernels | .malloc.median] as [\$n, \$d] | (\$d / \$n - 1) * 100"

if selected host-below; then
	if grep -q '"host below process": "4 system calls' bare.json &&
		grep -q '"host below kvm": "QEMU' bare.json; then
		echo 'ok host-below'
	else
		echo 'not ok host-below'
		grep 'host below' bare.json
	fi
fi

# Time itself is no test; that every link and kernel has been timed is one, and that the orders differ.
if selected native; then
	measured bare none,canary native
	found=$(jq -r '[.variants[] | select(.problem == null) | .workloads[0].native | .over_none.n, (.kernels | length)] | @csv' \
		bare.json)
	orders=$(for image in bare/out/bench/process-none+*/bench.elf.ukmap; do
		nm -n "$image" | awk '$2 ~ /[tT]/ { print $3 }' | sha256sum
	done | sort -u | wc -l)
	if [ "$found" = 5,6,5,6 ] && [ "$orders" -ge 5 ]; then
		echo 'ok native'
	else
		echo 'not ok native'
		echo "links and kernels of none and canary: $found; $orders orders, at least 5"
		cat bare.log
	fi
fi
