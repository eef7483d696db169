#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Edits of the finished file: one check, one load, one relocation, one right taken out or changed, note
# and sidecar left as they are. inspect must say partial and end with status 4. Before that, the same
# images unedited must be accepted, every byte attributed, and an image without sidecar be "unknown".
set -eu

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

# shellcheck source=tests/inspect/edit.sh
. "$root/tests/inspect/edit.sh"

out=$scratch/out
app=$scratch/app
mkdir -p "$app"
cat >"$app/main.c" <<'END'
/* Has what each mechanism protects: an array, an indirect call, a large frame, a table of pointers, a jump, a block. */
#include <setjmp.h>
#include <stddef.h>
#include <stdlib.h>
#include <uk/plat.h>

static jmp_buf env;
static void *volatile block;

static int one(int n)
{
	return n + 1;
}

static int two(int n)
{
	return n * 2;
}

static int (*const volatile table[])(int) = {one, two};

static __attribute__((noinline)) void fill(volatile char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = 'x';
}

static __attribute__((noinline)) int large_frame(void)
{
	volatile char big[10000];

	fill(big, sizeof(big));
	return big[5];
}

int main(int argc, char **argv)
{
	char text[16];

	(void)argv;
	fill(text, sizeof(text));
	uk_plat_console_write(text, 1);
	block = malloc(100);
	free(block);
	if (!setjmp(env) && argc > 1)
		longjmp(env, 1);
	return table[argc & 1](large_frame()) == 0;
}
END
printf 'name: inspected\nsources: [main.c]\n' >"$app/ukbuild.yaml"

seed_hex=
# build HARDEN: prints the image's path. The seed is $seed_hex, if there is one.
build()
{
	"$UKBUILD" build -q --json -f "$app/ukbuild.yaml" -o "$out" --harden "$1" ${seed_hex:+--seed "$seed_hex"} \
		>"$scratch/build.json" 2>"$scratch/errors" || return 1
	jq -r '.images[0].path' "$scratch/build.json"
}

# other_seed NAME: one source is compiled with a seed of its own; the build must name it.
other_seed()
{
	selected "$1" || return 0
	mkdir -p "$scratch/seed"
	printf '#include <uk/shuffled.h>\nint main(void)\n{\n\treturn 0;\n}\n' >"$scratch/seed/main.c"
	printf 'name: seed\nsources: [main.c]\n' >"$scratch/seed/ukbuild.yaml"
	for cflags in '' 'cflags: -frandomize-layout-seed=00'; do
		echo "$cflags" >>"$scratch/seed/ukbuild.yaml"
		status=0
		"$UKBUILD" build -q -f "$scratch/seed/ukbuild.yaml" -o "$out" --harden none,structlayout=on \
			>"$scratch/errors" 2>&1 || status=$?
		[ -n "$cflags" ] || [ "$status" -eq 0 ] || break
	done
	if [ "$status" -eq 4 ] && grep -q "'app/main.c' has another order of members" "$scratch/errors"; then
		echo "ok $1"
	else
		echo "not ok $1 (status $status)"
		cat "$scratch/errors"
	fi
}

# order_of SEED HARDEN SECTION: what the records of what is drawn say.
order_of()
{
	"$UKBUILD" build -q --json -f "$app/ukbuild.yaml" -o "$out" --harden "$2" \
		--seed "$(printf '%064d' "$1")" >"$scratch/build.json" 2>"$scratch/errors" || return 1
	readelf -x "$3" "$(jq -r '.images[0].path' "$scratch/build.json").ukmap"
}

# orders NAME HARDEN SECTION: one seed, one order; another, another.
orders()
{
	selected "$1" || return 0
	if ! order_of 1 "$2" "$3" >"$scratch/order.a" || ! order_of 2 "$2" "$3" >"$scratch/order.b" ||
		! order_of 1 "$2" "$3" >"$scratch/order.c"; then
		echo "not ok $1"
		cat "$scratch/errors"
	elif cmp -s "$scratch/order.a" "$scratch/order.b" || ! cmp -s "$scratch/order.a" "$scratch/order.c"; then
		echo "not ok $1 (two seeds with one order, or one with two)"
	else
		echo "ok $1"
	fi
}

