#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Host tests of image libraries, with sanitizers: each libs/NAME/NAME_test.c with the files that its line
# `with: FILES` names; a line `as: NAME FILES` builds the same test once more against other files.
set -eu
cd "$(dirname "$0")/../.."
cc=${CC:-clang-19}
out=out/test/libs
pattern=${T:-}
mkdir -p "$out"

flags="-std=c11 -D_GNU_SOURCE -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined"
flags="$flags -Wall -Wextra -Werror -iquote ."
for dir in libs/*/include; do
	flags="$flags -I$dir"
done

# run_one NAME FILES...
run_one() {
	name=$1
	shift
	case libs/$name in
	*"$pattern"*) ;;
	*) return 0 ;;
	esac
	# shellcheck disable=SC2086 # flags are words
	if "$cc" $flags "$@" -lcmocka -o "$out/$name" > "$out/$name.log" 2>&1 &&
		"$out/$name" >> "$out/$name.log" 2>&1; then
		echo "ok libs/$name"
	else
		cat "$out/$name.log"
		echo "not ok libs/$name"
		status=1
	fi
}

status=0
for test in libs/*/*_test.c; do
	name=$(basename "$test" _test.c)
	with=$(sed -n 's/^ \* with: //p' "$test")
	# shellcheck disable=SC2086 # lists of words
	run_one "$name" "$test" $with
	sed -n 's/^ \* as: //p' "$test" > "$out/$name.as"
	while read -r other files; do
		# shellcheck disable=SC2086 # lists of words
		run_one "$other" "$test" $files
	done < "$out/$name.as"
done
exit "$status"
