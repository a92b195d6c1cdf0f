/* SPDX-License-Identifier: Apache-2.0 */
/* Both engines give the same values on real faces, network by network, within 1e-4. */
#include <dirent.h>
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
#include "gatehouse/vision/picture.h"

#include "chain.h"
#include "confirm.h"
#include "support/vision/models.h"
#include "support/vision/shipped.h"

/* In units of the largest value of each output, so that all networks are held equally. */
#define TOLERANCE 1e-4f

enum {
	PICTURES_MAX = 64
};

static struct gh_vision_options options;
static bool ready;
static char *pictures[PICTURES_MAX];
static size_t count;

static void add_folder(const char *folder, size_t limit)
{
	struct dirent **entries = NULL;
	int found = scandir(folder, &entries, NULL, alphasort);

	for (int i = 0; i < found; i++) {
		char path[8192];

		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.' && count < limit && count < PICTURES_MAX)
			pictures[count++] = strdup(path);
		free(entries[i]);
	}
	free(entries);
}

/* The demo's pictures, and the first of every hundredth person of the test data. */
static int setup(void **state)
{
	char path[4096];
	struct dirent **people = NULL;
	int found;

	ready = models_options(&options);
	add_folder(models_cache_path("pictures", path), PICTURES_MAX);
	found = scandir(models_data_path("faces/images", path), &people, NULL, alphasort);
	for (int i = 0; i < found; i++) {
		char folder[8192];

		snprintf(folder, sizeof(folder), "%s/%s", path, people[i]->d_name);
		if (people[i]->d_name[0] != '.' && i % 100 == 50)
			add_folder(folder, count + 1);
		free(people[i]);
	}
	free(people);
	printf("%zu pictures\n", count);
	return 0;
}

static int teardown(void **state)
{
	while (count > 0)
		free(pictures[--count]);
	return 0;
}

static void start(struct gh_chain *chain, const char *engine, const char *set)
{
	struct gh_vision_options changed = options;
	struct gh_error error = GH_ERROR_NONE;

	changed.engine = engine;
	changed.model_set = set;
	if (gh_chain_init(chain, &changed, (struct gh_extent){ 4096, 4096 }, GH_CHAIN_LIVE,
		    &error) != GH_OK)
		fail_msg("%s", error.text);
}

/*
 * CenterFace says something about every cell, which is only read where its heat finds a face: what
 * it makes up elsewhere is rounding of large numbers.
 */
static bool is_read(const struct gh_network *network, uint32_t output, size_t i)
{
	if (network->contract->kind != GH_NETWORK_CELLS || output == 0)
		return true;
	return network->outputs[0][i % gh_tensor_length(&network->contract->outputs[0])] > 0.2f;
}

/* Give the second network the first one's input, run both, and compare all they say. */
static float difference(struct gh_network *first, struct gh_network *second)
{
	const struct gh_network_contract *contract = first->contract;
	float worst = 0.0f;

	memcpy(second->input, first->input, gh_tensor_length(&contract->input) * sizeof(float));
	assert_int_equal(gh_network_run(first, NULL), GH_OK);
	assert_int_equal(gh_network_run(second, NULL), GH_OK);
	for (uint32_t i = 0; i < contract->output_count; i++) {
		size_t length = gh_tensor_length(&contract->outputs[i]);
		float largest = 1e-6f, apart = 0.0f;

		for (size_t j = 0; j < length; j++) {
			if (!is_read(first, i, j))
				continue;
			largest = fmaxf(largest, fabsf(first->outputs[i][j]));
			apart = fmaxf(apart, fabsf(first->outputs[i][j] - second->outputs[i][j]));
		}
		worst = fmaxf(worst, apart / largest);
	}
	return worst;
}

