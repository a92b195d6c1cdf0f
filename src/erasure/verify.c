/* SPDX-License-Identifier: Apache-2.0 */
/* Checking a proof of erasure with public keys alone. */
#include <stdlib.h>
#include <string.h>

#include "merkle.h"
#include "proof_json.h"
#include "receipts.h"

/* A proof while it is checked. */
struct checking {
	const json_t *proof;
	const uint8_t *public_key;
	const uint8_t *central_key;
	struct gh_erasure_header *headers;
	size_t header_count;
	struct gh_sha256 head; /* hash of the last header */
	struct gh_erasure_verdict *verdict;
};

static enum gh_status malformed(struct gh_error *error, const char *what)
{
	return gh_error_set(error, GH_MALFORMED, "proof: %s", what);
}

static enum gh_status check_header(struct checking *checking, struct chain *chain,
	const uint8_t bytes[GH_ERASURE_HEADER_BYTES], struct gh_error *error)
{
	struct gh_view view = { bytes, GH_ERASURE_HEADER_BYTES };
	struct gh_view signed_bytes = { bytes, HEADER_SIGNED_BYTES };
	struct gh_erasure_header *header = &checking->headers[checking->header_count];
	enum gh_status status = header_decode(view, header, error);

	if (status == GH_OK)
		status = chain_go_on(chain, header, view, error);
	if (status == GH_OK &&
		memcmp(header->public_key, checking->public_key, GH_PUBLIC_KEY_BYTES) != 0)
		status = gh_error_set(error, GH_INTEGRITY, "batch %llu is signed by another key",
			(unsigned long long)header->number);
	if (status == GH_OK)
		status = gh_signature_verify(
			checking->public_key, signed_bytes, header->signature, error);
	checking->header_count++;
	return status;
}

static enum gh_status check_headers(struct checking *checking, struct gh_error *error)
{
	const json_t *list = json_object_get(checking->proof, "headers");
	size_t count = json_array_size(list);
	struct chain chain = { .last = { .number = 0 } };
	enum gh_status status = GH_OK;

	if (count == 0)
		return malformed(error, "no headers");
	checking->headers = calloc(count, sizeof(*checking->headers));
	if (!checking->headers)
		return gh_error_set(error, GH_NO_MEMORY, "%zu headers", count);
	for (size_t i = 0; status == GH_OK && i < count; i++) {
		uint8_t bytes[GH_ERASURE_HEADER_BYTES];

		if (!hex_read(json_array_get(list, i), bytes, sizeof(bytes)))
			return malformed(error, "a header that is none");
		status = check_header(checking, &chain, bytes, error);
	}
	checking->head = chain.hash;
	checking->verdict->batches = count;
	memcpy(checking->verdict->lane, chain.last.lane, sizeof(chain.last.lane));
	return status;
}

static enum gh_status read_path(
	const json_t *list, struct merkle_path *path, struct gh_error *error)
{
	path->count = json_array_size(list);
	if (!json_is_array(list) || path->count > MERKLE_PATH_MAX)
		return malformed(error, "a path that is none");
	for (size_t i = 0; i < path->count; i++)
		if (!hex_read(json_array_get(list, i), path->hashes[i].bytes, GH_SHA256_BYTES))
			return malformed(error, "a path that is none");
	return GH_OK;
}

/* The header of a batch that the proof names. */
static const struct gh_erasure_header *header_of(const struct checking *checking, json_int_t batch)
{
	uint64_t first = checking->headers[0].number;

	if (batch < 0 || (uint64_t)batch < first ||
		(uint64_t)batch - first >= checking->header_count)
		return NULL;
	return &checking->headers[(uint64_t)batch - first];
}

