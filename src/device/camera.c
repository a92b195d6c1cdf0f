/* SPDX-License-Identifier: Apache-2.0 */
/* Cameras: the state checks before a driver is called, and the checks on what it delivers. */
#include "gatehouse/device/camera.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "choose.h"
#include "lifecycle.h"
#include "plug.h"

/* A frame from further ahead than this has another clock than ours. */
#define FUTURE_MAX_US 1000000u

/* What the next frame is held against. */
struct trail {
	bool any;            /* since start */
	uint64_t sequence;   /* of the last frame */
	uint64_t capture_us; /* of the last frame, over all starts */
	uint64_t damaged;    /* frames refused since the last one */
};

struct gh_camera {
	struct gh_lifecycle lifecycle;
	const struct gh_driver *driver;
	struct gh_device_address address;
	struct gh_camera_context context;
	/* Held in rehearse() and while the driver is let go: rehearse() comes from any thread. */
	pthread_mutex_t presence;
	bool claimed; /* the driver's open() succeeded and its close() was not called */
	bool started;
	struct gh_camera_mode mode;
	struct trail trail;
};

static const struct gh_camera_driver *calls(const struct gh_camera *camera)
{
	return camera->driver->camera;
}

static bool consistent(struct gh_camera *camera)
{
	enum gh_phase phase = gh_lifecycle_phase(&camera->lifecycle);
	bool pool = camera->context.pool != NULL;
	switch (phase) {
	case GH_PHASE_CLOSED:
		return !camera->claimed && !camera->started && !pool;
	case GH_PHASE_OPEN:
		return camera->claimed && !camera->started && !pool;
	case GH_PHASE_READY:
		return camera->claimed && !camera->started && pool;
	case GH_PHASE_STREAMING:
		return camera->claimed && camera->started && pool;
	case GH_PHASE_LOST:
		return gh_lifecycle_counters(&camera->lifecycle).lost > 0;
	case GH_PHASE_COUNT:
		break;
	}
	return false;
}

static enum gh_status begin(struct gh_camera *camera, enum gh_call call, struct gh_error *error)
{
	assert(consistent(camera));
	return gh_lifecycle_begin(&camera->lifecycle, call, error);
}

static enum gh_status end(struct gh_camera *camera, enum gh_call call, enum gh_status status)
{
	gh_lifecycle_end(&camera->lifecycle, call, status);
	assert(consistent(camera));
	return status;
}

/* The pool is changed under the lock, because gh_camera_wipe() comes from any thread. */
static void set_pool(struct gh_camera *camera, struct gh_frame_pool *pool)
{
	pthread_mutex_lock(&camera->lifecycle.lock);
	struct gh_frame_pool *old = camera->context.pool;
	camera->context.pool = pool;
	pthread_mutex_unlock(&camera->lifecycle.lock);
	gh_frame_pool_destroy(old);
}

static enum gh_status claim(struct gh_camera *camera, struct gh_error *error)
{
	enum gh_status status = gh_plug_check(&camera->address, error);
	if (status == GH_OK)
		status = calls(camera)->open(&camera->context, error);
	camera->claimed = status == GH_OK;
	return status;
}

static void let_go(struct gh_camera *camera)
{
	if (camera->started)
		calls(camera)->stop(&camera->context);
	camera->started = false;
	if (camera->claimed)
		calls(camera)->close(&camera->context);
	camera->claimed = false;
	camera->context.own = NULL;
	set_pool(camera, NULL);
}

static void destroy(struct gh_camera *camera)
{
	pthread_mutex_destroy(&camera->presence);
	gh_lifecycle_finish(&camera->lifecycle);
	free(camera);
}

enum gh_status gh_camera_open(const struct gh_device_address *address, const struct gh_clock *clock,
	struct gh_camera **camera, struct gh_error *error)
{
	*camera = NULL;
	const struct gh_driver *driver;
	struct gh_device_address copy = gh_address_copy(address);
	enum gh_status status = gh_driver_choose(&copy, true, &driver, error);
	if (status != GH_OK)
		return status;

