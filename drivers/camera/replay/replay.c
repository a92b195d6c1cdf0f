/* SPDX-License-Identifier: Apache-2.0 */
/* A camera that shows a folder of pictures or a video file, and can be made to fail. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/device/bell.h"
#include "gatehouse/device/driver.h"
#include "gatehouse/device/options.h"
#include "gatehouse/device/virtual.h"
#include "exposure.h"
#include "picture.h"
#include "source.h"

#define INTERVAL_DEFAULT_US 33333u

/* Pictures looked at for one that tells the mode's size. */
#define FIRST_LOOK_MAX 64u

/* The pool shrinks towards POOL_MIN frames rather than take more than this. */
#define POOL_BYTES_MAX ((size_t)512 << 20)
#define POOL_MIN 3u

/* How long to wait for a frame to come back when pacing waits for nothing else. */
#define POOL_SLICE_US 1000u

/* The brightest light a picture can be shown in. */
#define AMBIENT_MAX_PERMILLE 64000u

enum pace {
	PACE_WALL,
	PACE_FAST
};

static const char *const pace_words[] = { "wall", "fast", NULL };

/* In the order of enum gh_pixel_format. */
static const char *const format_words[] = { "grey", "rgb24", "nv12", "yuyv", "mjpeg", NULL };

struct settings {
	uint32_t pace;
	uint32_t interval_us; /* 0: the video's own, or 30 a second */
	uint32_t loop;
	uint32_t format;
	uint32_t drop;
	uint32_t delay_ms;
	uint32_t paused;
	uint32_t buffers;
	uint32_t controls;
	uint32_t tell;
	uint32_t lag_frames;
	uint32_t ambient_permille;
	uint32_t lamp_permille;
	uint32_t scene;
};

/* What other threads order; guarded by the bell. */
struct orders {
	bool unplugged;
	bool paused;
	bool frozen;
	uint32_t drop;
	uint32_t delay_ms;
	uint32_t ambient_permille;
	struct gh_replay_source *next; /* to play instead, or NULL */
	bool sized;                    /* a mode was chosen: another source must have its size */
	bool wipe;                     /* the passage is over */
};

struct replay {
	struct settings settings;
	struct gh_bell bell;
	struct orders orders;
	/* All below belongs to the thread that waits. */
	struct gh_replay_source *source;
	struct gh_replay_shape shape;
	struct gh_replay_decoder *decoder;
	struct gh_replay_pipeline pipeline;
	struct gh_replay_tone tone;
	size_t index; /* of the next picture */
	size_t shown; /* of the last one, while any_shown */
	bool any_shown;
	bool end_told; /* a cut video was reported */
	bool ended;    /* GH_CANCELLED was given */
	bool off_beat; /* the next frame begins a new beat: after start and a pause */
	uint64_t sequence;
	uint64_t next_us; /* when the next frame is captured */
};

static enum gh_status parse_settings(
	const char *text, struct settings *settings, struct gh_error *error)
{
	*settings = (struct settings){
		.format = GH_PIXEL_RGB24, .buffers = 8, .tell = 1, .ambient_permille = 1000
	};
	const struct gh_option options[] = {
		{ "pace", pace_words, 0, 0, &settings->pace },
		{ "interval_us", NULL, 1000, 10000000, &settings->interval_us },
		{ "loop", gh_option_switch, 0, 0, &settings->loop },
		{ "format", format_words, 0, 0, &settings->format },
		{ "drop", NULL, 2, 1000000, &settings->drop },
		{ "delay_ms", NULL, 0, 60000, &settings->delay_ms },
		{ "paused", gh_option_switch, 0, 0, &settings->paused },
		{ "buffers", NULL, POOL_MIN, 32, &settings->buffers },
		{ "controls", gh_option_switch, 0, 0, &settings->controls },
		{ "tell", gh_option_switch, 0, 0, &settings->tell },
		{ "lag_frames", NULL, 0, GH_REPLAY_LAG_MAX, &settings->lag_frames },
		{ "ambient_permille", NULL, 0, AMBIENT_MAX_PERMILLE, &settings->ambient_permille },
		{ "lamp_permille", NULL, 0, AMBIENT_MAX_PERMILLE, &settings->lamp_permille },
		{ "scene", NULL, 0, GH_VIRTUAL_SCENES - 1, &settings->scene },
	};
	return gh_options_parse(text, options, sizeof(options) / sizeof(options[0]), error);
}

