/* SPDX-License-Identifier: BSD-2-Clause */
/* A plain main for fuzz targets: gives each file named on the command line to the target. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	enum {
		MAX_BYTES = 16 << 20
	};

	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "re");
		uint8_t *data = malloc(MAX_BYTES), *exact;
		size_t len;

		if (!f || !data) {
			fprintf(stderr, "cannot read '%s'\n", argv[i]);
			return 1;
		}
		len = fread(data, 1, MAX_BYTES, f);
		fclose(f);
		/* A block of exactly this size, so that one byte too far is seen. */
		exact = realloc(data, len ? len : 1);
		fprintf(stderr, "%s\n", argv[i]);
		if (exact)
			(void)LLVMFuzzerTestOneInput(exact, len);
		free(exact ? exact : data);
	}
	return 0;
}