	struct gh_camera *made = calloc(1, sizeof(*made));
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "%s: no memory to open it", driver->name);
	gh_lifecycle_init(&made->lifecycle, &gh_machine_camera, driver->name);
	pthread_mutex_init(&made->presence, NULL);
	made->driver = driver;
	made->address = copy;
	made->context = (struct gh_camera_context){ .address = &made->address, .clock = clock };

	status = begin(made, GH_CALL_OPEN, error);
	assert(status == GH_OK);
	status = end(made, GH_CALL_OPEN, claim(made, error));
	if (status != GH_OK) {
		destroy(made);
		gh_error_wrap(error, "opening %s", driver->name);
		return status;
	}
	*camera = made;
	return GH_OK;
}

enum gh_status gh_camera_reopen(struct gh_camera *camera, struct gh_error *error)
{
	enum gh_status status = begin(camera, GH_CALL_REOPEN, error);
	if (status != GH_OK)
		return status;
	pthread_mutex_lock(&camera->presence);
	let_go(camera);
	status = claim(camera, error);
	pthread_mutex_unlock(&camera->presence);
	camera->trail.any = false;
	if (status == GH_OK)
		gh_lifecycle_count(&camera->lifecycle, &(struct gh_device_counters){ .opened = 1 });
	return end(camera, GH_CALL_REOPEN, status);
}

void gh_camera_close(struct gh_camera *camera)
{
	if (!camera)
		return;
	assert(consistent(camera));
	pthread_mutex_lock(&camera->presence);
	let_go(camera);
	pthread_mutex_unlock(&camera->presence);
	end(camera, GH_CALL_CLOSE, GH_OK);
	destroy(camera);
}

static enum gh_status ask_modes(struct gh_camera *camera, struct gh_camera_mode *modes,
	size_t *count, struct gh_error *error)
{
	*count = 0;
	size_t offered = 0;
	enum gh_status status = calls(camera)->modes(&camera->context, modes, &offered, error);
	if (status != GH_OK)
		return status;
	assert(offered <= GH_CAMERA_MODES_MAX);
	*count = gh_modes_keep_valid(modes, offered);
	if (*count == 0)
		return gh_error_set(error, GH_MALFORMED, "%s: none of its %zu modes can be",
			camera->driver->name, offered);
	return GH_OK;
}

enum gh_status gh_camera_modes(struct gh_camera *camera, struct gh_camera_mode *modes,
	size_t *count, struct gh_error *error)
{
	*count = 0;
	enum gh_status status = begin(camera, GH_CALL_MODES, error);
	if (status != GH_OK)
		return status;
	return end(camera, GH_CALL_MODES, ask_modes(camera, modes, count, error));
}

static enum gh_status configure(
	struct gh_camera *camera, const struct gh_camera_wish *wish, struct gh_error *error)
{
	struct gh_camera_mode modes[GH_CAMERA_MODES_MAX];
	size_t count;
	enum gh_status status = ask_modes(camera, modes, &count, error);
	if (status != GH_OK)
		return status;

	struct gh_camera_buffers buffers = { 0, 0 };
	camera->mode = modes[gh_mode_choose(modes, count, wish)];
	status = calls(camera)->configure(&camera->context, &camera->mode, &buffers, error);
	if (status != GH_OK)
		return status;
	assert(buffers.buffer_count >= 1);

	struct gh_frame_pool *pool;
	status = gh_frame_pool_create(buffers.buffer_count, buffers.buffer_bytes, &pool, error);
	if (status == GH_OK)
		set_pool(camera, pool);
	return status;
}

enum gh_status gh_camera_configure(struct gh_camera *camera, const struct gh_camera_wish *wish,
	struct gh_camera_mode *mode, struct gh_error *error)
{
	*mode = (struct gh_camera_mode){ 0 };
	enum gh_status status = begin(camera, GH_CALL_CONFIGURE, error);
	if (status != GH_OK)
		return status;
	set_pool(camera, NULL);
	status = configure(camera, wish, error);
	if (status == GH_OK)
		*mode = camera->mode;
	return end(camera, GH_CALL_CONFIGURE, status);
}

enum gh_status gh_camera_start(struct gh_camera *camera, struct gh_error *error)
{
	enum gh_status status = begin(camera, GH_CALL_START, error);
	if (status != GH_OK)
		return status;
	camera->trail.any = false;
	camera->trail.damaged = 0;
	status = calls(camera)->start(&camera->context, error);
	camera->started = status == GH_OK;
	return end(camera, GH_CALL_START, status);
}

