/* SPDX-License-Identifier: Apache-2.0 */
/* Records of specimen travellers that keep every rule, made from a seed. */
#ifndef GATEHOUSE_TESTS_SUPPORT_ENCOUNTER_SPECIMEN_H
#define GATEHOUSE_TESTS_SUPPORT_ENCOUNTER_SPECIMEN_H

#include "gatehouse/encounter/encounter.h"
#include "gatehouse/encounter/heartbeat.h"

/* A passage of each sort, all fields used that the sort may use. */
enum specimen {
	SPECIMEN_MATCH,
	SPECIMEN_NOT_FOUND,
	SPECIMEN_MISMATCH,
	SPECIMEN_CANNOT_TELL,
	SPECIMEN_NOT_CAPTURED,
	SPECIMEN_OPTED_OUT,
	SPECIMEN_GALLERY_NOT_READY,
	SPECIMEN_COUNT
};

/* The record of seed: the sort goes round, all else is drawn. */
void specimen_encounter(uint64_t seed, struct gh_encounter *encounter);

/* A record of one sort; seed draws the rest. */
void specimen_encounter_of(enum specimen sort, uint64_t seed, struct gh_encounter *encounter);

/* The addendum of seed: the kind goes round. */
void specimen_addendum(uint64_t seed, struct gh_addendum *addendum);

/* The heartbeat of seed: some devices, with or without a certificate. */
void specimen_heartbeat(uint64_t seed, struct gh_heartbeat *heartbeat);

#endif
