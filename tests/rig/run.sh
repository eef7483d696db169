#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The Xen rig itself: small guests written for it (fixture.c) as the initial domain and as other domains,
# how `ukbuild run` tells their end, and how the rig is set up.
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
here=$root/tests/rig
rig=$root/platforms/xen/rig

if ! command -v qemu-system-x86_64 >/dev/null; then
	echo "skip rig: qemu-system-x86_64 is not installed"
	exit 0
fi
if [ ! -e /usr/include/xen/xen.h ]; then
	echo "skip rig: package libxen-dev is not installed"
	exit 0
fi
cache=${UKBUILD_CACHE:-$root/out/src}
UKBUILD_CACHE=$cache
export UKBUILD_CACHE
cd "$scratch"

# Setting up, with a cache of its own. Without a network: every connection goes to a port nobody serves.
prepare()
{
	status=0
	http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 \
		sh "$rig/prepare.sh" "$1" "$scratch/fresh" >log 2>&1 || status=$?
}
if selected no-network; then
	rm -rf fresh
	prepare dom0
	expect_log no-network "$status" 1 'error: cannot download xen-hypervisor-' 'no network'
fi
if selected missing-tool; then
	rm -rf fresh bin
	mkdir bin
	for tool in sh dirname cat sha256sum cut apt-get dpkg-deb gunzip xz zstd strip readelf od tar; do
		ln -s "$(command -v "$tool")" bin/
	done
	PATH=$scratch/bin prepare full
	expect_log missing-tool "$status" 1 "error: 'cpio' is not installed"
fi
if selected damaged-package; then
	rm -rf fresh
	mkdir -p fresh/xen-packages
	echo nonsense >fresh/xen-packages/xen-hypervisor-4.17-amd64_1_amd64.deb
	prepare dom0
	expect_log damaged-package "$status" 1 "xen-hypervisor-4.17-amd64_1_amd64.deb' is damaged"
fi

if ! sh "$rig/prepare.sh" dom0 "$cache" >/dev/null 2>log; then
	echo "skip rig: $(tail -n 1 log)"
	exit 0
fi

for kind in pv:1 pvh:0; do
	name=${kind%:*}
	"${UKBUILD_CC:-clang-19}" -DPV="${kind#*:}" -std=c11 -O2 -Wall -Wextra -Werror -ffreestanding -fno-pic \
		-fno-stack-protector -mno-red-zone -mno-sse -static -nostdlib -fuse-ld=lld-19 -Wl,--build-id=none \
		-Wl,-T,"$here/fixture.ld" -o "$name.elf" "$here/fixture.c" "$here/entry_$name.S"
done

# run KIND ARGS...: ukbuild run; both outputs in ./log, the status in $status.
run()
{
	kind=$1
	shift
	status=0
	"$UKBUILD" -q -o "$scratch/out" run --platform "xen-$kind" "$kind.elf" --timeout 60s "$@" >log 2>&1 || status=$?
}

# A fixture as the initial domain: the seed is 32 bytes, arguments arrive whole, an open line stays one, and
# nothing of what Xen says is among it.
for kind in pv pvh; do
	selected "$kind-dom0" || continue
	run "$kind" -- 'two words' a,b
	grep -q '(XEN)' log && status=99
	expect_log "$kind-dom0" "$status" 0 "fixture: PASS $kind dom0" 'fixture: seed 32 ' \
		' -- "two words" a,b' 'an open line'
done
if selected status; then
	run pv -- status7
	expect_log status "$status" 5 'the guest exited with status 7'
fi
# Without the trailer nothing else counts, and what Xen says of the end is told.
if selected no-trailer; then
	run pv -- mute
	expect_log no-trailer "$status" 5 'fixture: PASS' 'the guest ended without saying how'
fi
for kind in pv:'vec 6, #UD' pvh:'Triple fault'; do
	name=${kind%%:*}
	selected "$name-crash" || continue
	run "$name" -- crash
	expect_log "$name-crash" "$status" 5 'an open line' 'the guest ended without saying how' \
		"Xen says: d0v0 " "${kind#*:}" 'RIP: '
done
if selected pv-too-little-memory; then
	run pv --memory 1M
	expect_log pv-too-little-memory "$status" 5 'the guest ended without saying how' 'Xen stopped: '
fi
# The least that Xen builds a PV domain in; the seed's page is not taken off it.
if selected pv-least-memory; then
	run pv --memory 4M
	expect_log pv-least-memory "$status" 0 'fixture: PASS' 'fixture: seed 32 '
fi
if selected time-limit; then
	# Longer on a machine where Xen does not come up in that time.
	for limit in 6 60 600; do
		run pv --timeout ${limit}s -- endless
		! grep -q 'fixture: PASS' log || break
	done
	expect_log time-limit "$status" 5 'fixture: PASS' "the guest did not end within $limit s"
fi
# With icount all of Xen's boot is the same to the last instruction.
for kind in pv pvh; do
	selected "$kind-deterministic" || continue
	for n in 1 2; do
		"$UKBUILD" -q -o "$scratch/out" run --json --icount --platform "xen-$kind" "$kind.elf" \
			>"json$n" 2>log || cat log
	done
	jq -c .phases json1 json2 >log
	status=0
	[ "$(jq .phases.entry json1)" -gt 1000000 ] && [ "$(sort -u log | wc -l)" = 1 ] || status=1
	expect_log "$kind-deterministic" "$status" 0 exit
