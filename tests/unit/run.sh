#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Runs the cmocka programs that the Makefile has built, one line for each test in them.
set -eu
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

# Reads TAP (as cmocka prints it) for program $1; keeps the tests that T selects.
convert()
{
	while IFS= read -r line; do
		case $line in
		'ok '* | 'not ok '*)
			verdict=${line%%[0-9]*}
			test=${line#* - }
			case $line in
			*'# SKIP'*)
				verdict='skip '
				test="${line##*SKIP }: the test skipped itself"
				;;
			esac
			if selected "$1/$test"; then
				echo "$verdict$1/$test"
				shown=yes
			else
				shown=
			fi
			;;
		1..* | '# ok - tests' | '# not ok - tests') ;;
		*) [ -z "${shown-}" ] || echo "$line" ;;
		esac
	done
}

for program in "$root"/out/test/unit/test_*; do
	[ -x "$program" ] || continue
	name=$(basename "$program")
	# A pattern that names another program need not run this one.
	case ${T:-} in
	*test_*/*)
		wanted=${T#*test_}
		[ "$name" = "test_${wanted%%/*}" ] || continue
		;;
	esac
	rm -rf "${scratch:?}/$name"
	mkdir "$scratch/$name"
	status=0
	(cd "$scratch/$name" && CMOCKA_MESSAGE_OUTPUT=TAP timeout 120 "$program") \
		>"$scratch/$name.out" 2>&1 || status=$?
	convert "$name" <"$scratch/$name.out"
	if [ "$status" -ne 0 ] && ! grep -q '^not ok' "$scratch/$name.out"; then
		echo "not ok $name (status $status)"
		tail -n 40 "$scratch/$name.out"
	fi
done
