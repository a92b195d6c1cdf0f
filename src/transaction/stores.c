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
	struct gh_view json, enum gh_settles settles, struct gh_error *error)
{
	struct gh_lane_stores *stores = ctx;

	return gh_outbox_put_addendum(stores->outbox, id, encounter, json, settles, error);
}

static enum gh_status await(void *ctx, const struct gh_id *encounter,
	const struct gh_awaited_word *awaits, struct gh_error *error)
{
	struct gh_lane_stores *stores = ctx;

	return gh_outbox_await(stores->outbox, encounter, awaits, error);
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
	hands->await = await;
	hands->passed = passed;
	hands->outbox_ready = outbox_ready;
}

/* What a previous run left open. */
struct left_open {
	struct gh_id encounter;
	struct gh_awaited_word awaits;
};

struct left_over {
	struct left_open *list;
	size_t count;
	size_t capacity;
	bool failed;
};

static void collect_awaited(
	void *ctx, const struct gh_id *encounter, const struct gh_awaited_word *awaits)
{
	struct left_over *over = ctx;
	size_t capacity = over->capacity ? 2 * over->capacity : 64;
	struct left_open *grown;

	if (over->count == over->capacity) {
		grown = realloc(over->list, capacity * sizeof(*grown));
		if (!grown) {
			over->failed = true;
			return;
		}
		over->list = grown;
		over->capacity = capacity;
	}
	over->list[over->count++] = (struct left_open){ *encounter, *awaits };
}

static void collect_unsettled(void *ctx, const struct gh_id *encounter)
{
	collect_awaited(ctx, encounter, &(struct gh_awaited_word){ .may_proceed = false });
}

static enum gh_status settle_one(
	struct gh_lane *lane, const struct gh_id *encounter, struct gh_error *error)
{
	struct gh_addendum addendum = { .kind = GH_ADDENDUM_PASSAGE_UNKNOWN,
		.encounter = *encounter };

	return gh_lane_put_addendum(lane, &addendum, error);
}

static enum gh_status settle_passages(
	struct gh_lane *lane, struct gh_outbox *outbox, struct gh_error *error)
{
	struct left_over over = { 0 };
	enum gh_status status = gh_outbox_unsettled(outbox, collect_unsettled, &over, error);

	if (status == GH_OK && over.failed)
		status = gh_error_set(error, GH_NO_MEMORY, "no memory to settle passages");
	for (size_t i = 0; i < over.count && status == GH_OK; i++)
		status = settle_one(lane, &over.list[i].encounter, error);
	free(over.list);
	if (status == GH_OK && over.count > 0)
		gh_log(GH_LOG_NOTICE, "transaction", "settled",
			gh_log_integer("passages", (int64_t)over.count));
	return status;
}

static enum gh_status take_up_referrals(
	struct gh_lane *lane, struct gh_outbox *outbox, struct gh_error *error)
{
	struct left_over over = { 0 };
	enum gh_status status = gh_outbox_awaited(outbox, collect_awaited, &over, error);

	if (status == GH_OK && over.failed)
		status = gh_error_set(error, GH_NO_MEMORY, "no memory to take up referrals");
	for (size_t i = 0; i < over.count && status == GH_OK; i++)
		gh_lane_reopen_referral(lane, &over.list[i].encounter, &over.list[i].awaits);
	free(over.list);
	if (status == GH_OK && over.count > 0)
		gh_log(GH_LOG_NOTICE, "transaction", "taken_up_again",
			gh_log_integer("referrals", (int64_t)over.count));
	return status;
}

enum gh_status gh_lane_settle(
	struct gh_lane *lane, struct gh_outbox *outbox, struct gh_error *error)
{
	enum gh_status status = settle_passages(lane, outbox, error);

	return status == GH_OK ? take_up_referrals(lane, outbox, error) : status;
}
