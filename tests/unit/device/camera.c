/* SPDX-License-Identifier: Apache-2.0 */
/* Cameras: every call in every state, what is checked on a frame, loss and coming back. */
#include "gatehouse/device/camera.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake/fake.h"

static const struct gh_device_address address = { .driver = "camera/fake", .address = "a" };

/* The states a test can bring a camera into; READY is OPEN with a mode chosen. */
enum place {
	PLACE_OPEN,
	PLACE_READY,
	PLACE_STREAMING,
	PLACE_LOST,
	PLACE_COUNT
};

static struct gh_camera *open_camera(const char *driver)
{
	struct gh_device_address at = address;
	struct gh_camera *camera;
	strcpy(at.driver, driver);
	assert_int_equal(gh_camera_open(&at, gh_clock_system(), &camera, NULL), GH_OK);
	return camera;
}

static enum gh_status configure(struct gh_camera *camera)
{
	struct gh_camera_mode mode;
	return gh_camera_configure(camera, &(struct gh_camera_wish){ 0 }, &mode, NULL);
}

static struct gh_camera *bring(enum place place)
{
	struct gh_camera *camera = open_camera("camera/fake");
	struct gh_frame *frame;
	if (place >= PLACE_READY)
		assert_int_equal(configure(camera), GH_OK);
	if (place >= PLACE_STREAMING)
		assert_int_equal(gh_camera_start(camera, NULL), GH_OK);
	if (place == PLACE_LOST) {
		fake.wait = GH_GONE;
		assert_int_equal(gh_camera_wait(camera, 0, &frame, NULL), GH_GONE);
		fake.wait = GH_OK;
	}
	return camera;
}

static enum gh_status call_modes(struct gh_camera *camera)
{
	struct gh_camera_mode modes[GH_CAMERA_MODES_MAX];
	size_t count;
	return gh_camera_modes(camera, modes, &count, NULL);
}

static enum gh_status call_start(struct gh_camera *camera)
{
	return gh_camera_start(camera, NULL);
}

static enum gh_status call_stop(struct gh_camera *camera)
{
	return gh_camera_stop(camera, NULL);
}

static enum gh_status call_wait(struct gh_camera *camera)
{
	struct gh_frame *frame;
	enum gh_status status = gh_camera_wait(camera, 0, &frame, NULL);
	assert_true((status == GH_OK) == (frame != NULL));
	gh_frame_unref(frame);
	return status;
}

static enum gh_status call_range(struct gh_camera *camera)
{
	struct gh_camera_range range;
	return gh_camera_control_range(camera, GH_CAMERA_GAIN_PERMILLE, &range, NULL);
}

static enum gh_status call_set(struct gh_camera *camera)
{
	return gh_camera_control_set(camera, GH_CAMERA_GAIN_PERMILLE, 1, NULL);
}

static enum gh_status call_rehearse(struct gh_camera *camera)
{
	return gh_camera_rehearse(camera, "anything", NULL);
}

static enum gh_status call_reopen(struct gh_camera *camera)
{
	return gh_camera_reopen(camera, NULL);
}

/* What every call answers in every state, and the state after it. */
static const struct {
	const char *name;
	enum gh_status (*call)(struct gh_camera *camera);
	bool allowed[PLACE_COUNT];
	enum gh_device_state after[PLACE_COUNT];
} calls[] = {
#define STAYS \
	{ \
		GH_DEVICE_OPEN, GH_DEVICE_OPEN, GH_DEVICE_STREAMING, GH_DEVICE_LOST \
	}
	{ "modes", call_modes, { true, true, false, false }, STAYS },
	{ "configure", configure, { true, true, false, false }, STAYS },
	{ "start", call_start, { false, true, false, false },
		{ GH_DEVICE_OPEN, GH_DEVICE_STREAMING, GH_DEVICE_STREAMING, GH_DEVICE_LOST } },
	{ "stop", call_stop, { false, false, true, false },
		{ GH_DEVICE_OPEN, GH_DEVICE_OPEN, GH_DEVICE_OPEN, GH_DEVICE_LOST } },
	{ "wait", call_wait, { false, false, true, false }, STAYS },
	{ "range", call_range, { true, true, true, false }, STAYS },
	{ "set", call_set, { true, true, true, false }, STAYS },
	{ "rehearse", call_rehearse, { true, true, true, true }, STAYS },
	{ "reopen", call_reopen, { true, true, true, true },
		{ GH_DEVICE_OPEN, GH_DEVICE_OPEN, GH_DEVICE_OPEN, GH_DEVICE_OPEN } },
};

