/* SPDX-License-Identifier: Apache-2.0 */
/* The whole session on drawn faces: reasons, samples, bystanders, bad frames, forgetting. */
#include "gatehouse/vision/vision.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "gatehouse/vision/picture.h"
#include "support/drawn_face.h"
#include "support/vision/models.h"

enum {
	WIDTH = 1280,
	HEIGHT = 720
};

static struct gh_vision_options options;
static struct gh_vision *vision;
static uint8_t rgb[3 * WIDTH * HEIGHT];
static const struct drawn_canvas canvas = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
static uint64_t sequence;

static int setup(void **state)
{
	struct gh_error error = GH_ERROR_NONE;

	if (!models_options(&options))
		return 0;
	if (gh_vision_create(&options, &vision, &error) != GH_OK)
		fail_msg("%s", error.text);
	return 0;
}

static int teardown(void **state)
{
	gh_vision_destroy(vision);
	gh_vision_destroy(NULL);
	return 0;
}

#define NEED_MODELS() \
	do { \
		if (!vision) \
			skip(); \
	} while (0)

static void draw(float x, float y, float height)
{
	struct drawn_face face = drawn_face_usual(x, y, height);

	drawn_face_paint(&canvas, &face);
}

static void draw_alone(float x, float y, float height)
{
	drawn_fill(&canvas, 150, 155, 160);
	draw(x, y, height);
}

static struct gh_frame frame_of_canvas(void)
{
	struct gh_frame frame = models_frame(rgb, WIDTH, HEIGHT);

	frame.sequence = ++sequence;
	frame.capture_us = 1000 * sequence;
	return frame;
}

static struct gh_observation observe(void)
{
	struct gh_frame frame = frame_of_canvas();
	struct gh_observation observation;
	struct gh_error error = GH_ERROR_NONE;

	if (gh_vision_observe(vision, &frame, &observation, &error) != GH_OK)
		fail_msg("%s", error.text);
	return observation;
}

static void a_good_face_gives_a_sample_after_two_frames(void **state)
{
	struct gh_observation first, second, third;
	struct gh_picture photo;

	NEED_MODELS();
	gh_vision_wipe(vision);
	draw_alone(640, 330, 280);
	first = observe();
	assert_int_equal(first.reason, GH_REASON_NONE);
	assert_true(first.presence.occupied);
	assert_int_equal(first.presence.sequence, sequence);
	assert_int_equal(first.usable_frames, 1);
	assert_null(first.sample);
	draw_alone(644, 332, 280);
	second = observe();
	assert_int_equal(second.usable_frames, 2);
	assert_non_null(second.sample);
	assert_int_equal(second.sample->frames_averaged, 2);
	assert_int_equal(second.sample->first_us, first.presence.capture_us);
	assert_float_equal(
		gh_template_score(&second.sample->probe, &second.sample->probe), 1.0f, 1e-5f);
	assert_int_equal(gh_picture_decode((struct gh_view){ second.sample->photo,
						   second.sample->photo_length_bytes },
				 &photo, NULL),
		GH_OK);
	assert_int_equal(photo.width_px, second.sample->photo_width_px);
	assert_int_equal(photo.height_px, second.sample->photo_height_px);
	assert_true(photo.height_px > 400);
	gh_picture_finish(&photo);
	gh_sample_release(second.sample);
	/* Once: from now on frames are only looked at. */
	third = observe();
	assert_int_equal(third.reason, GH_REASON_NONE);
	assert_null(third.sample);
	assert_int_equal(third.usable_frames, 2);
}

/* One way to spoil a frame and the reason it has to give. */
struct spoilt {
	const char *name;
	enum gh_reason reason;
	bool occupied;
	void (*make)(void);
	bool comparable; /* would do if nothing better came */
};

static void empty(void)
{
	drawn_fill(&canvas, 150, 155, 160);
}

