/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the gallery: voyages whose time is over, so that nobody brings them again. */
#ifndef GALLERY_ENDED_H
#define GALLERY_ENDED_H

#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/id.h"
#include "gatehouse/crypto/hash.h"

#define GH_ENDED_MAX 128

/* A voyage that was erased or not taken because its time is over. */
struct gh_ended {
	struct gh_id voyage;
	struct gh_sha256 hash; /* of the bundle it came in */
	int64_t from_ms;       /* over from then on, by the real clock */
};

/* The latest of them; a ring. Under the gallery's mutex. */
struct gh_ended_list {
	struct gh_ended list[GH_ENDED_MAX];
	size_t next;
};

/* Note one, in the place of what was known of the same voyage. */
void gh_ended_note(struct gh_ended_list *ended, const struct gh_ended *one);

/* What is known of a voyage, or NULL. */
const struct gh_ended *gh_ended_find(const struct gh_ended_list *ended, const struct gh_id *voyage);

#endif
