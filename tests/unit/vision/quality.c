/* SPDX-License-Identifier: Apache-2.0 */
/* Each limit has its reason, in the order in which they are told, and its pull on the utility. */
#include "gatehouse/vision/quality.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

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

/* One fault each, and the reason it has to give. In the order in which reasons win. */
struct fault {
	enum gh_reason reason;
	void (*spoil)(struct gh_quality *);
};

static void nobody(struct gh_quality *q)
{
	q->faces_in_zone = 0;
}

static void crowd(struct gh_quality *q)
{
	q->faces_in_zone = 2;
}

static void cut(struct gh_quality *q)
{
	q->edge_margin_permille = -1;
}

static void distant(struct gh_quality *q)
{
	q->eye_distance_px = 39;
}

static void close_up(struct gh_quality *q)
{
	q->face_height_permille = 801;
}

static void yaw(struct gh_quality *q)
{
	q->yaw_degrees = -25.5f;
}

static void pitch(struct gh_quality *q)
{
	q->pitch_degrees = 30.5f;
}

static void roll(struct gh_quality *q)
{
	q->roll_degrees = 20.5f;
}

static void dark(struct gh_quality *q)
{
	q->luminance_permille = 14;
}

static void bright(struct gh_quality *q)
{
	q->luminance_permille = 801;
}

static void clipped_dark(struct gh_quality *q)
{
	q->clipped_permille = 501;
}

static void clipped_bright(struct gh_quality *q)
{
	q->clipped_permille = 501;
	q->luminance_permille = 600;
}

static void blurred(struct gh_quality *q)
{
	q->sharpness_permille = 119;
}

static void closed(struct gh_quality *q)
{
	q->eyes_open_permille = 349;
}

static void covered(struct gh_quality *q)
{
	q->detection = 0.89f;
}

static const struct fault faults[] = {
	{ GH_REASON_NO_FACE, nobody },
	{ GH_REASON_SEVERAL_FACES, crowd },
	{ GH_REASON_OUT_OF_FRAME, cut },
	{ GH_REASON_TOO_FAR, distant },
	{ GH_REASON_TOO_NEAR, close_up },
	{ GH_REASON_LOOKING_AWAY, yaw },
	{ GH_REASON_LOOKING_AWAY, pitch },
	{ GH_REASON_LOOKING_AWAY, roll },
	{ GH_REASON_TOO_DARK, dark },
	{ GH_REASON_TOO_BRIGHT, bright },
	{ GH_REASON_TOO_DARK, clipped_dark },
	{ GH_REASON_TOO_BRIGHT, clipped_bright },
	{ GH_REASON_BLURRED, blurred },
	{ GH_REASON_EYES_CLOSED, closed },
	{ GH_REASON_COVERED, covered },
};

#define FAULTS (sizeof(faults) / sizeof(faults[0]))

static void a_good_face_has_no_reason(void **state)
{
	struct gh_quality_limits limits = gh_quality_limits_default();
	struct gh_quality quality = good();

	assert_int_equal(gh_quality_reason(&quality, &limits), GH_REASON_NONE);
	assert_in_range(gh_quality_utility_permille(&quality, &limits), 950, 1000);
}

static void each_fault_has_its_reason(void **state)
{
	struct gh_quality_limits limits = gh_quality_limits_default();

	for (size_t i = 0; i < FAULTS; i++) {
		struct gh_quality quality = good();

		faults[i].spoil(&quality);
		assert_int_equal(gh_quality_reason(&quality, &limits), faults[i].reason);
	}
}

/* A turned head brings the eyes together: that is pose, not distance. */
static void a_turned_head_is_not_sent_nearer(void **state)
{
	struct gh_quality_limits limits = gh_quality_limits_default();
	struct gh_quality quality = good();

	distant(&quality);
	yaw(&quality);
	assert_int_equal(gh_quality_reason(&quality, &limits), GH_REASON_LOOKING_AWAY);
}

static void the_more_helpful_reason_wins(void **state)
{
	struct gh_quality_limits limits = gh_quality_limits_default();
	static const size_t order[] = { 0, 1, 4, 2, 5, 8, 12, 13, 14 };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		for (size_t j = i + 1; j < sizeof(order) / sizeof(order[0]); j++) {
			struct gh_quality quality = good();

			faults[order[j]].spoil(&quality);
			faults[order[i]].spoil(&quality);
			assert_int_equal(
				gh_quality_reason(&quality, &limits), faults[order[i]].reason);
		}
}

