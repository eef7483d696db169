/* SPDX-License-Identifier: BSD-2-Clause */
/* Call frame information: the first eight bytes are the program counter, the rest is .debug_frame. */
#include "cfi.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct cfi_rule rule;
	uint64_t pc;

	if (len < sizeof(pc))
		return 0;
	memcpy(&pc, data, sizeof(pc));
	(void)cfi_find(data + sizeof(pc), len - sizeof(pc), pc, &rule);
	return 0;
}
