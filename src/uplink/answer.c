/* SPDX-License-Identifier: Apache-2.0 */
/* The centre's answers: JSON into values. */
#include "answer.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <curl/curl.h>
#include <jansson.h>

#include "gatehouse/crypto/hash.h"

/* A server may ask for patience, but not for ever. */
#define RETRY_AFTER_MAX_S 3600

static json_t *load(struct gh_view json)
{
	json_t *root;

	if (json.length_bytes == 0 || json.length_bytes > ANSWER_BYTES_MAX)
		return NULL;
	root = json_loadb((const char *)json.data, json.length_bytes, JSON_REJECT_DUPLICATES, NULL);
	if (root && !json_is_object(root)) {
		json_decref(root);
		return NULL;
	}
	return root;
}

static enum gh_status read_id(const json_t *value, struct gh_id *id)
{
	const char *text = json_string_value(value);

	return text && gh_id_parse(text, id, NULL) == GH_OK && !gh_id_is_none(id) ? GH_OK
										  : GH_MALFORMED;
}

enum gh_status answer_id(struct gh_view json, struct gh_id *id)
{
	json_t *root = load(json);
	enum gh_status status = read_id(json_object_get(root, "id"), id);

	json_decref(root);
	return status;
}

enum gh_status answer_hash(struct gh_view json, struct gh_sha256 *hash)
{
	json_t *root = load(json);
	const json_t *value = json_object_get(root, "sha256");
	const char *text = json_string_value(value);
	enum gh_status status = GH_NOT_FOUND;

	if (value)
		status = text ? gh_sha256_parse(text, hash, NULL) : GH_MALFORMED;
	json_decref(root);
	return status;
}

enum gh_status answer_receipt(struct gh_view json, struct gh_receipt *receipt)
{
	json_t *root = load(json);
	const json_t *value = json_object_get(root, "receipt");
	char text[GH_RECEIPT_JSON_BYTES_MAX];
	enum gh_status status = GH_NOT_FOUND;
	size_t length;

	if (value) {
		length = json_dumpb(value, text, sizeof(text), JSON_COMPACT | JSON_ENCODE_ANY);
		status = length <= sizeof(text)
			? gh_receipt_decode(
				  (struct gh_view){ (const uint8_t *)text, length }, receipt, NULL)
			: GH_MALFORMED;
	}
	json_decref(root);
	return status;
}

void answer_error_code(struct gh_view json, char *word, size_t word_bytes)
{
	json_t *root = load(json);
	const char *code =
		json_string_value(json_object_get(json_object_get(root, "error"), "code"));

	word[0] = '\0';
	if (code && strlen(code) < word_bytes &&
		strspn(code, "abcdefghijklmnopqrstuvwxyz_") == strlen(code))
		snprintf(word, word_bytes, "%s", code);
	json_decref(root);
}

static enum gh_status read_voyage(const json_t *item, struct listed_voyage *voyage)
{
	const char *etag = json_string_value(json_object_get(item, "etag"));
	struct gh_sha256 hash;

	if (read_id(json_object_get(item, "id"), &voyage->id) != GH_OK || !etag ||
		gh_sha256_parse(etag, &hash, NULL) != GH_OK)
		return GH_MALFORMED;
	gh_sha256_format(&hash, voyage->etag);
	return GH_OK;
}

/* The array of this name, if it is one of at most max items. */
static enum gh_status read_array(
	const json_t *root, const char *name, size_t max, json_t **array, struct gh_error *error)
{
	*array = json_object_get(root, name);
	if (!json_is_array(*array))
		return gh_error_set(error, GH_MALFORMED, "an answer without \"%s\"", name);
	if (json_array_size(*array) > max)
		return gh_error_set(error, GH_TOO_LARGE, "an answer with %zu \"%s\", at most %zu",
			json_array_size(*array), name, max);
	return GH_OK;
}

enum gh_status answer_voyages(
	struct gh_view json, struct listed_voyage *voyages, size_t *count, struct gh_error *error)
{
	json_t *root = load(json);
	json_t *array;
	enum gh_status status = read_array(root, "voyages", ANSWER_VOYAGES_MAX, &array, error);

	*count = 0;
	for (size_t i = 0; status == GH_OK && i < json_array_size(array); i++) {
		status = read_voyage(json_array_get(array, i), &voyages[i]);
		if (status != GH_OK)
			gh_error_set(error, status, "voyage %zu has no id or etag", i);
		else
			(*count)++;
	}
	json_decref(root);
	if (status != GH_OK)
		*count = 0;
	return status;
}

enum gh_status answer_passages(struct gh_view json, struct gh_id *persons, size_t *count,
	int64_t *next, struct gh_error *error)
{
	json_t *root = load(json);
	json_t *array;
	const json_t *number = json_object_get(root, "next");
	enum gh_status status = read_array(root, "passages", ANSWER_PASSAGES_MAX, &array, error);

	*count = 0;
	*next = json_is_integer(number) ? json_integer_value(number) : -1;
	if (status == GH_OK && *next < 0)
		status = gh_error_set(error, GH_MALFORMED, "an answer without \"next\"");
	for (size_t i = 0; status == GH_OK && i < json_array_size(array); i++) {
		status = read_id(json_array_get(array, i), &persons[i]);
		if (status != GH_OK)
			gh_error_set(error, status, "passage %zu is no id", i);
		else
			(*count)++;
	}
	json_decref(root);
	if (status != GH_OK)
		*count = 0;
	return status;
}

uint32_t answer_retry_after(const char *value, int64_t now_ms)
{
	int64_t seconds = 0;
	size_t digits = strspn(value, "0123456789");

	if (digits > 0 && value[digits] == '\0') {
		/* More digits than a number has room for are for ever as well. */
		if (digits > 9)
			return RETRY_AFTER_MAX_S;
		for (size_t i = 0; i < digits; i++)
			seconds = seconds * 10 + (value[i] - '0');
	} else {
		time_t at = curl_getdate(value, NULL);

		seconds = at < 0 ? 0 : (int64_t)at - now_ms / 1000;
	}
	if (seconds < 0)
		return 0;
	return seconds > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : (uint32_t)seconds;
}
