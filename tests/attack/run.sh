#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The 2x2 rule for each mechanism, level and attack: off -> the attack succeeds and inspect says off;
# on -> it is stopped, the trap names the mechanism, and inspect says on. Then the same attack once more
# with profile default. Attacks: hardening/NAME/attack/*.c; their directives: attacks/attack.h.
# Ends with what no single attack shows: that layout and canary differ from boot to boot.
# Then `ukbuild attack` itself (suite.sh).
# PLATFORMS (default: kvm) selects platforms, SHARD=i/n every n-th attack from the i-th on, PART=own those of
# is_own(); names of tests on platforms other than kvm begin with the platform's.
set -eu

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

boots=12
[ -z "${FULL:-}" ] || boots=64
inherent=
# shellcheck source=tests/attack/matrix.sh
. "$root/tests/attack/matrix.sh"
# shellcheck source=tests/attack/suite.sh
. "$root/tests/attack/suite.sh"

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
	test=${prefix}layout/differs-each-boot
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
	test=${prefix}layout/none-is-fixed
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
	test=${prefix}layout/differs-each-seed
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

# What dma does not stop: who writes into the queue itself needs no driver (docs/threat-model.md).
check_dma_limit()
{
	test=dma/limit-is-an-arbitrary-write
	selected "$test" || return 0
	file=$root/tests/attack/virtio_dma_descriptor.c
	attacked "$test" "$file" "$(new_app "$file")" default || return 0
	if grep -q ATTACK-SUCCEEDED "$scratch/console"; then
		echo "ok $test"
	else
		fail "$test" "it is stopped: the documents say that it is not"
	fi
}

# What safestack does not stop, with it as without (docs/threat-model.md).
check_safestack_limits()
{
	selected safestack/limit || return 0
	manifest=$(new_app "$root/tests/attack/safestack_limits.c")
	for harden in none none,safestack=on; do
		built=$(image "$manifest" "$harden") || {
			echo "not ok safestack/limit/$harden (the image does not build)"
			continue
		}
		for how in neighbour known leak; do
			test=${prefix}safestack/limit/$harden-$how
			boot "$built" "$how" || :
			if grep -q '^control: ok' "$scratch/console" && grep -q ATTACK-SUCCEEDED "$scratch/console"; then
				echo "ok $test"
			else
				fail "$test" "it is stopped: the documents say that it is not"
			fi
		done
	done
}

# Sources that give zeros: two starts draw the same canary. (RNG_STUCK has the guest that refuses them.)
check_stuck()
{
	test=rng/stuck-is-predictable
	selected "$test" || return 0
	manifest=$(new_app "$root/tests/attack/probe.c")
	built=$(image "$manifest" none,canary=strong) || {
		echo "not ok $test (the image does not build)"
		return 0
	}
	: >"$scratch/probes"
	for n in 1 2; do
		cpu=qemu64 entropy=$(printf '%064d' 0) boot "$built" || echo "boot $n failed" >>"$scratch/probes"
		grep '^canary ' "$scratch/console" >>"$scratch/probes" || :
	done
	if [ "$(grep -c '^canary ' "$scratch/probes")" -eq 2 ] && [ "$(sort -u "$scratch/probes" | grep -c .)" -eq 1 ]; then
		echo "ok $test"
	else
		fail "$test" "$(cat "$scratch/probes")"
	fi
}

# On every platform: what the launcher gives is tested, also where the processor's generator is good.
check_launcher()
{
	test=${prefix}rng/launcher-is-tested
	selected "$test" || return 0
	manifest=$(new_app "$root/tests/attack/probe.c")
	built=$(image "$manifest" none,rng=on) || {
		echo "not ok $test (the image does not build)"
		return 0
	}
	status=0
	entropy=$(printf '%064d' 0) boot "$built" || status=$?
	if [ "$status" -ne 5 ] || ! is_stopped 'TRAP rng'; then
		fail "$test" "status $status"
	elif ! boot "$built"; then
		fail "$test" "it does not start with good entropy either"
	else
		echo "ok $test"
	fi
}

# remains: the texts of reset_places.c that are in the file of the guest's memory, on one line.
remains()
{
	grep -aoE 'remains-(in|on)-[a-z]+' "$memory" | sort -u | tr '\n' ' '
}

# With reset nothing of a program is left in memory, however it ended; without, everything is.
check_reset_places()
{
	selected reset/places || return 0
	memory=$scratch/places
	manifest=$(new_app "$root/tests/attack/reset_places.c")
	for harden in none none,reset=on default,reset=on max; do
		built=$(image "$manifest" "$harden") || {
			echo "not ok reset/places/$harden (the image does not build)"
			continue
		}
		for how in return exit abort signal divide overflow; do
			test=reset/places/$harden-$how
			case $harden in
			none) [ "$how" = return ] || continue ;;
			*reset*) want='' ;;
			max) [ "$how" = overflow ] || continue ;;
			esac
			rm -f "$memory"
			boot "$built" "$how" || :
			left=$(remains)
			[ "$harden" != none ] || want='remains-in-bss remains-in-data remains-in-tls remains-on-heap remains-on-stack '
			if ! grep -q '^left' "$scratch/console" || [ "$left" != "$want" ]; then
				fail "$test" "in memory: '$left', expected '$want'"
			else
				echo "ok $test"
			fi
		done
	done
	rm -f "$memory"
	memory=
}

