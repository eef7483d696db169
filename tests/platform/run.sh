#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What the boot leaves behind, on each machine, processor and memory size: looked at from inside by probe/.
# QEMU is called directly: its exit status and the console's last line are part of what is tested.
# PLATFORMS (default: kvm) selects platforms, LOOKS parts of this file; names of tests on platforms other
# than kvm begin with the platform's.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$root/tests/xen/rig.sh"

built=
head -c 32 /dev/urandom >"$scratch/seed"
head -c 16 /dev/urandom >"$scratch/short"

# image NAME PROFILE [KCONFIG]: builds probe/ or a template once, leaves the path in $image
image()
{
	image=$scratch/$platform-$1-$2${3:+-$3}.elf
	case $built in
	*" $image "*) return ;;
	esac
	built="$built $image "
	rm -rf "${scratch:?}/$1"
	if [ "$1" = probe ]; then
		cp -r "$root/tests/platform/probe" "$scratch/probe"
	else
		"$UKBUILD" init -q "$1" "$scratch/$1" >/dev/null
	fi
	if [ $# -eq 3 ]; then
		printf 'kconfig: {%s}\n' "${3%=*}: ${3#*=}" >>"$scratch/$1/ukbuild.yaml"
	fi
	cp "$("$UKBUILD" build -q --json -f "$scratch/$1/ukbuild.yaml" -o "$scratch/out" \
		--platform "$platform" --harden "$2" |
		jq -r '.images[0].path')" "$image"
}

# boot IMAGE MACHINE CPU MEMORY CMDLINE [QEMU ARGS]: console in $scratch/console, QEMU's status in $status
boot()
{
	b_image=$1 b_machine=$2 b_cpu=$3 b_memory=$4 b_cmdline=$5
	if [ "$platform" != kvm ]; then
		shift 5
		rig_boot "$b_image" "$b_machine" "$b_cpu" "$b_memory" "ukbuild.nonce=5eed $b_cmdline" "$@"
		return
	fi
	shift 5
	status=0
	timeout 30 qemu-system-x86_64 -accel tcg -M "$b_machine" -cpu "$b_cpu" -m "$b_memory" \
		-nodefaults -no-user-config -no-reboot -display none -serial stdio -monitor none \
		-device isa-debug-exit,iobase=0xf4,iosize=4 -kernel "$b_image" \
		-append "ukbuild.nonce=5eed $b_cmdline" "$@" </dev/null >"$scratch/console" 2>&1 ||
		status=$?
}

# isa-debug-exit ends QEMU with twice the class plus one.
passed=1 failed=3 trapped=5

test_machines()
{
	for profile in none default; do
		image probe "$profile"
		for machine in $machines; do
			for cpu in qemu64 max; do
				boot "$image" "$machine" "$cpu" 32M '-- tls ram' -initrd "$scratch/seed"
				expect "machines/$profile-$machine-$cpu" $passed 'tls ok' 'ram ok' \
					'ends ok' 'ukbuild-exit: 5eed 0$'
			done
		done
	done
}

test_arguments()
{
	image probe none
	boot "$image" microvm max 32M '-- one "two words" "" a"b c"d'
	expect arguments $passed '\[one\]' '\[two words\]' '\[\]' '\[ab cd\]' 'ends ok'
	boot "$image" microvm max 32M "-- $(printf '%01000d' 1)"
	expect arguments-long $passed '\[0000'
	if [ "$platform" = kvm ]; then
		boot "$image" microvm max 32M "-- $(printf '%03000d' 1)"
		expect arguments-too-long $trapped 'ukbuild-trap: arguments'
	else
		echo "skip ${prefix}arguments-too-long: Xen cuts them; the launcher refuses what it would cut"
	fi
	boot "$image" microvm max 32M '-- fail'
	expect status $failed 'ukbuild-exit: 5eed 3$'
}

test_stacks()
{
	for profile in none default; do
		image probe $profile PLAT_THREAD_STACKS=3
		boot "$image" microvm max 32M '-- stacks tls ram'
		expect stacks/$profile $passed 'stacks 3$' 'tls ok' 'ram ok' 'ends ok'
	done
}

# Mechanisms one by one build tables of their own shape; "random" ones relocate.
test_mechanisms()
{
	for levels in none,guard=on none,nullpage=on none,nullpage=on,wx=on none,aslr=boot \
		none,canary=all none,cfi=kcfi max; do
		image probe $levels
		boot "$image" q35 max 32M '-- tls ram'
		expect "mechanisms/${levels#none,}" $passed 'tls ok' 'ram ok'
	done
}

test_entropy()
{
	image probe default
	boot "$image" microvm qemu64 32M ''
	expect entropy/none-refused $trapped 'ukbuild-trap: entropy' 'ukbuild-exit: 5eed 134 entropy'
	boot "$image" microvm qemu64 32M '' -initrd "$scratch/short"
	expect entropy/short-refused $trapped 'ukbuild-trap: entropy'
	boot "$image" microvm qemu64 32M '' -initrd "$scratch/seed"
	expect entropy/module $passed 'ends ok'
	boot "$image" microvm max 32M ''
	expect entropy/processor $passed 'ends ok'
	image probe none
	boot "$image" microvm qemu64 32M ''
	expect entropy/not-needed $passed 'ends ok'
}

test_memory()
{
	for profile in none default; do
		image probe $profile
		[ $profile = none ] && least=$least_none || least=$least_default
		for machine in $few_machines; do
			for memory in $least $memories; do
				boot "$image" "$machine" max "$memory" '-- tls ram' -initrd "$scratch/seed"
				expect "memory/$profile-$machine-$memory" $passed 'tls ok' 'ram ok'
			done
		done
	done
	image probe none PLAT_STACK_KIB=16384
	boot "$image" microvm max 8M ''
	expect memory/too-small $trapped 'ukbuild-trap: memory'
}

