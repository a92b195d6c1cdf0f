/* SPDX-License-Identifier: Apache-2.0 */
/* The requests of one delivery: its body whole, or a photograph's rest in pieces after a break. */
#include <string.h>

#include "inside.h"

static enum gh_status begin(
	struct gh_uplink *uplink, struct slot *slot, const struct ask *ask, struct gh_error *error)
{
	enum gh_status status = transfer_begin(&slot->transfer, &uplink->link, ask, error);

	slot->transfer.began = uplink->pauses;
	if (status != GH_OK)
		return status;
	if (curl_multi_add_handle(uplink->multi, slot->transfer.easy) == CURLM_OK)
		return GH_OK;
	transfer_end(&slot->transfer);
	return gh_error_set(error, GH_NO_MEMORY, "uplink: no transfer can be added");
}

static enum gh_status send_whole(
	struct gh_uplink *uplink, struct slot *slot, struct gh_error *error)
{
	struct ask ask = { .method = "PUT",
		.path = slot->delivery.path,
		.content_type = slot->delivery.content_type,
		.body = gh_bytes_view(&slot->delivery.body),
		.digest = slot->digest,
		.answer_max_bytes = ANSWER_DELIVERY_BYTES_MAX };

	slot->step = STEP_WHOLE;
	return begin(uplink, slot, &ask, error);
}

static enum gh_status ask_offset(
	struct gh_uplink *uplink, struct slot *slot, struct gh_error *error)
{
	struct ask ask = { .method = "HEAD",
		.path = slot->delivery.path,
		.answer_max_bytes = ANSWER_DELIVERY_BYTES_MAX };

	slot->step = STEP_OFFSET;
	return begin(uplink, slot, &ask, error);
}

/* An empty one, with which the answer is asked for, when all is there. */
static enum gh_status send_piece(
	struct gh_uplink *uplink, struct slot *slot, struct gh_error *error)
{
	struct gh_view body = gh_bytes_view(&slot->delivery.body);
	uint64_t left = body.length_bytes - slot->offset;
	struct ask ask = { .method = "PATCH",
		.path = slot->delivery.path,
		.content_type = "application/partial-upload",
		.digest = slot->piece_digest,
		.whole_digest = slot->digest,
		.upload_offset = slot->offset,
		.answer_max_bytes = ANSWER_DELIVERY_BYTES_MAX };
	struct gh_sha256 hash;
	enum gh_status status;

	slot->step = STEP_PIECE;
	slot->piece_bytes = left < uplink->photo_piece_bytes ? left : uplink->photo_piece_bytes;
	ask.upload_complete = slot->piece_bytes == left;
	ask.body = (struct gh_view){ body.data + slot->offset, (size_t)slot->piece_bytes };
	status = gh_sha256_of(ask.body, &hash, error);
	if (status != GH_OK)
		return status;
	gh_digest_field_format(&hash, slot->piece_digest);
	return begin(uplink, slot, &ask, error);
}

enum gh_status slot_begin(struct gh_uplink *uplink, struct slot *slot, struct gh_error *error)
{
	const struct gh_delivery *delivery = &slot->delivery;
	struct gh_view body = gh_bytes_view(&delivery->body);
	enum gh_status status = gh_sha256_of(body, &slot->hash, error);

	if (status != GH_OK)
		return status;
	gh_digest_field_format(&slot->hash, slot->digest);
	if (delivery->kind == GH_RECEIPT_PHOTO && delivery->attempts > 0 &&
		uplink->photo_piece_bytes > 0 && body.length_bytes > uplink->photo_piece_bytes)
		return ask_offset(uplink, slot, error);
	return send_whole(uplink, slot, error);
}

/* Whether the centre does not know the question, and may yet take the body: an older one does. */
static bool does_not_know(const struct transfer *transfer, long http_status)
{
	return http_status == 404 || http_status == 405 || http_status == 501 ||
		(http_status >= 200 && http_status < 300 && !transfer->says_offset);
}

/* Where the next piece begins; false: nothing follows, or the body whole. */
static bool find_next(struct slot *slot, long http_status)
{
	const struct transfer *transfer = &slot->transfer;
	uint64_t length = slot->delivery.body.length_bytes;
	bool asked = slot->step == STEP_OFFSET;

	if ((http_status != 204 && !(asked && http_status == 200)) || !transfer->says_offset)
		return false;
	if (asked && transfer->upload_complete) {
		slot->offset = length;
		return true;
	}
	/* A piece that did not bring it on would be sent without end. */
	if (transfer->upload_complete || transfer->upload_offset > length ||
		(!asked && transfer->upload_offset != slot->offset + slot->piece_bytes))
		return false;
	slot->offset = transfer->upload_offset;
	return true;
}

bool slot_goes_on(struct gh_uplink *uplink, struct slot *slot, CURLcode *code)
{
	long http_status = transfer_http_status(&slot->transfer);
	bool piece, whole;
	enum gh_status status;

	if (*code != CURLE_OK || slot->step == STEP_WHOLE)
		return false;
	piece = find_next(slot, http_status);
	whole = !piece && slot->step == STEP_OFFSET && does_not_know(&slot->transfer, http_status);
	if (!piece && !whole)
		return false;
	curl_multi_remove_handle(uplink->multi, slot->transfer.easy);
	transfer_end(&slot->transfer);
	status = piece ? send_piece(uplink, slot, NULL) : send_whole(uplink, slot, NULL);
	if (status == GH_OK)
		return true;
	*code = CURLE_OUT_OF_MEMORY;
	return false;
}