static void every_call_in_every_state(void **state)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		for (enum place place = 0; place < PLACE_COUNT; place++) {
			fake_reset();
			fake.range = (struct gh_camera_range){ true, 0, 10, 5 };
			struct gh_camera *camera = bring(place);
			fake.sequence++;
			unsigned waited = fake.waited;
			enum gh_status status = calls[i].call(camera);
			if (status != (calls[i].allowed[place] ? GH_OK : GH_WRONG_STATE))
				fail_msg("%s in place %d: %s", calls[i].name, place,
					gh_status_name(status));
			if (!calls[i].allowed[place])
				assert_int_equal(fake.waited, waited);
			assert_int_equal(gh_camera_state(camera), calls[i].after[place]);
			gh_camera_close(camera);
			assert_int_equal(fake.opened, fake.closed);
			assert_int_equal(fake.started, fake.stopped);
		}
	}
}

static void close_of_nothing_is_nothing(void **state)
{
	gh_camera_close(NULL);
}

static void unknown_driver_is_named_with_those_there_are(void **state)
{
	struct gh_camera *camera;
	struct gh_error error = GH_ERROR_NONE;
	struct gh_device_address at = { .driver = "camera/none" };
	assert_int_equal(gh_camera_open(&at, gh_clock_system(), &camera, &error), GH_UNSUPPORTED);
	assert_null(camera);
	assert_non_null(strstr(error.text, "camera/fake, camera/bare"));
	assert_null(strstr(error.text, "gate/fake"));
}

static void driver_of_another_class_is_no_camera(void **state)
{
	struct gh_camera *camera;
	struct gh_device_address at = { .driver = "gate/fake" };
	fake_reset();
	assert_int_equal(gh_camera_open(&at, gh_clock_system(), &camera, NULL), GH_UNSUPPORTED);
	assert_int_equal(fake.opened, 0);
}

static void text_without_an_end_is_not_read_past(void **state)
{
	struct gh_camera *camera;
	struct gh_device_address at;
	memset(&at, 'x', sizeof(at));
	assert_int_equal(gh_camera_open(&at, gh_clock_system(), &camera, NULL), GH_UNSUPPORTED);
}

static void failing_open_leaves_nothing(void **state)
{
	struct gh_camera *camera;
	struct gh_error error = GH_ERROR_NONE;
	fake_reset();
	fake.open = GH_DENIED;
	assert_int_equal(gh_camera_open(&address, gh_clock_system(), &camera, &error), GH_DENIED);
	assert_null(camera);
	assert_int_equal(fake.closed, 0);
	assert_string_equal(error.text, "opening camera/fake: as told");
}

static void gone_in_any_call_loses_the_camera(void **state)
{
	static const struct {
		size_t offset;
		enum gh_status (*call)(struct gh_camera *camera);
		enum place place;
	} ways[] = {
		{ offsetof(struct fake, modes), call_modes, PLACE_OPEN },
		{ offsetof(struct fake, configure), configure, PLACE_READY },
		{ offsetof(struct fake, start), call_start, PLACE_READY },
		{ offsetof(struct fake, wait), call_wait, PLACE_STREAMING },
		{ offsetof(struct fake, control), call_set, PLACE_STREAMING },
	};
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		fake_reset();
		struct gh_camera *camera = bring(ways[i].place);
		enum gh_status gone = GH_GONE;
		memcpy((char *)&fake + ways[i].offset, &gone, sizeof(gone));
		assert_int_equal(ways[i].call(camera), GH_GONE);
		assert_int_equal(gh_camera_state(camera), GH_DEVICE_LOST);
		assert_int_equal(gh_camera_counters(camera).lost, 1);
		gh_camera_close(camera);
		assert_int_equal(fake.opened, fake.closed);
	}
}