static void noise(void)
{
	drawn_fill(&canvas, 128, 128, 128);
	drawn_noise(&canvas, 7, 120);
}

static void two(void)
{
	draw_alone(480, 330, 240);
	draw(800, 330, 240);
}

static void dark(void)
{
	draw_alone(640, 330, 280);
	drawn_light(&canvas, 0.12f, 0);
}

static void night(void)
{
	draw_alone(640, 330, 280);
	drawn_light(&canvas, 0.02f, 0);
}

static void bright(void)
{
	draw_alone(640, 330, 280);
	drawn_light(&canvas, 1, 90);
}

static void white(void)
{
	draw_alone(640, 330, 280);
	drawn_light(&canvas, 1, 220);
}

static void blurred(void)
{
	draw_alone(640, 330, 280);
	drawn_blur(&canvas, 8);
}

static void far(void)
{
	draw_alone(640, 330, 85);
}

static void near(void)
{
	draw_alone(640, 360, 730);
}

static void cut(void)
{
	draw_alone(640, 60, 280);
}

static void turned(void)
{
	struct drawn_face face = drawn_face_usual(640, 330, 280);

	/* Its outline stays, so it takes more than of a head to look turned. */
	face.turn = 1.4f;
	drawn_fill(&canvas, 150, 155, 160);
	drawn_face_paint(&canvas, &face);
}

static void tilted(void)
{
	struct drawn_face face = drawn_face_usual(640, 330, 280);

	face.roll_degrees = 28;
	drawn_fill(&canvas, 150, 155, 160);
	drawn_face_paint(&canvas, &face);
}

static void beside(void)
{
	draw_alone(190, 330, 240);
}

static const struct spoilt spoilt[] = {
	{ "empty", GH_REASON_NO_FACE, false, empty, false },
	{ "noise", GH_REASON_NO_FACE, false, noise, false },
	{ "beside the zone", GH_REASON_NO_FACE, false, beside, false },
	{ "two", GH_REASON_SEVERAL_FACES, true, two, false },
	{ "dark", GH_REASON_TOO_DARK, true, dark, true },
	{ "night", GH_REASON_TOO_DARK, false, night, false },
	{ "bright", GH_REASON_TOO_BRIGHT, true, bright, false },
	{ "white", GH_REASON_TOO_BRIGHT, false, white, false },
	{ "blurred", GH_REASON_BLURRED, true, blurred, true },
	{ "far", GH_REASON_TOO_FAR, true, far, false },
	{ "near", GH_REASON_TOO_NEAR, true, near, false },
	{ "cut", GH_REASON_OUT_OF_FRAME, true, cut, false },
	{ "turned", GH_REASON_LOOKING_AWAY, true, turned, false },
	{ "tilted", GH_REASON_LOOKING_AWAY, true, tilted, false },
};

static void every_spoilt_frame_has_its_reason(void **state)
{
	NEED_MODELS();
	for (size_t i = 0; i < sizeof(spoilt) / sizeof(spoilt[0]); i++) {
		struct gh_sample *sample = (void *)1;
		struct gh_observation observation;
		enum gh_reason reason;

		gh_vision_wipe(vision);
		spoilt[i].make();
		for (int frame = 0; frame < 2; frame++) {
			observation = observe();
			if (observation.reason != spoilt[i].reason)
				fail_msg("%s: %s", spoilt[i].name,
					gh_reason_name(observation.reason));
			assert_int_equal(observation.presence.occupied, spoilt[i].occupied);
			assert_null(observation.sample);
			assert_int_equal(observation.usable_frames, 0);
		}
		assert_int_equal(gh_vision_conclude(vision, &sample, &reason, NULL), GH_OK);
		if ((sample != NULL) != spoilt[i].comparable)
			fail_msg("%s: luminance %.1f, clipped %.1f, sharpness %.1f", spoilt[i].name,
				(double)observation.quality.luminance_permille,
				(double)observation.quality.clipped_permille,
				(double)observation.quality.sharpness_permille);
		assert_int_equal(reason, spoilt[i].comparable ? GH_REASON_NONE : spoilt[i].reason);
		gh_sample_release(sample);
	}
}

