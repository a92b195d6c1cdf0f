/* SPDX-License-Identifier: Apache-2.0 */
/* Heartbeats come to the desk, alarms are raised and end: on SQLite and on a real PostgreSQL. */
#include "desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/central/counter.h"
#include "../../support/central/server.h"
#include "gatehouse/base/log.h"

static struct server server;
static char code[32];

static int set_up(void **state)
{
	char address[320] = "";

	if (server.process)
		server_new_address(&server, address);
	*state = calloc(1, sizeof(struct counter));
	counter_make_at(*state, GH_PURPOSE_DEMO, address);
	return 0;
}

static int tear_down(void **state)
{
	counter_remove(*state);
	free(*state);
	return 0;
}

/* "lane/kind/value ..." of what GET /v1/alarms says; "~" behind one about to end. */
static void alarms_of(struct counter *counter, char text[400])
{
	const struct request request = { .endpoint = ENDPOINT_ALARM_LIST, .role = ROLE_OPERATOR };
	struct answer answer;
	json_t *root;
	json_t *alarm;
	size_t i;

	answer_init(&answer);
	desk_list_alarms(&counter->desk, &request, &answer);
	assert_int_equal(answer.status, 200);
	root = json_loadb((const char *)answer.body.data, answer.body.length_bytes, 0, NULL);
	text[0] = '\0';
	json_array_foreach(json_object_get(root, "alarms"), i, alarm)
		snprintf(text + strlen(text), 400 - strlen(text), "%s/%s/%d%s ",
			json_string_value(json_object_get(alarm, "lane")),
			json_string_value(json_object_get(alarm, "kind")),
			(int)json_integer_value(json_object_get(alarm, "value")),
			json_is_true(json_object_get(alarm, "clearing")) ? "~" : "");
	json_decref(root);
	answer_finish(&answer);
}

static void expect_alarms(struct counter *counter, const char *expected)
{
	char text[400];

	desk_look(&counter->desk);
	assert_int_equal(counter->desk.metrics.store_errors, 0);
	alarms_of(counter, text);
	assert_string_equal(text, expected);
}

static void pass_s(struct counter *counter, uint64_t seconds)
{
	gh_clock_manual_advance(&counter->clock, seconds * 1000000);
}

/* The next heartbeat, a minute later. */
static void beat(struct counter *counter, struct gh_heartbeat *heartbeat)
{
	pass_s(counter, 60);
	heartbeat->number++;
	heartbeat->sent_ms = counter->clock.real_ms;
	assert_int_equal(counter_put_heartbeat(counter, heartbeat, code), 204);
}

static void a_heartbeat_is_the_lanes_own(void **state)
{
	struct counter *counter = *state;
	struct gh_heartbeat heartbeat;
	struct gh_bytes json = GH_BYTES_EMPTY;

	counter_heartbeat(counter, &heartbeat);
	assert_int_equal(counter_put_heartbeat(counter, &heartbeat, code), 204);
	/* The same again is harmless. */
	assert_int_equal(counter_put_heartbeat(counter, &heartbeat, code), 204);
	strcpy(heartbeat.lane, "lane-2");
	assert_int_equal(counter_put_heartbeat(counter, &heartbeat, code), 403);
	assert_string_equal(code, "other_lane");
	strcpy(heartbeat.lane, "lane-1");
	assert_int_equal(gh_heartbeat_encode(&heartbeat, &json, NULL), GH_OK);
	strcpy(counter->name, "lane-2");
	assert_int_equal(counter_put(counter, ENDPOINT_HEARTBEAT_PUT, &(struct gh_id){ { 0 } },
				 gh_bytes_view(&json), code),
		422);
	assert_string_equal(code, "schema");
	json.length_bytes--;
	assert_int_equal(counter_put(counter, ENDPOINT_HEARTBEAT_PUT, &(struct gh_id){ { 0 } },
				 gh_bytes_view(&json), code),
		422);
	gh_bytes_finish(&json);
	counter->desk.purpose = GH_PURPOSE_SERVICE;
	assert_int_equal(counter_put_heartbeat(counter, &heartbeat, code), 403);
	assert_string_equal(code, "demo_record");
}

