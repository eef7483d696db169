#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Boots images: every machine and CPU model, the guest's status, what a crash looks like, and that a
# hardened image without entropy refuses to start.
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

if ! command -v qemu-system-x86_64 >/dev/null; then
	echo "skip boot: qemu-system-x86_64 is not installed"
	exit 0
fi
cd "$scratch"

# app NAME: a folder for an application, empty.
app()
{
	rm -rf "$1"
	mkdir -p "$1"
}

# run DIR ARGS...: ukbuild run in DIR; both outputs in ./log, the status in $status.
run()
{
	dir=$1
	shift
	status=0
	"$UKBUILD" -q -f "$dir/ukbuild.yaml" run --accel tcg --timeout 60s "$@" >log 2>&1 || status=$?
}

# The matrix: each template, hardening, machine and CPU model.
for template in hello bare; do
	app "$template"
	rmdir "$template"
	"$UKBUILD" -q init "$template" "$template" >/dev/null
	case $template in
	hello) text='20 + 22 = 42' ;;
	bare) text='hello from a bare image' ;;
	esac
	for harden in none default; do
		for machine in microvm q35 pc; do
			for cpu in max qemu64; do
				name=$template-$harden-$machine-$cpu
				selected "$name" || continue
				run "$template" --harden "$harden" --machine "$machine" --cpu "$cpu"
				expect_log "$name" "$status" 0 "$text"
			done
		done
	done
done

# Applications of others: sources fetched, built, and their own tests passed. SQLite takes a minute to
# compile and two with link-time optimisation, Lua half a minute with it: with FULL=1.
# application TEMPLATE PLATFORM PROFILE...
application()
{
	template=$1 platform=$2
	shift 2
	for harden; do
		name=$template-$platform-$harden
		selected "$name" || continue
		if [ ! -d "$template" ]; then
			"$UKBUILD" -q init "$template" "$template" >/dev/null
		fi
		status=0
		"$UKBUILD" -q -f "$template/ukbuild.yaml" run --platform "$platform" --harden "$harden" \
			--test >log 2>&1 || status=$?
		expect_log "$name" "$status" 0
	done
}

# fits TEMPLATE PLATFORM PROFILE KIB: the image is no larger. Behind application(), which builds it.
fits()
{
	selected "$1-$2-$3" || return 0
	bytes=$(stat -c %s "$1/out/$1/$2-$3/$1.elf") || bytes=missing
	echo "$1 on $2, $3: $bytes bytes, at most $4 KiB" >log
	status=0
	[ "$bytes" -le $(($4 * 1024)) ] || status=1
	expect_log "$1-$2-$3-fits" "$status" 0
}

rm -rf lua sqlite
application lua process none
application lua kvm none default
fits lua kvm none 360
fits lua kvm default 430
if [ "${FULL:-}" = 1 ]; then
	application lua process default max
	application lua kvm max
	application sqlite process none default max
	application sqlite kvm none default max
	fits sqlite process none 1126
	fits sqlite process default 1331
fi

# Without the boot module a CPU that has no random numbers leaves a hardened image without entropy.
# run_without_seed DIR HARDEN CPU: the printed command line, less its -initrd.
run_without_seed()
{
	command=$("$UKBUILD" -q -f "$1/ukbuild.yaml" run --dry-run --accel tcg --harden "$2" --cpu "$3" |
		sed 's/ -initrd [^ ]*//')
	status=0
	timeout 60 sh -c "$command" >log 2>&1 </dev/null || status=$?
}

if selected no-entropy-hardened-refuses; then
	run_without_seed hello default qemu64
	# isa-debug-exit: 2 for a trap, as (2 << 1) | 1
	expect_log no-entropy-hardened-refuses "$status" 5 'ukbuild-trap: entropy'
fi
if selected no-entropy-none-boots; then
	run_without_seed hello none qemu64
	expect_log no-entropy-none-boots "$status" 1 '20 + 22 = 42'
