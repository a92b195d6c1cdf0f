/* SPDX-License-Identifier: Apache-2.0 */
/* The contract of cameras, run over every driver of the class in every way it can be set up. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "contract/support/fixture.h"

/* Long enough that only a camera that delivers nothing reaches it. */
#define PATIENCE_MS 20000

enum place {
	PLACE_OPEN,
	PLACE_READY,
	PLACE_STREAMING,
	PLACE_COUNT
};

static struct gh_camera *open_camera(const struct contract_device *device)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_camera *camera;
	if (gh_camera_open(&device->address, gh_clock_system(), &camera, &error) != GH_OK)
		fail_msg("%s", error.text);
	return camera;
}

static struct gh_camera_mode configure(struct gh_camera *camera)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_camera_mode mode;
	if (gh_camera_configure(camera, &(struct gh_camera_wish){ 0 }, &mode, &error) != GH_OK)
		fail_msg("%s", error.text);
	return mode;
}

static void advance(struct gh_camera *camera, enum place place)
{
	if (place >= PLACE_READY)
		configure(camera);
	if (place >= PLACE_STREAMING)
		assert_int_equal(gh_camera_start(camera, NULL), GH_OK);
}

static struct gh_camera *bring(const struct contract_device *device, enum place place)
{
	struct gh_camera *camera = open_camera(device);
	advance(camera, place);
	return camera;
}

/* The next frame, past damaged ones. */
static struct gh_frame *next(struct gh_camera *camera)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_frame *frame;
	enum gh_status status;
	do
		status = gh_camera_wait(camera, PATIENCE_MS, &frame, &error);
	while (status == GH_MALFORMED);
	if (status != GH_OK)
		fail_msg("%s: %s", gh_status_name(status), error.text);
	return frame;
}

/* Every byte a consumer may read, so that a sanitizer sees those that are not there. */
static unsigned long touch(const struct gh_frame *frame)
{
	unsigned long sum = 0;
	for (unsigned plane = 0; plane < 2; plane++) {
		for (uint32_t i = 0; i < frame->planes[plane].length_bytes; i++)
			sum += frame->planes[plane].data[i];
	}
	return sum;
}

static void frames_are_whole_and_in_order(struct contract_device *device)
{
	struct gh_camera *camera = open_camera(device);
	struct gh_camera_mode mode = configure(camera);
	assert_int_equal(gh_camera_start(camera, NULL), GH_OK);
	uint64_t last_us = 0;
	uint64_t last_sequence = 0;
	uint64_t gaps = 0;
	for (unsigned i = 0; i < 40; i++) {
		struct gh_frame *frame = next(camera);
		struct gh_error error = GH_ERROR_NONE;
		if (gh_frame_check(frame, &error) != GH_OK)
			fail_msg("%s", error.text);
		assert_int_equal(frame->format, mode.format);
		assert_int_equal(frame->width_px, mode.width_px);
		assert_int_equal(frame->height_px, mode.height_px);
		assert_true(frame->capture_us >= last_us);
		assert_true(i == 0 || frame->sequence > last_sequence);
		gaps += i == 0 ? 0 : frame->sequence - last_sequence - 1;
		touch(frame);
		last_us = frame->capture_us;
		last_sequence = frame->sequence;
		gh_frame_unref(frame);
	}
	struct gh_device_counters counters = gh_camera_counters(camera);
	assert_int_equal(counters.delivered, 40);
	assert_true(counters.dropped <= gaps && counters.dropped + counters.damaged >= gaps);
	gh_camera_close(camera);
}

static void modes_are_offered_and_one_is_got(struct contract_device *device)
{
	struct gh_camera *camera = open_camera(device);
	struct gh_camera_mode modes[GH_CAMERA_MODES_MAX];
	size_t count;
	assert_int_equal(gh_camera_modes(camera, modes, &count, NULL), GH_OK);
	assert_true(count >= 1 && count <= GH_CAMERA_MODES_MAX);
	for (size_t i = 0; i < count; i++) {
		struct gh_camera_wish wish = { modes[i].width_px, modes[i].height_px,
			modes[i].frame_interval_us };
		struct gh_camera_mode mode;
		assert_int_equal(gh_camera_configure(camera, &wish, &mode, NULL), GH_OK);
		assert_int_equal(mode.width_px, modes[i].width_px);
		assert_int_equal(mode.height_px, modes[i].height_px);
	}
	gh_camera_close(camera);
}

