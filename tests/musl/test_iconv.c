/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * iconv of the prepared musl (SOURCE_ICONV), on the host. CVE-2025-26519: EUC-KR lead bytes are bounded.
 * CVE-2026-6042: the work for one GB18030 character is bounded, counted in basic blocks by the compiler's
 * instrumentation (-fsanitize-coverage=trace-pc-guard).
 */
#include SOURCE_ICONV

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static uint64_t blocks;

void __sanitizer_cov_trace_pc_guard_init(uint32_t *start, uint32_t *stop);
void __sanitizer_cov_trace_pc_guard(uint32_t *guard);

void __sanitizer_cov_trace_pc_guard_init(uint32_t *start, uint32_t *stop)
{
	(void)start;
	(void)stop;
}

void __sanitizer_cov_trace_pc_guard(uint32_t *guard)
{
	(void)guard;
	blocks++;
}

/* Decodes one sequence to a number; 0 and errno when it is refused. */
static uint32_t decode(const char *charset, const char *s, size_t len)
{
	iconv_t cd = musl_iconv_open("WCHAR_T", charset);
	uint32_t c = 0;
	char *in = (char *)(uintptr_t)s, *out = (char *)&c;
	size_t in_len = len, out_len = sizeof(c);

	assert_true(cd != (iconv_t)-1);
	if (musl_iconv(cd, &in, &in_len, &out, &out_len) == (size_t)-1)
		return 0;
	assert_int_equal(in_len, 0);
	return c;
}

static void test_euc_kr(void **state)
{
	(void)state;
	/* UHC: 0x81..0xc6, the last row up to 0x52; the first and the last syllable outside of KS X 1001. */
	assert_int_equal(decode("EUC-KR", "\x81\x41", 2), 0xac02);
	assert_int_equal(decode("EUC-KR", "\xc6\x52", 2), 0xd7a3);
	assert_int_equal(decode("EUC-KR", "\xb0\xa1", 2), 0xac00);
	for (unsigned lead = 0xc7; lead <= 0xff; lead++) {
		for (unsigned trail = 0x41; trail <= 0x52; trail++) {
			char s[2] = {(char)lead, (char)trail};

			assert_int_equal(decode("EUC-KR", s, 2), 0);
			assert_int_equal(errno, EILSEQ);
		}
	}
	assert_int_equal(decode("EUC-KR", "\xc6\x53", 2), 0);
}

/* A number that UTF-8 cannot hold ends in an error and moves nothing. */
static void test_encoder_failure(void **state)
{
	iconv_t cd = musl_iconv_open("UTF-8", "GB18030");
	char text[] = "\xfe\x39\xfe\x39", buf[64], *in = text, *out = buf + 32;
	size_t in_len = 4, out_len = 32;

	(void)state;
	assert_int_equal(musl_iconv(cd, &in, &in_len, &out, &out_len), (size_t)-1);
	assert_int_equal(errno, EILSEQ);
	assert_ptr_equal(out, buf + 32);
	assert_int_equal(out_len, 32);
	in = text;
	out_len = 3; /* the path for short buffers */
	assert_int_equal(musl_iconv(cd, &in, &in_len, &out, &out_len), (size_t)-1);
	assert_int_equal(errno, EILSEQ);
	assert_int_equal(out_len, 3);
}

static uint32_t decode_gb18030(uint32_t number)
{
	char s[4];

	s[3] = (char)('0' + number % 10);
	s[2] = (char)(0x81 + number / 10 % 126);
	s[1] = (char)('0' + number / 1260 % 10);
	s[0] = (char)(0x81 + number / 12600);
	return decode("GB18030", s, 4);
}

/* Four-byte sequences number the code points from U+0080 on that have no two-byte sequence. */
static void test_gb18030_values(void **state)
{
	static uint8_t has_two_bytes[65536];
	uint32_t number = 0;

	(void)state;
	for (int i = 0; i < 126; i++) {
		for (int j = 0; j < 190; j++)
			has_two_bytes[gb18030[i][j]] = 1;
	}
	for (uint32_t c = 0x80; c < 65536; c++) {
		if (!has_two_bytes[c])
			assert_int_equal(decode_gb18030(number++), c);
	}
	assert_int_equal(decode_gb18030(number), 65536);
}

static void test_gb18030_work(void **state)
{
	uint64_t worst = 0;

	(void)state;
	/* 19042 was the worst: 20,905 passes over the table. */
	for (uint32_t number = 19000; number < 19050; number++) {
		uint64_t before = blocks;

		decode_gb18030(number);
		if (blocks - before > worst)
			worst = blocks - before;
		assert_true(worst < 2000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_euc_kr),
		cmocka_unit_test(test_encoder_failure),
		cmocka_unit_test(test_gb18030_work),
		cmocka_unit_test(test_gb18030_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