done
if selected offline; then
	rm -rf fresh
	mkdir -p fresh/xen-packages
	cp "$cache"/xen-packages/xen-hypervisor-* fresh/xen-packages/
	prepare dom0
	cmp fresh/xen-dom0-*/xen "$(sh "$rig/prepare.sh" --check dom0 "$cache")/xen" >>log 2>&1 || status=99
	expect_log offline "$status" 0 'made '
fi
rm -rf empty
if selected setup-fails; then
	status=0
	http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 UKBUILD_CACHE=$scratch/empty \
		"$UKBUILD" -q -o "$scratch/out" run --platform xen-pv pv.elf >log 2>&1 || status=$?
	expect_log setup-fails "$status" 3 'error: the Xen rig: cannot download xen-hypervisor-' 'no network'
fi

if selected fetch; then
	status=0
	{
		UKBUILD_CACHE=$scratch/empty "$UKBUILD" doctor
		"$UKBUILD" doctor
		"$UKBUILD" fetch xen-dom0
	} >log 2>&1 || status=$?
	expect_log fetch "$status" 0 'absent   xen-dom0' 'by: ukbuild fetch xen-dom0' 'ok       xen-dom0' \
		"xen-dom0: $(sh "$rig/prepare.sh" --check dom0 "$cache")"
fi

# A Xen host, as far as ukbuild sees one: what it asks of xl. (xl.sh itself was tried with the real xl in the
# full rig.)
if selected xl; then
	mkdir -p fake
	cat >fake/xl <<'EOF'
#!/bin/sh
echo "xl $*" >>calls
case $1 in
create)
	cp "$4" config
	echo 'from the domain'
	echo "ukbuild-exit: $(sed -n 's/.*ukbuild.nonce=\([0-9a-f]*\).*/\1/p' "$4") 3"
	;;
esac
EOF
	chmod +x fake/xl
	rm -f calls config
	PATH=$scratch/fake:$PATH
	run pvh --machine xl --memory 9M -- 'two words'
	PATH=${PATH#*:}
	cat calls config >>log
	expect_log xl "$status" 5 'from the domain' 'the guest exited with status 3' 'xl create -q -c ' \
		'xl destroy uk-' 'type = "pvh"' 'memory = 9' "kernel = \"$scratch/pvh.elf\"" \
		' -- \"two words\"' 'on_crash = "destroy"'
fi
if selected no-xl; then
	run pv --machine xl
	expect_log no-xl "$status" 3 "'xl' is not in PATH"
fi

# The full rig: domains that a Linux starts.
if ! selected domu && ! selected side-by-side && ! selected pvh-domu-crash; then
	:
elif ! sh "$rig/prepare.sh" full "$cache" >ready 2>log; then
	echo "skip domu: $(tail -n 1 log)"
	echo "skip side-by-side: $(tail -n 1 log)"
else
	if selected domu; then
		run pv --machine domu -- 'two words' a,b 'a\b'
		expect_log domu "$status" 0 'fixture: PASS pv domu' 'fixture: seed 32 ' ' -- "two words" a,b a\b' \
			'an open line'
	fi
	if [ -n "${FULL:-}" ] && selected pvh-domu-crash; then
		run pvh --machine domu -- crash
		expect_log pvh-domu-crash "$status" 5 'an open line' 'Xen says: d1v0 Triple fault' 'RIP: '
	fi
	# Both kinds in one rig. The printed command takes the guests from a RAM disk: pack them together.
	if selected side-by-side; then
		rm -rf guests
		mkdir guests
		for kind in pv pvh; do
			line=$("$UKBUILD" -q -o "$scratch/out" run --dry-run --machine domu \
				--platform "xen-$kind" "$kind.elf")
			mv out/run/run/uk "guests/$kind"
			sed -i "s|^name = .*|name = \"$kind\"|; s|/rig/guests/uk/|/rig/guests/$kind/|" "guests/$kind/xl.cfg"
		done
		sh "$rig/pack.sh" "$(cat ready)" out/run/run/disk guests/pv guests/pvh
		status=0
		timeout 600 sh -c "$line" >console 2>xenlog </dev/null || status=$?
		for kind in pv pvh; do
			echo "$kind:"
			sed -n "/^ukbuild-rig: begin $kind\$/,/^ukbuild-rig: end $kind\$/p" console >"$kind.out"
			nonce=$(sed -n 's/.*ukbuild.nonce=\([0-9a-f]*\).*/\1/p' "guests/$kind/xl.cfg")
			grep "fixture: PASS $kind domu" "$kind.out" || status=97
			grep "ukbuild-exit: $nonce 0" "$kind.out" || status=98
			# What xenstore says of it: any id, its name, its type.
			grep "ukbuild-rig: domain [0-9]* $kind $kind" xenlog || status=99
		done >log
		expect_log side-by-side "$status" 0
	fi
fi

# The guest's machine ends with us. (TERM, since what a script starts in the background ignores INT; both
# take the same way.)
if selected interrupt; then
	: >log # the case before has the same words in it
	"$UKBUILD" -q -o "$scratch/out" run --platform xen-pv pv.elf --timeout 10m -- endless >log 2>&1 &
	pid=$!
	await "$pid" grep -q 'fixture: PASS' log || :
	machine=$(pgrep -P "$pid" || :)
	kill -TERM "$pid" || :
	status=0
	wait "$pid" || status=$?
	if [ -n "$machine" ] && [ -e "/proc/$machine" ]; then
		echo "process $machine is left" >>log
		status=99
	fi
	expect_log interrupt "$status" 143 'fixture: PASS'
fi
