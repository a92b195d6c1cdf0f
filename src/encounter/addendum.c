/* SPDX-License-Identifier: Apache-2.0 */
/* Addenda: what happened after a record was put, in the same manner as the record. */
#include <string.h>

#include "gatehouse/encounter/encounter.h"
#include "tables.h"

#define AT(member) GH_FIELD_AT(struct gh_addendum_wire, addendum.member)
#define PART(array, flag) \
	.nullable = true, .flag_offset = offsetof(struct gh_addendum_wire, flag), \
	.fields = (array), .field_count = GH_COUNT_OF(array)

/* clang-format off */
static const struct gh_field disposition_fields[] = {
	{.key = "outcome", .kind = GH_FIELD_WORD, AT(disposition), .words = &gh_words_disposition},
	{.key = "role", .kind = GH_FIELD_TEXT, AT(role), .set = GH_SET_NAME},
	{.key = "reason_code", .kind = GH_FIELD_TEXT, AT(reason_code), .set = GH_SET_WORD},
};

static const struct gh_field clock_fields[] = {
	{.key = "offset_ms", .kind = GH_FIELD_SIGNED, AT(clock_offset_ms),
		.min = -1e15, .max = 1e15},
};

static const struct gh_field erasure_fields[] = {
	{.key = "erased", .kind = GH_FIELD_TIME, AT(erased_ms)},
};

static const struct gh_field addendum_fields[] = {
	{.key = "format", .kind = GH_FIELD_COUNT32, GH_FIELD_AT(struct gh_addendum_wire, format),
		.min = GH_ADDENDUM_FORMAT, .max = GH_ADDENDUM_FORMAT},
	{.key = "record", .kind = GH_FIELD_CONST, .set = "addendum"},
	{.key = "id", .kind = GH_FIELD_ID, AT(id)},
	{.key = "encounter", .kind = GH_FIELD_ID, AT(encounter)},
	{.key = "kind", .kind = GH_FIELD_WORD, AT(kind), .words = &gh_words_addendum_kind},
	{.key = "event", .kind = GH_FIELD_TIME, AT(event_ms)},
	{.key = "clock_quality", .kind = GH_FIELD_WORD, AT(clock_quality),
		.words = &gh_words_clock_quality},
	{.key = "lane", .kind = GH_FIELD_TEXT, AT(lane), .set = GH_SET_PRINTABLE},
	{.key = "test", .kind = GH_FIELD_BOOL, AT(test)},
	{.key = "disposition", .kind = GH_FIELD_GROUP, PART(disposition_fields, has_disposition)},
	{.key = "clock", .kind = GH_FIELD_GROUP, PART(clock_fields, has_clock)},
	{.key = "photo_erased", .kind = GH_FIELD_GROUP, PART(erasure_fields, has_erasure)},
};
/* clang-format on */

const struct gh_field_table gh_addendum_table = { addendum_fields, GH_COUNT_OF(addendum_fields),
	sizeof(struct gh_addendum_wire) };

enum gh_status gh_addendum_begin(struct gh_addendum *addendum, const struct gh_encounter_lane *lane,
	const struct gh_clock *clock, struct gh_error *error)
{
	addendum->event_ms = clock->real_ms(clock);
	addendum->clock_quality = clock->quality(clock);
	addendum->test = lane->purpose == GH_PURPOSE_DEMO;
	memcpy(addendum->lane, lane->lane, sizeof(addendum->lane));
	return gh_id_make(&addendum->id, error);
}

static bool keeps_disposition(const void *place)
{
	const struct gh_addendum_wire *wire = place;

	return wire->has_disposition == (wire->addendum.kind == GH_ADDENDUM_DISPOSITION);
}

static bool keeps_disposition_word(const void *place)
{
	const struct gh_addendum_wire *wire = place;

	return !wire->has_disposition || wire->addendum.disposition != GH_DISPOSITION_NONE;
}

static bool keeps_clock(const void *place)
{
	const struct gh_addendum_wire *wire = place;

	return wire->has_clock == (wire->addendum.kind == GH_ADDENDUM_CLOCK);
}

static bool keeps_erasure(const void *place)
{
	const struct gh_addendum_wire *wire = place;

	return wire->has_erasure == (wire->addendum.kind == GH_ADDENDUM_PHOTO_ERASED);
}

static bool keeps_ids(const void *place)
{
	const struct gh_addendum_wire *wire = place;

	return !gh_id_equal(&wire->addendum.id, &wire->addendum.encounter);
}

/* clang-format off */
const struct gh_rule gh_addendum_rules[] = {
	{ "disposition", "/disposition", "there is one exactly with this kind", keeps_disposition },
	{ "disposition_word", "/disposition/outcome", "may not be none", keeps_disposition_word },
	{ "clock", "/clock", "there is one exactly with this kind", keeps_clock },
	{ "photo_erased", "/photo_erased", "there is one exactly with this kind", keeps_erasure },
	{ "ids", "/id", "an id of its own", keeps_ids },
};
/* clang-format on */
const size_t gh_addendum_rule_count = GH_COUNT_OF(gh_addendum_rules);

static void to_wire(const struct gh_addendum *addendum, struct gh_addendum_wire *wire)
{
	memset(wire, 0, sizeof(*wire));
	wire->format = GH_ADDENDUM_FORMAT;
	wire->has_disposition = addendum->kind == GH_ADDENDUM_DISPOSITION;
	wire->has_clock = addendum->kind == GH_ADDENDUM_CLOCK;
	wire->has_erasure = addendum->kind == GH_ADDENDUM_PHOTO_ERASED;
	wire->addendum = *addendum;
}

static enum gh_status check(
	const struct gh_addendum_wire *wire, enum gh_status status, struct gh_error *error)
{
	struct gh_field_fault fault;
	const struct gh_rule *rule;

	if (!gh_fields_check(&gh_addendum_table, wire, &fault))
		return gh_error_set(error, status, "%s: %s", fault.pointer, fault.rule);
	rule = gh_rules_broken(gh_addendum_rules, gh_addendum_rule_count, wire);
	if (rule)
		return gh_error_set(
			error, status, "%s: %s (rule %s)", rule->pointer, rule->text, rule->name);
	return GH_OK;
}

enum gh_status gh_addendum_encode(
	const struct gh_addendum *addendum, struct gh_bytes *json, struct gh_error *error)
{
	struct gh_addendum_wire wire;
	enum gh_status status;

	to_wire(addendum, &wire);
	status = check(&wire, GH_WRONG_STATE, error);
	if (status == GH_OK)
		status = gh_fields_encode(&gh_addendum_table, &wire, json, error);
	return status;
}

enum gh_status gh_addendum_decode(
	struct gh_view json, struct gh_addendum *addendum, struct gh_error *error)
{
	struct gh_addendum_wire wire;
	enum gh_status status = gh_fields_decode(&gh_addendum_table, json, &wire, error);

	memset(addendum, 0, sizeof(*addendum));
	if (status == GH_OK)
		status = check(&wire, GH_MALFORMED, error);
	if (status == GH_OK)
		*addendum = wire.addendum;
	return status;
}