static void calls_in_a_wrong_state_are_refused(struct contract_device *device)
{
	struct gh_camera_mode modes[GH_CAMERA_MODES_MAX];
	struct gh_camera_mode mode;
	struct gh_frame *frame;
	size_t count;
	struct gh_camera *camera = open_camera(device);
	assert_int_equal(gh_camera_start(camera, NULL), GH_WRONG_STATE);
	assert_int_equal(gh_camera_stop(camera, NULL), GH_WRONG_STATE);
	assert_int_equal(gh_camera_wait(camera, 0, &frame, NULL), GH_WRONG_STATE);
	advance(camera, PLACE_STREAMING);
	assert_int_equal(gh_camera_start(camera, NULL), GH_WRONG_STATE);
	assert_int_equal(gh_camera_modes(camera, modes, &count, NULL), GH_WRONG_STATE);
	assert_int_equal(gh_camera_configure(camera, &(struct gh_camera_wish){ 0 }, &mode, NULL),
		GH_WRONG_STATE);
	gh_frame_unref(next(camera)); /* and it streams on */
	assert_int_equal(gh_camera_stop(camera, NULL), GH_OK);
	assert_int_equal(gh_camera_wait(camera, 0, &frame, NULL), GH_WRONG_STATE);
	gh_camera_close(camera);
}

static void stops_and_starts_again(struct contract_device *device)
{
	struct gh_camera *camera = bring(device, PLACE_STREAMING);
	uint64_t last_us = 0;
	for (unsigned i = 0; i < 4; i++) {
		struct gh_frame *frame = next(camera);
		assert_true(frame->capture_us >= last_us);
		last_us = frame->capture_us;
		gh_frame_unref(frame);
		assert_int_equal(gh_camera_stop(camera, NULL), GH_OK);
		assert_int_equal(gh_camera_state(camera), GH_DEVICE_OPEN);
		if (i % 2 == 1)
			configure(camera);
		assert_int_equal(gh_camera_start(camera, NULL), GH_OK);
	}
	gh_camera_close(camera);
}

static void waits_end_in_time(struct contract_device *device)
{
	static const uint32_t timeouts_ms[] = { 0, 1, 20 };
	const struct gh_clock *clock = gh_clock_system();
	struct gh_camera *camera = bring(device, PLACE_STREAMING);
	struct gh_frame *frame;
	device->fixture->quiet(device->world, camera);
	while (gh_camera_wait(camera, 0, &frame, NULL) == GH_OK)
		gh_frame_unref(frame); /* what was under way */
	for (size_t i = 0; i < 3; i++) {
		uint64_t begin_us = clock->monotonic_us(clock);
		assert_int_equal(gh_camera_wait(camera, timeouts_ms[i], &frame, NULL), GH_TIMEOUT);
		uint64_t took_us = clock->monotonic_us(clock) - begin_us;
		assert_true(took_us >= (uint64_t)timeouts_ms[i] * 1000);
		assert_true(took_us < (uint64_t)PATIENCE_MS * 1000);
	}
	assert_true(gh_camera_counters(camera).timeouts >= 3);
	device->fixture->resume(device->world, camera);
	gh_frame_unref(next(camera));
	gh_camera_close(camera);
}

/* Unplug it and ask until it says so: the call that fits the place it is in. */
static void lose(struct contract_device *device, struct gh_camera *camera, enum place place)
{
	struct gh_frame *frame;
	enum gh_status status = GH_OK;
	device->fixture->unplug(device->world, camera, NULL);
	if (place < PLACE_STREAMING)
		return;
	while (status == GH_OK || status == GH_MALFORMED || status == GH_TIMEOUT) {
		status = gh_camera_wait(camera, PATIENCE_MS, &frame, NULL);
		gh_frame_unref(frame);
	}
	assert_int_equal(status, GH_GONE);
	assert_int_equal(gh_camera_state(camera), GH_DEVICE_LOST);
	assert_int_equal(gh_camera_wait(camera, 0, &frame, NULL), GH_WRONG_STATE);
	assert_int_equal(gh_camera_stop(camera, NULL), GH_WRONG_STATE);
	assert_int_equal(gh_camera_start(camera, NULL), GH_WRONG_STATE);
}

