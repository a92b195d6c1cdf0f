/* SPDX-License-Identifier: Apache-2.0 */
/* A lane with a calibration: what its records say of scores, and when it wants another frame. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../support/transaction/fake_hands.h"
#include "support/gallery/synthetic.h"

static struct gh_calibration *calibration;
static struct fake_hands *fake;
static const struct gh_template average = { .values = { 1.0f } };

static int set_up(void **state)
{
	struct gh_lane_options options;
	struct gh_lane_hands hands;

	calibration = synthetic_calibration();
	fake = calloc(1, sizeof(*fake));
	if (!fake)
		return -1;
	gh_clock_manual_init(&fake->clock, 1000000, 1790000000000);
	fake_candidate(fake, 0.8f);
	options = fake_options(fake, GH_MODE_BOOTH);
	options.calibration = calibration;
	options.fpir_target = 0.003;
	options.fmr_claim = 1e-4;
	options.change_max = 0.01;
	hands = fake_hands_of(fake);
	if (gh_lane_create(&options, &hands, &fake->lane, NULL) != GH_OK)
		return -1;
	fake_device(fake, GH_TRIGGER_MENDED, GH_DEVICE_CAMERA);
	fake_device(fake, GH_TRIGGER_MENDED, GH_DEVICE_DISPLAY);
	fake_device(fake, GH_TRIGGER_MENDED, GH_DEVICE_GATE);
	fake_zone(fake, true);
	fake_tell(fake, GH_TRIGGER_START);
	return fake_state(fake) == GH_STATE_CAPTURE ? 0 : -1;
}

static int tear_down(void **state)
{
	fake_stop(fake);
	gh_calibration_close(calibration);
	return 0;
}

static bool enough_at(float score, uint32_t frames)
{
	fake->search.candidates[0].score = score;
	return gh_lane_enough(fake->lane, &average, frames, 3);
}

static void claim(void)
{
	struct gh_lane_event event = {
		.telling = GH_TELL_TRIGGER, .trigger = GH_TRIGGER_CLAIM, .issuer = "UTO"
	};

	gh_personal_set(&event.document, gh_view_of_text("L898902C3"));
	assert_int_equal(gh_lane_tell(fake->lane, &event), GH_OK);
	fake_settle(fake);
}

static void a_clear_match_needs_one_frame_a_doubtful_one_all(void **state)
{
	assert_true(enough_at(0.80f, 1));
	assert_true(enough_at(0.05f, 1));
	assert_false(enough_at(0.42f, 1));
	assert_false(enough_at(0.42f, 2));
	assert_true(enough_at(0.42f, 3));
}

/* The same score is clear against one claimed portrait and in doubt among a great many. */
static void the_claim_decides_who_is_asked(void **state)
{
	fake->search.templates = 40000;
	assert_false(enough_at(0.60f, 1));
	assert_string_equal(fake->claim, "");
	claim();
	fake->search.templates = 1;
	assert_true(enough_at(0.60f, 1));
	assert_string_equal(fake->claim, "L898902C3");
	/* Who has opted out has claimed nothing. */
	memset(fake->claim, 0, sizeof(fake->claim));
	fake_tell(fake, GH_TRIGGER_OPT_OUT);
	(void)enough_at(0.60f, 1);
	assert_string_equal(fake->claim, "");
}

static void frames_that_change_nothing_are_not_waited_for(void **state)
{
	fake->search_status = GH_NOT_FOUND;
	assert_true(enough_at(0.42f, 1));
	fake->search_status = GH_OK;
	fake->search.count = 0;
	assert_true(enough_at(0.42f, 1));
	fake->search.count = 1;
	fake->search.templates = 0;
	assert_true(enough_at(0.42f, 1));
}