/* What is delivered as the file has it cannot be shown in another light. */
static enum gh_status check_light(const struct settings *settings, struct gh_error *error)
{
	bool as_it_is = settings->controls == 0 && settings->ambient_permille == 1000 &&
		settings->lamp_permille == 0;

	if (settings->format == GH_PIXEL_MJPEG && !as_it_is)
		return gh_error_set(error, GH_SETTINGS,
			"format=mjpeg has no pixels for controls, ambient_permille and "
			"lamp_permille");
	return GH_OK;
}

static enum gh_status measure_one(struct gh_replay_source *source, size_t index,
	struct gh_replay_shape *shape, struct gh_error *error)
{
	struct gh_view file;
	enum gh_status status = gh_replay_source_read(source, index, &file, error);
	if (status != GH_OK)
		return status;
	if (shape->format == GH_PIXEL_MJPEG && gh_replay_kind_of(file) != GH_REPLAY_JPEG)
		return gh_error_set(error, GH_MALFORMED, "not a JPEG");
	return gh_replay_picture_size(file, &shape->width_px, &shape->height_px, error);
}

static enum gh_status check_sides(const struct gh_replay_shape *shape, struct gh_error *error)
{
	bool odd_width = shape->width_px % 2 != 0;
	bool odd_height = shape->height_px % 2 != 0;
	if ((shape->format == GH_PIXEL_YUYV && odd_width) ||
		(shape->format == GH_PIXEL_NV12 && (odd_width || odd_height)))
		return gh_error_set(error, GH_SETTINGS, "format=%s needs even sides, not %ux%u",
			gh_pixel_format_name(shape->format), shape->width_px, shape->height_px);
	return GH_OK;
}

/* The size of the first picture that tells one. */
static enum gh_status measure(struct gh_replay_source *source, enum gh_pixel_format format,
	struct gh_replay_shape *shape, struct gh_error *error)
{
	size_t count = gh_replay_source_count(source);
	enum gh_status status = GH_MALFORMED;
	*shape = (struct gh_replay_shape){ .format = format };
	for (size_t i = 0; i < count && i < FIRST_LOOK_MAX; i++) {
		status = measure_one(source, i, shape, error);
		if (status == GH_OK || status == GH_NO_MEMORY)
			break;
	}
	if (status == GH_OK) {
		gh_error_clear(error); /* of those before it */
		return check_sides(shape, error);
	}
	gh_error_wrap(error, "no readable picture among the first %u", FIRST_LOOK_MAX);
	return status == GH_NO_MEMORY ? status : GH_MALFORMED;
}

static enum gh_status open_source(const char *path, enum gh_pixel_format format,
	struct gh_replay_source **source, struct gh_replay_shape *shape, struct gh_error *error)
{
	enum gh_status status = gh_replay_source_open(path, source, error);
	if (status != GH_OK)
		return status;
	status = measure(*source, format, shape, error);
	if (status != GH_OK) {
		gh_replay_source_close(*source);
		*source = NULL;
		gh_error_wrap(error, "%s", path);
	}
	return status;
}

static enum gh_status open_camera(struct gh_camera_context *camera, struct gh_error *error)
{
	struct replay *replay = calloc(1, sizeof(*replay));
	if (!replay)
		return gh_error_set(error, GH_NO_MEMORY, "no memory for a camera");
	struct settings *settings = &replay->settings;
	enum gh_status status = parse_settings(camera->address->options, settings, error);
	if (status == GH_OK)
		status = check_light(settings, error);
	if (status != GH_OK)
		goto free_replay;
	replay->orders.paused = settings->paused != 0;
	replay->orders.delay_ms = settings->delay_ms;
	replay->orders.ambient_permille = settings->ambient_permille;
	gh_replay_pipeline_init(&replay->pipeline);
	status = open_source(camera->address->address, (enum gh_pixel_format)settings->format,
		&replay->source, &replay->shape, error);
	if (status != GH_OK)
		goto free_replay;
	status = gh_bell_init(&replay->bell, error);
	if (status != GH_OK)
		goto close_source;
	camera->own = replay;
	return GH_OK;

close_source:
	gh_replay_source_close(replay->source);
free_replay:
	free(replay);
	return status;
}

