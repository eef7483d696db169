#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What a build does and does not do: incremental builds, switching variants, reproducibility, minimality,
# damaged and unwritable output folders. Prints ok / not ok / skip lines.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
unset UKBUILD_OBJECTS # builds are what is tested
home=$root
ukbuild=$UKBUILD
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# check NAME COMMAND...: ok when the command succeeds; its output is shown when not.
check() {
	name=$1
	shift
	selected "$name" || return 0
	if "$@" >"$tmp/log" 2>&1; then
		echo "ok $name"
	else
		echo "not ok $name"
		sed 's/^/    /' "$tmp/log" | tail -n 15
	fi
}

# field KEY < json of `build --json`
field() { jq -r ".images[0].$1"; }

# build ARGS...: one JSON answer in $tmp/json
build() { "$ukbuild" build -q --json "$@" >"$tmp/json"; }

# ran COMPILED LINKED: what the last build ran
ran() {
	c=$(field compiled <"$tmp/json") l=$(field linked <"$tmp/json")
	echo "compiled $c, linked $l; expected $1, $2"
	[ "$c" = "$1" ] && [ "$l" = "$2" ]
}

seed=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
other=ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f

"$ukbuild" init -q hello "$tmp/app" >/dev/null
cd "$tmp/app"

first_build() {
	build && [ "$(field compiled <"$tmp/json")" -gt 10 ] && [ "$(field linked <"$tmp/json")" = 1 ] &&
		[ "$(field sha256 <"$tmp/json")" = "$(sha256sum "$(field path <"$tmp/json")" | cut -d' ' -f1)" ] &&
		[ "$(field bytes <"$tmp/json")" = "$(stat -c %s "$(field path <"$tmp/json")")" ]
}
check first-build first_build

nothing_changed() { build && build && ran 0 0; }
check nothing-changed nothing_changed

one_file_touched() { build && sleep 0.01 && touch main.c && build && ran 1 1; }
check one-file-touched one_file_touched

# A link-only option: the order of sections.
switch_link() { build && build --seed "$other" && ran 0 1; }
check link-option-switched switch_link
switch_back() { build && build --seed "$other" && build && ran 0 0; }
check link-option-back switch_back

# Another variant and back: every object is still there.
switch_variant() { build && build --harden none && build && ran 0 0 && build --harden none && ran 0 0; }
check variant-and-back switch_variant

# Several platforms: what differs between their objects is what the options differ in, and an object that
# both have is compiled once.
platforms_share() {
	build --harden none --platform kvm,xen-pvh -o "$tmp/o2" || return 1
	for p in kvm xen-pvh; do
		"$ukbuild" plan -q --json --harden none --platform "$p" -o "$tmp/o2" |
			jq -c '.edges[] | select(.verb == "CC" or .verb == "AS") |
				[.label, .outputs[0], (.argv | map(.word) | map(select(
					startswith("-DCONFIG_") or . == "-MMD" or . == "-MD" or
					test("/obj/") | not)))]' | sort >"$tmp/$p.json"
	done
	jq -r '.[1]' "$tmp/kvm.json" | sort -u >"$tmp/kvm.objects"
	jq -r '.[1]' "$tmp/xen-pvh.json" | sort -u >"$tmp/xen.objects"
	new=$(comm -13 "$tmp/kvm.objects" "$tmp/xen.objects" | wc -l)
	shared=$(comm -12 "$tmp/kvm.objects" "$tmp/xen.objects" | wc -l)
	compiled=$(jq '.images[1].compiled' "$tmp/json")
	echo "$new objects of the second alone, $shared of both, $compiled compiled"
	# One file may be compiled for an option of the first round that the second changes.
	[ "$shared" -ge 20 ] && [ "$compiled" -ge "$new" ] && [ "$compiled" -le $((new + 4)) ] || return 1
	# A file of both whose object differs has the same command but for its options.
	jq -c '[.[0], .[2]]' "$tmp/kvm.json" | sort >"$tmp/kvm.commands"
	jq -c '[.[0], .[2]]' "$tmp/xen-pvh.json" | sort >"$tmp/xen.commands"
	comm -3 "$tmp/kvm.commands" "$tmp/xen.commands" >"$tmp/differ"
	! grep -v -e '^.\?\["platforms/' -e '^.\?\["gen/' "$tmp/differ"
}
check platforms-share-objects platforms_share