enum gh_status gh_camera_stop(struct gh_camera *camera, struct gh_error *error)
{
	enum gh_status status = begin(camera, GH_CALL_STOP, error);
	if (status != GH_OK)
		return status;
	calls(camera)->stop(&camera->context);
	camera->started = false;
	return end(camera, GH_CALL_STOP, GH_OK);
}

static enum gh_status check_frame(
	struct gh_camera *camera, const struct gh_frame *frame, struct gh_error *error)
{
	const struct trail *trail = &camera->trail;
	const struct gh_camera_mode *mode = &camera->mode;
	enum gh_status status = gh_frame_check(frame, error);
	if (status != GH_OK)
		return status;
	if (frame->format != mode->format || frame->width_px != mode->width_px ||
		frame->height_px != mode->height_px)
		return gh_error_set(error, GH_MALFORMED, "%ux%u %s where %ux%u %s is configured",
			frame->width_px, frame->height_px, gh_pixel_format_name(frame->format),
			mode->width_px, mode->height_px, gh_pixel_format_name(mode->format));
	if (trail->any && frame->sequence <= trail->sequence)
		return gh_error_set(error, GH_MALFORMED, "sequence %llu after %llu",
			(unsigned long long)frame->sequence, (unsigned long long)trail->sequence);
	if (frame->capture_us < trail->capture_us)
		return gh_error_set(error, GH_MALFORMED, "captured before the frame before it");
	const struct gh_clock *clock = camera->context.clock;
	if (frame->capture_us > clock->monotonic_us(clock) + FUTURE_MAX_US)
		return gh_error_set(error, GH_MALFORMED, "captured in the future");
	return GH_OK;
}

/* A frame the driver called damaged often leaves a gap too: it is counted once. */
static void follow(struct gh_camera *camera, const struct gh_frame *frame)
{
	struct trail *trail = &camera->trail;
	struct gh_device_counters add = { .delivered = 1 };
	if (trail->any) {
		uint64_t gap = frame->sequence - trail->sequence - 1;
		add.dropped = gap > trail->damaged ? gap - trail->damaged : 0;
	}
	trail->any = true;
	trail->sequence = frame->sequence;
	trail->capture_us = frame->capture_us;
	trail->damaged = 0;
	gh_lifecycle_count(&camera->lifecycle, &add);
}

static void refuse(struct gh_camera *camera)
{
	camera->trail.damaged++;
	gh_lifecycle_count(&camera->lifecycle, &(struct gh_device_counters){ .damaged = 1 });
}

static enum gh_status receive(
	struct gh_camera *camera, struct gh_frame *frame, struct gh_error *error)
{
	enum gh_status status = check_frame(camera, frame, error);
	if (status == GH_OK) {
		follow(camera, frame);
		return GH_OK;
	}
	refuse(camera);
	gh_error_wrap(error, "%s: a frame was refused", camera->driver->name);
	return GH_MALFORMED;
}

/* What a wait ended with, in the words of camera.h. */
static enum gh_status judge(struct gh_camera *camera, enum gh_status status, struct gh_frame *frame,
	struct gh_error *error)
{
	assert((status == GH_OK) == (frame != NULL));
	switch (status) {
	case GH_OK:
		return receive(camera, frame, error);
	case GH_TIMEOUT:
		gh_lifecycle_count(
			&camera->lifecycle, &(struct gh_device_counters){ .timeouts = 1 });
		return status;
	case GH_MALFORMED:
		refuse(camera);
		return status;
	case GH_GONE:
	case GH_CANCELLED:
		return status;
	default:
		/* A driver that cannot read its device has lost it. */
		gh_error_wrap(error, "%s: counted as gone", camera->driver->name);
		return GH_GONE;
	}
}

enum gh_status gh_camera_wait(struct gh_camera *camera, uint32_t timeout_ms,
	struct gh_frame **frame, struct gh_error *error)
{
	*frame = NULL;
	enum gh_status status = begin(camera, GH_CALL_WAIT, error);
	if (status != GH_OK)
		return status;

	struct gh_frame *got = NULL;
	status = gh_plug_check(&camera->address, error);
	if (status == GH_OK)
		status = calls(camera)->wait(&camera->context, timeout_ms, &got, error);
	status = judge(camera, status, got, error);
	if (status == GH_OK)
		*frame = got;
	else
		gh_frame_unref(got);
	return end(camera, GH_CALL_WAIT, status);
}