static enum gh_status check_leaf(const json_t *entry, const struct gh_erasure_header *header,
	struct gh_erasing *row, struct gh_error *error)
{
	const json_t *index_value = json_object_get(entry, "index");
	json_int_t index = json_integer_value(index_value);
	uint8_t bytes[GH_ERASURE_ENTRY_BYTES];
	struct gh_view leaf = { bytes, sizeof(bytes) };
	struct gh_sha256 hash;
	struct merkle_path path;
	enum gh_status status;

	if (!json_is_integer(index_value) || index < 0 ||
		!hex_read(json_object_get(entry, "leaf"), bytes, sizeof(bytes)))
		return malformed(error, "an entry without its place or bytes");
	status = read_path(json_object_get(entry, "path"), &path, error);
	if (status == GH_OK)
		status = entry_decode(leaf, row, error);
	if (status == GH_OK)
		status = merkle_leaf(leaf, &hash, error);
	if (status == GH_OK)
		status = merkle_verify(
			&hash, (uint64_t)index, header->count, &path, &header->root, error);
	if (status == GH_OK && row->serial != header->first_serial + (uint64_t)index)
		status = gh_error_set(error, GH_INTEGRITY, "an entry out of its order");
	return status;
}

/* Words beside the bytes are for people: they may not say anything else. */
static enum gh_status check_words(const json_t *entry, const struct gh_erasing *row,
	const struct gh_erasure_header *header, struct gh_error *error)
{
	json_t *says = entry_says(row, header);
	bool same = says && json_equal(says, json_object_get(entry, "says"));

	if (!says)
		return gh_error_set(error, GH_NO_MEMORY, "a proof");
	json_decref(says);
	if (!same)
		return gh_error_set(error, GH_INTEGRITY,
			"what entry %llu says in words is not what its bytes say",
			(unsigned long long)row->serial);
	return GH_OK;
}

static enum gh_status check_entry(
	struct checking *checking, const json_t *entry, struct gh_error *error)
{
	struct gh_erasure_verdict *verdict = checking->verdict;
	struct gh_erasing *row = &verdict->entries[verdict->count];
	const struct gh_erasure_header *header =
		header_of(checking, json_integer_value(json_object_get(entry, "batch")));
	enum gh_status status;

	if (!header)
		return malformed(error, "an entry of a batch that is not in it");
	status = check_leaf(entry, header, row, error);
	if (status == GH_OK && !gh_id_equal(&row->id, &verdict->record))
		status = gh_error_set(error, GH_INTEGRITY, "an entry of another record");
	if (status == GH_OK && verdict->count > 0 && row->serial <= row[-1].serial)
		status = gh_error_set(error, GH_INTEGRITY, "entries out of their order");
	if (status == GH_OK)
		status = check_words(entry, row, header, error);
	if (status != GH_OK)
		return status;
	row->generation = header->generation;
	verdict->destroyed_ms[verdict->count] = header->time_ms;
	verdict->quality[verdict->count++] = header->quality;
	if (header->strength < verdict->strength)
		verdict->strength = header->strength;
	if (row->limit_ms != 0 && header->time_ms - row->limit_ms > verdict->late_ms)
		verdict->late_ms = header->time_ms - row->limit_ms;
	return GH_OK;
}

static enum gh_status check_all_entries(struct checking *checking, struct gh_error *error)
{
	const json_t *list = json_object_get(checking->proof, "entries");
	size_t count = json_array_size(list);
	enum gh_status status = GH_OK;

	if (count == 0 || count > GH_ERASURE_PROOF_ENTRIES_MAX)
		return malformed(error, "no entries, or too many");
	checking->verdict->strength = GH_PROVIDER_DISK_OPENS_NEVER;
	for (size_t i = 0; status == GH_OK && i < count; i++)
		status = check_entry(checking, json_array_get(list, i), error);
	return status;
}

static bool before_every_limit(const struct gh_erasure_verdict *verdict, int64_t time_ms)
{
	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->entries[i].limit_ms != 0 && time_ms > verdict->entries[i].limit_ms)
			return false;
	return true;
}