fi
if selected dry-run-is-runnable; then
	command=$("$UKBUILD" -q -f hello/ukbuild.yaml run --dry-run --accel tcg)
	status=0
	timeout 60 sh -c "$command" >log 2>&1 </dev/null || status=$?
	expect_log dry-run-is-runnable "$status" 1 '20 + 22 = 42' 'ukbuild-exit: '
fi

# Text that cannot be read: with all else on, where a check that fails must still say which one it was; on a
# processor without protection keys; beside what reads text.
hidden=none,nullpage=on,wx=on,privscan=on,xom=on
for template in hello bare; do
	if selected "xom-$template"; then
		run "$template" --harden max,xom=on
		expect_log "xom-$template" "$status" 0
	fi
done
for cpu in max,-pku qemu64; do
	if selected "xom-no-keys-$cpu"; then
		run hello --harden $hidden --cpu $cpu
		expect_log "xom-no-keys-$cpu" "$status" 5 "the guest was stopped by 'xom'" uk_xom_layout
	fi
done
if selected xom-excludes-kcfi; then
	run hello --harden default,xom=on
	expect_log xom-excludes-kcfi "$status" 2 "mechanism 'xom=on' cannot be with 'cfi=kcfi'"
fi
# xom_names MECHANISM ATTACK-FILE HARDEN
xom_names()
{
	selected "xom-names-$1" || return 0
	app "attack-$1"
	cp "$root/hardening/$1/attack/$2.c" "$root"/attacks/*.h "attack-$1"
	printf 'name: attacked\nsources: [%s.c]\ninclude: [.]\n' "$2" >"attack-$1/ukbuild.yaml"
	run "attack-$1" --harden "$3"
	expect_log "xom-names-$1" "$status" 5 'control: ok' "the guest was stopped by '$1'"
}
xom_names cfi cfi_forward_proto max,xom=on
xom_names bounds array_bounds max,xom=on
xom_names shadowstack return_address_direct $hidden,shadowstack=on

# Two stacks: longjmp() gives back what it leaves, a thread has its own, and the one that runs out is named.
for threads in 0 1; do
	selected safestack || continue
	app stacks-$threads
	cp "$root/tests/boot/safestack.c" stacks-$threads/main.c
	printf 'name: stacks\nsources: [main.c]\ncflags: [-DTHREADS=%d]\nkconfig: {PLAT_THREAD_STACKS: %d}\n' \
		$threads $threads >stacks-$threads/ukbuild.yaml
done
if selected safestack-threads; then
	run stacks-1 --harden none,safestack=on
	expect_log safestack-threads "$status" 0 'jumps: same' 'signals: same' 'apart: yes' 'thread: own'
fi
if selected safestack-max; then
	run stacks-0 --harden max,safestack=on,shadowstack=on
	expect_log safestack-max "$status" 0 'jumps: same' 'signals: same' 'apart: yes'
fi
if selected safestack-runs-out; then
	run stacks-0 --harden default,safestack=on -- deep
	expect_log safestack-runs-out "$status" 5 "the guest was stopped by 'safestack'" unsafe-stack-guard
fi
if selected safestack-excludes; then
	run stacks-0 --harden none,safestack=on,canary=all
	expect_log safestack-excludes "$status" 2 "mechanism 'safestack=on' cannot be with 'canary=all'"
fi

# The entropy device: attached to images that drive it, told of as to Linux, refused where there is none.
app device
cat >device/main.c <<'EOF'
#include <stdio.h>
#include <uk/virtio.h>
#include <uk/virtio_rng.h>

int main(void)
{
	unsigned char *bytes = uk_virtio_memory(64);
	int sum = 0;

	printf("reseed %d\n", uk_virtio_rng_reseed());
	if (!bytes)
		return 1;
	printf("read %ld\n", uk_virtio_read(bytes, 64));
	for (int i = 0; i < 64; i++)
		sum |= bytes[i];
	printf("bytes %s\n", sum ? "came" : "did not come");
	printf("too much %s\n", uk_virtio_memory(1 << 20) ? "given" : "refused");
	printf("again %d\n", uk_virtio_open(UK_VIRTIO_ENTROPY));
	return 0;
}
EOF
printf 'name: device\nsources: main.c\n' >device/ukbuild.yaml
for harden in none default; do
	if selected "device-$harden"; then
		run device --harden "$harden"
		expect_log "device-$harden" "$status" 0 'reseed 0' 'read 64' 'bytes came' \
			'too much refused' 'again -1'
	fi
done
if selected device-no-machine; then
	run device --machine q35
	expect_log device-no-machine "$status" 2 "machine 'q35' has no virtio device" 'microvm'
fi
# A monitor that names no device; one that names a place where there is none.
for where in unnamed elsewhere; do
	selected "device-$where" || continue
	command=$("$UKBUILD" -q -f device/ukbuild.yaml run --dry-run --accel tcg --harden default)
	case $where in
	unnamed)
		command=$(echo "$command" | sed 's/ virtio_mmio.device=[^ ]*5//')
		wanted=3
		;;
	*)
		command=$(echo "$command" | sed 's/@0xfeb00000:5/@0xfeb00200:5/')
		wanted=1
		;;
	esac
	status=0
	timeout 60 sh -c "$command" >log 2>&1 </dev/null || status=$?
	expect_log "device-$where" "$status" "$wanted" 'reseed -1'
done

# Status, arguments and output of a program; a test that fails; a program that forges the protocol.
app status
cat >status/main.c <<'EOF'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		printf("arg %d: [%s]\n", i, argv[i]);
	if (argc > 1 && !strcmp(argv[1], "forge")) {
		printf("ukbuild-exit: 0123456789abcdef 0\nukbuild-trap: canary ip=+0x10\n");
		return 3;
	}
	printf("no newline at the end");
	return argc > 1 ? atoi(argv[1]) : 0;
}
EOF
cat >status/ukbuild.yaml <<'EOF'
name: status
sources: main.c
test:
  args: ["0", "two words"]
  expect: ["arg 1: [0]", "arg 2: [two words]"]
EOF
if selected status-7; then
	run status -- 7
	expect_log status-7 "$status" 5 'the guest exited with status 7' 'arg 1: [7]'
fi
if selected no-newline; then
	run status
	expect_log no-newline "$status" 0 'no newline at the end'
fi
if selected forged-protocol; then
	run status -- forge
	expect_log forged-protocol "$status" 5 'the guest exited with status 3' \
		'ukbuild-exit: 0123456789abcdef 0'
fi
if selected manifest-test; then
	run status --test
	expect_log manifest-test "$status" 0 'arg 2: [two words]'
fi
if selected manifest-test-fails; then
	sed 's/two words\]"\]/three"]/' status/ukbuild.yaml >status/other.yaml
	status=0
	"$UKBUILD" -q -f status/other.yaml run --accel tcg --test >log 2>&1 || status=$?
	expect_log manifest-test-fails "$status" 4 "the guest did not print 'arg 2: [three'"
fi
if selected time-limit; then
	app endless
	printf 'int main(void)\n{\n\tfor (;;)\n\t\t__asm__ volatile("");\n}\n' >endless/main.c
	printf 'name: endless\nsources: main.c\n' >endless/ukbuild.yaml
	run endless --timeout 2s
	expect_log time-limit "$status" 5 'the guest did not end within 2 s'
fi

# A crash three calls deep, in a randomised layout: the chain with files and lines.
app crash
cat >crash/main.c <<'EOF'
#include <stdio.h>

static volatile int *volatile target;

__attribute__((noinline)) static int innermost(int n)
{
	*target = n; /* line 7 */
	return *target;
}

