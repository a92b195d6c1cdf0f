/* SPDX-License-Identifier: Apache-2.0 */
/* The retention thread: ends voyages and photographs whose time is over, and their keys. */
#include "daemon.h"

#define TICK_MS 10000

enum gh_status retention_rewrap(void *ctx, struct gh_error *error)
{
	struct daemon *daemon = ctx;

	return gh_gallery_rewrap(daemon->stores.gallery, error);
}

/* A photograph whose time is over is destroyed unsent, and that is told. */
void retention_photo_erased(void *ctx, const struct gh_id *encounter)
{
	struct daemon *daemon = ctx;
	struct gh_addendum addendum = { .kind = GH_ADDENDUM_PHOTO_ERASED, .encounter = *encounter };
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status =
		gh_addendum_begin(&addendum, &daemon->identity, daemon->clock, &error);

	addendum.erased_ms = addendum.event_ms;
	if (status == GH_OK)
		status = addendum_put(daemon, &addendum, GH_SETTLES_NOTHING, &error);
	if (status != GH_OK)
		gh_log(GH_LOG_ERROR, "daemon", "photo_erased", gh_log_error(&error));
}

/* From the gallery, on whichever thread ended the voyage. */
enum gh_status retention_voyage_erased(
	void *ctx, const struct gh_gallery_erased *story, struct gh_error *error)
{
	struct daemon *daemon = ctx;
	struct gh_erasing erasing = { .id = story->voyage,
		.what = GH_ERASED_GALLERY,
		.why = GH_ERASED_VOYAGE,
		.quality = story->quality,
		.captured_ms = story->loaded_ms,
		.limit_ms = story->limit_ms,
		.deleted_ms = story->deleted_ms };

	return gh_outbox_erasing_add(daemon->stores.outbox, &erasing, error);
}

void retention_run(struct daemon *daemon)
{
	struct gh_error error = GH_ERROR_NONE;
	size_t voyages = gh_gallery_expire(daemon->stores.gallery);

	if (voyages > 0)
		gh_log(GH_LOG_NOTICE, "daemon", "voyages_over",
			gh_log_integer("count", (int64_t)voyages));
	if (gh_erasure_tick(daemon->erasure, &error) != GH_OK)
		gh_log(GH_LOG_ERROR, "daemon", "erasure", gh_log_error(&error));
}

void *retention_main(void *ctx)
{
	struct daemon *daemon = ctx;

	while (!atomic_load(&daemon->stopping)) {
		retention_run(daemon);
		witness_run(daemon);
		clock_run(daemon);
		daemon_pause(daemon, TICK_MS);
	}
	return NULL;
}