test_clock()
{
	for profile in none default; do
		image probe $profile
		for machine in $clock_machines; do
			before=$(date +%s)
			boot "$image" "$machine" max 32M '-- clock'
			expect "clock/$profile-$machine" $passed 'clock ok'
			after=$(date +%s)
			wall=$((0x$(sed -n 's/^clock ok \([^ ]*\) .*/\1/p' "$scratch/console" | grep . || echo 0)))
			if [ $wall -ge $((before - 1)) ] && [ $wall -le $((after + 1)) ]; then
				echo "ok ${prefix}clock/$profile-$machine-wall"
			else
				echo "not ok ${prefix}clock/$profile-$machine-wall"
				echo "$wall s, not between $before and $after"
			fi
		done
	done
	# With counted instructions the TSC runs at 1 GHz exactly; Xen may have work between the two readings.
	for machine in $frequency_machines; do
		boot "$image" "$machine" max 32M '-- clock' -icount "$icount"
		ticks=$((0x$(sed -n 's/^clock ok [^ ]* //p' "$scratch/console" | grep . || echo 0)))
		if [ $ticks -ge $((1000 - tolerance)) ] && [ $ticks -le $((1000 + tolerance)) ]; then
			echo "ok ${prefix}clock/frequency-$machine"
		else
			echo "not ok ${prefix}clock/frequency-$machine"
			echo "$ticks ticks in a microsecond, expected 1000"
		fi
	done
}

# Every boot of a random image differs in every address, an image without mechanisms in none.
test_random()
{
	image probe default
	: >"$scratch/addresses"
	i=0
	while [ $i -lt "$boots" ]; do
		boot "$image" microvm max 32M '-- addresses'
		grep '^image ' "$scratch/console" >>"$scratch/addresses" || true
		i=$((i + 1))
	done
	for what in 2:image 4:stack 6:heap 8:canary; do
		n=$(cut -d' ' -f"${what%:*}" "$scratch/addresses" | sort -u | wc -l)
		if [ "$n" -eq "$boots" ]; then
			echo "ok ${prefix}random/${what#*:}"
		else
			echo "not ok ${prefix}random/${what#*:}"
			echo "$n different ones in $boots boots"
		fi
	done
	if awk '{ if (substr($8, length($8) - 1) != "00") exit 1 }' "$scratch/addresses"; then
		echo "ok ${prefix}random/canary-zero-byte"
	else
		echo "not ok ${prefix}random/canary-zero-byte"
	fi
	image probe none
	boot "$image" microvm max 32M '-- addresses'
	first=$(grep '^image ' "$scratch/console")
	boot "$image" microvm max 32M '-- addresses'
	expect random/none-is-fixed $passed "$first"
}

# Instructions from the first one of the image to main, counted exactly. Under Xen its own are among them; PV's
# limits are three times what kvm needs, with the memory that Xen has mapped itself and one seed.
test_instructions()
{
	case $platform in
	kvm) limits='none:30000 default:200000' memory=32M ticks=1 ;;
	xen-pv) limits='none:21400 default:229600' memory=4M ticks=128 ;;
	*) return ;; # nested paging, emulated: no figure of a real machine
	esac
	printf 'a seed of 32 bytes, always alike' >"$scratch/one-seed"
	for limit in $limits; do
		image hello "${limit%:*}"
		if [ "$platform" = kvm ]; then
			boot "$image" microvm max $memory 'ukbuild.trace=1' -icount "$icount"
		else
			boot "$image" dom0 qemu64 $memory 'ukbuild.trace=1' -initrd "$scratch/one-seed" \
				-icount "$icount"
		fi
		spent=$(sed -n 's/^ukbuild-boot: .* entry=\([0-9]*\) .* main=\([0-9]*\) .*/\2 \1/p' \
			"$scratch/console" | awk -v ticks=$ticks '{ print int(($1 - $2) / ticks) }')
		if [ "${spent:-999999}" -le "${limit#*:}" ]; then
			echo "ok ${prefix}instructions/${limit%:*}"
		else
			echo "not ok ${prefix}instructions/${limit%:*}"
		fi
		echo "$spent instructions to main, at most ${limit#*:}"
	done
}

# settings PLATFORM: what there is of machines, and how much of it.
settings()
{
	platform=$1
	case $platform in
	kvm)
		prefix=
		machines='microvm q35 pc'
		few_machines='microvm q35'
		clock_machines='microvm q35 q35,pit=off'
		frequency_machines='microvm q35,pit=off'
		least_none=1280K
		least_default=1536K
		memories='3G 5G'
		icount='shift=0'
		tolerance=10
		boots=64
		;;
	*)
		prefix=$platform/
		machines=dom0
		few_machines=dom0
		clock_machines=dom0
		frequency_machines=dom0
		# The least that Xen builds a PV domain in.
		least_none=4M
		least_default=$least_none
		memories='1G'
		# Xen calibrates and waits by time: more of it an instruction.
		icount='shift=7,sleep=off'
		tolerance=50
		boots=8
		[ -z "${FULL:-}" ] || boots=64
		;;
	esac
}

for p in ${PLATFORMS:-kvm}; do
	settings "$p"
	if [ "$p" != kvm ]; then
		why=$(rig_missing)
		if [ -n "$why" ]; then
			echo "skip ${prefix}all: $why"
			continue
		fi
	fi
	for t in ${LOOKS:-machines arguments stacks mechanisms entropy memory clock random instructions}; do
		if selected "$prefix$t"; then
			"test_$t"
		fi
	done
done
