#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Sets up the Xen rig from the distribution's packages: downloads them, unpacks them below the cache,
# installs nothing and needs no privilege.
#
#   prepare.sh dom0 CACHE     the hypervisor, enough for images as the initial domain
#   prepare.sh full CACHE     and a Linux initial domain with Xen's tools, to start images as other domains
#   prepare.sh --check STAGE CACHE   makes nothing: fails when the stage is not there
#
# Prints the folder of the stage on stdout, what it does on stderr. The folder's name holds the versions
# of the packages and a hash of this folder's files; it appears by one rename and never changes.
# Packages stay in CACHE/xen-packages, and with them everything works offline.
set -eu
LC_ALL=C
export LC_ALL

XEN=4.17 # the distribution's: packages and paths carry it in their names

die()
{
	echo "error: $*" >&2
	exit 1
}

say()
{
	echo "xen rig: $*" >&2
}

is_check=false
if [ "${1:-}" = --check ]; then
	is_check=true
	shift
fi
[ $# -eq 2 ] || die 'usage: prepare.sh [--check] dom0|full CACHE'
stage=$1 cache=$2
here=$(cd "$(dirname "$0")" && pwd)
case $stage in
dom0)
	packages="xen-hypervisor-$XEN-amd64"
	tools='apt-get dpkg-deb gunzip'
	;;
full)
	# linux-image-amd64 names the kernel of the day in its dependencies.
	packages="xen-hypervisor-$XEN-amd64 linux-image-amd64 busybox-static xen-utils-$XEN xen-utils-common
		xenstore-utils libxenmisc$XEN libxencall1 libxendevicemodel1 libxenevtchn1 libxenforeignmemory1
		libxengnttab1 libxenhypfs1 libxenstore4 libxentoolcore1 libxentoollog1 libyajl2 libuuid1
		liblzma5 libzstd1 zlib1g libc6 libgcc-s1"
	tools='apt-get dpkg-deb gunzip cpio xz zstd strip readelf od tar'
	;;
*) die "there is no stage '$stage'" ;;
esac
recipe=$(cat "$here"/* | sha256sum | cut -c 1-12)

# The stage as an earlier call made it.
for ready in "$cache/xen-$stage"-*-"$recipe"; do
	[ -e "$ready/versions" ] || continue
	printf '%s\n' "$ready"
	exit 0
done
! $is_check || exit 1

for tool in $tools; do
	command -v "$tool" >/dev/null || die "'$tool' is not installed"
done
mkdir -p "$cache/xen-packages"
cache=$(cd "$cache" && pwd)
work=$cache/xen-$stage.new.$$
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$work/tree" "$work/stage" "$work/download"

# cached PACKAGE: the newest downloaded file of it, or nothing. Versions have no '_'.
cached()
{
	# shellcheck disable=SC2012 # names of packages have no odd characters
	(cd "$cache/xen-packages" && ls -- "$1"_*.deb 2>/dev/null | sort -V | tail -n 1)
}

# apt ARGS...: apt-get with its state below $work; the system's is read, never changed.
apt()
{
	mkdir -p "$work/state/lists/partial" "$work/archives/partial"
	(cd "$work/download" && apt-get -q -oDir::State="$work/state" -oDir::Cache="$work/archives" \
		-oAPT::Sandbox::User= -oAcquire::Languages=none "$@") >"$work/apt.log" 2>&1
}

# fetch PACKAGE...: downloads those that are not in the cache.
is_updated=false
fetch()
{
	missing=
	for p; do
		[ -n "$(cached "$p")" ] || missing="$missing $p"
	done
	[ -n "$missing" ] || return 0
	say "downloading$missing"
	# Some list may fail to come: only the download decides.
	$is_updated || apt update || true
	is_updated=true
	cp "$work/apt.log" "$work/update.log"
	# shellcheck disable=SC2086 # a list of words
	if ! apt download $missing; then
		if grep -Eq 'Could not (resolve|connect)|Temporary failure resolving|Network is unreachable' \
			"$work/update.log" "$work/apt.log"; then
			die "cannot download$missing: no network, and the packages are not in $cache/xen-packages"
		fi
		die "cannot download$missing: $(sed -n 's/^E: //p' "$work/apt.log" | head -n 1)"
	fi
	for p in $missing; do
		ls "$work/download/${p}"_*.deb >/dev/null 2>&1 || die "apt-get brought no file of package '$p'"
	done
	mv "$work"/download/*.deb "$cache/xen-packages/"
}

# unpack PACKAGE: into $work/tree; its version goes to the list of versions.
unpack()
{
	file=$cache/xen-packages/$(cached "$1")
	dpkg-deb -x "$file" "$work/tree" 2>"$work/unpack.log" ||
		die "'$file' is damaged ($(head -n 1 "$work/unpack.log")); remove it to have it downloaded again"
	note_version "$file"
}

note_version()
{
	# shellcheck disable=SC2016 # dpkg-deb fills them in
	dpkg-deb -W --showformat='${Package}=${Version}\n' "$1" >>"$work/stage/versions"
}

make_dom0()
{
	# QEMU takes a multiboot kernel only uncompressed.
	gunzip -c "$work/tree/boot/xen-$XEN-amd64.gz" >"$work/stage/xen" ||
		die "package xen-hypervisor-$XEN-amd64 has no usable /boot/xen-$XEN-amd64.gz"
}

# The kernel that the metapackage depends on: "linux-image-VERSION-amd64 (= ...)".
kernel_package()
{
	dpkg-deb -f "$cache/xen-packages/$(cached linux-image-amd64)" Depends |
		sed -n 's/^\(linux-image-[^ ,]*\).*/\1/p'
}