# Encodings: Intel SDM vol. 2. 220 = nop, 353 = jmp rel8.
canary_branch()
{
	patch "$image" "$(find_insn main 'jne ')" '\220\220'
}
canary_load()
{
	patch "$image" "$(find_insn main '%fs:0x28' 1)" '\220\220\220\220\220\220\220\220\220'
}
canary_setup()
{
	patch "$image" "$(find_insn main '%fs:0x28')" '\220\220\220\220\220\220\220\220\220'
}
canary_call()
{
	patch "$image" "$(find_insn main 'call .*<__stack_chk_fail>')" '\220\220\220\220\220'
}
canary_reference()
{
	patch "$image" "$(find_insn uk_tcb_init 'call .*<uk_random_bytes>')" '\220\220\220\220\220'
}
kcfi_branch()
{
	patch "$image" "$(($(find_insn main 'ud2') - 2))" '\353'
}
kcfi_hash()
{
	patch "$image" "$(($(symbol one) - 5))" '\220'
}
# The first branch to a trap of cfi-icall, whatever the function is called after optimisation.
icall_branch()
{
	objdump -d --no-show-raw-insn "$image.ukmap" >"$scratch/code"
	# Two passes: addresses of the traps, then the first conditional jump to one, and what follows it.
	awk -F '[: \t]+' '
	NR == FNR { if (/ud1 +0x2\(%eax\),%eax/) trap[$2]; next }
	from { print from, $2; exit }
	$3 ~ /^j/ && $3 !~ /^jmp/ && $4 in trap { from = $2 }
	' "$scratch/code" "$scratch/code" >"$scratch/branch"
	read -r from to <"$scratch/branch" || return 1
	remove "$from" "$to"
}
layout_number()
{
	# movb $1,(%rdi) or movq $size,8(%rdi): the number is the last 1 or 4 bytes.
	at=$(find_insn "uk_$1_layout" 'mov[bq] ')
	next=$(find_insn "uk_$1_layout" '.' 1)
	patch "$image" "$((next - $2))" "$3"
}
wx_number()
{
	layout_number wx 1 '\000'
}
wx_switch()
{
	patch "$image" "$(($(symbol __text_start) - 3))" '\220\220\220'
}
wx_audit()
{
	patch "$image" "$(find_insn uk_wx_audit 'call .*uk_plat_audit_rights')" '\220\220\220\220\220'
}
# text_rights BYTE: these rights (p_flags) for the segment that can be executed. They are 4 bytes into a program
# header of 56 bytes; the table begins at 64 (gabi).
text_rights()
{
	index=$(readelf -lW "$image" | awk '/^  (LOAD|NOTE|TLS|GNU)/ { n++ } /^  LOAD.* E 0x/ { print n - 1; exit }')
	# shellcheck disable=SC2059 # an escape of one byte
	printf "$1" | dd of="$image" bs=1 seek=$((64 + 56 * index + 4)) conv=notrunc 2>/dev/null
}
wx_segment()
{
	text_rights '\007'
}
wx_privileged()
{
	# wrmsr in place of the first two bytes of main.
	patch "$image" "$(symbol main)" '\017\060'
}
guard_number()
{
	layout_number guard 4 '\000\000\000\000'
}
guard_probe()
{
	at=$(find_insn large_frame 'movq .*0x0,\(%rsp\)')
	patch "$image" "$at" '\220\220\220\220\220\220\220\220'
	at=$(find_insn large_frame 'movq .*0x0,\(%rsp\)' 1)
	[ -z "$at" ] || patch "$image" "$at" '\220\220\220\220\220\220\220\220'
}
fortify_check()
{
	patch "$image" "$(find_insn __memcpy_chk 'j[ab]e* ')" '\220\220'
}
fortify_format()
{
	patch "$image" "$(find_insn __wrap_vfprintf 'call .*uk_fortify_format')" '\220\220\220\220\220'
}
sls_return()
{
	patch "$image" "$(($(find_insn large_frame 'ret') + 1))" '\220'
}
relro_number()
{
	layout_number relro 1 '\000'
}
nullpage_number()
{
	layout_number nullpage 1 '\000'
}
# The zeroes of main's text: it hands the array to fill, then to the console.
autoinit_store()
{
	patch "$image" "$(find_insn main 'movaps %xmm0,')" '\220\220\220\220'
}
# The last xor of a function that has just one return.
zeroregs_clear()
{
	at=$(objdump -d --no-show-raw-insn --disassemble=fill "$image.ukmap" |
		awk -F '[:\t]' '/xor +%e(cx|si|di),%e(cx|si|di)/ { gsub(/ /, "", $1); at = $1 } END { print at }')
	[ -n "$at" ] && patch "$image" "$((0x$at))" '\220\220'
}
bounds_branch()
{
	lone_branch 0x12
}
ubsan_branch()
{
	lone_branch '(0x14|0x15|0x3|0xc|)'
}
# The trap behind a call that never returns, of a source that was compiled without the checks.
ubsan_source()
{
	objdump -d --no-show-raw-insn "$image.ukmap" >"$scratch/code"
	at=$(awk -F '[:\t]' 'is_call && /ud1 +0x1\(%eax\),%eax/ { gsub(/ /, "", $1); print $1; exit }
		{ is_call = /call .*<uk_trap>/ }' "$scratch/code")
	[ -n "$at" ] && patch "$image" "$((0x$at))" '\314\314\314\314\314'
}
# The place of one member, as code has it: the number of another.
structlayout_code()
{
	at=$(find_insn uk_structlayout_witness 'mov.*0x7,') || return 1
	patch "$image" "$((at + 6))" '\010'
}
aslr_number()
{
	layout_number aslr 1 '\000'
}
# All bits of the first bitmap but the mark: the words after the first one stay as linked.
aslr_relocation()
{
	patch "$image" "$(($(symbol __relr_start) + 8))" '\001\000\000\000\000\000\000\000'
}
aslr_call()
{
	patch "$image" "$(find_insn uk_boot_low 'call .*uk_boot_relocate')" '\220\220\220\220\220'
}

# The second of the two comparisons, by nops.
dma_bound()
{
	patch "$image" "$(find_insn uk_virtio_describe 'j[ab]e? .*uk_virtio_describe' 1)" '\220\220'
}
heap_branch()
{
	patch "$image" "$(find_insn uk_heap_check_live 'j[a-z]* ' 3)" '\220\220'
}
heap_clear()
{
	patch "$image" "$(find_insn uk_heap_free 'call .*<uk_heap_clear>')" '\220\220\220\220\220'
}
heap_untouched()
{
	patch "$image" "$(find_insn uk_heap_check_untouched 'jne ')" '\220\220'
}
setjmp_call()
{
	patch "$image" "$(find_insn _longjmp 'call .*<uk_setjmp_check>')" '\220\220\220\220\220'
}
setjmp_branch()
{
	patch "$image" "$(find_insn uk_setjmp_check 'jne ')" '\220\220'
}
setjmp_seal()
{
	# ret in place of the jump to uk_setjmp_seal.
	patch "$image" "$(find_insn uk_setjmp_save 'jmp .*<uk_setjmp_seal>')" '\303'
}
setjmp_key()
{
	patch "$image" "$(find_insn uk_init_early 'jmp|call')" '\303\220\220\220\220'
}

shadowstack_branch()
{
	at=$(find_insn main 'cmp .*\(%rsp,')
	patch "$image" "$(find_insn_behind main "$at" 'jne ')" '\220\220'
}
shadowstack_copy()
{
	patch "$image" "$(find_insn main 'mov .*,0x[0-9a-f]*\(%rsp,%r')" '\220\220\220\220\220'
}
# Another slot than that of the return address: the displacement is the last byte.
shadowstack_slot()
{
	at=$(find_insn main 'cmp .*\(%rsp,')
	patch "$image" "$((at + 4))" '\000'
}
shadowstack_number()
{
	layout_number shadowstack 1 '\000'
}
shadowstack_distance()
{
	patch "$image" "$(find_insn uk_boot_high 'mov .*uk_shadow_distance')" '\220\220\220\220\220\220\220'
}
# Nine bytes: mov %reg,%fs:disp32.
safestack_taken()
{
	at=$(find_insn large_frame 'mov .*%r..?,%fs:')
	patch "$image" "$at" '\220\220\220\220\220\220\220\220\220'
}
safestack_given()
{
	at=$(find_insn large_frame 'mov .*%r..?,%fs:' 1)
	patch "$image" "$at" '\220\220\220\220\220\220\220\220\220'
}
safestack_setjmp()
{
	at=$(find_insn_behind main "$(find_insn main 'call .*<_?_?setjmp>')" 'mov .*%r..?,%fs:')
	patch "$image" "$at" '\220\220\220\220\220\220\220\220\220'
}
# mov %rsp,%rdi: a buffer in the frame.
safestack_moved()
{
	patch "$image" "$(find_insn main 'mov +%r[0-9a-z]+,%rdi')" '\110\211\347'
}
safestack_number()
{
	layout_number safestack 1 '\000'
}
safestack_set()
{
	patch "$image" "$(find_insn uk_boot_high 'mov .*%r..?,%fs:')" '\220\220\220\220\220\220\220\220\220'
}
safestack_canary()
{
	patch "$image" "$(find_insn_behind main "$(find_insn main 'call .*<fill>')" 'cmp .*\(%r')" '\220\220\220\220'
}
reset_call()
{
	patch "$image" "$(find_insn uk_stop 'call .*<uk_wipe>')" '\220\220\220\220\220'
}
# je for jne: cleared when the boot is not over.
reset_side()
{
	patch "$image" "$(find_insn uk_stop 'jne ')" '\164'
}
reset_fill()
{
	patch "$image" "$(find_insn uk_wipe_memory 'rep stos' 1)" '\220\220\220'
}
# hlt in place of main's first byte.
reset_halt()
{
	patch "$image" "$(symbol main)" '\364'
}
rng_tested()
{
	patch "$image" "$(find_insn mix 'call .*<uk_seed_require>')" '\220\220\220\220\220'
}
rng_made()
{
	patch "$image" "$(find_insn uk_seed_require 'call .*<uk_seed_runs>')" '\220\220\220\220\220'
}
rng_branch()
{
	patch "$image" "$(find_insn uk_seed_require 'j[a-z]* ' 1)" '\220\220'
}
rng_replaced()
{
	patch "$image" "$(find_insn uk_random_bytes 'call .*<uk_random_replace>')" '\220\220\220\220\220'
}
# movaps %xmm, key(%rip): seven bytes.
rng_half()
{
	patch "$image" "$(find_insn uk_random_replace 'mov[a-z]* +%xmm.*uk_random_key' 1)" \
		'\220\220\220\220\220\220\220'
}

# With seed 1. The displacement of main's text, then of what large_frame reads: into gaps. Then main's frame is
# smaller than its block.
stackshuffle_address()
{
	patch "$image" "$(($(find_insn main 'lea .*\(%rsp\)') + 4))" '\100'
}
stackshuffle_read()
{
	patch "$image" "$(($(find_insn large_frame 'movsbl .*\(%rsp\)') + 4))" '\005'
}
stackshuffle_frame()
{
	patch "$image" "$(($(find_insn main 'sub .*,%rsp') + 3))" '\010'
}

# With seed 1. decoy PATTERN: the address of the first instruction of a decoy with such a text; pads are named in none
# but lea.
decoy()
{
	objdump -d --no-show-raw-insn "$image.ukmap" | awk -v p="$1" -F '[:\t]' '
		/lea .*uk_chaff_pad/ { left = 7 }
		left-- > 0 && $0 ~ p { gsub(/ /, "", $1); print $1; exit }' |
		{ read -r hex && printf '%d\n' "0x$hex"; }
}
# distance FROM TO: as the four bytes behind an opcode that ends at FROM.
distance()
{
	d=$(($2 - $1 - 4 & 0xffffffff))
	printf '\\%03o\\%03o\\%03o\\%03o' $((d & 255)) $((d >> 8 & 255)) $((d >> 16 & 255)) $((d >> 24))
}
chaff_mask()
{
	patch "$image" "$(($(decoy 'and +[$]0x[13]f,%r') + 3))" '\177'
}
# jb for ja: past the limit it writes, up to it it does not.
chaff_branch()
{
	patch "$image" "$(($(decoy 'cmp +[$]0x') + 4))" '\162'
}
# 64 KiB further.
chaff_pad()
{
	patch "$image" "$(($(decoy lea) + 5))" '\001'
}
chaff_store()
{
	patch "$image" "$(decoy 'inc[lq] .*,4|inc[lq] .*,8')" '\220\220\220\220'
}
# jmp from main behind a mask.
chaff_jump()
{
	at=$(symbol main)
	patch "$image" "$at" "\\351$(distance $((at + 1)) $(($(decoy 'and +[$]0x[13]f,%r') + 4)))"
}
# lea of a pad, by main.
chaff_use()
{
	at=$(symbol main)
	patch "$image" "$at" "\\110\\215\\005$(distance $((at + 3)) "$(symbol uk_chaff_pad)")"
}

edited canary/branch canary none,canary=strong canary_branch
edited canary/load canary none,canary=strong canary_load
edited canary/setup canary none,canary=strong canary_setup
edited canary/call canary none,canary=strong canary_call
edited canary/reference canary none,canary=strong canary_reference
edited canary/all/branch canary none,canary=all canary_branch
edited cfi/kcfi/branch cfi none,cfi=kcfi kcfi_branch
edited cfi/kcfi/hash cfi none,cfi=kcfi kcfi_hash
edited cfi/icall/branch cfi none,cfi=icall icall_branch
edited wx/number wx none,nullpage=on,wx=on wx_number
edited wx/switch wx none,nullpage=on,wx=on wx_switch
edited wx/audit wx none,nullpage=on,wx=on wx_audit
edited wx/segment wx none,nullpage=on,wx=on wx_segment
edited wx/privileged wx none,nullpage=on,wx=on wx_privileged
edited guard/number guard none,guard=on guard_number
edited guard/probe guard none,guard=on guard_probe
hidden=none,nullpage=on,wx=on,privscan=on,xom=on
xom_number()
{
	at=$(find_insn_behind uk_xom_layout "$(find_insn uk_xom_layout 'movb ')" '.')
	patch "$image" "$((at - 1))" '\000'
}
# With the right to read.
xom_segment()
{
	text_rights '\005'
}
xom_keys()
{
	patch "$image" "$(find_insn uk_pvh_hide_text wrpkru)" '\220\220\220'
}
xom_open()
{
	patch "$image" "$(symbol main)" '\017\001\357'
}
# mov 0(%rip), %eax
xom_read()
{
	patch "$image" "$(symbol main)" '\213\005\000\000\000\000'
}
# lea 0x1001(%rip), %rax: the middle of a function further on
xom_address()
{
	patch "$image" "$(symbol main)" '\110\215\005\001\020\000\000'
}
# Bytes that are no instruction in 64-bit mode.
xom_data()
{
	patch "$image" "$(symbol main)" '\006\007'
}
edited xom/number xom $hidden xom_number
edited xom/segment xom $hidden xom_segment
edited xom/keys xom $hidden xom_keys
edited xom/open xom $hidden xom_open
edited xom/read xom $hidden xom_read
edited xom/address xom $hidden xom_address
edited xom/data xom $hidden xom_data
inspected=$app
app=$scratch/fortified
mkdir -p "$app"
cat >"$app/main.c" <<'END'
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	char text[16];

	memcpy(text, argv[0], (size_t)argc);
	text[argc] = 0;
	return printf("%s", text) < 0;
}
END
printf 'name: fortified\nsources: [main.c]\n' >"$app/ukbuild.yaml"
edited fortify/check fortify none,fortify=on fortify_check
edited fortify/format fortify none,fortify=on fortify_format
app=$inspected
edited sls/return sls none,sls=on sls_return
edited relro/number relro none,nullpage=on,wx=on,relro=on relro_number
edited relro/switch relro none,nullpage=on,wx=on,relro=on wx_switch
edited nullpage/number nullpage none,nullpage=on nullpage_number
edited autoinit/store autoinit none,autoinit=capped autoinit_store
edited autoinit/zero/store autoinit none,autoinit=zero autoinit_store
edited zeroregs/clear zeroregs none,zeroregs=on zeroregs_clear
edited bounds/branch bounds none,bounds=on bounds_branch
edited ubsan/branch ubsan none,ubsan=on ubsan_branch
edited ubsan/source ubsan none,ubsan=on ubsan_source
edited structlayout/code structlayout none,structlayout=on structlayout_code
other_seed structlayout/source-with-another-seed
orders structlayout/differs-each-seed none,structlayout=on .ukshuffled
edited aslr/number aslr none,aslr=boot aslr_number
edited aslr/relocation aslr none,aslr=boot aslr_relocation
edited aslr/call aslr none,aslr=boot aslr_call
edited heap/branch heap none,heap=on heap_branch
edited heap/clear heap none,heap=on heap_clear
edited heap/untouched heap none,heap=on heap_untouched
edited shadowstack/branch shadowstack none,shadowstack=on shadowstack_branch
edited shadowstack/copy shadowstack none,shadowstack=on shadowstack_copy
edited shadowstack/slot shadowstack none,shadowstack=on shadowstack_slot
edited shadowstack/number shadowstack none,shadowstack=on shadowstack_number
edited shadowstack/distance shadowstack none,shadowstack=on shadowstack_distance
for part in taken given setjmp moved number set; do
	edited safestack/$part safestack none,safestack=on safestack_$part
