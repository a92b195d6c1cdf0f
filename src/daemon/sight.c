/* SPDX-License-Identifier: Apache-2.0 */
/* The vision thread: looks at the latest frame as the lane asks, and tells what it saw. */
#include "daemon.h"

#define WAIT_MS 20

/* So many frames in a row that vision cannot read are a fault of the camera. */
#define FAILURES_MAX 30

/* Without anybody in view for so long, what is left of those who were is wiped. */
#define FORGET_AFTER_US 500000

/* The thread's own memory between frames. */
struct sight {
	struct daemon *daemon;
	uint32_t done_passage; /* its sample is with the lane */
	uint32_t failures;
	bool told_fault;
	bool seen;        /* somebody, since the last wipe */
	uint64_t seen_us; /* when last */
	struct gh_metering metering;
	uint32_t cameras; /* which of them metering is set up for */
};

/* Called by the lane; the latest task wins, a wipe or conclusion is never lost. */
void sight_order(void *ctx, enum gh_vision_task task, uint32_t passage)
{
	struct daemon *daemon = ctx;
	struct vision_orders *orders = &daemon->orders;

	atomic_store(&orders->passage, passage);
	if (task == GH_VISION_CAPTURE)
		atomic_store(&orders->since_us, daemon->clock->monotonic_us(daemon->clock));
	if (task == GH_VISION_WIPE)
		atomic_store(&orders->wipe, true);
	if (task == GH_VISION_CONCLUDE)
		atomic_store(&orders->conclude, passage);
	if (task == GH_VISION_WIPE || task == GH_VISION_CONCLUDE)
		task = GH_VISION_OFF;
	atomic_store(&orders->task, task);
}

/* Called by vision on this thread, within gh_vision_observe(). */
bool sight_enough(void *ctx, const struct gh_template *average, uint32_t frames)
{
	struct daemon *daemon = ctx;

	return gh_lane_enough(daemon->lane, average, frames, daemon->settings.vision.frames_max);
}

static void tell(struct sight *sight, const struct gh_lane_event *event)
{
	if (gh_lane_tell(sight->daemon->lane, event) == GH_OK)
		return;
	gh_sample_release(event->sample);
	if (!atomic_load(&sight->daemon->stopping))
		gh_log(GH_LOG_ERROR, "daemon", "lane_is_deaf",
			gh_log_word("trigger", gh_trigger_word(event->trigger)));
}

static void forget(struct sight *sight)
{
	struct gh_camera *camera = atomic_load(&sight->daemon->camera);

	sight->seen = false;
	gh_vision_wipe(sight->daemon->vision);
	gh_metering_rest(&sight->metering);
	exposure_vision_wish(sight->daemon, &sight->metering.wish);
	gh_mailbox_empty(sight->daemon->mailbox);
	if (camera)
		gh_camera_wipe(camera);
}

static void obey_wipe(struct sight *sight)
{
	if (atomic_exchange(&sight->daemon->orders.wipe, false))
		forget(sight);
}

/* Who only came by was in frames too, and no passage ends for him. */
static void forget_who_came_by(struct sight *sight, const struct gh_presence *presence)
{
	if (presence->faces_in_frame > 0) {
		sight->seen = true;
		sight->seen_us = presence->capture_us;
	} else if (sight->seen && presence->capture_us - sight->seen_us >= FORGET_AFTER_US) {
		forget(sight);
	}
}

/* A camera that stops with somebody in view shows nobody leaving: his last frame would stay. */
static void forget_without_frames(struct sight *sight)
{
	const struct daemon *daemon = sight->daemon;
	uint64_t now_us = daemon->clock->monotonic_us(daemon->clock);

	if (sight->seen && atomic_load(&daemon->orders.task) != GH_VISION_CAPTURE &&
		now_us >= sight->seen_us + FORGET_AFTER_US)
		forget(sight);
}

static void obey_conclude(struct sight *sight)
{
	uint32_t passage = atomic_exchange(&sight->daemon->orders.conclude, 0);
	struct gh_lane_event event = { .telling = GH_TELL_TRIGGER, .passage = passage };
	struct gh_error error = GH_ERROR_NONE;

	if (passage == 0 || passage == sight->done_passage)
		return;
	event.trigger = GH_TRIGGER_NO_SAMPLE;
	if (gh_vision_conclude(sight->daemon->vision, &event.sample, &event.reason, &error) !=
		GH_OK) {
		gh_log(GH_LOG_ERROR, "daemon", "conclude", gh_log_error(&error));
		event.reason = GH_REASON_CAMERA_FAULT;
	}
	if (event.sample)
		event.trigger = GH_TRIGGER_SAMPLE;
	sight->done_passage = passage;
	tell(sight, &event);
}

