#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The rules of ARCHITECTURE.md and STYLE.md that a machine can check. Prints `ok NAME` or `not ok NAME`
# with the places; exits 0 always: tests/run.sh counts. LINT_TIDY=1 adds clang-tidy (minutes).
set -eu
cd "$(dirname "$0")/../.."

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# verdict NAME < places: no line = ok.
verdict() {
	cat >"$tmp/places"
	if [ -s "$tmp/places" ]; then
		echo "not ok lint/$1"
		sed 's/^/    /' "$tmp/places" | head -n 20
	else
		echo "ok lint/$1"
	fi
}

# Tracked and new files; a checkout without git has all of them.
files() {
	if git rev-parse --git-dir >/dev/null 2>&1; then
		git ls-files -co --exclude-standard -- "$@"
	else
		for pattern; do find . -path ./out -prune -o -path "./$pattern" -print; done | sed 's|^\./||'
	fi | sort -u | while read -r f; do [ -f "$f" ] && echo "$f"; done
}

c_files=$(files '*.c' '*.h')
sh_files=$(files '*.sh' '.ci/run')

# Each file says its licence first.
for f in $c_files $(files '*.S' '*.ld' '*.mk' 'Makefile' '*/Kconfig') $sh_files; do
	head -n 2 "$f" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' || echo "$f: no SPDX line"
done | verdict spdx

# A file is one idea.
for f in $c_files; do
	case $f in */ukb_switch.h) continue ;; esac # generated
	n=$(wc -l <"$f")
	[ "$n" -le 700 ] || echo "$f: $n lines"
done | verdict file-length

# Layers of the driver: a header may include only what lies below it.
for f in $c_files; do
	case $f in build/*) awk -v file="$f" -f tests/lint/layers.awk "$f" ;; esac
done | verdict layers

# Outside tools are each known to one file.
confine() {
	what=$1 allowed=$2
	shift 2
	grep -nE "$what" "$@" 2>/dev/null | grep -vE "^($allowed):" || :
}
driver=$(for f in $c_files; do case $f in build/* | ukbuild.c | hardening/*/verify.c | platforms/*/host*.c) echo "$f" ;; esac; done)
# shellcheck disable=SC2086
{
	confine '#include <yaml\.h>' 'build/manifest[a-z_]*\.c' $driver
	confine '#include <clang-c/' 'build/scan_main\.c' $driver
	confine '#include <(libelf|gelf)\.h>' 'build/elf\.c' $driver
	confine '#include <llvm-c/' 'build/pass(run|_ir)?\.[ch]|hardening/[a-z]*/pass\.c' $driver
	confine '#include <capstone/' 'build/disasm\.c' $driver
	confine '#include <jansson\.h>' 'build/base/json\.h' $driver
	confine '#include <nettle/' 'build/base/hash\.c' $driver
	confine '#include <(elfutils|dwarf)' 'build/symbolise\.c' $driver
	confine '"make"' 'build/(compile|doctor)\.c' $driver
	confine '"kconfig-' 'build/(kconf[a-z_]*|doctor|menuconfig)\.c' $driver
	confine '"qemu-' 'platforms/[a-z]*/host\.c|build/(doctor|floor|run|measure[a-z_]*)\.c|build/qemu\.h' $driver
	confine 'posix_spawn' 'build/base/(proc\.[ch]|banned\.h)' $driver
	confine '[^a-z_](exit|_exit|abort)\(' '(build/base/(arena\.c|proc\.c|pool\.c|banned\.h)|ukbuild\.c|build/scan_main\.c|build/passrun\.c)' $driver
} | verdict confinement

# Image code knows its own folder and public headers, never the driver.
for f in $(files 'libs/*.[chS]' 'platforms/*.[chS]' 'hardening/*.[chS]'); do
	case $f in */host.[ch] | */host_*.c | */verify.c | *_test.c | */attack/*) continue ;; esac
	grep -nE '#include ["<](build/|.*/build/)' "$f" | sed "s|^|$f:|" || :
done | verdict image-layers

# Platform code names no mechanism; the driver's core neither.
for f in $(files 'platforms/*.[chS]') build/flags.c build/plan.c build/link.c build/build.c build/gen.c; do
	grep -nE 'CONFIG_HARDEN_|"(canary|kcfi|nullpage)"' "$f" | sed "s|^|$f:|" || :
done | verdict mechanism-names

# Configuration is tested with 0 and 1.
# shellcheck disable=SC2086
grep -nE '#[[:space:]]*(ifdef|ifndef|if +!?defined).*CONFIG_' $c_files | verdict config-ifdef || :

# A TODO has an issue number.
# shellcheck disable=SC2086
grep -nE '\b(TODO|FIXME|XXX|HACK)\b' $c_files $sh_files | grep -v 'TODO(#[0-9]' |
	grep -v '^tests/lint/' | verdict todo || :

