/* SPDX-License-Identifier: Apache-2.0 */
/* Photographs that come in pieces, after their connection went in the middle. */
#include <string.h>

#include "desk.h"
#include "gatehouse/base/log.h"

static bool find(struct desk *desk, const struct request *request, struct store_photo *photo,
	struct answer *answer)
{
	struct gh_error error;
	enum gh_status status = store_find_photo(desk->store, &request->id, photo, &error);

	if (status == GH_NOT_FOUND)
		answer_error(answer, 404, "record_missing",
			"the record of this photograph is not here", NULL);
	else if (status != GH_OK)
		answer_failure(answer, status);
	else
		return desk_awaits_photo(request, photo, answer);
	return false;
}

static bool is_stored(const struct store_photo *photo)
{
	return photo->state == PHOTO_STORED && photo->received_ms != 0;
}

void desk_find_photo_offset(struct desk *desk, const struct request *request, struct answer *answer)
{
	struct store_photo photo = { .state = PHOTO_NONE };

	if (find(desk, request, &photo, answer))
		answer_offset(answer,
			partials_find(desk->partials, request->peer, &request->id).length_bytes,
			is_stored(&photo));
	gh_bytes_finish(&photo.wrapped_key);
}

/* A body that was begun anew takes the place of what came before, where it came further. */
static void make_way(struct desk *desk, const struct request *request)
{
	struct gh_view part = partials_find(desk->partials, request->peer, &request->id);

	if (part.length_bytes < request->body.length_bytes)
		partials_forget(desk->partials, request->peer, &request->id);
}

void desk_keep_part(struct desk *desk, const struct request *request)
{
	struct store_photo photo = { .state = PHOTO_NONE };
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status;

	if (request->body.length_bytes == 0)
		return;
	status = store_find_photo(desk->store, &request->id, &photo, &error);
	if (status == GH_OK &&
		(photo.state != PHOTO_AWAITED || strcmp(photo.lane, request->peer) != 0))
		status = gh_error_set(&error, GH_DENIED, "nobody awaits it");
	if (status == GH_OK && request->endpoint == ENDPOINT_PHOTO_PUT)
		make_way(desk, request);
	if (status == GH_OK)
		status = partials_keep(desk->partials, request->peer, &request->id,
			request->upload_offset, request->body, &error);
	gh_log(GH_LOG_INFO, "central", "photo_cut_off", gh_log_id("record", &request->id),
		gh_log_integer("bytes", (int64_t)request->body.length_bytes),
		gh_log_status("kept", status));
	gh_bytes_finish(&photo.wrapped_key);
}

static void answer_moved(struct desk *desk, const struct request *request, struct answer *answer)
{
	struct gh_view part = partials_find(desk->partials, request->peer, &request->id);

	answer_error(answer, 409, "offset_mismatch", "what is here does not end there", NULL);
	answer->says_offset = true;
	answer->upload_offset = part.length_bytes;
	answer->upload_complete = false;
}

/* It came whole before, and only the answer was lost: who knows its hash gets the receipt. */
static void answer_again(
	struct desk *desk, const struct store_photo *photo, struct deposit *deposit)
{
	const struct request *request = deposit->request;

	if (!request->upload_complete || !request->has_whole ||
		!gh_sha256_equal(&request->whole, &photo->hash)) {
		answer_error(deposit->answer, 409, "upload_complete",
			"the photograph is here already", NULL);
		return;
	}
	deposit->hash = photo->hash;
	desk_answer_stored(desk, deposit, false, photo->received_ms);
}

static enum gh_status put_together(
	struct desk *desk, struct deposit *deposit, struct gh_error *error)
{
	const struct request *request = deposit->request;
	struct gh_view part = partials_find(desk->partials, request->peer, &request->id);
	enum gh_status status =
		gh_bytes_append(&deposit->whole, part.data, part.length_bytes, error);

	if (status == GH_OK)
		status = gh_bytes_append(
			&deposit->whole, request->body.data, request->body.length_bytes, error);
	if (status == GH_OK)
		status = gh_sha256_of(gh_bytes_view(&deposit->whole), &deposit->hash, error);
	return status;
}

/* The part stays until the photograph is stored. */
static void finish(struct desk *desk, const struct store_photo *photo, struct deposit *deposit)
{
	const struct request *request = deposit->request;
	enum gh_status status = put_together(desk, deposit, NULL);

	if (status != GH_OK) {
		answer_failure(deposit->answer, status);
		return;
	}
	if (gh_sha256_equal(&deposit->hash, &photo->hash)) {
		desk_deposit_photo(desk, photo, gh_bytes_view(&deposit->whole), deposit);
		return;
	}
	/* Whole pieces were checked; a part that was cut off was not. It begins anew. */
	partials_forget(desk->partials, request->peer, &request->id);
	answer_error(deposit->answer, 400, "digest_mismatch",
		"the parts together are not the photograph that the record names", NULL);
}

static void keep_piece(struct desk *desk, struct deposit *deposit)
{
	const struct request *request = deposit->request;
	enum gh_status status = partials_keep(desk->partials, request->peer, &request->id,
		request->upload_offset, request->body, NULL);

	if (status == GH_OK)
		answer_offset(deposit->answer, request->upload_offset + request->body.length_bytes,
			false);
	else
		answer_failure(deposit->answer, status);
}

void desk_patch_photo(struct desk *desk, struct deposit *deposit)
{
	const struct request *request = deposit->request;
	struct gh_view part = partials_find(desk->partials, request->peer, &request->id);
	struct store_photo photo = { .state = PHOTO_NONE };

	if (!find(desk, request, &photo, deposit->answer))
		;
	else if (is_stored(&photo))
		answer_again(desk, &photo, deposit);
	else if (request->upload_offset != part.length_bytes)
		answer_moved(desk, request, deposit->answer);
	else if (request->upload_complete)
		finish(desk, &photo, deposit);
	else
		keep_piece(desk, deposit);
	gh_bytes_finish(&photo.wrapped_key);
}
