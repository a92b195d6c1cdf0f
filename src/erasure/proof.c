/* SPDX-License-Identifier: Apache-2.0 */
/* Making a proof of erasure out of the log and the receipts beside it. */
#include "gatehouse/erasure/proof.h"

#include <stdlib.h>
#include <string.h>

#include "merkle.h"
#include "proof_json.h"
#include "receipts.h"

/* What a walk through the log gathers for one record. */
struct gathering {
	struct gh_id record;
	json_t *entries;
	struct gh_bytes headers; /* from the first batch with an entry on */
	uint64_t first_batch;
	uint64_t last_batch; /* with an entry */
	bool late;
	bool no_memory;
};

static json_t *path_value(const struct merkle_path *path)
{
	json_t *list = json_array();

	for (size_t i = 0; i < path->count; i++)
		if (json_array_append_new(
			    list, hex_value(path->hashes[i].bytes, GH_SHA256_BYTES)) != 0)
			break;
	return list;
}

static enum gh_status add_entry(struct gathering *gathering, const struct batch *batch,
	uint32_t index, const struct gh_erasing *row, struct gh_error *error)
{
	const uint8_t *leaf = batch->entries.data + (size_t)index * GH_ERASURE_ENTRY_BYTES;
	struct merkle_path path;
	enum gh_status status =
		merkle_path_of(batch->entries, GH_ERASURE_ENTRY_BYTES, index, &path, error);
	json_t *entry;

	if (status != GH_OK)
		return status;
	if (json_array_size(gathering->entries) == GH_ERASURE_PROOF_ENTRIES_MAX)
		return gh_error_set(error, GH_TOO_LARGE, "more than %d entries of one record",
			GH_ERASURE_PROOF_ENTRIES_MAX);
	entry = json_pack("{s:I,s:I,s:o,s:o,s:o}", "batch", (json_int_t)batch->header.number,
		"index", (json_int_t)index, "leaf", hex_value(leaf, GH_ERASURE_ENTRY_BYTES), "path",
		path_value(&path), "says", entry_says(row, &batch->header));
	gathering->late |= row->limit_ms != 0 && batch->header.time_ms > row->limit_ms;
	if (json_array_append_new(gathering->entries, entry) != 0)
		return gh_error_set(error, GH_NO_MEMORY, "a proof");
	if (gathering->first_batch == 0)
		gathering->first_batch = batch->header.number;
	gathering->last_batch = batch->header.number;
	return GH_OK;
}

static enum gh_status gather(void *ctx, const struct batch *batch, struct gh_error *error)
{
	struct gathering *gathering = ctx;
	enum gh_status status = GH_OK;

	for (uint32_t i = 0; status == GH_OK && i < batch->header.count; i++) {
		struct gh_view leaf = { batch->entries.data + (size_t)i * GH_ERASURE_ENTRY_BYTES,
			GH_ERASURE_ENTRY_BYTES };
		struct gh_erasing row;

		status = entry_decode(leaf, &row, error);
		if (status == GH_OK && gh_id_equal(&row.id, &gathering->record))
			status = add_entry(gathering, batch, i, &row, error);
	}
	if (status == GH_OK && gathering->first_batch != 0)
		status = gh_bytes_append(&gathering->headers, batch->header_bytes.data,
			batch->header_bytes.length_bytes, error);
	return status;
}

/* Up to the countersigned batch; without a receipt the last one with an entry is the end. */
static json_t *headers_value(const struct gathering *gathering, uint64_t end)
{
	json_t *list = json_array();

	for (uint64_t number = gathering->first_batch; number <= end; number++) {
		size_t at = (size_t)(number - gathering->first_batch) * GH_ERASURE_HEADER_BYTES;

		if (json_array_append_new(list,
			    hex_value(gathering->headers.data + at, GH_ERASURE_HEADER_BYTES)) != 0)
			break;
	}
	return list;
}

static void add_text(json_t *list, const char *text)
{
	json_array_append_new(list, json_string(text));
}

