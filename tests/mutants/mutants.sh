#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Tests the tests: each *.patch here breaks something real and names, in its first lines, the test that
# must notice ("Suite: SUITE", "Test: NAME"). The patched tree lives in a scratch copy of HEAD. `make
# test-mutants`; M=PATTERN selects. Minutes: not part of `make test`.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
copy=$root/out/test/mutant
passed=0 failed=0

rm -rf "$copy"
mkdir -p "$copy"
(cd "$root" && git archive HEAD) | tar -xf - -C "$copy"
export UKBUILD_CACHE="$root/out/src"
make -s -C "$copy" all test-programs >"$copy/log" 2>&1 || {
	tail -n 20 "$copy/log"
	exit 1
}

for patch in "$root"/tests/mutants/*"${M:-}"*.patch; do
	name=$(basename "$patch" .patch)
	suite=$(sed -n 's/^Suite: //p' "$patch")
	test=$(sed -n 's/^Test: //p' "$patch")
	if ! patch -s -p1 -d "$copy" <"$patch" >"$copy/log" 2>&1; then
		echo "not ok mutants/$name: the patch does not apply"
		failed=$((failed + 1))
	else
		(cd "$copy" && make -s all test-programs && T=$test tests/run.sh "$suite") >"$copy/log" 2>&1 || :
		if grep -q "^not ok $suite/$test" "$copy/log"; then
			echo "ok mutants/$name"
			passed=$((passed + 1))
		else
			echo "not ok mutants/$name: '$suite/$test' did not fail"
			tail -n 8 "$copy/log" | sed 's/^/    /'
			failed=$((failed + 1))
		fi
		patch -s -R -p1 -d "$copy" <"$patch"
	fi
done
rm -rf "$copy"
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