static void close_camera(struct gh_camera_context *camera)
{
	struct replay *replay = camera->own;
	gh_replay_source_close(replay->orders.next);
	gh_replay_source_close(replay->source);
	gh_replay_decoder_destroy(replay->decoder);
	gh_bell_finish(&replay->bell);
	free(replay);
}

static uint32_t interval_us(const struct replay *replay)
{
	if (replay->settings.interval_us != 0)
		return replay->settings.interval_us;
	uint32_t own_us = gh_replay_source_interval_us(replay->source);
	return own_us != 0 ? own_us : INTERVAL_DEFAULT_US;
}

static void switch_source(struct replay *replay, struct gh_replay_source *next)
{
	gh_replay_source_close(replay->source);
	replay->source = next;
	replay->index = 0;
	replay->any_shown = false;
	replay->end_told = false;
	replay->ended = false;
	replay->off_beat = true;
}

static enum gh_status modes(struct gh_camera_context *camera, struct gh_camera_mode *modes_out,
	size_t *count, struct gh_error *error)
{
	struct replay *replay = camera->own;
	gh_bell_lock(&replay->bell);
	struct gh_replay_source *next = replay->orders.next;
	replay->orders.next = NULL;
	gh_bell_unlock(&replay->bell);
	if (next) {
		struct gh_replay_shape shape;
		switch_source(replay, next);
		enum gh_status status =
			measure(replay->source, replay->shape.format, &shape, error);
		if (status != GH_OK)
			return status;
		gh_bell_lock(&replay->bell);
		replay->shape = shape;
		gh_bell_unlock(&replay->bell);
	}
	modes_out[0] = (struct gh_camera_mode){
		.format = replay->shape.format,
		.width_px = replay->shape.width_px,
		.height_px = replay->shape.height_px,
		.frame_interval_us = replay->settings.pace == PACE_FAST ? 0 : interval_us(replay),
	};
	*count = 1;
	return GH_OK;
}

static size_t frame_bytes(const struct replay *replay)
{
	if (replay->shape.format != GH_PIXEL_MJPEG)
		return gh_replay_shape_bytes(&replay->shape);
	/* A source loaded later may have larger pictures: two bytes a pixel is plenty. */
	size_t usual = (size_t)replay->shape.width_px * replay->shape.height_px * 2;
	size_t largest = gh_replay_source_largest_bytes(replay->source);
	return largest > usual ? largest : usual;
}

static enum gh_status configure(struct gh_camera_context *camera, const struct gh_camera_mode *mode,
	struct gh_camera_buffers *buffers, struct gh_error *error)
{
	struct replay *replay = camera->own;
	assert(mode->width_px == replay->shape.width_px);
	(void)mode;
	gh_replay_decoder_destroy(replay->decoder);
	enum gh_status status = gh_replay_decoder_create(&replay->shape, &replay->decoder, error);
	if (status != GH_OK)
		return status;

	buffers->buffer_bytes = frame_bytes(replay);
	size_t most = POOL_BYTES_MAX / buffers->buffer_bytes;
	uint32_t count = replay->settings.buffers;
	if (most < count)
		count = most < POOL_MIN ? POOL_MIN : (uint32_t)most;
	buffers->buffer_count = count;

	gh_bell_lock(&replay->bell);
	replay->orders.sized = true;
	gh_bell_unlock(&replay->bell);
	return GH_OK;
}

