#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# How long hello takes from exec to its first byte and to its end: as a process, under QEMU's microvm, and as
# a plain static program of the same sources and flags. A command, never a test: the figures are this
# machine's. start.c has the method.
#   tests/cost/start.sh [ROUNDS]
set -eu
rounds=${1:-400}
root=$(cd "$(dirname "$0")/../.." && pwd)
ukbuild=${UKBUILD:-$root/ukbuild}
bench=$root/out/bench/start
rm -rf "$bench"
mkdir -p "$bench"

"$ukbuild" init -q hello "$bench/hello" >/dev/null
# image PLATFORM HARDEN
image()
{
	"$ukbuild" build -q --json -f "$bench/hello/ukbuild.yaml" --platform "$1" --harden "$2" |
		jq -r '.images[0].path'
}
none=$(image process none)
hardened=$(image process default)
kvm=$(image kvm none)
"$root/tests/cost/static_musl.sh" "$bench/hello" "$(dirname "$none")" "$bench/static"
"${CC:-cc}" -O2 -o "$bench/start" "$root/tests/cost/start.c"

set -- "$rounds" 'static musl program' 1 "$bench/static" \
	-- 'process, profile none' 1 "$root/ukbuild-tender" "$none" \
	-- 'process, profile default' 1 "$root/ukbuild-tender" "$hardened"
if command -v qemu-system-x86_64 >/dev/null; then
	accel=tcg
	set -- "$@" -- "QEMU microvm ($accel), none" 20 "$(command -v qemu-system-x86_64)" \
		-M microvm,isa-serial=on,auto-kernel-cmdline=off -accel $accel -cpu max -m 32M -nodefaults \
		-no-user-config -no-reboot -display none -serial stdio -monitor none \
		-device isa-debug-exit,iobase=0xf4,iosize=4 -kernel "$kvm"
fi
"$bench/start" "$@"
echo "bytes: $(wc -c <"$none") none, $(wc -c <"$hardened") default, $(wc -c <"$root/ukbuild-tender") tender"
cat <<'EOF'
Elsewhere (measured 2026-11-21, exec to exit, 2 shared cores, Debian 12, gcc 12.2; not repeated here): Solo5
test_hello under spt 830 to 990 us, a static hello of musl as a process 135 us.
EOF
