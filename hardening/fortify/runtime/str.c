/* SPDX-License-Identifier: BSD-2-Clause */
#include "fortify.h"

void *memcpy(void *d, const void *s, size_t n);
void *memset(void *d, int c, size_t n);
size_t strlen(const char *s);
char *__strcpy_chk(char *d, const char *s, size_t size);
char *__stpcpy_chk(char *d, const char *s, size_t size);
char *__strcat_chk(char *d, const char *s, size_t size);
char *__strncpy_chk(char *d, const char *s, size_t n, size_t size);
char *__stpncpy_chk(char *d, const char *s, size_t n, size_t size);
char *__strncat_chk(char *d, const char *s, size_t n, size_t size);

static size_t length(const char *s, size_t at_most)
{
	size_t n = 0;

	while (n < at_most && s[n])
		n++;
	return n;
}

CHECKED char *__stpcpy_chk(char *d, const char *s, size_t size)
{
	const size_t n = strlen(s);

	if (n >= size)
		uk_fortify_fail();
	memcpy(d, s, n + 1);
	return d + n;
}

CHECKED char *__strcpy_chk(char *d, const char *s, size_t size)
{
	const size_t n = strlen(s);

	if (n >= size)
		uk_fortify_fail();
	return memcpy(d, s, n + 1);
}

CHECKED char *__strncat_chk(char *d, const char *s, size_t n, size_t size)
{
	const size_t before = strlen(d), more = length(s, n);

	if (before >= size || more >= size - before)
		uk_fortify_fail();
	memcpy(d + before, s, more);
	d[before + more] = '\0';
	return d;
}

CHECKED char *__strcat_chk(char *d, const char *s, size_t size)
{
	const size_t before = strlen(d), more = strlen(s);

	if (before >= size || more >= size - before)
		uk_fortify_fail();
	memcpy(d + before, s, more + 1);
	return d;
}

CHECKED char *__stpncpy_chk(char *d, const char *s, size_t n, size_t size)
{
	size_t len;

	if (n > size)
		uk_fortify_fail();
	len = length(s, n);
	memcpy(d, s, len);
	memset(d + len, 0, n - len);
	return d + len;
}

CHECKED char *__strncpy_chk(char *d, const char *s, size_t n, size_t size)
{
	size_t len;

	if (n > size)
		uk_fortify_fail();
	len = length(s, n);
	memcpy(d, s, len);
	memset(d + len, 0, n - len);
	return d;
}