static enum gh_status start(struct gh_camera_context *camera, struct gh_error *error)
{
	(void)error;
	struct replay *replay = camera->own;
	replay->off_beat = true;
	replay->sequence = 0;
	return GH_OK;
}

static void stop(struct gh_camera_context *camera)
{
	(void)camera; /* nothing runs between two waits */
}

/* What one look at the orders and the clock tells the waiting thread to do. */
enum turn {
	TURN_SHOW,  /* a frame is due */
	TURN_SLEEP, /* until until_us or the bell */
	TURN_GONE,
	TURN_FINISH, /* all pictures were shown */
};

struct look {
	enum turn turn;
	uint64_t until_us;
	uint64_t now_us;
	uint32_t delay_us;
	uint32_t ambient_permille;
	bool frozen;
};

/* Locked. */
static struct look look_around(struct replay *replay, const struct gh_clock *clock)
{
	const struct orders *orders = &replay->orders;
	struct look look = {
		.turn = TURN_SHOW,
		.until_us = GH_BELL_NEVER,
		.now_us = clock->monotonic_us(clock),
		.delay_us = orders->delay_ms * 1000,
		.ambient_permille = orders->ambient_permille,
		.frozen = orders->frozen,
	};
	if (orders->unplugged) {
		look.turn = TURN_GONE;
	} else if (orders->paused) {
		look.turn = TURN_SLEEP;
		replay->off_beat = true;
	} else if (replay->ended) {
		look.turn = TURN_FINISH;
	} else {
		if (replay->off_beat)
			replay->next_us = look.now_us;
		replay->off_beat = false;
		look.until_us = replay->next_us + look.delay_us;
		if (look.until_us > look.now_us)
			look.turn = TURN_SLEEP;
	}
	return look;
}

/* One drop was ordered, or its turn has come. */
static bool drops(struct replay *replay)
{
	bool ordered = false;
	gh_bell_lock(&replay->bell);
	if (replay->orders.drop > 0) {
		replay->orders.drop--;
		ordered = true;
	}
	gh_bell_unlock(&replay->bell);
	uint32_t every = replay->settings.drop;
	return ordered || (every != 0 && (replay->sequence + 1) % every == 0);
}

static void go_on(struct replay *replay, uint64_t pictures)
{
	size_t count = gh_replay_source_count(replay->source);
	if (pictures > count - replay->index)
		replay->index = replay->settings.loop ? (size_t)((replay->index + pictures) % count)
						      : count;
	else
		replay->index += (size_t)pictures;
}

/* A sensor does not wait for a slow reader: what it missed is a gap in the sequence. */
static void catch_up(struct replay *replay, const struct look *look)
{
	if (replay->settings.pace == PACE_FAST)
		return;
	uint64_t late_us = look->now_us - look->delay_us - replay->next_us;
	uint64_t missed = late_us / interval_us(replay);
	replay->sequence += missed;
	replay->next_us += missed * interval_us(replay);
	if (!look->frozen)
		go_on(replay, missed);
}

/* At the end of the source: say what is wrong with it once, then loop or finish. */
static enum gh_status turn_round(struct replay *replay, struct gh_error *error)
{
	if (!replay->end_told) {
		replay->end_told = true;
		if (gh_replay_source_end(replay->source, error) != GH_OK)
			return GH_MALFORMED;
	}
	if (replay->settings.loop) {
		replay->index = 0;
		replay->end_told = false;
		return GH_OK;
	}
	replay->ended = true;
	return gh_error_set(error, GH_CANCELLED, "all %zu pictures were shown",
		gh_replay_source_count(replay->source));
}

/* The picture this turn shows, and the place it leaves. */
static size_t pick(struct replay *replay, bool frozen)
{
	if (frozen && replay->any_shown)
		return replay->shown;
	replay->shown = replay->index;
	replay->any_shown = true;
	replay->index++;
	return replay->shown;
}

