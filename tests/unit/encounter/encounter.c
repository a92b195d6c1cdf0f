/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of records and addenda: rules, exact values, hostile JSON, wiping. */
#include "gatehouse/encounter/encounter.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/encounter/specimen.h"

static struct gh_encounter encounter;
static struct gh_bytes json;

static int set_up(void **state)
{
	specimen_encounter_of(SPECIMEN_MATCH, 7, &encounter);
	return 0;
}

static int tear_down(void **state)
{
	gh_bytes_finish(&json);
	return 0;
}

static void expect_broken(const char *text)
{
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(gh_encounter_consistent(&encounter, &error), GH_WRONG_STATE);
	if (!strstr(error.text, text))
		fail_msg("'%s' does not name '%s'", error.text, text);
	assert_int_equal(gh_encounter_encode(&encounter, &json, NULL), GH_WRONG_STATE);
	assert_int_equal(json.length_bytes, 0);
}

static void encode(void)
{
	struct gh_error error = GH_ERROR_NONE;

	gh_bytes_clear(&json);
	if (gh_encounter_encode(&encounter, &json, &error) != GH_OK)
		fail_msg("%s", error.text);
}

static enum gh_status decode_text(const char *text, struct gh_error *error)
{
	struct gh_encounter read;

	return gh_encounter_decode(gh_view_of_text(text), &read, error);
}

/* The record's JSON with the first `from` replaced; refused, naming `text`. */
static void expect_refused(const char *from, const char *to, const char *text)
{
	static char edited[32768];
	struct gh_error error = GH_ERROR_NONE;
	const char *at;

	encode();
	assert_int_equal(gh_bytes_append(&json, "", 1, NULL), GH_OK);
	at = strstr((const char *)json.data, from);
	assert_non_null(at);
	snprintf(edited, sizeof(edited), "%.*s%s%s", (int)(at - (const char *)json.data),
		(const char *)json.data, to, at + strlen(from));
	assert_int_equal(decode_text(edited, &error), GH_MALFORMED);
	if (!strstr(error.text, text))
		fail_msg("'%s' does not name '%s'", error.text, text);
}

static void empty_record_is_not_put(void **state)
{
	gh_encounter_init(&encounter);
	expect_broken("/id");
	memset(&encounter, 0, sizeof(encounter));
	expect_broken("/id");
}

/* init() leaves no measure at a value that looks measured. */
static void nothing_is_assessed_at_first(void **state)
{
	const char *at;
	size_t count = 0;

	gh_encounter_init(&encounter);
	encounter.id.bytes[3] = 1;
	strcpy(encounter.lane.lane, "lane-1");
	strcpy(encounter.lane.device, "GH-1");
	strcpy(encounter.lane.port, "UTZZZ");
	strcpy(encounter.lane.firmware, "0.1.0");
	encounter.event_ms = INT64_C(1795521600000);
	encounter.destroy_by_ms = encounter.event_ms;
	encounter.decision = GH_DECISION_REFERRAL;
	encounter.referrals[0] = GH_REFERRAL_DEVICE_FAULT;
	encounter.referral_count = 1;
	encode();
	assert_int_equal(gh_bytes_append(&json, "", 1, NULL), GH_OK);
	for (at = (const char *)json.data; (at = strstr(at, "\"not_assessed\"")); at++)
		count++;
	/* Each measure twice: native and component, or native and suspicion. */
	assert_int_equal(count, 6 + 11 + 2 * GH_MEASURE_COUNT + 3);
	assert_non_null(strstr((const char *)json.data, "\"test\":true"));
}

