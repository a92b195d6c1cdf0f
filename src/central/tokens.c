/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens: shown once, kept as a hash, good for one key. */
#include <string.h>

#include "desk.h"
#include "gatehouse/base/log.h"
#include "gatehouse/base/id.h"
#include "listing.h"

/* 192 bits: there is nothing to be guessed, and no need for a slow hash. */
#define TOKEN_BYTES 24
#define TOKEN_TEXT_BYTES (2 * TOKEN_BYTES + 1)

#define HOUR_MS (INT64_C(3600) * 1000)
#define HOURS_MAX 168

/* A wrong token is answered so late; with the port's connections that bounds the guesses. */
#define WRONG_HOLD_MS 2000

/* {"hours": 24} and nothing else. */
static bool read_hours(const struct request *request, int64_t *hours)
{
	json_t *root = json_loadb((const char *)request->body.data, request->body.length_bytes,
		JSON_REJECT_DUPLICATES, NULL);
	const json_t *number = json_object_get(root, "hours");
	bool fine;

	*hours = json_integer_value(number);
	fine = json_is_integer(number) && json_object_size(root) == 1 && *hours >= 1 &&
		*hours <= HOURS_MAX;
	json_decref(root);
	return fine;
}

/* A token for whoever could not use it would only lie about. */
static bool check_device(struct desk *desk, const char *name, struct answer *answer)
{
	struct store_device device;
	struct gh_error error;
	enum gh_status status = store_find_device(desk->store, name, &device, &error);

	if (status == GH_NOT_FOUND)
		answer_error(answer, 404, "no_such_device", "there is no such device", NULL);
	else if (status != GH_OK)
		answer_failure(answer, status);
	else if (device.revoked_ms != 0)
		answer_error(answer, 409, "device_revoked", "the device is revoked", NULL);
	else
		return true;
	return false;
}

static enum gh_status make_token(
	struct desk *desk, struct store_token *token, char text[TOKEN_TEXT_BYTES])
{
	uint8_t random[TOKEN_BYTES];
	struct gh_error error;
	enum gh_status status = gh_random_fill(random, sizeof(random), &error);

	if (status == GH_OK) {
		gh_hex_format(random, sizeof(random), text);
		status = gh_sha256_of(gh_view_of_text(text), &token->hash, &error);
	}
	if (status == GH_OK)
		status = store_put_token(desk->store, token, &error);
	gh_wipe(random, sizeof(random));
	return status;
}

void desk_put_token(struct desk *desk, const struct request *request, struct answer *answer)
{
	struct store_token token = { .made_ms = desk->clock->real_ms(desk->clock) };
	char text[TOKEN_TEXT_BYTES];
	int64_t hours;
	enum gh_status status;

	if (!desk->issuer) {
		answer_error(answer, 409, "no_issuer", "this centre issues no certificates", NULL);
		return;
	}
	if (!read_hours(request, &hours)) {
		answer_error(answer, 422, "schema", "a token lives 1 to 168 hours", "/hours");
		return;
	}
	if (!check_device(desk, request->name, answer))
		return;
	gh_text_copy(token.name, sizeof(token.name), request->name);
	token.expires_ms = token.made_ms + hours * HOUR_MS;
	status = make_token(desk, &token, text);
	if (status != GH_OK) {
		answer_failure(answer, status);
		return;
	}
	gh_log(GH_LOG_NOTICE, "central", "token_made", gh_log_place("name", token.name));
	answer_json(answer, 201,
		json_pack("{s:s, s:s, s:o}", "name", token.name, "token", text, "expires_time",
			listing_time(token.expires_ms)));
	gh_wipe(text, sizeof(text));
}

static void challenge(struct answer *answer, const char *code, const char *reason)
{
	answer_error(answer, 401, code, reason, NULL);
	answer->challenge = true;
}

/* Which of all it was is for the operator to know. */
static bool refuse_newcomer(
	struct desk *desk, struct request *request, bool has_token, struct answer *answer)
{
	struct gh_error error;

	challenge(answer, "bad_token", "there is no such token for this name");
	answer->hold_ms = WRONG_HOLD_MS;
	gh_log(GH_LOG_WARNING, "central", "token_wrong", gh_log_place("name", request->claimed));
	if (!has_token)
		return false;
	gh_text_copy(request->peer, sizeof(request->peer), request->claimed);
	if (store_count_failure(desk->store, request->claimed, &error) != GH_OK)
		gh_log(GH_LOG_ERROR, "central", "failure_not_counted", gh_log_error(&error));
	return false;
}

/* Whoever holds the token may know. */
static bool refuse_holder(
	struct request *request, struct answer *answer, const char *code, const char *reason)
{
	gh_text_copy(request->peer, sizeof(request->peer), request->claimed);
	gh_log(GH_LOG_WARNING, "central", "token_refused", gh_log_place("name", request->claimed));
	challenge(answer, code, reason);
	answer->hold_ms = WRONG_HOLD_MS;
	return false;
}

static bool admit_holder(struct desk *desk, struct request *request,
	const struct store_token *token, struct answer *answer)
{
	struct store_device device;
	struct gh_error error;
	enum gh_status status;

	if (token->expires_ms <= desk->clock->real_ms(desk->clock))
		return refuse_holder(request, answer, "token_expired", "the token's time is over");
	status = store_find_device(desk->store, request->claimed, &device, &error);
	if (status != GH_OK && status != GH_NOT_FOUND) {
		answer_failure(answer, status);
		return false;
	}
	if (status == GH_NOT_FOUND || device.revoked_ms != 0)
		return refuse_holder(request, answer, "device_revoked",
			"the device is not, or no longer, registered");
	gh_text_copy(request->peer, sizeof(request->peer), request->claimed);
	return true;
}

bool desk_admit_newcomer(struct desk *desk, struct request *request, struct answer *answer)
{
	struct store_token token;
	struct gh_sha256 hash;
	struct gh_error error;
	enum gh_status status;
	bool equal;

	if (request->claimed[0] == '\0') {
		challenge(answer, "token_wanted", "the lane's name and its token are wanted");
		return false;
	}
	status = gh_sha256_of(gh_view_of_text(request->token), &hash, &error);
	if (status == GH_OK)
		status = store_find_token(desk->store, request->claimed, &token, &error);
	if (status != GH_OK && status != GH_NOT_FOUND) {
		answer_failure(answer, status);
		return false;
	}
	/* Of a name without a token there are zeros, which are no hash of anything known. */
	equal = gh_sha256_equal(&hash, &token.hash);
	if (status == GH_NOT_FOUND || !equal)
		return refuse_newcomer(desk, request, status == GH_OK, answer);
	return admit_holder(desk, request, &token, answer);
}
