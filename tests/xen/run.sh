#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Images as Xen's initial domain, PV and PVH: the templates, what tests/platform and tests/attack look at, and
# event channels, Lua. Two at a time; what other suites have scripts for runs through them.
# Of the attacks those that tell something of the platform itself (is_own() in tests/attack), each mechanism at
# least once on either.
# FULL=1: SQLite, every part of tests/platform, every attack, with profile default too, and what only a guest of a
# toolstack has: the console's ring.
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=rig.sh
. "$root/tests/xen/rig.sh"

why=$(rig_missing)
if [ -n "$why" ]; then
	echo "skip all: $why"
	exit 0
fi
workers=2
platforms=${PLATFORMS:-xen-pvh xen-pv}
looks='machines arguments stacks entropy memory clock random instructions'
cells='none level' part=own
hypercall_profiles=default
applications='xen-pv/lua/none xen-pvh/lua/default'
if [ -n "${FULL:-}" ]; then
	looks="$looks mechanisms"
	cells='none off level default' part=
	hypercall_profiles='default,none,none+shadowstack=on'
	applications="$applications xen-pvh/lua/none xen-pv/sqlite/none xen-pvh/sqlite/none"
fi

# verdict NAME STATUS: of the run whose outputs are in $work/log.
verdict()
{
	if [ "$2" -eq 0 ]; then
		echo "ok $1"
	else
		echo "not ok $1 (status $2)"
		cat "$work/log"
	fi
}

# test_app NAME FOLDER PROFILE [OPTION]: the manifest's own test.
test_app()
{
	selected "$1" || return 0
	status=0
	"$UKBUILD" -q -f "$2/ukbuild.yaml" -o "$work/out" run --test --platform "$platform" --harden "$3" \
		${4:+"$4"} >"$work/log" 2>&1 || status=$?
	verdict "$1" "$status"
}

# test_guest NAME: as a guest beside Linux, not one byte of much output is lost, doubled or out of place.
test_guest()
{
	selected "$1" || return 0
	awk 'BEGIN { for (i = 1; i <= 400; i++) printf "%0*d\n", i, i }' >"$work/wanted"
	status=0
	"$UKBUILD" -q -f "$root/tests/xen/lines/ukbuild.yaml" -o "$work/out" run --machine domu \
		--platform "$platform" --harden default --timeout 300s >"$work/console" 2>"$work/log" || status=$?
	cmp "$work/wanted" "$work/console" >>"$work/log" 2>&1 || status=1
	verdict "$1" "$status"
}

# test_hypercalls NAME: who reaches the one function that calls Xen changes text, by any way but a function pointer.
test_hypercalls()
{
	selected "$1" || return 0
	status=0
	rm -rf "$work/hypercalls"
	"$UKBUILD" -q init hello "$work/hypercalls" >/dev/null
	"$UKBUILD" -q -f "$work/hypercalls/ukbuild.yaml" -o "$work/out" attack --json --only HYPERCALL -j 1 \
		--platform "$platform" --profile "$hypercall_profiles" >"$work/attack.json" 2>"$work/log" || status=$?
	if [ "$status" -eq 0 ]; then
		jq -r '.profiles[] | .profile as $p | .rows[] | select(.outcome != "absent") |
			"\($p) \(.attack) \(.by // .outcome)"' "$work/attack.json" >"$work/log"
		cat >"$work/all" <<'EOF'
default HYPERCALL_ARGUMENTS succeeded
default HYPERCALL_POINTER cfi
default HYPERCALL_RETURN succeeded
none HYPERCALL_ARGUMENTS succeeded
none HYPERCALL_POINTER succeeded
none HYPERCALL_RETURN succeeded
none+shadowstack=on HYPERCALL_ARGUMENTS succeeded
none+shadowstack=on HYPERCALL_POINTER succeeded
none+shadowstack=on HYPERCALL_RETURN shadowstack
EOF
		grep "^default ${FULL:+\\|^none}" "$work/all" >"$work/wanted"
		cmp "$work/log" "$work/wanted" || status=1
	fi
	verdict "$1" "$status"
}

# worker N: every $workers-th of the runs, from the N-th on.
worker()
{
	work=$scratch/$1
	mkdir -p "$work"
	rm -rf "${work:?}/lua" "${work:?}/sqlite"
	n=0
	for platform in $platforms; do
		for template in hello bare bench; do
			for profile in none default max; do
				n=$((n + 1))
				[ $((n % workers)) -eq "$1" ] || continue
				rm -rf "${work:?}/$template"
				"$UKBUILD" -q init "$template" "$work/$template" >/dev/null
				test_app "$platform/$template/$profile" "$work/$template" "$profile"
			done
		done
		n=$((n + 1))
		# With counted instructions the timer's moment moves in the same steps each time.
		[ $((n % workers)) -ne "$1" ] ||
			test_app "$platform/events" "$root/tests/xen/events" default --icount
		n=$((n + 1))
		[ -z "${FULL:-}" ] || [ $((n % workers)) -ne "$1" ] || test_guest "$platform/guest-console"
		n=$((n + 1))
		[ $((n % workers)) -ne "$1" ] || test_hypercalls "$platform/hypercalls"
	done
	for cell in $applications; do
		n=$((n + 1))
		platform=${cell%%/*} template=${cell#*/}
		profile=${template#*/} template=${template%/*}
		[ $((n % workers)) -eq "$1" ] || continue
		case " $platforms " in
		*" $platform "*) ;;
		*) continue ;;
		esac
		[ -e "$work/$template" ] || "$UKBUILD" -q init "$template" "$work/$template" >/dev/null
		test_app "$cell" "$work/$template" "$profile"
	done
	n=0
	for platform in $platforms; do
		n=$((n + 1))
		[ $((n % workers)) -ne "$1" ] ||
			SUITE=$suite SCRATCH=$work/platform PLATFORMS=$platform LOOKS=$looks \
				sh "$root/tests/platform/run.sh"
	done
	SUITE=$suite SCRATCH=$work/attack PLATFORMS=$platforms SHARD=$1/$workers CELLS=$cells PART=$part \
		sh "$root/tests/attack/run.sh"
}

rm -f "$scratch"/*.log
others=
i=1
while [ "$i" -lt "$workers" ]; do
	worker "$i" >"$scratch/$i.log" 2>&1 &
	others="$others $!"
	i=$((i + 1))
done
worker 0
i=1
for pid in $others; do
	status=0
	wait "$pid" || status=$?
	cat "$scratch/$i.log"
	[ "$status" -eq 0 ] || echo "not ok worker-$i (it ended with status $status, tests may be missing)"
	i=$((i + 1))
done
