/* SPDX-License-Identifier: Apache-2.0 */
/* Paths, waits and settings of the uplink; what it does on the line is in tests/fault/uplink. */
#include "gatehouse/uplink/uplink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "inside.h"

static void paths_are_those_of_the_api(void **state)
{
	struct gh_id id = { { 0xab, 0xcd } };
	char path[96];

	gh_uplink_path_encounter(&id, path);
	assert_string_equal(path, "/v1/encounters/abcd0000-0000-0000-0000-000000000000");
	gh_uplink_path_photo(&id, path);
	assert_string_equal(path, "/v1/encounters/abcd0000-0000-0000-0000-000000000000/photo");
	gh_uplink_path_addendum(&id, path);
	assert_string_equal(path, "/v1/addenda/abcd0000-0000-0000-0000-000000000000");
}

static void the_wait_doubles_up_to_its_bound(void **state)
{
	uint64_t whole_ms = 1000;

	for (uint32_t attempts = 0; attempts < 40; attempts++) {
		assert_int_equal(gh_uplink_backoff_ms(attempts, 1000, 300000, 0, 0), whole_ms / 2);
		assert_int_equal(
			gh_uplink_backoff_ms(attempts, 1000, 300000, 0, UINT32_MAX), whole_ms);
		whole_ms = whole_ms * 2 > 300000 ? 300000 : whole_ms * 2;
	}
	assert_int_equal(gh_uplink_backoff_ms(UINT32_MAX, 1000, 300000, 0, UINT32_MAX), 300000);
	assert_int_equal(gh_uplink_backoff_ms(3, 0, 0, 0, UINT32_MAX), 0);
	assert_int_equal(
		gh_uplink_backoff_ms(70, UINT32_MAX, UINT32_MAX, 0, UINT32_MAX), UINT32_MAX);
}

static void the_jitter_lies_between_half_and_whole(void **state)
{
	uint32_t random = 1;

	for (int i = 0; i < 1000; i++) {
		random = random * 1664525u + 1013904223u;
		uint64_t wait_ms = gh_uplink_backoff_ms(4, 1000, 300000, 0, random);
		assert_in_range(wait_ms, 8000, 16000);
	}
}

static void retry_after_is_the_least(void **state)
{
	assert_int_equal(gh_uplink_backoff_ms(0, 1000, 300000, 60, 0), 60000);
	assert_int_equal(gh_uplink_backoff_ms(20, 1000, 300000, 60, UINT32_MAX), 300000);
}

static void one_outage_counts_once_and_only_news_ends_it(void **state)
{
	const struct gh_uplink_options options = { .url = "https://localhost:1",
		.ca_file = "ca",
		.certificate_file = "certificate",
		.key_file = "key",
		.download_folder = "folder",
		.backoff_first_ms = 1000,
		.backoff_max_ms = 300000,
		.clock = gh_clock_system() };
	struct gh_uplink_source source = { .ctx = NULL };
	const struct gh_judgement away = gh_verdict_of(CURLE_COULDNT_CONNECT, 0);
	const struct gh_judgement fine = gh_verdict_of(CURLE_OK, 200);
	struct gh_uplink *uplink = NULL;
	uint64_t until_us;

	assert_int_equal(gh_uplink_create(&options, &source, &uplink, NULL), GH_OK);
	/* Four that were under way together fail together. */
	for (int i = 0; i < 4; i++)
		uplink_pace(uplink, &away, 0, 0);
	assert_int_equal(uplink->failures, 1);
	assert_int_equal(uplink->pauses, 1);
	/* One of them was told to wait longer than the pause. */
	until_us = uplink->pause_until_us;
	uplink_pace(uplink, &away, 0, 60);
	assert_true(uplink->pause_until_us > until_us + 30000000);
	/* An answer to something asked before does not end it, one to something new does. */
	uplink_pace(uplink, &fine, 0, 0);
	assert_int_equal(uplink->failures, 1);
	assert_false(gh_uplink_state(uplink).online);
	uplink_pace(uplink, &fine, 1, 0);
	assert_int_equal(uplink->failures, 0);
	assert_int_equal(uplink->pause_until_us, 0);
	assert_true(gh_uplink_state(uplink).online);
	gh_uplink_destroy(uplink);
}

