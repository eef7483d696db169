#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Platform process: what the boot leaves behind (tests/platform/probe), what the filter lets through,
# what the kernel says of the process from outside, and the attacks of every mechanism.
# The tender is called directly where its exit status and the console's last line are part of the test.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

tender=$root/ukbuild-tender
platform=process
prefix=
# Linux maps nothing below vm.mmap_min_addr and the window begins at 0xff000; page tables and cr3 are the
# kernel's.
inherent="nullpage/ACCESS_NULL-read nullpage/ACCESS_NULL-write nullpage/EXEC_NULL wx/WRITE_PAGE_TABLE"
# shellcheck source=tests/attack/matrix.sh
. "$root/tests/attack/matrix.sh"
head -c 32 /dev/urandom >"$scratch/seed"
built=

# made NAME PROFILE [KCONFIG]: builds tests/platform/probe, tests/process/calls or a template once, leaves
# the path in $image
made()
{
	image=$scratch/$1-$2${3:+-$3}.elf
	case $built in
	*" $image "*) return ;;
	esac
	built="$built $image "
	rm -rf "${scratch:?}/$1"
	case $1 in
	probe) cp -r "$root/tests/platform/probe" "$scratch/probe" ;;
	calls)
		cp -r "$root/tests/process/calls" "$scratch/calls"
		cp "$root/tests/platform/probe/put.h" "$scratch/calls/"
		;;
	*) "$UKBUILD" init -q "$1" "$scratch/$1" >/dev/null ;;
	esac
	if [ $# -eq 3 ]; then
		printf 'kconfig: {%s}\n' "${3%=*}: ${3#*=}" >>"$scratch/$1/ukbuild.yaml"
	fi
	cp "$(image "$scratch/$1/ukbuild.yaml" "$2")" "$image"
}

# tend IMAGE KIB CMDLINE [TENDER ARGS]: console in $scratch/console, the tender's status in $status
tend()
{
	t_image=$1 t_memory=$2 t_cmdline=$3
	shift 3
	status=0
	timeout 30 "$tender" -m "$t_memory" "$@" -a "ukbuild.nonce=5eed $t_cmdline" "$t_image" \
		</dev/null >"$scratch/console" 2>&1 || status=$?
}

passed=0 failed=1 trapped=2 refused=125

test_boot()
{
	for profile in none default max; do
		made probe $profile
		tend "$image" 32768 '-- tls ram'
		expect "boot/$profile" $passed 'tls ok' 'ram ok' 'ends ok' 'ukbuild-exit: 5eed 0$'
	done
	# One by one they ask for mappings of their own shape; "random" ones relocate.
	for levels in none,guard=on none,nullpage=on none,nullpage=on,wx=on none,aslr=boot \
		none,canary=all none,cfi=kcfi; do
		made probe $levels
		tend "$image" 32768 '-- tls ram'
		expect "boot/${levels#none,}" $passed 'tls ok' 'ram ok'
	done
}

test_arguments()
{
	for profile in none default; do
		made probe $profile
		tend "$image" 32768 '-- one "two words" "" a"b c"d'
		expect arguments/$profile $passed '\[one\]' '\[two words\]' '\[\]' '\[ab cd\]' 'ends ok'
	done
	tend "$image" 32768 "-- $(printf '%01000d' 1)"
	expect arguments/long $passed '\[0000'
	tend "$image" 32768 "-- $(printf '%02900d' 1)"
	expect arguments/too-long $trapped 'ukbuild-trap: arguments'
	tend "$image" 32768 "-- $(printf '%05000d' 1)"
	expect arguments/much-too-long $refused 'ukbuild-tender: the command line is too long'
	tend "$image" 32768 '-- fail'
	expect arguments/status $failed 'ukbuild-exit: 5eed 3$'
}

test_stacks()
{
	for profile in none default; do
		made probe $profile PLAT_THREAD_STACKS=3
		tend "$image" 32768 '-- stacks tls ram'
		expect stacks/$profile $passed 'stacks 3$' 'tls ok' 'ram ok' 'ends ok'
	done
}