static void status_a_wait_cannot_have_counts_as_gone(void **state)
{
	static const enum gh_status odd[] = { GH_IO, GH_INTERNAL, GH_NO_MEMORY, GH_WRONG_STATE };
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		fake_reset();
		struct gh_camera *camera = bring(PLACE_STREAMING);
		fake.wait = odd[i];
		assert_int_equal(call_wait(camera), GH_GONE);
		assert_int_equal(gh_camera_state(camera), GH_DEVICE_LOST);
		gh_camera_close(camera);
	}
}

static void failing_configure_leaves_the_camera_open(void **state)
{
	fake_reset();
	struct gh_camera *camera = bring(PLACE_READY);
	fake.configure = GH_UNSUPPORTED;
	assert_int_equal(configure(camera), GH_UNSUPPORTED);
	assert_int_equal(call_start(camera), GH_WRONG_STATE);
	fake.configure = GH_OK;
	assert_int_equal(configure(camera), GH_OK);
	assert_int_equal(call_start(camera), GH_OK);
	gh_camera_close(camera);
}

static enum gh_status deliver(struct gh_camera *camera, uint64_t sequence, uint64_t capture_us)
{
	fake.sequence = sequence;
	fake.capture_us = capture_us;
	return call_wait(camera);
}

static void gaps_are_drops(void **state)
{
	fake_reset();
	struct gh_camera *camera = bring(PLACE_STREAMING);
	assert_int_equal(deliver(camera, 5, 100), GH_OK);
	assert_int_equal(deliver(camera, 6, 100), GH_OK);
	assert_int_equal(deliver(camera, 9, 200), GH_OK);
	struct gh_device_counters counters = gh_camera_counters(camera);
	assert_int_equal(counters.delivered, 3);
	assert_int_equal(counters.dropped, 2);
	assert_int_equal(counters.damaged, 0);
	gh_camera_close(camera);
}

static void damaged_frame_is_not_a_drop_too(void **state)
{
	fake_reset();
	struct gh_camera *camera = bring(PLACE_STREAMING);
	assert_int_equal(deliver(camera, 5, 100), GH_OK);
	fake.wait = GH_MALFORMED;
	assert_int_equal(call_wait(camera), GH_MALFORMED);
	fake.wait = GH_OK;
	assert_int_equal(deliver(camera, 8, 100), GH_OK);
	struct gh_device_counters counters = gh_camera_counters(camera);
	assert_int_equal(counters.damaged, 1);
	assert_int_equal(counters.dropped, 1);
	gh_camera_close(camera);
}

static void sequence_and_time_never_go_back(void **state)
{
	fake_reset();
	struct gh_camera *camera = bring(PLACE_STREAMING);
	assert_int_equal(deliver(camera, 5, 100), GH_OK);
	assert_int_equal(deliver(camera, 5, 110), GH_MALFORMED);
	assert_int_equal(deliver(camera, 4, 120), GH_MALFORMED);
	assert_int_equal(deliver(camera, 6, 99), GH_MALFORMED);
	assert_int_equal(deliver(camera, 7, 100), GH_OK);
	assert_int_equal(gh_camera_counters(camera).damaged, 3);
	assert_int_equal(gh_camera_state(camera), GH_DEVICE_STREAMING);
	gh_camera_close(camera);
}

static void sequence_may_begin_anew_at_start_but_time_not(void **state)
{
	fake_reset();
	struct gh_camera *camera = bring(PLACE_STREAMING);
	assert_int_equal(deliver(camera, 5, 100), GH_OK);
	assert_int_equal(call_stop(camera), GH_OK);
	assert_int_equal(call_start(camera), GH_OK);
	assert_int_equal(deliver(camera, 0, 99), GH_MALFORMED);
	assert_int_equal(deliver(camera, 0, 100), GH_OK);
	assert_int_equal(gh_camera_counters(camera).dropped, 0);
	gh_camera_close(camera);
}

