/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers too small for full precision (IEEE 754-2019, 2.1, subnormal numbers).
 * Some processors take a hundred times as long over each of them, and channels
 * of a network that have died out make them by the million; what they could add
 * to an answer is below 1e-37. While they count as zero, a network takes the
 * same time on every processor.
 */
#ifndef GH_VISION_TINY_NUMBERS_H
#define GH_VISION_TINY_NUMBERS_H

#include <stdint.h>

/**
 * From here on the calling thread reads and writes them as zero. Returns what
 * gh_tiny_numbers_restore takes. Does nothing on processors that are neither
 * x86-64 nor 64-bit ARM. Any thread; never blocks.
 */
uint64_t gh_tiny_numbers_as_zero(void);

/** As it was before. */
void gh_tiny_numbers_restore(uint64_t before);

#endif
