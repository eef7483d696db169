# SPDX-License-Identifier: BSD-2-Clause
# What each profile switches on; a mechanism that is not named is off. Later words win over earlier
# ones, and the manifest's own keys and --harden win over all of them.
# none: nothing at all, the yardstick every cost is measured against.
none :=
# peer: what common unikernels and a Linux guest ship (no-execute, read-only text and tables, strong canary).
peer := nullpage=on wx=on canary=strong relro=on
# default: what a manifest that says nothing gets.
default := nullpage=on wx=on canary=strong cfi=kcfi aslr=full guard=on dma=on setjmp=on privscan=on autoinit=capped relro=on heap=on rng=on
# max: all that keeps the kernels of bench within 12 percent; needs link-time optimisation. canary=all would cost six more.
max := nullpage=on wx=on canary=strong cfi=icall aslr=full guard=on dma=on setjmp=on privscan=on autoinit=capped relro=on sls=on zeroregs=on fortify=on bounds=on ubsan=on heap=on reset=on cet=full rng=on
