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

# Guests are counted by a program in front of QEMU: a line in guests for each one that is started. While the file hold
# is there, the first guest after two results whose memory is a file does not run: it makes the file, says so in the
# file held, and waits to be stopped.
mkdir -p bin
cat >bin/qemu-system-x86_64 <<EOF
#!/bin/sh
case " \$* " in
*' -kernel '*)
	echo "\$*" >>$scratch/guests
	memory=\$(echo "\$*" | grep -o '/dev/shm/ukbuild-[0-9]*\.memory') || memory=
	if [ -e $scratch/hold ] && [ -n "\$memory" ] &&
		[ "\$(find $scratch/bare/out/measure/results -name '*.json' | wc -l)" -ge 2 ]; then
		: >"\$memory"
		: >$scratch/held
		exec sleep 600
	fi
	;;
esac
exec $(command -v qemu-system-x86_64) "\$@"
EOF
chmod +x bin/qemu-system-x86_64

# counted JSON ARGS...: measures bare with this, and says how many guests it took.
counted()
{
	json=$1
	shift
	: >guests
	PATH=$scratch/bin:$PATH "$UKBUILD" -q -f bare/ukbuild.yaml measure --json "$@" >"$json" 2>>bare.log || cat bare.log
	wc -l <guests
}

# What two measurements of the same images must agree on: all but how much memory was touched at the first output.
exact()
{
	jq 'del(.variants[].touched_after_boot)' "$1"
}

# same NAME A.json B.json
same()
{
	exact "$2" >a.exact
	exact "$3" >b.exact
	if [ -s a.exact ] && cmp -s a.exact b.exact; then
		echo "ok $1"
	else
		echo "not ok $1"
		diff a.exact b.exact | head -n 20
	fi
}

# is NAME CONDITION...: a test(1).
is()
{
	i_name=$1
	shift
	if test "$@"; then
		echo "ok $i_name"
	else
		echo "not ok $i_name ($*)"
	fi
}

if selected kept; then
	rm -rf bare hold held
	"$UKBUILD" -q init bare bare >/dev/null
	: >bare.log
	set -- --variants none,canary --workloads boot,memory
	first=$(counted first.json "$@")
	is kept-first-run "$first" -ge 12
	is kept-second-run-no-guest "$(counted second.json "$@")" -eq 0
	same kept-second-run-same first.json second.json
	is kept-more-asked "$(counted more.json --variants none,canary,nullpage --workloads boot,memory)" -eq $((first / 2))
	is kept-fresh "$(counted fresh.json --fresh "$@")" -eq "$first"
	same kept-fresh-same first.json fresh.json
	# An image that changed is measured again, and only that.
	sed -i 's/return 0;/return *(volatile const char *)"";/' bare/main.c
	is kept-changed-source "$(counted changed.json "$@")" -eq "$first"

	# Interrupted in the middle: what was found is kept, nothing else is left, and the figures are the same.
	: >guests
	rm -f held
	: >hold
	# A shell starts what runs beside it with SIGINT ignored.
	PATH=$scratch/bin:$PATH env --default-signal=INT "$UKBUILD" -q -f bare/ukbuild.yaml -j1 measure --fresh "$@" \
		>/dev/null 2>&1 &
	pid=$!
	await $pid [ -e held ] || :
	rm hold
	status=0
	kill -INT $pid || echo 'not ok kept-held'
	wait $pid || status=$?
	begun=$(wc -l <guests)
	cp guests interrupted
	is kept-interrupted "$status" -eq 130
	rest=$(counted resumed.json "$@")
	is kept-resumed-less "$rest" -lt "$first"
	is kept-resumed-nothing-lost $((begun + rest)) -le $((first + 5))
	same kept-resumed-same changed.json resumed.json
	# Guests' memory lies in files with names that every run on this machine makes: only this one's count.
	grep -o '/dev/shm/ukbuild-[0-9]*\.memory' interrupted | sort -u >memories
	is kept-memory-files "$(wc -l <memories)" -ge 1
	find bare/out/measure -name 'seed-*' -o -name 'run-*' >left
	while read -r file; do
		[ ! -e "$file" ] || echo "$file"
	done <memories >>left
	is kept-swept "$(wc -l <left)" -eq 0
fi

# Pieces of a measurement: joined they are what one run finds, and what does not belong together is refused.
# refused NAME TEXT ARGS...: report --merge of these fails and says so.
refused()
{
	r_name=$1 r_text=$2
	shift 2
	status=0
	"$UKBUILD" -q -f bare/ukbuild.yaml report --merge "$@" >refused.out 2>&1 || status=$?
	if [ "$status" -eq 1 ] && grep -q -- "$r_text" refused.out; then
		echo "ok $r_name"
	else
		echo "not ok $r_name (status $status)"
		cat refused.out
	fi
}