/* An alarm stands until the centre is reached, whatever other failures come between. */
static void an_alarm_stands_until_it_is_mended(void **state)
{
	const struct gh_uplink_options options = { .url = "https://localhost:1",
		.ca_file = "ca",
		.certificate_file = "certificate",
		.key_file = "key",
		.download_folder = "folder",
		.backoff_first_ms = 1000,
		.backoff_max_ms = 300000,
		.clock = gh_clock_system() };
	struct gh_uplink_source source = { .ctx = NULL };
	const struct gh_judgement refused = gh_verdict_of(CURLE_SSL_CERTPROBLEM, 0);
	const struct gh_judgement away = gh_verdict_of(CURLE_COULDNT_CONNECT, 0);
	const struct gh_judgement of_one = gh_verdict_of(CURLE_OK, 403);
	struct gh_uplink *uplink = NULL;

	assert_int_equal(gh_uplink_create(&options, &source, &uplink, NULL), GH_OK);
	assert_string_equal(gh_uplink_state(uplink).alarm.literal, "");
	uplink_pace(uplink, &refused, 0, 0);
	assert_string_equal(gh_uplink_state(uplink).alarm.literal, "own_certificate");
	uplink_pace(uplink, &away, 1, 0);
	assert_string_equal(gh_uplink_state(uplink).alarm.literal, "own_certificate");
	/* An answer, even one that refuses this item, is the centre's. */
	uplink_pace(uplink, &of_one, 2, 0);
	assert_string_equal(gh_uplink_state(uplink).alarm.literal, "");
	gh_uplink_destroy(uplink);
}

static void settings_that_cannot_work_are_refused(void **state)
{
	const struct gh_uplink_options good = { .url = "https://localhost:1",
		.ca_file = "ca",
		.certificate_file = "certificate",
		.key_file = "key",
		.download_folder = "folder",
		.clock = gh_clock_system() };
	struct gh_uplink_source source = { .ctx = NULL };
	struct gh_uplink *uplink = NULL;
	struct gh_uplink_options bad[6];

	assert_int_equal(gh_uplink_create(&good, &source, &uplink, NULL), GH_OK);
	/* Nothing has happened, and a stop before the run is a stop. */
	assert_int_equal(gh_uplink_state(uplink).last_success_ms, 0);
	assert_false(gh_uplink_state(uplink).online);
	gh_uplink_stop(uplink);
	assert_int_equal(gh_uplink_run(uplink, NULL), GH_CANCELLED);
	gh_uplink_destroy(uplink);
	gh_uplink_destroy(NULL);

	for (int i = 0; i < 6; i++)
		bad[i] = good;
	bad[0].url = "";
	bad[1].url = "http://localhost:1";
	bad[2].ca_file = NULL;
	bad[3].certificate_file = "";
	bad[4].key_file = NULL;
	bad[5].download_folder = NULL;
	for (int i = 0; i < 6; i++) {
		struct gh_error error = GH_ERROR_NONE;

		assert_int_equal(gh_uplink_create(&bad[i], &source, &uplink, &error), GH_SETTINGS);
		assert_null(uplink);
		assert_non_null(strstr(error.text, "uplink: "));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_those_of_the_api),
		cmocka_unit_test(the_wait_doubles_up_to_its_bound),
		cmocka_unit_test(the_jitter_lies_between_half_and_whole),
		cmocka_unit_test(retry_after_is_the_least),
		cmocka_unit_test(one_outage_counts_once_and_only_news_ends_it),
		cmocka_unit_test(an_alarm_stands_until_it_is_mended),
		cmocka_unit_test(settings_that_cannot_work_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
