/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Structures whose members the mechanism structlayout may put into a drawn order, and what the image tells
 * its verifier about them. Without the mechanism nothing here changes a byte of what is loaded.
 *
 *	struct UK_SHUFFLED session {
 *		...
 *	};
 *	static const UK_SHUFFLED_RECORD(session, UK_AT(session, user), UK_AT(session, close));
 *
 * Such a structure needs designated initialisers. Never for what a processor, a device, the hypervisor, another
 * machine or assembly reads.
 */
#ifndef UK_SHUFFLED_H
#define UK_SHUFFLED_H

#include <stddef.h>
#include <stdint.h>

/* Where tests run image code on the host its compiler may not know this. */
#if __has_attribute(randomize_layout)
#define UK_SHUFFLED __attribute__((randomize_layout))
#else
#define UK_SHUFFLED
#endif

#define UK_AT(tag, member) offsetof(struct tag, member)

/*
 * For the verifier (hardening/structlayout/verify.c): the offsets of members as this source sees them, in the
 * order in which they are declared; then the names of source and structure. In the sidecar only.
 */
#define UK_SHUFFLED_RECORD(tag, ...)                                                      \
	struct {                                                                          \
		uint32_t bytes, count;                                                    \
		uint32_t offset[sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t)];    \
		char names[sizeof(__BASE_FILE__ "\0" #tag)];                              \
	} uk_shuffled_##tag __attribute__((used, section(".ukshuffled"), aligned(4))) = { \
		.bytes = sizeof(uk_shuffled_##tag),                                       \
		.count = sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t),            \
		.offset = {__VA_ARGS__},                                                  \
		.names = __BASE_FILE__ "\0" #tag,                                         \
	}

/* Nobody uses it. Its order shows in each source that includes this whether the order was drawn there. */
struct UK_SHUFFLED uk_shuffled_witness {
	uint32_t a, b, c, d, e, f, g, h, i, j, k, l;
};
static const UK_SHUFFLED_RECORD(uk_shuffled_witness, UK_AT(uk_shuffled_witness, a),
				UK_AT(uk_shuffled_witness, b), UK_AT(uk_shuffled_witness, c),
				UK_AT(uk_shuffled_witness, d), UK_AT(uk_shuffled_witness, e),
				UK_AT(uk_shuffled_witness, f), UK_AT(uk_shuffled_witness, g),
				UK_AT(uk_shuffled_witness, h), UK_AT(uk_shuffled_witness, i),
				UK_AT(uk_shuffled_witness, j), UK_AT(uk_shuffled_witness, k),
				UK_AT(uk_shuffled_witness, l));

#endif
