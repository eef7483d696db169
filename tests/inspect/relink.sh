# SPDX-License-Identifier: BSD-2-Clause
# Read by run.sh: bytes that privscan forbids and the build takes away, by another order of functions and by another way
# to compile one.
# shellcheck shell=sh disable=SC2154 # scratch and main_app are run.sh's

# Enough calls that their distances hold some such bytes: a link without privscan has them for one of a few seeds,
# the link with it, of the same objects and seed, has none, and is the same each time.
many_calls()
{
	app=$scratch/calls
	mkdir -p "$app"
	awk 'BEGIN {
		n = 1000
		for (i = 0; i < n; i++) {
			printf "__asm__(\".section .text.f%d,\\\"ax\\\"\\n.globl f%d\\n.type f%d,@function\\n", i, i, i
			printf "f%d: call f%d\\ncall f%d\\n", i, 2 * i % n, (2 * i + 1) % n
			for (k = 0; k < 120; k++)
				printf "call f%d\\n", (i * 37 + k * k * 131 + k) % n
			printf "ret\\n.size f%d,.-f%d\\n.text\");\n", i, i
		}
		print "void f1(void);\nint main(int argc, char **argv)\n{\n\t(void)argv;\n\tif (argc > 9)\n\t\tf1();"
		print "\treturn 0;\n}"
	}' >"$app/main.c"
	printf 'name: calls\nsources: [main.c]\n' >"$app/ukbuild.yaml"
}
# linked HARDEN SEED OUT: what inspect says of the image; its hash is in $scratch/OUT.sha.
linked()
{
	"$UKBUILD" build -q --json -f "$scratch/calls/ukbuild.yaml" -o "$scratch/$3" --harden "$1" \
		--seed "$(printf '%064d' "$2")" >"$scratch/build.json" 2>"$scratch/errors" || return 1
	jq -r '.images[0].sha256' "$scratch/build.json" >"$scratch/$3.sha"
	judge "$(jq -r '.images[0].path' "$scratch/build.json")" privscan
}
if selected privscan/relink; then
	many_calls
	seed=1
	pages=none,nullpage=on,wx=on,aslr=link
	while [ "$seed" -lt 12 ] && [ "$(linked $pages "$seed" links)" = on ]; do
		seed=$((seed + 1))
	done
	if [ "$seed" -eq 12 ]; then
		echo "not ok privscan/relink"
		echo "no seed gives such bytes"
	elif [ "$(linked $pages,privscan=on "$seed" links)" != on ] ||
		[ "$(linked $pages,privscan=on "$seed" again)" != on ]; then
		echo "not ok privscan/relink"
		sed 's/^/    /' "$scratch/errors"
	elif ! cmp -s "$scratch/links.sha" "$scratch/again.sha"; then
		echo "not ok privscan/relink"
		echo "one seed, two images"
	else
		echo "ok privscan/relink"
	fi
	rm -rf "$scratch/links" "$scratch/again"
fi

# Bytes that are part of an instruction, which no order of functions changes: a displacement in a frame, a number in a
# comparison and one in an argument. The functions are compiled another way; the program stays what it was, and is
# the same each time. In assembly they stay, and the error says so.
reworded()
{
	app=$scratch/reworded
	mkdir -p "$app"
	cat >"$app/main.c" <<'END'
#include <string.h>

__attribute__((noinline)) static int frame(volatile char *out, int n)
{
	volatile char big[0x5000];

	memset((char *)big, n, sizeof(big));
	for (int i = 0; i < 0x40; i++)
		out[i] = big[0x3000 + i];
	return big[0x300f - 0x20] + big[0x300f - 0x10] + big[0x300f] + big[0x2fef + n];
}

__attribute__((noinline)) static int number(int n)
{
	return n == 0x300f ? 7 : n == 0xc0220f ? 8 : 9;
}

int main(int argc, char **argv)
{
	volatile char out[64];

	(void)argv;
#ifdef FIXED
	__asm__ volatile("movl $0xc0220f, %%eax" : : : "eax");
#endif
	return frame(out, argc) != 4 || number(0x300f + argc - 1) != 7 || number(0xc0220f) != 8 ||
	       number(argc) != 9;
}
END
	printf 'name: reworded\nsources: [main.c]\n' >"$app/ukbuild.yaml"
}
# reword HARDEN OUT: builds; its hash, and what was compiled another way.
reword()
{
	"$UKBUILD" build -q --json -f "$app/ukbuild.yaml" -o "$scratch/$2" --harden "$1" \
		>"$scratch/build.json" 2>"$scratch/errors" || return 1
	image=$(jq -r '.images[0].path' "$scratch/build.json")
	jq -r '.images[0].sha256' "$scratch/build.json"
	"$UKBUILD" inspect --json "$image" | jq -r '.reworded[]' | sed "s/^'\([^']*\)'.*/\1/" | sort | tr '\n' ' '
}
if selected privscan/reword; then
	reworded
	pages=none,nullpage=on,wx=on
	reword $pages words >/dev/null
	if [ "$(judge "$image" privscan)" != off ]; then
		echo "not ok privscan/reword"
		echo "without privscan there are no such bytes"
	elif ! reword $pages,privscan=on words >"$scratch/words.1" || ! "$UKBUILD" run -q --accel tcg "$image" ||
		! reword $pages,privscan=on again >"$scratch/words.2"; then
		echo "not ok privscan/reword"
		sed 's/^/    /' "$scratch/errors"
	elif [ "$(tail -n 1 "$scratch/words.1")" != 'frame main number ' ] ||
		! cmp -s "$scratch/words.1" "$scratch/words.2"; then
		echo "not ok privscan/reword"
		cat "$scratch/words.1" "$scratch/words.2"
	else
		echo "ok privscan/reword"
	fi
	rm -rf "$scratch/words" "$scratch/again"
	app=$main_app
fi
# The same where the optimiser runs over the whole program: it runs again over what was changed.
if selected privscan/reword-optimised; then
	reworded
	pages=none,nullpage=on,wx=on,privscan=on,cfi=icall
	if ! reword $pages words >"$scratch/words.1" || ! "$UKBUILD" run -q --accel tcg "$image" ||
		! reword $pages again >"$scratch/words.2"; then
		echo "not ok privscan/reword-optimised"
		sed 's/^/    /' "$scratch/errors"
	elif ! tail -n 1 "$scratch/words.1" | grep -q number || ! cmp -s "$scratch/words.1" "$scratch/words.2"; then
		echo "not ok privscan/reword-optimised"
		cat "$scratch/words.1" "$scratch/words.2"
	else
		echo "ok privscan/reword-optimised"
	fi
	rm -rf "$scratch/words" "$scratch/again"
	app=$main_app
fi
if selected privscan/fixed; then
	reworded
	printf 'cflags: [-DFIXED]\n' >>"$app/ukbuild.yaml"
	if reword none,nullpage=on,wx=on,privscan=on words >/dev/null; then
		echo "not ok privscan/fixed"
		echo "an image is built, whose inline assembly has the bytes"
	elif grep -q "inside an instruction in 'main'.*(bytes 0f 22 c0).*inline assembly" "$scratch/errors"; then
		echo "ok privscan/fixed"
	else
		echo "not ok privscan/fixed"
		cat "$scratch/errors"
	fi
	rm -rf "$scratch/words"
	app=$main_app
fi
