/* SPDX-License-Identifier: Apache-2.0 */
/* The capture rate, and the answers the view keeps. */
#include "gatehouse/transaction/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../support/transaction/fake_hands.h"

static void nobody_tried_has_no_rate(void **unused)
{
	struct gh_lane_counts counts = { .opted_out = 5 };

	(void)unused;
	assert_int_equal(gh_capture_rate_permille(&counts), -1);
}

static void every_reason_counts_and_opting_out_does_not(void **unused)
{
	(void)unused;
	for (int reason = GH_REASON_NONE + 1; reason < GH_REASON_COUNT; reason++) {
		struct gh_lane_counts counts = { .captured = 3, .opted_out = 100 };

		counts.not_captured[reason] = 1;
		assert_int_equal(gh_capture_rate_permille(&counts), 750);
	}
}

static void pass_once(struct fake_hands *fake)
{
	fake_zone(fake, true);
	fake_give_sample(fake);
	fake_zone(fake, false);
	fake_tell(fake, GH_TRIGGER_GATE_PASSED);
}

/* More travellers than are kept: the newest stand first, numbered on. */
static void the_newest_answers_are_kept(void **unused)
{
	struct fake_hands *fake = fake_start(GH_MODE_EGATE);
	struct gh_lane_view view;

	(void)unused;
	for (int i = 0; i < GH_ANSWERS_KEPT + 3; i++)
		pass_once(fake);
	gh_lane_view(fake->lane, &view);
	assert_int_equal(view.answers, GH_ANSWERS_KEPT + 3);
	assert_int_equal(view.counts.captured, GH_ANSWERS_KEPT + 3);
	assert_int_equal(view.counts.go, GH_ANSWERS_KEPT + 3);
	assert_int_equal(view.counts.passed, GH_ANSWERS_KEPT + 3);
	for (uint64_t i = 0; i < GH_ANSWERS_KEPT; i++) {
		assert_int_equal(view.last[i].number, GH_ANSWERS_KEPT + 3 - i);
		assert_true(view.last[i].has_passage);
		assert_int_equal(view.last[i].passage, GH_ADDENDUM_PASSED);
	}
	fake_stop(fake);
}

static void referrals_are_counted_by_reason(void **unused)
{
	struct fake_hands *fake = fake_start(GH_MODE_EGATE);
	struct gh_lane_view view;

	(void)unused;
	fake_candidate(fake, 0.1f);
	fake->search.complete = false;
	fake_zone(fake, true);
	fake_give_sample(fake);
	gh_lane_view(fake->lane, &view);
	assert_int_equal(view.counts.referrals[GH_REFERRAL_NOT_FOUND], 1);
	assert_int_equal(view.counts.referrals[GH_REFERRAL_GALLERY_NOT_READY], 1);
	assert_int_equal(view.counts.go, 0);
	assert_int_equal(view.open_referrals, 1);
	assert_true(gh_id_equal(&view.record_in_hand, &view.last[0].record));
	fake_stop(fake);
}

/* What an officer has to know to dispose of somebody, the longest waiting first. */
static void open_referrals_are_listed(void **unused)
{
	struct fake_hands *fake = fake_start(GH_MODE_EGATE);
	struct gh_lane_view view;
	struct gh_id first;

	(void)unused;
	fake_candidate(fake, 0.1f);
	fake_zone(fake, true);
	fake_give_sample(fake);
	gh_lane_view(fake->lane, &view);
	first = view.open[0].record;
	assert_true(gh_id_equal(&first, &view.last[0].record));
	assert_int_equal(view.open[0].referrals, 1u << GH_REFERRAL_NOT_FOUND);
	assert_int_equal(view.open[0].age_s, 0);
	assert_true(view.open[0].may_proceed);
	assert_int_equal(fake->awaited.referrals, 1u << GH_REFERRAL_NOT_FOUND);
	fake_zone(fake, false);
	/* The wall clock says nothing of an age. */
	fake->clock.real_ms += 3600000;
	gh_clock_manual_advance(&fake->clock, 90 * 1000000);
	fake_zone(fake, true);
	fake_give_sample(fake);
	gh_lane_view(fake->lane, &view);
	assert_int_equal(view.open_referrals, 2);
	assert_true(gh_id_equal(&view.open[0].record, &first));
	assert_in_range(view.open[0].age_s, 90, 99);
	assert_in_range(view.open[1].age_s, 0, 1);
	assert_true(gh_id_equal(&view.open[1].record, &view.last[0].record));
	fake_stop(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_tried_has_no_rate),
		cmocka_unit_test(every_reason_counts_and_opting_out_does_not),
		cmocka_unit_test(the_newest_answers_are_kept),
		cmocka_unit_test(referrals_are_counted_by_reason),
		cmocka_unit_test(open_referrals_are_listed),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
