/* SPDX-License-Identifier: Apache-2.0 */
/* On the specimen pictures a morph's indicator lies above that of the bona fide pair. */
#include "gatehouse/vision/morph.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "gatehouse/vision/enrol.h"

#include "chain.h"
#include "support/vision/models.h"
#include "support/vision/morph.h"

/* Two pictures of one person and one of another. */
enum {
	PORTRAIT,
	LIVE,
	OTHER,
	PICTURES
};
static const char *const names[PICTURES] = { "pictures/specimen-a-1.jpg",
	"pictures/specimen-a-2.jpg", "pictures/specimen-b-1.jpg" };

static bool ready;
static struct gh_morph_parameters parameters;
static struct gh_enroller *enroller;
static struct gh_chain chain;
static struct gh_picture pictures[PICTURES];
static struct gh_point points[PICTURES][ALL_POINTS];
static struct gh_template live;

static void must(enum gh_status status, const struct gh_error *error)
{
	if (status != GH_OK)
		fail_msg("%s", error->text);
}

static bool load(int which)
{
	struct gh_bytes file = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;
	char path[4096];

	if (access(models_cache_path(names[which], path), R_OK) != 0) {
		printf("not there, so this test is skipped: %s\n", path);
		return false;
	}
	must(gh_file_read(path, GH_PICTURE_BYTES_MAX, &file, &error), &error);
	must(gh_picture_decode(gh_bytes_view(&file), &pictures[which], &error), &error);
	gh_bytes_finish(&file);
	return true;
}

static void find_points(int which)
{
	const struct gh_picture *picture = &pictures[which];
	struct gh_image image = { picture->rgb.data, picture->width_px, picture->height_px,
		3 * (size_t)picture->width_px };
	struct gh_canvas canvas = { &image, 0.0f };
	struct gh_stage stage = gh_stage_whole(&image);
	struct gh_error error = GH_ERROR_NONE;
	struct gh_description description;
	struct gh_quality quality;
	struct gh_faces faces;

	memset(&quality, 0, sizeof(quality));
	must(gh_chain_detect(&chain, &canvas, &faces, &error), &error);
	assert_true(faces.count > 0);
	must(gh_chain_describe(
		     &chain, &image, &faces.list[0], &stage, &description, &quality, &error),
		&error);
	memcpy(points[which], description.landmarks.all, sizeof(points[which]));
}

static struct gh_template enrol(const struct gh_picture *picture)
{
	struct gh_bytes jpeg = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;
	struct gh_enrolment made;

	assert_true(morph_handle(picture, MORPH_CUT, 1, &jpeg));
	must(gh_enroller_enrol(enroller, gh_bytes_view(&jpeg), &made, &error), &error);
	gh_bytes_finish(&jpeg);
	return made.reference;
}

static int setup(void **state)
{
	struct gh_extent extent = { 4096, 4096 };
	struct gh_error error = GH_ERROR_NONE;
	struct gh_vision_options options;
	char path[4096];

	(void)state;
	if (!models_options(&options) || !load(PORTRAIT) || !load(LIVE) || !load(OTHER))
		return 0;
	snprintf(path, sizeof(path), "%s/models/morph.txt", getenv("GATEHOUSE_SOURCE_DIR"));
	must(gh_morph_read(path, &parameters, &error), &error);
	must(gh_enroller_create(&options, &enroller, &error), &error);
	must(gh_chain_init(&chain, &options, extent, GH_CHAIN_PORTRAITS, &error), &error);
	for (int i = 0; i < PICTURES; i++)
		find_points(i);
	live = enrol(&pictures[LIVE]);
	ready = true;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (int i = 0; i < PICTURES; i++)
		gh_picture_finish(&pictures[i]);
	gh_enroller_destroy(enroller);
	if (ready)
		gh_chain_finish(&chain);
	return 0;
}

/* The indicator of a portrait with this share of the live person. */
static float indicator_of(enum morph_kind kind, float share)
{
	struct morph_side ground = { &pictures[OTHER], points[OTHER] };
	struct morph_side mine = { &pictures[PORTRAIT], points[PORTRAIT] };
	struct morph_recipe recipe = { kind, share };
	struct gh_picture morph;
	struct gh_template made;

	assert_true(morph_make(&ground, &mine, &recipe, &morph));
	made = enrol(&morph);
	gh_picture_finish(&morph);
	return gh_morph_indicator(&parameters, gh_template_score(&made, &live));
}

static void the_kept_file_is_of_the_usual_chain(void **state)
{
	struct gh_model_chain usual;

	(void)state;
	if (!ready)
		skip();
	gh_enroller_chain(enroller, &usual);
	assert_memory_equal(&usual, &parameters.chain, sizeof(usual));
}

static void a_morph_lies_above_the_bona_fide_pair(void **state)
{
	struct gh_template portrait;
	float bona_fide;

	(void)state;
	if (!ready)
		skip();
	portrait = enrol(&pictures[PORTRAIT]);
	bona_fide = gh_morph_indicator(&parameters, gh_template_score(&portrait, &live));
	for (int kind = MORPH_WHOLE; kind <= MORPH_SPLICED; kind++) {
		float half = indicator_of((enum morph_kind)kind, 0.5f);
		float less = indicator_of((enum morph_kind)kind, 0.3f);

		printf("kind %d: bona fide %.2f, half %.2f, three tenths %.2f\n", kind,
			(double)bona_fide, (double)half, (double)less);
		assert_true(half > bona_fide);
		assert_true(less >= half);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kept_file_is_of_the_usual_chain),
		cmocka_unit_test(a_morph_lies_above_the_bona_fide_pair),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
