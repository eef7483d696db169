/* SPDX-License-Identifier: BSD-2-Clause */
/* musl's own, callable through a pointer under kcfi. */
#include "type_hash.h"

TYPE_HASH(memset)
.include "memset.s"