/* Light alone refuses nobody, but what it spoke against gives way to what it did not. */
static void a_dark_frame_waits_for_a_better_one(void **state)
{
	struct gh_observation observation;
	struct gh_sample *sample;
	enum gh_reason reason;

	NEED_MODELS();
	gh_vision_wipe(vision);
	for (int i = 0; i < 20; i++) {
		dark();
		observation = observe();
		assert_int_equal(observation.reason, GH_REASON_TOO_DARK);
		assert_null(observation.sample);
		assert_int_equal(observation.usable_frames, 0);
	}
	draw_alone(640, 330, 280);
	observation = observe();
	assert_int_equal(observation.usable_frames, 1);
	dark();
	(void)observe();
	assert_int_equal(gh_vision_conclude(vision, &sample, &reason, NULL), GH_OK);
	assert_non_null(sample);
	assert_int_equal(sample->frames_averaged, 1);
	assert_true(sample->quality.luminance_permille > 100);
	gh_sample_release(sample);
}

static void a_bystander_is_left_out_and_covered(void **state)
{
	struct gh_observation observation;
	struct gh_sample *alone, *sample;
	struct gh_picture photo;
	enum gh_reason reason;
	size_t covered = 0;

	NEED_MODELS();
	gh_vision_wipe(vision);
	draw_alone(600, 330, 280);
	(void)observe();
	assert_int_equal(gh_vision_conclude(vision, &alone, &reason, NULL), GH_OK);
	gh_vision_wipe(vision);
	drawn_fill(&canvas, 150, 155, 160);
	draw(790, 250, 110);
	draw(600, 330, 280);
	observation = observe();
	assert_int_equal(observation.reason, GH_REASON_NONE);
	assert_int_equal(observation.presence.faces_in_zone, 1);
	assert_int_equal(observation.quality.faces_in_frame, 2);
	assert_int_equal(gh_vision_conclude(vision, &sample, &reason, NULL), GH_OK);
	assert_non_null(sample);
	assert_true(gh_template_score(&alone->probe, &sample->probe) > 0.95f);
	assert_int_equal(
		gh_picture_decode((struct gh_view){ sample->photo, sample->photo_length_bytes },
			&photo, NULL),
		GH_OK);
	for (size_t i = 0; i < photo.rgb.length_bytes; i += 3) {
		const uint8_t *at = photo.rgb.data + i;

		covered += abs(at[0] - 128) < 6 && abs(at[1] - 128) < 6 && abs(at[2] - 128) < 6;
	}
	assert_true(covered > 3000);
	gh_picture_finish(&photo);
	gh_sample_release(alone);
	gh_sample_release(sample);
}

static void looking_computes_presence_only(void **state)
{
	struct gh_frame frame;
	struct gh_presence presence;
	struct gh_sample *sample;
	enum gh_reason reason;

	NEED_MODELS();
	gh_vision_wipe(vision);
	draw_alone(640, 330, 280);
	for (int i = 0; i < 3; i++) {
		frame = frame_of_canvas();
		assert_int_equal(gh_vision_look(vision, &frame, &presence, NULL), GH_OK);
		assert_true(presence.occupied);
		assert_int_equal(presence.faces_in_zone, 1);
		assert_int_equal(presence.capture_us, frame.capture_us);
	}
	assert_int_equal(gh_vision_conclude(vision, &sample, &reason, NULL), GH_OK);
	assert_null(sample);
	assert_int_equal(reason, GH_REASON_NO_FACE);
}