static void values_out_of_range_are_not_put(void **state)
{
	encounter.comparison.score = NAN;
	expect_broken("/comparison/score");
	encounter.comparison.score = INFINITY;
	expect_broken("/comparison/score");
	set_up(state);
	encounter.comparison.fmr = 1.0000001;
	expect_broken("/comparison/fmr");
	set_up(state);
	encounter.quality.yaw_degrees = -180.5;
	expect_broken("/quality/yaw_degrees");
	set_up(state);
	encounter.voyage_version = 0;
	expect_broken("/voyage/version");
	set_up(state);
	encounter.event_ms = -1;
	expect_broken("/time/event");
	set_up(state);
	encounter.event_ms = INT64_MAX;
	expect_broken("/time/event");
	set_up(state);
	encounter.lane.mode = (enum gh_mode)7;
	expect_broken("/lane/mode");
}

static void texts_that_cannot_stand_are_not_put(void **state)
{
	memset(encounter.lane.device, 'x', sizeof(encounter.lane.device));
	expect_broken("/lane/device: too long");
	set_up(state);
	strcpy(encounter.lane.port, "a\nb");
	expect_broken("/lane/port");
	set_up(state);
	strcpy(encounter.document_number.text, "a\xff");
	expect_broken("/personal/document/number");
	set_up(state);
	memset(&encounter.document_number, 'x', sizeof(encounter.document_number));
	expect_broken("/personal/document/number");
	set_up(state);
	strcpy(encounter.notice_hash, "abc");
	expect_broken("rule notice_hash");
}

static void referrals_are_held_to_their_room(void **state)
{
	specimen_encounter_of(SPECIMEN_NOT_FOUND, 7, &encounter);
	encounter.referrals[1] = GH_REFERRAL_NOT_FOUND;
	encounter.referral_count = 2;
	expect_broken("/decision/referrals: a word twice");
	encounter.referral_count = GH_REFERRALS_MAX + 1;
	expect_broken("/decision/referrals: too many");
	encounter.referral_count = SIZE_MAX;
	expect_broken("/decision/referrals: too many");
}

/* The indicator is about a portrait that may be the person's; a search without one has none. */
static void a_morph_score_needs_a_candidate(void **state)
{
	static const enum specimen with[] = { SPECIMEN_MATCH, SPECIMEN_MISMATCH,
		SPECIMEN_CANNOT_TELL };
	static const enum specimen without[] = { SPECIMEN_NOT_FOUND, SPECIMEN_NOT_CAPTURED,
		SPECIMEN_GALLERY_NOT_READY };

	for (size_t i = 0; i < 3; i++) {
		specimen_encounter_of(with[i], 5, &encounter);
		encounter.morph_score = -3.25;
		assert_int_equal(gh_encounter_consistent(&encounter, NULL), GH_OK);
		encounter.morph_score = 1000.5;
		expect_broken("/morph/score");
		specimen_encounter_of(without[i], 5, &encounter);
		assert_int_equal(gh_encounter_consistent(&encounter, NULL), GH_OK);
		encounter.morph_score = -3.25;
		expect_broken("rule morph");
	}
}

/* Every kind of data about a person, put into the record of one who opted out. */
static void who_opted_out_is_not_described(void **state)
{
	for (int i = 0; i < 14; i++) {
		specimen_encounter_of(SPECIMEN_OPTED_OUT, 3, &encounter);
		assert_int_equal(gh_encounter_consistent(&encounter, NULL), GH_OK);
		encounter.has_voyage = i == 0 || i == 1;
		encounter.voyage.bytes[0] = encounter.person.bytes[0] = 1;
		encounter.voyage_version = 1;
		encounter.has_person = i == 1;
		if (i == 2)
			strcpy(encounter.document_number.text, "L898902C3");
		if (i == 3)
			encounter.comparison.score = 0.5;
		if (i == 4)
			encounter.quality.faces_in_frame = 0;
		if (i == 5)
			encounter.attack_score = 0;
		if (i == 12)
			encounter.attack_limit = 0;
		if (i == 13)
			encounter.morph_score = 0;
		encounter.has_photo = i == 6;
		encounter.photo_bytes = 1;
		encounter.photo_sha256[0] = 1;
		if (i == 7)
			strcpy(encounter.language, "de");
		if (i == 9)
			encounter.quality.measures[GH_MEASURE_YAW].native = 0;
		if (i == 10)
			encounter.quality.measures[GH_MEASURE_LUMINANCE_MEAN].component = 0;
		if (i == 11)
			encounter.quality.measures[GH_MEASURE_SMILE].suspected = GH_SUSPICION_NO;
		if (i == 8)
			encounter.destroy_by_ms = encounter.event_ms + 1;
		assert_int_equal(gh_encounter_consistent(&encounter, NULL), GH_WRONG_STATE);
	}
}

