/* SPDX-License-Identifier: Apache-2.0 */
/* From an observation to its instruction: boxes, zones and the lane's light. */
#include "coaching.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct gh_image picture = { NULL, 800, 720, 2400 };

static struct gh_coaching fresh(void)
{
	const struct gh_vision_options options = gh_vision_options_default();
	struct gh_coaching coaching;

	gh_coaching_init(&coaching, &options);
	return coaching;
}

static struct gh_observation usual(void)
{
	return (struct gh_observation){
		.presence = { .occupied = true,
			.faces_in_zone = 1,
			.lighting = { true, 200, 0, 250, 250 } },
		.quality = { .detection = 0.99f,
			.eye_distance_px = 90,
			.face_height_permille = 350,
			.sharpness_permille = 500,
			.luminance_permille = 250,
			.eyes_open_permille = 1000,
			.edge_margin_permille = 800,
			.faces_in_zone = 1 },
	};
}

/* The same observation for two seconds. */
static enum gh_instruction watch(
	struct gh_coaching *coaching, struct gh_observation observation, const struct gh_box *box)
{
	enum gh_instruction shown = GH_INSTRUCTION_NONE;

	for (int i = 0; i < 60; i++) {
		observation.presence.capture_us += 33333;
		shown = gh_coaching_step(coaching, &picture, box, &observation);
	}
	return shown;
}

static void a_good_face_hears_nothing(void **unused)
{
	const struct gh_box box = { 300, 200, 500, 450 };
	struct gh_coaching coaching = fresh();

	(void)unused;
	assert_int_equal(watch(&coaching, usual(), &box), GH_INSTRUCTION_NONE);
}

static void a_cut_face_is_sent_to_the_other_side(void **unused)
{
	const struct {
		struct gh_box box;
		enum gh_instruction instruction;
	} table[] = {
		{ { -40, 200, 160, 450 }, GH_INSTRUCTION_MOVE_LEFT },
		{ { 640, 200, 840, 450 }, GH_INSTRUCTION_MOVE_RIGHT },
		{ { 300, -60, 500, 190 }, GH_INSTRUCTION_STEP_BACK },
		{ { 300, 530, 500, 780 }, GH_INSTRUCTION_STEP_BACK },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct gh_coaching coaching = fresh();
		struct gh_observation observation = usual();

		observation.quality.edge_margin_permille = -200;
		observation.reason = GH_REASON_OUT_OF_FRAME;
		assert_int_equal(
			watch(&coaching, observation, &table[i].box), table[i].instruction);
	}
}

static void what_the_lane_mends_is_waited_for(void **unused)
{
	const struct gh_box box = { 300, 200, 500, 450 };
	struct gh_observation observation = usual();
	struct gh_coaching coaching = fresh();

	(void)unused;
	observation.quality.luminance_permille = 5;
	observation.reason = GH_REASON_TOO_DARK;
	observation.presence.lighting = (struct gh_lighting){ true, 6, 0, 400, 250 };
	assert_int_equal(watch(&coaching, observation, &box), GH_INSTRUCTION_LIGHT_BEHIND);
	coaching = fresh();
	coaching.control = GH_LIGHTING_ADJUSTING;
	assert_int_equal(watch(&coaching, observation, &box), GH_INSTRUCTION_WAIT_FOR_LIGHT);
}

/* Whatever quality is left in the observation, nobody's is spoken of. */
static void without_one_subject_no_quality_counts(void **unused)
{
	const struct gh_box box = { 300, 200, 500, 450 };
	struct gh_coaching coaching = fresh();
	struct gh_observation observation = usual();

	(void)unused;
	observation.quality.yaw_degrees = 80;
	observation.presence.faces_in_zone = 0;
	observation.reason = GH_REASON_NO_FACE;
	assert_int_equal(watch(&coaching, observation, NULL), GH_INSTRUCTION_STEP_IN);
	coaching = fresh();
	observation.presence.faces_in_zone = 2;
	observation.reason = GH_REASON_SEVERAL_FACES;
	assert_int_equal(watch(&coaching, observation, &box), GH_INSTRUCTION_ONE_AT_A_TIME);
}

static void an_empty_box_is_not_cut(void **unused)
{
	const struct gh_box box = { 300, 200, 300, 200 };
	struct gh_coaching coaching = fresh();

	(void)unused;
	assert_int_equal(watch(&coaching, usual(), &box), GH_INSTRUCTION_NONE);
}

static void the_next_traveller_hears_nothing_of_the_last(void **unused)
{
	struct gh_coaching coaching = fresh();
	struct gh_observation observation = usual();

	(void)unused;
	coaching.control = GH_LIGHTING_STEADY;
	observation.presence.faces_in_zone = 0;
	observation.reason = GH_REASON_NO_FACE;
	watch(&coaching, observation, NULL);
	gh_coaching_forget(&coaching);
	assert_int_equal(coaching.coach.shown, GH_INSTRUCTION_NONE);
	assert_int_equal(coaching.coach.options.show_ms, 1500);
	assert_int_equal(coaching.control, GH_LIGHTING_STEADY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_face_hears_nothing),
		cmocka_unit_test(a_cut_face_is_sent_to_the_other_side),
		cmocka_unit_test(what_the_lane_mends_is_waited_for),
		cmocka_unit_test(without_one_subject_no_quality_counts),
		cmocka_unit_test(an_empty_box_is_not_cut),
		cmocka_unit_test(the_next_traveller_hears_nothing_of_the_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
