/* SPDX-License-Identifier: Apache-2.0 */
/* The retention report over a real outbox and gallery. */
#include "gatehouse/health/retention.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "gatehouse/base/log.h"
#include "support/erasure/station.h"
#include "support/gallery/specimen_set.h"

static struct station lane;

static int begin(void **state)
{
	station_make(&lane);
	station_open(&lane);
	return set_begin(state);
}

static int end(void **state)
{
	station_remove(&lane);
	return set_end(state);
}

static json_t *report(void)
{
	struct gh_retention_report report = { .outbox = lane.outbox,
		.gallery = set.gallery,
		.erasure = lane.erasure,
		.strength = gh_provider_strength(lane.provider),
		.clock = &lane.clock.clock,
		.other_hours = 96,
		.gallery_hours = 48 };
	struct gh_bytes json = GH_BYTES_EMPTY;
	json_t *value;

	assert_int_equal(gh_health_retention_json(&report, &json, NULL), GH_OK);
	value = json_loadb((const char *)json.data, json.length_bytes, 0, NULL);
	assert_non_null(value);
	gh_bytes_finish(&json);
	return value;
}

static const char *word(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static json_int_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void an_empty_lane_holds_nothing(void **state)
{
	json_t *told = report();

	assert_string_equal(word(told, "rule"), "the earliest limit wins");
	assert_int_equal(json_array_size(json_object_get(told, "held")), 0);
	assert_int_equal(json_array_size(json_object_get(told, "voyages")), 0);
	assert_true(json_is_false(json_object_get(told, "overdue")));
	assert_true(json_is_null(json_object_get(json_object_get(told, "erasure"), "round_in_ms")));
	json_decref(told);
}

/* The station puts class 2, which is what the words call it. */
static void what_is_held_is_told_with_why_and_until_when(void **state)
{
	char limit[GH_TIME_TEXT_BYTES];
	json_t *told;
	const json_t *photo;

	assert_int_equal(station_put(&lane, 1, 12), GH_OK);
	assert_int_equal(station_put(&lane, 2, 12), GH_OK);
	told = report();
	assert_int_equal(json_array_size(json_object_get(told, "held")), 2);
	photo = json_array_get(json_object_get(told, "held"), 1);
	assert_string_equal(word(photo, "kind"), "photo");
	assert_string_equal(word(photo, "class"), gh_retention_name((enum gh_retention)2));
	assert_int_equal(number(photo, "count"), 2);
	gh_time_format(lane.clock.real_ms + 12 * STATION_HOUR_MS, limit);
	assert_string_equal(word(photo, "first_limit"), limit);
	assert_non_null(strstr(word(photo, "why"), "12 hours after capture"));
	assert_non_null(strstr(word(photo, "why"), "until the centre acknowledges"));
	json_decref(told);
}

static void a_voyage_is_told_with_the_earliest_of_its_limits(void **state)
{
	json_t *told;
	const json_t *voyage;

	assert_int_equal(set_load(A, 1, 5, 1), GH_OK);
	specimen_enrol_all(&set);
	told = report();
	voyage = json_array_get(json_object_get(told, "voyages"), 0);
	assert_int_equal(number(voyage, "persons"), 5);
	assert_non_null(strstr(word(voyage, "why"), "2 hours after departure"));
	json_decref(told);
}

static void a_photograph_past_its_limit_is_overdue(void **state)
{
	json_t *told;

	assert_int_equal(station_put(&lane, 1, 12), GH_OK);
	lane.clock.real_ms += 13 * STATION_HOUR_MS;
	told = report();
	assert_true(json_is_true(json_object_get(told, "overdue")));
	json_decref(told);
	assert_int_equal(gh_erasure_tick(lane.erasure, NULL), GH_OK);
	told = report();
	assert_true(json_is_false(json_object_get(told, "overdue")));
	assert_int_equal(number(json_object_get(told, "erasure"), "batches"), 1);
	assert_int_equal(number(json_object_get(told, "erasure"), "pending"), 0);
	json_decref(told);
}

static void what_is_deleted_is_pending_until_its_round(void **state)
{
	json_t *told;

	assert_int_equal(gh_erasure_tick(lane.erasure, NULL), GH_OK);
	assert_int_equal(gh_erasure_round(lane.erasure, NULL), GH_OK);
	assert_int_equal(station_put(&lane, 1, 12), GH_OK);
	assert_int_equal(station_deliver(&lane), GH_OK);
	told = report();
	assert_int_equal(number(json_object_get(told, "erasure"), "pending"), 1);
	assert_int_equal(number(json_object_get(told, "erasure"), "round_in_ms"), STATION_HOUR_MS);
	assert_non_null(strstr(word(json_object_get(told, "erasure"), "withstands"), "files"));
	json_decref(told);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(an_empty_lane_holds_nothing),
		TEST(what_is_held_is_told_with_why_and_until_when),
		TEST(a_voyage_is_told_with_the_earliest_of_its_limits),
		TEST(a_photograph_past_its_limit_is_overdue),
		TEST(what_is_deleted_is_pending_until_its_round),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