static void the_record_tells_what_the_score_means(void **state)
{
	const struct gh_encounter_comparison *told = &fake->last.comparison;
	const struct gh_calibration *two = gh_calibration_averaged(calibration, 2);
	struct gh_threshold limit = gh_threshold_for_search(two, 420, 0.003);

	fake->search.count = 2;
	fake->search.candidates[0].score = 0.6f;
	fake->search.candidates[1] = fake->search.candidates[0];
	fake->search.candidates[1].score = 0.25f;
	fake_give_sample(fake);
	assert_int_equal(told->outcome, GH_OUTCOME_MATCH);
	assert_int_equal(told->frames_averaged, 2);
	/* All of it by the curve of two frames. */
	assert_true(fabs(told->threshold - (double)limit.score) < 1e-6);
	assert_true(fabs(told->fpir_predicted / limit.fpir_predicted - 1.0) < 1e-6);
	assert_true(fabs(told->fmr / gh_calibration_fmr(two, 0.6f, NULL) - 1.0) < 1e-6);
	assert_true(fabs(told->log_likelihood_ratio - gh_calibration_llr(two, 0.6f)) < 1e-6);
	assert_true(fabs(told->margin - 0.35) < 1e-6);
	assert_string_equal(told->calibration, "synthetic");
	assert_true(told->calibration_research_only);
}

static enum gh_outcome outcome_for(float score, const char *birth, int reference_age_years)
{
	struct gh_candidate *candidate = &fake->search.candidates[0];

	candidate->score = score;
	candidate->reference_age_years = reference_age_years;
	strcpy(candidate->person.birth, birth);
	fake_give_sample(fake);
	return fake->last.comparison.outcome;
}

/* The clock stands in September 2026. */
static float between_usual_and_wide(void)
{
	const struct gh_calibration *two = gh_calibration_averaged(calibration, 2);

	return 0.5f *
		(gh_threshold_for_search(two, 420, 0.003).score +
			gh_threshold_for_search(two, 420, 0.0003).score);
}

static void a_grown_person_matches(void **state)
{
	assert_int_equal(outcome_for(between_usual_and_wide(), "19740812", 3), GH_OUTCOME_MATCH);
	assert_int_equal(fake->last.decision, GH_DECISION_GO);
}

static void a_child_is_left_to_the_officer(void **state)
{
	assert_int_equal(
		outcome_for(between_usual_and_wide(), "20140101", 3), GH_OUTCOME_CANNOT_TELL);
	assert_int_equal(fake->last.decision, GH_DECISION_REFERRAL);
	assert_int_equal(fake->last.referrals[0], GH_REFERRAL_CANNOT_TELL);
	/* The limit that counted is the one in the record. */
	assert_true(fake->last.comparison.threshold > (double)between_usual_and_wide());
	assert_true(fake->last.comparison.fpir_predicted <= 0.0003);
}

static void an_old_portrait_is_left_to_the_officer(void **state)
{
	assert_int_equal(
		outcome_for(between_usual_and_wide(), "19740812", 10), GH_OUTCOME_CANNOT_TELL);
	assert_int_equal(fake->last.referrals[0], GH_REFERRAL_CANNOT_TELL);
}

/* Of a child that is claimed a low score is no true mismatch so soon. */
static void a_childs_mismatch_is_doubted_longer(void **state)
{
	const struct gh_calibration *two = gh_calibration_averaged(calibration, 2);

	claim();
	fake->search.templates = 1;
	assert_int_equal(outcome_for(gh_threshold_for_claim(two, 1, 0.003).score, "20140101", 3),
		GH_OUTCOME_CANNOT_TELL);
}

static void a_grown_persons_mismatch_is_one(void **state)
{
	const struct gh_calibration *two = gh_calibration_averaged(calibration, 2);

	claim();
	fake->search.templates = 1;
	assert_int_equal(outcome_for(gh_threshold_for_claim(two, 1, 0.003).score, "19740812", 3),
		GH_OUTCOME_NO_MATCH);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_clear_match_needs_one_frame_a_doubtful_one_all),
		TEST(the_claim_decides_who_is_asked),
		TEST(frames_that_change_nothing_are_not_waited_for),
		TEST(the_record_tells_what_the_score_means),
		TEST(a_grown_person_matches),
		TEST(a_child_is_left_to_the_officer),
		TEST(an_old_portrait_is_left_to_the_officer),
		TEST(a_childs_mismatch_is_doubted_longer),
		TEST(a_grown_persons_mismatch_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