static json_t *shows(const struct gathering *gathering, bool receipt)
{
	json_t *list = json_array();

	add_text(list,
		"For each entry: the lane logged, under its signature, that the key of this "
		"item was deleted at \"key_deleted\" and that the master key it was wrapped "
		"under was destroyed by \"destroyed_by\".");
	add_text(list,
		"From the first entry's batch to the last header no batch is missing, and "
		"within each no entry.");
	add_text(list,
		receipt ? "The centre countersigned the last header at the receipt's time: all of "
			  "this was written before it, and the lane cannot change it since."
			: "The centre has not countersigned this yet: the times rest on the lane's "
			  "own clock.");
	if (gathering->late)
		add_text(list,
			"At least one item was destroyed after its limit: \"late_ms\" says by "
			"how much.");
	return list;
}

static json_t *does_not_show(enum gh_provider_strength strength)
{
	json_t *list = json_array();

	add_text(list,
		"That no other copy exists: whoever opened the item while it was held, the "
		"centre included, may have kept it.");
	add_text(list, "That the lane's program and key were honest: it attests to itself.");
	add_text(list, gh_erasure_strength_text(strength));
	add_text(list,
		"Items of this record that are still held, or deleted and waiting for the "
		"next round, have no entry here.");
	return list;
}

static enum gh_status build(const struct gathering *gathering,
	const struct gh_erasure_header *newest, const struct gh_erasure_receipt *receipt,
	struct gh_bytes *json, struct gh_error *error)
{
	char record[GH_ID_TEXT_BYTES];
	uint64_t end = receipt ? receipt->number : gathering->last_batch;
	json_t *proof;
	char *text;
	enum gh_status status;

	gh_id_format(&gathering->record, record);
	proof = json_pack("{s:s,s:i,s:s,s:s,s:o,s:O,s:o,s:o,s:o,s:o}", "format", PROOF_FORMAT,
		"version", PROOF_VERSION, "record", record, "lane", newest->lane, "public_key",
		hex_value(newest->public_key, GH_PUBLIC_KEY_BYTES), "entries", gathering->entries,
		"headers", headers_value(gathering, end), "receipt",
		receipt ? receipt_value(receipt) : json_null(), "shows",
		shows(gathering, receipt != NULL), "does_not_show",
		does_not_show(newest->strength));
	text = proof ? json_dumps(proof, JSON_INDENT(2)) : NULL;
	json_decref(proof);
	if (!text)
		return gh_error_set(error, GH_NO_MEMORY, "a proof");
	gh_bytes_clear(json);
	status = gh_bytes_append(json, text, strlen(text), error);
	if (status == GH_OK)
		status = gh_bytes_append(json, "\n", 1, error);
	free(text);
	return status;
}

static enum gh_status prove(const char *folder, struct gathering *gathering, struct gh_bytes *json,
	struct gh_error *error)
{
	struct walk walk = { .call = gather, .ctx = gathering };
	struct gh_erasure_receipt receipt;
	enum gh_status status = walk_folder(folder, &walk, error);

	if (status == GH_OK && gathering->first_batch == 0)
		status = gh_error_set(
			error, GH_NOT_FOUND, "nothing of this record is logged as erased");
	if (status != GH_OK)
		return status;
	status = receipts_find(
		folder, &walk.chain.last.chain, gathering->last_batch, &receipt, error);
	/* A receipt for more than the log has is of no use: the log was cut since. */
	if (status == GH_OK && receipt.number > walk.chain.last.number)
		status = GH_NOT_FOUND;
	if (status != GH_OK && status != GH_NOT_FOUND)
		return status;
	gh_error_clear(error);
	return build(gathering, &walk.chain.last, status == GH_OK ? &receipt : NULL, json, error);
}

enum gh_status gh_erasure_prove(const char *folder, const struct gh_id *record,
	struct gh_bytes *json, struct gh_error *error)
{
	struct gathering gathering = { .record = *record, .entries = json_array() };
	enum gh_status status;

	if (!gathering.entries)
		return gh_error_set(error, GH_NO_MEMORY, "a proof");
	status = prove(folder, &gathering, json, error);
	json_decref(gathering.entries);
	gh_bytes_finish(&gathering.headers);
	return status;
}
