/* SPDX-License-Identifier: Apache-2.0 */
/* One drawing of a gallery and the searches in it. */
#ifndef GATEHOUSE_SRC_EVALUATION_SEARCH_H
#define GATEHOUSE_SRC_EVALUATION_SEARCH_H

#include "scores.h"

/* The templates of each person, and a scratch order of them. */
struct gh_people {
	const struct gh_template_set *set;
	uint32_t count;  /* with at least one template */
	uint32_t *first; /* per person: the first of the set's templates, and how many */
	uint32_t *templates;
};

/* GH_OK: the caller finishes *people, which refers to the set. GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_people_make(
	const struct gh_template_set *set, struct gh_people *people, struct gh_error *error);
void gh_people_finish(struct gh_people *people);

/* Who is drawn: people by their numbers in gh_people. */
struct gh_drawing {
	const struct gh_people *people;
	const uint32_t *gallery; /* in the gallery */
	uint32_t gallery_count;
	const uint32_t *strangers; /* searched for, and not in it */
	uint32_t stranger_count;
	uint32_t references;
	uint32_t pictures_least; /* searched for are those of the gallery who have as many */
};

/* What a search found first. */
struct gh_found {
	float score;
	uint32_t person; /* searched for */
	bool own;        /* the first candidate is that person */
};

/* All searches of a drawing: those for people in the gallery, then those for strangers. */
struct gh_searches {
	struct gh_found *found;
	size_t mated;
	size_t strangers;
	size_t templates; /* in the gallery */
};

/*
 * Draw references and probes, and search. random goes on from its state. GH_OK: the caller frees
 * searches->found; GH_NO_MEMORY.
 */
GH_MUST_USE enum gh_status gh_search_all(const struct gh_drawing *drawing, uint64_t *random,
	struct gh_searches *searches, struct gh_error *error);

#endif
