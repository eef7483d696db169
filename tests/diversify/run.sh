#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Many images from one set of objects: different, each boots, repeatable, resumed, never written over.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
seed=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
other=ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f

# check NAME COMMAND...: ok when the command succeeds; its output is shown when not.
check()
{
	name=$1
	shift
	selected "$name" || return 0
	if "$@" >"$scratch/log" 2>&1; then
		echo "ok $name"
	else
		echo "not ok $name"
		sed 's/^/    /' "$scratch/log" | tail -n 15
	fi
}

rm -rf "$scratch/app"
"$UKBUILD" init -q hello "$scratch/app" >/dev/null
cd "$scratch/app"
diversify() { "$UKBUILD" diversify -q --platform process --seed "$seed" "$@"; }
hashes() { jq -r '.images[].sha256' "$1/diversify.json"; }
diversify -n 8 --folder eight >"$scratch/log" 2>&1 || { echo "not ok eight"; cat "$scratch/log"; exit 0; }

distinct()
{
	[ "$(hashes eight | sort -u | wc -l)" -eq 8 ] || return 1
	jq -r '.images[] | "\(.sha256)  eight/\(.file)"' eight/diversify.json | sha256sum -c
}
check distinct distinct

boots()
{
	for image in eight/*.elf; do
		"$UKBUILD" run -q "$image" | grep -qx 'Hello from a unikernel: 20 + 22 = 42' || return 1
	done
}
check each-boots boots

inspected()
{
	for image in eight/*.elf; do "$UKBUILD" inspect -q "$image" >/dev/null || return 1; done
}
check each-inspected inspected

# In another folder, with other objects, one after the other.
repeatable()
{
	diversify -n 8 --folder again -o "$scratch/app/out2" -j 1 >/dev/null || return 1
	hashes eight >"$scratch/one" && hashes again | cmp "$scratch/one" - && cmp eight/diversify.json again/diversify.json
}
check same-master-same-bytes repeatable

# An image is what a build with its seed makes.
as_built()
{
	own=$(jq -r '.images[5].seed' eight/diversify.json)
	[ "$("$UKBUILD" build -q --json --platform process --seed "$own" | jq -r '.images[0].sha256')" = \
		"$(jq -r '.images[5].sha256' eight/diversify.json)" ]
}
check as-built-with-its-seed as_built

# Limits: several times what is found (1.4 % and 0.1 %), a small part of what an undrawn order would share.
shares_little()
{
	jq -e '.shared | .functions.in_one > 50 and .functions.percent < 5 and .gadgets.in_one > 500 and
		.gadgets.percent < 1 and .gadgets.widest < 8 and .gadgets_anywhere.percent > 50' eight/diversify.json
}
check shares-little shares_little

resumes()
{
	rm -f eight/hello-0003.elf && touch -d '2001-01-01' eight/hello-0002.elf
	diversify -n 9 --folder eight >/dev/null || return 1
	[ "$(stat -c %Y eight/hello-0002.elf)" = "$(date -d '2001-01-01' +%s)" ] && distinct_nine
}
distinct_nine() { [ "$(hashes eight | sort -u | wc -l)" -eq 9 ] && [ -f eight/hello-0003.elf ]; }
check resumes resumes

# Fewer than there are: none is forgotten.
keeps_more() { diversify -n 2 --folder eight >/dev/null && [ "$(hashes eight | wc -l)" -ge 8 ]; }
check keeps-what-is-there keeps_more

foreign_file()
{
	cp -r eight foreign && echo mine >foreign/hello-0004.elf
	diversify -n 8 --folder foreign && return 1
	[ "$(cat foreign/hello-0004.elf)" = mine ] || return 1
	diversify -n 8 --folder foreign --force >/dev/null &&
		[ "$(sha256sum <foreign/hello-0004.elf | cut -d' ' -f1)" = \
			"$(jq -r '.images[4].sha256' foreign/diversify.json)" ]
}
check never-writes-over foreign_file

other_seed()
{
	status=0
	"$UKBUILD" diversify -q --platform process --seed "$other" -n 2 --folder eight 2>"$scratch/said" || status=$?
	cat "$scratch/said"
	[ "$status" -eq 1 ] && grep -q 'images of another master seed' "$scratch/said" || return 1
	"$UKBUILD" diversify -q --platform process --seed "$seed" --harden max,cfi=kcfi -n 2 --folder eight \
		2>"$scratch/said" && return 1
	grep -q 'images of another program or hardening' "$scratch/said"
}
check other-set-refused other_seed

# A list that nobody can read: said with the way out, and --force is one.
broken_list()
{
	mkdir broken
	for list in '{' '[]' ''; do
		printf '%s' "$list" >broken/diversify.json
		diversify -n 1 --folder broken 2>"$scratch/said" && return 1
		cat "$scratch/said"
		grep -q 'not valid JSON\|no list of images' "$scratch/said" && grep -q 'or --force' "$scratch/said" || return 1
	done
	diversify -n 1 --folder broken --force >/dev/null && [ "$(hashes broken | wc -l)" -eq 1 ]
}
check broken-list-refused broken_list

secret() { [ "$(stat -c %a eight/diversify.json)" = 600 ] && ! grep -rl "$seed" eight out/link/*/diverse; }
check seeds-stay-secret secret
