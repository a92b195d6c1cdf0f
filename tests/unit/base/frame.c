/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the frame pool (lifetimes, wiping, threads) and of the check of a frame's geometry. */
#include "gatehouse/base/frame.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct gh_frame_pool *make_pool(uint32_t count, size_t memory_bytes)
{
	struct gh_frame_pool *pool = NULL;

	assert_int_equal(gh_frame_pool_create(count, memory_bytes, &pool, NULL), GH_OK);
	assert_non_null(pool);
	return pool;
}

static bool all_are(const uint8_t *memory, size_t length, uint8_t value)
{
	for (size_t i = 0; i < length; i++)
		if (memory[i] != value)
			return false;
	return true;
}

static void frames_have_memory_of_their_own(void **state)
{
	struct gh_frame_pool *pool = make_pool(3, 1000);
	struct gh_frame *frames[3];
	uint8_t *memory[3];

	for (size_t i = 0; i < 3; i++) {
		size_t length = 0;

		frames[i] = gh_frame_take(pool, &memory[i], &length);
		assert_non_null(frames[i]);
		assert_int_equal(length, 1000);
		assert_int_equal((uintptr_t)memory[i] % 64, 0);
		memset(memory[i], (int)i + 1, length);
	}
	for (size_t i = 0; i < 3; i++) {
		assert_true(all_are(memory[i], 1000, (uint8_t)(i + 1)));
		gh_frame_unref(frames[i]);
	}
	gh_frame_pool_destroy(pool);
}

static void a_taken_frame_is_blank(void **state)
{
	struct gh_frame_pool *pool = make_pool(1, 16);
	uint8_t *memory;
	size_t length;

	for (int round = 0; round < 2; round++) {
		struct gh_frame *frame = gh_frame_take(pool, &memory, &length);

		assert_int_equal(frame->width_px, 0);
		assert_null(frame->planes[0].data);
		assert_int_equal(frame->exposure_us, GH_FRAME_UNKNOWN);
		assert_int_equal(frame->gain_permille, GH_FRAME_UNKNOWN);
		frame->width_px = 9;
		frame->exposure_us = 9;
		frame->gain_permille = 9;
		frame->planes[0].data = memory;
		gh_frame_unref(frame);
	}
	gh_frame_pool_destroy(pool);
}

static void an_empty_pool_gives_null(void **state)
{
	struct gh_frame_pool *pool = make_pool(1, 16);
	uint8_t *memory;
	size_t length;
	struct gh_frame *frame = gh_frame_take(pool, &memory, &length);

	assert_null(gh_frame_take(pool, &memory, &length));
	assert_null(memory);
	assert_int_equal(length, 0);
	assert_null(gh_frame_lend(pool, NULL, NULL));
	assert_ptr_equal(gh_frame_ref(frame), frame);
	gh_frame_unref(frame);
	assert_null(gh_frame_take(pool, &memory, &length));
	gh_frame_unref(frame);
	frame = gh_frame_take(pool, &memory, &length);
	assert_non_null(frame);
	gh_frame_unref(frame);
	gh_frame_pool_destroy(pool);

	pool = make_pool(0, 16);
	assert_null(gh_frame_take(pool, &memory, &length));
	gh_frame_pool_destroy(pool);
	gh_frame_pool_destroy(NULL);
	gh_frame_unref(NULL);
}

static void the_pool_lives_as_long_as_its_frames(void **state)
{
	struct gh_frame_pool *pool = make_pool(2, 64);
	uint8_t *memory;
	size_t length;
	struct gh_frame *frame = gh_frame_take(pool, &memory, &length);

	gh_frame_pool_destroy(pool);
	memset(memory, 1, length);
	assert_true(all_are(memory, length, 1));
	gh_frame_unref(frame); /* the address sanitizer watches from here */
}

static void count_release(void *count)
{
	++*(int *)count;
}

static void lent_memory_is_released_once(void **state)
{
	struct gh_frame_pool *pool = make_pool(2, 0);
	int released = 0;
	struct gh_frame *frame = gh_frame_lend(pool, count_release, &released);
	struct gh_frame *other;

	assert_non_null(frame);
	gh_frame_ref(frame);
	gh_frame_unref(frame);
	assert_int_equal(released, 0);
	gh_frame_unref(frame);
	assert_int_equal(released, 1);
	other = gh_frame_lend(pool, NULL, NULL);
	gh_frame_unref(other);
	assert_int_equal(released, 1);
	gh_frame_pool_destroy(pool);
}

