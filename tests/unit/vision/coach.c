/* SPDX-License-Identifier: Apache-2.0 */
/* Coaching: each instruction is reached, in its order, and none flickers whatever the noise. */
#include "gatehouse/vision/coach.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FRAME_US 33333u

/* A frame in which nothing is wrong. */
static struct gh_quality good(void)
{
	return (struct gh_quality){
		.detection = 0.99f,
		.eye_distance_px = 90,
		.face_height_permille = 350,
		.sharpness_permille = 500,
		.luminance_permille = 250,
		.eyes_open_permille = 1000,
		.edge_margin_permille = 800,
		.faces_in_zone = 1,
		.faces_in_frame = 1,
	};
}

struct scene {
	struct gh_quality quality;
	struct gh_coach_sight sight;
};

/* Reason and face follow from the quality, as in vision. */
static void finish(struct scene *scene, uint64_t capture_us)
{
	const struct gh_quality_limits limits = gh_quality_limits_default();
	struct gh_coach_sight *sight = &scene->sight;

	sight->capture_us = capture_us;
	sight->faces_in_zone = scene->quality.faces_in_zone;
	sight->quality = sight->faces_in_zone == 1 ? &scene->quality : NULL;
	sight->lighting.face = sight->faces_in_zone == 1;
	if (sight->reason == GH_REASON_NONE)
		sight->reason = gh_quality_reason(&scene->quality, &limits);
}

static struct scene fine(void)
{
	return (struct scene){ .quality = good(),
		.sight = {
			.room = { 800, 800, 800, 800 }, .lighting = { true, 250, 0, 300, 300 } } };
}

/* One fault each. */
struct fault {
	enum gh_instruction instruction;
	void (*spoil)(struct scene *);
};

static void crowd(struct scene *s)
{
	s->quality.faces_in_zone = 2;
}

static void nobody(struct scene *s)
{
	s->quality.faces_in_zone = 0;
}

static void close_up(struct scene *s)
{
	s->quality.face_height_permille = 810;
}

static void cut(struct scene *s, float *room)
{
	*room = -30;
	s->quality.edge_margin_permille = -30;
}

static void cut_below(struct scene *s)
{
	cut(s, &s->sight.room.bottom_permille);
}

static void cut_above(struct scene *s)
{
	cut(s, &s->sight.room.top_permille);
}

static void cut_left(struct scene *s)
{
	cut(s, &s->sight.room.left_permille);
}

static void cut_right(struct scene *s)
{
	cut(s, &s->sight.room.right_permille);
}

static void far_away(struct scene *s)
{
	s->quality.eye_distance_px = 39;
}

static void yaw(struct scene *s)
{
	s->quality.yaw_degrees = -26;
}

static void pitch(struct scene *s)
{
	s->quality.pitch_degrees = 31;
}

static void roll(struct scene *s)
{
	s->quality.roll_degrees = 21;
}

static void adjusting(struct scene *s)
{
	s->quality.luminance_permille = 5;
	s->sight.control = GH_LIGHTING_ADJUSTING;
}

static void window_behind(struct scene *s)
{
	s->quality.luminance_permille = 5;
	s->sight.lighting = (struct gh_lighting){ true, 6, 0, 400, 200 };
	s->sight.control = GH_LIGHTING_EXHAUSTED;
}

static void sun_in_face(struct scene *s)
{
	s->quality.luminance_permille = 850;
	s->sight.control = GH_LIGHTING_EXHAUSTED;
}

static void out_of_lamp(struct scene *s)
{
	s->quality.luminance_permille = 5;
	s->sight.lighting = (struct gh_lighting){ true, 6, 0, 8, 7 };
	s->sight.control = GH_LIGHTING_EXHAUSTED;
}

static void dark_hall(struct scene *s)
{
	out_of_lamp(s);
	s->quality.face_height_permille = 600;
}

static void dark_lenses(struct scene *s)
{
	s->quality.measures.list[GH_MEASURE_DARK_LENS] =
		(struct gh_measure){ .assessed = true, .native = 0.7f };
}

