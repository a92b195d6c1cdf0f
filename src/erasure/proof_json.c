/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of a proof: bytes in hexadecimal, and entries in words. */
#include "proof_json.h"

#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/clock.h"

const char *gh_erased_what_name(enum gh_erased_what what)
{
	static const char *const names[GH_ERASED_WHAT_COUNT] = {
		[GH_ERASED_RECORD] = "record",
		[GH_ERASED_PHOTO] = "photo",
		[GH_ERASED_ADDENDUM] = "addendum",
		[GH_ERASED_GALLERY] = "gallery",
	};

	return what < GH_ERASED_WHAT_COUNT ? names[what] : "unknown";
}

const char *gh_erased_why_name(enum gh_erased_why why)
{
	static const char *const names[GH_ERASED_WHY_COUNT] = {
		[GH_ERASED_ACKNOWLEDGED] = "acknowledged",
		[GH_ERASED_LIMIT] = "limit",
		[GH_ERASED_VOYAGE] = "voyage",
	};

	return why < GH_ERASED_WHY_COUNT ? names[why] : "unknown";
}

const char *gh_erasure_strength_text(enum gh_provider_strength strength)
{
	switch (strength) {
	case GH_PROVIDER_DISK_OPENS:
		return "The keys lay in files: whoever copied the whole disk before the erasure "
		       "can still open it.";
	case GH_PROVIDER_DISK_OPENS_HERE:
		return "A copy of the disk from before the erasure can be opened on this machine "
		       "only.";
	case GH_PROVIDER_DISK_OPENS_NEVER:
		return "A copy of the disk from before the erasure can be opened nowhere: the "
		       "master key was in a TPM and is gone from it.";
	}
	return "It is not known what the erasure withstands.";
}

json_t *hex_value(const uint8_t *bytes, size_t length_bytes)
{
	char *text = malloc(2 * length_bytes + 1);
	json_t *value;

	if (!text)
		return NULL;
	gh_hex_format(bytes, length_bytes, text);
	value = json_string(text);
	free(text);
	return value;
}

bool hex_read(const json_t *value, uint8_t *bytes, size_t length_bytes)
{
	const char *text = json_string_value(value);

	return text && json_string_length(value) == 2 * length_bytes &&
		gh_hex_parse(text, bytes, length_bytes, NULL) == GH_OK;
}

static json_t *time_value(int64_t time_ms)
{
	char text[GH_TIME_TEXT_BYTES];

	if (time_ms == 0)
		return json_null();
	gh_time_format(time_ms, text);
	return json_string(text);
}

json_t *entry_says(const struct gh_erasing *row, const struct gh_erasure_header *header)
{
	int64_t late_ms = row->limit_ms != 0 ? header->time_ms - row->limit_ms : 0;

	return json_pack("{s:I,s:s,s:s,s:o,s:o,s:o,s:o,s:I,s:s,s:s,s:I}", "serial",
		(json_int_t)row->serial, "what", gh_erased_what_name(row->what), "why",
		gh_erased_why_name(row->why), "captured", time_value(row->captured_ms), "limit",
		time_value(row->limit_ms), "key_deleted", time_value(row->deleted_ms),
		"destroyed_by", time_value(header->time_ms), "late_ms",
		(json_int_t)(late_ms > 0 ? late_ms : 0), "clock_at_deletion",
		gh_clock_quality_name(row->quality), "clock_at_destruction",
		gh_clock_quality_name(header->quality), "clock_moved_ms",
		(json_int_t)row->clock_step_ms);
}

json_t *receipt_value(const struct gh_erasure_receipt *receipt)
{
	return json_pack("{s:I,s:o,s:o,s:I,s:o,s:o,s:o}", "batch", (json_int_t)receipt->number,
		"chain", hex_value(receipt->chain.bytes, sizeof(receipt->chain.bytes)), "hash",
		hex_value(receipt->hash.bytes, sizeof(receipt->hash.bytes)), "time_ms",
		(json_int_t)receipt->time_ms, "time", time_value(receipt->time_ms), "public_key",
		hex_value(receipt->public_key, sizeof(receipt->public_key)), "signature",
		hex_value(receipt->signature, sizeof(receipt->signature)));
}

bool receipt_read(const json_t *value, struct gh_erasure_receipt *receipt)
{
	const json_t *time = json_object_get(value, "time_ms");
	const json_t *batch = json_object_get(value, "batch");

	receipt->time_ms = json_integer_value(time);
	receipt->number = (uint64_t)json_integer_value(batch);
	return json_is_integer(time) && json_is_integer(batch) &&
		hex_read(json_object_get(value, "chain"), receipt->chain.bytes,
			sizeof(receipt->chain.bytes)) &&
		hex_read(json_object_get(value, "hash"), receipt->hash.bytes,
			sizeof(receipt->hash.bytes)) &&
		hex_read(json_object_get(value, "public_key"), receipt->public_key,
			sizeof(receipt->public_key)) &&
		hex_read(json_object_get(value, "signature"), receipt->signature,
			sizeof(receipt->signature));
}
