/* SPDX-License-Identifier: Apache-2.0 */
/* Heartbeats: the words they share with the lane, and what is refused. */
#include "gatehouse/encounter/heartbeat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/encounter/specimen.h"
#include "tables.h"

static void expect_refused(const struct gh_heartbeat *heartbeat, const char *pointer)
{
	struct gh_bytes json = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(gh_heartbeat_encode(heartbeat, &json, &error), GH_WRONG_STATE);
	assert_non_null(strstr(error.text, pointer));
	assert_int_equal(json.length_bytes, 0);
}

static void what_is_out_of_range_is_not_written(void **state)
{
	struct gh_heartbeat good;
	struct gh_heartbeat bad;

	(void)state;
	specimen_heartbeat(1, &good);
	bad = good;
	bad.number = 0;
	expect_refused(&bad, "/number");
	bad = good;
	bad.boot = (struct gh_id){ { 0 } };
	expect_refused(&bad, "/boot");
	bad = good;
	bad.disk_free_permille = 1001;
	expect_refused(&bad, "/machine/disk_free_permille");
	bad = good;
	bad.lane[0] = '\0';
	expect_refused(&bad, "/lane");
	bad = good;
	strcpy(bad.state, "Idle");
	expect_refused(&bad, "/state");
}

static void reasons_have_their_own_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < gh_heartbeat_table.count; i++) {
		const struct gh_field *field = &gh_heartbeat_table.fields[i];
		const struct gh_field *reasons;

		if (strcmp(field->key, "counts") != 0)
			continue;
		reasons = &field->fields[1];
		assert_string_equal(reasons->key, "not_captured");
		for (size_t r = 0; r < reasons->field_count; r++)
			assert_string_equal(
				reasons->fields[r].key, gh_reason_name((enum gh_reason)(r + 1)));
		return;
	}
	fail_msg("no counts");
}

static void all_reasons_add_up(void **state)
{
	struct gh_heartbeat heartbeat = { .number = 1 };

	(void)state;
	heartbeat.not_captured[GH_REASON_NO_FACE] = 1;
	heartbeat.not_captured[GH_REASON_CAMERA_FAULT] = 20;
	heartbeat.not_captured[GH_REASON_TIMEOUT] = 300;
	assert_int_equal(gh_heartbeat_not_captured(&heartbeat), 321);
}

static void a_newer_format_is_told_from_nonsense(void **state)
{
	struct gh_heartbeat heartbeat;
	struct gh_error error = GH_ERROR_NONE;

	(void)state;
	assert_int_equal(
		gh_heartbeat_decode(gh_view_of_text("{\"format\": 2}"), &heartbeat, &error),
		GH_UNSUPPORTED);
	assert_int_equal(
		gh_heartbeat_decode(gh_view_of_text("[]"), &heartbeat, &error), GH_MALFORMED);
	assert_int_equal(
		gh_heartbeat_decode((struct gh_view){ NULL, 0 }, &heartbeat, &error), GH_MALFORMED);
	assert_int_equal(heartbeat.number, 0);
}

static void the_path_names_the_lane(void **state)
{
	char path[96];

	(void)state;
	gh_heartbeat_path("lane-1", path);
	assert_string_equal(path, "/v1/heartbeats/lane-1");
	assert_string_equal(gh_heartbeat_device_class(GH_HEARTBEAT_DEVICES), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_out_of_range_is_not_written),
		cmocka_unit_test(reasons_have_their_own_words),
		cmocka_unit_test(all_reasons_add_up),
		cmocka_unit_test(a_newer_format_is_told_from_nonsense),
		cmocka_unit_test(the_path_names_the_lane),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