static void glare(struct scene *s)
{
	s->quality.measures.list[GH_MEASURE_EYE_GLARE] =
		(struct gh_measure){ .assessed = true, .native = 0.2f };
}

static void blur(struct scene *s)
{
	s->quality.sharpness_permille = 100;
}

static void asleep(struct scene *s)
{
	s->quality.eyes_open_permille = 100;
}

static void mask(struct scene *s)
{
	s->quality.detection = 0.7f;
}

/* In the order in which they are given; two of one instruction stand for its two ways. */
static const struct fault faults[] = {
	{ GH_INSTRUCTION_ONE_AT_A_TIME, crowd },
	{ GH_INSTRUCTION_STEP_IN, nobody },
	{ GH_INSTRUCTION_STEP_BACK, close_up },
	{ GH_INSTRUCTION_STEP_BACK, cut_below },
	{ GH_INSTRUCTION_STEP_BACK, cut_above },
	{ GH_INSTRUCTION_MOVE_LEFT, cut_left },
	{ GH_INSTRUCTION_MOVE_RIGHT, cut_right },
	{ GH_INSTRUCTION_COME_CLOSER, far_away },
	{ GH_INSTRUCTION_LOOK_AT_CAMERA, yaw },
	{ GH_INSTRUCTION_LOOK_AT_CAMERA, pitch },
	{ GH_INSTRUCTION_LOOK_AT_CAMERA, roll },
	{ GH_INSTRUCTION_WAIT_FOR_LIGHT, adjusting },
	{ GH_INSTRUCTION_LIGHT_BEHIND, window_behind },
	{ GH_INSTRUCTION_LIGHT_IN_FACE, sun_in_face },
	{ GH_INSTRUCTION_COME_CLOSER, out_of_lamp },
	{ GH_INSTRUCTION_WAIT_FOR_LIGHT, dark_hall },
	{ GH_INSTRUCTION_TAKE_OFF_GLASSES, dark_lenses },
	{ GH_INSTRUCTION_TAKE_OFF_GLASSES, glare },
	{ GH_INSTRUCTION_HOLD_STILL, blur },
	{ GH_INSTRUCTION_OPEN_EYES, asleep },
	{ GH_INSTRUCTION_UNCOVER_FACE, mask },
};

#define FAULTS (sizeof(faults) / sizeof(*faults))

/* Show a scene for some time; what is shown at its end. */
static enum gh_instruction watch(
	struct gh_coach *coach, const struct scene *scene, uint64_t *now_us, uint32_t length_ms)
{
	uint64_t end_us = *now_us + (uint64_t)length_ms * 1000;
	enum gh_instruction shown = coach->shown;

	for (; *now_us < end_us; *now_us += FRAME_US) {
		struct scene frame = *scene;

		finish(&frame, *now_us);
		shown = gh_coach_step(coach, &frame.sight);
	}
	return shown;
}

static struct gh_coach new_coach(void)
{
	struct gh_coach_options options = gh_coach_options_default();
	struct gh_coach coach;

	gh_coach_init(&coach, &options);
	return coach;
}

static void nothing_wrong_is_nothing_said(void **unused)
{
	struct gh_coach coach = new_coach();
	struct scene scene = fine();
	uint64_t now_us = 5000000;

	(void)unused;
	assert_int_equal(watch(&coach, &scene, &now_us, 5000), GH_INSTRUCTION_NONE);
	assert_false(coach.any_shown);
}

static void every_instruction_is_reached(void **unused)
{
	bool reached[GH_INSTRUCTION_COUNT] = { [GH_INSTRUCTION_NONE] = true };

	(void)unused;
	for (size_t i = 0; i < FAULTS; i++) {
		struct gh_coach coach = new_coach();
		struct scene scene = fine();
		uint64_t now_us = 0;

		faults[i].spoil(&scene);
		assert_int_equal(watch(&coach, &scene, &now_us, 250), GH_INSTRUCTION_NONE);
		assert_int_equal(watch(&coach, &scene, &now_us, 600), faults[i].instruction);
		reached[faults[i].instruction] = true;
		scene = fine();
		watch(&coach, &scene, &now_us, 3000);
		assert_int_equal(coach.shown, GH_INSTRUCTION_NONE);
	}
	for (int i = 0; i < GH_INSTRUCTION_COUNT; i++)
		if (!reached[i])
			fail_msg("%s is never given", gh_instruction_name((enum gh_instruction)i));
}

