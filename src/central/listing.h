/* SPDX-License-Identifier: Apache-2.0 */
/* A list under way to its JSON. */
#ifndef GATEHOUSE_SRC_CENTRAL_LISTING_H
#define GATEHOUSE_SRC_CENTRAL_LISTING_H

#include "answer.h"

/* Once failed it stays so. */
struct listing {
	json_t *items;
	int64_t next;
	bool failed;
};

/* Take an item over; NULL fails the list. */
void listing_add(struct listing *listing, json_t *item);

/* A time as text, or null for 0. */
json_t *listing_time(int64_t real_ms);

/* {"next": …, NAME: […]}; next only where the list is paged. Finishes the list. */
void listing_answer(struct answer *answer, struct listing *listing, const char *name, bool paged,
	enum gh_status status);

#endif