test_memory()
{
	for profile in none default; do
		made probe $profile
		for kib in 256 3145728 5242880; do
			tend "$image" $kib '-- tls ram'
			expect memory/$profile-$kib $passed 'tls ok' 'ram ok'
		done
		tend "$image" 16 ''
		expect memory/$profile-none $refused 'ukbuild-tender: too little memory'
	done
	made probe none PLAT_STACK_KIB=16384
	tend "$image" 8192 ''
	expect memory/too-small $trapped 'ukbuild-trap: memory'
}

test_clock()
{
	for profile in none default; do
		made probe $profile
		before=$(date +%s)
		tend "$image" 32768 '-- clock'
		expect clock/$profile $passed 'clock ok'
		wall=$(sed -n 's/^clock ok \([^ ]*\) .*/\1/p' "$scratch/console")
		off=$((0x${wall:-0} - before))
		if [ $off -ge -1 ] && [ $off -le 3 ]; then
			echo "ok clock/$profile-wall"
		else
			echo "not ok clock/$profile-wall"
			echo "off by $off s"
		fi
	done
}

# addresses COUNT [TENDER ARGS]: of that many runs, in $scratch/addresses
addresses()
{
	a_count=$1
	shift
	: >"$scratch/addresses"
	while [ "$a_count" -gt 0 ]; do
		tend "$image" 32768 '-- addresses' "$@"
		grep '^image ' "$scratch/console" >>"$scratch/addresses" || true
		a_count=$((a_count - 1))
	done
}

# differing NAME FIELD:WHAT WANTED: how many different values
differing()
{
	n=$(cut -d' ' -f"${2%:*}" "$scratch/addresses" | sort -u | wc -l)
	if [ "$n" -eq "$3" ]; then
		echo "ok $1"
	else
		echo "not ok $1"
		echo "$n different ones, expected $3"
	fi
}

test_random()
{
	made probe default
	addresses 64
	for what in 2:image 4:stack 6:heap 8:canary; do
		differing "random/${what#*:}" $what 64
	done
	if [ -s "$scratch/addresses" ] &&
		awk '{ if (substr($8, length($8) - 1) != "00") exit 1 }' "$scratch/addresses"; then
		echo 'ok random/canary-zero-byte'
	else
		echo 'not ok random/canary-zero-byte'
	fi
	made probe none
	addresses 8
	for what in 2:image 4:stack 6:heap; do
		differing "random/none-${what#*:}" $what 1
	done
}

test_entropy()
{
	made probe default
	head -c 16 /dev/urandom >"$scratch/short"
	tend "$image" 32768 '' -s "$scratch/short"
	expect entropy/short $refused 'ukbuild-tender: no 32 bytes in the seed'
	tend "$image" 32768 '' -s "$scratch/absent"
	expect entropy/absent $refused 'ukbuild-tender: cannot open the seed'
	tend "$image" 32768 '' -s "$scratch/seed"
	expect entropy/file $passed 'ends ok'
}

# What the tender must not take for an image.
test_refused()
{
	made probe none
	status=0
	"$tender" >"$scratch/console" 2>&1 || status=$?
	expect refused/usage $refused 'ukbuild-tender: usage:'
	tend "$image" 32768x ''
	expect refused/size $refused 'ukbuild-tender: no size'
	tend "$scratch/absent" 32768 ''
	expect refused/absent $refused 'ukbuild-tender: cannot open image'
	status=0
	"$tender" "$image" >&- 2>"$scratch/console" || status=$?
	expect refused/closed-output $refused 'ukbuild-tender: descriptors 0 to 2 must be open'
	tend /dev/null 32768 ''
	expect refused/empty $refused 'ukbuild-tender: no x86-64 ELF file'
	tend "$tender" 32768 ''
	expect refused/other-program $refused "ukbuild-tender: "
	head -c 4096 "$image" >"$scratch/cut.elf"
	tend "$scratch/cut.elf" 32768 ''
	expect refused/cut $refused "ukbuild-tender: "
	kvm=$("$UKBUILD" build -q --json -f "$scratch/probe/ukbuild.yaml" -o "$out" --platform kvm \
		--harden none | jq -r '.images[0].path')
	tend "$kvm" 32768 ''
	expect refused/other-platform $refused "ukbuild-tender: no image of platform 'process'"
}