/* Two faults that touch different measures can stand together. */
static bool combines(size_t first, size_t second)
{
	bool no_face = faults[first].spoil == crowd || faults[first].spoil == nobody;
	bool light_first = faults[first].spoil == adjusting ||
		(faults[first].instruction >= GH_INSTRUCTION_WAIT_FOR_LIGHT &&
			faults[first].instruction <= GH_INSTRUCTION_LIGHT_IN_FACE) ||
		faults[first].spoil == out_of_lamp || faults[first].spoil == dark_hall;
	bool light_second = faults[second].spoil == adjusting ||
		faults[second].spoil == window_behind || faults[second].spoil == sun_in_face ||
		faults[second].spoil == out_of_lamp || faults[second].spoil == dark_hall;
	/* A turned face is not told to come closer; a close one cannot be far. */
	bool far_turned = faults[first].spoil == far_away &&
		faults[second].instruction == GH_INSTRUCTION_LOOK_AT_CAMERA;
	bool near_lamp = faults[first].spoil == close_up && light_second;
	bool both_nobody = no_face && faults[second].spoil == nobody;

	return !(light_first && light_second) && !far_turned && !near_lamp && !both_nobody;
}

static void the_order_holds_for_every_pair(void **unused)
{
	unsigned pairs = 0;

	(void)unused;
	for (size_t i = 0; i < FAULTS; i++)
		for (size_t j = i + 1; j < FAULTS; j++) {
			struct gh_coach coach = new_coach();
			struct scene scene = fine();
			uint64_t now_us = 0;

			if (!combines(i, j))
				continue;
			faults[j].spoil(&scene);
			faults[i].spoil(&scene);
			pairs++;
			if (watch(&coach, &scene, &now_us, 800) != faults[i].instruction)
				fail_msg("%s before %s: %s",
					gh_instruction_name(faults[i].instruction),
					gh_instruction_name(faults[j].instruction),
					gh_instruction_name(coach.shown));
		}
	assert_true(pairs > 150);
}

static void whatever_refuses_a_frame_is_coached(void **unused)
{
	(void)unused;
	for (int reason = GH_REASON_NO_FACE; reason <= GH_REASON_OUT_OF_FRAME; reason++) {
		struct gh_coach coach = new_coach();
		struct scene scene = fine();
		uint64_t now_us = 0;

		scene.sight.reason = (enum gh_reason)reason;
		if (watch(&coach, &scene, &now_us, 1000) == GH_INSTRUCTION_NONE)
			fail_msg(
				"%s is refused in silence", gh_reason_name((enum gh_reason)reason));
	}
}

static void darkness_without_a_face_is_no_request_to_step_in(void **unused)
{
	struct gh_coach coach = new_coach();
	struct scene scene = fine();
	uint64_t now_us = 0;

	(void)unused;
	scene.quality = (struct gh_quality){ .faces_in_zone = 0 };
	scene.sight.reason = GH_REASON_TOO_DARK;
	scene.sight.control = GH_LIGHTING_ADJUSTING;
	assert_int_equal(watch(&coach, &scene, &now_us, 1000), GH_INSTRUCTION_WAIT_FOR_LIGHT);
}

static void a_suspected_attack_is_never_spoken_of(void **unused)
{
	static const enum gh_reason silent[] = { GH_REASON_ATTACK_SUSPECTED, GH_REASON_CAMERA_FAULT,
		GH_REASON_TIMEOUT };

	(void)unused;
	for (size_t i = 0; i < sizeof(silent) / sizeof(*silent); i++) {
		struct gh_coach coach = new_coach();
		struct scene scene = fine();
		uint64_t now_us = 0;

		scene.sight.reason = silent[i];
		assert_int_equal(watch(&coach, &scene, &now_us, 3000), GH_INSTRUCTION_NONE);
	}
	for (int i = 0; i < GH_INSTRUCTION_COUNT; i++) {
		const char *name = gh_instruction_name((enum gh_instruction)i);

		assert_null(strstr(name, "attack"));
		assert_null(strstr(name, "fake"));
		assert_null(strstr(name, "fail"));
		/* It travels in gh_action.coaching. */
		assert_true(strlen(name) < 32);
	}
}