static enum gh_status fill(struct replay *replay, struct gh_view file, struct gh_frame *frame,
	uint8_t *memory, size_t memory_bytes, struct gh_error *error)
{
	const struct gh_replay_shape *shape = &replay->shape;
	frame->width_px = shape->width_px;
	frame->height_px = shape->height_px;
	frame->format = shape->format;
	frame->damaged = false;
	if (shape->format != GH_PIXEL_MJPEG) {
		gh_replay_shape_planes(shape, memory, frame->planes);
		return gh_replay_decode(replay->decoder, file, frame->planes, error);
	}
	if (file.length_bytes > memory_bytes)
		return gh_error_set(error, GH_TOO_LARGE, "larger than the buffers");
	memcpy(memory, file.data, file.length_bytes);
	frame->planes[0] = (struct gh_plane){ memory, 0, (uint32_t)file.length_bytes };
	frame->planes[1] = (struct gh_plane){ NULL, 0, 0 };
	return gh_replay_decode(replay->decoder, file, frame->planes, error);
}

/* As the sensor takes it in today's light: exposure and gain pass through its pipeline. */
static void expose(struct replay *replay, const struct look *look, struct gh_frame *frame)
{
	const struct settings *settings = &replay->settings;
	bool tells = settings->controls != 0 && settings->tell != 0;
	struct gh_replay_setting setting =
		gh_replay_pipeline_next(&replay->pipeline, settings->lag_frames);
	struct gh_replay_light light = { look->ambient_permille, settings->lamp_permille,
		gh_virtual_lamp(settings->scene) };

	frame->exposure_us = tells ? setting.exposure_us : GH_FRAME_UNKNOWN;
	frame->gain_permille = tells ? setting.gain_permille : GH_FRAME_UNKNOWN;
	gh_replay_tone_make(&replay->tone, gh_replay_exposure_factor(&light, &setting));
	gh_replay_tone_apply(&replay->tone, &replay->shape, frame->planes);
}

static enum gh_status show(struct replay *replay, const struct look *look, struct gh_frame *frame,
	uint8_t *memory, size_t memory_bytes, struct gh_error *error)
{
	size_t picture = pick(replay, look->frozen);
	bool fast = replay->settings.pace == PACE_FAST;
	frame->sequence = replay->sequence++;
	frame->capture_us = fast ? look->now_us - look->delay_us : replay->next_us;
	frame->arrival_time = fast;
	replay->next_us = fast ? look->now_us : replay->next_us + interval_us(replay);

	struct gh_view file;
	enum gh_status status = gh_replay_source_read(replay->source, picture, &file, error);
	if (status != GH_OK)
		return status;
	if (file.length_bytes == 0)
		return GH_TIMEOUT; /* the video says: dropped */
	status = fill(replay, file, frame, memory, memory_bytes, error);
	if (status == GH_OK) {
		expose(replay, look, frame);
		return GH_OK;
	}
	gh_error_wrap(error, "picture %zu", picture + 1);
	return GH_MALFORMED;
}

/* A frame is due: GH_TIMEOUT when this turn showed none and the next may. */
static enum gh_status take_turn(struct gh_camera_context *camera, const struct look *look,
	struct gh_frame **frame, struct gh_error *error)
{
	struct replay *replay = camera->own;
	bool fast = replay->settings.pace == PACE_FAST;
	catch_up(replay, look);
	if (replay->index >= gh_replay_source_count(replay->source) && !look->frozen) {
		enum gh_status status = turn_round(replay, error);
		if (status != GH_OK)
			return status;
	}
	uint8_t *memory = NULL;
	size_t memory_bytes = 0;
	bool dropped = drops(replay);
	struct gh_frame *taken =
		dropped ? NULL : gh_frame_take(camera->pool, &memory, &memory_bytes);
	if (!taken) {
		/* At its own pace it waits for a buffer; a sensor would not. */
		if (fast && !dropped) {
			replay->next_us = look->now_us + POOL_SLICE_US;
			return GH_TIMEOUT;
		}
		pick(replay, look->frozen);
		replay->sequence++;
		replay->next_us += fast ? 0 : interval_us(replay);
		return GH_TIMEOUT;
	}
	enum gh_status status = show(replay, look, taken, memory, memory_bytes, error);
	if (status == GH_OK)
		*frame = taken;
	else
		gh_frame_unref(taken);
	return status;
}

