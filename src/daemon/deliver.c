/* SPDX-License-Identifier: Apache-2.0 */
/* Joins the outbox to the uplink: neither knows the other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "gatehouse/base/file.h"

static enum gh_receipt_kind receipt_kind_of(enum gh_item_kind kind)
{
	switch (kind) {
	case GH_ITEM_ENCOUNTER:
		return GH_RECEIPT_ENCOUNTER;
	case GH_ITEM_PHOTO:
		return GH_RECEIPT_PHOTO;
	case GH_ITEM_ADDENDUM:
		break;
	}
	return GH_RECEIPT_ADDENDUM;
}

static void address_of(const struct gh_item *item, struct gh_delivery *delivery)
{
	switch (item->kind) {
	case GH_ITEM_ENCOUNTER:
		gh_uplink_path_encounter(&item->id, delivery->path);
		break;
	case GH_ITEM_PHOTO:
		gh_uplink_path_photo(&item->encounter, delivery->path);
		break;
	case GH_ITEM_ADDENDUM:
		gh_uplink_path_addendum(&item->id, delivery->path);
		break;
	}
	delivery->kind = receipt_kind_of(item->kind);
	delivery->content_type = item->kind == GH_ITEM_PHOTO ? "image/jpeg" : "application/json";
	delivery->id = item->id;
	delivery->attempts = item->attempts;
}

static enum gh_status take(
	void *ctx, struct gh_delivery *delivery, uint64_t *due_in_ms, struct gh_error *error)
{
	struct daemon *daemon = ctx;
	struct gh_item *item = calloc(1, sizeof(*item));
	enum gh_status status;

	if (!item)
		return gh_error_set(error, GH_NO_MEMORY, "no memory for a delivery");
	status = gh_outbox_take(daemon->stores.outbox, item, due_in_ms, error);
	if (status != GH_OK) {
		free(item);
		return status;
	}
	memset(delivery, 0, sizeof(*delivery));
	address_of(item, delivery);
	delivery->body = item->body;
	item->body = (struct gh_bytes)GH_BYTES_EMPTY;
	delivery->token = item;
	return GH_OK;
}

/* Our word and the centre's: "http_422 schema". */
static enum gh_status set_aside(struct gh_outbox *outbox, const struct gh_item *item,
	const char *reason, const char *detail, struct gh_error *error)
{
	char words[160];

	snprintf(words, sizeof(words), "%s%s%s", reason, *detail ? " " : "", detail);
	return gh_outbox_quarantine(outbox, item, words, error);
}

static enum gh_status settle(struct daemon *daemon, const struct gh_delivery *delivery,
	const struct gh_judgement *judgement, uint64_t delay_ms, const char *detail,
	struct gh_error *error)
{
	struct gh_outbox *outbox = daemon->stores.outbox;
	const struct gh_item *item = delivery->token;

	switch (judgement->verdict) {
	case GH_VERDICT_DELIVERED:
		return gh_outbox_acknowledge(
			outbox, item, delivery->has_receipt ? &delivery->receipt : NULL, error);
	case GH_VERDICT_QUARANTINE:
		return set_aside(outbox, item, judgement->reason.literal, detail, error);
	default:
		return gh_outbox_retry(outbox, item, delay_ms, judgement->reason.literal, error);
	}
}

static void verdict(void *ctx, const struct gh_delivery *delivery,
	const struct gh_judgement *judgement, uint64_t delay_ms, const char *detail)
{
	struct gh_item *item = delivery->token;
	struct gh_error error = GH_ERROR_NONE;

	if (settle(ctx, delivery, judgement, delay_ms, detail, &error) != GH_OK)
		gh_log(GH_LOG_ERROR, "daemon", "verdict", gh_log_error(&error));
	/* An alarm is said of an item once; of all at once the uplink itself says it. */
	if (judgement->verdict == GH_VERDICT_QUARANTINE ||
		(judgement->verdict == GH_VERDICT_ALARM && !judgement->centre_wide &&
			item->attempts == 0))
		gh_log(GH_LOG_ERROR, "daemon", "delivery", gh_log_id("item", &item->id),
			gh_log_word("kind", (struct gh_word){ gh_item_kind_name(item->kind) }),
			gh_log_word("reason", judgement->reason));
	gh_item_finish(item);
	free(item);
}

static void etag(void *ctx, const struct gh_id *voyage, char text[65])
{
	struct daemon *daemon = ctx;
	struct gh_gallery_voyage held[GH_GALLERY_VOYAGES_MAX];
	size_t count = gh_gallery_voyages(daemon->stores.gallery, held);
	struct gh_sha256 hash;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		if (gh_id_equal(&held[i].id, voyage))
			gh_sha256_format(&held[i].hash, text);
	/* What is over is as good as held, or each list would bring it back. */
	if (text[0] == '\0' && gh_gallery_ended(daemon->stores.gallery, voyage, &hash))
		gh_sha256_format(&hash, text);
}

static void bundle(void *ctx, const struct gh_id *voyage, const char *path)
{
	bundle_take(ctx, voyage, path);
}

static void withdrawn(void *ctx, const struct gh_id *voyage)
{
	struct daemon *daemon = ctx;
	struct gh_error error = GH_ERROR_NONE;

	bundle_forget_refusal(daemon, voyage);
	if (gh_gallery_drop(daemon->stores.gallery, voyage, &error) == GH_OK)
		gh_log(GH_LOG_NOTICE, "daemon", "voyage_withdrawn", gh_log_id("voyage", voyage));
	if (gh_outbox_forget_voyage(daemon->stores.outbox, voyage, &error) != GH_OK)
		gh_log(GH_LOG_WARNING, "daemon", "forget_voyage", gh_log_error(&error));
}

/* After a start the gallery may hold what the centre has withdrawn meanwhile. */
static size_t held(void *ctx, struct gh_id *ids, size_t max)
{
	struct daemon *daemon = ctx;
	struct gh_gallery_voyage voyages[GH_GALLERY_VOYAGES_MAX];
	size_t count = gh_gallery_voyages(daemon->stores.gallery, voyages);

	if (count > max)
		count = max;
	for (size_t i = 0; i < count; i++)
		ids[i] = voyages[i].id;
	return count;
}

static void passage(void *ctx, const struct gh_id *voyage, const struct gh_id *person)
{
	struct daemon *daemon = ctx;
	struct gh_passage learned = { *voyage, *person };
	struct gh_error error = GH_ERROR_NONE;

	if (gh_outbox_learn_passage(daemon->stores.outbox, &learned, &error) != GH_OK)
		gh_log(GH_LOG_WARNING, "daemon", "learn_passage", gh_log_error(&error));
}

struct gh_uplink_source deliver_source(struct daemon *daemon)
{
	return (struct gh_uplink_source){
		.ctx = daemon,
		.take = take,
		.verdict = verdict,
		.etag = etag,
		.bundle = bundle,
		.withdrawn = withdrawn,
		.held = held,
		.passage = passage,
		.heartbeat = heartbeat_make,
	};
}

uint64_t deliver_passages_age_ms(void *ctx)
{
	struct daemon *daemon = ctx;
	struct gh_uplink_state state;
	uint64_t now_us = daemon->clock->monotonic_us(daemon->clock);

	if (!daemon->uplink)
		return UINT64_MAX;
	state = gh_uplink_state(daemon->uplink);
	if (state.passages_checked_us == 0 || state.passages_checked_us > now_us)
		return UINT64_MAX;
	return (now_us - state.passages_checked_us) / 1000;
}