static void frame_from_the_future_is_refused(void **state)
{
	fake_reset();
	struct gh_camera *camera = bring(PLACE_STREAMING);
	const struct gh_clock *clock = gh_clock_system();
	assert_int_equal(deliver(camera, 0, clock->monotonic_us(clock) + 60000000), GH_MALFORMED);
	assert_int_equal(deliver(camera, 0, clock->monotonic_us(clock)), GH_OK);
	gh_camera_close(camera);
}

static void frame_that_is_not_as_configured_is_refused(void **state)
{
	fake_reset();
	struct gh_camera *camera = bring(PLACE_STREAMING);
	fake.frame_width_px = 32;
	assert_int_equal(deliver(camera, 0, 0), GH_MALFORMED);
	fake.frame_width_px = 65; /* wider than its stride: gh_frame_check() says so */
	assert_int_equal(deliver(camera, 1, 0), GH_MALFORMED);
	assert_int_equal(gh_camera_counters(camera).damaged, 2);
	gh_camera_close(camera);
}

static void refused_frames_go_back_to_the_pool(void **state)
{
	fake_reset();
	struct gh_camera *camera = bring(PLACE_STREAMING);
	fake.frame_width_px = 32;
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(deliver(camera, i, 0), GH_MALFORMED);
	gh_camera_close(camera);
}

static void frames_outlive_the_camera(void **state)
{
	fake_reset();
	struct gh_camera *camera = bring(PLACE_STREAMING);
	struct gh_frame *frame;
	assert_int_equal(gh_camera_wait(camera, 0, &frame, NULL), GH_OK);
	memset(frame->planes[0].data, 7, frame->planes[0].length_bytes);
	gh_camera_close(camera);
	assert_int_equal(frame->planes[0].data[100], 7);
	gh_frame_unref(frame);
}

static void wipe_reaches_frames_on_their_way_back(void **state)
{
	fake_reset();
	struct gh_camera *camera = open_camera("camera/fake");
	gh_camera_wipe(camera); /* without a pool there is nothing to wipe */
	assert_int_equal(configure(camera), GH_OK);
	assert_int_equal(gh_camera_start(camera, NULL), GH_OK);
	struct gh_frame *frame;
	assert_int_equal(gh_camera_wait(camera, 0, &frame, NULL), GH_OK);
	uint8_t *pixels = frame->planes[0].data;
	memset(pixels, 7, frame->planes[0].length_bytes);
	gh_camera_wipe(camera);
	assert_int_equal(pixels[0], 7);
	gh_frame_unref(frame);
	assert_int_equal(pixels[0], 0);
	gh_camera_close(camera);
}

static void wait_that_ends_the_source_keeps_streaming(void **state)
{
	fake_reset();
	struct gh_camera *camera = bring(PLACE_STREAMING);
	fake.wait = GH_CANCELLED;
	assert_int_equal(call_wait(camera), GH_CANCELLED);
	fake.wait = GH_TIMEOUT;
	assert_int_equal(call_wait(camera), GH_TIMEOUT);
	assert_int_equal(gh_camera_counters(camera).timeouts, 1);
	assert_int_equal(gh_camera_state(camera), GH_DEVICE_STREAMING);
	gh_camera_close(camera);
}

static void choose(struct gh_camera_wish wish, uint32_t width_px, uint32_t interval_us)
{
	struct gh_camera *camera = open_camera("camera/fake");
	struct gh_camera_mode mode;
	assert_int_equal(gh_camera_configure(camera, &wish, &mode, NULL), GH_OK);
	assert_int_equal(mode.width_px, width_px);
	assert_int_equal(mode.frame_interval_us, interval_us);
	gh_camera_close(camera);
}