done
edited safestack/canary canary none,canary=strong,safestack=on safestack_canary
edited reset/call reset none,reset=on reset_call
edited reset/side reset none,reset=on reset_side
edited reset/fill reset none,reset=on reset_fill
edited reset/halt reset none,reset=on reset_halt
edited rng/tested rng none,canary=strong,rng=on rng_tested
edited rng/made rng none,canary=strong,rng=on rng_made
edited rng/branch rng none,canary=strong,rng=on rng_branch
edited rng/replaced rng none,canary=strong,rng=on rng_replaced
edited rng/half rng none,canary=strong,rng=on rng_half
seed_hex=$(printf '%064d' 1)
edited stackshuffle/address stackshuffle none,stackshuffle=on stackshuffle_address
edited stackshuffle/read stackshuffle none,stackshuffle=on stackshuffle_read
edited stackshuffle/frame stackshuffle none,stackshuffle=on stackshuffle_frame
# What other mechanisms do to a frame before it holds anything: guard's probes fall into gaps, and one store clears
# two arrays that have no gap between them.
app=$scratch/frames
mkdir -p "$app"
cat >"$app/main.c" <<'END'
#define FUNCTION static __attribute__((noinline)) int
#define PAIR(n)                       \
	FUNCTION pair##n(void)            \
	{                                 \
		char a[1], b[1];              \
		fill(a);                      \
		fill(b);                      \
		return a[0] + b[0];           \
	}
