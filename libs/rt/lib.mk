# SPDX-License-Identifier: BSD-2-Clause
PROVIDES := rt
# Always, not by symbol: with link-time optimisation the calls are made after resolution.
SRC := div128.c
EXPORTS := __udivti3 __umodti3 __udivmodti4 __divti3 __modti3
SRC-__mulsc3 := complex_float.c
SRC-__divsc3 := complex_float.c
SRC-__muldc3 := complex_double.c
SRC-__divdc3 := complex_double.c
SRC-__mulxc3 := complex_long.c
SRC-__divxc3 := complex_long.c
