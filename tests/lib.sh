# SPDX-License-Identifier: BSD-2-Clause
# Read by tests/*/run.sh. A suite prints "ok NAME", "not ok NAME" or "skip NAME: reason" lines; any
# other line is detail of the test before it. NAME is without the suite: tests/run.sh puts it in front.
# shellcheck shell=sh

root=$(cd "$(dirname "$0")/../.." && pwd)
# A suite that runs another's script (tests/xen) gives its own name and a folder to work in.
suite=${SUITE:-$(basename "$(cd "$(dirname "$0")" && pwd)")}
UKBUILD=${UKBUILD:-$root/ukbuild}
scratch=${SCRATCH:-$root/out/test/work/$suite}
UKB_ROOT=$root # where unit tests find the tree
# What is not an application's is compiled once for all suites: they need the same objects, hundreds of them.
UKBUILD_OBJECTS=$root/out/test/objects
export UKBUILD UKB_ROOT UKBUILD_OBJECTS
mkdir -p "$scratch"

# selected NAME: true when T is unset, or a part of (or a shell pattern for) SUITE/NAME.
selected()
{
	# shellcheck disable=SC2254 # T is meant as a pattern
	case $suite/$1 in
	*${T:-}*) return 0 ;;
	esac
	return 1
}

# expect NAME STATUS TEXT...: the last run ended with $status STATUS and each TEXT
# begins a line of $scratch/console. $prefix, when there is one, stands before NAME.
expect()
{
	e_name=${prefix:-}$1 e_ok=1 e_status=$2
	shift 2
	# shellcheck disable=SC2154 # $status is the suite's
	[ "$status" -eq "$e_status" ] || e_ok=0
	for text in "$@"; do
		grep -q -- "^$text" "$scratch/console" || e_ok=0
	done
	if [ "$e_ok" -eq 1 ]; then
		echo "ok $e_name"
	else
		echo "not ok $e_name"
		echo "status $status, expected $e_status and: $*"
		tr -d '\000' <"$scratch/console"
	fi
}

# expect_log NAME STATUS WANTED: ok when the status is the one wanted and every other argument is a line
# (or a part of one) of ./log.
expect_log()
{
	name=$1 status=$2 wanted=$3
	shift 3
	if [ "$status" -ne "$wanted" ]; then
		echo "not ok $name (status $status, not $wanted)"
		cat log
		return
	fi
	for text; do
		if ! grep -qF -- "$text" log; then
			echo "not ok $name (no '$text')"
			cat log
			return
		fi
	done
	echo "ok $name"
}

# await PID COMMAND...: until COMMAND succeeds, however slow this machine is; false when process PID has ended and it
# does not. What may hang has a limit of its own.
await()
{
	a_pid=$1
	shift
	until "$@"; do
		if ! kill -0 "$a_pid" 2>/dev/null; then
			"$@"
			return
		fi
		sleep 0.05
	done
}

# Two runs of one suite would work in the same folder: the second waits for the first.
if [ -z "${SUITE:-}" ]; then
	mkdir -p "$root/out/test"
	exec 9>"$root/out/test/$suite.lock"
	flock 9
fi
