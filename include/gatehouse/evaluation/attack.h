/* SPDX-License-Identifier: Apache-2.0 */
/* Presentation attack detection measured as in ISO/IEC 30107-3, and its parameters fitted. */
#ifndef GATEHOUSE_EVALUATION_ATTACK_H
#define GATEHOUSE_EVALUATION_ATTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/vision/attack.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Species of attack instruments told apart, bona fide included. */
#define GH_ATTACK_SPECIES_MAX 64

/** One presentation and the cues it gave. */
struct gh_attack_case {
	uint32_t identity; /**< whose face is shown */
	uint32_t species;  /**< of the attack instrument; 0: bona fide */
	bool unseen;       /**< a variant of it kept out of fitting */
	uint32_t number;   /**< of several presentations of one identity and species */
	bool acquired;     /**< a face was found; else there are no cues */
	struct gh_attack_measure cues[GH_ATTACK_CUE_COUNT];
};

/**
 * A share of presentations called attack: 1 - APCER of a species, or BPCER, in
 * the terms of ISO/IEC 30107-3 clause 13. The 95 % interval is a bootstrap over
 * identities, widened to Wilson's where that is wider.
 */
struct gh_attack_rate {
	uint32_t shown;
	double rate;
	double low;
	double high;
};

/**
 * Fit both fusions and their limits; fills all of *parameters but the data
 * set's name and simulated_only. Bona fide and attacks weigh the same, and all
 * species of attack; weights are held at or above 0. Cases without a face are
 * left out.
 *
 * GH_OK, GH_MALFORMED (fewer than 20 bona fide or attack cases, or a species
 * out of range), GH_NO_MEMORY. Same cases, same result. Blocks some seconds.
 */
GH_MUST_USE enum gh_status gh_attack_fit(const struct gh_attack_case *cases, size_t count,
	struct gh_attack_parameters *parameters, struct gh_error *error);

/**
 * Measure one species at the limits of the parameters for a share of bona fide
 * called attack: with all cues, without the network, and by the network alone
 * at the limit that gives the bona fide cases at hand this share.
 */
void gh_attack_measure_species(const struct gh_attack_case *cases, size_t count, uint32_t species,
	const struct gh_attack_parameters *parameters, uint32_t bpcer_permille,
	struct gh_attack_rate rates[3]);

#ifdef __cplusplus
}
#endif

#endif
