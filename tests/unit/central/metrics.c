/* SPDX-License-Identifier: Apache-2.0 */
/* What Prometheus is told of the centre; the document has the same table. */
#include "metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/central/counter.h"
#include "gatehouse/base/log.h"
#include "support/document.h"

static char *text_of(struct counter *counter)
{
	const struct request request = { .endpoint = ENDPOINT_METRICS, .role = ROLE_MONITOR };
	struct answer answer;
	char *text;

	answer_init(&answer);
	desk_metrics(&counter->desk, &request, &answer);
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer_content_type(&answer), GH_EXPOSITION_TYPE);
	assert_int_equal(gh_bytes_append(&answer.body, "", 1, NULL), GH_OK);
	text = (char *)answer.body.data;
	answer.body = (struct gh_bytes)GH_BYTES_EMPTY;
	answer_finish(&answer);
	return text;
}

static void requests_are_counted_by_operation_and_outcome(void **state)
{
	struct counter counter;
	struct metrics *metrics = &counter.desk.metrics;
	char *text;

	(void)state;
	counter_make(&counter, GH_PURPOSE_DEMO);
	metrics_count(metrics, ENDPOINT_ENCOUNTER_PUT, 201, 900);
	metrics_count(metrics, ENDPOINT_ENCOUNTER_PUT, 200, 3000);
	metrics_count(metrics, ENDPOINT_ENCOUNTER_PUT, 422, 400000);
	metrics_count(metrics, ENDPOINT_COUNT, 404, 1);
	metrics_count(metrics, ENDPOINT_HEALTH, 503, 20000000);
	text = text_of(&counter);
	assert_non_null(
		strstr(text, "requests_total{operation=\"putEncounter\",outcome=\"done\"} 2\n"));
	assert_non_null(
		strstr(text, "requests_total{operation=\"putEncounter\",outcome=\"refused\"} 1\n"));
	assert_non_null(strstr(text, "requests_total{operation=\"none\",outcome=\"refused\"} 1\n"));
	assert_non_null(
		strstr(text, "requests_total{operation=\"getHealth\",outcome=\"failed\"} 1\n"));
	assert_non_null(strstr(text, "duration_seconds_bucket{le=\"0.001\"} 2\n"));
	assert_non_null(strstr(text, "duration_seconds_bucket{le=\"0.005\"} 3\n"));
	assert_non_null(strstr(text, "duration_seconds_bucket{le=\"10\"} 4\n"));
	assert_non_null(strstr(text, "duration_seconds_bucket{le=\"+Inf\"} 5\n"));
	assert_non_null(strstr(text, "duration_seconds_count 5\n"));
	free(text);
	counter_remove(&counter);
}

static void lanes_and_alarms_are_told(void **state)
{
	struct store_device device = { .name = "lane-1", .port = "UTZ" };
	struct gh_heartbeat heartbeat;
	struct counter counter;
	char code[32];
	char *text;

	(void)state;
	counter_make(&counter, GH_PURPOSE_DEMO);
	counter_heartbeat(&counter, &heartbeat);
	assert_int_equal(store_put_device(counter.desk.store, &device, NULL), GH_OK);
	assert_int_equal(counter_put_heartbeat(&counter, &heartbeat, code), 204);
	heartbeat.number = 2;
	heartbeat.captured = 5;
	heartbeat.not_captured[GH_REASON_BLURRED] = 1;
	heartbeat.quarantined = 3;
	assert_int_equal(counter_put_heartbeat(&counter, &heartbeat, code), 204);
	desk_look(&counter.desk);
	text = text_of(&counter);
	assert_non_null(strstr(text,
		"gatehouse_central_lane_heartbeat_timestamp_seconds{lane=\"lane-1\"} 1764000000"));
	assert_non_null(strstr(text, "gatehouse_central_lane_window_tried{lane=\"lane-1\"} 6\n"));
	assert_non_null(
		strstr(text, "gatehouse_central_lane_window_captured{lane=\"lane-1\"} 5\n"));
	assert_non_null(
		strstr(text, "gatehouse_central_lane_clock_offset_seconds{lane=\"lane-1\"} 0\n"));
	assert_non_null(strstr(text, "gatehouse_central_lanes_seen 1\n"));
	assert_non_null(strstr(text, "gatehouse_central_lanes_registered 1\n"));
	assert_non_null(strstr(text, "gatehouse_central_alarms{kind=\"outbox_refused\"} 1\n"));
	assert_non_null(strstr(text, "gatehouse_central_alarms{kind=\"silent\"} 0\n"));
	assert_non_null(strstr(
		text, "gatehouse_central_lane_alarm{lane=\"lane-1\",kind=\"outbox_refused\"} 1\n"));
	free(text);
	counter_remove(&counter);
}

static void the_document_has_every_metric(void **state)
{
	struct gh_bytes table = GH_BYTES_EMPTY;

	(void)state;
	assert_int_equal(
		gh_exposition_reference(central_metrics_table, central_metrics_count, &table, NULL),
		GH_OK);
	assert_true(document_has("monitoring.md", "metrics of the centre", &table));
	gh_bytes_finish(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_counted_by_operation_and_outcome),
		cmocka_unit_test(lanes_and_alarms_are_told),
		cmocka_unit_test(the_document_has_every_metric),
	};

	gh_log_set_level((enum gh_log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