static enum gh_status check_receipt(struct checking *checking, struct gh_error *error)
{
	const json_t *value = json_object_get(checking->proof, "receipt");
	const struct gh_erasure_header *last = &checking->headers[checking->header_count - 1];
	struct gh_erasure_verdict *verdict = checking->verdict;
	struct gh_erasure_receipt receipt;
	enum gh_status status;

	if (json_is_null(value))
		return GH_OK;
	if (!receipt_read(value, &receipt))
		return malformed(error, "a receipt that is none");
	status = receipt_verify(&receipt, error);
	if (status != GH_OK)
		return status;
	if (receipt.number != last->number || !gh_id_equal(&receipt.chain, &last->chain) ||
		!gh_sha256_equal(&receipt.hash, &checking->head))
		return gh_error_set(error, GH_INTEGRITY, "the receipt is for another head");
	if (checking->central_key &&
		memcmp(receipt.public_key, checking->central_key, GH_PUBLIC_KEY_BYTES) != 0)
		return gh_error_set(
			error, GH_INTEGRITY, "the receipt is of another key than the centre's");
	verdict->attested = checking->central_key ? GH_ERASURE_WITNESSED : GH_ERASURE_SEEN;
	verdict->witnessed_ms = receipt.time_ms;
	verdict->witnessed_in_time = before_every_limit(verdict, receipt.time_ms);
	memcpy(verdict->witness, receipt.public_key, GH_PUBLIC_KEY_BYTES);
	return GH_OK;
}

static enum gh_status check_frame(struct checking *checking, struct gh_error *error)
{
	const json_t *proof = checking->proof;
	const char *format = json_string_value(json_object_get(proof, "format"));
	const char *record = json_string_value(json_object_get(proof, "record"));
	uint8_t named[GH_PUBLIC_KEY_BYTES];

	if (!format || strcmp(format, PROOF_FORMAT) != 0 || !record)
		return malformed(error, "not a proof of erasure");
	if (json_integer_value(json_object_get(proof, "version")) != PROOF_VERSION)
		return gh_error_set(error, GH_UNSUPPORTED, "a proof of another version");
	if (!hex_read(json_object_get(proof, "public_key"), named, sizeof(named)))
		return malformed(error, "no public key");
	if (memcmp(named, checking->public_key, sizeof(named)) != 0)
		return gh_error_set(
			error, GH_INTEGRITY, "the proof is of another lane's key than given");
	return gh_id_parse(record, &checking->verdict->record, error);
}

static enum gh_status check(struct checking *checking, struct gh_error *error)
{
	enum gh_status status = check_frame(checking, error);

	if (status == GH_OK)
		status = check_headers(checking, error);
	if (status == GH_OK)
		status = check_all_entries(checking, error);
	if (status == GH_OK)
		status = check_receipt(checking, error);
	return status;
}

enum gh_status gh_erasure_verify(struct gh_view json, const uint8_t public_key[GH_PUBLIC_KEY_BYTES],
	const uint8_t *central_key, struct gh_erasure_verdict *verdict, struct gh_error *error)
{
	struct checking checking = {
		.public_key = public_key, .central_key = central_key, .verdict = verdict
	};
	json_error_t reason;
	json_t *proof;
	enum gh_status status;

	memset(verdict, 0, sizeof(*verdict));
	if (json.length_bytes > GH_ERASURE_PROOF_BYTES_MAX)
		return gh_error_set(error, GH_TOO_LARGE, "a proof of %zu bytes", json.length_bytes);
	proof = json_loadb(json.data ? (const char *)json.data : "", json.length_bytes,
		JSON_REJECT_DUPLICATES, &reason);
	if (!proof)
		return gh_error_set(
			error, GH_MALFORMED, "proof: line %d: %s", reason.line, reason.text);
	checking.proof = proof;
	status = check(&checking, error);
	free(checking.headers);
	json_decref(proof);
	return status;
}
