#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Adds guests to the rig's initial RAM disk.
#
#   pack.sh READY OUT GUEST...    READY: the folder of prepare.sh full; GUEST: a folder with xl.cfg and
#                                 what it names as /rig/guests/GUEST/FILE
#
# The result is the RAM disk of READY and a second archive behind it, which Linux unpacks over the first
# (Documentation/driver-api/early-userspace/buffer-format.rst).
set -eu

ready=$1 out=$2
shift 2
work=$out.new.$$
trap 'rm -rf "$work" "$work.tree"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$work.tree/rig/guests"
for guest; do
	cp -R "$guest" "$work.tree/rig/guests/"
done
cp "$ready/initramfs" "$work"
(cd "$work.tree" && find rig | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) >>"$work"
mv "$work" "$out"
