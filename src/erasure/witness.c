/* SPDX-License-Identifier: Apache-2.0 */
/* Countersigning a head: what lane and centre say to each other, as JSON. */
#include "gatehouse/erasure/witness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proof_json.h"

void gh_erasure_witness_path(const struct gh_id *chain, char path[GH_ERASURE_WITNESS_PATH_BYTES])
{
	char id[GH_ID_TEXT_BYTES];

	gh_id_format(chain, id);
	snprintf(path, GH_ERASURE_WITNESS_PATH_BYTES, "/v1/witness/%s", id);
}

/* Takes the value over. */
static enum gh_status write_json(json_t *value, struct gh_bytes *json, struct gh_error *error)
{
	char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;
	enum gh_status status;

	json_decref(value);
	gh_bytes_clear(json);
	if (!text)
		return gh_error_set(error, GH_NO_MEMORY, "JSON");
	status = gh_bytes_append(json, text, strlen(text), error);
	free(text);
	return status;
}

static json_t *read_json(struct gh_view json)
{
	return json_loadb(json.data ? (const char *)json.data : "", json.length_bytes,
		JSON_REJECT_DUPLICATES, NULL);
}

enum gh_status gh_erasure_head_encode(
	const struct gh_erasure_head *head, struct gh_bytes *json, struct gh_error *error)
{
	return write_json(
		json_pack("{s:s,s:I,s:o}", "lane", head->lane, "number", (json_int_t)head->number,
			"hash", hex_value(head->hash.bytes, sizeof(head->hash.bytes))),
		json, error);
}

enum gh_status gh_erasure_head_decode(
	struct gh_view json, struct gh_erasure_head *head, struct gh_error *error)
{
	json_t *value = read_json(json);
	const char *lane = json_string_value(json_object_get(value, "lane"));
	const json_t *number = json_object_get(value, "number");
	bool fine = lane && gh_text_copy(head->lane, sizeof(head->lane), lane) &&
		json_is_integer(number) && json_integer_value(number) > 0 &&
		hex_read(
			json_object_get(value, "hash"), head->hash.bytes, sizeof(head->hash.bytes));

	head->number = fine ? (uint64_t)json_integer_value(number) : 0;
	json_decref(value);
	return fine ? GH_OK : gh_error_set(error, GH_MALFORMED, "not the head of an erasure log");
}

enum gh_status gh_erasure_countersign(const struct gh_erasure_head *head, int64_t time_ms,
	struct gh_provider *provider, struct gh_erasure_receipt *receipt, struct gh_error *error)
{
	uint8_t message[GH_ERASURE_WITNESS_BYTES];

	memset(receipt, 0, sizeof(*receipt));
	receipt->chain = head->chain;
	receipt->number = head->number;
	receipt->hash = head->hash;
	receipt->time_ms = time_ms;
	gh_provider_public_key(provider, receipt->public_key);
	gh_erasure_witness_message(receipt, message);
	return gh_provider_sign(
		provider, (struct gh_view){ message, sizeof(message) }, receipt->signature, error);
}

enum gh_status gh_erasure_receipt_encode(
	const struct gh_erasure_receipt *receipt, struct gh_bytes *json, struct gh_error *error)
{
	return write_json(receipt_value(receipt), json, error);
}

enum gh_status gh_erasure_receipt_decode(
	struct gh_view json, struct gh_erasure_receipt *receipt, struct gh_error *error)
{
	json_t *value = read_json(json);
	bool fine = receipt_read(value, receipt);

	json_decref(value);
	return fine ? GH_OK : gh_error_set(error, GH_MALFORMED, "not a receipt for a head");
}