# Calls inside assert() vanish with NDEBUG.
# shellcheck disable=SC2086
grep -nE '\bassert\([^)]*[a-z_]+\(' $c_files | grep -v '^tests/' | verdict assert-calls || :

# Each header compiles alone.
for f in $(files 'build/*.h'); do
	case $f in *banned.h | *.inc.h) continue ;; esac
	# shellcheck disable=SC2046 # -isystem and a folder, or nothing where there is no LLVM
	cc -std=c11 -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE -fsyntax-only -Wall -Wextra -iquote . -iquote build \
		$(llvm-config-19 --cppflags 2>/dev/null | grep -o '^-I[^ ]*') \
		-x c "$f" 2>&1 | grep -E 'error|warning' | grep -v 'pragma once' | head -n 2
done | verdict headers || :

# Formatting, with the pinned version: others differ in details.
if command -v clang-format-19 >/dev/null; then
	# shellcheck disable=SC2086
	clang-format-19 --dry-run $c_files 2>&1 | grep -E 'warning|error' | verdict format || :
else
	echo "skip lint/format: no clang-format-19"
fi

if command -v shellcheck >/dev/null; then
	# shellcheck disable=SC2086
	shellcheck -f gcc $sh_files | verdict shellcheck || :
else
	echo "skip lint/shellcheck: no shellcheck"
fi

# Links of the documentation lead somewhere.
for f in $(files '*.md'); do
	grep -oE '\]\([^)# ]+' "$f" | sed 's/^](//' | while read -r link; do
		case $link in http* | mailto*) continue ;; esac
		[ -e "$(dirname "$f")/$link" ] || echo "$f: broken link $link"
	done
done | verdict doc-links

# Nothing of one machine in the tree.
# shellcheck disable=SC2046
git grep -nE '(/root/|/home/[a-z]|/tmp/[a-z]+/[A-Z])' -- . ':!tests/lint/run.sh' 2>/dev/null | verdict paths || :

# Profiles of the changelog, mechanisms with all their parts.
for m in hardening/*/; do
	parts='Kconfig harden.mk verify.c'
	# Where no attack can be run anywhere, each platform says why.
	[ "$(grep -c '^STATUS.*:= verifier ' "$m/harden.mk")" -ge 4 ] || parts="$parts attack/expect"
	for part in $parts; do
		[ -e "$m$part" ] || echo "$m has no $part"
	done
done | verdict mechanism-parts

# README tells what there is: every mechanism in the table, each profile's list as it is, and `off` for what
# neither default nor max has.
for m in hardening/*/; do
	m=$(basename "$m")
	row=$(grep -F "\`$m\`" README.md | grep '^|' || :)
	[ -n "$row" ] || echo "README.md: no row for $m"
	used=$(grep -E "^(default|max) :=.* $m=" hardening/profiles.mk || :)
	case $row in
	*'| off | off |') [ -z "$used" ] || echo "README.md: $m is not off in both profiles" ;;
	*) [ -n "$used" ] || echo "README.md: $m is off in both profiles" ;;
	esac
done >"$tmp/readme"
for profile in peer default max; do
	list=$(sed -n "s/^$profile := //p" hardening/profiles.mk | sed 's/=on\>//g; s/ /, /g')
	grep -q "^$profile  *[0-9].*  $list\$" README.md || echo "README.md: $profile is now $list"
done >>"$tmp/readme"
verdict readme <"$tmp/readme"

# What is said to be proven on a platform is attacked there.
for m in hardening/*/; do
	sed -n 's/^STATUS\.\([a-z-]*\) *:= *proven.*/\1/p' "$m/harden.mk" | while read -r platform; do
		for f in "$m"attack/*.c; do
			on=$(sed -n 's|^/\* platforms: \(.*\) \*/$|\1|p' "$f")
			case " ${on:-$platform} " in
			*" $platform "*) continue 2 ;;
			esac
		done
		echo "$m has no attack for $platform, where it is said to be proven"
	done
done | verdict proven-is-attacked

if [ "${LINT_TIDY:-0}" = 1 ]; then
	# shellcheck disable=SC2046
	clang-tidy-19 --quiet $(for f in $driver; do case $f in *.c) echo "$f" ;; esac; done) -- -std=c11 \
		-D_GNU_SOURCE -DLIBCLANG_RESOURCES='""' -iquote . -iquote build "$(llvm-config-19 --cppflags | tr ' ' '\n' | grep '^-I')" 2>/dev/null |
		grep -E '(warning|error):' | verdict clang-tidy || :
else
	echo "skip lint/clang-tidy: set LINT_TIDY=1 (make tidy)"
fi