sha_of() { field sha256 <"$tmp/json"; }

# Same input, same bytes: other folder, path length, user, HOME, TZ, locale, umask, -j, order of files.
reproducible() {
	build --seed "$seed" --harden "$1" -j1 -o "$tmp/o1" && one=$(sha_of)
	mkdir -p "$tmp/another-much-longer-folder-name/x"
	cp -r "$tmp/app" "$tmp/another-much-longer-folder-name/x/app"
	rm -rf "$tmp/another-much-longer-folder-name/x/app/out"
	other_user=
	if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
		other_user="setpriv --reuid=65534 --regid=65534 --clear-groups"
		# A checkout that only root can enter has to do with root alone.
		$other_user test -x "$ukbuild" -a -r "$home/out/src" -a -r "$home/Makefile" || other_user=
		chmod 711 "$tmp"
		[ -z "$other_user" ] || chown -R 65534:65534 "$tmp/another-much-longer-folder-name"
	fi
	(
		cd "$tmp/another-much-longer-folder-name/x/app"
		umask 077
		# shellcheck disable=SC2086 # a command and its options, or nothing
		HOME=/nonexistent TZ=Asia/Tokyo LC_ALL=C.UTF-8 UKBUILD_CACHE=$home/out/src $other_user \
			"$ukbuild" build -q --json --seed "$seed" --harden "$1" -j2
	) >"$tmp/json" && two=$(sha_of)
	echo "$one $two"
	[ "$one" = "$two" ] && cmp "$tmp/o1"/hello/*/hello.elf.ukmap \
		"$tmp/another-much-longer-folder-name/x/app/out"/hello/*/hello.elf.ukmap
	r=$?
	rm -rf "$tmp/o1" "$tmp/another-much-longer-folder-name"
	return $r
}
check reproducible-none reproducible none
check reproducible-default reproducible default
check reproducible-max reproducible max

different_seed() {
	build --seed "$seed" && one=$(sha_of) && build --seed "$other" && [ "$one" != "$(sha_of)" ]
}
check another-seed-another-image different_seed

