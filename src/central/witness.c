/* SPDX-License-Identifier: Apache-2.0 */
/* The heads of the lanes' erasure logs, countersigned: one file for each lane says the newest. */
#include <stdio.h>
#include <string.h>

#include "desk.h"
#include "gatehouse/base/file.h"
#include "gatehouse/base/log.h"
#include "gatehouse/erasure/witness.h"

#define SEEN_BYTES_MAX 4096u

/* By the hash of its name, which may have any characters. */
static enum gh_status seen_path(
	struct desk *desk, const char *lane, char path[4096], struct gh_error *error)
{
	struct gh_sha256 hash;
	char name[GH_SHA256_TEXT_BYTES];
	enum gh_status status = gh_sha256_of(gh_view_of_text(lane), &hash, error);

	if (status != GH_OK)
		return status;
	gh_sha256_format(&hash, name);
	return gh_path_join(desk->witness_folder, name, path, 4096, error);
}

/* The last receipt that this lane was given; number 0: none yet. */
static enum gh_status read_seen(
	const char *path, struct gh_erasure_receipt *seen, struct gh_error *error)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	enum gh_status status = gh_file_read(path, SEEN_BYTES_MAX, &bytes, error);

	memset(seen, 0, sizeof(*seen));
	if (status == GH_NOT_FOUND)
		return GH_OK;
	if (status == GH_OK)
		status = gh_erasure_receipt_decode(gh_bytes_view(&bytes), seen, error);
	gh_bytes_finish(&bytes);
	return status;
}

/* Never two heads of one number, nor one older than another. */
static bool accept(const struct gh_erasure_head *head, const struct gh_erasure_receipt *seen,
	struct answer *answer)
{
	if (seen->number != 0 && !gh_id_equal(&head->chain, &seen->chain)) {
		/* The lane lost its log and said so: the next one is another chain. */
		gh_log(GH_LOG_ERROR, "central", "erasure_chain_replaced",
			gh_log_id("old", &seen->chain), gh_log_id("new", &head->chain));
		return true;
	}
	if (head->number < seen->number)
		answer_error(answer, 409, "witness_older",
			"a later head of this chain was countersigned", "/number");
	else if (head->number == seen->number && !gh_sha256_equal(&head->hash, &seen->hash))
		answer_error(answer, 409, "witness_forked",
			"another head of this number was countersigned", "/hash");
	else
		return true;
	gh_log(GH_LOG_ERROR, "central", "erasure_log_forked", gh_log_id("chain", &head->chain),
		gh_log_integer("number", (int64_t)head->number));
	return false;
}

/* On the disk before it is given: a centre that forgets could countersign a fork. */
static enum gh_status countersign(struct desk *desk, const char *path,
	const struct gh_erasure_head *head, struct gh_bytes *json, struct gh_error *error)
{
	struct gh_erasure_receipt receipt;
	enum gh_status status = gh_erasure_countersign(
		head, desk->clock->real_ms(desk->clock), desk->provider, &receipt, error);

	if (status == GH_OK)
		status = gh_erasure_receipt_encode(&receipt, json, error);
	if (status == GH_OK)
		status = gh_file_replace(path, gh_bytes_view(json), 0600, error);
	return status;
}

static void answer_head(
	struct desk *desk, const struct gh_erasure_head *head, struct answer *answer)
{
	struct gh_bytes json = GH_BYTES_EMPTY;
	struct gh_erasure_receipt seen;
	struct gh_error error = GH_ERROR_NONE;
	char path[4096];
	enum gh_status status = seen_path(desk, head->lane, path, &error);

	if (status == GH_OK)
		status = read_seen(path, &seen, &error);
	if (status == GH_OK && !accept(head, &seen, answer))
		return;
	if (status == GH_OK)
		status = countersign(desk, path, head, &json, &error);
	if (status == GH_OK)
		answer_json(answer, 200,
			json_loadb((const char *)json.data, json.length_bytes, 0, NULL));
	else
		gh_log(GH_LOG_ERROR, "central", "head_not_countersigned", gh_log_error(&error));
	gh_bytes_finish(&json);
	if (status != GH_OK)
		answer_failure(answer, status);
}

void desk_put_witness(struct desk *desk, const struct request *request, struct answer *answer)
{
	struct gh_erasure_head head = { .chain = request->id };
	struct gh_error error;
	enum gh_status status = gh_erasure_head_decode(request->body, &head, &error);

	if (status != GH_OK)
		answer_refused(answer, status, &error);
	else if (strcmp(head.lane, request->peer) != 0)
		answer_error(answer, 403, "other_lane", "the certificate speaks for another lane",
			"/lane");
	else
		answer_head(desk, &head, answer);
}