static void wiping_reaches_free_frames_now_and_others_later(void **state)
{
	struct gh_frame_pool *pool = make_pool(2, 256);
	uint8_t *memory[2];
	size_t length;
	struct gh_frame *held = gh_frame_take(pool, &memory[0], &length);
	struct gh_frame *returned = gh_frame_take(pool, &memory[1], &length);

	memset(memory[0], 5, length);
	memset(memory[1], 6, length);
	gh_frame_unref(returned);
	assert_true(all_are(memory[1], length, 6));

	gh_frame_pool_wipe(pool);
	assert_true(all_are(memory[1], length, 0));
	assert_true(all_are(memory[0], length, 5));
	gh_frame_unref(held);
	assert_true(all_are(memory[0], length, 0));

	/* Once only: the next passage's frames are not wiped by the last one's request. */
	held = gh_frame_take(pool, &memory[0], &length);
	memset(memory[0], 7, length);
	gh_frame_unref(held);
	assert_true(all_are(memory[0], length, 7));
	gh_frame_pool_destroy(pool);
}

static void impossible_pools_are_refused(void **state)
{
	struct gh_frame_pool *pool;
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(gh_frame_pool_create(2, SIZE_MAX, &pool, &error), GH_NO_MEMORY);
	assert_null(pool);
	assert_int_equal(gh_frame_pool_create(1000, SIZE_MAX / 500, &pool, &error), GH_NO_MEMORY);
	assert_null(pool);
	assert_int_equal(error.status, GH_NO_MEMORY);
}

#define ROUNDS 3000

static atomic_bool stop;

/* Takers write their own mark and must find it unharmed, or zero where a wipe came between. */
static void *take_and_check(void *argument)
{
	struct gh_frame_pool *pool = argument;

	for (int i = 0; i < ROUNDS; i++) {
		uint8_t *memory;
		size_t length;
		struct gh_frame *frame = gh_frame_take(pool, &memory, &length);
		uint8_t mark = (uint8_t)(i % 255 + 1);

		if (!frame)
			continue;
		memset(memory, mark, length);
		gh_frame_ref(frame);
		gh_frame_unref(frame);
		if (!all_are(memory, length, mark))
			return argument;
		gh_frame_unref(frame);
	}
	return NULL;
}

static void *wipe_again_and_again(void *pool)
{
	while (!atomic_load(&stop))
		gh_frame_pool_wipe(pool);
	return NULL;
}

static void threads_take_return_and_wipe(void **state)
{
	struct gh_frame_pool *pool = make_pool(3, 128);
	struct gh_frame *frames[3];
	pthread_t takers[3];
	pthread_t wiper;

	atomic_store(&stop, false);
	assert_int_equal(pthread_create(&wiper, NULL, wipe_again_and_again, pool), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&takers[i], NULL, take_and_check, pool), 0);
	for (size_t i = 0; i < 3; i++) {
		void *failure;

		assert_int_equal(pthread_join(takers[i], &failure), 0);
		assert_null(failure);
	}
	atomic_store(&stop, true);
	assert_int_equal(pthread_join(wiper, NULL), 0);

	gh_frame_pool_wipe(pool);
	for (size_t i = 0; i < 3; i++) {
		uint8_t *memory;
		size_t length;

		frames[i] = gh_frame_take(pool, &memory, &length);
		assert_non_null(frames[i]);
		assert_true(all_are(memory, length, 0));
	}
	gh_frame_pool_destroy(pool);
	for (size_t i = 0; i < 3; i++)
		gh_frame_unref(frames[i]);
}

static uint8_t pixels[64 * 64 * 3];

static struct gh_frame frame_of(enum gh_pixel_format format, uint32_t width, uint32_t height,
	uint32_t stride, uint32_t length)
{
	return (struct gh_frame){
		.width_px = width,
		.height_px = height,
		.format = format,
		.planes = { { pixels, stride, length }, { NULL, 0, 0 } },
	};
}

