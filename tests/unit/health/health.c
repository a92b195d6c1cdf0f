/* SPDX-License-Identifier: Apache-2.0 */
/* The snapshot says the same in both forms, and each form is well made. */
#include "gatehouse/health/health.h"

#include <ctype.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "metrics.h"
#include "support/document.h"

static json_t *json_of(const struct gh_health *health);

static struct gh_health *busy_lane(void)
{
	struct gh_health *health = calloc(1, sizeof(*health));

	assert_non_null(health);
	health->lane.state = GH_STATE_CAPTURE;
	health->lane.counts.captured = 194;
	health->lane.counts.not_captured[GH_REASON_TOO_DARK] = 4;
	health->lane.counts.not_captured[GH_REASON_CAMERA_FAULT] = 2;
	health->lane.counts.opted_out = 7;
	health->lane.counts.referrals[GH_REFERRAL_NOT_FOUND] = 3;
	health->lane.answers = 1;
	health->lane.last[0].number = 1;
	health->lane.last[0].capture = GH_CAPTURE_NOT_CAPTURED;
	health->lane.last[0].reason = GH_REASON_TOO_DARK;
	health->lane.last[0].score = GH_NOT_ASSESSED;
	health->lane.last[0].threshold = GH_NOT_ASSESSED;
	health->lane.last[0].fpir_predicted = GH_NOT_ASSESSED;
	health->lane.open_referrals = 1;
	health->lane.open[0] = (struct gh_open_referral){ .record = { { 7 } },
		.referrals = 1u << GH_REFERRAL_NOT_FOUND | 1u << GH_REFERRAL_LOOK_ALIKE,
		.age_s = 75 };
	health->refused_count = 1;
	health->refused[0] = (struct gh_health_refusal){ .voyage = { { 8 } }, .times = 3 };
	gh_error_set(&health->refused[0].reason, GH_INTEGRITY, "bundle: hash of part 2");
	health->refusals[GH_INTEGRITY] = 3;
	health->uplink_known = true;
	health->uplink.alarm = GH_WORD("own_certificate");
	health->uplink.certificate =
		(struct gh_uplink_certificate){ .not_after_ms = INT64_C(1764000000000),
			.renewals = 2,
			.failures = 1,
			.state = GH_WORD("soon") };
	health->gallery.persons = 420;
	health->outbox_known = true;
	health->outbox.waiting = 12;
	health->device_count = 1;
	health->devices[0].state = GH_DEVICE_STREAMING;
	strcpy(health->devices[0].driver, "camera/replay");
	health->devices[0].counters.delivered = 1000;
	strcpy(health->lane_id, "lane-1");
	return health;
}

static char *metrics_of(const struct gh_health *health)
{
	struct gh_bytes text = GH_BYTES_EMPTY;

	assert_int_equal(gh_health_metrics(health, &text, NULL), GH_OK);
	assert_int_equal(gh_bytes_append(&text, "", 1, NULL), GH_OK);
	return (char *)text.data;
}

static void the_capture_rate_counts_camera_faults_and_not_opt_outs(void **unused)
{
	struct gh_health *health = busy_lane();
	struct gh_lane_counts none = { 0 };

	(void)unused;
	assert_int_equal(gh_capture_rate_permille(&health->lane.counts), 970);
	assert_int_equal(gh_capture_rate_permille(&none), -1);
	free(health);
}

