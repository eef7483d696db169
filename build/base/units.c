/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers with units. See units.h. */
#include "units.h"

#include "arena.h"
#include "str.h"
#include <stddef.h>

struct unit_name {
	const char *name;
	uint64_t factor;
};

/* Digits at *s; *s moves behind them. False without a digit or past 64 bits. */
static bool take_number(const char **s, bool underscores, uint64_t *ret)
{
	const char *p = *s;
	uint64_t n = 0;

	if (*p < '0' || *p > '9')
		return false;
	for (; (*p >= '0' && *p <= '9') || (underscores && *p == '_'); p++) {
		if (*p == '_') {
			if (p[1] < '0' || p[1] > '9')
				return false;
			continue;
		}
		if (__builtin_mul_overflow(n, (uint64_t)10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(*p - '0'), &n))
			return false;
	}
	*s = p;
	*ret = n;
	return true;
}

static bool with_unit(const char *s, const struct unit_name *units, size_t len, uint64_t *ret)
{
	uint64_t n;

	if (!take_number(&s, false, &n))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (str_eq(s, units[i].name))
			return !__builtin_mul_overflow(n, units[i].factor, ret);
	}
	return false;
}

bool units_bytes(const char *s, uint64_t *ret_bytes)
{
	static const struct unit_name units[] = {
		{"", 1},        {"B", 1},         {"K", 1 << 10}, {"KiB", 1 << 10},
		{"M", 1 << 20}, {"MiB", 1 << 20}, {"G", 1 << 30}, {"GiB", 1 << 30},
	};

	return with_unit(s, units, ARRAY_LEN(units), ret_bytes);
}

bool units_ms(const char *s, uint64_t *ret_ms)
{
	static const struct unit_name units[] = {{"ms", 1}, {"", 1000}, {"s", 1000}, {"m", 60000}};

	return with_unit(s, units, ARRAY_LEN(units), ret_ms);
}

bool units_permille(const char *s, uint64_t *ret_permille)
{
	uint64_t n, tenth = 0;

	if (!take_number(&s, false, &n) || __builtin_mul_overflow(n, (uint64_t)10, &n))
		return false;
	if (*s == '.') {
		if (s[1] < '0' || s[1] > '9')
			return false;
		tenth = (uint64_t)(s[1] - '0');
		s += 2;
	}
	return str_eq(s, "%") && !__builtin_add_overflow(n, tenth, ret_permille);
}

bool units_count(const char *s, uint64_t *ret_count)
{
	return take_number(&s, true, ret_count) && *s == '\0';
}
