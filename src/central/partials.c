/* SPDX-License-Identifier: Apache-2.0 */
/* Photographs that arrived in part. */
#include "partials.h"

#include <stdlib.h>
#include <string.h>

/* More parts than this there are not, however small they are. */
#define PARTS_MAX 1024

struct part {
	struct gh_id encounter;
	char peer[65];
	struct gh_bytes bytes;
	uint64_t touched_us;
};

struct partials {
	uint64_t bytes_max;
	uint64_t keep_us;
	const struct gh_clock *clock;
	uint64_t bytes; /* of all parts */
	size_t count;
	struct part parts[PARTS_MAX];
};

enum gh_status partials_create(uint64_t bytes_max, uint32_t keep_s, const struct gh_clock *clock,
	struct partials **partials, struct gh_error *error)
{
	*partials = calloc(1, sizeof(**partials));
	if (!*partials)
		return gh_error_set(error, GH_NO_MEMORY, "room for partial photographs");
	(*partials)->bytes_max = bytes_max;
	(*partials)->keep_us = (uint64_t)keep_s * 1000000;
	(*partials)->clock = clock;
	return GH_OK;
}

/* The last takes the place of the one that goes. */
static void drop(struct partials *partials, struct part *part)
{
	partials->bytes -= part->bytes.length_bytes;
	gh_bytes_finish(&part->bytes);
	*part = partials->parts[--partials->count];
	memset(&partials->parts[partials->count], 0, sizeof(*part));
}

void partials_destroy(struct partials *partials)
{
	if (!partials)
		return;
	while (partials->count > 0)
		drop(partials, &partials->parts[0]);
	free(partials);
}

static struct part *find(struct partials *partials, const char *peer, const struct gh_id *encounter)
{
	for (size_t i = 0; i < partials->count; i++) {
		struct part *part = &partials->parts[i];

		if (gh_id_equal(&part->encounter, encounter) && strcmp(part->peer, peer) == 0)
			return part;
	}
	return NULL;
}

/* The longest untouched of a peer ("" of all) but one, and how many there are. */
static struct part *oldest(
	struct partials *partials, const char *peer, const struct part *but, size_t *count)
{
	struct part *found = NULL;

	*count = 0;
	for (size_t i = 0; i < partials->count; i++) {
		struct part *part = &partials->parts[i];

		if (part == but || (*peer && strcmp(part->peer, peer) != 0))
			continue;
		(*count)++;
		if (!found || part->touched_us < found->touched_us)
			found = part;
	}
	return found;
}

struct gh_view partials_find(
	struct partials *partials, const char *peer, const struct gh_id *encounter)
{
	const struct part *part = find(partials, peer, encounter);

	return part ? gh_bytes_view(&part->bytes) : (struct gh_view){ NULL, 0 };
}

static struct part *add(struct partials *partials, const char *peer, const struct gh_id *encounter)
{
	size_t count;
	struct part *own = oldest(partials, peer, NULL, &count);
	struct part *part;

	if (count >= PARTIALS_OF_PEER)
		drop(partials, own);
	else if (partials->count == PARTS_MAX)
		drop(partials, oldest(partials, "", NULL, &count));
	part = &partials->parts[partials->count++];
	part->encounter = *encounter;
	gh_text_copy(part->peer, sizeof(part->peer), peer);
	return part;
}

/* Parts move when one goes: the one to be kept is found anew. */
static struct part *make_room(struct partials *partials, const char *peer,
	const struct gh_id *encounter, size_t length_bytes)
{
	struct part *part = find(partials, peer, encounter);
	size_t count;

	while (partials->bytes + length_bytes > partials->bytes_max) {
		drop(partials, oldest(partials, "", part, &count));
		part = find(partials, peer, encounter);
	}
	return part;
}

enum gh_status partials_keep(struct partials *partials, const char *peer,
	const struct gh_id *encounter, uint64_t offset, struct gh_view bytes,
	struct gh_error *error)
{
	struct part *part = find(partials, peer, encounter);
	enum gh_status status;

	if (offset != (part ? part->bytes.length_bytes : 0))
		return gh_error_set(error, GH_WRONG_STATE, "not where the part that is here ends");
	if (bytes.length_bytes == 0)
		return GH_OK;
	/* Others do not go for what would find no room even then. */
	if (offset + bytes.length_bytes > partials->bytes_max)
		return gh_error_set(error, GH_FULL, "no room for a partial photograph");
	if (!part)
		add(partials, peer, encounter);
	part = make_room(partials, peer, encounter, bytes.length_bytes);
	part->touched_us = partials->clock->monotonic_us(partials->clock);
	status = gh_bytes_append(&part->bytes, bytes.data, bytes.length_bytes, error);
	if (status == GH_OK)
		partials->bytes += bytes.length_bytes;
	else
		partials_forget(partials, peer, encounter);
	return status;
}

void partials_forget(struct partials *partials, const char *peer, const struct gh_id *encounter)
{
	struct part *part = find(partials, peer, encounter);

	if (part)
		drop(partials, part);
}

void partials_expire(struct partials *partials)
{
	uint64_t now_us = partials->clock->monotonic_us(partials->clock);

	for (size_t i = partials->count; i-- > 0;) {
		if (now_us - partials->parts[i].touched_us > partials->keep_us)
			drop(partials, &partials->parts[i]);
	}
}
