# SPDX-License-Identifier: BSD-2-Clause
# Include layers of build/ (ARCHITECTURE.md): prints each include that points upwards.
BEGIN {
	split("manifest stats share edit tree fragment exports tool tools source elf disasm code units units lock stamp fetch cfi priv", one)
	for (i in one)
		layer[one[i]] = 1
	# The pipeline, in order: a stage may include those before it.
	split("kconf scan resolve config harden headers flags gen lto link order passes plan image compile reword relink image_open inspect qemu run console " \
	      "symbolise explain cmd build diversify floor probe variants cost native design measure attack", two)
	for (i = 1; i in two; i++)
		layer[two[i]] = 2
	layer["harden"] = 1 # what verifiers see: a description, no stage
	split("report compare choose", three)
	for (i in three)
		layer[three[i]] = 3
	name = file
	sub(/^build\//, "", name)
	is_base = name ~ /^base\//
	sub(/\.[ch]$/, "", name)
	is_command = name ~ /^cmd_/ # commands join the stages, as ukbuild.c does
	sub(/_.*/, "", name)
	mine = is_base ? 0 : (name in layer) ? layer[name] : 4
	if (is_command)
		mine = 4
}
/^#include "/ {
	target = $2
	gsub(/"/, "", target)
	if (target ~ /^base\// || (is_base && target !~ /\//))
		next
	if (is_base) {
		print file ":" FNR ": base includes " target
		next
	}
	sub(/\.h$/, "", target)
	sub(/_.*/, "", target)
	if (target == name)
		next
	theirs = (target in layer) ? layer[target] : 4
	if (theirs > mine)
		print file ":" FNR ": layer " mine " includes layer " theirs " (" target ")"
}