static void destroy_by_is_held_to_the_class(void **state)
{
	specimen_encounter_of(SPECIMEN_NOT_FOUND, 3, &encounter);
	encounter.destroy_by_ms = encounter.event_ms + 12 * INT64_C(3600000);
	assert_int_equal(gh_encounter_consistent(&encounter, NULL), GH_OK);
	encounter.destroy_by_ms++;
	expect_broken("rule destroy_by");
}

/* Doubles come back bit for bit, the awkward ones too. */
static void numbers_are_exact(void **state)
{
	static const double values[] = { 0.0, -0.0, 0.1, 1.0 / 3, 5e-324, 2.2250738585072014e-308,
		999.99999999999989, -1000, 1e-300, 0.30000000000000004 };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct gh_encounter read;

		encounter.comparison.margin = values[i];
		encode();
		assert_int_equal(gh_encounter_decode(gh_bytes_view(&json), &read, NULL), GH_OK);
		assert_memory_equal(&read.comparison.margin, &values[i], sizeof(double));
	}
}

static void encoding_appends(void **state)
{
	struct gh_encounter read;

	assert_int_equal(gh_bytes_append(&json, "before", 6, NULL), GH_OK);
	assert_int_equal(gh_encounter_encode(&encounter, &json, NULL), GH_OK);
	assert_memory_equal(json.data, "before{", 7);
	assert_int_equal(
		gh_encounter_decode(
			(struct gh_view){ json.data + 6, json.length_bytes - 6 }, &read, NULL),
		GH_OK);
}

static void keys_are_held_to_the_format(void **state)
{
	expect_refused("\"test\":", "\"toast\":", "/test: is missing");
	expect_refused("\"record\":", "\"x\":1,\"record\":", "a key that the format does not have");
	expect_refused("\"mode\":", "\"x\":1,\"mode\":", "/lane: a key that the format");
	expect_refused("\"format\":2", "\"format\":2,\"format\":2", "a key stands twice");
	expect_refused("\"score\":", "\"score\":0,\"score\":", "a key stands twice");
	expect_refused("\"personal\":{", "\"personal\":null,\"x\":{", "/personal: an object");
	expect_refused("\"encounter\"", "\"addendum\"", "/record");
}

static void values_are_held_to_their_kind(void **state)
{
	expect_refused("\"mode\":\"", "\"mode\":\"x", "/lane/mode: not one of the words");
	expect_refused("\"event\":\"20", "\"event\":\"19", "/time/event");
	expect_refused("Z\",\"clock", "+00:00\",\"clock", "/time/event");
	expect_refused("\"version\":", "\"version\":1e9", "/voyage/version: out of range");
	expect_refused("\"version\":", "\"version\":0.5e-9", "/voyage/version: an integer");
	expect_refused("\"margin\":", "\"margin\":\"\",\"x\":", "/comparison/margin: a number");
	expect_refused("\"referrals\":[]", "\"referrals\":{}", "/decision/referrals: an array");
	expect_refused("\"referrals\":[]", "\"referrals\":[1]", "/decision/referrals");
	expect_refused("\"gallery_complete\":", "\"gallery_complete\":1,\"x\":",
		"/comparison/gallery_complete: true or false");
	expect_refused("\"component\":", "\"component\":101,\"x\":", "/component: out of range");
	expect_refused("\"qaa_id\":\"0x44\"", "\"qaa_id\":\"0x45\"",
		"/quality/measures/luminance_mean/qaa_id");
	expect_refused(
		"\"suspected\":\"", "\"suspected\":\"perhaps_", "/suspected: not one of the");
}