/* The face at image-left belongs to somebody who stands too far to his own right. */
static void left_and_right_are_the_mirrors(void **unused)
{
	(void)unused;
	for (int side = 0; side < 2; side++) {
		struct gh_coach coach = new_coach();
		struct scene scene = fine();
		uint64_t now_us = 0;

		(side == 0 ? cut_left : cut_right)(&scene);
		assert_int_equal(watch(&coach, &scene, &now_us, 500),
			side == 0 ? GH_INSTRUCTION_MOVE_LEFT : GH_INSTRUCTION_MOVE_RIGHT);
	}
}

static void a_blink_is_not_closed_eyes(void **unused)
{
	struct gh_coach coach = new_coach();
	struct scene scene = fine();
	uint64_t now_us = 0;

	(void)unused;
	for (int blink = 0; blink < 10; blink++) {
		scene = fine();
		watch(&coach, &scene, &now_us, 700);
		asleep(&scene);
		assert_int_equal(watch(&coach, &scene, &now_us, 400), GH_INSTRUCTION_NONE);
	}
}

static void an_instruction_stands_for_its_time(void **unused)
{
	struct gh_coach coach = new_coach();
	struct scene scene = fine();
	uint64_t now_us = 0;

	(void)unused;
	far_away(&scene);
	assert_int_equal(watch(&coach, &scene, &now_us, 400), GH_INSTRUCTION_COME_CLOSER);
	scene = fine();
	close_up(&scene); /* more helpful now, but the words are still being read */
	assert_int_equal(watch(&coach, &scene, &now_us, 1200), GH_INSTRUCTION_COME_CLOSER);
	assert_int_equal(watch(&coach, &scene, &now_us, 400), GH_INSTRUCTION_STEP_BACK);
}

static void what_helps_less_waits_for_what_helps_more(void **unused)
{
	struct gh_coach coach = new_coach();
	struct scene scene = fine();
	uint64_t now_us = 0;

	(void)unused;
	far_away(&scene);
	watch(&coach, &scene, &now_us, 2500);
	blur(&scene);
	assert_int_equal(watch(&coach, &scene, &now_us, 3000), GH_INSTRUCTION_COME_CLOSER);
	scene = fine();
	blur(&scene);
	assert_int_equal(watch(&coach, &scene, &now_us, 600), GH_INSTRUCTION_HOLD_STILL);
}

/* A measure that trembles at its limit, in and out from frame to frame. */
static void trembling_at_a_limit_says_one_thing(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < FAULTS; i++) {
		struct gh_coach coach = new_coach();
		uint64_t now_us = 0;
		unsigned changes = 0;

		/* Where a limit is one of numbers; a face that comes and goes is no tremble. */
		if (faults[i].spoil == crowd || faults[i].spoil == nobody ||
			faults[i].spoil == adjusting || faults[i].spoil == dark_lenses ||
			faults[i].spoil == glare)
			continue;
		for (int frame = 0; frame < 900; frame++, now_us += FRAME_US) {
			struct scene scene = fine(), spoilt = fine();
			enum gh_instruction before = coach.shown;

			faults[i].spoil(&spoilt);
			if (frame % 2 == 0)
				scene = spoilt;
			/* Just within: nearer to the limit than the slack. */
			if (faults[i].spoil == far_away)
				scene.quality.eye_distance_px = frame % 2 ? 41 : 39;
			else if (faults[i].spoil == yaw)
				scene.quality.yaw_degrees = frame % 2 ? 24 : 26;
			else if (faults[i].spoil == blur)
				scene.quality.sharpness_permille = frame % 2 ? 125 : 115;
			else if (faults[i].spoil == mask)
				scene.quality.detection = frame % 2 ? 0.91f : 0.89f;
			else if (faults[i].spoil == asleep)
				scene.quality.eyes_open_permille = frame % 2 ? 360 : 340;
			else if (faults[i].spoil == close_up)
				scene.quality.face_height_permille = frame % 2 ? 795 : 805;
			else
				continue;
			finish(&scene, now_us);
			changes += gh_coach_step(&coach, &scene.sight) != before ? 1 : 0;
		}
		assert_true(changes <= 1);
	}
}

