#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Runs test suites (default: every tests/SUITE/run.sh) and sums them up.
# T=PATTERN selects tests by a part of SUITE/NAME; FULL=1 makes suites run their slow tests too. TEST_JOBS=N runs
# N suites at a time, each of them printed when it has ended: one waits for guests while another compiles.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
results=$work/results
trap 'rm -rf "$work"' EXIT

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
		sh "$script" 2>&1 || status=$?
		[ "$status" -eq 0 ] || echo "not ok suite (its script ended with status $status)"
	} | collect "$1"
}

# Of a run of several: --into RESULTS SUITE.
if [ "${1:-}" = --into ]; then
	results=$2
	run_suite "$3" >"$work/said"
	flock "$results" cat "$work/said"
	exit 0
fi

: >"$results"
if [ $# -eq 0 ]; then
	for script in "$root"/tests/*/run.sh; do
		set -- "$@" "$(basename "$(dirname "$script")")"
	done
fi
if [ "${TEST_JOBS:-1}" -eq 1 ]; then
	for suite; do
		run_suite "$suite"
	done
else
	printf '%s\n' "$@" | xargs -P "$TEST_JOBS" -I SUITE sh "$0" --into "$results" SUITE
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
