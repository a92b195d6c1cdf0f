/* SPDX-License-Identifier: Apache-2.0 */
/* Stands for gh_enroller_*: portraits are not pictures but say which template they give. */
#include "support/gallery/fake_enroller.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/gallery/synthetic.h"

#define CLOSENESS 0.9f

struct gh_enroller {
	atomic_ulong enrolled;
	atomic_uchar chain;
};

static struct gh_enroller only = { 0, 0xc4 };

void fake_portrait_write(const struct fake_portrait *portrait, struct gh_bytes *bytes)
{
	gh_bytes_clear(bytes);
	if (gh_bytes_append(bytes, portrait, sizeof(*portrait), NULL) != GH_OK)
		abort();
}

void fake_template(uint64_t who, uint64_t picture, struct gh_template *made)
{
	uint64_t seed = who * 2654435761u + 88172645463325252u;
	struct gh_template own;

	synthetic_template(&seed, &own);
	seed ^= picture * 0x9e3779b97f4a7c15u + 1;
	synthetic_look_alike(&seed, &own, CLOSENESS, made);
}

struct gh_enroller *fake_enroller(void)
{
	return &only;
}

struct gh_model_chain fake_chain(void)
{
	struct gh_model_chain chain;

	gh_enroller_chain(&only, &chain);
	return chain;
}

void fake_chain_set(uint8_t byte)
{
	atomic_store(&only.chain, byte);
}

unsigned long fake_enrolled(void)
{
	return atomic_load(&only.enrolled);
}

void gh_enroller_chain(const struct gh_enroller *enroller, struct gh_model_chain *chain)
{
	memset(chain->bytes, atomic_load(&enroller->chain), sizeof(chain->bytes));
}

enum gh_status gh_enroller_enrol(struct gh_enroller *enroller, struct gh_view picture,
	struct gh_enrolment *enrolment, struct gh_error *error)
{
	struct fake_portrait portrait;

	atomic_fetch_add(&enroller->enrolled, 1);
	memset(enrolment, 0, sizeof(*enrolment));
	if (picture.length_bytes != sizeof(portrait))
		return gh_error_set(error, GH_TRUNCATED, "portrait of another length");
	memcpy(&portrait, picture.data, sizeof(portrait));
	switch (portrait.kind) {
	case FAKE_NO_FACE:
		return gh_error_set(error, GH_NO_FACE, "no face");
	case FAKE_MALFORMED:
		return gh_error_set(error, GH_MALFORMED, "not a picture");
	case FAKE_BROKEN:
		return gh_error_set(error, GH_INTERNAL, "the engine failed");
	case FAKE_DOUBT:
		enrolment->reason = GH_REASON_BLURRED;
		break;
	case FAKE_FACE:
		break;
	}
	enrolment->faces = 1;
	fake_template(portrait.who, portrait.picture, &enrolment->reference);
	return GH_OK;
}

enum gh_status gh_enroller_create(const struct gh_vision_options *options,
	struct gh_enroller **enroller, struct gh_error *error)
{
	(void)options;
	(void)error;
	*enroller = &only;
	return GH_OK;
}

void gh_enroller_destroy(struct gh_enroller *enroller)
{
	(void)enroller;
}