# Minimality: without any one of its libraries the image does not come to be.
minimal() {
	"$ukbuild" resolve --json --harden "$1" >"$tmp/sel.json" || return 1
	units=$(jq -r '.images[0].units[] | select(.kind == "library") | .name' <"$tmp/sel.json")
	echo "libraries: $units"
	[ "$(echo "$units" | wc -w)" -ge 4 ] || return 1
	for unit in $units; do
		rm -rf "$tmp/tree"
		mkdir "$tmp/tree"
		for f in "$home"/*; do ln -s "$f" "$tmp/tree/"; done
		rm "$tmp/tree/libs"
		cp -r "$home/libs" "$tmp/tree/libs"
		rm -rf "$tmp/tree/libs/${unit:?}"
		if UKBUILD_HOME=$tmp/tree "$ukbuild" build -q --harden "$1" -o "$tmp/min" 2>"$tmp/err"; then
			# Dropped for another provider is fine only if the image then differs in its units.
			echo "image built without $unit"
			return 1
		fi
	done
}
check minimal-none minimal none
check minimal-default minimal default

# Without any one start-up entry of a mechanism or library the build, or the program's test, says so.
without_init() {
	for fragment in "$home"/libs/*/lib.mk "$home"/platforms/*/plat.mk "$home"/hardening/*/harden.mk; do
		grep -n '^INIT' "$fragment" | cut -d: -f1 | while read -r line; do
			echo "${fragment#"$home"/}:$line"
		done
	done >"$tmp/inits"
	[ "$(wc -l <"$tmp/inits")" -ge 5 ] || return 1
	while IFS=: read -r fragment line; do
		rm -rf "$tmp/tree"
		mkdir "$tmp/tree"
		(cd "$home" && tar -cf - libs platforms hardening kconfig templates Makefile) | tar -xf - -C "$tmp/tree"
		entry=$(sed -n "${line}p" "$tmp/tree/$fragment")
		sed -i "${line}d" "$tmp/tree/$fragment"
		level=$(echo "$entry" | sed -n 's/^INIT\.\([a-z]*\) .*/\1/p')
		mechanism=$(echo "$fragment" | sed -n 's|^hardening/\([a-z]*\)/.*|\1|p')
		spec=default${mechanism:+,$mechanism=${level:-on}}
		platform=kvm
		[ "${fragment#platforms/xen/}" = "$fragment" ] || platform=xen-pvh
		case $fragment in
		libs/virtio*) program=device ;;
		*) program=clock ;;
		esac
		cp "$home/tests/build/$program.c" "$tmp/clock/main.c"
		rc=0
		UKBUILD_HOME=$tmp/tree UKBUILD_CACHE=$home/out/src "$ukbuild" build -q -f "$tmp/clock/ukbuild.yaml" \
			-o "$tmp/init-out" --platform $platform --harden "$spec" >"$tmp/log2" 2>&1 &&
			UKBUILD_HOME=$tmp/tree UKBUILD_CACHE=$home/out/src "$ukbuild" run -q --test \
				-f "$tmp/clock/ukbuild.yaml" -o "$tmp/init-out" --platform $platform \
				--timeout 30s --harden "$spec" >"$tmp/log2" 2>&1 || rc=$?
		echo "$fragment: $entry: $rc"
		# Prepares the clock of hardware KVM; elsewhere the clock calibrates itself when first asked.
		[ "${entry##*:}" != uk_kvm_clock_init ] || continue
		[ "$rc" != 0 ] || return 1
	done <"$tmp/inits"
}
# Two applications with one output folder and files of the same name: each has its own object.
shared_output() {
	for n in one two; do
		mkdir -p "$tmp/shared/$n"
		printf 'name: %s\nsources: [main.c]\n' $n >"$tmp/shared/$n/ukbuild.yaml"
		printf '#include <stdio.h>\nint main(void) { puts("this is %s"); return 0; }\n' $n \
			>"$tmp/shared/$n/main.c"
		touch -d @1700000000 "$tmp/shared/$n/main.c" # no help from what is newer
	done
	for n in one two one; do
		"$ukbuild" build -q -f "$tmp/shared/$n/ukbuild.yaml" -o "$tmp/shared/out" --harden none >"$tmp/log2" &&
			"$ukbuild" run -q -f "$tmp/shared/$n/ukbuild.yaml" -o "$tmp/shared/out" --harden none \
				>"$tmp/log2" && grep -q "this is $n" "$tmp/log2" || return 1
	done
}
check shared-output shared_output