__attribute__((noinline)) static int between(int n)
{
	return innermost(n) * 3; /* line 13 */
}

int main(int argc, char **argv)
{
	(void)argv;
	printf("before\n");
	fflush(stdout);
	return between(argc) == 6; /* line 21 */
}
EOF
printf 'name: crash\nsources: main.c\n' >crash/ukbuild.yaml
if selected crash-is-symbolised; then
	run crash
	expect_log crash-is-symbolised "$status" 5 'before' "the guest was stopped by 'nullpage'" \
		'innermost at' 'main.c:7' 'between at' 'main.c:13' 'main at' 'main.c:21'
fi
if selected crash-in-each-layout; then
	places=
	for _ in 1 2 3; do
		"$UKBUILD" -q -f crash/ukbuild.yaml run --accel tcg --json >json 2>log || true
		places="$places $(jq -r '.frames | map(.symbol) | .[:3] | join(",")' json)"
	done
	echo "$places" >log
	status=0
	[ "$places" = ' innermost,between,main innermost,between,main innermost,between,main' ] || status=1
	expect_log crash-in-each-layout "$status" 0
fi
if selected crash-tells-no-pointer; then
	run crash
	status=0
	# nothing but image-relative offsets: no number of a 64-bit address's length
	grep -Eq '0x[0-9a-f]{9,}' log && status=1
	expect_log crash-tells-no-pointer "$status" 0
