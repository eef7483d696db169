#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What only a processor with Intel CET can show, in Bochs, whose model tigerlake has it: the 2x2 of
# hardening/cet/attack, and that programs which jump, call and return in every way still run. Bochs knows no PVH:
# rom.S and load.c take the place of its BIOS and start the image.
set -eu

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

[ -n "${FULL:-}" ] || CELLS=${CELLS:-none level}
inherent=
prefix=
platform=kvm machine=bochs
memory_mib=64 # load.c has the same
# shellcheck source=tests/attack/matrix.sh
. "$root/tests/attack/matrix.sh"

for tool in bochs jq nm clang-19 ld.lld-19; do
	if ! command -v "$tool" >/dev/null; then
		echo "skip all: $tool is not installed"
		exit 0
	fi
done
cd "$scratch"
clang-19 --target=i386-none-elf -Os -ffreestanding -fno-pic -Wall -Wextra -Werror -c -o load.o \
	"$root/tests/bochs/load.c"

# make_rom IMAGE WORDS: ./rom.
make_rom()
{
	printf '%s' "$2" >cmdline
	rom_bytes=131072
	while [ $(($(stat -c %s "$1") + 8192)) -gt "$rom_bytes" ]; do
		rom_bytes=$((rom_bytes * 2))
	done
	clang-19 --target=i386-none-elf -DIMAGE="\"$1\"" -DCMDLINE='"cmdline"' -c -o rom.o \
		"$root/tests/bochs/rom.S"
	ld.lld-19 -m elf_i386 --oformat=binary --defsym=ROM_BYTES="$rom_bytes" -T "$root/tests/bochs/rom.ld" \
		-o rom rom.o load.o
}

# The debugger is part of Debian's Bochs: told to go on, and to leave when the machine stops.
run_bochs()
{
	printf 'c\nq\n' >commands
	cat >bochsrc <<END
romimage: file=rom
megs: $memory_mib
cpu: model=${cpu_model:-tigerlake}, ips=50000000, reset_on_triple_fault=0
clock: sync=none
display_library: term
com1: enabled=1, mode=file, dev=serial
pci: enabled=1, chipset=i440fx
log: log
panic: action=fatal
END
	rm -f serial
	TERM=vt100 timeout -k 1 200 bochs -q -f bochsrc -rc commands >screen 2>&1 </dev/null || :
	tr -d '\r' <serial
}

# boot IMAGE [ARGUMENT...]: as in matrix.sh, with the status that ukbuild run would have.
boot()
{
	booted=$1
	shift
	words="ukbuild.nonce=bochs"
	[ $# -eq 0 ] || words="$words -- $*"
	make_rom "$booted" "$words"
	run_bochs >"$scratch/console"
	grep '^ukbuild-trap:' "$scratch/console" >"$scratch/errors" || :
	case $(sed -n 's/^ukbuild-exit: bochs //p' "$scratch/console") in
	0) return 0 ;;
	*' '*) return 5 ;;
	*) return 1 ;;
	esac
}

# returns NAME HARDEN THREADS TEXT...: tests/bochs/returns.c ends as it should and says each text.
returns()
{
	name=returns/$1
	harden=$2
	selected "$name" || return 0
	manifest=$(new_app "$root/tests/bochs/returns.c")
	printf 'cflags: [-DTHREADS=%d]\nkconfig: {PLAT_THREAD_STACKS: %d}\n' "$3" "$3" >>"$manifest"
	shift 3
	: >"$scratch/console"
	: >"$scratch/errors"
	if ! built=$(image "$manifest" "$harden"); then
		fail "$name" "the image does not build with --harden $harden"
		return 0
	fi
	boot "$built" || {
		fail "$name" "it does not end well"
		return 0
	}
	for text in "jumps 1009" "labels 10" "sorted 1 9" bye "$@"; do
		grep -q "^$text" "$scratch/console" && continue
		fail "$name" "no '$text'"
		return 0
	done
	echo "ok $name"
}

for file in "$root"/hardening/*/attack/*.c; do
	run_attack "$(basename "$(dirname "$(dirname "$file")")")" "$file"
done
returns full none,setjmp=on,cet=full 1 'shadow stack: yes' "on a thread's stack 1009"
returns with-xom none,nullpage=on,wx=on,privscan=on,setjmp=on,xom=on,cet=full 0 'shadow stack: yes'
returns with-default default,cet=full 0 'shadow stack: yes'
returns with-max max,cet=full,shadowstack=on 0 'shadow stack: yes'
# The same image, on a processor that has none of it.
cpu_model=corei7_haswell_4770
returns without-cet default,cet=full 0 'shadow stack: no'