static void read_picture(const char *path, struct gh_picture *picture, struct gh_image *image)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;

	assert_int_equal(gh_file_read(path, GH_PICTURE_BYTES_MAX, &bytes, NULL), GH_OK);
	assert_int_equal(gh_picture_decode(gh_bytes_view(&bytes), picture, NULL), GH_OK);
	gh_bytes_finish(&bytes);
	*image = (struct gh_image){ picture->rgb.data, picture->width_px, picture->height_px,
		3 * (size_t)picture->width_px };
}

/* Run the chain on a picture by one engine: its networks then hold the inputs of a real face. */
static bool feed(struct gh_chain *chain, const struct gh_image *image)
{
	struct gh_canvas canvas = { image, 0.0f };
	struct gh_stage stage = gh_stage_whole(image);
	struct gh_description description;
	struct gh_quality quality;
	struct gh_template made;
	struct gh_faces faces;
	float heat;

	assert_int_equal(gh_chain_detect(chain, &canvas, &faces, NULL), GH_OK);
	if (faces.count == 0)
		return false;
	assert_int_equal(gh_chain_describe(chain, image, &faces.list[0], &stage, &description,
				 &quality, NULL),
		GH_OK);
	assert_int_equal(gh_chain_embed(chain, &made, NULL), GH_OK);
	assert_int_equal(gh_confirm_face(chain, image, &faces.list[0].box, &heat, NULL), GH_OK);
	return true;
}

/* Compare all networks of a set, each on what it was shown of a face; the worst of each is kept. */
static void compare(struct gh_chain *first, struct gh_chain *second, float worst[GH_ROLES])
{
	for (int role = 0; role < GH_ROLES; role++)
		if (first->networks[role])
			worst[role] = fmaxf(worst[role],
				difference(first->networks[role], second->networks[role]));
}

static void hold_together(const char *set)
{
	struct gh_chain first, second;
	float worst[GH_ROLES] = { 0 };
	size_t seen = 0;

	if (!ready || count == 0)
		skip();
	start(&first, "onnxruntime", set);
	start(&second, "opencv", set);
	for (size_t i = 0; i < count; i++) {
		struct gh_picture picture;
		struct gh_image image;

		read_picture(pictures[i], &picture, &image);
		if (feed(&first, &image)) {
			seen++;
			compare(&first, &second, worst);
		}
		gh_picture_finish(&picture);
	}
	assert_true(seen >= 4);
	for (int role = 0; role < GH_ROLES; role++) {
		if (!first.networks[role])
			continue;
		printf("%s: %zu faces, engines at most %.2g apart\n",
			first.networks[role]->contract->model, seen, (double)worst[role]);
		assert_true(worst[role] < TOLERANCE);
	}
	gh_chain_finish(&first);
	gh_chain_finish(&second);
}

static void the_usual_chain_holds_together(void **state)
{
	hold_together("fr");
}

static void the_second_detector_holds_together(void **state)
{
	hold_together("fr-centerface");
}

static void the_second_embedder_holds_together(void **state)
{
	char path[4096];

	if (access(models_cache_path("models/dlib_resnet.onnx", path), R_OK) != 0) {
		printf("skipped: %s is missing; config/setup --only dlib makes it\n", path);
		skip();
	}
	hold_together("dlib");
}

/* The five points of an aligned face are part of every stored template: they never move. */
static void alignment_constants_stay(void **state)
{
	static const float wanted[FIVE_POINTS][2] = { { 38.2946f, 51.6963f },
		{ 73.5318f, 51.5014f }, { 56.0252f, 71.7366f }, { 41.5493f, 92.3655f },
		{ 70.7299f, 92.2041f } };

	assert_int_equal(ALIGNED_SIDE_PX, 112);
	for (int i = 0; i < FIVE_POINTS; i++) {
		assert_float_equal(gh_aligned_points[i].x, wanted[i][0], 0);
		assert_float_equal(gh_aligned_points[i].y, wanted[i][1], 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_usual_chain_holds_together),
		cmocka_unit_test(the_second_detector_holds_together),
		cmocka_unit_test(the_second_embedder_holds_together),
		cmocka_unit_test(alignment_constants_stay),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
