/* SPDX-License-Identifier: Apache-2.0 */
/* Encounters, photographs and addenda as lanes bring them. */
#include <string.h>

#include "desk.h"
#include "gatehouse/base/log.h"
#include "gatehouse/crypto/aead.h"
#include "gatehouse/encounter/encounter.h"

/* Photograph and record are sealed by one key for different places. */
#define PLACE_BYTES 17

static struct gh_view place_of(const struct gh_id *id, uint8_t kind, uint8_t place[PLACE_BYTES])
{
	memcpy(place, id->bytes, sizeof(id->bytes));
	place[sizeof(id->bytes)] = kind;
	return (struct gh_view){ place, PLACE_BYTES };
}

enum gh_status desk_new_key(struct desk *desk, const struct gh_id *id, struct gh_aead_key *key,
	struct gh_bytes *wrapped, struct gh_error *error)
{
	uint8_t place[PLACE_BYTES];
	enum gh_status status = gh_random_fill(key->bytes, sizeof(key->bytes), error);

	if (status != GH_OK)
		return status;
	return gh_provider_wrap(desk->provider, place_of(id, 'k', place), key, wrapped, error);
}

enum gh_status desk_seal_photo(struct desk *desk, const struct gh_id *id, struct gh_view wrapped,
	struct gh_view plain, struct gh_bytes *sealed, struct gh_error *error)
{
	struct gh_aead_key key;
	uint8_t place[PLACE_BYTES];
	enum gh_status status =
		gh_provider_unwrap(desk->provider, place_of(id, 'k', place), wrapped, &key, error);

	if (status == GH_OK)
		status = gh_aead_seal(&key, place_of(id, 'p', place), plain, sealed, error);
	gh_wipe(&key, sizeof(key));
	return status;
}

static enum gh_status seal_record(struct desk *desk, const struct gh_id *id, struct gh_view json,
	struct gh_bytes *wrapped, struct gh_bytes *sealed, struct gh_error *error)
{
	struct gh_aead_key key;
	uint8_t place[PLACE_BYTES];
	enum gh_status status = desk_new_key(desk, id, &key, wrapped, error);

	if (status == GH_OK)
		status = gh_aead_seal(&key, place_of(id, 'r', place), json, sealed, error);
	gh_wipe(&key, sizeof(key));
	return status;
}

/*
 * A certificate speaks for the lane that it names and for no other, or one lane's key would write
 * the history of all. Not a word on the item itself: it waits until the lane has its own
 * certificate again.
 */
static bool is_own(const struct request *request, const char *lane, struct answer *answer)
{
	if (strcmp(request->peer, lane) == 0)
		return true;
	answer_error(answer, 403, "other_lane", "the certificate is another lane's", "/lane");
	return false;
}

/* Whether the record may stand here under the path's id. */
static bool accept_record(struct desk *desk, const struct request *request,
	const struct gh_encounter *encounter, struct answer *answer)
{
	if (!gh_id_equal(&encounter->id, &request->id)) {
		answer_error(answer, 422, "schema", "another id than the path's", "/id");
		return false;
	}
	if (desk->purpose == GH_PURPOSE_SERVICE && encounter->lane.purpose == GH_PURPOSE_DEMO) {
		answer_error(answer, 403, "demo_record",
			"a record of a demo has no place in a service", "/test");
		return false;
	}
	return is_own(request, encounter->lane.lane, answer);
}

/* What is to be stored of a record that is accepted. */
static void deposit_record(struct desk *desk, struct deposit *deposit)
{
	const struct request *request = deposit->request;
	const struct gh_encounter *encounter = &deposit->encounter;
	struct store_record *record = &deposit->put.record;
	struct gh_error error;
	enum gh_status status = GH_OK;

	deposit->put.kind = STORE_RECORD;
	record->encounter = encounter;
	record->uploaded_ms = desk->clock->real_ms(desk->clock);
	record->peer = request->peer;
	record->hash = deposit->hash;
	/* A record whose time is over before it comes leaves no personal field behind. */
	if (encounter->destroy_by_ms > record->uploaded_ms)
		status = seal_record(desk, &encounter->id, request->body, &deposit->wrapped_key,
			&deposit->sealed, &error);
	if (status != GH_OK) {
		gh_log(GH_LOG_ERROR, "central", "record_not_sealed",
			gh_log_id("record", &encounter->id), gh_log_error(&error));
		answer_failure(deposit->answer, status);
		return;
	}
	record->wrapped_key = gh_bytes_view(&deposit->wrapped_key);
	record->sealed = gh_bytes_view(&deposit->sealed);
	deposit->stores = true;
}

/*
 * jansson sometimes loses characters where it has no memory, and the text then looks malformed. A
 * refusal is for good: what is refused is looked at twice.
 */
static enum gh_status decode_record(
	struct gh_view json, struct gh_encounter *encounter, struct gh_error *error)
{
	enum gh_status status = gh_encounter_decode(json, encounter, error);

	return status == GH_MALFORMED ? gh_encounter_decode(json, encounter, error) : status;
}

