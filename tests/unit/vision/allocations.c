/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory on the frame path, counted by caller: this program's own code takes none, and each engine
 * takes the same number of blocks for every run. The program replaces malloc() for all libraries in
 * it and tells callers apart by their return address.
 */
#define _GNU_SOURCE
#include "gatehouse/vision/vision.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "gatehouse/vision/picture.h"

#include "models.h"
#include "networks.h"
#include "support/drawn_face.h"
#include "support/vision/models.h"
#include "support/vision/shipped.h"

enum {
	WIDTH = 1280,
	HEIGHT = 720
};

static uint8_t rgb[3 * WIDTH * HEIGHT];
static uint8_t packed[3 * WIDTH * HEIGHT];
static struct gh_vision_options options;
static bool ready;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTS 0
#else
#define COUNTS 1
#endif

static atomic_ulong ours, others;

#if COUNTS
/* Of the linker: where this program's code lies. */
extern const char __executable_start[], etext[];

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

/* Inlined into its caller, a function would see the return address of that. */
#define APART __attribute__((noinline))

static void count(const void *caller)
{
	if ((const char *)caller >= __executable_start && (const char *)caller < etext)
		atomic_fetch_add(&ours, 1);
	else
		atomic_fetch_add(&others, 1);
}

APART void *malloc(size_t size)
{
	count(__builtin_return_address(0));
	return __libc_malloc(size);
}

APART void *calloc(size_t number, size_t size)
{
	count(__builtin_return_address(0));
	return __libc_calloc(number, size);
}

APART void *realloc(void *block, size_t size)
{
	count(__builtin_return_address(0));
	return __libc_realloc(block, size);
}

APART void *aligned_alloc(size_t alignment, size_t size)
{
	count(__builtin_return_address(0));
	return __libc_memalign(alignment, size);
}

APART void *memalign(size_t alignment, size_t size)
{
	count(__builtin_return_address(0));
	return __libc_memalign(alignment, size);
}

APART int posix_memalign(void **block, size_t alignment, size_t size)
{
	count(__builtin_return_address(0));
	*block = __libc_memalign(alignment, size);
	return *block ? 0 : 12;
}
#endif

static int setup(void **state)
{
	ready = models_options(&options);
	return 0;
}

#define NEED_COUNTS() \
	do { \
		if (!ready || !COUNTS) \
			skip(); \
	} while (0)

static void reset(void)
{
	atomic_store(&ours, 0);
	atomic_store(&others, 0);
}

/* The counter has to see both kinds, or the tests below could not fail. */
static void the_counter_tells_callers_apart(void **state)
{
	NEED_COUNTS();
	void *volatile block;

	reset();
	block = malloc(10);
	free(block);
	assert_int_equal(atomic_load(&ours), 1);
	assert_int_equal(atomic_load(&others), 0);
	block = strdup("text");
	free(block);
	assert_int_equal(atomic_load(&ours), 1);
	assert_int_equal(atomic_load(&others), 1);
}

static void draw(float x)
{
	const struct drawn_canvas canvas = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
	struct drawn_face face = drawn_face_usual(x, 330, 280);

	drawn_fill(&canvas, 150, 155, 160);
	drawn_face_paint(&canvas, &face);
}

static struct gh_frame frame_of(enum gh_pixel_format format)
{
	struct gh_frame frame = models_frame(rgb, WIDTH, HEIGHT);
	struct gh_picture picture = { WIDTH, HEIGHT, { rgb, sizeof(rgb), sizeof(rgb) } };
	size_t length = sizeof(packed);

	frame.format = format;
	if (format == GH_PIXEL_RGB24)
		return frame;
	memset(packed, 128, sizeof(packed));
	for (size_t i = 0; i < WIDTH * HEIGHT; i++)
		packed[format == GH_PIXEL_YUYV ? 2 * i : i] =
			(uint8_t)(16 + rgb[3 * i + 1] * 6 / 7);
	frame.planes[0] = (struct gh_plane){ packed, WIDTH, WIDTH * HEIGHT };
	if (format == GH_PIXEL_YUYV)
		frame.planes[0] = (struct gh_plane){ packed, 2 * WIDTH, 2 * WIDTH * HEIGHT };
	if (format == GH_PIXEL_NV12)
		frame.planes[1] =
			(struct gh_plane){ packed + WIDTH * HEIGHT, WIDTH, WIDTH * HEIGHT / 2 };
	if (format == GH_PIXEL_MJPEG) {
		assert_int_equal(
			gh_picture_encode_jpeg(&picture, 90, packed, &length, NULL), GH_OK);
		frame.planes[0] = (struct gh_plane){ packed, 0, (uint32_t)length };
	}
	return frame;
}