static void what_is_no_json_is_refused(void **state)
{
	static const char *const texts[] = { "", " ", "{", "nul", "{}x", "[1", "\"", "{\"a\":01}",
		"{\"format\":NaN}", "{\"format\":Infinity}", "{\"format\":1e999}",
		"{\"format\":123456789012345678901234567890}", "{\"format\":\"\\u0000\"}",
		"{\"format\":\"\\ud800\"}", "{\"format\":\"\xff\"}", "\xef\xbb\xbf{}" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct gh_error error = GH_ERROR_NONE;

		assert_int_equal(decode_text(texts[i], &error), GH_MALFORMED);
		assert_string_not_equal(error.text, "");
	}
	assert_int_equal(decode_text("[]", NULL), GH_MALFORMED);
	assert_int_equal(decode_text("null", NULL), GH_MALFORMED);
	assert_int_equal(
		gh_encounter_decode((struct gh_view){ NULL, 0 }, &encounter, NULL), GH_MALFORMED);
}

static void newer_format_is_said_to_be_one(void **state)
{
	assert_int_equal(decode_text("{\"format\":3}", NULL), GH_UNSUPPORTED);
	assert_int_equal(decode_text("{\"format\":0,\"x\":1}", NULL), GH_UNSUPPORTED);
	assert_int_equal(decode_text("{\"format\":\"2\"}", NULL), GH_MALFORMED);
}

/* A record of firmware 0.1.0 as its specimens had it: the centre still takes it. */
static void records_of_format_1_are_read(void **state)
{
	static const char later[] =
		"\"unified_quality\":\"not_assessed\",\"background_uniformity\":\"not_assessed\","
		"\"illumination_uniformity\":\"not_assessed\",\"luminance_variance\":"
		"\"not_assessed\",\"dynamic_range\":\"not_assessed\",\"natural_colour\":"
		"\"not_assessed\",\"compression_artefacts\":\"not_assessed\",\"mouth_closed\":"
		"\"not_assessed\",\"eyes_visible\":\"not_assessed\",\"mouth_occlusion\":"
		"\"not_assessed\",\"face_occlusion\":\"not_assessed\",\"expression_neutrality\":"
		"\"not_assessed\",\"head_covering\":\"not_assessed\"}";
	static char old[32768];
	struct gh_error error = GH_ERROR_NONE;
	struct gh_encounter read;
	char *format, *measures, *after, *limit, *morph;
	size_t length;

	encode();
	assert_int_equal(gh_bytes_append(&json, "", 1, NULL), GH_OK);
	format = strstr((char *)json.data, "\"format\":2");
	assert_non_null(format);
	format[strlen("\"format\":")] = '1';
	measures = strstr((char *)json.data, "\"measures\":{");
	after = strstr((char *)json.data, ",\"presentation_attack\"");
	limit = strstr((char *)json.data, ",\"limit\":");
	morph = strstr((char *)json.data, "},\"morph\"");
	assert_true(measures && after && limit && morph);
	length = (size_t)snprintf(old, sizeof(old), "%.*s%s%.*s%s",
		(int)(measures - (char *)json.data), (char *)json.data, later, (int)(limit - after),
		after, morph);
	assert_true(length < sizeof(old));
	if (gh_encounter_decode(gh_view_of_text(old), &read, &error) != GH_OK)
		fail_msg("%s", error.text);
	assert_memory_equal(&read.quality.yaw_degrees, &encounter.quality.yaw_degrees,
		sizeof(read.quality.yaw_degrees));
	for (size_t i = 0; i < GH_MEASURE_COUNT; i++) {
		assert_true(read.quality.measures[i].native <= GH_NOT_ASSESSED);
		assert_int_equal(read.quality.measures[i].suspected, GH_SUSPICION_NOT_ASSESSED);
	}
	/* What it says of itself is the format that it is written in from now on. */
	gh_bytes_clear(&json);
	assert_int_equal(gh_encounter_encode(&read, &json, NULL), GH_OK);
	assert_memory_equal(json.data, "{\"format\":2", 11);
}

