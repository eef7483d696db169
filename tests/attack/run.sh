#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The 2x2 rule for each mechanism, level and attack: off -> the attack succeeds and inspect says off;
# on -> it is stopped, the trap names the mechanism, and inspect says on. Then the same attack once more
# with profile default. Attacks: hardening/NAME/attack/*.c; their directives: tests/attack/attack.h.
# Ends with what no single attack shows: that layout and canary differ from boot to boot.
set -eu

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

out=$scratch/out
boots=12
[ -z "${FULL:-}" ] || boots=64

# directive FILE NAME: the text behind "NAME:" in the attack's first comments.
directive()
{
	sed -n "s|^/\* $2: \(.*\) \*/\$|\1|p" "$1" | head -n 1
}

# new_app SOURCE: a folder with the attack as an application; prints its manifest.
new_app()
{
	name=$(basename "$1" .c)
	mkdir -p "$scratch/$name"
	cp "$1" "$root/tests/attack/attack.h" "$scratch/$name/"
	printf 'name: %s\nsources: [%s.c]\ninclude: [.]\n' "$(echo "$name" | tr _ -)" "$name" \
		>"$scratch/$name/ukbuild.yaml"
	echo "$scratch/$name/ukbuild.yaml"
}

# image MANIFEST HARDEN: builds; prints the image's path.
image()
{
	"$UKBUILD" build -q --json -f "$1" -o "$out" --harden "$2" >"$scratch/build.json" \
		2>"$scratch/build.log" || {
		sed 's/^/    /' "$scratch/build.log" >&2
		return 1
	}
	jq -r '.images[0].path' "$scratch/build.json"
}

# boot IMAGE [ARGUMENT...]: runs; console in $scratch/console, stderr in $scratch/errors, status in $?.
boot()
{
	booted=$1
	shift
	"$UKBUILD" run -q -o "$out" "$booted" -- "$@" >"$scratch/console" 2>"$scratch/errors"
}

# argument FILE IMAGE: what the guest is told, or nothing.
argument()
{
	symbol=$(directive "$1" symbol)
	[ -z "$symbol" ] || nm "$2.ukmap" | awk -v s="$symbol" '$3 == s { print $1; exit }'
}

# state IMAGE MECHANISM: what inspect says of it ("nothing to cover" counts as what was asked).
state()
{
	"$UKBUILD" inspect --json "$1" 2>/dev/null | jq -r --arg m "$2" \
		'.mechanisms[] | select(.name == $m) | if .vacuous then "nothing" else .state end'
}

fail()
{
	echo "not ok $1"
	echo "$2"
	sed 's/^/    /' "$scratch/console" "$scratch/errors" 2>/dev/null | tail -n 12
}

# attack_off TEST FILE MANIFEST MECHANISM HARDEN
attack_off()
{
	: >"$scratch/console"
	: >"$scratch/errors"
	built=$(image "$3" "$5") || {
		fail "$1" "the image does not build with --harden $5"
		return 0
	}
	status=0
	# shellcheck disable=SC2046 # no argument, or one without blanks
	boot "$built" $(argument "$2" "$built") || status=$?
	if ! grep -q '^control: ok' "$scratch/console"; then
		fail "$1" "the control access failed"
	elif ! grep -q ATTACK-SUCCEEDED "$scratch/console" || [ "$status" -ne 0 ]; then
		fail "$1" "off, and yet the attack does not succeed (status $status)"
	elif [ "$(state "$built" "$4")" = on ] || [ "$(state "$built" "$4")" = partial ]; then
		fail "$1" "off, but inspect says $(state "$built" "$4")"
	else
		echo "ok $1"
	fi
}

# attack_on TEST FILE MANIFEST MECHANISM HARDEN EXPECTED-MECHANISM (or "" for any)
attack_on()
{
	: >"$scratch/console"
	: >"$scratch/errors"
	built=$(image "$3" "$5") || {
		fail "$1" "the image does not build with --harden $5"
		return 0
	}
	status=0
	# shellcheck disable=SC2046 # as above
	boot "$built" $(argument "$2" "$built") $(directive "$2" on-argument) || status=$?
	if ! grep -q '^control: ok' "$scratch/console"; then
		fail "$1" "the control access failed"
	elif grep -q ATTACK-SUCCEEDED "$scratch/console"; then
		fail "$1" "on, and yet the attack succeeds"
	elif [ "$status" -ne 5 ]; then
		fail "$1" "on, but the run ended with status $status"
	elif ! grep -Eq "(^|[^a-z])$6([^a-z]|\$)" "$scratch/errors"; then
		fail "$1" "stopped, but the message does not name '$6'"
	elif [ "$(state "$built" "$4")" != on ]; then
		fail "$1" "on, but inspect says $(state "$built" "$4")"
	else
		echo "ok $1"
	fi
}

