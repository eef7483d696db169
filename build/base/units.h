/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers with units as people write them: sizes, shares, times. Whole text or nothing. */
#ifndef UKB_UNITS_H
#define UKB_UNITS_H

#include <stdbool.h>
#include <stdint.h>

/* "4096", "512K", "28KiB", "8M", "8MiB", "1G", "1GiB": powers of 1024. False: not a size. */
bool units_bytes(const char *s, uint64_t *ret_bytes);
/* "3%", "2.5%": tenths of a percent. */
bool units_permille(const char *s, uint64_t *ret_permille);
/* "500ms", "10s", "10" (seconds), "2m". */
bool units_ms(const char *s, uint64_t *ret_ms);
/* Decimal digits, '_' between them allowed: "30000", "30_000". */
bool units_count(const char *s, uint64_t *ret_count);

#endif