# denied NAME WORDS...: the call dies before it is made, and its number is said
denied()
{
	d_name=$1
	shift
	d_call=$1
	case $d_call in
	inject) d_call=$2 ;;
	esac
	tend "$image" 32768 "-- $*"
	expect "calls/denied/$d_name" $trapped 'calling' "ukbuild-trap: syscall vec=128 err=0x$d_call "
}

allowed()
{
	a_name=$1
	shift
	tend "$image" 32768 "-- $*"
	expect "calls/allowed/$a_name" $passed 'calling' 'returned 0$'
}

# The filter: each call that is left, and each argument out of its range. Numbers as in process.h.
test_calls()
{
	for profile in none default; do
		made calls $profile
		allowed $profile/write 1 1 B 0
		denied $profile/write-descriptor 1 2 B 0
		denied $profile/write-descriptor-input 1 0 B 0
		denied $profile/write-descriptor-high 1 100000001 B 0
		denied $profile/write-length 1 1 B 8001
		denied $profile/write-length-high 1 1 B 100000000
		allowed $profile/clock 'e4' 1 B
		denied $profile/clock-other 'e4' 2 B
		denied $profile/clock-high 'e4' 100000000 B
		denied $profile/clock-process 'e4' fffffffffffffff8 B
		allowed $profile/unmap-nothing b ff000 1000
		denied $profile/unmap-more b ff000 2000
		denied $profile/unmap-image b 100000 1000
		denied $profile/unmap-high b 1000ff000 1000
		tend "$image" 32768 '-- e7 1'
		expect calls/allowed/$profile/exit $failed 'calling'
		# What the boot may call from the gate.
		denied $profile/mremap 19 B 1000 1000 3 700000000000
		denied $profile/mprotect a B 1000 1
		denied $profile/sigaction d b 0 0 8
		denied $profile/sigaltstack 83 B 0
		denied $profile/arch_prctl 9e 1002 B
		# What nobody may call.
		denied $profile/mmap 9 0 1000 7 22 ffffffffffffffff 0
		denied $profile/seccomp 13d 1 0 B
		denied $profile/x32 40000001 1 B 0
		tend "$image" 32768 '-- gate a B 1000 1'
		expect calls/denied/$profile/gate-is-gone $trapped 'calling' 'ukbuild-trap: '
		tend "$image" 32768 '-- vsyscall 0 B'
		expect calls/denied/$profile/vsyscall $trapped 'calling' 'ukbuild-trap: '
		status=0
		"$tender" -a '-- old 14' "$image" >"$scratch/console" 2>&1 || status=$?
		# Another entry to the kernel: killed by SIGSYS, 128 + 31 in a shell.
		expect calls/denied/$profile/int80 159 'calling'
	done
	# Code that an attacker brought along and that runs, in an image without any mechanism.
	made calls none
	allowed injected/write inject 1 1 B 0
	denied injected/socket inject 29 2 1 0
	denied injected/execve inject 3b B 0 0
	made calls default
	tend "$image" 32768 '-- inject 1 1 B 0'
	expect calls/denied/injected-default $trapped 'ukbuild-trap: wx '
}

