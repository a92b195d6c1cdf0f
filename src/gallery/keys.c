/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of the voyages: wrapped anew when masters change, and told of when they end. */
#include "gatehouse/gallery/keys.h"

#include "slots.h"
#include "voyage_key.h"

enum gh_status gh_gallery_rewrap(struct gh_gallery *gallery, struct gh_error *error)
{
	enum gh_status status;

	if (!gh_files_take(gallery))
		return gh_error_set(error, GH_BUSY, "gallery: its folder is being written");
	status = gh_voyage_keys_rewrap(&gallery->vault, error);
	gh_files_give(gallery);
	return status;
}

/* The earliest of what ends a voyage. */
static void limits_of(const struct gh_gallery *gallery, const struct gh_voyage *voyage,
	int64_t loaded_ms, struct gh_gallery_held *held)
{
	int64_t end_ms = gh_voyage_end_ms(voyage);

	held->loaded_ms = loaded_ms;
	held->kept_limit_ms = loaded_ms + gallery->options.kept_max_ms;
	held->end_limit_ms = end_ms == 0 ? 0 : end_ms + GH_GALLERY_ERASED_AFTER_MS;
	held->limit_ms = held->kept_limit_ms;
	if (end_ms != 0 && held->end_limit_ms < held->limit_ms)
		held->limit_ms = held->end_limit_ms;
}

struct gh_gallery_erased gh_gallery_story(const struct gh_gallery *gallery,
	const struct gh_voyage *voyage, int64_t loaded_ms, bool withdrawn)
{
	const struct gh_clock *clock = gallery->options.clock;
	struct gh_gallery_held held;

	limits_of(gallery, voyage, loaded_ms, &held);
	return (struct gh_gallery_erased){ .voyage = voyage->id,
		.loaded_ms = loaded_ms,
		.limit_ms = held.limit_ms,
		.deleted_ms = clock->real_ms(clock),
		.quality = clock->quality(clock),
		.withdrawn = withdrawn };
}

size_t gh_gallery_held(struct gh_gallery *gallery, struct gh_gallery_held *held, size_t max)
{
	size_t count = 0;

	pthread_mutex_lock(&gallery->mutex);
	for (size_t i = 0; i < GH_GALLERY_VOYAGES_MAX && count < max; i++) {
		const struct gh_slot *slot = &gallery->slots[i];
		const struct gh_table *newest;

		if (!slot->serving)
			continue;
		newest = gh_slot_newest(slot);
		limits_of(gallery, &newest->voyage, slot->loaded_ms, &held[count]);
		held[count].voyage = newest->voyage.id;
		held[count].persons = newest->voyage.person_count;
		held[count++].templates =
			gh_rows_count(&slot->serving->rows) - slot->serving->padding;
	}
	pthread_mutex_unlock(&gallery->mutex);
	return count;
}
