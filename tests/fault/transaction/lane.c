/* SPDX-License-Identifier: Apache-2.0 */
/* Without memory no gate opens unrecorded, no sample is lost, and the lane goes on afterwards. */
#include "gatehouse/transaction/lane.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "inject.h"
#include "support/transaction/fake_hands.h"

static struct gh_lane_view *view_of(struct fake_hands *fake)
{
	static struct gh_lane_view view;

	gh_lane_view(fake->lane, &view);
	return &view;
}

static void a_lane_is_made_or_refused(void **unused)
{
	static struct fake_hands fake;
	struct gh_lane_options options;
	struct gh_lane_hands hands = fake_hands_of(&fake);

	(void)unused;
	gh_clock_manual_init(&fake.clock, 1000000, 1790000000000);
	options = fake_options(&fake, GH_MODE_EGATE);
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_lane *lane = (struct gh_lane *)&fake;
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status = gh_lane_create(&options, &hands, &lane, &error);

		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		assert_true((lane == NULL) == (status != GH_OK));
		gh_lane_destroy(lane);
	}
}

/* A traveller in the zone whose sample waits in the lane's queue. */
static struct fake_hands *with_sample(void)
{
	struct fake_hands *fake = fake_start(GH_MODE_EGATE);
	struct gh_lane_event event = { .telling = GH_TELL_TRIGGER, .trigger = GH_TRIGGER_SAMPLE };

	fake_zone(fake, true);
	assert_int_equal(fake_state(fake), GH_STATE_CAPTURE);
	event.passage = fake->passage;
	event.sample = fake_sample(fake);
	assert_int_equal(gh_lane_tell(fake->lane, &event), GH_OK);
	return fake;
}

static void expect_shut(struct fake_hands *fake)
{
	assert_null(strchr(fake->order, 'G'));
	assert_int_equal(view_of(fake)->counts.record_failures, 1);
	assert_int_equal(fake->page, GH_PAGE_OFFICER);
	/* It takes the next traveller as soon as records can be put again. */
	fake_advance(fake, 6000);
	fake_zone(fake, false);
	assert_int_equal(fake_state(fake), GH_STATE_IDLE);
}

static void a_gate_opens_with_a_record_or_not_at_all(void **unused)
{
	unsigned long failures = 0;

	(void)unused;
	for (unsigned long n = 1;; n++) {
		struct fake_hands *fake = with_sample();
		bool hit;

		inject_arm(INJECT_ALLOC, n);
		fake_settle(fake);
		hit = inject_disarm();
		assert_int_equal(fake->samples_out, 0);
		if (fake_state(fake) == GH_STATE_ACT) {
			const char *put = strchr(fake->order, 'P');

			assert_true(put && put < strchr(fake->order, 'G'));
			assert_int_equal(view_of(fake)->counts.record_failures, 0);
		} else {
			assert_true(hit);
			assert_int_equal(fake_state(fake), GH_STATE_MANUAL);
			expect_shut(fake);
			failures++;
		}
		fake_stop(fake);
		if (!hit)
			break;
	}
	assert_true(failures > 0);
}

/* What is lost then is settled by the next start: the record still expects a passage. */
static void who_has_passed_is_no_hindrance_for_the_next(void **unused)
{
	(void)unused;
	for (unsigned long n = 1;; n++) {
		struct fake_hands *fake = with_sample();
		struct gh_lane_event passed = { .telling = GH_TELL_TRIGGER,
			.trigger = GH_TRIGGER_GATE_PASSED };
		bool hit;

		fake_settle(fake);
		assert_true(fake->expects_passage);
		assert_int_equal(gh_lane_tell(fake->lane, &passed), GH_OK);
		inject_arm(INJECT_ALLOC, n);
		fake_settle(fake);
		hit = inject_disarm();
		assert_int_equal(fake_state(fake), GH_STATE_IDLE);
		assert_non_null(strchr(fake->order, 'C'));
		fake_stop(fake);
		if (!hit)
			break;
	}
}

/* A word that could not be written stays open and can be said again. */
static void a_disposition_is_written_or_refused(void **unused)
{
	(void)unused;
	for (unsigned long n = 1;; n++) {
		struct fake_hands *fake = with_sample();
		struct gh_lane_event word = { .telling = GH_TELL_TRIGGER,
			.trigger = GH_TRIGGER_DISPOSED,
			.disposition = GH_DISPOSITION_PROCEED,
			.role = "officer-7",
			.reason_code = "inspected" };
		bool hit;

		fake->search.candidates[0].score = 0.01f;
		fake_settle(fake);
		assert_int_equal(fake_state(fake), GH_STATE_OFFICER);
		assert_int_equal(gh_lane_tell(fake->lane, &word), GH_OK);
		inject_arm(INJECT_ALLOC, n);
		fake_settle(fake);
		hit = inject_disarm();
		if (fake_state(fake) == GH_STATE_OFFICER) {
			assert_true(hit);
			assert_int_equal(view_of(fake)->last[0].disposition, GH_DISPOSITION_NONE);
			assert_int_equal(gh_lane_tell(fake->lane, &word), GH_OK);
			fake_settle(fake);
		}
		assert_int_equal(fake_state(fake), GH_STATE_IDLE);
		assert_int_equal(view_of(fake)->last[0].disposition, GH_DISPOSITION_PROCEED);
		fake_stop(fake);
		if (!hit)
			break;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lane_is_made_or_refused),
		cmocka_unit_test(a_gate_opens_with_a_record_or_not_at_all),
		cmocka_unit_test(who_has_passed_is_no_hindrance_for_the_next),
		cmocka_unit_test(a_disposition_is_written_or_refused),
	};

	gh_log_set_level(GH_LOG_ERROR);
	/* From here these names go through the injection, for the library too. */
	json_set_alloc_funcs(malloc, free);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