# Every number the kernel could know, with arguments that would do no harm.
test_every_call()
{
	made calls none
	n=0 through=
	while [ $n -lt 512 ]; do
		tend "$image" 32768 "-- $(printf %x $n) ffffffffffffffff"
		# Linux lets no filter see uretprobe and uprobe (kernel/seccomp.c, __secure_computing); they
		# are refused outside of pages that the kernel maps for them, and there is none.
		case $n in
		335 | 336)
			grep -q '^returned ffffffff\|^ukbuild-trap: ' "$scratch/console" ||
				through="$through $n"
			;;
		*) grep -q '^ukbuild-trap: syscall' "$scratch/console" || through="$through $n" ;;
		esac
		n=$((n + 1))
	done
	# exit_group takes any status; write, clock and munmap refuse these arguments
	if [ "$through" = ' 231' ]; then
		echo 'ok every_call'
	else
		echo 'not ok every_call'
		echo "not denied:$through"
	fi
}

# The process from outside, while the guest runs.
test_outside()
{
	if [ "$(id -u)" -ne 0 ]; then
		echo 'skip outside: only root may look into a process that cannot be traced'
		return
	fi
	for profile in none default; do
		made calls $profile
		exec 8<"$scratch/seed"
		# Not what the run before printed.
		: >"$scratch/console"
		"$tender" -a '-- spin' "$image" >"$scratch/console" 2>&1 &
		pid=$!
		if ! await $pid grep -q spinning "$scratch/console"; then
			echo "not ok outside/$profile-runs"
			cat "$scratch/console"
			continue
		fi
		cat /proc/$pid/maps >"$scratch/maps"
		cat /proc/$pid/status >"$scratch/status"
		cat /proc/$pid/limits >"$scratch/limits"
		find /proc/$pid/fd -type l | sed 's|.*/||' | sort >"$scratch/fds"
		kill -9 $pid
		wait $pid 2>/dev/null || true
		exec 8<&-
		if grep -v vsyscall "$scratch/maps" | grep -Eq '/|\[|s '; then
			echo "not ok outside/$profile-maps"
			cat "$scratch/maps"
		elif [ $profile = default ] && grep -E '^[^ ]* .wx' "$scratch/maps"; then
			echo "not ok outside/$profile-maps (writable and executable)"
		elif grep -q '^000ff000' "$scratch/maps"; then
			echo "not ok outside/$profile-maps (the gate is there)"
		else
			echo "ok outside/$profile-maps"
		fi
		if [ "$(tr '\n' ' ' <"$scratch/fds")" = '0 1 2 ' ]; then
			echo "ok outside/$profile-descriptors"
		else
			echo "not ok outside/$profile-descriptors"
			cat "$scratch/fds"
		fi
		missing=
		for line in 'NoNewPrivs:	1' 'Seccomp:	2' 'Seccomp_filters:	1' \
			'CapEff:	0000000000000000' 'CapPrm:	0000000000000000' \
			'CapInh:	0000000000000000'; do
			grep -q "^$line" "$scratch/status" || missing="$missing $line"
		done
		for line in 'Max core file size *0 *0' 'Max processes *0 *0' 'Max open files *0 *0'; do
			grep -q "^$line" "$scratch/limits" || missing="$missing $line"
		done
		if [ -z "$missing" ]; then
			echo "ok outside/$profile-status"
		else
			echo "not ok outside/$profile-status"
			echo "missing:$missing"
		fi
	done
}