# UKBUILD_OBJECTS: what is not an application's is compiled once for several output folders, also by two builds at
# once, and the image is what it is alone.
objects_shared() {
	for n in one two; do
		mkdir -p "$tmp/objects/$n"
		printf 'name: %s\nsources: [main.c]\n' $n >"$tmp/objects/$n/ukbuild.yaml"
		printf '#include <stdio.h>\nint main(void) { puts("this is %s"); return 0; }\n' $n >"$tmp/objects/$n/main.c"
		build --seed "$seed" -f "$tmp/objects/$n/ukbuild.yaml" -o "$tmp/objects/alone" || return 1
		sha_of >"$tmp/objects/$n.alone"
	done
	for n in one two; do
		UKBUILD_OBJECTS=$tmp/objects/shared "$ukbuild" build -q --json --seed "$seed" \
			-f "$tmp/objects/$n/ukbuild.yaml" >"$tmp/objects/$n.json" &
	done
	wait
	for n in one two; do
		cp "$tmp/objects/$n.json" "$tmp/json"
		sha_of | cmp - "$tmp/objects/$n.alone" || return 1
	done
	both=$(jq -s 'map(.images[0].compiled) | add' "$tmp/objects/one.json" "$tmp/objects/two.json")
	rm -r "$tmp/objects/one/out"
	UKBUILD_OBJECTS=$tmp/objects/shared build --seed "$seed" -f "$tmp/objects/one/ukbuild.yaml"
	own=$(field compiled <"$tmp/json")
	there=$(find "$tmp/objects/shared" -name '*.o' | wc -l)
	echo "$there objects shared, $own of an application, $both compiled by two builds"
	[ "$there" -gt 20 ] && [ "$own" -le 4 ] && [ "$both" -eq $((there + 2 * own)) ] &&
		sha_of | cmp - "$tmp/objects/one.alone"
}
check objects-shared objects_shared

mkdir -p "$tmp/clock"
printf 'name: clock\nsources: [main.c]\ntest: {expect: ticks}\n' >"$tmp/clock/ukbuild.yaml"
check minimal-init without_init