static void metrics_tell_the_numbers(void **unused)
{
	struct gh_health *health = busy_lane();
	char *text = metrics_of(health);

	(void)unused;
	assert_non_null(strstr(text, "gatehouse_captured_total 194\n"));
	assert_non_null(strstr(text, "gatehouse_not_captured_total{reason=\"too_dark\"} 4\n"));
	assert_non_null(strstr(text, "gatehouse_capture_rate_ratio 0.96999999999999997\n"));
	assert_non_null(strstr(text, "gatehouse_outbox_waiting 12\n"));
	assert_non_null(strstr(text, "gatehouse_voyages_refused 1\n"));
	assert_non_null(strstr(text, "gatehouse_voyage_refusals_total{reason=\"integrity\"} 3\n"));
	assert_non_null(strstr(text, "gatehouse_uplink_alarm 1\n"));
	assert_non_null(strstr(text, "gatehouse_certificate_renewals_total 2\n"));
	assert_non_null(strstr(text, "gatehouse_certificate_renewal_failures 1\n"));
	assert_non_null(strstr(text, "gatehouse_lane_state{state=\"capture\"} 1\n"));
	assert_non_null(strstr(text,
		"gatehouse_device_delivered_total{driver=\"camera/replay\"} "
		"1000\n"));
	free(text);
	free(health);
}

/* Every sample line has a HELP and a TYPE of its name before it. */
static void every_metric_is_explained(void **unused)
{
	struct gh_health *health = busy_lane();
	char *text = metrics_of(health);
	char known[64] = "";
	char *rest = NULL;

	(void)unused;
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		size_t name = strcspn(line, "{ ");

		if (strncmp(line, "# HELP ", 7) == 0)
			snprintf(known, sizeof(known), "%.*s", (int)strcspn(line + 7, " "),
				line + 7);
		else if (line[0] != '#')
			assert_true(strlen(known) == name && strncmp(line, known, name) == 0);
	}
	free(text);
	free(health);
}

static void the_document_has_every_metric(void **unused)
{
	struct gh_bytes table = GH_BYTES_EMPTY;

	(void)unused;
	assert_int_equal(gh_exposition_reference(
				 gh_health_metrics_table, gh_health_metrics_count, &table, NULL),
		GH_OK);
	assert_true(document_has("monitoring.md", "metrics of the lane", &table));
	gh_bytes_finish(&table);
}

/* Every metric of the table is told by a lane that has everything, and no other is. */
static void every_metric_is_told(void **unused)
{
	struct gh_health *health = busy_lane();
	char *text = metrics_of(health);
	size_t told = 0;

	(void)unused;
	for (size_t i = 0; i < gh_health_metrics_count; i++) {
		char line[128];

		snprintf(line, sizeof(line), "# HELP %s ", gh_health_metrics_table[i].name);
		if (!strstr(text, line))
			fail_msg("%s is not told", gh_health_metrics_table[i].name);
	}
	for (const char *at = text; (at = strstr(at, "# HELP ")); at++)
		told++;
	assert_int_equal(told, gh_health_metrics_count);
	free(text);
	free(health);
}

static void warnings_are_told(void **unused)
{
	struct gh_health *health = busy_lane();
	json_t *object;
	const json_t *warning;
	char *text;

	(void)unused;
	health->machine.clock_quality = GH_CLOCK_UNSYNCED;
	health->machine.now_ms = 5000;
	health->outbox.oldest_waiting_ms = 1500;
	text = metrics_of(health);
	assert_non_null(strstr(text, "gatehouse_warning{warning=\"clock_unsynced\"} 1\n"));
	assert_non_null(strstr(text, "gatehouse_warning{warning=\"disk_fills\"} 0\n"));
	assert_non_null(strstr(text, "gatehouse_outbox_oldest_waiting_seconds 3.5\n"));
	assert_non_null(strstr(text, "gatehouse_device_up{driver=\"camera/replay\"} 1\n"));
	object = json_of(health);
	assert_int_equal(json_array_size(json_object_get(object, "warnings")), 1);
	warning = json_array_get(json_object_get(object, "warnings"), 0);
	assert_string_equal(
		json_string_value(json_object_get(warning, "warning")), "clock_unsynced");
	json_decref(object);
	free(text);
	free(health);
}

static json_t *json_of(const struct gh_health *health)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	json_t *object;

	assert_int_equal(gh_health_json(health, &text, NULL), GH_OK);
	object = json_loadb(
		(const char *)text.data, text.length_bytes, JSON_REJECT_DUPLICATES, NULL);
	gh_bytes_finish(&text);
	assert_non_null(object);
	return object;
}

