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

/* What the gallery would say of an average, and what it was asked. */
static bool answer;
static uint32_t asked, asked_frames;
static float asked_angle;

static bool ask(void *ctx, const struct gh_template *average, uint32_t frames)
{
	assert_ptr_equal(ctx, &answer);
	asked++;
	asked_frames = frames;
	asked_angle = atan2f(average->values[100], average->values[0]);
	return answer;
}

static int setup_asking(void **state)
{
	struct gh_vision_options options = gh_vision_options_default();

	options.frames_min = 1;
	options.frames_max = 3;
	options.limits.enough_permille = 600;
	options.enough = ask;
	options.enough_ctx = &answer;
	asked = 0;
	answer = false;
	return gh_capturing_init(&capturing, &options, NULL) != GH_OK;
}

static void a_clear_answer_ends_a_capture_at_once(void **state)
{
	answer = true;
	(void)add(0, 0.2f, 700, 10);
	assert_true(gh_capturing_enough(&capturing));
	assert_int_equal(asked, 1);
	assert_int_equal(asked_frames, 1);
}

static void a_doubtful_answer_takes_all_frames(void **state)
{
	(void)add(0, 0.2f, 700, 10);
	assert_false(gh_capturing_enough(&capturing));
	(void)add(0, 0.0f, 800, 20);
	assert_false(gh_capturing_enough(&capturing));
	assert_int_equal(asked_frames, 2);
	assert_float_equal(asked_angle, 0.1f, 1e-4f);
	(void)add(0, 0.1f, 700, 30);
	/* There is nothing more to ask. */
	assert_true(gh_capturing_enough(&capturing));
	assert_int_equal(asked, 2);
}

/* A clear match on a picture that is not fit for the record waits for a better one. */
static void a_poor_frame_is_not_asked_about(void **state)
{
	answer = true;
	(void)add(0, 0.0f, 300, 10);
	assert_false(gh_capturing_enough(&capturing));
	assert_int_equal(asked, 0);
	(void)add(0, 0.0f, 700, 20);
	assert_true(gh_capturing_enough(&capturing));
	assert_int_equal(asked_frames, 2);
}

/* Noise does not compress: the picture gives way, the limit does not. */
static void the_photograph_stays_under_its_size(void **state)
{
	static const uint32_t limits[] = { 16 * 1024, 40 * 1024, 100 * 1024, GH_PHOTO_BYTES_MAX };
	struct gh_sample *sample = calloc(1, sizeof(*sample));
	size_t last = 0;

	assert_non_null(sample);
	for (size_t i = 0; i < 4; i++) {
		struct gh_vision_options options = gh_vision_options_default();
		uint32_t random = 1;

		options.photo_bytes_max = limits[i];
		assert_int_equal(gh_capturing_init(&capturing, &options, NULL), GH_OK);
		(void)add(0, 0, 900, 10);
		capturing.photo.width_px = PHOTO_WIDTH_MAX_PX;
		capturing.photo.height_px = PHOTO_HEIGHT_MAX_PX;
		capturing.photo.rgb.length_bytes = 3 * PHOTO_WIDTH_MAX_PX * PHOTO_HEIGHT_MAX_PX;
		for (size_t k = 0; k < capturing.photo.rgb.length_bytes; k++)
			capturing.photo.rgb.data[k] =
				(uint8_t)((random = 1664525u * random + 1013904223u) >> 24);
		memset(sample, 0, sizeof(*sample));
		assert_int_equal(gh_capturing_conclude(&capturing, sample, NULL), GH_OK);
		assert_in_range(sample->photo_length_bytes, last + 1, limits[i]);
		assert_int_equal(sample->photo_width_px * 5, sample->photo_height_px * 4);
		last = sample->photo_length_bytes;
		gh_capturing_finish(&capturing);
	}
	free(sample);
}

static bool has_segment(const struct gh_sample *sample, uint8_t marker)
{
	for (size_t i = 2; i + 4 < sample->photo_length_bytes && sample->photo[i] == 0xff;) {
		if (sample->photo[i + 1] == marker)
			return true;
		if (sample->photo[i + 1] == 0xda)
			break;
		i += 2 + ((size_t)sample->photo[i + 2] << 8 | sample->photo[i + 3]);
	}
	return false;
}

/* EXIF and comments could tell where, when and with what. */
static void the_photograph_says_nothing_but_pixels(void **state)
{
	struct gh_sample *sample = calloc(1, sizeof(*sample));

	assert_non_null(sample);
	(void)add(0, 0, 900, 10);
	assert_int_equal(gh_capturing_conclude(&capturing, sample, NULL), GH_OK);
	assert_true(has_segment(sample, 0xc0));
	for (uint8_t marker = 0xe1; marker <= 0xef; marker++)
		assert_false(has_segment(sample, marker));
	assert_false(has_segment(sample, 0xfe));
	free(sample);
}

static void photograph_sizes_that_make_no_sense_are_refused(void **state)
{
	static const uint32_t wrong[] = { 0, 16 * 1024 - 1, GH_PHOTO_BYTES_MAX + 1 };

	for (size_t i = 0; i < 3; i++) {
		struct gh_vision_options options = gh_vision_options_default();
		struct gh_capturing other;

		options.photo_bytes_max = wrong[i];
		assert_int_equal(gh_capturing_init(&other, &options, NULL), GH_SETTINGS);
	}
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
		cmocka_unit_test_setup_teardown(
			a_clear_answer_ends_a_capture_at_once, setup_asking, teardown),
		cmocka_unit_test_setup_teardown(
			a_doubtful_answer_takes_all_frames, setup_asking, teardown),
		cmocka_unit_test_setup_teardown(
			a_poor_frame_is_not_asked_about, setup_asking, teardown),
		cmocka_unit_test(the_photograph_stays_under_its_size),
		cmocka_unit_test_setup_teardown(
			the_photograph_says_nothing_but_pixels, setup, teardown),
		cmocka_unit_test(photograph_sizes_that_make_no_sense_are_refused),
		cmocka_unit_test_setup_teardown(two_people_are_never_averaged, setup, teardown),
		cmocka_unit_test_setup_teardown(the_most_frequent_reason_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wiped_capture_remembers_nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
