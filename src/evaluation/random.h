/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that only have to be well mixed and the same every time. */
#ifndef GATEHOUSE_SRC_EVALUATION_RANDOM_H
#define GATEHOUSE_SRC_EVALUATION_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* xorshift64* (Vigna 2016): any seed but 0 will do. */
static inline uint64_t gh_random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(0x2545f4914f6cdd1d);
}

/* Below limit, which is not 0. */
static inline uint32_t gh_random_below(uint64_t *state, uint32_t limit)
{
	return (uint32_t)((gh_random_next(state) >> 32) * limit >> 32);
}

/* Fisher and Yates. */
static inline void gh_random_shuffle(uint64_t *state, uint32_t *order, uint32_t count)
{
	for (uint32_t i = count; i > 1; i--) {
		uint32_t other = gh_random_below(state, i);
		uint32_t kept = order[i - 1];

		order[i - 1] = order[other];
		order[other] = kept;
	}
}

#endif