static void a_short_capture_concludes_with_what_there_is(void **state)
{
	struct gh_sample *sample, *none = (void *)1;
	enum gh_reason reason = GH_REASON_BLURRED;

	NEED_MODELS();
	gh_vision_wipe(vision);
	draw_alone(640, 330, 280);
	(void)observe();
	assert_int_equal(gh_vision_conclude(vision, &sample, &reason, NULL), GH_OK);
	assert_non_null(sample);
	assert_int_equal(sample->frames_averaged, 1);
	assert_int_equal(reason, GH_REASON_NONE);
	assert_int_equal(gh_vision_conclude(vision, &none, &reason, NULL), GH_OK);
	assert_null(none);
	assert_int_equal(reason, GH_REASON_NONE);
	gh_sample_release(sample);
}

static struct gh_sample *sample_of_passage(void)
{
	struct gh_sample *sample;
	enum gh_reason reason;

	gh_vision_wipe(vision);
	draw_alone(640, 330, 280);
	(void)observe();
	assert_int_equal(gh_vision_conclude(vision, &sample, &reason, NULL), GH_OK);
	return sample;
}

static void a_lane_that_keeps_samples_is_told(void **state)
{
	struct gh_sample *kept[3], *more;
	struct gh_observation observation;
	enum gh_reason reason;

	NEED_MODELS();
	for (int i = 0; i < 3; i++)
		kept[i] = sample_of_passage();
	gh_vision_wipe(vision);
	(void)observe();
	observation = observe();
	assert_null(observation.sample);
	assert_int_equal(gh_vision_conclude(vision, &more, &reason, NULL), GH_BUSY);
	assert_null(more);
	/* Nothing was lost: it comes as soon as there is room. */
	gh_sample_release(kept[0]);
	observation = observe();
	assert_non_null(observation.sample);
	gh_sample_release(observation.sample);
	gh_sample_release(kept[1]);
	gh_sample_release(kept[2]);
}

/* After a wipe the same frames give the same values as on the first day. */
static void a_passage_leaves_no_trace_in_the_next(void **state)
{
	struct gh_sample *fresh, *later;

	NEED_MODELS();
	fresh = sample_of_passage();
	gh_vision_wipe(vision);
	two();
	(void)observe();
	turned();
	(void)observe();
	later = sample_of_passage();
	assert_memory_equal(&fresh->probe, &later->probe, sizeof(fresh->probe));
	assert_memory_equal(fresh->photo, later->photo, fresh->photo_length_bytes);
	gh_sample_release(fresh);
	gh_sample_release(later);
}

static void all_formats_lead_to_the_same_person(void **state)
{
	static uint8_t other[3 * WIDTH * HEIGHT];
	struct gh_sample *wanted, *found;
	struct gh_observation observation;
	struct gh_picture picture = { WIDTH, HEIGHT, GH_BYTES_EMPTY };
	struct gh_frame frame;
	size_t length = sizeof(other);
	enum gh_reason reason;

	NEED_MODELS();
	wanted = sample_of_passage();
	gh_vision_wipe(vision);
	frame = frame_of_canvas();
	assert_int_equal(gh_bytes_append(&picture.rgb, rgb, sizeof(rgb), NULL), GH_OK);
	assert_int_equal(gh_picture_encode_jpeg(&picture, 90, other, &length, NULL), GH_OK);
	gh_picture_finish(&picture);
	frame.format = GH_PIXEL_MJPEG;
	frame.planes[0] = (struct gh_plane){ other, 0, (uint32_t)length };
	assert_int_equal(gh_vision_observe(vision, &frame, &observation, NULL), GH_OK);
	assert_int_equal(observation.reason, GH_REASON_NONE);
	assert_int_equal(gh_vision_conclude(vision, &found, &reason, NULL), GH_OK);
	assert_true(gh_template_score(&wanted->probe, &found->probe) > 0.97f);
	gh_sample_release(found);
	gh_vision_wipe(vision);
	frame.format = GH_PIXEL_GREY;
	for (size_t i = 0; i < WIDTH * HEIGHT; i++)
		other[i] =
			(uint8_t)((77 * rgb[3 * i] + 151 * rgb[3 * i + 1] + 28 * rgb[3 * i + 2]) >>
				8);
	frame.planes[0] = (struct gh_plane){ other, WIDTH, WIDTH * HEIGHT };
	assert_int_equal(gh_vision_observe(vision, &frame, &observation, NULL), GH_OK);
	assert_int_equal(observation.reason, GH_REASON_NONE);
	gh_sample_release(wanted);
}

