/* SPDX-License-Identifier: Apache-2.0 */
/* Heartbeats on the line: at their interval, beside what stalls, and never twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "gatehouse/base/log.h"
#include "support/uplink/rig.h"

#define VOYAGE "76010203-0000-0000-0000-000000000000"
#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* What the centre does, and what it has seen. */
struct script {
	int status;           /* of heartbeats */
	enum fake_manner how; /* of heartbeats */
	bool bundle_stalls;
	unsigned taken; /* heartbeats */
	bool body_is_right;
	bool asked_for_bundle;
};

static struct rig rig;
static struct script script;
static struct fake_centre *centre;

static void decide(void *ctx, const struct fake_request *request, struct fake_reply *reply)
{
	struct script *of = ctx;

	reply->manner = FAKE_KEEPS;
	if (strcmp(request->path, "/v1/heartbeats/lane-1") == 0) {
		of->taken++;
		of->body_is_right = strcmp(request->method, "PUT") == 0 &&
			request->body_bytes == 10 && memcmp(request->body, "{\"beat\":1}", 10) == 0;
		reply->manner = of->how;
		reply->status = of->status;
	} else if (strcmp(request->path, "/v1/voyages") == 0) {
		strcpy(reply->body,
			of->bundle_stalls ? "{\"voyages\":[{\"id\":\"" VOYAGE "\",\"etag\":\"" HASH
					    "\"}]}"
					  : "{\"voyages\":[]}");
	} else if (strncmp(request->path, "/v1/voyages/", 12) == 0 &&
		!strstr(request->path, "/passages")) {
		of->asked_for_bundle = true;
		reply->manner = FAKE_STALLS;
	} else if (strcmp(request->method, "PUT") == 0) {
		reply->status = 201;
		fake_reply_id(request, reply);
	} else {
		strcpy(reply->body, "{\"next\":0,\"passages\":[]}");
	}
}

static int set_up(void **state)
{
	(void)state;
	memset(&script, 0, sizeof(script));
	script.status = 204;
	script.how = FAKE_KEEPS;
	rig_make(&rig);
	rig.heartbeats = true;
	rig.options.heartbeat_interval_ms = 60000;
	centre = rig_centre(&rig, decide, &script);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	rig_stop(&rig);
	fake_centre_stop(centre);
	rig_remove(&rig);
	return 0;
}

static unsigned wanted;

static bool taken_enough(struct rig *r)
{
	bool enough;

	(void)r;
	fake_centre_hold(centre);
	enough = script.taken >= wanted && (!script.bundle_stalls || script.asked_for_bundle);
	fake_centre_release(centre);
	return enough;
}

static void wait_taken(unsigned count)
{
	wanted = count;
	assert_true(rig_wait(&rig, taken_enough));
}

static void they_come_at_their_interval(void **state)
{
	(void)state;
	rig_start(&rig);
	wait_taken(1);
	rig_put(&rig, 20);
	assert_true(rig_wait(&rig, rig_all_delivered));
	assert_int_equal(script.taken, 1);
	rig_advance(&rig, 60001);
	wait_taken(2);
	rig_stop(&rig);
	assert_int_equal(rig.beats, script.taken);
	assert_true(script.body_is_right);
}

static void a_download_that_stalls_does_not_make_a_lane_silent(void **state)
{
	(void)state;
	script.bundle_stalls = true;
	rig_start(&rig);
	wait_taken(1);
	rig_advance(&rig, 60001);
	wait_taken(2);
	rig_stop(&rig);
}

/* An older centre does not know the path: nothing else is held up. */
static void one_that_is_refused_harms_nothing(void **state)
{
	struct gh_uplink_state uplink;

	(void)state;
	script.status = 404;
	rig_start(&rig);
	wait_taken(1);
	rig_put(&rig, 5);
	assert_true(rig_wait(&rig, rig_all_delivered));
	rig_advance(&rig, 60001);
	wait_taken(2);
	uplink = gh_uplink_state(rig.uplink);
	assert_true(uplink.online);
	assert_int_equal(uplink.backoff_ms, 0);
	rig_stop(&rig);
}

static void one_that_is_lost_is_replaced_by_the_next(void **state)
{
	(void)state;
	script.how = FAKE_CLOSES;
	rig_start(&rig);
	wait_taken(1);
	fake_centre_hold(centre);
	script.how = FAKE_KEEPS;
	fake_centre_release(centre);
	/* How long the pause is depends on when the failure was noticed. */
	wanted = 2;
	for (int i = 0; i < 200 && !taken_enough(&rig); i++) {
		rig_advance(&rig, 70000);
		nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
	}
	wait_taken(2);
	rig_put(&rig, 3);
	assert_true(rig_wait(&rig, rig_all_delivered));
	rig_stop(&rig);
}

static void without_an_interval_there_are_none(void **state)
{
	(void)state;
	rig.options.heartbeat_interval_ms = 0;
	rig_put(&rig, 5);
	rig_start(&rig);
	assert_true(rig_wait(&rig, rig_all_delivered));
	rig_stop(&rig);
	assert_int_equal(script.taken + rig.beats, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(they_come_at_their_interval),
		TEST(a_download_that_stalls_does_not_make_a_lane_silent),
		TEST(one_that_is_refused_harms_nothing),
		TEST(one_that_is_lost_is_replaced_by_the_next),
		TEST(without_an_interval_there_are_none),
	};

	gh_log_set_level((enum gh_log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