static void nearest_mode_is_chosen(void **state)
{
	fake_reset();
	fake.mode_count = 5;
	fake.mode[0] = (struct gh_camera_mode){ GH_PIXEL_NV12, 640, 480, 33333 };
	fake.mode[1] = (struct gh_camera_mode){ GH_PIXEL_NV12, 1280, 720, 33333 };
	fake.mode[2] = (struct gh_camera_mode){ GH_PIXEL_NV12, 1280, 720, 16667 };
	fake.mode[3] = (struct gh_camera_mode){ GH_PIXEL_NV12, 1920, 1080, 33333 };
	fake.mode[4] = (struct gh_camera_mode){ GH_PIXEL_NV12, 320, 240, 8333 };
	choose((struct gh_camera_wish){ 0, 0, 0 }, 640, 33333);
	choose((struct gh_camera_wish){ 1280, 720, 0 }, 1280, 33333);
	choose((struct gh_camera_wish){ 1280, 720, 17000 }, 1280, 16667);
	choose((struct gh_camera_wish){ 1000, 700, 33333 }, 1280, 33333);
	choose((struct gh_camera_wish){ 1281, 0, 0 }, 1920, 33333);
	choose((struct gh_camera_wish){ 4000, 3000, 0 }, 1920, 33333);
	choose((struct gh_camera_wish){ 0, 0, 9000 }, 320, 8333);
}

static void impossible_modes_are_left_out(void **state)
{
	fake_reset();
	fake.mode_count = 5;
	fake.mode[0] = (struct gh_camera_mode){ GH_PIXEL_GREY, 0, 48, 0 };
	fake.mode[1] = (struct gh_camera_mode){ GH_PIXEL_GREY, 64, GH_FRAME_SIDE_MAX_PX + 1, 0 };
	fake.mode[2] = (struct gh_camera_mode){ GH_PIXEL_YUYV, 63, 48, 0 };
	fake.mode[3] = (struct gh_camera_mode){ (enum gh_pixel_format)77, 64, 48, 0 };
	fake.mode[4] = (struct gh_camera_mode){ GH_PIXEL_GREY, 64, 48, 0 };
	struct gh_camera *camera = open_camera("camera/fake");
	struct gh_camera_mode modes[GH_CAMERA_MODES_MAX];
	size_t count;
	assert_int_equal(gh_camera_modes(camera, modes, &count, NULL), GH_OK);
	assert_int_equal(count, 1);
	assert_int_equal(modes[0].width_px, 64);
	fake.mode_count = 4;
	assert_int_equal(gh_camera_modes(camera, modes, &count, NULL), GH_MALFORMED);
	assert_int_equal(count, 0);
	assert_int_equal(configure(camera), GH_MALFORMED);
	gh_camera_close(camera);
}

static void control_is_clamped(void **state)
{
	fake_reset();
	struct gh_camera *camera = bring(PLACE_OPEN);
	assert_int_equal(call_set(camera), GH_UNSUPPORTED); /* not available */
	fake.range = (struct gh_camera_range){ true, 100, 200, 150 };
	static const uint32_t asked[][2] = { { 0, 100 }, { 150, 150 }, { 201, 200 } };
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(
			gh_camera_control_set(camera, GH_CAMERA_EXPOSURE_US, asked[i][0], NULL),
			GH_OK);
		assert_int_equal(fake.control_value, asked[i][1]);
	}
	struct gh_camera_range range;
	assert_int_equal(
		gh_camera_control_range(camera, GH_CAMERA_CONTROL_COUNT, &range, NULL), GH_OK);
	assert_false(range.available);
	gh_camera_close(camera);
}

static void driver_without_the_optional_lacks_them(void **state)
{
	fake_reset();
	struct gh_camera *camera = open_camera("camera/bare");
	struct gh_camera_range range = { .available = true };
	assert_int_equal(
		gh_camera_control_range(camera, GH_CAMERA_FOCUS_PERMILLE, &range, NULL), GH_OK);
	assert_false(range.available);
	assert_int_equal(call_set(camera), GH_UNSUPPORTED);
	assert_int_equal(gh_camera_rehearse(camera, "unplug", NULL), GH_UNSUPPORTED);
	gh_camera_close(camera);
	camera = open_camera("camera/bare"); /* and it is not unplugged */
	gh_camera_close(camera);
}