#define ROWS(n)                                      \
	FUNCTION rows##n(void)                           \
	{                                                \
		char a[700], b[800], c[900], d[900], e[900]; \
		fill(a);                                     \
		fill(b);                                     \
		fill(c);                                     \
		fill(d);                                     \
		fill(e);                                     \
		return a[0] + b[0] + c[0] + d[0] + e[0];     \
	}
#define CALL(n) +pair##n() + rows##n()
#define ALL(F) F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9)

static __attribute__((noinline)) void fill(volatile char *p)
{
	*p = 'x';
}
ALL(PAIR)
ALL(ROWS)

int main(void)
{
	return (0 ALL(CALL)) == 0;
}
END
printf 'name: frames\nsources: [main.c]\n' >"$app/ukbuild.yaml"
for with in guard=on autoinit=capped; do
	selected "stackshuffle/with-${with%=*}" || continue
	if build "none,$with,stackshuffle=on" >"$scratch/path"; then
		echo "ok stackshuffle/with-${with%=*}"
	else
		echo "not ok stackshuffle/with-${with%=*}"
		cat "$scratch/errors"
	fi
done
app=$inspected
for what in branch pad store jump use; do
	edited chaff/$what chaff none,chaff=many chaff_$what
done
edited chaff/mask chaff max,chaff=many chaff_mask
seed_hex=
orders chaff/differs-each-seed none,chaff=many .chaff
edited setjmp/call setjmp none,setjmp=on setjmp_call
edited setjmp/branch setjmp none,setjmp=on setjmp_branch
edited setjmp/seal setjmp none,setjmp=on setjmp_seal
edited setjmp/key setjmp none,setjmp=on setjmp_key

