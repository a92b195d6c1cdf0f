/* SPDX-License-Identifier: Apache-2.0 */
/* Telling and asking from other threads: answered, bounded, and refused after the end. */
#include "gatehouse/transaction/commands.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../support/transaction/fake_hands.h"

/* More at once than the machine has processors: some wake when much was asked after them. */
#define ASKERS 24
#define QUESTIONS 50

static void *run(void *lane)
{
	gh_lane_run(lane);
	return NULL;
}

static void *ask_often(void *lane)
{
	size_t *answered = calloc(1, sizeof(*answered));

	if (!answered)
		abort();
	for (int i = 0; i < QUESTIONS; i++)
		*answered += gh_lane_ping(lane, 5000) == GH_OK;
	return answered;
}

static void several_askers_each_get_their_own_answer(void **unused)
{
	struct fake_hands *fake = fake_start(GH_MODE_EGATE);
	pthread_t askers[ASKERS];
	pthread_t thread;

	(void)unused;
	assert_int_equal(pthread_create(&thread, NULL, run, fake->lane), 0);
	for (size_t i = 0; i < ASKERS; i++)
		assert_int_equal(pthread_create(&askers[i], NULL, ask_often, fake->lane), 0);
	for (size_t i = 0; i < ASKERS; i++) {
		size_t *answered;

		assert_int_equal(pthread_join(askers[i], (void **)&answered), 0);
		assert_int_equal(*answered, QUESTIONS);
		free(answered);
	}
	gh_lane_stop(fake->lane);
	assert_int_equal(pthread_join(thread, NULL), 0);
	fake_stop(fake);
}

static void a_lane_that_does_not_turn_is_noticed(void **unused)
{
	struct fake_hands *fake = fake_start(GH_MODE_EGATE);
	struct gh_error error = GH_ERROR_NONE;
	struct gh_lane_event close = { .telling = GH_TELL_TRIGGER, .trigger = GH_TRIGGER_CLOSE };

	(void)unused;
	assert_int_equal(gh_lane_ping(fake->lane, 10), GH_TIMEOUT);
	assert_int_equal(gh_lane_ask(fake->lane, &close, 10, &error), GH_TIMEOUT);
	assert_non_null(strstr(error.text, "idle"));
	fake_stop(fake);
}

static void a_full_queue_gives_the_event_back(void **unused)
{
	struct fake_hands *fake = fake_start(GH_MODE_EGATE);
	struct gh_lane_event sight = { .telling = GH_TELL_SIGHTING };
	enum gh_status status = GH_OK;
	size_t told = 0;

	(void)unused;
	while (status == GH_OK && told < 100000) {
		status = gh_lane_tell(fake->lane, &sight);
		told++;
	}
	assert_int_equal(status, GH_FULL);
	fake_stop(fake);
}

static void a_stopped_lane_takes_nothing(void **unused)
{
	struct fake_hands *fake = fake_start(GH_MODE_EGATE);
	struct gh_lane_event sight = { .telling = GH_TELL_SIGHTING };
	struct gh_error error = GH_ERROR_NONE;

	(void)unused;
	gh_lane_stop(fake->lane);
	assert_int_equal(gh_lane_tell(fake->lane, &sight), GH_CANCELLED);
	assert_int_equal(gh_lane_ask(fake->lane, &sight, 10, &error), GH_CANCELLED);
	fake_stop(fake);
}

/* A sample that the lane never looked at is still wiped at its end. */
static void a_sample_in_the_queue_is_released_at_the_end(void **unused)
{
	struct fake_hands *fake = fake_start(GH_MODE_EGATE);
	struct gh_lane_event event = { .telling = GH_TELL_TRIGGER, .trigger = GH_TRIGGER_SAMPLE };
	struct gh_lane *lane = fake->lane;

	(void)unused;
	event.sample = fake_sample(fake);
	assert_int_equal(gh_lane_tell(lane, &event), GH_OK);
	gh_lane_destroy(lane);
	assert_int_equal(fake->samples_out, 0);
	free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_askers_each_get_their_own_answer),
		cmocka_unit_test(a_lane_that_does_not_turn_is_noticed),
		cmocka_unit_test(a_full_queue_gives_the_event_back),
		cmocka_unit_test(a_stopped_lane_takes_nothing),
		cmocka_unit_test(a_sample_in_the_queue_is_released_at_the_end),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
