#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# libs/xenstore and libs/grant against a real Xen: guest/ as a PV and as a PVH domain, both in one run of the
# rig, with peer and map.c as their other half in the initial domain.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
here=$root/tests/xenlibs

# Where there is no Xen there is no store: the error names the place that asks for it.
if selected refused-on-kvm; then
	mkdir -p "$scratch/kvm"
	printf 'int main(void)\n{\n\treturn 0;\n}\n' >"$scratch/kvm/main.c"
	printf 'name: x\nsources: main.c\nplatforms: kvm\nlibs: [xenstore]\n' >"$scratch/kvm/ukbuild.yaml"
	status=0
	"$UKBUILD" -q -f "$scratch/kvm/ukbuild.yaml" resolve >"$scratch/kvm/log" 2>&1 || status=$?
	if [ "$status" -eq 1 ] && grep -q "ukbuild.yaml:4:8: error: .*libs/xenstore" "$scratch/kvm/log"; then
		echo 'ok refused-on-kvm'
	else
		echo "not ok refused-on-kvm (status $status)"
		cat "$scratch/kvm/log"
	fi
fi

if ! command -v qemu-system-x86_64 >/dev/null; then
	echo 'skip guests: qemu-system-x86_64 is not installed'
	exit 0
fi
cache=${UKBUILD_CACHE:-$root/out/src}
rig=$root/platforms/xen/rig
if ! ready=$(sh "$rig/prepare.sh" full "$cache" 2>"$scratch/prepare.log"); then
	echo "skip guests: $(tail -n 1 "$scratch/prepare.log")"
	exit 0
fi
selected pv/ || selected pvh/ || selected guests || exit 0

cd "$scratch"
rm -rf guests
mkdir guests
cc -static -O1 -Wall -Wextra -Werror -o map "$here/map.c"
for type in pv pvh; do
	dir=guests/$type
	mkdir "$dir"
	cp map "$here/peer" "$dir/"
	cp "$("$UKBUILD" build -q --json -f "$here/guest/ukbuild.yaml" -o "$scratch/out" --platform "xen-$type" |
		jq -r '.images[0].path')" "$dir/image"
	head -c 32 /dev/urandom >"$dir/seed"
	cat >"$dir/xl.cfg" <<END
name = "$type"
type = "$type"
kernel = "/rig/guests/$type/image"
ramdisk = "/rig/guests/$type/seed"
cmdline = "ukbuild.nonce=$type -- $type"
memory = 16
vcpus = 1
on_poweroff = "preserve"
on_crash = "preserve"
END
done
sh "$rig/pack.sh" "$ready" disk guests/pv guests/pvh
timeout 600 qemu-system-x86_64 -accel tcg -M pc -cpu qemu64,+rdrand,+svm,+npt -m 448M -nodefaults \
	-no-user-config -no-reboot -display none -monitor none -chardev file,id=log,path=rig.log \
	-serial chardev:log -serial stdio -kernel "$ready/xen" \
	-append 'console=com1 com1=115200,8n1 dom0_mem=256M,max:256M spec-ctrl=no guest_loglvl=all' \
	-initrd "$ready/vmlinux console=hvc0 quiet mitigations=off cryptomgr.notests swiotlb=1 random.trust_cpu=on,disk" \
	</dev/null >console 2>qemu.log || true

# Each line of a guest is a test, and the last one counts them.
for type in pv pvh; do
	sed -n "/^ukbuild-rig: begin $type\$/,/^ukbuild-rig: end $type\$/p" console | tr -d '\r' >"$type.log"
	sed -n "s,^\(ok\|not ok\) ,\1 $type/,p" "$type.log"
	if grep -q '^done, 0 failed$' "$type.log" && grep -q "^ukbuild-exit: $type 0\$" "$type.log"; then
		echo "ok $type/done"
	else
		echo "not ok $type/done"
		sed 's/^/  /' "$type.log"
		tail -n 20 rig.log
	fi
done