static void lost_in_every_state_and_back(struct contract_device *device)
{
	for (enum place place = PLACE_OPEN; place < PLACE_COUNT; place++) {
		struct gh_camera *camera = bring(device, place);
		lose(device, camera, place);
		assert_int_not_equal(gh_camera_reopen(camera, NULL), GH_OK);
		assert_int_equal(gh_camera_state(camera), GH_DEVICE_LOST);
		device->fixture->replug(device->world, camera, NULL);
		assert_int_equal(gh_camera_reopen(camera, NULL), GH_OK);
		assert_int_equal(gh_camera_state(camera), GH_DEVICE_OPEN);
		assert_int_equal(gh_camera_counters(camera).lost, 1);
		assert_int_equal(gh_camera_counters(camera).opened, 1);
		assert_int_equal(gh_camera_start(camera, NULL), GH_WRONG_STATE);
		advance(camera, PLACE_STREAMING);
		gh_frame_unref(next(camera));
		gh_camera_close(camera);
	}
}

static void closes_in_every_state(struct contract_device *device)
{
	for (enum place place = PLACE_OPEN; place < PLACE_COUNT; place++) {
		gh_camera_close(bring(device, place));
		struct gh_camera *camera = bring(device, place);
		lose(device, camera, place);
		device->fixture->replug(device->world, camera, NULL);
		gh_camera_close(camera);
	}
	gh_camera_close(bring(device, PLACE_STREAMING)); /* and it opens again */
}

static void frames_outlive_the_camera(struct contract_device *device)
{
	struct gh_camera *camera = bring(device, PLACE_STREAMING);
	struct gh_frame *first = next(camera);
	struct gh_frame *second = next(camera);
	unsigned long sum = touch(first);
	gh_camera_close(camera);
	assert_int_equal(touch(first), sum);
	gh_frame_unref(first);
	touch(second);
	gh_frame_unref(second);
}

/* Whoever keeps all frames gets no more, and gets more again when he gives one back. */
static void kept_frames_are_not_overwritten(struct contract_device *device)
{
	struct gh_frame *kept[64];
	unsigned long sums[64];
	unsigned count = 0;
	struct gh_camera *camera = bring(device, PLACE_STREAMING);
	enum gh_status status = GH_OK;
	while (count < 64 && status == GH_OK) {
		status = gh_camera_wait(camera, 300, &kept[count], NULL);
		if (status == GH_OK) {
			sums[count] = touch(kept[count]);
			count++;
		}
	}
	assert_true(count >= 2);
	for (unsigned i = 0; i < count; i++) {
		assert_int_equal(touch(kept[i]), sums[i]);
		gh_frame_unref(kept[i]);
	}
	gh_frame_unref(next(camera));
	gh_camera_close(camera);
}

static void wait_allocates_nothing(struct contract_device *device)
{
	contract_count_begin();
	struct gh_camera *camera = bring(device, PLACE_STREAMING);
	assert_true(contract_count_end() > 0); /* so it does count */
	contract_count_begin();
	for (unsigned i = 0; i < 20; i++)
		gh_frame_unref(next(camera));
	assert_int_equal(contract_count_end(), 0);
	gh_camera_close(camera);
}

static void second_camera_is_another(struct contract_device *device)
{
	struct contract_device other = contract_another(device);
	struct gh_camera *first = bring(device, PLACE_STREAMING);
	struct gh_camera *second = bring(&other, PLACE_STREAMING);
	for (unsigned i = 0; i < 5; i++) {
		gh_frame_unref(next(first));
		gh_frame_unref(next(second));
	}
	lose(device, first, PLACE_STREAMING);
	gh_frame_unref(next(second));
	device->fixture->replug(device->world, first, NULL);
	gh_camera_close(first);
	gh_frame_unref(next(second));
	gh_camera_close(second);
	contract_remove(&other);
}