static void huge_and_deep_json_is_refused(void **state)
{
	char *text = malloc(GH_ENCOUNTER_JSON_BYTES_MAX + 2);
	struct gh_error error = GH_ERROR_NONE;

	assert_non_null(text);
	memset(text, ' ', GH_ENCOUNTER_JSON_BYTES_MAX + 1);
	text[GH_ENCOUNTER_JSON_BYTES_MAX + 1] = '\0';
	assert_int_equal(decode_text(text, &error), GH_TOO_LARGE);
	memset(text, '[', GH_ENCOUNTER_JSON_BYTES_MAX);
	text[GH_ENCOUNTER_JSON_BYTES_MAX] = '\0';
	assert_int_equal(decode_text(text, &error), GH_MALFORMED);
	free(text);
}

/* No cut of a record is a record. */
static void every_cut_is_refused(void **state)
{
	encode();
	for (size_t cut = 0; cut < json.length_bytes; cut++) {
		struct gh_encounter read;
		uint8_t *copy = malloc(cut ? cut : 1);

		assert_non_null(copy);
		memcpy(copy, json.data, cut);
		assert_int_equal(gh_encounter_decode((struct gh_view){ copy, cut }, &read, NULL),
			GH_MALFORMED);
		free(copy);
	}
}

/* An error about a foreign record repeats nothing that stood in it. */
static void error_repeats_nothing(void **state)
{
	static const char *const edits[][2] = {
		{ "\"mode\":\"", "\"mode\":\"ERIKSSON" },
		{ "\"test\":", "\"ERIKSSON\":1,\"test\":" },
		{ "\"test\":", "\"test\":ERIKSSON" },
		{ "\"number\":\"L", "\"number\":\"ERIKSSON\\u0001" },
	};

	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct gh_error error = GH_ERROR_NONE;
		static char edited[32768];
		const char *at;

		encode();
		assert_int_equal(gh_bytes_append(&json, "", 1, NULL), GH_OK);
		at = strstr((const char *)json.data, edits[i][0]);
		snprintf(edited, sizeof(edited), "%.*s%s%s", (int)(at - (const char *)json.data),
			(const char *)json.data, edits[i][1], at + strlen(edits[i][0]));
		assert_int_equal(decode_text(edited, &error), GH_MALFORMED);
		assert_null(strstr(error.text, "ERIKSSON"));
	}
}

static void wipe_takes_person_and_document(void **state)
{
	static const struct gh_personal none;

	gh_encounter_wipe(&encounter);
	assert_false(encounter.has_person);
	assert_true(gh_id_is_none(&encounter.person));
	assert_memory_equal(&encounter.document_number, &none, sizeof(none));
	assert_string_equal(encounter.document_issuer, "");
	assert_string_equal(encounter.document_type, "");
}

/* --- addenda --- */

static void addendum_begins_with_an_id_of_its_own_and_the_lanes_time(void **state)
{
	struct gh_encounter_lane lane = { .lane = "lane-7", .purpose = GH_PURPOSE_DEMO };
	struct gh_clock_manual clock;
	struct gh_addendum first = { .kind = GH_ADDENDUM_PASSED };
	struct gh_addendum second = { .kind = GH_ADDENDUM_PASSED };

	gh_clock_manual_init(&clock, 5, 1795521600123);
	assert_int_equal(gh_addendum_begin(&first, &lane, &clock.clock, NULL), GH_OK);
	lane.purpose = GH_PURPOSE_SERVICE;
	assert_int_equal(gh_addendum_begin(&second, &lane, &clock.clock, NULL), GH_OK);
	assert_false(gh_id_equal(&first.id, &second.id));
	assert_int_equal(first.event_ms, 1795521600123);
	assert_int_equal(first.clock_quality, clock.clock.quality(&clock.clock));
	assert_string_equal(first.lane, "lane-7");
	assert_int_equal(first.kind, GH_ADDENDUM_PASSED);
	assert_true(first.test);
	assert_false(second.test);
}

