/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs functions with the smallest, largest and most unlikely arguments and says which bytes of the image's data
 * that has changed: without chaff none, with chaff those of pads and no others (matrix.sh, check_decoys). The
 * functions keep nothing but a result, whose sum is the same with and without.
 */
#include "attack.h"

#include <stdlib.h>
#include <string.h>

extern char __data_start[], __bss_end[];

static const uint64_t extremes[] = {0,          1,          2,         7,          15,
				    16,         31,         32,        63,         64,
				    65,         127,        128,       255,        256,
				    4095,       4096,       INT32_MAX, UINT32_MAX, 1ull << 32,
				    1ull << 47, 1ull << 63, INT64_MAX, UINT64_MAX, UINT64_MAX - 63};

/* Of some size, or the pass leaves it alone; each has an array, as what decoys pretend to overrun. */
#define WORK(n, type)                                                                         \
	static __attribute__((noinline)) uint64_t work_##n(type a, const unsigned char *from, \
							   type b)                            \
	{                                                                                     \
		volatile unsigned char text[32];                                              \
		uint64_t sum = (uint64_t)a * (n + 1) ^ (uint64_t)b;                           \
                                                                                              \
		for (size_t i = 0; i < sizeof(text); i++)                                     \
			text[i] = (unsigned char)(from[i] + sum);                             \
		for (size_t i = 0; i < sizeof(text); i++) {                                   \
			sum = sum << 7 | sum >> 57;                                           \
			sum += text[(i + (size_t)b) % sizeof(text)];                          \
			if (sum & 64)                                                         \
				sum ^= (uint64_t)a + i;                                       \
			else if (sum & 128)                                                   \
				sum -= (uint64_t)b * i;                                       \
		}                                                                             \
		return sum;                                                                   \
	}

WORK(0, uint64_t)
WORK(1, int64_t)
WORK(2, uint32_t)
WORK(3, int32_t)
WORK(4, uint16_t)
WORK(5, int16_t)
WORK(6, uint8_t)
WORK(7, int8_t)
WORK(8, uint64_t)
WORK(9, int64_t)
WORK(10, uint32_t)
WORK(11, int32_t)
WORK(12, uint16_t)
WORK(13, int16_t)
WORK(14, uint8_t)
WORK(15, int8_t)

static __attribute__((noinline)) uint64_t work_all(uint64_t a, const unsigned char *from,
						   uint64_t b)
{
	uint64_t sum = 0;

#define CALL(n, type) sum += work_##n((type)a, from, (type)b)
	CALL(0, uint64_t);
	CALL(1, int64_t);
	CALL(2, uint32_t);
	CALL(3, int32_t);
	CALL(4, uint16_t);
	CALL(5, int16_t);
	CALL(6, uint8_t);
	CALL(7, int8_t);
	CALL(8, uint64_t);
	CALL(9, int64_t);
	CALL(10, uint32_t);
	CALL(11, int32_t);
	CALL(12, uint16_t);
	CALL(13, int16_t);
	CALL(14, uint8_t);
	CALL(15, int8_t);
	return sum;
}

static void say_hex(uint64_t n)
{
	char text[17];

	for (size_t i = 0; i < 16; i++)
		text[i] = "0123456789abcdef"[n >> (60 - 4 * i) & 15];
	text[16] = '\0';
	attack_say(text);
}

/* "changed FIRST LAST", in hexadecimal. */
static void say_changes(const unsigned char *before, const unsigned char *now, size_t len)
{
	const uint64_t at = (uint64_t)(uintptr_t)__data_start;

	for (size_t i = 0; i < len; i++) {
		const size_t first = i;

		while (i < len && now[i] != before[i])
			i++;
		if (i == first)
			continue;
		attack_say("changed ");
		say_hex(at + first);
		attack_say(" ");
		say_hex(at + i - 1);
		attack_say("\n");
	}
}

int main(void)
{
	const size_t len = (size_t)(__bss_end - __data_start);
	unsigned char from[32], *before = malloc(len), *now = malloc(len);
	uint64_t sum = 0;

	if (!before || !now)
		return 1;
	for (size_t i = 0; i < sizeof(from); i++)
		from[i] = (unsigned char)(i * 37);
	memcpy(before, __data_start, len);
	for (size_t i = 0; i < sizeof(extremes) / sizeof(*extremes); i++)
		for (size_t k = 0; k < sizeof(extremes) / sizeof(*extremes); k++)
			sum += work_all(extremes[i], from, extremes[k]);
	memcpy(now, __data_start, len);
	attack_say("sum ");
	say_hex(sum);
	attack_say("\n");
	say_changes(before, now, len);
	return 0;
}
