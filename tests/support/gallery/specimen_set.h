/* SPDX-License-Identifier: Apache-2.0 */
/* One gallery and one voyage at a time, as tests of whole galleries share them. */
#ifndef GATEHOUSE_TESTS_SUPPORT_GALLERY_SPECIMEN_SET_H
#define GATEHOUSE_TESTS_SUPPORT_GALLERY_SPECIMEN_SET_H

#include "support/gallery/specimen_voyage.h"

/* Names of voyages. */
enum {
	A = 0xa1,
	B = 0xb2,
	C = 0xc3
};

extern struct specimen_gallery set;
extern struct specimen_voyage specimen;

/* A gallery in a folder of its own, around each test. */
int set_begin(void **state);
int set_end(void **state);

/* Load a voyage of so many persons, or refuse to. */
enum gh_status set_load(uint8_t name, uint32_t version, size_t persons, uint32_t portraits);

/* Another run of the program on the same folder. */
void set_restart(void);

/* A fresh picture of a person, and a search with one. */
void set_probe(uint64_t who, struct gh_template *probe);
enum gh_status set_search(uint64_t who, struct gh_search *found);

/* Whether the candidate is specimen `who` of the voyage. */
bool set_has(const struct gh_candidate *candidate, uint8_t voyage, uint64_t who);

/* Whether the person is the best candidate and reaches the threshold; whether there at all. */
bool set_matched(uint64_t who, uint8_t voyage);
bool set_lists(uint64_t who, uint8_t voyage);

#endif