static void unplugged_stays_out_until_replugged(void **state)
{
	fake_reset();
	struct gh_camera *first = bring(PLACE_STREAMING);
	struct gh_camera *second = bring(PLACE_STREAMING);
	struct gh_camera *third;
	assert_int_equal(gh_camera_rehearse(first, "unplug", NULL), GH_OK);
	assert_string_equal(fake.command, "unplug");
	assert_int_equal(call_wait(first), GH_GONE);
	assert_int_equal(call_wait(second), GH_GONE);
	assert_int_equal(gh_camera_reopen(first, NULL), GH_GONE);
	assert_int_equal(gh_camera_state(first), GH_DEVICE_LOST);
	assert_int_equal(gh_camera_open(&address, gh_clock_system(), &third, NULL), GH_GONE);
	/* The driver is let go: there is nobody to freeze. */
	assert_int_equal(gh_camera_rehearse(first, "freeze", NULL), GH_GONE);
	struct gh_device_address elsewhere = address;
	strcpy(elsewhere.address, "b");
	assert_int_equal(gh_camera_open(&elsewhere, gh_clock_system(), &third, NULL), GH_OK);
	gh_camera_close(third);

	assert_int_equal(gh_camera_rehearse(first, "replug", NULL), GH_OK);
	assert_int_equal(call_wait(second), GH_WRONG_STATE);
	assert_int_equal(gh_camera_reopen(first, NULL), GH_OK);
	assert_int_equal(gh_camera_counters(first).opened, 1);
	assert_int_equal(gh_camera_counters(first).lost, 1);
	assert_int_equal(configure(first), GH_OK);
	gh_camera_close(first);
	gh_camera_close(second);
	assert_int_equal(fake.opened, fake.closed);
}

static void reopening_that_fails_is_a_loss(void **state)
{
	fake_reset();
	struct gh_camera *camera = bring(PLACE_STREAMING);
	fake.open = GH_BUSY;
	assert_int_equal(gh_camera_reopen(camera, NULL), GH_BUSY);
	assert_int_equal(gh_camera_state(camera), GH_DEVICE_LOST);
	assert_int_equal(gh_camera_counters(camera).lost, 1);
	assert_int_equal(fake.stopped, 1);
	fake.open = GH_OK;
	assert_int_equal(gh_camera_reopen(camera, NULL), GH_OK);
	gh_camera_close(camera);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_in_every_state),
		cmocka_unit_test(close_of_nothing_is_nothing),
		cmocka_unit_test(unknown_driver_is_named_with_those_there_are),
		cmocka_unit_test(driver_of_another_class_is_no_camera),
		cmocka_unit_test(text_without_an_end_is_not_read_past),
		cmocka_unit_test(failing_open_leaves_nothing),
		cmocka_unit_test(gone_in_any_call_loses_the_camera),
		cmocka_unit_test(status_a_wait_cannot_have_counts_as_gone),
		cmocka_unit_test(failing_configure_leaves_the_camera_open),
		cmocka_unit_test(gaps_are_drops),
		cmocka_unit_test(damaged_frame_is_not_a_drop_too),
		cmocka_unit_test(sequence_and_time_never_go_back),
		cmocka_unit_test(sequence_may_begin_anew_at_start_but_time_not),
		cmocka_unit_test(frame_from_the_future_is_refused),
		cmocka_unit_test(frame_that_is_not_as_configured_is_refused),
		cmocka_unit_test(refused_frames_go_back_to_the_pool),
		cmocka_unit_test(frames_outlive_the_camera),
		cmocka_unit_test(wipe_reaches_frames_on_their_way_back),
		cmocka_unit_test(wait_that_ends_the_source_keeps_streaming),
		cmocka_unit_test(nearest_mode_is_chosen),
		cmocka_unit_test(impossible_modes_are_left_out),
		cmocka_unit_test(control_is_clamped),
		cmocka_unit_test(driver_without_the_optional_lacks_them),
		cmocka_unit_test(unplugged_stays_out_until_replugged),
		cmocka_unit_test(reopening_that_fails_is_a_loss),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
