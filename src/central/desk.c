/* SPDX-License-Identifier: Apache-2.0 */
/* Which function answers which endpoint, and the way of what is stored. */
#include "desk.h"

#include <stddef.h>
#include <string.h>

#include "gatehouse/base/log.h"

/* What only reads, or stores in a way of its own. A bundle is answered by desk_publish(). */
static void (*const decides[ENDPOINT_COUNT])(
	struct desk *desk, const struct request *request, struct answer *answer) = {
	[ENDPOINT_PHOTO_HEAD] = desk_find_photo_offset,
	[ENDPOINT_VOYAGE_LIST] = desk_list_voyages,
	[ENDPOINT_VOYAGE_GET] = desk_get_voyage,
	[ENDPOINT_VOYAGE_DELETE] = desk_delete_voyage,
	[ENDPOINT_PASSAGE_LIST] = desk_list_passages,
	[ENDPOINT_ENCOUNTER_LIST] = desk_list_encounters,
	[ENDPOINT_DEVICE_LIST] = desk_list_devices,
	[ENDPOINT_DEVICE_PUT] = desk_put_device,
	[ENDPOINT_DEVICE_DELETE] = desk_revoke_device,
	[ENDPOINT_WITNESS_PUT] = desk_put_witness,
	[ENDPOINT_TOKEN_PUT] = desk_put_token,
	[ENDPOINT_CERTIFICATE_LIST] = desk_list_certificates,
	[ENDPOINT_CERTIFICATE_DELETE] = desk_revoke_certificate,
	[ENDPOINT_EST_CERTS] = desk_list_authorities,
	[ENDPOINT_EST_ENROL] = desk_enrol,
	[ENDPOINT_EST_RENEW] = desk_renew,
	[ENDPOINT_HEALTH] = desk_health,
	[ENDPOINT_HEARTBEAT_GET] = desk_get_heartbeat,
	[ENDPOINT_ALARM_LIST] = desk_list_alarms,
	[ENDPOINT_METRICS] = desk_metrics,
};

/* What lanes bring by the thousand: stored together. */
static void (*const deposits_of[ENDPOINT_COUNT])(struct desk *desk, struct deposit *deposit) = {
	[ENDPOINT_ENCOUNTER_PUT] = desk_put_encounter,
	[ENDPOINT_PHOTO_PUT] = desk_put_photo,
	[ENDPOINT_PHOTO_PATCH] = desk_patch_photo,
	[ENDPOINT_ADDENDUM_PUT] = desk_put_addendum,
	[ENDPOINT_HEARTBEAT_PUT] = desk_put_heartbeat,
};

void deposit_begin(struct deposit *deposit, const struct request *request, struct answer *answer)
{
	memset(deposit, 0, sizeof(*deposit));
	deposit->request = request;
	deposit->answer = answer;
}

void deposit_finish(struct deposit *deposit)
{
	gh_encounter_wipe(&deposit->encounter);
	gh_wipe(&deposit->addendum, sizeof(deposit->addendum));
	gh_bytes_finish(&deposit->wrapped_key);
	gh_bytes_finish(&deposit->sealed);
	gh_bytes_finish(&deposit->whole);
	deposit->stores = false;
	deposit->audited = false;
}

/* Why a lane is not let in; NULL: it is. */
static const char *why_not(
	const struct desk *desk, const struct store_standing *standing, const char **reason)
{
	static const char *const reasons[][2] = {
		{ "device_unknown", "the device is not registered" },
		{ "device_revoked", "the device is revoked" },
		{ "certificate_revoked", "the certificate is revoked" },
		{ "certificate_foreign", "the certificate is not one that this centre has issued" },
	};
	const bool is[] = { desk->registered_only && !standing->registered,
		desk->registered_only && standing->revoked_ms != 0,
		standing->certificate_revoked_ms != 0, desk->issued_only && !standing->issued };

	for (size_t i = 0; i < sizeof(is) / sizeof(is[0]); i++) {
		if (is[i]) {
			*reason = reasons[i][1];
			return reasons[i][0];
		}
	}
	return NULL;
}

