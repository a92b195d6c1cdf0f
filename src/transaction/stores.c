/* SPDX-License-Identifier: Apache-2.0 */
/* The hands that need nothing but the gallery and the outbox, and settling at start. */
#include "gatehouse/transaction/lane.h"

#include <stdlib.h>

#include "inside.h"

static enum gh_status search(
	void *ctx, const struct gh_template *probe, struct gh_search *found, struct gh_error *error)
{
	struct gh_lane_stores *stores = ctx;

	return gh_gallery_search(stores->gallery, probe, found, error);
}

static enum gh_status verify(void *ctx, const char *number, const char *issuer,
	const struct gh_template *probe, struct gh_search *found, struct gh_error *error)
{
	struct gh_lane_stores *stores = ctx;

	return gh_gallery_verify(stores->gallery, number, issuer, probe, found, error);
}

static enum gh_status put(void *ctx, const struct gh_outbox_put *item, struct gh_error *error)
{
	struct gh_lane_stores *stores = ctx;

	return gh_outbox_put(stores->outbox, item, error);
}

static enum gh_status put_addendum(void *ctx, const struct gh_id *id, const struct gh_id *encounter,
	struct gh_view json, bool settles, struct gh_error *error)
{
	struct gh_lane_stores *stores = ctx;

	return gh_outbox_put_addendum(stores->outbox, id, encounter, json, settles, error);
}

static enum gh_status passed(
	void *ctx, const struct gh_passage *passage, bool *before, struct gh_error *error)
{
	struct gh_lane_stores *stores = ctx;

	return gh_outbox_passed(stores->outbox, passage, before, error);
}

static bool outbox_ready(void *ctx)
{
	struct gh_lane_stores *stores = ctx;
	struct gh_outbox_state state;
	struct gh_error error = GH_ERROR_NONE;

	if (gh_outbox_state(stores->outbox, &state, &error) == GH_OK)
		return !state.full;
	gh_log(GH_LOG_ERROR, "transaction", "outbox", gh_log_error(&error));
	return false;
}

static void release(void *ctx, struct gh_sample *sample)
{
	(void)ctx;
	gh_sample_release(sample);
}

void gh_lane_hands_of_stores(struct gh_lane_hands *hands)
{
	hands->release = release;
	hands->search = search;
	hands->verify = verify;
	hands->put = put;
	hands->put_addendum = put_addendum;
	hands->passed = passed;
	hands->outbox_ready = outbox_ready;
}

/* Ids of a previous run's encounters whose passage is unknown. */
struct unsettled {
	struct gh_id *ids;
	size_t count;
	size_t capacity;
	bool failed;
};

static void collect(void *ctx, const struct gh_id *encounter)
{
	struct unsettled *unsettled = ctx;
	size_t capacity = unsettled->capacity ? 2 * unsettled->capacity : 64;
	struct gh_id *grown;

	if (unsettled->count == unsettled->capacity) {
		grown = realloc(unsettled->ids, capacity * sizeof(*grown));
		if (!grown) {
			unsettled->failed = true;
			return;
		}
		unsettled->ids = grown;
		unsettled->capacity = capacity;
	}
	unsettled->ids[unsettled->count++] = *encounter;
}

static enum gh_status settle_one(
	struct gh_lane *lane, const struct gh_id *encounter, struct gh_error *error)
{
	struct gh_addendum addendum = { .kind = GH_ADDENDUM_PASSAGE_UNKNOWN,
		.encounter = *encounter };

	return gh_lane_put_addendum(lane, &addendum, error);
}

enum gh_status gh_lane_settle(
	struct gh_lane *lane, struct gh_outbox *outbox, struct gh_error *error)
{
	struct unsettled unsettled = { 0 };
	enum gh_status status = gh_outbox_unsettled(outbox, collect, &unsettled, error);

	if (status == GH_OK && unsettled.failed)
		status = gh_error_set(error, GH_NO_MEMORY, "no memory to settle passages");
	for (size_t i = 0; i < unsettled.count && status == GH_OK; i++)
		status = settle_one(lane, &unsettled.ids[i], error);
	free(unsettled.ids);
	if (status == GH_OK && unsettled.count > 0)
		gh_log(GH_LOG_NOTICE, "transaction", "settled",
			gh_log_integer("passages", (int64_t)unsettled.count));
	return status;
}