static void bad_frames_are_refused_and_the_next_good_one_works(void **state)
{
	struct gh_observation observation;
	struct gh_presence presence;
	struct gh_frame frame;
	uint8_t garbage[4096];

	NEED_MODELS();
	gh_vision_wipe(vision);
	draw_alone(640, 330, 280);
	frame = frame_of_canvas();
	frame.planes[0].length_bytes = 5;
	assert_int_equal(gh_vision_observe(vision, &frame, &observation, NULL), GH_MALFORMED);
	assert_false(observation.presence.occupied);
	frame = frame_of_canvas();
	frame.damaged = true;
	assert_int_equal(gh_vision_look(vision, &frame, &presence, NULL), GH_MALFORMED);
	frame = frame_of_canvas();
	frame.width_px = 1282;
	assert_int_not_equal(gh_vision_look(vision, &frame, &presence, NULL), GH_OK);
	for (size_t i = 0; i < sizeof(garbage); i++)
		garbage[i] = (uint8_t)(i * i >> 3);
	for (int head = 0; head < 2; head++) {
		frame = frame_of_canvas();
		frame.format = GH_PIXEL_MJPEG;
		frame.planes[0] = (struct gh_plane){ garbage, 0, sizeof(garbage) };
		assert_int_equal(
			gh_vision_observe(vision, &frame, &observation, NULL), GH_MALFORMED);
		memcpy(garbage, "\xff\xd8\xff\xe0", 4);
	}
	assert_int_equal(observe().reason, GH_REASON_NONE);
}

static enum gh_status create(const struct gh_vision_options *changed)
{
	struct gh_vision *other = (void *)1;
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = gh_vision_create(changed, &other, &error);

	if (status == GH_OK) {
		gh_vision_destroy(other);
		return status;
	}
	assert_null(other);
	assert_int_equal(error.status, status);
	printf("refused: %s\n", error.text);
	return status;
}

static void wrong_settings_are_refused(void **state)
{
	struct gh_vision_options changed;

	NEED_MODELS();
	changed = options;
	changed.engine = "tensors-r-us";
	assert_int_equal(create(&changed), GH_UNSUPPORTED);
	changed = options;
	changed.models_manifest = "/nonexistent/MANIFEST";
	assert_int_equal(create(&changed), GH_NOT_FOUND);
	changed = options;
	changed.models_directory = "/nonexistent";
	assert_int_equal(create(&changed), GH_NOT_FOUND);
	changed = options;
	changed.models_directory = NULL;
	assert_int_equal(create(&changed), GH_SETTINGS);
	changed = options;
	changed.engine_library = "/nonexistent/libonnxruntime.so.1.28.0";
	assert_int_equal(create(&changed), GH_NOT_FOUND);
	changed = options;
	changed.zone.left_permille = 900;
	assert_int_equal(create(&changed), GH_SETTINGS);
	changed = options;
	changed.frames_max = 0;
	assert_int_equal(create(&changed), GH_SETTINGS);
	changed = options;
	changed.width_max_px = 100000;
	assert_int_equal(create(&changed), GH_SETTINGS);
}

