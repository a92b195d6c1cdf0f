/* SPDX-License-Identifier: Apache-2.0 */
/* What fitting and measuring of attack detection share. */
#ifndef EVALUATION_ATTACK_FIT_H
#define EVALUATION_ATTACK_FIT_H

#include <stddef.h>
#include <stdint.h>

/* The least of count > 0 values that at most so many per mille of them reach. Sorts them. */
float gh_attack_upper_quantile(float *values, size_t count, uint32_t permille);

#endif