static void sound_frames_pass(void **state)
{
	struct gh_frame frame = frame_of(GH_PIXEL_GREY, 7, 5, 8, 4 * 8 + 7);

	assert_int_equal(gh_frame_check(&frame, NULL), GH_OK);
	frame = frame_of(GH_PIXEL_RGB24, 7, 5, 21, 105);
	assert_int_equal(gh_frame_check(&frame, NULL), GH_OK);
	frame = frame_of(GH_PIXEL_YUYV, 8, 5, 16, 80);
	assert_int_equal(gh_frame_check(&frame, NULL), GH_OK);
	frame = frame_of(GH_PIXEL_MJPEG, 8, 5, 0, 1);
	assert_int_equal(gh_frame_check(&frame, NULL), GH_OK);
	frame = frame_of(GH_PIXEL_NV12, 8, 6, 8, 48);
	frame.planes[1] = (struct gh_plane){ pixels + 48, 8, 24 };
	assert_int_equal(gh_frame_check(&frame, NULL), GH_OK);
	frame = frame_of(
		GH_PIXEL_GREY, GH_FRAME_SIDE_MAX_PX, 1, GH_FRAME_SIDE_MAX_PX, GH_FRAME_SIDE_MAX_PX);
	assert_int_equal(gh_frame_check(&frame, NULL), GH_OK);
}

static void refuse(struct gh_frame frame, const char *reason)
{
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(gh_frame_check(&frame, &error), GH_MALFORMED);
	assert_non_null(strstr(error.text, reason));
}

static void unsound_frames_are_refused(void **state)
{
	struct gh_frame frame;

	refuse(frame_of(GH_PIXEL_GREY, 0, 5, 8, 40), "sides");
	refuse(frame_of(GH_PIXEL_GREY, 5, 0, 8, 40), "sides");
	refuse(frame_of(GH_PIXEL_GREY, GH_FRAME_SIDE_MAX_PX + 1, 1, 9000, 9000), "sides");
	refuse(frame_of(GH_PIXEL_GREY, 8, UINT32_MAX, 8, 64), "sides");
	refuse(frame_of(GH_PIXEL_GREY, 8, 5, 7, 40), "stride");
	refuse(frame_of(GH_PIXEL_GREY, 8, 5, 8, 39), "39 bytes where 40");
	refuse(frame_of(GH_PIXEL_GREY, 8, 8192, UINT32_MAX, UINT32_MAX), "are needed");
	refuse(frame_of(GH_PIXEL_RGB24, 8, 5, 23, 200), "stride");
	refuse(frame_of(GH_PIXEL_YUYV, 7, 5, 16, 80), "odd width");
	refuse(frame_of(GH_PIXEL_YUYV, 8, 5, 15, 80), "stride");
	refuse(frame_of(GH_PIXEL_MJPEG, 8, 5, 0, 0), "empty");
	refuse(frame_of(GH_PIXEL_MJPEG, 8, 5, 8, 40), "no stride");
	refuse(frame_of(GH_PIXEL_NV12, 8, 5, 8, 40), "odd");
	refuse(frame_of(GH_PIXEL_NV12, 8, 6, 8, 48), "chroma has no memory");
	refuse(frame_of((enum gh_pixel_format)77, 8, 6, 8, 48), "format 77");

	frame = frame_of(GH_PIXEL_GREY, 8, 6, 8, 48);
	frame.planes[0].data = NULL;
	refuse(frame, "no memory");
	frame = frame_of(GH_PIXEL_GREY, 8, 6, 8, 48);
	frame.planes[1].data = pixels;
	refuse(frame, "one plane only");
	frame = frame_of(GH_PIXEL_NV12, 8, 6, 8, 48);
	frame.planes[1] = (struct gh_plane){ pixels, 8, 23 };
	refuse(frame, "chroma: 23 bytes");
}

static void formats_are_named(void **state)
{
	assert_string_equal(gh_pixel_format_name(GH_PIXEL_GREY), "grey");
	assert_string_equal(gh_pixel_format_name(GH_PIXEL_RGB24), "rgb24");
	assert_string_equal(gh_pixel_format_name(GH_PIXEL_NV12), "nv12");
	assert_string_equal(gh_pixel_format_name(GH_PIXEL_YUYV), "yuyv");
	assert_string_equal(gh_pixel_format_name(GH_PIXEL_MJPEG), "mjpeg");
	assert_string_equal(gh_pixel_format_name((enum gh_pixel_format)77), "unknown");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_have_memory_of_their_own),
		cmocka_unit_test(a_taken_frame_is_blank),
		cmocka_unit_test(an_empty_pool_gives_null),
		cmocka_unit_test(the_pool_lives_as_long_as_its_frames),
		cmocka_unit_test(lent_memory_is_released_once),
		cmocka_unit_test(wiping_reaches_free_frames_now_and_others_later),
		cmocka_unit_test(impossible_pools_are_refused),
		cmocka_unit_test(threads_take_return_and_wipe),
		cmocka_unit_test(sound_frames_pass),
		cmocka_unit_test(unsound_frames_are_refused),
		cmocka_unit_test(formats_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