static void observe(struct gh_vision *vision, const struct gh_frame *frame)
{
	struct gh_observation observation;
	struct gh_error error = GH_ERROR_NONE;

	if (gh_vision_observe(vision, frame, &observation, &error) != GH_OK)
		fail_msg("%s", error.text);
	gh_sample_release(observation.sample);
}

/* Looking, every frame of a passage up to its sample and beyond, and forgetting. */
static void run_passage(struct gh_vision *vision, const struct gh_frame *frame)
{
	struct gh_presence presence;

	assert_int_equal(gh_vision_look(vision, frame, &presence, NULL), GH_OK);
	for (int i = 0; i < 3; i++)
		observe(vision, frame);
	gh_vision_wipe(vision);
}

static void our_code_takes_no_memory_for_a_frame(void **state)
{
	static const char *const engines[] = { "onnxruntime", "opencv" };
	static const enum gh_pixel_format formats[] = { GH_PIXEL_RGB24, GH_PIXEL_NV12,
		GH_PIXEL_YUYV, GH_PIXEL_MJPEG, GH_PIXEL_GREY };

	NEED_COUNTS();
	draw(640);
	for (size_t e = 0; e < 2; e++)
		for (size_t f = 0; f < 5; f++) {
			struct gh_frame frame = frame_of(formats[f]);
			struct gh_vision *vision;

			options.engine = engines[e];
			assert_int_equal(gh_vision_create(&options, &vision, NULL), GH_OK);
			run_passage(vision, &frame);
			reset();
			run_passage(vision, &frame);
			printf("%s, %s: a passage of four frames takes %lu blocks, %lu of them "
			       "by us\n",
				engines[e], gh_pixel_format_name(formats[f]),
				atomic_load(&ours) + atomic_load(&others), atomic_load(&ours));
			assert_int_equal(atomic_load(&ours), 0);
			gh_vision_destroy(vision);
		}
}

static void check_network(
	const struct gh_engine_kind *kind, const struct gh_network_contract *contract)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	struct gh_network *network;
	unsigned long first = 0;
	char name[64], path[4096];

	snprintf(name, sizeof(name), "models/%s.onnx", contract->model);
	models_cache_path(name, path);
	assert_int_equal(gh_file_read(path, MODEL_BYTES_MAX, &bytes, NULL), GH_OK);
	assert_int_equal(kind->open(contract, gh_bytes_view(&bytes), &network, NULL), GH_OK);
	gh_bytes_finish(&bytes);
	for (size_t i = 0; i < gh_tensor_length(&contract->input); i++)
		network->input[i] = (float)(i % 251) / 251.0f;
	for (int run = 0; run < 12; run++) {
		reset();
		assert_int_equal(gh_network_run(network, NULL), GH_OK);
		if (run == 3)
			first = atomic_load(&others);
		if (run > 3)
			assert_int_equal(atomic_load(&others), first);
		assert_int_equal(atomic_load(&ours), 0);
	}
	printf("%s takes %lu blocks for a run of %s, always\n", kind->name, first, contract->model);
	gh_network_close(network);
}

static void an_engine_takes_the_same_for_every_run(void **state)
{
	static const struct gh_engine_kind *const kinds[] = { &gh_engine_onnxruntime,
		&gh_engine_opencv };
	const struct gh_network_contract *const contracts[] = { shipped("fr_detect"),
		shipped("fr_landmark"), shipped("fr_feature"), shipped("centerface") };

	NEED_COUNTS();
	for (size_t k = 0; k < 2; k++) {
		char version[32];

		assert_int_equal(kinds[k]->init(options.engine_library, version, NULL), GH_OK);
		for (size_t c = 0; c < 4; c++)
			check_network(kinds[k], contracts[c]);
		kinds[k]->finish();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_counter_tells_callers_apart),
		cmocka_unit_test(our_code_takes_no_memory_for_a_frame),
		cmocka_unit_test(an_engine_takes_the_same_for_every_run),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