/* By the registry as it is now: all processes see a revocation with the next request. */
static bool admit_lane(struct desk *desk, struct request *request, struct answer *answer)
{
	struct store_standing standing;
	struct gh_error error;
	const char *reason = NULL;
	const char *code;
	enum gh_status status = store_find_standing(
		desk->store, request->peer, &request->fingerprint, &standing, &error);

	if (status != GH_OK) {
		answer_failure(answer, status);
		return false;
	}
	code = why_not(desk, &standing, &reason);
	if (code) {
		answer_error(answer, 403, code, reason, NULL);
		return false;
	}
	if (desk->registered_only)
		memcpy(request->port, standing.port, sizeof(request->port));
	return true;
}

bool desk_admit(struct desk *desk, struct request *request, struct answer *answer)
{
	switch (request->role) {
	case ROLE_LANE:
		return admit_lane(desk, request, answer);
	case ROLE_NEWCOMER:
		return request->endpoint != ENDPOINT_EST_ENROL ||
			desk_admit_newcomer(desk, request, answer);
	default:
		return true;
	}
}

/* A body that was spoilt on the way is told apart from one that was bad from the start. */
static bool body_is_whole(struct deposit *deposit)
{
	const struct request *request = deposit->request;
	enum gh_status status = gh_sha256_of(request->body, &deposit->hash, NULL);

	if (status != GH_OK)
		answer_failure(deposit->answer, status);
	else if (request->digest_state == DIGEST_MALFORMED)
		answer_error(deposit->answer, 400, "digest_malformed",
			"Content-Digest cannot be read", NULL);
	else if (request->digest_state == DIGEST_GIVEN &&
		!gh_sha256_equal(&deposit->hash, &request->digest))
		answer_error(deposit->answer, 400, "digest_mismatch",
			"the body is not the one that Content-Digest is of", NULL);
	else
		return true;
	return false;
}

void desk_decide(struct desk *desk, struct deposit *deposit)
{
	const struct request *request = deposit->request;

	if (request->body.length_bytes > 0 && !body_is_whole(deposit))
		return;
	if (deposits_of[request->endpoint])
		deposits_of[request->endpoint](desk, deposit);
	else if (decides[request->endpoint])
		decides[request->endpoint](desk, request, deposit->answer);
	else
		answer_error(deposit->answer, 500, "internal", "nobody answers this path", NULL);
}

/*
 * Whether an access is kept: not health, metrics and heartbeats, not a poll that handed nothing new
 * over, and not a lane's look at the list of voyages, which holds nothing personal and comes from
 * every lane all the time.
 */
static bool is_kept(const struct request *request, const struct answer *answer)
{
	/* Nor what somebody asks who is nobody: there is no end to them. */
	if ((request->role == ROLE_NONE || request->role == ROLE_NEWCOMER) &&
		request->peer[0] == '\0')
		return false;
	if (answer->status >= 400)
		return true;
	if (request->endpoint == ENDPOINT_HEALTH || request->endpoint == ENDPOINT_METRICS ||
		request->endpoint == ENDPOINT_HEARTBEAT_PUT ||
		request->endpoint == ENDPOINT_PHOTO_HEAD || answer->nothing_new)
		return false;
	return request->endpoint != ENDPOINT_VOYAGE_LIST || request->role != ROLE_LANE;
}

void desk_note(struct desk *desk, struct deposit *deposit)
{
	const struct request *request = deposit->request;
	struct store_access *access = &deposit->access.access;

	if (!is_kept(request, deposit->answer))
		return;
	deposit->access.kind = STORE_ACCESS;
	*access = (struct store_access){
		.at_ms = desk->clock->real_ms(desk->clock),
		.peer = request->peer,
		.role = request_role_name(request->role),
		.action = request_action(request),
		.http_status = deposit->answer->status,
		.of = deposit->stores ? &deposit->put : NULL,
	};
	if (!gh_id_is_none(&request->id))
		gh_id_format(&request->id, access->item);
	else
		gh_text_copy(access->item, sizeof(access->item), request->name);
	deposit->audited = true;
}