static void values_at_a_limit_are_within(void **state)
{
	struct gh_quality_limits limits = gh_quality_limits_default();
	struct gh_quality quality = good();

	quality.eye_distance_px = limits.eye_distance_min_px;
	quality.face_height_permille = limits.face_height_max_permille;
	quality.yaw_degrees = limits.yaw_max_degrees;
	quality.pitch_degrees = -limits.pitch_max_degrees;
	quality.roll_degrees = limits.roll_max_degrees;
	quality.sharpness_permille = limits.sharpness_min_permille;
	quality.luminance_permille = limits.luminance_min_permille;
	quality.eyes_open_permille = limits.eyes_open_min_permille;
	quality.edge_margin_permille = limits.edge_margin_min_permille;
	quality.detection = limits.detection_min;
	assert_int_equal(gh_quality_reason(&quality, &limits), GH_REASON_NONE);
}

static void what_was_not_assessed_is_not_held_against_anyone(void **state)
{
	struct gh_quality_limits limits = gh_quality_limits_default();
	struct gh_quality quality = good();
	uint32_t assessed = gh_quality_utility_permille(&quality, &limits);

	quality.eyes_open_permille = GH_QUALITY_NOT_ASSESSED;
	assert_int_equal(gh_quality_reason(&quality, &limits), GH_REASON_NONE);
	assert_int_equal(gh_quality_utility_permille(&quality, &limits), assessed);
}

/* Light and sharpness alone refuse nobody, unless nothing could be compared. */
static void only_what_cannot_be_compared_is_refused_for_light_or_blur(void **state)
{
	struct gh_quality_limits limits = gh_quality_limits_default();
	struct gh_quality quality;

	for (size_t i = 0; i < FAULTS; i++) {
		enum gh_reason reason = faults[i].reason;

		quality = good();
		faults[i].spoil(&quality);
		assert_int_equal(gh_quality_comparable(&quality, &limits),
			reason == GH_REASON_TOO_DARK || reason == GH_REASON_TOO_BRIGHT ||
				reason == GH_REASON_BLURRED);
	}
	quality = good();
	assert_true(gh_quality_comparable(&quality, &limits));
	quality.luminance_permille = 2.9f;
	assert_false(gh_quality_comparable(&quality, &limits));
	quality.luminance_permille = 961;
	assert_false(gh_quality_comparable(&quality, &limits));
	quality = good();
	quality.sharpness_permille = 59;
	assert_false(gh_quality_comparable(&quality, &limits));
	quality = good();
	quality.clipped_permille = 801;
	assert_false(gh_quality_comparable(&quality, &limits));
	/* Who sets limits that are wider still is not narrowed. */
	limits.sharpness_min_permille = 0;
	limits.luminance_min_permille = 0;
	limits.luminance_max_permille = 1000;
	quality = good();
	quality.sharpness_permille = 1;
	quality.luminance_permille = 999;
	assert_true(gh_quality_comparable(&quality, &limits));
}

static void what_is_no_number_passes_no_limit(void **state)
{
	struct gh_quality_limits limits = gh_quality_limits_default();
	static const size_t offsets[] = { offsetof(struct gh_quality, detection),
		offsetof(struct gh_quality, eye_distance_px),
		offsetof(struct gh_quality, face_height_permille),
		offsetof(struct gh_quality, yaw_degrees),
		offsetof(struct gh_quality, pitch_degrees),
		offsetof(struct gh_quality, roll_degrees),
		offsetof(struct gh_quality, sharpness_permille),
		offsetof(struct gh_quality, luminance_permille),
		offsetof(struct gh_quality, edge_margin_permille) };

	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		struct gh_quality quality = good();
		const float none = NAN;

		memcpy((char *)&quality + offsets[i], &none, sizeof(none));
		assert_int_not_equal(gh_quality_reason(&quality, &limits), GH_REASON_NONE);
		assert_false(gh_quality_comparable(&quality, &limits));
	}
}

static void every_measured_fault_lowers_the_utility(void **state)
{
	struct gh_quality_limits limits = gh_quality_limits_default();
	struct gh_quality quality = good();
	uint32_t best = gh_quality_utility_permille(&quality, &limits);

	for (size_t i = 0; i < FAULTS; i++) {
		if (faults[i].spoil == nobody || faults[i].spoil == crowd ||
			faults[i].spoil == cut || faults[i].spoil == close_up ||
			faults[i].spoil == bright)
			continue; /* a gate, no degree of usefulness */
		quality = good();
		faults[i].spoil(&quality);
		assert_true(gh_quality_utility_permille(&quality, &limits) < best);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_face_has_no_reason),
		cmocka_unit_test(each_fault_has_its_reason),
		cmocka_unit_test(a_turned_head_is_not_sent_nearer),
		cmocka_unit_test(the_more_helpful_reason_wins),
		cmocka_unit_test(values_at_a_limit_are_within),
		cmocka_unit_test(what_was_not_assessed_is_not_held_against_anyone),
		cmocka_unit_test(only_what_cannot_be_compared_is_refused_for_light_or_blur),
		cmocka_unit_test(what_is_no_number_passes_no_limit),
		cmocka_unit_test(every_measured_fault_lowers_the_utility),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
