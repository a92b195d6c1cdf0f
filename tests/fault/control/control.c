/* SPDX-License-Identifier: Apache-2.0 */
/* Without memory or disk a request gets a clear refusal; no order goes unlogged in silence. */
#include "gatehouse/control/control.h"

#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "inject.h"
#include "requests.h"
#include "support/folder.h"
#include "support/transaction/fake_hands.h"

static struct fake_hands *fake;
static pthread_t lane_thread;
static struct gh_control_hands hands;
static struct request_scene scene = { .hands = &hands };
static const struct peer peer = { 1, 0, 0 };

static void fill_health(void *ctx, struct gh_health *health)
{
	(void)ctx;
	gh_lane_view(fake->lane, &health->lane);
	strcpy(health->lane_id, "lane-1");
}

static enum gh_status more(void *ctx, const char *command, const char *const *arguments,
	size_t count, struct gh_bytes *answer, struct gh_error *error)
{
	(void)ctx;
	(void)command;
	return gh_bytes_print(answer, error, "[%zu,\"%s\"]", count, count ? arguments[0] : "");
}

static void *run_lane(void *lane)
{
	gh_lane_run(lane);
	return NULL;
}

static int set_up(void **state)
{
	struct gh_error error = GH_ERROR_NONE;

	if (folder_set_up(state) != 0)
		return -1;
	fake = fake_start(GH_MODE_BOOTH);
	hands = (struct gh_control_hands){
		.lane = fake->lane, .health = fill_health, .more = more
	};
	scene.clock = gh_clock_system();
	if (audit_open(folder_place("audit.log"), &scene.audit, &error) != GH_OK)
		return -1;
	return pthread_create(&lane_thread, NULL, run_lane, fake->lane);
}

static int tear_down(void **state)
{
	gh_lane_stop(fake->lane);
	pthread_join(lane_thread, NULL);
	fake_stop(fake);
	close(scene.audit);
	return folder_tear_down(state);
}

/* One whole line of JSON that says ok, or why not; NULL when there is none at all. */
static json_t *answer_to(const char *line)
{
	struct gh_bytes answer = GH_BYTES_EMPTY;
	json_t *object = NULL;

	requests_serve(&scene, &peer, gh_view_of_text(line), &answer);
	inject_pause();
	if (answer.length_bytes > 0) {
		assert_int_equal(answer.data[answer.length_bytes - 1], '\n');
		object = json_loadb((const char *)answer.data, answer.length_bytes,
			JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(object);
		assert_true(json_is_boolean(json_object_get(object, "ok")));
	}
	gh_bytes_finish(&answer);
	return object;
}

static const char *status_of(const json_t *answer)
{
	if (json_is_true(json_object_get(answer, "ok")))
		return "ok";
	return json_string_value(json_object_get(answer, "status"));
}

static void each_allocation_of(const char *line, const char *usual)
{
	INJECT_EACH(INJECT_ALLOC, n)
	{
		json_t *answer = answer_to(line);

		if (!inject_hit()) {
			assert_non_null(answer);
			assert_string_equal(status_of(answer), usual);
		} else if (answer && strcmp(status_of(answer), usual) != 0) {
			/* The library takes a word it has no memory for to be no JSON. */
			assert_true(strcmp(status_of(answer), "no_memory") == 0 ||
				strcmp(status_of(answer), "malformed") == 0);
		}
		json_decref(answer);
	}
}

static void no_memory_is_said_or_nothing(void **unused)
{
	(void)unused;
	each_allocation_of("{\"command\":\"status\"}", "ok");
	each_allocation_of("{\"command\":\"metrics\"}", "ok");
	each_allocation_of("{\"command\":\"echo\",\"arguments\":[\"x\"]}", "ok");
	each_allocation_of("{\"command\":\"claim\",\"arguments\":[\"L898902C3\"]}", "wrong_state");
	each_allocation_of("{\"command\":\"claim\"}", "malformed");
}

/* What was done and could not be written down is answered as an error. */
static void an_order_that_is_not_logged_is_no_success(void **unused)
{
	static const struct {
		enum inject_point point;
		const char *status;
	} cases[] = { { INJECT_WRITE, "full" }, { INJECT_SHORT, "full" }, { INJECT_SYNC, "io" } };

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		json_t *answer;

		inject_arm(cases[i].point, 1);
		answer = answer_to("{\"command\":\"close\",\"arguments\":[\"officer-7\"]}");
		assert_true(inject_hit());
		assert_string_equal(status_of(answer), cases[i].status);
		assert_non_null(strstr(
			json_string_value(json_object_get(answer, "reason")), "carried out"));
		json_decref(answer);
	}
}

/* Looking is not written down, so a full disk does not blind the technician. */
static void status_needs_no_log(void **unused)
{
	json_t *answer;

	(void)unused;
	inject_arm_from(INJECT_WRITE, 1);
	answer = answer_to("{\"command\":\"status\"}");
	assert_string_equal(status_of(answer), "ok");
	json_decref(answer);
}

static void a_server_is_made_or_refused(void **unused)
{
	struct gh_control_options options = { .clock = gh_clock_system() };
	char socket_path[256];
	char audit_path[256];

	(void)unused;
	gh_text_copy(socket_path, sizeof(socket_path), folder_place("lane.socket"));
	gh_text_copy(audit_path, sizeof(audit_path), folder_place("other.log"));
	options.socket_path = socket_path;
	options.audit_path = audit_path;
	for (int point = INJECT_ALLOC; point <= INJECT_OPEN; point++)
		INJECT_EACH((enum inject_point)point, n)
		{
			struct gh_control *control;
			struct gh_error error = GH_ERROR_NONE;
			enum gh_status status =
				gh_control_create(&options, &hands, &control, &error);

			inject_pause();
			assert_true((status == GH_OK) == !inject_hit());
			assert_true((control == NULL) == (status != GH_OK));
			assert_true(status == GH_OK || error.text[0] != '\0');
			gh_control_destroy(control);
			assert_int_not_equal(access(socket_path, F_OK), 0);
		}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_memory_is_said_or_nothing),
		TEST(an_order_that_is_not_logged_is_no_success),
		TEST(status_needs_no_log),
		TEST(a_server_is_made_or_refused),
	};

	gh_log_set_level(GH_LOG_ERROR);
	/* From here these names go through the injection, for the library too. */
	json_set_alloc_funcs(malloc, free);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