static enum gh_status decode_addendum(
	struct gh_view json, struct gh_addendum *addendum, struct gh_error *error)
{
	enum gh_status status = gh_addendum_decode(json, addendum, error);

	return status == GH_MALFORMED ? gh_addendum_decode(json, addendum, error) : status;
}

void desk_put_encounter(struct desk *desk, struct deposit *deposit)
{
	const struct request *request = deposit->request;
	struct gh_error error;
	enum gh_status status = decode_record(request->body, &deposit->encounter, &error);

	if (status != GH_OK)
		answer_refused(deposit->answer, status, &error);
	else if (accept_record(desk, request, &deposit->encounter, deposit->answer))
		deposit_record(desk, deposit);
}

bool desk_awaits_photo(
	const struct request *request, const struct store_photo *photo, struct answer *answer)
{
	if (strcmp(photo->lane, request->peer) != 0)
		answer_error(answer, 403, "other_lane", "the record is another lane's", NULL);
	else if (photo->state == PHOTO_NONE)
		answer_error(answer, 409, "no_photo", "the record has no photograph", NULL);
	else if (photo->state == PHOTO_DESTROYED)
		answer_error(answer, 410, "photo_destroyed", "the time of this photograph is over",
			NULL);
	else
		return true;
	return false;
}

/* Whether this photograph is what the record waits for. */
static bool accept_photo(
	struct desk *desk, const struct store_photo *photo, struct deposit *deposit)
{
	struct answer *answer = deposit->answer;

	if (!desk_awaits_photo(deposit->request, photo, answer))
		return false;
	if (!gh_sha256_equal(&photo->hash, &deposit->hash))
		answer_error(answer, 409, "photo_mismatch",
			"the photograph is not the one the record names", NULL);
	else if (photo->state == PHOTO_STORED && photo->received_ms != 0)
		desk_answer_stored(desk, deposit, false, photo->received_ms);
	else
		return true;
	return false;
}

void desk_deposit_photo(struct desk *desk, const struct store_photo *photo, struct gh_view bytes,
	struct deposit *deposit)
{
	const struct request *request = deposit->request;
	struct gh_error error;
	enum gh_status status = desk_seal_photo(desk, &request->id,
		gh_bytes_view(&photo->wrapped_key), bytes, &deposit->sealed, &error);

	if (status != GH_OK) {
		gh_log(GH_LOG_ERROR, "central", "photo_not_sealed",
			gh_log_id("record", &request->id), gh_log_error(&error));
		answer_failure(deposit->answer, status);
		return;
	}
	deposit->put.kind = STORE_PHOTO;
	deposit->put.photo.encounter = request->id;
	deposit->put.photo.day = photo->day;
	deposit->put.photo.sealed = gh_bytes_view(&deposit->sealed);
	deposit->put.photo.received_ms = desk->clock->real_ms(desk->clock);
	deposit->stores = true;
}

void desk_put_photo(struct desk *desk, struct deposit *deposit)
{
	const struct request *request = deposit->request;
	struct answer *answer = deposit->answer;
	struct store_photo photo = { .state = PHOTO_NONE };
	struct gh_error error;
	enum gh_status status = store_find_photo(desk->store, &request->id, &photo, &error);

	if (status == GH_NOT_FOUND)
		answer_error(answer, 404, "record_missing",
			"the record of this photograph is not here", NULL);
	else if (status != GH_OK)
		answer_failure(answer, status);
	else if (accept_photo(desk, &photo, deposit))
		desk_deposit_photo(desk, &photo, request->body, deposit);
	gh_bytes_finish(&photo.wrapped_key);
}

static bool accept_addendum(struct desk *desk, const struct request *request,
	const struct gh_addendum *addendum, struct answer *answer)
{
	if (!gh_id_equal(&addendum->id, &request->id)) {
		answer_error(answer, 422, "schema", "another id than the path's", "/id");
		return false;
	}
	if (desk->purpose == GH_PURPOSE_SERVICE && addendum->test) {
		answer_error(answer, 403, "demo_record",
			"an addendum of a demo has no place in a service", "/test");
		return false;
	}
	return is_own(request, addendum->lane, answer);
}

static void deposit_addendum(struct desk *desk, struct deposit *deposit)
{
	struct store_addendum *put = &deposit->put.addendum;

	put->hash = deposit->hash;
	deposit->put.kind = STORE_ADDENDUM;
	put->addendum = &deposit->addendum;
	put->json = deposit->request->body;
	put->uploaded_ms = desk->clock->real_ms(desk->clock);
	deposit->stores = true;
}

void desk_put_addendum(struct desk *desk, struct deposit *deposit)
{
	const struct request *request = deposit->request;
	struct gh_error error;
	enum gh_status status = decode_addendum(request->body, &deposit->addendum, &error);

	if (status != GH_OK)
		answer_refused(deposit->answer, status, &error);
	else if (accept_addendum(desk, request, &deposit->addendum, deposit->answer))
		deposit_addendum(desk, deposit);
}