# An application that drives a device.
main_app=$app
app=$scratch/device
mkdir -p "$app"
cp "$root/hardening/dma/attack/virtio_dma_text.c" "$app/main.c"
cp "$root/attacks/attack.h" "$app"
printf 'name: device\nsources: [main.c]\n' >"$app/ukbuild.yaml"
edited dma/bound dma none,dma=on dma_bound
app=$main_app

# In place of the first three bytes of main: mov %rax, %cr0, first in whole, then in the middle of mov $imm, %eax.
privscan_whole()
{
	patch "$image" "$(symbol main)" '\017\042\300'
}
privscan_hidden()
{
	patch "$image" "$(symbol main)" '\270\017\042\300\000'
}
edited privscan/whole privscan none,nullpage=on,wx=on,privscan=on privscan_whole
edited privscan/hidden privscan none,nullpage=on,wx=on,privscan=on privscan_hidden

cet_switch()
{
	patch "$image" "$(find_insn uk_boot_leave setssbsy)" '\220\220\220\220'
}
cet_cr4()
{
	patch "$image" "$(find_insn uk_pvh_prepare_cet '%cr4$')" '\220\220\220'
}
cet_unwind()
{
	patch "$image" "$(find_insn _longjmp incssp)" '\220\220\220\220\220'
}
# The place of a function that stands in a table.
cet_target()
{
	patch "$image" "$(symbol one)" '\220\220\220\220'
}
# Behind the call of setjmp, where a jump leads back to.
cet_return()
{
	patch "$image" "$(find_insn main endbr64 1)" '\220\220\220\220'
}
cet_fault()
{
	patch "$image" "$(find_insn uk_pvh_stubs endbr64 21)" '\220\220\220\220'
}
# mov $endbr64, %eax in place of the beginning of main, behind its own.
cet_hidden()
{
	patch "$image" "$(($(symbol main) + 4))" '\270\363\017\036\372'
}
# mov $fill, %eax there: the address of a function that nothing but calls may reach; or, in an image that moves, a number.
cet_number()
{
	fill=$(symbol fill)
	patch "$image" "$(($(symbol main) + 4))" "$(printf '\\270\\%o\\%o\\%o\\%o' $((fill & 255)) $((fill >> 8 & 255)) \
		$((fill >> 16 & 255)) $((fill >> 24)))"
}
edited cet/switch cet none,setjmp=on,cet=shadow cet_switch
edited cet/unwind cet none,setjmp=on,cet=shadow cet_unwind
edited cet/cr4 cet none,setjmp=on,cet=ibt cet_cr4
for what in target return fault hidden number; do
	edited cet/$what cet none,setjmp=on,cet=ibt cet_$what
