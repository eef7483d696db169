/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"
#include <regex.h>
#include <string.h>

enum {
	ROUNDS = 12,
	MATCHES = 4,
};

uint64_t bench_regex(void)
{
	static const char *const patterns[] = {
		"^([a-z]+)=([0-9]+)$",
		"(foo|bar)+baz",
		"[[:alpha:]_][[:alnum:]_]*\\(.*\\);",
		"^[^ ]+ +\\[([^]]+)\\] \"(GET|POST) ([^ \"]+)",
	};
	static const char *const lines[] = {
		"answer=42",
		"foobarfoobarbaz",
		"value = compute(alpha, beta, gamma);",
		"192.0.2.7 [21/Nov/2026:21:00:00] \"GET /index.html HTTP/1.1\" 200 5120",
		"nothing to be found in this line of plain words",
	};
	uint64_t sum = BENCH_SUM;

	for (int round = 0; round < ROUNDS; round++) {
		for (unsigned p = 0; p < sizeof(patterns) / sizeof(patterns[0]); p++) {
			regmatch_t m[MATCHES];
			regex_t re;

			if (regcomp(&re, patterns[p], REG_EXTENDED))
				return 0;
			for (unsigned l = 0; l < sizeof(lines) / sizeof(lines[0]); l++) {
				memset(m, 0, sizeof(m));
				if (regexec(&re, lines[l], MATCHES, m, 0))
					continue;
				for (int k = 0; k < MATCHES; k++) {
					int64_t range[] = {m[k].rm_so, m[k].rm_eo};

					sum = bench_sum(sum, range, sizeof(range));
				}
			}
			regfree(&re);
		}
	}
	return sum;
}