/* Overwrite what is left of the last picture; locked. */
static void obey_wipe(struct replay *replay)
{
	if (!replay->orders.wipe)
		return;
	replay->orders.wipe = false;
	gh_replay_source_wipe(replay->source);
	gh_replay_decoder_wipe(replay->decoder);
}

/* Look until there is something to do; GH_TIMEOUT when the deadline came first. */
static enum gh_status look_and_sleep(
	struct gh_camera_context *camera, uint64_t deadline_us, struct look *look)
{
	struct replay *replay = camera->own;
	enum gh_status status = GH_OK;
	gh_bell_lock(&replay->bell);
	while (status == GH_OK) {
		obey_wipe(replay);
		struct gh_replay_source *next = replay->orders.next;
		replay->orders.next = NULL;
		if (next) {
			gh_bell_unlock(&replay->bell);
			switch_source(replay, next);
			gh_bell_lock(&replay->bell);
			continue;
		}
		*look = look_around(replay, camera->clock);
		if (look->turn == TURN_SHOW || look->turn == TURN_GONE)
			break;
		status = gh_bell_wait(&replay->bell, camera->clock, look->until_us, deadline_us);
	}
	gh_bell_unlock(&replay->bell);
	return status;
}

static enum gh_status wait_frame(struct gh_camera_context *camera, uint32_t timeout_ms,
	struct gh_frame **frame, struct gh_error *error)
{
	uint64_t deadline_us = gh_bell_deadline_us(timeout_ms);
	enum gh_status status = GH_TIMEOUT;
	*frame = NULL;
	while (status == GH_TIMEOUT) {
		struct look look = { .turn = TURN_SLEEP };
		status = look_and_sleep(camera, deadline_us, &look);
		if (status != GH_OK)
			return look.turn == TURN_FINISH
				? gh_error_set(error, GH_CANCELLED, "nothing is left to show")
				: status;
		if (look.turn == TURN_GONE)
			return gh_error_set(error, GH_GONE, "unplugged (rehearsed)");
		status = take_turn(camera, &look, frame, error);
		/* Frames dropped without an end must not hold the caller. */
		if (status == GH_TIMEOUT && gh_bell_deadline_us(0) > deadline_us)
			break;
	}
	return status;
}

static void wipe(struct gh_camera_context *camera)
{
	struct replay *replay = camera->own;
	gh_bell_lock(&replay->bell);
	replay->orders.wipe = true;
	gh_bell_ring(&replay->bell);
	gh_bell_unlock(&replay->bell);
}

static enum gh_status load(struct replay *replay, const char *path, struct gh_error *error)
{
	struct gh_replay_source *source;
	struct gh_replay_shape shape;
	enum gh_status status = open_source(
		path, (enum gh_pixel_format)replay->settings.format, &source, &shape, error);
	if (status != GH_OK)
		return status;

	gh_bell_lock(&replay->bell);
	struct gh_replay_source *unused = source;
	if (replay->orders.sized &&
		(shape.width_px != replay->shape.width_px ||
			shape.height_px != replay->shape.height_px)) {
		status = gh_error_set(error, GH_UNSUPPORTED, "%s: %ux%u, and %ux%u is played", path,
			shape.width_px, shape.height_px, replay->shape.width_px,
			replay->shape.height_px);
	} else {
		unused = replay->orders.next;
		replay->orders.next = source;
		gh_bell_ring(&replay->bell);
	}
	gh_bell_unlock(&replay->bell);
	gh_replay_source_close(unused);
	return status;
}

/* The orders that are one word. */
static bool obey_word(struct orders *orders, const char *command)
{
	if (strcmp(command, "unplug") == 0)
		orders->unplugged = true;
	else if (strcmp(command, "freeze") == 0)
		orders->frozen = true;
	else if (strcmp(command, "thaw") == 0)
		orders->frozen = false;
	else if (strcmp(command, "pause") == 0)
		orders->paused = true;
	else if (strcmp(command, "resume") == 0)
		orders->paused = false;
	else
		return false;
	return true;
}