# replayed MODE FROM TO: how many of the 16 frames of image TO are taken over at the distances of image FROM.
replayed()
{
	n=0
	boot "$2" record || return 1
	sed -n 's/^frame \([rt]\)/\1/p' "$scratch/console" >"$scratch/distances"
	while read -r distance; do
		boot "$3" "$1" "$n" "$distance" || :
		! grep -q '^frame taken' "$scratch/console" || echo taken
		n=$((n + 1))
	done <"$scratch/distances" >"$scratch/taken"
	grep -c . "$scratch/taken" || :
}

# frame_image SEED HARDEN
frame_image()
{
	"$UKBUILD" build -q --json -f "$manifest" -o "$out" --platform process --harden "$2" \
		--seed "$(printf '%064d' "$1")" >"$scratch/build.json" 2>"$scratch/errors" || return 1
	jq -r '.images[0].path' "$scratch/build.json"
}

# What one build's frames tell of another's: all without stackshuffle, with it few, and the same for one seed. As
# processes, since the frames are the same on every platform. SEEDS=n for figures of more builds.
check_frames()
{
	test=stackshuffle/differs-each-seed
	selected "$test" || return 0
	platform=process
	manifest=$(new_app "$root/hardening/stackshuffle/attack/replayed_offset.c")
	off=$(frame_image 1 none)
	again=$(frame_image 2 none)
	first=$(frame_image 1 none,stackshuffle=on)
	cp "$first" "$scratch/frames.elf"
	seed=1
	echo 0 0 0 0 >"$scratch/sums"
	while [ "$seed" -lt "${SEEDS:-3}" ]; do
		seed=$((seed + 1))
		next=$(frame_image "$seed" none,stackshuffle=on)
		echo 16 "$(replayed offset "$first" "$next")" "$(replayed overflow "$first" "$next")" \
			"$(replayed spray "$first" "$next")" >>"$scratch/sums"
		first=$next
	done
	sums=$(awk '{ for (i = 1; i <= 4; i++) s[i] += $i } END { print s[1], s[2], s[3], s[4] }' "$scratch/sums")
	objects=$out
	out=$scratch/frames # compiled anew
	same=$(UKBUILD_OBJECTS='' frame_image 1 none,stackshuffle=on)
	out=$objects
	if [ "$(replayed offset "$off" "$again")$(replayed overflow "$off" "$again")" != 1616 ]; then
		fail "$test" "off, and yet two builds differ"
	elif ! cmp -s "$scratch/frames.elf" "$same"; then
		fail "$test" "one seed, two images"
	elif ! echo "$sums" | awk '{ exit !($1 && $2 <= $1 / 4 && $3 <= $1 / 4) }'; then
		fail "$test" "of so many frames were taken over by offset, overflow, spray: $sums"
	else
		echo "ok $test"
		[ -z "${SEEDS:-}" ] || echo "of so many frames were taken over by offset, overflow, spray: $sums"
	fi
	rm -rf "$scratch/frames"
	platform=kvm
}

for tool in jq nm; do
	if ! command -v "$tool" >/dev/null; then
		echo "skip all: $tool is not installed"
		exit 0
	fi
done

# is_own MECHANISM FILE: the attack tells something of this platform that kvm does not. A mechanism with a word in
# the layout asks for mappings, and xen-pv makes them in its own way: all attacks on it. xen-pvh makes them with
# the code of kvm (libs/pvh), and what asks for none is the same instructions everywhere: one attack each, the first
# that the platform has, for the name of the trap and what the verifier reads.
is_own()
{
	[ "$platform" = xen-pv ] && grep -q '^INIT.*layout:' "$root/hardening/$1/harden.mk" && return 0
	for first in "$(dirname "$2")"/*.c; do
		case " $(directive "$first" platforms) " in
		'  ' | *" $platform "*)
			[ "$first" = "$2" ]
			return
			;;
		esac
	done
}

shard=${SHARD:-0/1}
n=0
platforms=${PLATFORMS:-kvm}
for platform in $platforms; do
	prefix=
	[ "$platform" = kvm ] || prefix=$platform/
	for file in "$root"/hardening/*/attack/*.c; do
		mechanism=$(basename "$(dirname "$(dirname "$file")")")
		[ "${PART:-}" != own ] || is_own "$mechanism" "$file" || continue
		n=$((n + 1))
		[ $((n % ${shard#*/})) -ne "${shard%/*}" ] || run_attack "$mechanism" "$file"
	done
	[ "${shard%/*}" -eq 0 ] || continue
	# Where guests start slowly, tests/platform alone tells how boots differ.
	[ "${PART:-}" = own ] || check_boots
	[ "${PART:-}" = own ] || check_none
	check_launcher
	[ "${PART:-}" = own ] || check_decoys
	[ "$platform" != kvm ] || check_seeds
	[ "$platform" != kvm ] || check_frames
	[ "$platform" != kvm ] || check_dma_limit
	[ "$platform" != kvm ] || check_safestack_limits
	[ "$platform" != kvm ] || check_reset_places
	[ "$platform" != kvm ] || check_stuck
	[ "$platform" != kvm ] || check_suite
done