# A library that is needed cannot be switched off, and the message says what needs it.
without_option() {
	"$ukbuild" resolve --json --harden default >"$tmp/sel.json" || return 1
	options=$(jq -r '.images[0].config | to_entries[] | select(.value == "y") | .key |
		select(startswith("LIB_"))' <"$tmp/sel.json")
	echo "options: $options"
	[ "$(echo "$options" | wc -w)" -ge 4 ] || return 1
	for option in $options; do
		# Headers alone, no code: without its folder nothing compiles (minimal-none).
		[ "$option" != LIB_PLAT ] || continue
		cp ukbuild.yaml "$tmp/option.yaml"
		printf 'kconfig: {%s: n}\n' "$option" >>"$tmp/option.yaml"
		cp "$tmp/option.yaml" option.yaml
		if "$ukbuild" build -q -f option.yaml -o "$tmp/min" 2>"$tmp/err"; then
			echo "built with $option=n"
			return 1
		fi
		grep -q 'error:' "$tmp/err" || return 1
	done
	rm option.yaml
}
check minimal-options without_option

# An optional library that only dead code refers to is absent.
dead_code() {
	mkdir -p "$tmp/dead" && cd "$tmp/dead"
	printf 'name: dead\nsources: [main.c]\n' >ukbuild.yaml
	cat >main.c <<'C'
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
int never(void);
int never(void) { return printf("%p", malloc(1)); }
int main(void) { return 0; }
C
	"$ukbuild" resolve --json --harden none >"$tmp/dead.json" || return 1
	jq -r '.images[0].units[].name' <"$tmp/dead.json" >"$tmp/dead.units"
	# The control: the same program, alive, does pull it in.
	sed 's/return 0;/return never();/' main.c >live.c
	printf 'name: live\nsources: [live.c]\n' >live.yaml
	"$ukbuild" resolve --json -f live.yaml --harden none >"$tmp/live.json" || return 1
	jq -r '.images[0].units[].name' <"$tmp/live.json" >"$tmp/live.units"
	cat "$tmp/dead.units"
	grep -qx kvm "$tmp/dead.units" && ! grep -qx heap "$tmp/dead.units" && grep -qx heap "$tmp/live.units"
}
check dead-code-pulls-nothing dead_code

damaged_output() {
	image=$(build && field path <"$tmp/json")
	printf x >"$image"
	build && [ "$(field sha256 <"$tmp/json")" = "$(sha256sum "$image" | cut -d' ' -f1)" ] &&
		[ "$(stat -c %s "$image")" -gt 1000 ]
}
check damaged-image-is-rebuilt damaged_output

# What is kept of earlier runs and cannot be read is made again.
damaged_cache() {
	build || return 1
	for kept in out/cache/*/*; do echo '{"x"' >"$kept"; done
	touch main.c && build && "$ukbuild" -q measure --variants none --workloads boot >/dev/null || return 1
	for kept in out/measure/results/*; do echo '{"x"' >"$kept"; done
	"$ukbuild" -q measure --variants none --workloads boot | grep -q '^none  *[0-9]'
}
check damaged-cache-is-made-again damaged_cache

# Without rng nothing tests what random numbers come from, and the build says so, each time.
untested_random() {
	for run in first unchanged; do
		"$ukbuild" build --harden none,canary=strong >"$tmp/out" 2>"$tmp/err" || return 1
		echo "$run"
		cat "$tmp/err"
		grep -q '^note: it draws random numbers, and nothing tests' "$tmp/err" || return 1
	done
	"$ukbuild" inspect --harden none,canary=strong >"$tmp/out" || return 1
	grep -A1 '^rng  *asked off ' "$tmp/out" | grep -q 'random numbers are drawn, and nothing tests' || return 1
	"$ukbuild" build --harden none,canary=strong,rng=on 2>"$tmp/err" && ! grep -q '^note:' "$tmp/err" &&
		"$ukbuild" build --harden none 2>"$tmp/err" && ! grep -q '^note:' "$tmp/err"
}
check random-without-tests untested_random

no_output_folder() {
	: >"$tmp/file"
	rc=0
	"$ukbuild" build -q -o "$tmp/file" 2>"$tmp/err" || rc=$?
	cat "$tmp/err"
	[ "$rc" != 0 ] && [ "$rc" != 70 ] && [ "$(wc -l <"$tmp/err")" -le 4 ]
}
check output-folder-is-a-file no_output_folder

compile_error() {
	cp main.c keep.c && echo 'int broken(' >>main.c
	rc=0
	"$ukbuild" build -q 2>"$tmp/err" || rc=$?
	mv keep.c main.c
	cat "$tmp/err"
	[ "$rc" = 3 ] && grep -q 'main.c' "$tmp/err" && build
}
check compile-error-is-exit-3 compile_error

# A sidecar belongs to one image: beside another it is not believed, and nothing is claimed.
other_sidecar() {
	build --harden none && none=$(field path <"$tmp/json")
	build && hard=$(field path <"$tmp/json")
	one=$("$ukbuild" inspect --json "$none" | jq -r .build_id)
	two=$("$ukbuild" inspect --json "$hard" | jq -r .build_id)
	echo "build-ids $one $two"
	[ "$one" != "$two" ] || return 1
	mkdir -p "$tmp/mixed"
	cp "$hard" "$tmp/mixed/x.elf" && cp "$none.ukmap" "$tmp/mixed/x.elf.ukmap"
	rc=0
	"$ukbuild" inspect --json "$tmp/mixed/x.elf" >"$tmp/mixed.json" 2>"$tmp/err" || rc=$?
	cat "$tmp/err"
	! jq -e '.mechanisms[] | select(.state == "on")' <"$tmp/mixed.json"
}
check sidecar-of-another-image other_sidecar

# A flag that undoes a mechanism: the build says so, and the image of before stays.
undone_flag() {
	mkdir -p "$tmp/undone" && cd "$tmp/undone"
	printf 'name: undone\nsources: [main.c]\n' >ukbuild.yaml
	cat >main.c <<'C'
#include <stdio.h>
#include <string.h>
int main(int argc, char **argv)
{
	char line[64];
	strcpy(line, argc > 1 ? argv[1] : "x");
	puts(line);
	return 0;
}
C
	build && before=$(field sha256 <"$tmp/json") && image=$(field path <"$tmp/json")
	printf 'cflags: -fno-stack-protector\n' >>ukbuild.yaml
	rc=0
	"$ukbuild" build -q 2>"$tmp/err" || rc=$?
	cat "$tmp/err"
	[ "$rc" = 4 ] && grep -q "canary" "$tmp/err" && grep -q "main" "$tmp/err" &&
		[ "$before" = "$(sha256sum "$image" | cut -d' ' -f1)" ]
}
check undone-flag-is-exit-4 undone_flag

# --launcher distcc, with a daemon of our own: it compiles all but what is assembled, and the objects are the same.
launcher_distcc() {
	rm -rf "$tmp/farm" && mkdir -p "$tmp/farm/state" && cd "$tmp/farm"
	printf 'name: farm\nsources: [main.c]\n' >ukbuild.yaml
	printf '#include <stdio.h>\nint main(void)\n{\n\tputs("compiled elsewhere");\n\treturn 0;\n}\n' >main.c
	chmod 755 "$tmp" "$tmp/farm"
	as_user=
	[ "$(id -u)" -ne 0 ] || as_user='--user nobody'
	# A port that somebody has ends the daemon: the next one then.
	port=$((20000 + $$ % 10000))
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		port=$((port + 1))
		: >daemon.log
		# shellcheck disable=SC2086 # two words
		distccd --no-detach --daemon --listen 127.0.0.1 --port "$port" --allow 127.0.0.1 --log-stderr --log-level info \
			--jobs 2 $as_user >daemon.log 2>&1 &
		daemon=$!
		await "$daemon" grep -q 'listening on' daemon.log && break
		wait "$daemon" || cat daemon.log
	done
	export DISTCC_DIR="$tmp/farm/state" DISTCC_HOSTS="127.0.0.1:$port" DISTCC_FALLBACK=0
	rc=0
	{ build --seed "$seed" -o here && here=$(field sha256 <"$tmp/json") && compiled=$(field compiled <"$tmp/json") &&
		build --seed "$seed" -o there --launcher distcc && there=$(field sha256 <"$tmp/json"); } || rc=1
	kill "$daemon" || rc=1
	sent=$(grep -c COMPILE_OK daemon.log || :)
	echo "rc $rc, $compiled compiled, $sent of them there; $here and $there"
	for object in $(cd here/obj && find . -name '*.o'); do
		cmp "here/obj/$object" "there/obj/$object" || rc=1
	done
	[ "$rc" = 0 ] && [ "$here" = "$there" ] && [ "$sent" -gt 20 ] && [ $((sent * 10)) -ge $((compiled * 9)) ] &&
		build --seed "$seed" -o there && ran 0 0
}
if ! selected launcher-distcc; then
	:
elif command -v distccd >/dev/null; then
	check launcher-distcc launcher_distcc
else
	echo 'skip launcher-distcc: distcc is not installed'
fi

# A launcher that is not there is missed before anything is compiled.
launcher_missing() {
	mkdir -p "$tmp/bin"
	ln -sf "$(command -v env)" "$tmp/bin/env"
	rc=0
	PATH=$tmp/bin "$ukbuild" build --launcher icecc 2>"$tmp/err" || rc=$?
	cat "$tmp/err"
	[ "$rc" = 3 ] && grep -q "the launcher 'icecc' is not installed" "$tmp/err"
}
check launcher-missing launcher_missing

# A mechanism that is a pass of the compiler: three commands for each object, in the plan with their origin.
cd "$tmp/app"
pass=none,shadowstack=on
passes_planned() {
	"$ukbuild" plan -q --json --harden "$pass" >"$tmp/plan.json" || return 1
	jq -e '[.edges[] | select(.verb == "CC") |
		(.then[0][0].word | test("/passrun-[0-9]+$")) and (.then[0][1].word == "shadowstack") and
		(.then[0][1].origin == "hardening shadowstack=on") and (.then | length == 2) and
		(.then[1] | map(.word) | contains(["-disable-llvm-passes", "ir"]))] | length > 5 and all' \
		"$tmp/plan.json" || return 1
	jq -e '[.edges[] | select(.verb == "AS") | has("then") | not] | length > 0 and all' "$tmp/plan.json" &&
		"$ukbuild" plan -q --harden "$pass" | grep -A5 '^# hardening shadowstack=on: ' | grep -q '/passrun-' &&
		"$ukbuild" plan -q --json --harden none | jq -e '[.edges[] | has("then") | not] | all'
}
check passes-planned passes_planned

# With link-time optimisation the linker takes what the pass wrote.
passes_lto() {
	"$ukbuild" plan -q --json --harden "$pass,cfi=icall" |
		jq -e '[.edges[] | select(.verb == "CC") | (.then | length == 1) and
			(.then[0][-1].word == .outputs[0])] | length > 5 and all'
}
check passes-before-the-linker passes_lto

# Optimised once for all seeds; what boots is what the linker makes of bitcode and the same script directly, but for
# its own build-id (20 bytes), which the image does not keep.
word() { jq -r ".edges[] | select(.verb == \"$1\").argv[$2].word" "$tmp/plan.json"; }
lto_apart() {
	"$ukbuild" init -q bare "$tmp/bare" && cd "$tmp/bare" || return 1
	set -- --harden none,cfi=icall,aslr=full,nullpage=on,wx=on,privscan=on,relro=on
	build "$@" --seed "$other" && build "$@" --seed "$seed" && ran 0 1 || return 1
	[ "$(find out -name 'lto.o*' | wc -l)" = 1 ] || return 1
	"$ukbuild" plan -q --json "$@" --seed "$seed" >"$tmp/plan.json" || return 1
	jq -r '.edges[] | select(.verb == "LTO").argv | map(.word) | .[index("--") + 1:][]' "$tmp/plan.json" >"$tmp/linker"
	linked=$(word LD 8)
	# shellcheck disable=SC2046 # flags without blanks
	$(cat "$tmp/linker") "@$(word LTO 3)" -T "$(word LD 6)" -o "$tmp/direct" || return 1
	for f in "$tmp/direct" "$linked"; do llvm-objcopy-19 --strip-all "$f" "$tmp/$(basename "$f").stripped" || return 1; done
	cmp -l "$tmp/direct.stripped" "$tmp/linked.elf.stripped" >"$tmp/differ" || :
	[ "$(stat -c %s "$tmp/direct.stripped")" = "$(stat -c %s "$tmp/linked.elf.stripped")" ] &&
		[ "$(wc -l <"$tmp/differ")" -le 20 ]
}
check lto-apart lto_apart

# A linker that fails when it has written the object leaves none behind.
lto_fails() {
	cat >"$tmp/ld" <<-'END'
		#!/bin/sh
		ld.lld-19 "$@" || exit
		case $* in
		*--lto-obj-path=*)
			echo 'it fails in the end' >&2
			exit 1
			;;
		esac
	END
	chmod +x "$tmp/ld"
	[ -d "$tmp/bare" ] || "$ukbuild" init -q bare "$tmp/bare" || return 1
	cd "$tmp/bare" || return 1
	rc=0
	UKBUILD_LD=$tmp/ld build --harden none,cfi=icall -o "$tmp/failed" 2>"$tmp/err" || rc=$?
	cat "$tmp/err"
	[ "$rc" = 3 ] && grep -q 'it fails in the end' "$tmp/err" && [ -z "$(find "$tmp/failed" -name 'lto.o*')" ]
}
check lto-fails lto_fails
cd "$tmp/app"

passes_cached() {
	build --harden "$pass" && build --harden "$pass" && ran 0 0 && build --harden none && build --harden "$pass" &&
		ran 0 0 || return 1
	printf 'int answer(void);\n' >answer.h && cp main.c keep.c && sed -i '1i #include "answer.h"' main.c
	build --harden "$pass" && sleep 0.01 && touch answer.h && build --harden "$pass"
	rc=$?
	mv keep.c main.c
	[ "$rc" = 0 ] && ran 1 1
}
check passes-cached passes_cached
check reproducible-passes reproducible "$pass,chaff=many"
# A level is part of the command: objects of one are not taken for those of another.
passes_level() {
	for level in few many; do
		"$ukbuild" plan -q --json --seed "$seed" --harden none,chaff=$level |
			jq -c '.edges[] | select(.verb == "CC") | [.then[0][1].word, .outputs[0]]' >"$tmp/$level"
		[ "$(grep -c "^..chaff=$level\"," "$tmp/$level")" -gt 5 ] || return 1
	done
	[ -z "$(jq -r '.[1]' "$tmp/few" "$tmp/many" | sort | uniq -d)" ]
}
check passes-level passes_level

# What tools read of the build: a command that can be run again, frames for every function.
passes_tools() {
	build --harden "$pass" || return 1
	image=$(field path <"$tmp/json")
	jq -r '.[] | select(.file | endswith("/main.c")) | select(.file | contains("gen") | not) |
		.arguments + ["-o", "/dev/null", "-MF", "/dev/null"] | @sh' \
		"$(dirname "$image")/compile_commands.json" | sh || return 1
	frames=$(readelf --debug-dump=frames "$image.ukmap" | grep -c 'FDE')
	functions=$(nm "$image.ukmap" | grep -ci ' t ')
	echo "$frames frames, $functions functions"
	[ "$frames" -gt 20 ]
}
check passes-tools passes_tools

# Without passrun: an error that names mechanism and program, and every other build works.
passes_missing() {
	mkdir -p "$tmp/bare"
	cp "$ukbuild" "$(dirname "$ukbuild")/ukbuild-scan" "$tmp/bare/"
	rc=0
	UKBUILD_HOME=$home "$tmp/bare/ukbuild" build -q --harden "$pass" -o "$tmp/o3" 2>"$tmp/err" || rc=$?
	cat "$tmp/err"
	[ "$rc" = 3 ] && grep -q "'shadowstack'" "$tmp/err" && grep -q "passrun-" "$tmp/err" &&
		grep -q 'llvm-[0-9]*-dev' "$tmp/err" &&
		UKBUILD_HOME=$home "$tmp/bare/ukbuild" build -q --harden none -o "$tmp/o3"
}
check passes-missing passes_missing

# refused STATUS TEXT ARGUMENT...: passrun ends with the status and one line that has the text.
refused() {
	status=$1 text=$2 rc=0
	shift 2
	"$(dirname "$ukbuild")/passrun-19" "$@" >"$tmp/err" 2>&1 || rc=$?
	cat "$tmp/err"
	[ "$rc" = "$status" ] && grep -q -- "$text" "$tmp/err" && [ "$(wc -l <"$tmp/err")" = 1 ]
}
passes_refuse() {
	clang-19 -emit-llvm -c main.c -o "$tmp/main.bc" || return 1
	head -c 400 "$tmp/main.bc" >"$tmp/short.bc"
	refused 1 'no bitcode of LLVM 19' shadowstack main.c "$tmp/x.bc" &&
		refused 1 'no bitcode of LLVM 19' shadowstack "$tmp/short.bc" "$tmp/x.bc" &&
		refused 1 'absent.bc' shadowstack "$tmp/absent.bc" "$tmp/x.bc" &&
		refused 2 'no such pass' bogus "$tmp/main.bc" "$tmp/x.bc" &&
		refused 2 'usage' shadowstack "$tmp/main.bc" &&
		refused 2 'needs --seed' chaff=few "$tmp/main.bc" "$tmp/x.bc" &&
		refused 2 '64 hex digits' shadowstack --seed 12 "$tmp/main.bc" "$tmp/x.bc" || return 1
	command -v clang-22 >/dev/null || return 0
	clang-22 -Os -emit-llvm -c main.c -o "$tmp/new.bc" &&
		refused 1 'no bitcode of LLVM 19 or older' shadowstack "$tmp/new.bc" "$tmp/x.bc"
}
check passes-refuse passes_refuse