if selected pieces; then
	rm -rf bare
	"$UKBUILD" -q init bare bare >/dev/null
	set -- -q -f bare/ukbuild.yaml measure --variants none,canary,default --workloads boot,kernels
	"$UKBUILD" "$@" --shard 2/2 --output two.json 2>bare.log || cat bare.log
	# The first piece is measured where nothing is kept of the second.
	rm -r bare/out/measure/results
	"$UKBUILD" "$@" --shard 1/2 --json >one.json 2>bare.log || cat bare.log
	is pieces-part "$(jq '[.variants[].workloads[]] | length' one.json)" -lt 3
	"$UKBUILD" -q -f bare/ukbuild.yaml report --merge two.json one.json --json >joined.json 2>bare.log || cat bare.log
	cp bare/out/bare/measure.json joined.measure
	"$UKBUILD" "$@" --fresh --json >whole.json 2>bare.log || cat bare.log
	same pieces-joined-as-whole joined.json whole.json
	if cmp -s joined.measure bare/out/bare/measure.json; then
		echo 'ok pieces-kept-as-whole'
	else
		echo 'not ok pieces-kept-as-whole'
	fi
	jq '.piece.inputs.application = "another"' two.json >other.json
	jq '.piece.inputs.emulator = "QEMU 1"' two.json >older.json
	jq '.piece.inputs |= with_entries(if .key | startswith("image") then .value = "0" else . end)' two.json >image.json
	refused pieces-missing 'piece 2 of 2 is missing' one.json
	refused pieces-double "this is piece 1, and so is 'one.json'" one.json one.json
	refused pieces-application "differs from 'one.json' in application" one.json other.json
	refused pieces-method "differs from 'one.json' in emulator" one.json older.json
	refused pieces-image "differs from 'one.json' in image of 'default'" one.json image.json
	refused pieces-whole 'this is no piece' bare/out/bare/measure.json two.json
fi

# The manifest's own workload: kernels that it marks with uk/bench.h, or all of it.
if selected workload; then
	rm -rf own
	mkdir own
	cat >own/main.c <<-'EOF'
		#include <string.h>
		#include <uk/bench.h>

		int main(int argc, char **argv)
		{
			uint64_t start = uk_bench_begin(), sum = 0;

			for (uint64_t i = 0; argc > 1 && i < 1000; i++)
				sum += i ^ sum << 3;
			if (argc > 1 && !strcmp(argv[1], "marked"))
				uk_bench_end("count", start, sum);
			puts("done");
			return 0;
		}
	EOF
	for kind in marked plain; do
		printf 'name: own\nsources: main.c\ntest: {expect: done}\nworkload: {args: %s, expect: done}\n' $kind >own/ukbuild.yaml
		"$UKBUILD" -q -f own/ukbuild.yaml measure --variants none,canary --workloads app --json >$kind.json 2>own.log || cat own.log
	done
	kernels='[.variants[].workloads[] | select(.name == "app") | .kernels | to_entries[] | select(.value.median > 1000) | .key] | join(",")'
	is workload-marked "$(jq -r "$kernels" marked.json)" = count,count
	is workload-whole "$(jq -r "$kernels" plain.json)" = whole,whole
fi

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

# Percent over none: the geometric mean and the worst of the kernels that do not live on the heap, then those
# that do (regex: 56 blocks a pattern), which the hardened heap makes dearer.
kernels='.workloads[] | select(.name == "bench") | .kernels'
ratios="[.variants[] | select(.name == \"none\" or .name == \"default\") | $kernels] as [\$n, \$d] |
	[\$n | keys[] | select(startswith(\"malloc\") or . == \"regex\" | not) | \$d[.].median / \$n[.].median]"
# 3.4 with what default has: canary 1.5, cfi 1.2, aslr 0.4, autoinit 0.3.
at_most kernels-mean 3.5 hello.json "$ratios | ((map(log) | add / length | exp) - 1) * 100"
at_most kernels-worst 12 hello.json "$ratios | (max - 1) * 100"
at_most kernels-malloc 85 hello.json \
	"[.variants[] | $kernels | .malloc.median] as [\$n, \$d] | (\$d / \$n - 1) * 100"
at_most kernels-regex 13 hello.json \
	"[.variants[] | $kernels | .regex.median] as [\$n, \$d] | (\$d / \$n - 1) * 100"

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
