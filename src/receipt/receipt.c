/* SPDX-License-Identifier: Apache-2.0 */
/* The centre's receipt for what a lane delivered. */
#include "gatehouse/receipt/receipt.h"

#include <string.h>
#include <jansson.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/file.h"

#define KEY_FILE_BYTES_MAX 4096u

static const enum gh_receipt_kind kinds[] = { GH_RECEIPT_ENCOUNTER, GH_RECEIPT_PHOTO,
	GH_RECEIPT_ADDENDUM };

const char *gh_receipt_kind_name(enum gh_receipt_kind kind)
{
	switch (kind) {
	case GH_RECEIPT_ENCOUNTER:
		return "encounter";
	case GH_RECEIPT_PHOTO:
		return "photo";
	case GH_RECEIPT_ADDENDUM:
		return "addendum";
	}
	return "unknown";
}

static uint8_t *put(uint8_t *at, const void *bytes, size_t length_bytes)
{
	memcpy(at, bytes, length_bytes);
	return at + length_bytes;
}

static uint8_t *put_number(uint8_t *at, uint64_t number, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--)
		*at++ = (uint8_t)(number >> (8 * i));
	return at;
}

void gh_receipt_message(const struct gh_receipt *receipt, uint8_t message[GH_RECEIPT_MESSAGE_BYTES])
{
	static const char line[32] = "gatehouse delivery receipt\n";
	uint8_t *at = put(message, line, sizeof(line));

	at = put_number(at, GH_RECEIPT_FORMAT, 4);
	at = put_number(at, (uint64_t)receipt->kind, 4);
	at = put(at, receipt->id.bytes, sizeof(receipt->id.bytes));
	at = put(at, receipt->hash.bytes, sizeof(receipt->hash.bytes));
	at = put_number(at, (uint64_t)receipt->received_ms, 8);
	put(at, receipt->public_key, sizeof(receipt->public_key));
}

enum gh_status gh_receipt_sign(
	struct gh_provider *provider, struct gh_receipt *receipt, struct gh_error *error)
{
	uint8_t message[GH_RECEIPT_MESSAGE_BYTES];

	gh_provider_public_key(provider, receipt->public_key);
	gh_receipt_message(receipt, message);
	return gh_provider_sign(
		provider, (struct gh_view){ message, sizeof(message) }, receipt->signature, error);
}

enum gh_status gh_receipt_verify(
	const struct gh_receipt *receipt, const uint8_t *public_key, struct gh_error *error)
{
	uint8_t message[GH_RECEIPT_MESSAGE_BYTES];

	if (public_key && memcmp(public_key, receipt->public_key, GH_PUBLIC_KEY_BYTES) != 0)
		return gh_error_set(error, GH_DENIED, "a receipt by another key");
	gh_receipt_message(receipt, message);
	return gh_signature_verify(receipt->public_key,
		(struct gh_view){ message, sizeof(message) }, receipt->signature, error);
}

enum gh_status gh_receipt_read_key(
	const char *given, uint8_t public_key[GH_PUBLIC_KEY_BYTES], struct gh_error *error)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	char text[2 * GH_PUBLIC_KEY_BYTES + 1] = "";
	enum gh_status status;

	if (gh_hex_parse(given, public_key, GH_PUBLIC_KEY_BYTES, NULL) == GH_OK)
		return GH_OK;
	status = gh_file_read(given, KEY_FILE_BYTES_MAX, &bytes, error);
	if (status == GH_OK && bytes.length_bytes >= sizeof(text) - 1)
		memcpy(text, bytes.data, sizeof(text) - 1);
	gh_bytes_finish(&bytes);
	if (status == GH_OK && gh_hex_parse(text, public_key, GH_PUBLIC_KEY_BYTES, NULL) != GH_OK)
		status = gh_error_set(error, GH_MALFORMED, "%s: no public key", given);
	return status;
}