# Needs nothing of the system: no device, no library, no privilege, no file but the image.
test_needs()
{
	made probe default
	rm -rf "$scratch/bare"
	mkdir -p "$scratch/bare"
	cp "$tender" "$image" "$scratch/bare/"
	if [ "$(id -u)" -eq 0 ]; then
		status=0
		chroot --userspec=65534:65534 "$scratch/bare" /ukbuild-tender -a 'ukbuild.nonce=5eed -- tls' \
			"/$(basename "$image")" >"$scratch/console" 2>&1 || status=$?
		expect needs/nothing $passed 'tls ok' 'ukbuild-exit: 5eed 0'
	else
		tend "$image" 32768 '-- tls'
		expect needs/no-privilege $passed 'tls ok' 'ukbuild-exit: 5eed 0'
		echo 'skip needs/nothing: only root may change the root folder'
	fi
	"${CC:-cc}" -O1 -o "$scratch/without_seccomp" "$root/tests/process/without_seccomp.c"
	status=0
	"$scratch/without_seccomp" "$tender" "$image" >"$scratch/console" 2>&1 || status=$?
	expect needs/filter $refused 'ukbuild-tender: this kernel has no system call filter'
	"${CC:-cc}" -O1 -o "$scratch/without_keys" "$root/tests/process/without_keys.c"
	status=0
	timeout 30 "$scratch/without_keys" "$tender" -a 'ukbuild.nonce=5eed -- tls' "$image" >"$scratch/console" 2>&1 ||
		status=$?
	expect needs/keys-for-xom-only $passed 'tls ok' 'ukbuild-exit: 5eed 0'
	made bare none,nullpage=on,wx=on,privscan=on,xom=on
	status=0
	timeout 30 "$scratch/without_keys" "$tender" -a 'ukbuild.nonce=5eed --' "$image" >"$scratch/console" 2>&1 ||
		status=$?
	expect needs/keys $trapped 'ukbuild-trap: xom ' 'ukbuild-exit: 5eed 134 xom'
	if readelf -lrW "$tender" | grep -Eq 'INTERP|RWE|^ *LOAD.*W|R_X86_64'; then
		echo 'not ok needs/tender-is-one-piece'
	else
		echo 'ok needs/tender-is-one-piece'
	fi
	lines=$(cat "$root"/platforms/process/tender*.c | wc -l)
	[ "$lines" -le 900 ] && echo 'ok needs/tender-is-small' || echo 'not ok needs/tender-is-small'
	echo "$lines lines"
}

# What `ukbuild run` makes of it.
test_run()
{
	made calls default
	calls=$("$UKBUILD" build -q --json -f "$scratch/calls/ukbuild.yaml" -o "$out" --platform process |
		jq -r '.images[0].path')
	status=0
	"$UKBUILD" run -q -o "$out" --platform process "$calls" -- 29 2 1 >"$scratch/console" 2>&1 ||
		status=$?
	expect run/names-the-call 5 'guest stopped at a system call that it may not make: socket (41)' \
		'  #0  .* make_call at .*main.c:' '  #1  .* main at .*main.c:'
	status=0
	"$UKBUILD" run -q -o "$out" --platform process "$calls" -- old 14 >"$scratch/console" 2>&1 ||
		status=$?
	expect run/killed 5 'hint: signal 31 ended it: the system call filter'
	status=0
	"$UKBUILD" run -q -o "$out" --platform process --timeout 1s "$calls" -- spin \
		>"$scratch/console" 2>&1 || status=$?
	expect run/time-limit 5 'spinning' 'ukbuild: error: the guest did not end within 1 s'
	made hello none
	for profile in none default; do
		status=0
		"$UKBUILD" run -q --json -f "$scratch/hello/ukbuild.yaml" -o "$out" --platform process \
			--harden $profile >"$scratch/console" 2>&1 || status=$?
		expect run/hello-$profile 0 '  "accelerator": "native"' '  "status": 0' '  "wall_ns": [1-9]'
	done
	status=0
	"$UKBUILD" run -q --icount --platform process "$calls" >"$scratch/console" 2>&1 || status=$?
	expect run/no-icount 2 'ukbuild: error: instructions cannot be counted'
	bytes=$(wc -c <"$scratch/hello-none.elf")
	[ "$bytes" -le 32768 ] && echo 'ok run/hello-size' || echo 'not ok run/hello-size'
	echo "$bytes bytes"
}

test_attacks()
{
	for attack in "$root"/hardening/*/attack/*.c; do
		run_attack "$(basename "$(dirname "$(dirname "$attack")")")" "$attack"
	done
	check_decoys
}

for tool in jq nm readelf; do
	if ! command -v "$tool" >/dev/null; then
		echo "skip all: $tool is not installed"
		exit 0
	fi
done

for t in boot arguments stacks memory clock random entropy refused calls every_call outside needs run; do
	if selected "$t"; then
		"test_$t"
	fi
done
test_attacks
