/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of models, models/sets/NAME/set: which network does what. A setting chooses one. The format
 * stands in docs/vision.md.
 */
#ifndef GATEHOUSE_SRC_VISION_SET_H
#define GATEHOUSE_SRC_VISION_SET_H

#include "form.h"

enum gh_role {
	GH_ROLE_DETECTOR,
	GH_ROLE_LANDMARKS, /**< may be left out where the detector gives five points */
	GH_ROLE_EMBEDDER,
	GH_ROLE_POSE, /**< this and what follows may be left out */
	GH_ROLE_EYES,
	GH_ROLE_LIVENESS,
	GH_ROLE_CONFIRMER, /**< a second detector that confirms faces */
	GH_ROLES,
};

struct gh_model_set {
	char name[WORDLINE_WORD_BYTES];
	bool has[GH_ROLES];
	struct gh_form forms[GH_ROLES]; /**< of those there are */
};

/** The word for a role, as in the file. */
const char *gh_role_name(enum gh_role role);

/**
 * Read the text of a set: names only, into forms[].model. Statuses as
 * gh_form_parse().
 */
GH_MUST_USE enum gh_status gh_model_set_parse(
	struct gh_view text, struct gh_model_set *set, struct gh_error *error);

/**
 * Read folder/sets/NAME/set and the descriptions it names, and check that they
 * go together.
 *
 * GH_OK, GH_NOT_FOUND (no such set or network, with those sets there are),
 * GH_MALFORMED, GH_TRUNCATED.
 */
GH_MUST_USE enum gh_status gh_model_set_read(
	const char *folder, const char *name, struct gh_model_set *set, struct gh_error *error);

#endif