/* Not json_dumps(): where its buffer cannot grow, jansson 2.14 leaves a quote out and goes on. */
static enum gh_status write_json(const json_t *root, struct gh_bytes *json, struct gh_error *error)
{
	size_t length = root ? json_dumpb(root, NULL, 0, JSON_COMPACT) : 0;
	enum gh_status status;

	gh_bytes_clear(json);
	if (length == 0)
		return gh_error_set(error, GH_NO_MEMORY, "a receipt");
	status = gh_bytes_reserve(json, length, error);
	if (status == GH_OK && json_dumpb(root, (char *)json->data, length, JSON_COMPACT) != length)
		status = gh_error_set(error, GH_NO_MEMORY, "a receipt");
	json->length_bytes = status == GH_OK ? length : 0;
	return status;
}

enum gh_status gh_receipt_encode(
	const struct gh_receipt *receipt, struct gh_bytes *json, struct gh_error *error)
{
	char id[GH_ID_TEXT_BYTES];
	char hash[GH_SHA256_TEXT_BYTES];
	char received[GH_TIME_TEXT_BYTES];
	char key[2 * GH_PUBLIC_KEY_BYTES + 1];
	char signature[2 * GH_SIGNATURE_BYTES + 1];
	json_t *root;
	enum gh_status status;

	gh_id_format(&receipt->id, id);
	gh_sha256_format(&receipt->hash, hash);
	gh_time_format(receipt->received_ms, received);
	gh_hex_format(receipt->public_key, sizeof(receipt->public_key), key);
	gh_hex_format(receipt->signature, sizeof(receipt->signature), signature);
	root = json_pack("{s:i,s:s,s:s,s:s,s:s,s:s,s:s}", "format", GH_RECEIPT_FORMAT, "kind",
		gh_receipt_kind_name(receipt->kind), "id", id, "sha256", hash, "received", received,
		"public_key", key, "signature", signature);
	status = write_json(root, json, error);
	json_decref(root);
	return status;
}

static const char *text_of(const json_t *root, const char *name)
{
	const char *text = json_string_value(json_object_get(root, name));

	return text ? text : "";
}

static bool read_kind(const char *text, enum gh_receipt_kind *kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		*kind = kinds[i];
		if (strcmp(text, gh_receipt_kind_name(*kind)) == 0)
			return true;
	}
	return false;
}

static bool read_members(const json_t *root, struct gh_receipt *receipt)
{
	return read_kind(text_of(root, "kind"), &receipt->kind) &&
		gh_id_parse(text_of(root, "id"), &receipt->id, NULL) == GH_OK &&
		gh_sha256_parse(text_of(root, "sha256"), &receipt->hash, NULL) == GH_OK &&
		gh_time_parse(text_of(root, "received"), &receipt->received_ms, NULL) == GH_OK &&
		gh_hex_parse(text_of(root, "public_key"), receipt->public_key,
			sizeof(receipt->public_key), NULL) == GH_OK &&
		gh_hex_parse(text_of(root, "signature"), receipt->signature,
			sizeof(receipt->signature), NULL) == GH_OK;
}

enum gh_status gh_receipt_decode(
	struct gh_view json, struct gh_receipt *receipt, struct gh_error *error)
{
	json_t *root = NULL;
	const json_t *format;
	enum gh_status status = GH_OK;

	memset(receipt, 0, sizeof(*receipt));
	if (json.length_bytes > 0 && json.length_bytes <= GH_RECEIPT_JSON_BYTES_MAX)
		root = json_loadb(
			(const char *)json.data, json.length_bytes, JSON_REJECT_DUPLICATES, NULL);
	format = json_object_get(root, "format");
	if (json_is_integer(format) && json_integer_value(format) != GH_RECEIPT_FORMAT)
		status = gh_error_set(error, GH_UNSUPPORTED, "a receipt of format %lld",
			(long long)json_integer_value(format));
	else if (!json_is_integer(format) || !read_members(root, receipt))
		status = gh_error_set(error, GH_MALFORMED, "not a receipt");
	json_decref(root);
	return status;
}