static void addendum_needs_what_its_kind_says(void **state)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_addendum addendum;

	specimen_addendum(GH_ADDENDUM_DISPOSITION, &addendum);
	assert_int_equal(gh_addendum_encode(&addendum, &json, NULL), GH_OK);
	addendum.role[0] = '\0';
	assert_int_equal(gh_addendum_encode(&addendum, &json, &error), GH_WRONG_STATE);
	assert_non_null(strstr(error.text, "/disposition/role"));
	strcpy(addendum.role, "officer-17");
	strcpy(addendum.reason_code, "Typed text");
	assert_int_equal(gh_addendum_encode(&addendum, &json, &error), GH_WRONG_STATE);
	assert_non_null(strstr(error.text, "/disposition/reason_code"));
	strcpy(addendum.reason_code, "document_inspected");
	addendum.disposition = GH_DISPOSITION_NONE;
	assert_int_equal(gh_addendum_encode(&addendum, &json, &error), GH_WRONG_STATE);
	specimen_addendum(GH_ADDENDUM_PHOTO_ERASED, &addendum);
	addendum.erased_ms = 0;
	assert_int_equal(gh_addendum_encode(&addendum, &json, &error), GH_WRONG_STATE);
	addendum.erased_ms = 1;
	addendum.id = addendum.encounter;
	assert_int_equal(gh_addendum_encode(&addendum, &json, &error), GH_WRONG_STATE);
	assert_non_null(strstr(error.text, "/id"));
}

static void clock_offset_may_be_any_sign(void **state)
{
	static const int64_t offsets[] = { 0, 1, -1, INT64_C(86400000) * 365 * 30, -3600000 };

	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		struct gh_addendum addendum;
		struct gh_addendum read;

		specimen_addendum(GH_ADDENDUM_CLOCK, &addendum);
		addendum.clock_offset_ms = offsets[i];
		gh_bytes_clear(&json);
		assert_int_equal(gh_addendum_encode(&addendum, &json, NULL), GH_OK);
		assert_int_equal(gh_addendum_decode(gh_bytes_view(&json), &read, NULL), GH_OK);
		assert_int_equal(read.clock_offset_ms, offsets[i]);
	}
}

static void record_is_no_addendum(void **state)
{
	struct gh_addendum read;

	encode();
	assert_int_equal(gh_addendum_decode(gh_bytes_view(&json), &read, NULL), GH_UNSUPPORTED);
	specimen_addendum(1, &read);
	gh_bytes_clear(&json);
	assert_int_equal(gh_addendum_encode(&read, &json, NULL), GH_OK);
	assert_int_equal(gh_encounter_decode(gh_bytes_view(&json), &encounter, NULL), GH_MALFORMED);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		CASE(empty_record_is_not_put),
		CASE(nothing_is_assessed_at_first),
		CASE(values_out_of_range_are_not_put),
		CASE(texts_that_cannot_stand_are_not_put),
		CASE(referrals_are_held_to_their_room),
		CASE(a_morph_score_needs_a_candidate),
		CASE(who_opted_out_is_not_described),
		CASE(destroy_by_is_held_to_the_class),
		CASE(numbers_are_exact),
		CASE(encoding_appends),
		CASE(keys_are_held_to_the_format),
		CASE(values_are_held_to_their_kind),
		CASE(what_is_no_json_is_refused),
		CASE(newer_format_is_said_to_be_one),
		CASE(records_of_format_1_are_read),
		CASE(huge_and_deep_json_is_refused),
		CASE(every_cut_is_refused),
		CASE(error_repeats_nothing),
		CASE(wipe_takes_person_and_document),
		CASE(addendum_begins_with_an_id_of_its_own_and_the_lanes_time),
		CASE(addendum_needs_what_its_kind_says),
		CASE(clock_offset_may_be_any_sign),
		CASE(record_is_no_addendum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
