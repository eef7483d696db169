/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Regular two-level fractional factorial designs of resolution IV, and estimating effects from them (Box, Hunter
 * and Hunter, "Statistics for Experimenters", 2nd edition, chapters 5 and 6).
 *
 * A design for k factors has N = 2^m runs with 2^(m-1) >= k. Each factor is a column: a word of m bits, of odd
 * weight and used once. In run r a factor is on when its column and r have an odd number of bits in common; so
 * run 0 has all factors off. Words of odd weight make the second half of the runs the first one with every
 * factor switched over (fold-over), and the product of three columns is no column's inverse: no main effect is
 * confused with a pair. Pairs whose columns have the same sum are confused with each other: aliases.
 */
#ifndef UKB_DESIGN_H
#define UKB_DESIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

#define DESIGN_MAX_FACTORS 128

struct design {
	size_t factors, runs;
	uint32_t *columns; /* of each factor */
};

/* Fewest runs for 1 to DESIGN_MAX_FACTORS factors. */
void design_make(struct arena *a, size_t factors, struct design *ret);
bool design_is_on(const struct design *d, size_t factor, size_t run);

/*
 * The coefficient of a word in y, one value for each run: of a factor's column half of what the factor adds; of
 * the sum (exclusive or) of two columns a quarter of what both add together beyond each alone.
 */
double design_coefficient(const struct design *d, uint32_t word, const double *y);

/* A pair of factors and what it adds; first < second. */
struct design_pair {
	size_t first, second;
	double adds;
	size_t aliases; /* of the pairs with the same word, how many others there are */
};
/*
 * Every word that is a pair's, largest effect first. Of aliases the one stands for all whose factors have the
 * largest main effects (effect heredity). ret_len at most runs / 2.
 */
struct design_pair *design_pairs(struct arena *a, const struct design *d, const double *y,
				 size_t *ret_len);
uint32_t design_pair_word(const struct design *d, size_t first, size_t second);

/*
 * What an effect of a pair looks like that is none: Lenth's pseudo standard error ("Quick and Easy Analysis of
 * Unreplicated Factorials", Technometrics 31, 1989) over the words that are no factor's, as pairs add. And the
 * margin beyond which a pair is one.
 */
double design_noise(struct arena *a, const struct design *d, const double *y, double *ret_margin);

#endif
