#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Links a plain static Linux program from the sources of an image: the same compiler, flags and C library
# source, but the library's own system calls and allocator. The library is compiled once, into out/bench.
#   tests/cost/static_musl.sh APP-FOLDER IMAGE-FOLDER OUTPUT [SOURCE...]
# IMAGE-FOLDER has the compile_commands.json of an image of the application, profile none. SOURCE: the name of a
# file of the application that does not lie in APP-FOLDER.
set -eu
app=${1:?usage: $0 APP-FOLDER IMAGE-FOLDER OUTPUT}
commands=${2:?usage: $0 APP-FOLDER IMAGE-FOLDER OUTPUT}/compile_commands.json
output=${3:?usage: $0 APP-FOLDER IMAGE-FOLDER OUTPUT}
shift 3
root=$(cd "$(dirname "$0")/../.." && pwd)
bench=$root/out/bench

# command_of PATTERN: the command that compiled the file, less what is the image's alone: where outputs
# go, our own headers, what replaces the library's system calls.
command_of()
{
	jq -r --arg p "$1" 'first(.[] | (.command // (.arguments | join(" "))) | select(test($p)))' \
		"$commands" | sed -e 's| -MMD.*||' -e 's| -c [^ ]*||' -e 's|-I[^ ]*/libs/[^ ]*||g' \
		-e 's| -fvisibility=hidden||' -e 's|-ffile-prefix-map=[^ ]* *||g'
}

library=$(command_of '/src/stdio/vfprintf[.]c ')
program=$(command_of "/main[.]c ")
source=$(echo "$library" | sed -n 's|.* -I\([^ ]*\)/src/internal .*|\1|p')
key=$(echo "$library" | sha256sum | cut -c1-16)
objects=$bench/musl-$key

if [ ! -f "$objects/libc.a" ]; then
	mkdir -p "$objects"
	# Each file of src/, or the one for x86-64 where there is one.
	(cd "$source" && find src -name '*.c' -path '*/*/*' ! -path 'src/*/*/*' | while read -r file; do
		dir=$(dirname "$file") base=$(basename "$file" .c)
		for own in "$dir/x86_64/$base".[csS]; do
			[ -f "$own" ] && file=$own
		done
		echo "$file"
	done && find src -path '*/x86_64/*.[sS]' && echo src/malloc/mallocng/malloc.c &&
		find src/malloc/mallocng -name '*.c') | sort -u |
		grep -v '^src/malloc/oldmalloc' >"$objects/files"
	# shellcheck disable=SC2016 # the inner shell's
	(cd "$source" && xargs -P "$(nproc)" -I FILE sh -c \
		'o=$2/$(echo "$1" | tr / _).o; $3 -c "$1" -o "$o" || echo "$1 is left out" >&2' \
		- FILE "$objects" "$library" <"$objects/files" 2>"$objects/log")
	rm -f "$objects/libc.a"
	find "$objects" -name '*.o' | sort | xargs ar rcs "$objects/libc.a"
	(cd "$source" && $library -DCRT -c crt/crt1.c -o "$objects/crt1.obj")
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for file in "$app"/*.c; do
	$program -c "$file" -o "$work/$(basename "$file").o"
done
for name; do
	file=$(jq -r --arg p "/$name" 'first(.[].file | select(endswith($p)))' "$commands")
	$(command_of "/$(echo "$name" | sed 's/[.]/[.]/') ") -c "$file" -o "$work/$name.o"
done
"${LLD:-ld.lld-19}" -static -nostdlib --gc-sections -z noseparate-code -o "$output" "$objects/crt1.obj" \
	"$work"/*.o "$objects/libc.a"
