/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"
#include <stdlib.h>
#include <string.h>

enum {
	ROUNDS = 400,
};

static const char text[] =
	"It was the best of times, it was the worst of times, it was the age of wisdom, "
	"it was the age of foolishness, it was the epoch of belief, it was the epoch "
	"of incredulity, it was the season of Light, it was the season of Darkness, it "
	"was the spring of hope, it was the winter of despair.";

static uint64_t one_round(int round)
{
	static const char *const words[] = {"epoch", "wisdom", "despair", "nowhere", "Light"};
	char copy[sizeof(text)], number[24];
	uint64_t sum = 0;
	char *save, *word;

	memcpy(copy, text, sizeof(text));
	for (unsigned k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
		const char *at = strstr(copy, words[k]);

		sum = sum * 31 + (at ? (uint64_t)(at - copy) : 999);
	}
	sum = sum * 31 + strcspn(copy, "D") + strspn(copy, "It was");
	for (word = strtok_r(copy, " ,.", &save); word; word = strtok_r(NULL, " ,.", &save))
		sum = sum * 31 + strlen(word) + (strcmp(word, "it") == 0) +
		      (memchr(word, 'e', strlen(word)) != NULL);
	number[0] = (char)('1' + round % 9);
	strcpy(number + 1, "234567.25");
	return sum * 31 + (uint64_t)strtod(number, NULL) + (uint64_t)strtol(number, NULL, 10);
}

uint64_t bench_string(void)
{
	uint64_t sum = BENCH_SUM;

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t one = one_round(i);

		sum = bench_sum(sum, &one, sizeof(one));
	}
	return sum;
}