static void json_tells_the_same(void **unused)
{
	struct gh_health *health = busy_lane();
	json_t *object = json_of(health);
	json_t *lane = json_object_get(object, "lane");
	json_t *counts = json_object_get(lane, "counts");
	json_t *answer = json_array_get(json_object_get(lane, "answers"), 0);

	(void)unused;
	assert_string_equal(json_string_value(json_object_get(lane, "state")), "capture");
	assert_int_equal(json_integer_value(json_object_get(counts, "captured")), 194);
	assert_int_equal(json_integer_value(json_object_get(counts, "capture_rate_permille")), 970);
	assert_int_equal(json_array_size(json_object_get(lane, "answers")), 1);
	assert_string_equal(json_string_value(json_object_get(answer, "reason")), "too_dark");
	assert_true(json_is_null(json_object_get(answer, "score")));
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(object, "outbox"), "waiting")),
		12);
	json_decref(object);
	free(health);
}

static const char *text_at(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void what_somebody_has_to_do_is_named(void **unused)
{
	struct gh_health *health = busy_lane();
	json_t *object = json_of(health);
	json_t *lane = json_object_get(object, "lane");
	json_t *open = json_array_get(json_object_get(lane, "open"), 0);
	json_t *reasons = json_object_get(open, "referrals");
	json_t *refused = json_array_get(json_object_get(object, "refused_voyages"), 0);

	(void)unused;
	assert_string_equal(text_at(open, "record"), "07000000-0000-0000-0000-000000000000");
	assert_int_equal(json_integer_value(json_object_get(open, "age_s")), 75);
	assert_int_equal(json_array_size(reasons), 2);
	assert_string_equal(json_string_value(json_array_get(reasons, 0)), "not_found");
	assert_string_equal(json_string_value(json_array_get(reasons, 1)), "look_alike");
	assert_false(json_boolean_value(json_object_get(open, "may_proceed")));
	assert_string_equal(text_at(refused, "voyage"), "08000000-0000-0000-0000-000000000000");
	assert_string_equal(text_at(refused, "status"), "integrity");
	assert_string_equal(text_at(refused, "reason"), "bundle: hash of part 2");
	assert_string_equal(text_at(json_object_get(object, "uplink"), "alarm"), "own_certificate");
	json_t *certificate = json_object_get(json_object_get(object, "uplink"), "certificate");
	assert_string_equal(text_at(certificate, "state"), "soon");
	assert_string_equal(text_at(certificate, "not_after"), "2025-11-24T16:00:00.000Z");
	json_decref(object);
	free(health);
}

static void what_is_unknown_is_null(void **unused)
{
	struct gh_health *health = busy_lane();
	json_t *object;
	char *text;

	(void)unused;
	health->outbox_known = false;
	health->uplink_known = false;
	memset(&health->lane.counts, 0, sizeof(health->lane.counts));
	object = json_of(health);
	assert_true(json_is_null(json_object_get(object, "outbox")));
	assert_true(json_is_null(json_object_get(object, "uplink")));
	text = metrics_of(health);
	assert_null(strstr(text, "gatehouse_outbox_"));
	assert_null(strstr(text, "\ngatehouse_capture_rate_ratio"));
	free(text);
	json_decref(object);
	free(health);
}

static void resident_memory_is_known(void **unused)
{
	(void)unused;
	assert_true(gh_health_resident_bytes() > 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_capture_rate_counts_camera_faults_and_not_opt_outs),
		cmocka_unit_test(metrics_tell_the_numbers),
		cmocka_unit_test(every_metric_is_explained),
		cmocka_unit_test(every_metric_is_told),
		cmocka_unit_test(the_document_has_every_metric),
		cmocka_unit_test(warnings_are_told),
		cmocka_unit_test(json_tells_the_same),
		cmocka_unit_test(what_somebody_has_to_do_is_named),
		cmocka_unit_test(what_is_unknown_is_null),
		cmocka_unit_test(resident_memory_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
