/* SPDX-License-Identifier: BSD-2-Clause */
/* Stands for musl's own header, so that its iconv.c can be built on the host: no locales, UTF-8. */
#include <iconv.h>
#include <wchar.h>

#define hidden
#define CURRENT_LOCALE test_locale
#define UTF8_LOCALE 0

typedef int test_locale_t;
#define locale_t test_locale_t
static test_locale_t test_locale;

#define iconv musl_iconv
#define iconv_open musl_iconv_open
#define iconv_close musl_iconv_close
#define wctomb test_wctomb
#define mbrtowc test_mbrtowc

/* As musl's wctomb() in a UTF-8 locale: -1 for what is no character (RFC 3629). */
static int test_wctomb(char *to, unsigned c)
{
	if (c < 0x80) {
		*to = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		if (c - 0xd800 < 0x800)
			return -1;
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 63));
		to[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	if (c > 0x10ffff)
		return -1;
	to[0] = (char)(0xf0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 63));
	to[2] = (char)(0x80 | (c >> 6 & 63));
	to[3] = (char)(0x80 | (c & 63));
	return 4;
}

/* Only encoders are tested here: nothing decodes UTF-8. */
static size_t test_mbrtowc(wchar_t *ret, const char *s, size_t n, mbstate_t *st)
{
	(void)ret;
	(void)s;
	(void)n;
	(void)st;
	return (size_t)-1;
}