/* Exposure and gain go to the camera's thread; the lamp is the lane's, told with the sight. */
static void meter(struct sight *sight, const struct gh_frame *frame,
	const struct gh_presence *presence, bool capturing)
{
	const struct gh_metering_frame taken = { frame->capture_us, frame->sequence,
		frame->exposure_us, frame->gain_permille,
		capturing || atomic_load(&sight->daemon->sensor_occupied) };

	if (gh_metering_step(&sight->metering, &taken, &presence->lighting))
		exposure_vision_wish(sight->daemon, &sight->metering.wish);
}

static void sighted(struct sight *sight, const struct gh_presence *presence, uint32_t passage,
	enum gh_instruction instruction)
{
	struct gh_lane_event event = { .telling = GH_TELL_SIGHTING,
		.passage = passage,
		.occupied = presence->occupied || atomic_load(&sight->daemon->sensor_occupied),
		.track = presence->track,
		.time_us = presence->capture_us,
		.instruction = instruction,
		.lamp = sight->metering.options.lamp,
		.lamp_permille = sight->metering.wish.lamp_permille };

	tell(sight, &event);
}

static enum gh_status look(
	struct sight *sight, const struct gh_frame *frame, uint32_t passage, struct gh_error *error)
{
	struct gh_presence presence;
	enum gh_status status = gh_vision_look(sight->daemon->vision, frame, &presence, error);

	if (status != GH_OK)
		return status;
	forget_who_came_by(sight, &presence);
	meter(sight, frame, &presence, false);
	sighted(sight, &presence, passage, GH_INSTRUCTION_NONE);
	return GH_OK;
}

static enum gh_status observe(
	struct sight *sight, const struct gh_frame *frame, uint32_t passage, struct gh_error *error)
{
	struct gh_observation observation;
	struct gh_lane_event event = {
		.telling = GH_TELL_TRIGGER, .trigger = GH_TRIGGER_SAMPLE, .passage = passage
	};
	enum gh_status status;

	if (passage == sight->done_passage ||
		frame->capture_us < atomic_load(&sight->daemon->orders.since_us))
		return GH_OK;
	gh_vision_tell_light(sight->daemon->vision, sight->metering.control);
	status = gh_vision_observe(sight->daemon->vision, frame, &observation, error);
	if (status != GH_OK)
		return status;
	meter(sight, frame, &observation.presence, true);
	sighted(sight, &observation.presence, passage, observation.instruction);
	if (observation.sample) {
		event.sample = observation.sample;
		sight->done_passage = passage;
		tell(sight, &event);
	}
	return GH_OK;
}

/* One fault is told once, and taken back by the first frame that can be read. */
static void judge(struct sight *sight, enum gh_status status, const struct gh_error *error)
{
	if (status == GH_OK) {
		if (sight->told_fault)
			daemon_tell_device(sight->daemon, GH_TRIGGER_MENDED, GH_DEVICE_CAMERA);
		sight->failures = 0;
		sight->told_fault = false;
		return;
	}
	atomic_fetch_add(&sight->daemon->counts.vision_failures, 1);
	if (sight->failures++ == 0)
		gh_log(GH_LOG_WARNING, "daemon", "vision", gh_log_error(error));
	if (sight->failures == FAILURES_MAX) {
		sight->told_fault = true;
		daemon_tell_device(sight->daemon, GH_TRIGGER_FAULT, GH_DEVICE_CAMERA);
	}
}

static void serve_frame(struct sight *sight, const struct gh_frame *frame)
{
	struct daemon *daemon = sight->daemon;
	uint32_t passage = atomic_load(&daemon->orders.passage);
	uint32_t task = atomic_load(&daemon->orders.task);
	uint64_t begin_us = daemon->clock->monotonic_us(daemon->clock);
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status;

	if (task == GH_VISION_OFF)
		return;
	if (exposure_vision_begin(daemon, &sight->metering, &sight->cameras))
		exposure_vision_wish(daemon, &sight->metering.wish);
	if (task == GH_VISION_CAPTURE)
		status = observe(sight, frame, passage, &error);
	else
		status = look(sight, frame, passage, &error);
	atomic_fetch_add(&daemon->counts.vision_frames, 1);
	atomic_store(&daemon->counts.vision_last_us,
		daemon->clock->monotonic_us(daemon->clock) - begin_us);
	judge(sight, status, &error);
}

void *sight_main(void *ctx)
{
	struct sight sight = { .daemon = ctx };
	struct daemon *daemon = ctx;
	const struct gh_metering_options nothing = compose_metering(&daemon->settings);

	gh_metering_init(&sight.metering, &nothing);

	while (!atomic_load(&daemon->stopping)) {
		struct gh_frame *frame = NULL;
		enum gh_status status = gh_mailbox_take(daemon->mailbox, WAIT_MS, &frame);

		obey_wipe(&sight);
		obey_conclude(&sight);
		if (status == GH_OK)
			serve_frame(&sight, frame);
		else
			forget_without_frames(&sight);
		gh_frame_unref(frame);
	}
	gh_vision_wipe(daemon->vision);
	return NULL;
}
