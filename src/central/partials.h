/* SPDX-License-Identifier: Apache-2.0 */
/* Photographs that arrived in part: kept for a while, so that the rest may follow. */
#ifndef GATEHOUSE_SRC_CENTRAL_PARTIALS_H
#define GATEHOUSE_SRC_CENTRAL_PARTIALS_H

#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/id.h"

/* Of one lane, at most: as many as it sends at once; its own oldest goes for a new one. */
#define PARTIALS_OF_PEER 4

/*
 * In memory only, wiped when they go; a restart forgets them, and so does time. Nothing depends on
 * them: what is not here is sent again from its first byte. Several processes behind one address
 * each have their own.
 */
struct partials;

/*
 * Room for so many bytes in all, each part for so long after its last byte. GH_OK or GH_NO_MEMORY.
 * The clock is borrowed.
 */
enum gh_status partials_create(uint64_t bytes_max, uint32_t keep_s, const struct gh_clock *clock,
	struct partials **partials, struct gh_error *error);
void partials_destroy(struct partials *partials); /* NULL safe */

/* What is here of a peer's photograph; empty where nothing is. Good until the next call. */
struct gh_view partials_find(
	struct partials *partials, const char *peer, const struct gh_id *encounter);

/*
 * Keep bytes that go on from offset. When offset is not the end of what is here nothing is done.
 * The oldest of all make room. GH_OK, GH_WRONG_STATE (offset), GH_FULL (more than there is room
 * for), GH_NO_MEMORY.
 */
enum gh_status partials_keep(struct partials *partials, const char *peer,
	const struct gh_id *encounter, uint64_t offset, struct gh_view bytes,
	struct gh_error *error);

void partials_forget(struct partials *partials, const char *peer, const struct gh_id *encounter);

/* Those whose time is over go. */
void partials_expire(struct partials *partials);

#endif
