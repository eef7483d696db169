# SPDX-License-Identifier: BSD-2-Clause
# Read by suites that run the attacks of hardening/*/attack, behind tests/lib.sh. They set $platform and
# $inherent: "mechanism/ATTACK" words that the platform stops by itself, so that off is like on there.
# shellcheck shell=sh disable=SC2154 # scratch, root, platform and inherent are theirs

out=$scratch/out

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
	"$UKBUILD" build -q --json -f "$1" -o "$out" --platform "$platform" --harden "$2" >"$scratch/build.json" \
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
	"$UKBUILD" run -q -o "$out" --platform "$platform" "$booted" -- "$@" >"$scratch/console" 2>"$scratch/errors"
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

# attack_inherent TEST FILE MANIFEST MECHANISM HARDEN: off, and the platform itself stops it.
attack_inherent()
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
	elif grep -q ATTACK-SUCCEEDED "$scratch/console" || [ "$status" -ne 5 ]; then
		fail "$1" "the platform is said to stop it (status $status)"
	elif [ "$(state "$built" "$4")" != off ]; then
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
	elif ! grep -Eq "(^|[^a-z])($6)([^a-z]|\$)" "$scratch/errors"; then
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

	off=attack_off
	case " $inherent " in
	*" $mechanism/$label "*)
		off=attack_inherent
		trap_name=$trap_name'|fault'
		;;
	esac
	selected "$mechanism/$label/none" &&
		$off "$mechanism/$label/none" "$file" "$manifest" "$mechanism" none
	[ -z "$needs" ] || [ "$(directive "$file" off)" = none ] || ! selected "$mechanism/$label/off" ||
		$off "$mechanism/$label/off" "$file" "$manifest" "$mechanism" "none$needs"
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
