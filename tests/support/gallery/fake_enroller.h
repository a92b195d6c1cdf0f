/* SPDX-License-Identifier: Apache-2.0 */
/* Stands for gh_enroller_*: portraits are not pictures but say which template they give. */
#ifndef GATEHOUSE_TESTS_SUPPORT_GALLERY_FAKE_ENROLLER_H
#define GATEHOUSE_TESTS_SUPPORT_GALLERY_FAKE_ENROLLER_H

#include "gatehouse/base/bytes.h"
#include "gatehouse/vision/enrol.h"

/* What comes of a portrait. */
enum fake_portrait_kind {
	FAKE_FACE = 'F',
	FAKE_DOUBT = 'D', /* a face, but blurred */
	FAKE_NO_FACE = 'N',
	FAKE_MALFORMED = 'M',
	FAKE_BROKEN = 'B', /* the engine fails on it */
};

/* The face of `who`, in one of many pictures: its template has cosine 0.9 with the person's own. */
struct fake_portrait {
	uint64_t kind; /* enum fake_portrait_kind; as wide as the rest: no gap to be hashed */
	uint64_t who;
	uint64_t picture;
};

/* The bytes of a portrait. *bytes is replaced. */
void fake_portrait_write(const struct fake_portrait *portrait, struct gh_bytes *bytes);

/* The template that the fake makes of a picture of a person. */
void fake_template(uint64_t who, uint64_t picture, struct gh_template *made);

/* The chain of the fake, that of the synthetic calibration; and how many pictures it was given. */
struct gh_enroller *fake_enroller(void);
struct gh_model_chain fake_chain(void);
unsigned long fake_enrolled(void);

/* Let the fake claim another chain; 0xc4 is its usual one. */
void fake_chain_set(uint8_t byte);

#endif
