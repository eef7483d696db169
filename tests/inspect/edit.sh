# SPDX-License-Identifier: BSD-2-Clause
# Read by run.sh: finds instructions and symbols in $image, writes over them, and asks inspect what it thinks of that.
# shellcheck shell=sh disable=SC2154 # scratch and image are run.sh's

# offset FILE ADDRESS(decimal): the file offset, from the program headers.
offset()
{
	readelf -lW "$1" | awk -v at="$2" '
	function number(hex,    i, n) {
		n = 0
		hex = tolower(hex)
		for (i = 3; i <= length(hex); i++)
			n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
		return n
	}
	$1 == "LOAD" && at >= number($3) && at < number($3) + number($5) {
		print at - number($3) + number($2)
		exit
	}'
}

# patch FILE ADDRESS(decimal) OCTAL-BYTES: writes bytes into the file.
patch()
{
	# shellcheck disable=SC2059 # the bytes are a format on purpose
	printf "$3" | dd of="$1" bs=1 seek="$(offset "$1" "$2")" conv=notrunc 2>/dev/null
}

# find_insn FUNCTION PATTERN [SKIP]: decimal address of the first instruction whose text matches.
find_insn()
{
	objdump -d --no-show-raw-insn --disassemble="$1" "$image.ukmap" |
		awk -v p="$2" -v skip="${3:-0}" -F '[:\t]' '
		/^ *[0-9a-f]+:/ && $0 ~ p && skip-- <= 0 { gsub(/ /, "", $1); print $1; exit }' |
		{ read -r hex && printf '%d\n' "0x$hex"; }
}

# find_insn_behind FUNCTION ADDRESS PATTERN: as above, but from behind an address on.
find_insn_behind()
{
	objdump -d --no-show-raw-insn --disassemble="$1" --start-address="$(($2 + 1))" "$image.ukmap" |
		awk -v p="$3" -F '[:\t]' '
		/^ *[0-9a-f]+:/ && $0 ~ p { gsub(/ /, "", $1); print $1; exit }' |
		{ read -r hex && printf '%d\n' "0x$hex"; }
}

symbol()
{
	printf '%d\n' "0x$(nm "$image.ukmap" | awk -v s="$1" '$3 == s { print $1; exit }')"
}

# judge IMAGE MECHANISM: what inspect says; its status in $scratch/status.
judge()
{
	status=0
	"$UKBUILD" inspect --json "$1" >"$scratch/inspect.json" 2>"$scratch/errors" || status=$?
	echo "$status" >"$scratch/status"
	jq -r --arg m "$2" '.mechanisms[] | select(.name == $m).state' "$scratch/inspect.json"
}

# remove FROM TO: nothing is done any more between two addresses, which are hexadecimal.
remove()
{
	at=$((0x$1))
	while [ "$at" -lt "$((0x$2))" ]; do
		patch "$image" "$at" '\220'
		at=$((at + 1))
	done
}

# lone_branch TRAP: a branch to a trap to which no other leads.
lone_branch()
{
	objdump -d --no-show-raw-insn "$image.ukmap" >"$scratch/code"
	awk -F '[: \t]+' -v trap_at="ud1 +$1\\\\(%eax\\\\),%eax" '
	NR == FNR { if ($0 ~ trap_at) trap[$2]; else if ($3 ~ /^j/ && $3 !~ /^jmp/) n[$4]++; next }
	from { print from, $2; exit }
	$3 ~ /^j/ && $3 !~ /^jmp/ && $4 in trap && n[$4] == 1 { from = $2 }
	' "$scratch/code" "$scratch/code" >"$scratch/branch"
	read -r from to <"$scratch/branch" || return 1
	remove "$from" "$to"
}

judged=
# try_edit NAME MECHANISM HARDEN EDIT-FUNCTION: builds, copies, edits, judges: $before and $after. One image after another is
# edited in several ways: it is judged once.
try_edit()
{
	original=$(build "$3") || {
		echo "not ok $1"
		cat "$scratch/errors"
		return 1
	}
	if [ "$judged" != "$original $2" ]; then
		before=$(judge "$original" "$2")
		judged="$original $2"
	fi
	image=$scratch/edited.elf
	cp "$original" "$image"
	cp "$original.ukmap" "$image.ukmap"
	if ! "$4" || cmp -s "$original" "$image"; then
		echo "not ok $1"
		echo "the edit found nothing to change"
		return 1
	fi
	after=$(judge "$image" "$2")
}

# say_edit NAME CONDITION...
say_edit()
{
	e_name=$1
	shift
	if [ "$before" = on ] && "$@"; then
		echo "ok $e_name"
		return 0
	fi
	echo "not ok $e_name"
	echo "before: $before, after: $after, status $(cat "$scratch/status")"
	cat "$scratch/errors"
}

is_noticed()
{
	{ [ "$after" = partial ] || [ "$after" = off ]; } && [ "$(cat "$scratch/status")" = 4 ]
}

# edited NAME MECHANISM HARDEN EDIT-FUNCTION: what was edited out is noticed.
edited()
{
	selected "$1" || return 0
	! try_edit "$@" || say_edit "$1" is_noticed
}

# innocent NAME MECHANISM HARDEN EDIT-FUNCTION: what does the mechanism no harm is not taken for harm.
innocent()
{
	selected "$1" || return 0
	! try_edit "$@" || say_edit "$1" [ "$after" = on ]
}