done
edited cet/beside-kcfi cet default,cet=full cet_target
innocent cet/number-moves cet default,cet=full cet_number

# shellcheck source=tests/inspect/relink.sh
. "$root/tests/inspect/relink.sh"

if selected whole/bytes; then
	image=$(build default)
	"$UKBUILD" inspect --json "$image" >"$scratch/inspect.json" 2>"$scratch/errors" || true
	if [ "$(jq '[.units[].file] | add' "$scratch/inspect.json")" = "$(wc -c <"$image")" ]; then
		echo "ok whole/bytes"
	else
		echo "not ok whole/bytes"
		echo "units do not add up to the file"
	fi
fi
if selected whole/no-sidecar; then
	image=$scratch/alone.elf
	cp "$(build default)" "$image"
	rm -f "$image.ukmap"
	said=$(judge "$image" wx)
	if [ "$said" = unknown ] && [ "$(cat "$scratch/status")" = 4 ]; then
		echo "ok whole/no-sidecar"
	else
		echo "not ok whole/no-sidecar"
		echo "it says $said, status $(cat "$scratch/status")"
	fi
fi
if selected whole/other-sidecar; then
	image=$scratch/alone.elf
	cp "$(build default)" "$image"
	cp "$(build none).ukmap" "$image.ukmap"
	said=$(judge "$image" wx)
	if [ "$said" = unknown ] && [ "$(cat "$scratch/status")" = 4 ]; then
		echo "ok whole/other-sidecar"
	else
		echo "not ok whole/other-sidecar"
		echo "it says $said, status $(cat "$scratch/status")"
	fi
fi
