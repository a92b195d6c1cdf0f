/* SPDX-License-Identifier: Apache-2.0 */
/* Templates and a calibration made of random numbers, for tests and benchmarks. */
#ifndef GATEHOUSE_TESTS_SUPPORT_GALLERY_SYNTHETIC_H
#define GATEHOUSE_TESTS_SUPPORT_GALLERY_SYNTHETIC_H

#include <stdint.h>

#include "gatehouse/gallery/calibration_file.h"

/* Facts of the synthetic calibration: normal impostor and genuine scores. */
#define SYNTHETIC_IMPOSTOR_MEAN 0.02
#define SYNTHETIC_IMPOSTOR_SD 0.08
#define SYNTHETIC_GENUINE_MEAN 0.70
#define SYNTHETIC_GENUINE_SD 0.10
#define SYNTHETIC_IMPOSTOR_PAIRS 4000000u
#define SYNTHETIC_FRAME_SPREAD 0.08
#define SYNTHETIC_LLR_MIN (-7.0)
#define SYNTHETIC_LLR_MAX 11.0

/*
 * Where the random numbers of a test begin: GATEHOUSE_SEED (1 if not given), printed, mixed with
 * the number of the test, so that no test draws what another has drawn.
 */
uint64_t synthetic_seed(uint64_t test);

/* xorshift64*; ctx is a uint64_t that is not 0. */
uint64_t synthetic_random(void *ctx);

/* A uniform number below limit, and a normal one. */
uint64_t synthetic_below(uint64_t *state, uint64_t limit);
float synthetic_normal(uint64_t *state);

/* A random unit vector, and one whose cosine with `other` is closeness. */
void synthetic_template(uint64_t *state, struct gh_template *made);
void synthetic_look_alike(uint64_t *state, const struct gh_template *other, float closeness,
	struct gh_template *made);

/* Content of a calibration; points and directions are static and belong to nobody. */
struct gh_calibration_content synthetic_content(void);

/* The same, opened. Ends the program when it cannot be. */
struct gh_calibration *synthetic_calibration(void);

#endif