static void a_silent_lane_is_an_alarm_until_it_is_heard(void **state)
{
	struct counter *counter = *state;
	struct gh_heartbeat heartbeat;

	counter_heartbeat(counter, &heartbeat);
	assert_int_equal(counter_put_heartbeat(counter, &heartbeat, code), 204);
	expect_alarms(counter, "");
	pass_s(counter, 300);
	expect_alarms(counter, "");
	pass_s(counter, 1);
	expect_alarms(counter, "lane-1/silent/301 ");
	counter_reopen(counter);
	pass_s(counter, 9);
	expect_alarms(counter, "lane-1/silent/310 ");
	beat(counter, &heartbeat);
	expect_alarms(counter, "lane-1/silent/0~ ");
	pass_s(counter, 59);
	expect_alarms(counter, "lane-1/silent/59~ ");
	pass_s(counter, 1);
	expect_alarms(counter, "");
}

static void what_a_lane_tells_becomes_an_alarm(void **state)
{
	struct counter *counter = *state;
	struct gh_heartbeat heartbeat;

	counter_heartbeat(counter, &heartbeat);
	heartbeat.quarantined = 2;
	heartbeat.oldest_ms = 3600 * 1000;
	heartbeat.disk_free_permille = 50;
	heartbeat.devices[0].up = false;
	heartbeat.has_certificate = true;
	heartbeat.certificate_end_ms = counter->clock.real_ms + 3 * STORE_DAY_MS;
	beat(counter, &heartbeat);
	expect_alarms(counter,
		"lane-1/certificate/2 lane-1/device_lost/1 lane-1/disk_filling/50 "
		"lane-1/outbox_old/3600 lane-1/outbox_refused/2 ");
	counter_heartbeat(counter, &heartbeat);
	heartbeat.number = 10;
	beat(counter, &heartbeat);
	desk_look(&counter->desk);
	beat(counter, &heartbeat);
	/* Of the certificate nothing is known any more: the alarm stands, by its last value. */
	expect_alarms(counter, "lane-1/certificate/0 ");
	heartbeat.has_certificate = true;
	heartbeat.certificate_end_ms = counter->clock.real_ms + 300 * STORE_DAY_MS;
	beat(counter, &heartbeat);
	desk_look(&counter->desk);
	beat(counter, &heartbeat);
	expect_alarms(counter, "");
}

static void a_lane_that_starts_may_open_its_devices(void **state)
{
	struct counter *counter = *state;
	struct gh_heartbeat heartbeat;

	counter_heartbeat(counter, &heartbeat);
	heartbeat.devices[0].up = false;
	heartbeat.uptime_s = 29;
	assert_int_equal(counter_put_heartbeat(counter, &heartbeat, code), 204);
	expect_alarms(counter, "");
	heartbeat.uptime_s = 30;
	beat(counter, &heartbeat);
	expect_alarms(counter, "lane-1/device_lost/1 ");
}

static void a_clock_that_is_off_is_an_alarm(void **state)
{
	struct counter *counter = *state;
	struct gh_heartbeat heartbeat;

	counter_heartbeat(counter, &heartbeat);
	heartbeat.sent_ms -= 5000;
	assert_int_equal(counter_put_heartbeat(counter, &heartbeat, code), 204);
	expect_alarms(counter, "lane-1/clock_offset/-5000 ");
}