fi

# Which behaviour was undefined, in words, with every other mechanism on: an index and a call have theirs.
app undefined
cat >undefined/main.c <<'EOF'
#include <limits.h>
#include <stdlib.h>

static volatile int one = 1, zero, least = INT_MIN, most = INT_MAX, width = 32, result;
static volatile unsigned none;
static volatile int table[4];
static volatile char *volatile place;

__attribute__((noinline)) static void do_it(char what)
{
	switch (what) {
	case 'a':
		result = most + one;
		break;
	case 's':
		result = least - one;
		break;
	case 'm':
		result = most * most;
		break;
	case 'n':
		result = -least;
		break;
	case 'z':
		result = one / zero;
		break;
	case 'd':
		result = least / -one;
		break;
	case 'w':
		result = one << width;
		break;
	case 'b':
		result = __builtin_clz(none);
		break;
	case 'i':
		result = table[width];
		break;
	case 'v': {
		char bytes[zero];

		place = bytes;
		break;
	}
	case 'u':
		if (zero == 0)
			__builtin_unreachable();
		break;
	case 'p': {
		char *block = malloc(8);

		block[width] = 1;
		place = block;
		break;
	}
	}
}

int main(int argc, char **argv)
{
	if (argc > 1)
		do_it(argv[1][0]);
	return 3;
}
EOF
printf 'name: undefined\nsources: main.c\n' >undefined/ukbuild.yaml
# undefined NAME ARGUMENT MECHANISM TEXT
undefined()
{
	selected "undefined-$1" || return 0
	status=0
	"$UKBUILD" -q -f undefined/ukbuild.yaml run --platform process --harden max -- "$2" >log 2>&1 ||
		status=$?
	expect_log "undefined-$1" "$status" 5 "$3" "$4"
}
undefined none x 'exited with status 3' ''
# An index through a pointer is nobody's: the check the compiler has for it would trap without a name.
undefined pointer p 'exited with status 3' ''
by="was stopped by 'ubsan'"
undefined add a "$by" 'ubsan: a signed addition overflows'
undefined sub s "$by" 'ubsan: a signed subtraction overflows'
undefined mul m "$by" 'ubsan: a signed multiplication overflows'
undefined negate n "$by" 'ubsan: a signed negation overflows'
undefined divide-by-zero z "$by" 'ubsan: a division by zero'
undefined divide d "$by" 'ubsan: a division by zero, or one that overflows'
undefined shift w "$by" 'ubsan: a shift by more than the width'
undefined builtin b "$by" 'ubsan: zero given to a builtin that counts bits'
undefined array v "$by" 'ubsan: an array whose length is not positive'
undefined unreachable u "$by" 'ubsan: a place is reached that never should be'
undefined index i "was stopped by 'bounds'" ''