static enum gh_receipt_kind kind_of(enum endpoint endpoint)
{
	switch (endpoint) {
	case ENDPOINT_ENCOUNTER_PUT:
		return GH_RECEIPT_ENCOUNTER;
	case ENDPOINT_PHOTO_PUT:
	case ENDPOINT_PHOTO_PATCH:
		return GH_RECEIPT_PHOTO;
	default:
		return GH_RECEIPT_ADDENDUM;
	}
}

void desk_answer_stored(
	struct desk *desk, struct deposit *deposit, bool is_new, int64_t received_ms)
{
	struct gh_receipt receipt = {
		.kind = kind_of(deposit->request->endpoint),
		.id = deposit->request->id,
		.hash = deposit->hash,
		/* Its row may have gone with its day, while its id is known. */
		.received_ms = received_ms ? received_ms : desk->clock->real_ms(desk->clock),
	};
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = gh_receipt_sign(desk->provider, &receipt, &error);

	if (status == GH_OK) {
		answer_stored(deposit->answer, &receipt, is_new);
		return;
	}
	gh_log(GH_LOG_ERROR, "central", "receipt_not_signed", gh_log_id("item", &receipt.id),
		gh_log_error(&error));
	answer_failure(deposit->answer, status);
}

static void answer_put(struct desk *desk, struct deposit *deposit)
{
	const struct store_put *put = &deposit->put;
	struct answer *answer = deposit->answer;

	if (put->kind == STORE_PHOTO && put->status == GH_OK)
		partials_forget(desk->partials, deposit->request->peer, &put->photo.encounter);
	if (put->status == GH_NOT_FOUND)
		answer_error(answer, 404, "record_missing",
			"the record of this addendum is not here", "/encounter");
	else if (put->status == GH_DENIED)
		answer_error(
			answer, 403, "other_lane", "the record is another lane's", "/encounter");
	else if (put->status != GH_OK)
		answer_failure(answer, put->status);
	else if (put->kind == STORE_HEARTBEAT)
		answer->status = 204;
	else if (put->stored == STORED_OTHER)
		answer_error(
			answer, 409, "conflict", "something else was stored under this id", NULL);
	else
		desk_answer_stored(desk, deposit, put->stored == STORED_NEW, put->received_ms);
}

static enum gh_status store_together(
	struct desk *desk, struct deposit *const *deposits, size_t count, struct gh_error *error)
{
	struct store_put *puts[STORE_TOGETHER_MAX];
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		if (deposits[i]->stores)
			puts[used++] = &deposits[i]->put;
		if (deposits[i]->audited)
			puts[used++] = &deposits[i]->access;
	}
	return store_put_all(desk->store, puts, used, error);
}

static void answer_all(struct desk *desk, struct deposit *const *deposits, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (deposits[i]->stores)
			answer_put(desk, deposits[i]);
	}
}

/* Nothing was stored, and what nobody can be told to have asked for is not handed out either. */
static void fail_all(struct deposit *const *deposits, size_t count, enum gh_status status)
{
	for (size_t i = 0; i < count; i++) {
		answer_finish(deposits[i]->answer);
		answer_failure(deposits[i]->answer, status);
	}
}

static bool is_away(enum gh_status status)
{
	return status == GH_BUSY || status == GH_OFFLINE || status == GH_TIMEOUT;
}

void desk_settle(struct desk *desk, struct deposit *const *deposits, size_t count)
{
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = store_together(desk, deposits, count, &error);

	if (status == GH_OK) {
		answer_all(desk, deposits, count);
		return;
	}
	desk->metrics.store_errors++;
	gh_log(GH_LOG_ERROR, "central", "not_stored", gh_log_integer("count", (int64_t)count),
		gh_log_error(&error));
	if (count == 1 || is_away(status)) {
		fail_all(deposits, count, status);
		return;
	}
	for (size_t i = 0; i < count; i++)
		desk_settle(desk, &deposits[i], 1);
}