run_attack()
{
	mechanism=$1
	file=$2
	label=$(directive "$file" attack | tr ' ' - | tr -d '()')
	needs=$(directive "$file" needs)
	needs=${needs:+,$needs}
	trap_name=$(sed -n 's/^on: TRAP //p' "$root/hardening/$mechanism/attack/expect")
	levels=$(directive "$file" levels)
	[ -n "$levels" ] ||
		levels=$(sed -n 's/^LEVELS := off //p' "$root/hardening/$mechanism/harden.mk")
	manifest=$(new_app "$file")

	selected "$mechanism/$label/none" &&
		attack_off "$mechanism/$label/none" "$file" "$manifest" "$mechanism" none
	[ -z "$needs" ] || [ "$(directive "$file" off)" = none ] || ! selected "$mechanism/$label/off" ||
		attack_off "$mechanism/$label/off" "$file" "$manifest" "$mechanism" "none$needs"
	for level in $levels; do
		selected "$mechanism/$label/$level" || continue
		attack_on "$mechanism/$label/$level" "$file" "$manifest" "$mechanism" \
			"none$needs,$mechanism=$level" "$trap_name"
	done
	if selected "$mechanism/$label/default"; then
		attack_on "$mechanism/$label/default" "$file" "$manifest" "$mechanism" default \
			'[a-z]+'
	fi
}

# distinct NAME: how many different values the boots printed.
distinct()
{
	sed -n "s/^$1 //p" "$scratch/probes" | sort -u | grep -c .
}

probe_boots()
{
	manifest=$(new_app "$root/tests/attack/probe.c")
	built=$(image "$manifest" "$1") || return 1
	: >"$scratch/probes"
	i=0
	while [ "$i" -lt "$boots" ]; do
		boot "$built" || return 1
		cat "$scratch/console" >>"$scratch/probes"
		i=$((i + 1))
	done
}

check_boots()
{
	test=layout/differs-each-boot
	selected "$test" || return 0
	if ! probe_boots default; then
		fail "$test" "the probe does not run"
		return 0
	fi
	for what in image stack heap canary; do
		if [ "$(distinct "$what")" -ne "$boots" ]; then
			fail "$test" "$what: $(distinct "$what") values in $boots boots"
			return 0
		fi
	done
	if grep '^canary ' "$scratch/probes" | grep -qv '00$'; then
		fail "$test" "a canary whose lowest byte is not zero"
		return 0
	fi
	echo "ok $test"
}

check_none()
{
	test=layout/none-is-fixed
	selected "$test" || return 0
	saved=$boots
	boots=2
	if ! probe_boots none; then
		fail "$test" "the probe does not run"
	elif [ "$(sort -u "$scratch/probes" | grep -c .)" -ne 4 ]; then
		fail "$test" "addresses differ although nothing is random"
	else
		echo "ok $test"
	fi
	boots=$saved
}

# function_order SEED: names in address order.
function_order()
{
	"$UKBUILD" build -q --json -f "$manifest" -o "$out" --harden none,aslr=link --seed "$1" \
		>"$scratch/build.json" 2>"$scratch/errors" || return 1
	nm -n "$(jq -r '.images[0].path' "$scratch/build.json").ukmap" |
		awk '$2 ~ /[tT]/ { print $3 }'
}

check_seeds()
{
	test=layout/differs-each-seed
	selected "$test" || return 0
	manifest=$(new_app "$root/tests/attack/probe.c")
	a=$(printf '%064d' 1)
	b=$(printf '%064d' 2)
	: >"$scratch/console"
	if ! function_order "$a" >"$scratch/order.a" || ! function_order "$b" >"$scratch/order.b" ||
		! function_order "$a" >"$scratch/order.c"; then
		fail "$test" "the image does not build"
	elif cmp -s "$scratch/order.a" "$scratch/order.b"; then
		fail "$test" "two seeds, one order"
	elif ! cmp -s "$scratch/order.a" "$scratch/order.c"; then
		fail "$test" "one seed, two orders"
	else
		echo "ok $test"
	fi
}

for tool in jq nm; do
	if ! command -v "$tool" >/dev/null; then
		echo "skip all: $tool is not installed"
		exit 0
	fi
done

for attack in "$root"/hardening/*/attack/*.c; do
	run_attack "$(basename "$(dirname "$(dirname "$attack")")")" "$attack"
done
check_boots
check_none
check_seeds