/* The same device twice: both play, or the second is told that it is in use. */
static void same_device_twice(struct contract_device *device)
{
	struct gh_camera *first = bring(device, PLACE_STREAMING);
	struct gh_camera *second;
	enum gh_status status = gh_camera_open(&device->address, gh_clock_system(), &second, NULL);
	assert_true(status == GH_OK || status == GH_BUSY);
	if (status == GH_OK) {
		advance(second, PLACE_STREAMING);
		gh_frame_unref(next(second));
	}
	gh_frame_unref(next(first));
	gh_camera_close(second);
	gh_camera_close(first);
}

/* What other threads do while the camera's own waits. */
struct beside {
	struct contract_device *device;
	struct gh_camera *camera;
	atomic_bool done;
};

static void *unplug_beside(void *ctx)
{
	struct beside *beside = ctx;
	beside->device->fixture->unplug(beside->device->world, beside->camera, NULL);
	return NULL;
}

static void unplugged_beside_a_wait(struct contract_device *device)
{
	struct beside beside = { .device = device, .camera = bring(device, PLACE_STREAMING) };
	struct gh_frame *frame;
	pthread_t thread;
	enum gh_status status = GH_OK;
	device->fixture->quiet(device->world, beside.camera);
	assert_int_equal(pthread_create(&thread, NULL, unplug_beside, &beside), 0);
	while (status == GH_OK || status == GH_MALFORMED) {
		status = gh_camera_wait(beside.camera, PATIENCE_MS, &frame, NULL);
		gh_frame_unref(frame);
	}
	assert_int_equal(status, GH_GONE);
	pthread_join(thread, NULL);
	device->fixture->replug(device->world, beside.camera, NULL);
	gh_camera_close(beside.camera);
}

static void *look_beside(void *ctx)
{
	struct beside *beside = ctx;
	uint64_t delivered = 0;
	while (!atomic_load(&beside->done)) {
		struct gh_device_counters counters = gh_camera_counters(beside->camera);
		enum gh_device_state state = gh_camera_state(beside->camera);
		if (counters.delivered < delivered || state == GH_DEVICE_CLOSED)
			return beside;
		delivered = counters.delivered;
		gh_camera_wipe(beside->camera);
	}
	return NULL;
}

static void looked_at_and_wiped_beside_a_wait(struct contract_device *device)
{
	struct beside beside = { .device = device, .camera = bring(device, PLACE_STREAMING) };
	pthread_t thread;
	void *failed;
	assert_int_equal(pthread_create(&thread, NULL, look_beside, &beside), 0);
	for (unsigned i = 0; i < 10; i++) {
		gh_frame_unref(next(beside.camera));
		if (i % 5 != 4)
			continue;
		assert_int_equal(gh_camera_stop(beside.camera, NULL), GH_OK);
		advance(beside.camera, PLACE_STREAMING);
	}
	atomic_store(&beside.done, true);
	pthread_join(thread, &failed);
	assert_null(failed);
	gh_camera_close(beside.camera);
}

static void controls_keep_their_limits(struct contract_device *device)
{
	struct gh_camera *camera = open_camera(device);
	for (unsigned i = 0; i < GH_CAMERA_CONTROL_COUNT; i++) {
		enum gh_camera_control control = (enum gh_camera_control)i;
		struct gh_camera_range range;
		assert_int_equal(gh_camera_control_range(camera, control, &range, NULL), GH_OK);
		enum gh_status status = gh_camera_control_set(camera, control, range.maximum, NULL);
		assert_int_equal(status, range.available ? GH_OK : GH_UNSUPPORTED);
		if (range.available) {
			assert_true(range.minimum <= range.initial);
			assert_true(range.initial <= range.maximum);
			assert_int_equal(
				gh_camera_control_set(camera, control, UINT32_MAX, NULL), GH_OK);
		}
	}
	gh_camera_close(camera);
}

/* Light of a frame's first plane; only frames that are pixels have one. */
static double light_of(const struct gh_frame *frame)
{
	double sum = 0;
	for (uint32_t y = 0; y < frame->height_px; y++)
		for (uint32_t x = 0; x < frame->width_px; x++)
			sum += frame->planes[0].data[(size_t)y * frame->planes[0].stride_bytes + x];
	return sum / ((double)frame->width_px * frame->height_px);
}