static void a_rate_that_falls_is_an_alarm_and_ends_with_its_window(void **state)
{
	struct counter *counter = *state;
	struct gh_heartbeat heartbeat;

	counter_heartbeat(counter, &heartbeat);
	assert_int_equal(counter_put_heartbeat(counter, &heartbeat, code), 204);
	/* Three people are no rate. */
	heartbeat.not_captured[GH_REASON_TOO_DARK] = 3;
	beat(counter, &heartbeat);
	expect_alarms(counter, "");
	heartbeat.captured = 30;
	heartbeat.not_captured[GH_REASON_CAMERA_FAULT] = 7;
	beat(counter, &heartbeat);
	expect_alarms(counter, "lane-1/capture_rate/750 ");
	/* A restart begins anew, and forgets nothing. */
	heartbeat.boot.bytes[0]++;
	heartbeat.number = 0;
	heartbeat.captured = 0;
	memset(heartbeat.not_captured, 0, sizeof(heartbeat.not_captured));
	beat(counter, &heartbeat);
	expect_alarms(counter, "lane-1/capture_rate/750 ");
	/* Better, but not good: it stands. */
	heartbeat.captured = 100;
	beat(counter, &heartbeat);
	expect_alarms(counter, "lane-1/capture_rate/928 ");
	for (int i = 0; i < 70; i++)
		beat(counter, &heartbeat);
	desk_look(&counter->desk);
	pass_s(counter, 60);
	expect_alarms(counter, "");
}

static void a_lane_that_is_revoked_has_no_alarms(void **state)
{
	struct counter *counter = *state;
	struct store_device device = { .name = "lane-1", .port = "UTZ" };
	struct gh_heartbeat heartbeat;

	counter_heartbeat(counter, &heartbeat);
	heartbeat.quarantined = 1;
	assert_int_equal(counter_put_heartbeat(counter, &heartbeat, code), 204);
	expect_alarms(counter, "lane-1/outbox_refused/1 ");
	assert_int_equal(store_put_device(counter->desk.store, &device, NULL), GH_OK);
	assert_int_equal(store_revoke_device(counter->desk.store, "lane-1", 5, NULL), GH_OK);
	expect_alarms(counter, "");
}

/* More changes than go in one transaction. */
static void many_lanes_are_looked_at(void **state)
{
	enum {
		LANES = 150
	};
	struct counter *counter = *state;
	struct gh_heartbeat heartbeat;
	const struct request request = { .endpoint = ENDPOINT_ALARM_LIST, .role = ROLE_OPERATOR };
	struct answer answer;
	json_t *root;

	for (int i = 0; i < LANES; i++) {
		counter_heartbeat(counter, &heartbeat);
		snprintf(heartbeat.lane, sizeof(heartbeat.lane), "hall-%d", i);
		strcpy(counter->peer, heartbeat.lane);
		assert_int_equal(counter_put_heartbeat(counter, &heartbeat, code), 204);
	}
	pass_s(counter, 1000);
	desk_look(&counter->desk);
	answer_init(&answer);
	desk_list_alarms(&counter->desk, &request, &answer);
	root = json_loadb((const char *)answer.body.data, answer.body.length_bytes, 0, NULL);
	assert_int_equal(json_array_size(json_object_get(root, "alarms")), LANES);
	json_decref(root);
	answer_finish(&answer);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_heartbeat_is_the_lanes_own),
		TEST(a_silent_lane_is_an_alarm_until_it_is_heard),
		TEST(what_a_lane_tells_becomes_an_alarm),
		TEST(a_lane_that_starts_may_open_its_devices),
		TEST(a_clock_that_is_off_is_an_alarm),
		TEST(a_rate_that_falls_is_an_alarm_and_ends_with_its_window),
		TEST(a_lane_that_is_revoked_has_no_alarms),
		TEST(many_lanes_are_looked_at),
	};
	const char *missing;
	int failed;

	gh_log_set_level((enum gh_log_level)0);
	failed = cmocka_run_group_tests_name("SQLite", tests, NULL, NULL);
	missing = server_start(&server, false);
	if (missing)
		print_message("not run on PostgreSQL: %s\n", missing);
	else
		failed += cmocka_run_group_tests_name("PostgreSQL", tests, NULL, NULL);
	server_stop(&server);
	return failed;
}