static float random_share(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (float)(*seed >> 8) / (float)(1u << 24);
}

static float wander(uint32_t *seed, float value, float step, float low, float high)
{
	value += step * (2.0f * random_share(seed) - 1.0f);
	return value < low ? low : value > high ? high : value;
}

static void walk(struct scene *s, uint32_t *seed)
{
	struct gh_quality *q = &s->quality;

	q->eye_distance_px = wander(seed, q->eye_distance_px, 4, 20, 120);
	q->face_height_permille = wander(seed, q->face_height_permille, 20, 100, 900);
	q->yaw_degrees = wander(seed, q->yaw_degrees, 3, -40, 40);
	q->pitch_degrees = wander(seed, q->pitch_degrees, 3, -40, 40);
	q->luminance_permille = wander(seed, q->luminance_permille, 30, 0, 1000);
	q->sharpness_permille = wander(seed, q->sharpness_permille, 30, 50, 600);
	q->eyes_open_permille = random_share(seed) < 0.05f ? 100 : 1000;
	q->detection = wander(seed, q->detection, 0.01f, 0.85f, 1.0f);
	q->faces_in_zone = random_share(seed) < 0.97f ? 1 : random_share(seed) < 0.5f ? 0 : 2;
	s->sight.room.left_permille = wander(seed, s->sight.room.left_permille, 60, -200, 1000);
	s->sight.room.right_permille = wander(seed, s->sight.room.right_permille, 60, -200, 1000);
	s->sight.room.bottom_permille = wander(seed, s->sight.room.bottom_permille, 60, -200, 900);
	q->edge_margin_permille = s->sight.room.left_permille;
	if (s->sight.room.right_permille < q->edge_margin_permille)
		q->edge_margin_permille = s->sight.room.right_permille;
	if (s->sight.room.bottom_permille < q->edge_margin_permille)
		q->edge_margin_permille = s->sight.room.bottom_permille;
	s->sight.control =
		random_share(seed) < 0.02f ? GH_LIGHTING_ADJUSTING : GH_LIGHTING_EXHAUSTED;
	s->sight.reason = GH_REASON_NONE;
}

/* How long a gate may refuse every frame, whatever its reasons, without a word. */
#define SILENCE_US (1500000u + 300000u + 400000u + 500000u)

static void one_walk(uint32_t seed, unsigned frames, unsigned *changes)
{
	struct gh_coach coach = new_coach();
	struct scene scene = fine();
	enum gh_instruction shown = GH_INSTRUCTION_NONE;
	enum gh_reason steady = GH_REASON_NONE;
	uint64_t now_us = 0, changed_us = 0, refused_us = 0;
	bool any = false;

	for (unsigned i = 0; i < frames; i++) {
		enum gh_instruction next;

		walk(&scene, &seed);
		finish(&scene, now_us);
		next = gh_coach_step(&coach, &scene.sight);
		if (next != shown) {
			assert_true(!any || now_us - changed_us >= 1500000);
			any = true;
			changed_us = now_us;
			(*changes)++;
		}
		shown = next;
		/* The same reason all the time. */
		if (scene.sight.reason != steady || steady == GH_REASON_NONE)
			refused_us = now_us;
		steady = scene.sight.reason;
		assert_true(shown != GH_INSTRUCTION_NONE || now_us - refused_us <= SILENCE_US);
		/* 5 to 60 frames a second, and some are lost. */
		now_us += 16667 + (uint64_t)(183333.0f * random_share(&seed) * random_share(&seed));
	}
}