/* Frames after a setting until one must have been taken with it. */
#define EFFECT_FRAMES 16

static double light_at(
	struct gh_camera *camera, enum gh_camera_control control, uint32_t value, bool *told)
{
	double light = 0;
	assert_int_equal(gh_camera_control_set(camera, control, value, NULL), GH_OK);
	for (unsigned i = 0; i < EFFECT_FRAMES; i++) {
		struct gh_frame *frame = next(camera);
		uint32_t used = control == GH_CAMERA_EXPOSURE_US ? frame->exposure_us
								 : frame->gain_permille;
		*told = used == GH_FRAME_UNKNOWN || used == value;
		if (frame->format != GH_PIXEL_MJPEG)
			light = light_of(frame);
		gh_frame_unref(frame);
	}
	return light;
}

/* More exposure, and more gain, is more light, and a frame that says what it used says so. */
static void exposure_and_gain_take_effect(struct contract_device *device)
{
	static const enum gh_camera_control controls[] = { GH_CAMERA_EXPOSURE_US,
		GH_CAMERA_GAIN_PERMILLE };
	struct gh_camera *camera = bring(device, PLACE_STREAMING);
	for (size_t i = 0; i < 2; i++) {
		struct gh_camera_range range;
		bool told_low, told_high;
		assert_int_equal(gh_camera_control_range(camera, controls[i], &range, NULL), GH_OK);
		if (!range.available)
			continue;
		double low = light_at(camera, controls[i], range.minimum, &told_low);
		double high = light_at(camera, controls[i], range.maximum, &told_high);
		assert_true(told_low && told_high);
		assert_true(high > low);
		light_at(camera, controls[i], range.initial, &told_low);
	}
	gh_camera_close(camera);
}

static void unknown_options_are_refused(struct contract_device *device)
{
	struct gh_device_address address = device->address;
	struct gh_camera *camera;
	snprintf(address.options, sizeof(address.options), "no_such_option=1");
	assert_int_equal(gh_camera_open(&address, gh_clock_system(), &camera, NULL), GH_SETTINGS);
	assert_null(camera);
}

#define EACH(name) \
	static void each_##name(void **state) \
	{ \
		contract_each(GH_DEVICE_CAMERA, name); \
	}

EACH(frames_are_whole_and_in_order)
EACH(modes_are_offered_and_one_is_got)
EACH(calls_in_a_wrong_state_are_refused)
EACH(stops_and_starts_again)
EACH(waits_end_in_time)
EACH(lost_in_every_state_and_back)
EACH(closes_in_every_state)
EACH(frames_outlive_the_camera)
EACH(kept_frames_are_not_overwritten)
EACH(wait_allocates_nothing)
EACH(second_camera_is_another)
EACH(same_device_twice)
EACH(unplugged_beside_a_wait)
EACH(looked_at_and_wiped_beside_a_wait)
EACH(controls_keep_their_limits)
EACH(exposure_and_gain_take_effect)
EACH(unknown_options_are_refused)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_frames_are_whole_and_in_order),
		cmocka_unit_test(each_modes_are_offered_and_one_is_got),
		cmocka_unit_test(each_calls_in_a_wrong_state_are_refused),
		cmocka_unit_test(each_stops_and_starts_again),
		cmocka_unit_test(each_waits_end_in_time),
		cmocka_unit_test(each_lost_in_every_state_and_back),
		cmocka_unit_test(each_closes_in_every_state),
		cmocka_unit_test(each_frames_outlive_the_camera),
		cmocka_unit_test(each_kept_frames_are_not_overwritten),
		cmocka_unit_test(each_wait_allocates_nothing),
		cmocka_unit_test(each_second_camera_is_another),
		cmocka_unit_test(each_same_device_twice),
		cmocka_unit_test(each_unplugged_beside_a_wait),
		cmocka_unit_test(each_looked_at_and_wiped_beside_a_wait),
		cmocka_unit_test(each_controls_keep_their_limits),
		cmocka_unit_test(each_exposure_and_gain_take_effect),
		cmocka_unit_test(each_unknown_options_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