static enum gh_status obey_number(struct replay *replay, const char *rest, uint32_t maximum,
	uint32_t *order, struct gh_error *error)
{
	uint32_t value = 0;
	enum gh_status status = gh_number_parse(rest, 0, maximum, &value, error);
	if (status != GH_OK)
		return status;
	gh_bell_lock(&replay->bell);
	*order = value;
	gh_bell_ring(&replay->bell);
	gh_bell_unlock(&replay->bell);
	return GH_OK;
}

static enum gh_status control_range(struct gh_camera_context *camera,
	enum gh_camera_control control, struct gh_camera_range *range, struct gh_error *error)
{
	const struct replay *replay = camera->own;
	(void)error;
	*range = (struct gh_camera_range){ 0 };
	if (replay->settings.controls == 0)
		return GH_OK;
	if (control == GH_CAMERA_EXPOSURE_US)
		*range = (struct gh_camera_range){ true, GH_REPLAY_EXPOSURE_MIN_US,
			GH_REPLAY_EXPOSURE_MAX_US, GH_REPLAY_EXPOSURE_US };
	else if (control == GH_CAMERA_GAIN_PERMILLE)
		*range = (struct gh_camera_range){ true, GH_REPLAY_GAIN_MIN_PERMILLE,
			GH_REPLAY_GAIN_MAX_PERMILLE, GH_REPLAY_GAIN_PERMILLE };
	return GH_OK;
}

static enum gh_status control_set(struct gh_camera_context *camera, enum gh_camera_control control,
	uint32_t value, struct gh_error *error)
{
	struct replay *replay = camera->own;
	struct gh_replay_setting *newest = &replay->pipeline.line[0];
	(void)error;
	if (control == GH_CAMERA_EXPOSURE_US)
		newest->exposure_us = value;
	else
		newest->gain_permille = value;
	return GH_OK;
}

static enum gh_status change_ambient(
	struct replay *replay, const char *rest, struct gh_error *error)
{
	if (replay->settings.format == GH_PIXEL_MJPEG)
		return gh_error_set(error, GH_UNSUPPORTED, "format=mjpeg has no pixels to light");
	return obey_number(
		replay, rest, AMBIENT_MAX_PERMILLE, &replay->orders.ambient_permille, error);
}

static enum gh_status rehearse(
	struct gh_camera_context *camera, const char *command, struct gh_error *error)
{
	struct replay *replay = camera->own;
	const char *rest = gh_command_rest(command, "load");
	if (rest)
		return load(replay, rest, error);
	rest = gh_command_rest(command, "drop");
	if (rest)
		return obey_number(replay, rest, 1000000, &replay->orders.drop, error);
	rest = gh_command_rest(command, "delay");
	if (rest)
		return obey_number(replay, rest, 60000, &replay->orders.delay_ms, error);
	rest = gh_command_rest(command, "ambient");
	if (rest)
		return change_ambient(replay, rest, error);

	gh_bell_lock(&replay->bell);
	bool obeyed = obey_word(&replay->orders, command);
	gh_bell_ring(&replay->bell);
	gh_bell_unlock(&replay->bell);
	if (obeyed)
		return GH_OK;
	return gh_error_set(error, GH_UNSUPPORTED,
		"a replay can rehearse: unplug, replug, pause, resume, freeze, thaw, "
		"drop N, delay MS, ambient PERMILLE, load PATH");
}

static const struct gh_camera_driver calls = {
	.open = open_camera,
	.close = close_camera,
	.modes = modes,
	.configure = configure,
	.start = start,
	.stop = stop,
	.wait = wait_frame,
	.wipe = wipe,
	.control_range = control_range,
	.control_set = control_set,
	.rehearse = rehearse,
};

const struct gh_driver gh_driver_camera_replay = {
	.name = "camera/replay",
	.device_class = GH_DEVICE_CAMERA,
	.is_virtual = true,
	.camera = &calls,
};
