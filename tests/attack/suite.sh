# SPDX-License-Identifier: BSD-2-Clause
# Read by run.sh: `ukbuild attack` on the template hello. With `none` the attacks succeed, with `default` none does that
# the threat model says is stopped, and each is stopped by the mechanism that is said to stop it.
# shellcheck shell=sh disable=SC2154 # scratch, root and out are run.sh's

suite_app=$scratch/suite/app
# What an earlier run left is no answer of this one.
rm -rf "$suite_app" "$scratch"/suite/out/hello/attack.json "$scratch"/suite/out/hello/*-none+*

# peak_of PID: the most memory that a process has had when it ends, in KiB, in $peak.
peak_of()
{
	peak=0
	while now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status" 2>/dev/null) && [ -n "$now" ]; do
		peak=$now
		sleep 0.1
	done
}

# attacks PLATFORM PROFILES ONLY: the answer in $scratch/attack.json, the status in $status. $jobs: an option.
attacks()
{
	[ -e "$suite_app" ] || "$UKBUILD" init -q hello "$suite_app" >/dev/null
	: >"$scratch/console"
	status=0
	# shellcheck disable=SC2086 # options, or nothing
	"$UKBUILD" attack -q --json -f "$suite_app/ukbuild.yaml" -o "$scratch/suite/out" --platform "$1" --profile "$2" \
		${3:+--only "$3"} ${jobs:-} >"$scratch/attack.json" 2>"$scratch/errors" &
	peak_of $!
	wait $! || status=$?
}

# holds TEST STATUS FILTER: the last run ended with STATUS and jq's FILTER is true of its answer.
holds()
{
	if [ "$status" -ne "$2" ]; then
		fail "$1" "status $status, expected $2"
	elif ! jq -e "def rows(p): .profiles[] | select(.profile == p) | .rows[]; $3" \
		"$scratch/attack.json" >/dev/null; then
		fail "$1" "not so: $3"
	else
		echo "ok $1"
	fi
}

# Everything, as a process: it takes some seconds.
check_suite_process()
{
	selected suite/process || return 0
	attacks process none,default ''
	holds suite/process/none-is-open 0 \
		'[rows("none") | select(.by != "platform" and .outcome != "absent")] |
		(map(select(.outcome == "succeeded")) | length) * 10 >= length * 9'
	holds suite/process/matrix-is-whole 0 \
		'[rows("none") | select(.group == "matrix")] | length == 420 and all(.outcome == "succeeded")'
	holds suite/process/promises-are-kept 0 \
		'[rows("default") | select(.promised)] | length > 200 and all(.outcome != "succeeded")'
	# What is left to a linear overflow is a function of the right type.
	holds suite/process/overflows-are-stopped 0 \
		'[rows("default") | select(.group == "matrix" and .adversary == "A1" and .outcome == "succeeded").attack] |
		all(endswith("/same"))'
	holds suite/process/canary-is-named 0 \
		'[rows("default") | select(.attack | test("^stack/(return|frame)/direct/"))] |
		length == 6 and all(.by == "canary")'
	holds suite/process/jump-buffers-are-sealed 0 \
		'[rows("default") | select(.attack | test("/jump-"))] | length == 72 and all(.by == "setjmp")'
	# A long way through drawn data may end the program before the call.
	holds suite/process/types-are-checked 0 \
		'[rows("default") | select(.attack | test("/other$"))] | length > 50 and
		all(.outcome != "succeeded") and (map(select(.by == "cfi")) | length) * 10 >= length * 9'
	holds suite/process/targets-are-counted 0 \
		'[rows("none", "default") | select(.attack == "CALL_TARGETS") | .successes] | .[1] * 100 < .[0]'
	holds suite/process/entropy 0 \
		'[.profiles[] | select(.profile == "default") | .entropy[]] | length == 4 and
		all(.distinct == .boots and .varying_bits >= 30)'
	holds suite/process/no-call-changes-rights 0 \
		'[rows("none", "default") | select(.attack == "SYSTEM_CALL_RIGHTS") | .by] == ["platform", "platform"]'
	# A dozen images were built: each start is a copy of the driver, which must not hold all that they took.
	if [ "$peak" -lt 131072 ]; then
		echo "ok suite/process/memory-is-given-back"
	else
		fail suite/process/memory-is-given-back "ukbuild had $peak KiB"
	fi
	if cmp -s "$scratch/attack.json" "$scratch/suite/out/hello/attack.json"; then
		echo "ok suite/process/is-kept"
	else
		fail suite/process/is-kept "out/hello/attack.json is not what was printed"
	fi
}

# Side by side or one after another, the answers are the same and in the same order.
check_suite_jobs()
{
	test=suite/jobs
	selected "$test" || return 0
	attacks process none WRITE,EXEC,stack/return
	jq .profiles "$scratch/attack.json" >"$scratch/side-by-side.json"
	jobs='-j 1' attacks process none WRITE,EXEC,stack/return
	if ! jq .profiles "$scratch/attack.json" | cmp -s - "$scratch/side-by-side.json"; then
		fail "$test" "one after another they come to something else"
	else
		holds "$test" 0 '[rows("none")] | length > 20 and
			all(.outcome == "succeeded" or .outcome == "absent" or .by == "platform")'
	fi
}

# A twin without the words is the program.
check_suite_twin()
{
	test=suite/twin-is-the-program
	selected "$test" || return 0
	attacks process none WRITE_RO
	for twin in "$scratch"/suite/out/hello/process-none+*/hello.elf; do
		"$UKBUILD" run -q --platform process "$twin" >"$scratch/console" 2>"$scratch/errors" || :
		grep -q '20 + 22 = 42' "$scratch/console" || {
			fail "$test" "it does not run the program"
			return 0
		}
	done
	holds "$test" 0 '[rows("none")] | length == 2 and all(.outcome == "succeeded")'
}

check_suite_replay()
{
	test=suite/replay
	selected "$test" || return 0
	attacks process none,none+aslr=link,none+aslr=boot REPLAY
	holds "$test/another-boot" 0 \
		'[rows("none", "none+aslr=link", "none+aslr=boot") | select(.attack == "REPLAY_POINTER_BOOT") |
		.successes] == [20, 20, 0]'
	holds "$test/another-build" 0 \
		'[rows("none", "none+aslr=link") | select(.attack == "REPLAY_POINTER_BUILD") | .successes] == [21, 0]'
	holds "$test/interval" 0 \
		'rows("none+aslr=boot") | select(.attack == "REPLAY_POINTER_BOOT") | .low == 0 and .high < 0.17'
}

check_suite_kvm()
{
	test=suite/kvm
	selected "$test" || return 0
	attacks kvm none,default stack/return/,jump-heap/direct,WRITE_PAGE_TABLE,HYPERCALL
	holds "$test/none-is-open" 0 \
		'[rows("none") | select(.outcome == "succeeded")] | length == 13'
	holds "$test/no-hypercall-changes-text" 0 \
		'[rows("none") | select(.attack | test("HYPERCALL")) | .by // .outcome] ==
		["absent", "platform", "absent", "absent"]'
	holds "$test/promises-are-kept" 0 \
		'[rows("default") | select(.promised)] | length > 6 and all(.outcome != "succeeded")'
	# An arbitrary write wins over a canary: the documents say so.
	holds "$test/limit-is-an-arbitrary-write" 0 \
		'rows("default") | select(.attack == "stack/return/indirect/function") | .outcome == "succeeded"'
}

check_suite()
{
	check_suite_process
	check_suite_jobs
	check_suite_twin
	check_suite_replay
	check_suite_kvm
}
