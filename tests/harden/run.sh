#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# `harden` builds what it chooses, believes the measurement and not its prediction, and writes the manifest.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
selected chooses || selected refuses || selected writes || selected real || exit 0

app=$scratch/app
rm -rf "$app"
"$UKBUILD" init -q hello "$app" >/dev/null
cd "$app"
printf '# of mine\nname: hello\nsources: main.c\nhardening: max # for now\ntest:\n  expect: 20 + 22 = 42\n' >ukbuild.yaml
# Two mechanisms with figures; the others have a reason not to.
if ! "$UKBUILD" measure -q --platform kvm --variants none,canary,cfi --workloads boot >log 2>&1; then
	echo 'not ok measure'
	cat log
	exit 0
fi
# excused: figures with a reason why those that are not there are not.
excused()
{
	jq -c --arg names "$("$UKBUILD" measure --platform kvm --dry-run | awk '{print $1}') canary=all cfi=icall" '
		[.variants[].name] as $have |
		.variants += [$names | splits("[ \n]+") | select(IN($have[]) | not) |
			{name: ., spec: ("none," + (if test("=") then . else . + "=on" end)), problem: "not of this test"}]' "$1"
}
excused out/hello/measure.json >figures.json
cp figures.json out/hello/measure.json
# field NAME KEY: of a variant
field() { jq ".variants[] | select(.name == \"$1\") | .$2" figures.json; }
none=$(field none file_bytes)
canary=$(($(field canary file_bytes) - none))
cfi=$(($(field cfi file_bytes) - none))
harden() { "$UKBUILD" harden -q --platform kvm "$@" >said 2>&1; }
# verdict NAME COMMAND...
verdict()
{
	name=$1
	shift
	selected "$name" || return 0
	if "$@"; then
		echo "ok $name"
	else
		echo "not ok $name"
		cat said
	fi
}

both() { harden --json --budget "image=+$((canary + cfi + 4096))" && [ "$(jq -r .chosen said)" = none,canary=strong,cfi=kcfi ]; }
one()
{
	harden --json --budget "image=+$cfi" || return 1
	jq -e '.chosen == "none,cfi=kcfi" and .built[0].problem == null and
		.built[0].predicted.image == .built[0].measured.image' said >/dev/null
}
chooses() { both && one; }
verdict chooses chooses

# The figures say that the larger of the two is free; the image built says otherwise, and the smaller one stays.
lied()
{
	large=cfi small=canary limit=$canary
	[ "$canary" -lt "$cfi" ] || large=canary small=cfi limit=$cfi
	jq -c "(.variants[] | select(.name == \"$large\") | .file_bytes) = $none" figures.json >out/hello/measure.json
	harden --json --budget "image=+$limit" || return 1
	jq -e '.built | length > 1 and .[0].problem != null and .[-1].problem == null' said >/dev/null &&
		jq -r .chosen said | grep -q "^none,$small=[a-z]*$"
}
verdict refuses lied

writes()
{
	cp figures.json out/hello/measure.json
	harden --write --budget "image=+$cfi" || return 1
	printf '# of mine\nname: hello\nsources: main.c\nhardening: # for now\n  profile: none\n  cfi: kcfi\ntest:\n  expect: 20 + 22 = 42\n' |
		diff - ukbuild.yaml >said || return 1
	"$UKBUILD" build -q --json --platform kvm >said 2>&1 &&
		"$UKBUILD" inspect -q --json "$(jq -r '.images[0].path' said)" | grep -q '"kcfi"' &&
		"$UKBUILD" run -q --test --platform kvm >said 2>&1
}
verdict writes writes

# What a run of attacks found is what is weighed, level by level, and what is compared.
shown() { "$UKBUILD" compare -q out/hello/attack.json first.json --variants canary "$@" >said 2>&1; }
real()
{
	rm -f out/hello/measure.json
	"$UKBUILD" attack -q --platform process --profile none,canary,none+canary=all,cfi \
		--only stack/return/direct,stack/local/direct >said 2>&1 &&
		cp out/hello/attack.json first.json &&
		"$UKBUILD" attack -q --platform process --profile none,canary --only stack/return/direct,stack/local/direct >said 2>&1 &&
		shown --fail-on 'attacks>+0' || return 1
	status=0
	shown --fail-on 'attacks>3' || status=$?
	[ "$status" -eq 4 ] || return 1
	cp first.json out/hello/attack.json
	"$UKBUILD" measure -q --platform process --variants none,canary,canary=all,cfi --workloads boot >said 2>&1 || return 1
	excused out/hello/measure.json >process.json
	cp process.json out/hello/measure.json
	"$UKBUILD" harden -q --json --platform process --budget image=+64KiB >said 2>&1 &&
		jq -e '.stops_from == "attacks" and .chosen == "none,canary=strong,cfi=kcfi" and
			([.mechanisms[] | select(.mechanism == "canary" and .level == "all") | .why_not] ==
				["stops nothing that is not stopped already"])' said >/dev/null
}
verdict real real
