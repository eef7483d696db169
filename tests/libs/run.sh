#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Host tests of image libraries and of mechanisms' runtimes, with sanitizers: each libs/NAME/NAME_test.c and
# hardening/NAME/runtime/NAME_test.c with the files that its line `with: FILES` names; a line `as: NAME FILES` builds the same test once more against other files.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$root"
cc=${CC:-clang-19}

flags="-std=c11 -D_GNU_SOURCE -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined"
flags="$flags -Wall -Wextra -Werror -iquote ."
for dir in libs/*/include platforms/*/include; do
	flags="$flags -I$dir"
done

# run_one NAME FILES...
run_one()
{
	name=$1
	shift
	selected "$name" || return 0
	# shellcheck disable=SC2086 # flags are words
	if "$cc" $flags "$@" -lcmocka -o "$scratch/$name" >"$scratch/$name.log" 2>&1 &&
		"$scratch/$name" >>"$scratch/$name.log" 2>&1; then
		echo "ok $name"
	else
		cat "$scratch/$name.log"
		echo "not ok $name"
	fi
}

for test in libs/*/*_test.c hardening/*/runtime/*_test.c; do
	name=$(basename "$test" _test.c)
	with=$(sed -n 's/^ \* with: //p' "$test")
	# shellcheck disable=SC2086 # lists of words
	run_one "$name" "$test" $with
	sed -n 's/^ \* as: //p' "$test" >"$scratch/$name.as"
	while read -r other files; do
		# shellcheck disable=SC2086 # lists of words
		run_one "$other" "$test" $files
	done <"$scratch/$name.as"
done
