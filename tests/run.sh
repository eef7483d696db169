#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Runs test suites (default: every tests/SUITE/run.sh) and sums them up.
# T=PATTERN selects tests by a part of SUITE/NAME; FULL=1 makes suites run their slow tests too. TEST_JOBS=N runs
# N suites at a time (default: 2 where there are two processors), each of them printed when it has ended: one waits
# for guests while another compiles. Suites have folders of their own; what several share (fetched sources, the rig
# of Xen, compiled objects) appears by a rename or under a lock.
set -eu

# Everything runs in a session of its own: whatever ends this script ends all that the suites have started, also
# what stands in a process group of its own, as a guest under timeout(1).
# in_session: the processes that are left of it. /proc/PID/stat: proc(5).
in_session()
{
	cat /proc/[0-9]*/stat 2>/dev/null |
		awk -v session="$session" '{ pid = $1; sub(/^.*\) /, ""); if ($4 == session && $1 != "Z") print pid }'
}

# end_session STATUS
end_session()
{
	trap '' HUP INT TERM
	for signal in TERM TERM TERM KILL KILL; do
		left=$(in_session)
		[ -n "$left" ] || break
		# shellcheck disable=SC2086 # numbers
		kill -s "$signal" $left 2>/dev/null || :
		sleep 0.5
	done
	exit "$1"
}

if [ "${1:-}" != --session ] && [ "${1:-}" != --into ]; then
	setsid sh "$0" --session "$@" </dev/null &
	session=$!
	trap 'end_session 129' HUP
	trap 'end_session 130' INT
	trap 'end_session 143' TERM
	status=0
	wait "$session" || status=$?
	exit "$status"
fi
[ "$1" != --session ] || shift

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
results=$work/results
trap 'rm -rf "$work"' EXIT
trap 'exit 143' TERM

# The longest first: the last to end should be a short one.
longest='xen attack build process inspect boot bochs cost'

# Prefixes test names with the suite, keeps the verdicts in $results.
collect()
{
	awk -v suite="$1" -v results="$results" '
	/^ok / || /^not ok / || /^skip / {
		n = $1 == "not" ? 2 : 1
		verdict = n == 2 ? "not ok" : $1
		name = $0
		sub(/^(ok|not ok|skip) /, "", name)
		if (index(name, suite "/") == 1)
			name = substr(name, length(suite) + 2)
		print verdict " " suite "/" name
		print verdict " " suite "/" name >>results
		fflush()
		next
	}
	{ print "    " $0; fflush() }'
}

# took SUITE SECONDS: its script is what this shell has waited for, which the second line of `times` is about.
took()
{
	times >"$work/times"
	awk -v suite="$1" -v wall="$2" -F '[ms ]+' 'NR == 2 { printf "%s took %d s, %d s of processor time\n", suite, wall, $1 * 60 + $2 + $3 * 60 + $4 }' \
		"$work/times"
}

# run_suite NAME
run_suite()
{
	script=$root/tests/$1/run.sh
	if [ ! -f "$script" ]; then
		echo "skip suite: it has no tests/$1/run.sh" | collect "$1"
		return
	fi
	{
		status=0
		began=$(date +%s)
		sh "$script" 2>&1 || status=$?
		[ "$status" -eq 0 ] || echo "not ok suite (its script ended with status $status)"
		took "$1" $(($(date +%s) - began))
	} | collect "$1"
}

# Of a run of several: --into RESULTS SUITE.
if [ "${1:-}" = --into ]; then
	: >"$results"
	echo "run $3"
	run_suite "$3" >"$work/said"
	# Whole lines: awk writes as much of its results at a time as its buffer holds.
	# shellcheck disable=SC2016 # for the shell under the lock
	flock "$2" sh -c 'cat "$1/said" && cat "$1/results" >>"$2"' sh "$work" "$2"
	exit 0
fi

: >"$results"
if [ $# -eq 0 ]; then
	for suite in $longest; do
		set -- "$@" "$suite"
	done
	for script in "$root"/tests/*/run.sh; do
		suite=$(basename "$(dirname "$script")")
		case " $longest " in
		*" $suite "*) ;;
		*) set -- "$@" "$suite" ;;
		esac
	done
fi
jobs=${TEST_JOBS:-$(($(getconf _NPROCESSORS_ONLN) > 1 ? 2 : 1))}
if [ "$jobs" -eq 1 ] || [ $# -eq 1 ]; then
	for suite; do
		run_suite "$suite"
	done
else
	printf '%s\n' "$@" | xargs -P "$jobs" -I SUITE sh "$0" --into "$results" SUITE ||
		echo 'not ok run (a suite is without its results)' | tee -a "$results"
fi

# Skips that are expected, one "SUITE/NAME" a line. With REFERENCE=1 (the machine where everything can
# be tested) any other skip fails, and so does a listed one that no longer skips.
if [ -n "${REFERENCE:-}" ]; then
	allowed=$root/tests/skips.txt
	sed -n 's/^skip \([^:]*\).*/\1/p' "$results" | while read -r name; do
		grep -qxF "$name" "$allowed" ||
			echo "not ok $name (it was skipped, and tests/skips.txt does not allow it)"
	done | tee -a "$results"
	grep -v '^#' "$allowed" | while read -r name; do
		grep -qxF "ok $name" "$results" &&
			echo "not ok $name (tests/skips.txt lists it, but it runs)"
	done | tee -a "$results"
fi

passed=$(grep -c '^ok ' "$results" || true)
failed=$(grep -c '^not ok ' "$results" || true)
skipped=$(grep -c '^skip ' "$results" || true)
if [ "$failed" -gt 0 ]; then
	echo
	echo 'failed; to run one again:'
	sed -n "s/^not ok \([^ ]*\).*/  make test T='\1'/p" "$results"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