static enum gh_status control_range(struct gh_camera *camera, enum gh_camera_control control,
	struct gh_camera_range *range, struct gh_error *error)
{
	if (!calls(camera)->control_range || (unsigned)control >= GH_CAMERA_CONTROL_COUNT)
		return GH_OK;
	enum gh_status status =
		calls(camera)->control_range(&camera->context, control, range, error);
	if (status != GH_OK || range->minimum > range->maximum)
		*range = (struct gh_camera_range){ 0 };
	return status;
}

enum gh_status gh_camera_control_range(struct gh_camera *camera, enum gh_camera_control control,
	struct gh_camera_range *range, struct gh_error *error)
{
	*range = (struct gh_camera_range){ 0 };
	enum gh_status status = begin(camera, GH_CALL_CONTROL, error);
	if (status != GH_OK)
		return status;
	return end(camera, GH_CALL_CONTROL, control_range(camera, control, range, error));
}

static enum gh_status control_set(struct gh_camera *camera, enum gh_camera_control control,
	uint32_t value, struct gh_error *error)
{
	struct gh_camera_range range = { 0 };
	enum gh_status status = control_range(camera, control, &range, error);
	if (status != GH_OK)
		return status;
	if (!range.available || !calls(camera)->control_set)
		return gh_error_set(
			error, GH_UNSUPPORTED, "%s: it has no such control", camera->driver->name);
	value = value < range.minimum ? range.minimum : value;
	value = value > range.maximum ? range.maximum : value;
	return calls(camera)->control_set(&camera->context, control, value, error);
}

enum gh_status gh_camera_control_set(struct gh_camera *camera, enum gh_camera_control control,
	uint32_t value, struct gh_error *error)
{
	enum gh_status status = begin(camera, GH_CALL_CONTROL, error);
	if (status != GH_OK)
		return status;
	return end(camera, GH_CALL_CONTROL, control_set(camera, control, value, error));
}

/* The lock is the only thing the two readers change. */
static struct gh_lifecycle *lifecycle_of(const struct gh_camera *camera)
{
	return (struct gh_lifecycle *)&camera->lifecycle;
}

enum gh_device_state gh_camera_state(const struct gh_camera *camera)
{
	return gh_phase_state(gh_lifecycle_phase(lifecycle_of(camera)));
}

struct gh_device_counters gh_camera_counters(const struct gh_camera *camera)
{
	return gh_lifecycle_counters(lifecycle_of(camera));
}

void gh_camera_wipe(struct gh_camera *camera)
{
	pthread_mutex_lock(&camera->presence);
	if (camera->claimed && calls(camera)->wipe)
		calls(camera)->wipe(&camera->context);
	pthread_mutex_unlock(&camera->presence);
	/* Held across base, which calls nobody back, so that the pool stays while it is wiped. */
	pthread_mutex_lock(&camera->lifecycle.lock);
	if (camera->context.pool)
		gh_frame_pool_wipe(camera->context.pool);
	pthread_mutex_unlock(&camera->lifecycle.lock);
}

static enum gh_status rehearse(
	struct gh_camera *camera, const char *command, struct gh_error *error)
{
	if (!camera->driver->is_virtual || !calls(camera)->rehearse)
		return gh_error_set(error, GH_UNSUPPORTED, "%s: nothing can be rehearsed with it",
			camera->driver->name);
	if (strcmp(command, "replug") == 0) {
		gh_plug_insert(&camera->address);
		return GH_OK;
	}
	if (strcmp(command, "unplug") == 0) {
		enum gh_status status = gh_plug_pull(&camera->address, error);
		if (status != GH_OK || !camera->claimed)
			return status;
	}
	if (!camera->claimed)
		return gh_error_set(error, GH_GONE, "%s: not open", camera->driver->name);
	return calls(camera)->rehearse(&camera->context, command, error);
}

enum gh_status gh_camera_rehearse(
	struct gh_camera *camera, const char *command, struct gh_error *error)
{
	enum gh_status status = gh_lifecycle_begin(&camera->lifecycle, GH_CALL_REHEARSE, error);
	if (status != GH_OK)
		return status;
	pthread_mutex_lock(&camera->presence);
	status = rehearse(camera, command, error);
	pthread_mutex_unlock(&camera->presence);
	/* Not through end(): a fault is rehearsed, and found by the thread that waits. */
	return status;
}