/* One model replaced in a folder of its own; the others are links to the real ones. */
static enum gh_status create_with_model(const char *name, struct gh_view content)
{
	static const char *const names[] = { "fr_detect", "fr_landmark", "fr_feature", "fr_pose",
		"fr_eye", "fr_liveness", "centerface" };
	const size_t count = sizeof(names) / sizeof(names[0]);
	char folder[] = "/tmp/gatehouse-vision-XXXXXX";
	struct gh_vision_options changed = options;
	char from[4096], to[4096];
	enum gh_status status;

	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < count; i++) {
		snprintf(from, sizeof(from), "%s/%s.onnx", options.models_directory, names[i]);
		snprintf(to, sizeof(to), "%s/%s.onnx", folder, names[i]);
		if (!strcmp(names[i], name))
			assert_int_equal(gh_file_replace(to, content, 0644, NULL), GH_OK);
		else
			assert_int_equal(symlink(from, to), 0);
	}
	changed.models_directory = folder;
	status = create(&changed);
	for (size_t i = 0; i < count; i++) {
		snprintf(to, sizeof(to), "%s/%s.onnx", folder, names[i]);
		unlink(to);
	}
	rmdir(folder);
	return status;
}

static void a_replaced_model_is_refused(void **state)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	char path[4096];

	NEED_MODELS();
	models_cache_path("models/fr_feature.onnx", path);
	assert_int_equal(gh_file_read(path, 64u << 20, &bytes, NULL), GH_OK);
	assert_int_equal(create_with_model("fr_feature", gh_bytes_view(&bytes)), GH_OK);
	bytes.data[bytes.length_bytes / 2] ^= 1;
	assert_int_equal(create_with_model("fr_feature", gh_bytes_view(&bytes)), GH_INTEGRITY);
	bytes.length_bytes--;
	assert_int_equal(create_with_model("fr_feature", gh_bytes_view(&bytes)), GH_INTEGRITY);
	assert_int_equal(
		create_with_model("fr_detect", gh_view_of_text("not a network")), GH_INTEGRITY);
	assert_int_equal(
		create_with_model("fr_liveness", gh_view_of_text("not a network")), GH_INTEGRITY);
	gh_bytes_finish(&bytes);
}

static void engines_name_themselves(void **state)
{
	struct gh_vision_options changed = options;
	struct gh_vision *other;

	NEED_MODELS();
	assert_string_equal(gh_vision_engine_name(vision), "onnxruntime 1.28.0");
	changed.engine = "opencv";
	assert_int_equal(gh_vision_create(&changed, &other, NULL), GH_OK);
	assert_memory_equal(gh_vision_engine_name(other), "opencv 4.", 9);
	gh_vision_destroy(other);
}

static void a_sample_outlives_its_session(void **state)
{
	struct gh_vision *first = vision;
	struct gh_sample *sample;

	NEED_MODELS();
	assert_int_equal(gh_vision_create(&options, &vision, NULL), GH_OK);
	sample = sample_of_passage();
	gh_vision_destroy(vision);
	vision = first;
	assert_true(sample->photo_length_bytes > 1000);
	gh_sample_release(sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_face_gives_a_sample_after_two_frames),
		cmocka_unit_test(every_spoilt_frame_has_its_reason),
		cmocka_unit_test(a_dark_frame_waits_for_a_better_one),
		cmocka_unit_test(a_bystander_is_left_out_and_covered),
		cmocka_unit_test(looking_computes_presence_only),
		cmocka_unit_test(a_short_capture_concludes_with_what_there_is),
		cmocka_unit_test(a_lane_that_keeps_samples_is_told),
		cmocka_unit_test(a_passage_leaves_no_trace_in_the_next),
		cmocka_unit_test(all_formats_lead_to_the_same_person),
		cmocka_unit_test(bad_frames_are_refused_and_the_next_good_one_works),
		cmocka_unit_test(wrong_settings_are_refused),
		cmocka_unit_test(a_replaced_model_is_refused),
		cmocka_unit_test(engines_name_themselves),
		cmocka_unit_test(a_sample_outlives_its_session),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