static void random_walks_never_flicker(void **unused)
{
	const char *given = getenv("GATEHOUSE_SEED");
	uint32_t seed = given ? (uint32_t)strtoul(given, NULL, 0) : 5;
	unsigned runs = getenv("GATEHOUSE_LONG") ? 2000 : 40, changes = 0;

	(void)unused;
	printf("GATEHOUSE_SEED=%u\n", seed);
	for (unsigned run = 0; run < runs; run++)
		one_walk(seed + run, 3000, &changes);
	assert_true(changes > runs * 10);
}

/* The same scenes at 5 and at 60 frames a second end in the same words at the same time. */
static void the_frame_rate_does_not_matter(void **unused)
{
	static const uint64_t intervals_us[] = { 16667, 33333, 100000, 200000 };

	(void)unused;
	for (size_t i = 0; i < FAULTS; i++) {
		for (size_t rate = 0; rate < 4; rate++) {
			struct gh_coach coach = new_coach();
			uint64_t given_us = 0;

			for (uint64_t now_us = 0; now_us < 3000000; now_us += intervals_us[rate]) {
				struct scene scene = fine();

				faults[i].spoil(&scene);
				finish(&scene, now_us);
				gh_coach_step(&coach, &scene.sight);
				if (coach.any_shown && given_us == 0)
					given_us = now_us;
			}
			assert_in_range(given_us, 300000, 300000 + 400000 + 200000);
		}
	}
}

static void a_gap_or_a_clock_that_goes_back_is_no_standing(void **unused)
{
	struct gh_coach coach = new_coach();
	struct scene scene = fine();
	uint64_t now_us = 10000000;

	(void)unused;
	far_away(&scene);
	watch(&coach, &scene, &now_us, 200);
	now_us += 5000000;
	assert_int_equal(watch(&coach, &scene, &now_us, 200), GH_INSTRUCTION_NONE);
	now_us -= 8000000;
	assert_int_equal(watch(&coach, &scene, &now_us, 200), GH_INSTRUCTION_NONE);
	assert_int_equal(watch(&coach, &scene, &now_us, 300), GH_INSTRUCTION_COME_CLOSER);
	now_us -= 1000000;
	scene = fine();
	assert_int_equal(watch(&coach, &scene, &now_us, 3000), GH_INSTRUCTION_NONE);
}

/* Of itself coaching makes nothing of them; the gate refuses them, and its word is said. */
static void numbers_that_are_none_say_nothing(void **unused)
{
	struct gh_coach coach = new_coach();
	struct scene scene = fine();
	uint64_t now_us = 0;
	float none = strtof("nan", NULL);

	(void)unused;
	scene.quality.yaw_degrees = none;
	scene.quality.luminance_permille = none;
	scene.quality.eye_distance_px = none;
	scene.quality.sharpness_permille = none;
	scene.quality.detection = none;
	scene.sight.room.left_permille = none;
	scene.sight.lighting.around_luminance_permille = none;
	scene.sight.reason = GH_REASON_TIMEOUT;
	assert_int_equal(watch(&coach, &scene, &now_us, 2000), GH_INSTRUCTION_NONE);
	scene.sight.reason = GH_REASON_LOOKING_AWAY;
	assert_int_equal(watch(&coach, &scene, &now_us, 2000), GH_INSTRUCTION_LOOK_AT_CAMERA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_wrong_is_nothing_said),
		cmocka_unit_test(every_instruction_is_reached),
		cmocka_unit_test(the_order_holds_for_every_pair),
		cmocka_unit_test(whatever_refuses_a_frame_is_coached),
		cmocka_unit_test(darkness_without_a_face_is_no_request_to_step_in),
		cmocka_unit_test(a_suspected_attack_is_never_spoken_of),
		cmocka_unit_test(left_and_right_are_the_mirrors),
		cmocka_unit_test(a_blink_is_not_closed_eyes),
		cmocka_unit_test(an_instruction_stands_for_its_time),
		cmocka_unit_test(what_helps_less_waits_for_what_helps_more),
		cmocka_unit_test(trembling_at_a_limit_says_one_thing),
		cmocka_unit_test(random_walks_never_flicker),
		cmocka_unit_test(the_frame_rate_does_not_matter),
		cmocka_unit_test(a_gap_or_a_clock_that_goes_back_is_no_standing),
		cmocka_unit_test(numbers_that_are_none_say_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
