# SPDX-License-Identifier: BSD-2-Clause
# Read by suites that run the attacks of hardening/*/attack, behind tests/lib.sh. They set $platform, $prefix
# for the names of tests, $machine where it is not the launcher's, and $inherent: "mechanism/ATTACK" words that the platform stops by itself, so that
# off is like on there. CELLS says which of an attack's runs (default: none off level default;
# default is profile max for a mechanism that only max has).
#
# hardening/NAME/attack/expect: "off: ATTACK-SUCCEEDED", "on: TRAP name", and where a platform differs, its
# reason in a comment above: "on@PLATFORM[/ATTACK]: TRAP name" or "...: CRASH" (the hypervisor ends the guest,
# which cannot say why); "off@..." likewise, for what the platform stops by itself. "on: REFUSED text": no image
# is built, and the error has text. "on: HARMLESS": the attack comes to nothing, unnoticed, and the program goes
# on to its normal end. "on: MISSES": it hits something else than its target, whatever comes of that.
# "on/ATTACK: ..." is for one attack of several, on every platform.
# shellcheck shell=sh disable=SC2154 # scratch, root, platform, prefix and inherent are theirs

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
	cp "$1" "$root"/attacks/*.h "$scratch/$name/"
	cp "$(dirname "$1")"/*.h "$scratch/$name/" 2>/dev/null || :
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

cpu=
memory=
entropy=

# boot IMAGE [ARGUMENT...]: runs, on processor $cpu, with its memory in the file $memory and with $entropy from the
# launcher unless these are empty; console in $scratch/console, stderr in $scratch/errors, status in $?.
boot()
{
	booted=$1
	shift
	"$UKBUILD" run -q -o "$out" --platform "$platform" ${cpu:+--cpu "$cpu"} ${memory:+--memory-file "$memory"} \
		${entropy:+--entropy "$entropy"} "$booted" -- "$@" >"$scratch/console" 2>"$scratch/errors"
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

# attacked TEST FILE MANIFEST HARDEN [ARGUMENT]: builds and runs, up to the control access, which must work. The
# image in $built, the run's end in $status.
attacked()
{
	: >"$scratch/console"
	: >"$scratch/errors"
	built=$(image "$3" "$4") || {
		fail "$1" "the image does not build with --harden $4"
		return 1
	}
	status=0
	cpu=
	[ "$platform" != xen-pvh ] || cpu=$(directive "$2" xen-cpu)
	memory=
	[ -z "$(directive "$2" again)" ] || memory=$scratch/memory
	rm -f "$scratch/memory"
	# shellcheck disable=SC2046,SC2086 # no argument, or one without blanks
	boot "$built" $(argument "$2" "$built") ${5:-} || status=$?
	grep -q '^control: ok' "$scratch/console" || {
		fail "$1" "the control access failed"
		return 1
	}
	[ -z "$memory" ] || boot_again "$built" "$2"
}

# boot_again IMAGE FILE: what counts is this start, in the memory that the one before left.
boot_again()
{
	status=0
	if [ -n "$(directive "$2" again-sources)" ]; then
		cpu=qemu64
		entropy=$(printf '%064d' 0)
	fi
	boot "$1" "$(directive "$2" again)" || status=$?
	rm -f "$memory"
	cpu=
	memory=
	entropy=
}

# attack_off TEST FILE MANIFEST MECHANISM HARDEN
attack_off()
{
	attacked "$1" "$2" "$3" "$5" || return 0
	if ! grep -q ATTACK-SUCCEEDED "$scratch/console" || [ "$status" -ne 0 ]; then
		fail "$1" "off, and yet the attack does not succeed (status $status)"
	elif [ "$(state "$built" "$4")" = on ] || [ "$(state "$built" "$4")" = partial ]; then
		fail "$1" "off, but inspect says $(state "$built" "$4")"
	else
		echo "ok $1"
	fi
}

# attack_refused TEST FILE MANIFEST MECHANISM HARDEN EXPECTED: on, there is no image; the error names the mechanism
# and says what EXPECTED does.
attack_refused()
{
	: >"$scratch/console"
	: >"$scratch/errors"
	if image "$3" "$5" >/dev/null 2>"$scratch/errors"; then
		fail "$1" "on, and yet the image is built"
	elif ! grep -q "'$4=[a-z]*' was asked for" "$scratch/build.log" ||
		! grep -q "${6#REFUSED }" "$scratch/build.log"; then
		fail "$1" "refused, but not as '$6'"
	else
		echo "ok $1"
	fi
}

# status_of EXPECTED: what the run ends with; what it did end with is in $status.
status_of()
{
	case $1 in
	HARMLESS) echo 0 ;;
	MISSES) echo "$status" ;;
	*) echo 5 ;;
	esac
}

# is_stopped EXPECTED: the last run ended as a line of expect says.
is_stopped()
{
	case $1 in
	HARMLESS) [ "$status" -eq 0 ] ;;
	MISSES) : ;;
	CRASH) grep -q 'ended without saying how' "$scratch/errors" ;;
	*) grep -Eq "(^|[^a-z])(${1#TRAP })([^a-z]|\$)" "$scratch/errors" ;;
	esac
}

# attack_inherent TEST FILE MANIFEST MECHANISM HARDEN EXPECTED: off, and the platform itself stops it.
attack_inherent()
{
	attacked "$1" "$2" "$3" "$5" || return 0
	if grep -q ATTACK-SUCCEEDED "$scratch/console" || [ "$status" -ne 5 ] || ! is_stopped "$6"; then
		fail "$1" "the platform is said to stop it, as '$6' (status $status)"
	elif [ "$(state "$built" "$4")" != off ]; then
		fail "$1" "off, but inspect says $(state "$built" "$4")"
	else
		echo "ok $1"
	fi
}

# attack_on TEST FILE MANIFEST MECHANISM HARDEN EXPECTED
attack_on()
{
	attacked "$1" "$2" "$3" "$5" "$(directive "$2" on-argument)" || return 0
	if grep -q ATTACK-SUCCEEDED "$scratch/console"; then
		fail "$1" "on, and yet the attack succeeds"
	elif [ "$status" -ne "$(status_of "$6")" ]; then
		fail "$1" "on, but the run ended with status $status"
	elif ! is_stopped "$6"; then
		fail "$1" "stopped, but not as '$6'"
	elif [ "$(state "$built" "$4")" != on ]; then
		fail "$1" "on, but inspect says $(state "$built" "$4")"
	else
		echo "ok $1"
	fi
}

# expected MECHANISM KEY ATTACK: the line of expect that is closest to this platform and attack.
expected()
{
	for key in "$2@$platform/$3" "$2/$3" "$2@$platform" "$2"; do
		line=$(sed -n "s|^$key: ||p" "$root/hardening/$1/attack/expect")
		if [ -n "$line" ]; then
			echo "$line"
			return
		fi
	done
}

# wanted CELL TEST: this run is asked for.
wanted()
{
	case " ${CELLS:-none off level default} " in
	*" $1 "*) selected "$2" ;;
	*) return 1 ;;
	esac
}

# profile_with MECHANISM: default or max, the first that has it; nothing when neither does.
profile_with()
{
	for word in default max; do
		if grep -Eq "^$word := .*( |^)$1=" "$root/hardening/profiles.mk"; then
			echo "$word"
			return
		fi
	done
}

run_attack()
{
	mechanism=$1
	file=$2
	label=$(directive "$file" attack | tr ' ' - | tr -d '()')
	test=$prefix$mechanism/$label
	case " $(directive "$file" platforms) " in
	'  ' | *" $platform "*) ;;
	*) return 0 ;;
	esac
	[ "$(directive "$file" machine)" = "${machine:-}" ] || return 0
	needs=$(directive "$file" needs)
	needs=${needs:+,$needs}
	levels=$(directive "$file" levels)
	[ -n "$levels" ] ||
		levels=$(sed -n 's/^LEVELS := off //p' "$root/hardening/$mechanism/harden.mk")
	manifest=$(new_app "$file")

	on=$(expected "$mechanism" on "$label")
	off=$(expected "$mechanism" off "$label")
	case " $inherent " in
	*" $mechanism/$label "*)
		on="$on|fault"
		off='TRAP [a-z]+'
		;;
	esac
	stopped=attack_on
	case $on in
	REFUSED*)
		stopped=attack_refused
		on=${on%|fault}
		;;
	esac
	attack=attack_inherent
	[ "$off" != ATTACK-SUCCEEDED ] || attack=attack_off
	wanted none "$test/none" &&
		$attack "$test/none" "$file" "$manifest" "$mechanism" none "$off"
	[ -z "$needs" ] || [ "$(directive "$file" off)" = none ] || ! wanted off "$test/off" ||
		$attack "$test/off" "$file" "$manifest" "$mechanism" "none$needs" "$off"
	for level in $levels; do
		wanted level "$test/$level" || continue
		$stopped "$test/$level" "$file" "$manifest" "$mechanism" \
			"none$needs,$mechanism=$level" "$on"
	done
	profile=$(profile_with "$mechanism")
	if [ -n "$profile" ] && wanted default "$test/$profile"; then
		# Whichever mechanism comes first.
		case $on in
		TRAP*) on='TRAP [a-z]+' ;;
		esac
		$stopped "$test/$profile" "$file" "$manifest" "$mechanism" "$profile" "$on"
	fi
}

# outside_pads IMAGE: of what the console says has changed, what no decoy may reach; pads have 16 bytes of dead room at
# both ends (hardening/chaff/pass.c). How many pads have changed is in $scratch/pads.
outside_pads()
{
	nm -S "$1.ukmap" | awk -v count="$scratch/pads" '
	function number(hex,    i, n) {
		for (i = 1; i <= length(hex); i++)
			n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
		return n
	}
	NR == FNR { if ($4 ~ /^uk_chaff_pad/) { n++; from[n] = number($1) + 16; to[n] = number($1) + number($2) - 17 } }
	NR != FNR && $1 == "changed" {
		inside = 0
		for (i = 1; i <= n; i++)
			if (number($2) >= from[i] && number($3) <= to[i])
				inside = i
		if (inside)
			used[inside]
		else
			print
	}
	END { for (i in used) pads++; print pads + 0 >count }
	' - "$scratch/console"
}

# Decoys do no harm: functions run with the most unlikely arguments give the same results with and without, and all
# that changes in the image's data is inside of pads.
check_decoys()
{
	test=${prefix}chaff/harmless
	selected "$test" || return 0
	manifest=$(new_app "$root/tests/attack/decoys.c")
	: >"$scratch/console"
	for harden in none none,chaff=many; do
		sum=$(sed -n 's/^sum //p' "$scratch/console")
		if ! built=$(image "$manifest" "$harden") || ! boot "$built"; then
			fail "$test" "it does not run with --harden $harden"
			return 0
		fi
		outside_pads "$built" >"$scratch/outside"
		if [ -s "$scratch/outside" ]; then
			fail "$test" "$harden changes $(cat "$scratch/outside")"
			return 0
		fi
	done
	if [ -z "$sum" ] || [ "$(sed -n 's/^sum //p' "$scratch/console")" != "$sum" ]; then
		fail "$test" "with decoys the results are others"
	elif [ "$(cat "$scratch/pads")" -lt 2 ]; then
		fail "$test" "$(cat "$scratch/pads") pads have changed: too few to show anything"
	else
		echo "ok $test"
	fi
}