# number FILE OFFSET SIZE: an unsigned number in it.
number()
{
	od -An -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' '
}

# cut_kernel BZIMAGE TO: the ELF file inside, so that nothing is unpacked under emulation. Offsets:
# Linux, Documentation/x86/boot.rst (setup_sects, payload_offset, payload_length).
cut_kernel()
{
	start=$((($(number "$1" 497 1) + 1) * 512 + $(number "$1" 584 4)))
	tail -c +$((start + 1)) "$1" | head -c "$(number "$1" 588 4)" >"$work/payload"
	# The last four bytes are the size of the result (scripts/Makefile.lib, size_append).
	case $(number "$work/payload" 0 4) in
	1484404733) xz -dc --single-stream <"$work/payload" >"$2" ;;
	4247762216) head -c -4 "$work/payload" | zstd -dcq >"$2" ;;
	*) die "the kernel in $1 is packed in a way this script does not know" ;;
	esac || die "the kernel in $1 does not unpack"
	[ "$(number "$2" 0 4)" = 1179403647 ] || die "the kernel in $1 is no ELF file"
}

# add_program FILE: into /bin of the RAM disk, with the libraries it needs in /lib.
add_program()
{
	[ -f "$1" ] || die "no '${1#"$work/tree"}' in the packages"
	cp "$1" "$work/disk/bin/"
	add_libraries "$1"
}

add_libraries()
{
	for lib in $(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
		[ ! -e "$work/disk/lib/$lib" ] || continue
		found=
		for dir in lib/x86_64-linux-gnu usr/lib/x86_64-linux-gnu; do
			[ ! -e "$work/tree/$dir/$lib" ] || found=$work/tree/$dir/$lib
		done
		[ -n "$found" ] || die "no library '$lib' in the packages"
		cp "$found" "$work/disk/lib/$lib" # what links point at
		add_libraries "$found"
	done
}

# The modules of the toolstack, and those of disks and networks of guests.
modules='xen-evtchn xen-gntdev xen-gntalloc xen-privcmd xenfs xen-netback xen-blkback
	llc stp bridge loop failover net_failover e1000'
add_modules()
{
	mkdir "$work/disk/lib/modules"
	for m in $modules; do
		to=$work/disk/lib/modules/$m.ko
		file=$(find "$work/tree/lib/modules" -name "$m.ko*" | head -n 1)
		case $file in
		*.ko) cp "$file" "$to" ;;
		*.ko.xz) xz -dc "$file" >"$to" ;;
		*.ko.zst) zstd -dcq "$file" >"$to" ;;
		*) die "the kernel package has no module '$m'" ;;
		esac
		strip -g "$to"
	done
}

make_full()
{
	say 'unpacking the kernel and building the initial RAM disk'
	kernel=$(kernel_package)
	[ -n "$kernel" ] || die 'linux-image-amd64 names no kernel'
	fetch "$kernel"
	file=$cache/xen-packages/$(cached "$kernel")
	dpkg-deb --fsys-tarfile "$file" 2>"$work/unpack.log" | tar -x -C "$work/tree" --wildcards \
		'./boot/vmlinuz-*' './lib/modules/*/kernel/drivers/*' './lib/modules/*/kernel/net/*' ||
		die "'$file' is damaged; remove it to have it downloaded again"
	note_version "$file"
	cut_kernel "$work"/tree/boot/vmlinuz-* "$work/stage/vmlinux"

	mkdir -p "$work/disk/bin" "$work/disk/lib" "$work/disk/lib64" "$work/disk/etc/xen"
	for f in xl xenstored xenconsoled xenconsole xen-init-dom0; do
		add_program "$work/tree/usr/lib/xen-$XEN/bin/$f"
	done
	for f in read write list watch; do
		add_program "$work/tree/usr/bin/xenstore-$f"
	done
	cp "$work/tree/lib/x86_64-linux-gnu/libgcc_s.so.1" "$work/disk/lib/" # for pthread_exit()
	mv "$work/disk/lib/ld-linux-x86-64.so.2" "$work/disk/lib64/"
	cp "$work/tree/etc/xen/xl.conf" "$work/disk/etc/xen/"
	cp "$work/tree/bin/busybox" "$work/disk/bin/"
	for applet in sh mount mkdir mkfifo ln insmod stty awk wc sleep cat poweroff; do
		ln -s busybox "$work/disk/bin/$applet"
	done
	add_modules
	cp "$here/init" "$work/disk/init"
	chmod 755 "$work/disk/init"
	(cd "$work/disk" && find . | sort | cpio --quiet --reproducible -o -H newc -R 0:0) >"$work/stage/initramfs"
}

# shellcheck disable=SC2086 # a list of words
fetch $packages
for p in $packages; do
	unpack "$p"
done
make_dom0
[ "$stage" = dom0 ] || "make_$stage"

version=$(sed -n "s/^xen-hypervisor-$XEN-amd64=//p" "$work/stage/versions")
ready=$cache/xen-$stage-$version-$recipe
# Another process may have been faster: its folder is as good.
mv -T "$work/stage" "$ready" 2>/dev/null || [ -e "$ready/versions" ] || die "cannot make '$ready'"
say "made $ready"
printf '%s\n' "$ready"
