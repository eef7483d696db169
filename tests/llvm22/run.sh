#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The templates in every profile with the newer compiler: built, verified, booted. FULL=1 only.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

if [ -z "${FULL:-}" ]; then
	echo "skip all: the reference compiler is tested; make test-full adds LLVM 22"
	exit 0
fi
if ! command -v clang-22 >/dev/null || ! command -v ld.lld-22 >/dev/null; then
	echo "skip all: clang-22 and lld-22 are not installed"
	exit 0
fi
export UKBUILD_CC=clang-22

for template in hello bare bench; do
	rm -rf "${scratch:?}/$template"
	"$UKBUILD" init -q "$template" "$scratch/$template" >/dev/null 2>&1
	for profile in none peer default max; do
		selected "$template/$profile" || continue
		manifest=$scratch/$template/ukbuild.yaml
		if "$UKBUILD" build -q -f "$manifest" --harden "$profile" >"$scratch/log" 2>&1 &&
			"$UKBUILD" run -q -f "$manifest" --harden "$profile" --test >>"$scratch/log" 2>&1; then
			echo "ok $template/$profile"
		else
			echo "not ok $template/$profile"
			tail -n 8 "$scratch/log"
		fi
	done
done
