/* SPDX-License-Identifier: Apache-2.0 */
/* A short memory of voyages whose time is over. */
#include "gatehouse/gallery/gallery.h"
#include "slots.h"

const struct gh_ended *gh_ended_find(const struct gh_ended_list *ended, const struct gh_id *voyage)
{
	for (size_t i = 0; i < GH_ENDED_MAX; i++)
		if (!gh_id_is_none(&ended->list[i].voyage) &&
			gh_id_equal(&ended->list[i].voyage, voyage))
			return &ended->list[i];
	return NULL;
}

void gh_ended_note(struct gh_ended_list *ended, const struct gh_ended *one)
{
	const struct gh_ended *known = gh_ended_find(ended, &one->voyage);
	size_t at = known ? (size_t)(known - ended->list) : ended->next;

	ended->list[at] = *one;
	if (!known)
		ended->next = (ended->next + 1) % GH_ENDED_MAX;
}

enum gh_status gh_ended_refuse(struct gh_gallery *gallery, const struct gh_bundle *bundle,
	int64_t from_ms, int64_t now_ms, struct gh_error *error)
{
	struct gh_ended ended = { .voyage = gh_bundle_voyage(bundle)->id, .from_ms = from_ms };
	char time[GH_TIME_TEXT_BYTES];

	if (now_ms < from_ms)
		return GH_OK;
	gh_bundle_hash(bundle, &ended.hash);
	pthread_mutex_lock(&gallery->mutex);
	gh_ended_note(&gallery->ended, &ended);
	pthread_mutex_unlock(&gallery->mutex);
	gh_time_format(from_ms, time);
	return gh_error_set(error, GH_REFUSED, "voyage: over since %s by this clock", time);
}

bool gh_gallery_ended(
	struct gh_gallery *gallery, const struct gh_id *voyage, struct gh_sha256 *hash)
{
	int64_t now_ms = gallery->options.clock->real_ms(gallery->options.clock);
	const struct gh_ended *ended;
	bool over = false;

	pthread_mutex_lock(&gallery->mutex);
	ended = gh_ended_find(&gallery->ended, voyage);
	if (ended && now_ms >= ended->from_ms) {
		*hash = ended->hash;
		over = true;
	}
	pthread_mutex_unlock(&gallery->mutex);
	return over;
}
