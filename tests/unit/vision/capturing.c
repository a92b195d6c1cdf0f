/* SPDX-License-Identifier: Apache-2.0 */
/* Which frames are kept, when a capture ends, and what it gives. */
#include "capturing.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "photo.h"

static struct gh_capturing capturing;

static int setup(void **state)
{
	struct gh_vision_options options = gh_vision_options_default();

	options.frames_min = 2;
	options.frames_max = 3;
	options.limits.enough_permille = 600;
	return gh_capturing_init(&capturing, &options, NULL) != GH_OK;
}

static int teardown(void **state)
{
	gh_capturing_finish(&capturing);
	return 0;
}

/* Person 0, 1 ... at a slight angle, so that frames of one differ. */
static struct gh_take take_of(uint32_t person, float angle, uint32_t utility, uint64_t us)
{
	struct gh_take take = { .utility_permille = utility, .capture_us = us };

	take.probe.values[person] = cosf(angle);
	take.probe.values[100 + person] = sinf(angle);
	take.quality.eye_distance_px = (float)utility;
	return take;
}

static bool add(uint32_t person, float angle, uint32_t utility, uint64_t us)
{
	struct gh_take take = take_of(person, angle, utility, us);
	bool best = gh_capturing_add(&capturing, &take);

	if (best) { /* as the session does */
		capturing.photo.width_px = 80;
		capturing.photo.height_px = 100;
		capturing.photo.rgb.length_bytes = 3 * 80 * 100;
		memset(capturing.photo.rgb.data, (int)(utility / 10),
			capturing.photo.rgb.length_bytes);
	}
	return best;
}

static void settings_that_make_no_sense_are_refused(void **state)
{
	static const uint32_t wrong[][2] = { { 0, 3 }, { 4, 3 }, { 1, 9 } };

	for (size_t i = 0; i < 3; i++) {
		struct gh_vision_options options = gh_vision_options_default();
		struct gh_capturing other;

		options.frames_min = wrong[i][0];
		options.frames_max = wrong[i][1];
		assert_int_equal(gh_capturing_init(&other, &options, NULL), GH_SETTINGS);
	}
}

static void good_frames_end_a_capture_at_the_least_number(void **state)
{
	assert_true(add(0, 0, 700, 10));
	assert_false(gh_capturing_enough(&capturing));
	assert_false(add(0, 0.1f, 650, 20));
	assert_true(gh_capturing_enough(&capturing));
}

static void poor_frames_end_it_at_twice_the_most(void **state)
{
	for (int i = 0; i < 5; i++) {
		(void)add(0, 0, 300, 10);
		assert_false(gh_capturing_enough(&capturing));
	}
	(void)add(0, 0, 300, 10);
	assert_true(gh_capturing_enough(&capturing));
}

static void the_best_frames_are_averaged(void **state)
{
	struct gh_sample *sample = calloc(1, sizeof(*sample));

	assert_non_null(sample);
	gh_capturing_begin(&capturing, 5);
	(void)add(0, 0.3f, 100, 10);
	assert_true(add(0, 0.0f, 500, 20));
	(void)add(0, 0.1f, 400, 30);
	(void)add(0, 0.2f, 450, 40);
	assert_int_equal(gh_capturing_conclude(&capturing, sample, NULL), GH_OK);
	assert_int_equal(sample->frames_averaged, 3);
	/* Mean direction of 0, .1 and .2, without the worst at .3. */
	assert_float_equal(atan2f(sample->probe.values[100], sample->probe.values[0]), 0.1f, 1e-4f);
	assert_int_equal(sample->utility_permille, 500);
	assert_float_equal(sample->quality.eye_distance_px, 500, 0);
	assert_int_equal(sample->first_us, 5);
	assert_int_equal(sample->best_us, 20);
	assert_true(sample->done_us > 0);
	assert_int_equal(sample->photo_width_px, 80);
	assert_true(sample->photo_length_bytes > 100);
	assert_memory_equal(sample->photo, "\xff\xd8\xff", 3);
	/* It is over: no second sample. */
	assert_false(gh_capturing_enough(&capturing));
	free(sample);
}

/* Somebody else steps in: what was kept of the first person must not be mixed in. */
static void two_people_are_never_averaged(void **state)
{
	struct gh_sample *sample = calloc(1, sizeof(*sample));

	assert_non_null(sample);
	gh_capturing_begin(&capturing, 1);
	(void)add(0, 0, 900, 10);
	assert_true(add(1, 0, 400, 20));
	assert_int_equal(capturing.usable, 1);
	(void)add(1, 0.1f, 650, 30);
	assert_true(gh_capturing_enough(&capturing));
	assert_int_equal(gh_capturing_conclude(&capturing, sample, NULL), GH_OK);
	assert_int_equal(sample->frames_averaged, 2);
	assert_float_equal(sample->probe.values[0], 0, 0);
	assert_int_equal(sample->first_us, 20);
	free(sample);
}

static void the_most_frequent_reason_is_told(void **state)
{
	assert_int_equal(gh_capturing_reason(&capturing), GH_REASON_NO_FACE);
	gh_capturing_note(&capturing, GH_REASON_NO_FACE);
	gh_capturing_note(&capturing, GH_REASON_BLURRED);
	gh_capturing_note(&capturing, GH_REASON_BLURRED);
	for (int i = 0; i < 9; i++)
		gh_capturing_note(&capturing, GH_REASON_NONE);
	assert_int_equal(gh_capturing_reason(&capturing), GH_REASON_BLURRED);
	gh_capturing_note(&capturing, (enum gh_reason)9999);
}

static bool all_zero(const void *memory, size_t length)
{
	const uint8_t *bytes = memory;

	for (size_t i = 0; i < length; i++)
		if (bytes[i])
			return false;
	return true;
}

static void a_wiped_capture_remembers_nothing(void **state)
{
	gh_capturing_begin(&capturing, 7);
	gh_capturing_note(&capturing, GH_REASON_BLURRED);
	(void)add(0, 0.2f, 700, 10);
	(void)add(0, 0.3f, 800, 10);
	gh_capturing_wipe(&capturing);
	assert_true(all_zero(capturing.takes, sizeof(capturing.takes)));
	assert_true(all_zero(capturing.photo.rgb.data, capturing.photo.rgb.capacity_bytes));
	assert_true(all_zero(capturing.reasons, sizeof(capturing.reasons)));
	assert_int_equal(capturing.usable, 0);
	assert_false(capturing.begun);
	assert_int_equal(gh_capturing_reason(&capturing), GH_REASON_NO_FACE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_that_make_no_sense_are_refused),
		cmocka_unit_test_setup_teardown(
			good_frames_end_a_capture_at_the_least_number, setup, teardown),
		cmocka_unit_test_setup_teardown(
			poor_frames_end_it_at_twice_the_most, setup, teardown),
		cmocka_unit_test_setup_teardown(the_best_frames_are_averaged, setup, teardown),
		cmocka_unit_test_setup_teardown(two_people_are_never_averaged, setup, teardown),
		cmocka_unit_test_setup_teardown(the_most_frequent_reason_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wiped_capture_remembers_nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
