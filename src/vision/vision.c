/* SPDX-License-Identifier: Apache-2.0 */
/* A session of vision: frames in, observations and samples out. */
#include "gatehouse/vision/vision.h"

#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/clock.h"

#include "attack/scan.h"
#include "brightness.h"
#include "capturing.h"
#include "chain.h"
#include "coaching.h"
#include "confirm.h"
#include "photo.h"
#include "sample.h"
#include "scene.h"
#include "upright.h"
#include "watch.h"

struct gh_vision {
	struct gh_chain chain;
	struct gh_viewer viewer;
	struct gh_capturing capture;
	struct gh_coaching coaching;
	struct gh_quality_limits limits;
	struct gh_sample_pool *samples;
	struct gh_watch watch;
	uint32_t captured;     /* the track whose capture has begun; 0: none */
	struct gh_faces faces; /* of the frame at hand; wiped with the passage */
	struct gh_take take;
	struct gh_attack_scan attack;
};

struct gh_vision_options gh_vision_options_default(void)
{
	return (struct gh_vision_options){
		.engine = "onnxruntime",
		.model_set = "fr",
		.attack_bpcer_permille = 50,
		.flip = true,
		.zone = { 250, 0, 750, 1000 },
		.limits = gh_quality_limits_default(),
		.frames_min = 2,
		.frames_max = 3,
		.photo_bytes_max = GH_PHOTO_BYTES_MAX,
		.settle_ms = 200,
		.coach_show_ms = gh_coach_options_default().show_ms,
		.coach_stand_ms = gh_coach_options_default().stand_ms,
		.coach_release_ms = gh_coach_options_default().release_ms,
		.width_max_px = 1920,
		.height_max_px = 1080,
	};
}

static enum gh_status fill(
	struct gh_vision *vision, const struct gh_vision_options *options, struct gh_error *error)
{
	struct gh_extent extent = { options->width_max_px, options->height_max_px };
	enum gh_status status;

	vision->limits = options->limits;
	gh_coaching_init(&vision->coaching, options);
	status = gh_viewer_init(&vision->viewer, options, error);
	if (status == GH_OK)
		status = gh_watch_init(&vision->watch, options->settle_ms, error);
	if (status == GH_OK)
		status = gh_capturing_init(&vision->capture, options, error);
	if (status == GH_OK)
		status = gh_sample_pool_create(&vision->samples, error);
	if (status == GH_OK)
		status = gh_attack_scan_init(&vision->attack, options->attack_file,
			options->attack_bpcer_permille, error);
	if (status == GH_OK)
		status = gh_chain_init(&vision->chain, options, extent, GH_CHAIN_LIVE, error);
	return status;
}

enum gh_status gh_vision_create(
	const struct gh_vision_options *options, struct gh_vision **vision, struct gh_error *error)
{
	struct gh_vision *made = calloc(1, sizeof(*made));
	enum gh_status status;

	*vision = NULL;
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "session of vision");
	status = fill(made, options, error);
	if (status != GH_OK) {
		gh_vision_destroy(made);
		return status;
	}
	*vision = made;
	return GH_OK;
}

void gh_vision_destroy(struct gh_vision *vision)
{
	if (!vision)
		return;
	gh_chain_finish(&vision->chain);
	gh_viewer_finish(&vision->viewer);
	gh_watch_finish(&vision->watch);
	gh_capturing_finish(&vision->capture);
	gh_sample_pool_destroy(vision->samples);
	gh_wipe(vision, sizeof(*vision));
	free(vision);
}

void gh_vision_chain(const struct gh_vision *vision, struct gh_model_chain *chain)
{
	*chain = vision->chain.id;
}

const char *gh_vision_engine_name(const struct gh_vision *vision)
{
	return vision->chain.engine_name;
}

/* A frame that cannot be unpacked is the frame's fault whatever the decoder calls it. */
static enum gh_status show(struct gh_vision *vision, const struct gh_frame *frame,
	struct gh_scene *scene, struct gh_error *error)
{
	enum gh_status status = gh_viewer_show(&vision->viewer, frame, scene, error);

	if (status == GH_TRUNCATED) {
		status = GH_MALFORMED;
		if (error)
			error->status = status;
	}
	return status;
}

/* Who is there: faces of the vision, the subject, and the presence that may be told to anyone. */
static enum gh_status find(struct gh_vision *vision, const struct gh_frame *frame,
	struct gh_scene *scene, struct gh_subject *subject, struct gh_presence *presence,
	struct gh_error *error)
{
	struct gh_canvas canvas = { &scene->image, 0.0f };
	enum gh_status status = show(vision, frame, scene, error);

	if (status != GH_OK)
		return status;
	status = gh_chain_detect(&vision->chain, &canvas, &vision->faces, error);
	if (status != GH_OK)
		return status;
	gh_tracks_update(&vision->watch.tracks, &vision->faces, frame->capture_us);
	status = gh_confirm_faces(
		&vision->chain, &scene->image, &vision->watch.tracks, &vision->faces, error);
	if (status != GH_OK)
		return status;
	*subject = gh_watch_update(&vision->watch, &vision->faces, &scene->zone, presence);
	presence->capture_us = frame->capture_us;
	presence->sequence = frame->sequence;
	presence->lighting =
		gh_brightness_measure(&scene->image, subject->face ? &subject->face->box : NULL);
	return GH_OK;
}

enum gh_status gh_vision_look(struct gh_vision *vision, const struct gh_frame *frame,
	struct gh_presence *presence, struct gh_error *error)
{
	struct gh_subject subject;
	struct gh_scene scene;

	memset(presence, 0, sizeof(*presence));
	return find(vision, frame, &scene, &subject, presence, error);
}

/* Poor light and blur coach first; where nothing better comes, what they spoke against will do. */
static bool worth_keeping(const struct gh_vision *vision, const struct gh_observation *observation)
{
	if (observation->reason == GH_REASON_NONE)
		return true;
	return vision->capture.usable == 0 &&
		gh_quality_comparable(&observation->quality, &vision->limits);
}

/*
 * The networks see upright faces, also in one that stands on its head. That is asked until a
 * capture has a usable frame: who turns round later has another template, and begins anew.
 */
static enum gh_status turn_upright(struct gh_vision *vision, const struct gh_scene *scene,
	const struct gh_subject *subject, struct gh_observation *observation,
	struct gh_error *error)
{
	struct gh_uprightness found;
	bool known = vision->capture.usable > 0 && vision->captured == observation->presence.track;
	enum gh_status status;

	if (known || !vision->chain.networks[GH_ROLE_LANDMARKS] ||
		!worth_keeping(vision, observation))
		return GH_OK;
	status = gh_uprightness(vision->chain.networks[GH_ROLE_LANDMARKS], &vision->chain.resizer,
		&scene->image, &subject->face->box, &found, error);
	if (status != GH_OK || !gh_upside_down(&found))
		return status;
	observation->quality.roll_degrees = 180.0f;
	observation->reason = gh_quality_reason(&observation->quality, &vision->limits);
	return GH_OK;
}

/* Measure the subject; with a reason left, nothing is encoded. */
static enum gh_status assess(struct gh_vision *vision, const struct gh_scene *scene,
	const struct gh_subject *subject, struct gh_description *description,
	struct gh_observation *observation, struct gh_error *error)
{
	struct gh_stage stage = scene->stage;
	struct gh_quality *quality = &observation->quality;
	enum gh_status status = GH_OK;

	stage.faces = &vision->faces;
	if (subject->in_zone == 1)
		status = gh_chain_describe(&vision->chain, &scene->image, subject->face, &stage,
			description, quality, error);
	if (status != GH_OK)
		return status;
	quality->faces_in_zone = subject->in_zone;
	quality->faces_in_frame = vision->faces.count;
	observation->reason = gh_quality_reason(quality, &vision->limits);
	if (vision->faces.count == 0)
		observation->reason = gh_measure_absence(&scene->image);
	if (observation->reason == GH_REASON_NO_FACE &&
		observation->presence.approach == GH_APPROACH_UNSEEN)
		observation->reason = GH_REASON_LOOKING_AWAY;
	if (subject->in_zone == 1 && !vision->capture.concluded)
		status = turn_upright(vision, scene, subject, observation, error);
	return status;
}

/* The cues of a usable frame: what is not used for recognition is not judged either. */
static void suspect(struct gh_vision *vision, const struct gh_scene *scene,
	const struct gh_subject *subject, const struct gh_description *description)
{
	const struct gh_attack_view view = { &scene->image, &subject->face->box,
		&description->landmarks, vision->chain.aligned, description->has_liveness,
		description->attack_log_odds, &vision->faces };

	gh_attack_scan_add(&vision->attack, &view);
}

static enum gh_status keep(struct gh_vision *vision, const struct gh_scene *scene,
	const struct gh_subject *subject, const struct gh_description *description,
	struct gh_observation *observation, struct gh_error *error)
{
	const struct gh_sitting sitting = { &scene->image, &vision->faces, subject->face,
		&description->landmarks };
	struct gh_take *take = &vision->take;
	uint32_t usable;
	bool best;
	enum gh_status status = gh_chain_embed(&vision->chain, &take->probe, error);

	if (status != GH_OK)
		return status;
	take->quality = observation->quality;
	take->utility_permille =
		gh_quality_utility_permille(&observation->quality, &vision->limits);
	take->capture_us = observation->presence.capture_us;
	take->poor = observation->reason != GH_REASON_NONE;
	usable = vision->capture.usable;
	best = gh_capturing_add(&vision->capture, take);
	/* It began anew: the templates say that this is not the one who stood there before. */
	if (usable > 0 && vision->capture.usable <= usable) {
		gh_watch_replace(&vision->watch, &observation->presence);
		vision->captured = observation->presence.track;
		gh_attack_scan_wipe(&vision->attack);
	}
	suspect(vision, scene, subject, description);
	if (best)
		gh_photo_take(&sitting, &vision->chain.reducer, &vision->capture.photo);
	return GH_OK;
}

static enum gh_status conclude(
	struct gh_vision *vision, struct gh_sample **sample, struct gh_error *error)
{
	struct gh_sample *taken = gh_sample_take(vision->samples);
	enum gh_status status;

	if (!taken)
		return gh_error_set(error, GH_BUSY, "all %d samples are still out", SAMPLES);
	status = gh_capturing_conclude(&vision->capture, taken, error);
	if (status != GH_OK) {
		gh_sample_release(taken);
		return status;
	}
	taken->track = vision->captured;
	gh_attack_scan_conclude(&vision->attack, &taken->attack);
	*sample = taken;
	return GH_OK;
}

/* The capture is of one person: with another one in the same place it begins anew. */
static void begin(struct gh_vision *vision, const struct gh_presence *presence)
{
	if (vision->captured != 0 && vision->captured != presence->track) {
		gh_capturing_wipe(&vision->capture);
		gh_attack_scan_wipe(&vision->attack);
	}
	vision->captured = presence->track;
	gh_capturing_begin(&vision->capture, presence->capture_us);
}

/* After the sample was handed out frames are only looked at, until the passage is wiped. */
static enum gh_status use(struct gh_vision *vision, const struct gh_scene *scene,
	const struct gh_subject *subject, struct gh_observation *observation,
	struct gh_error *error)
{
	struct gh_description description;
	enum gh_status status = assess(vision, scene, subject, &description, observation, error);

	if (status != GH_OK || vision->capture.concluded)
		return status;
	if (subject->face)
		begin(vision, &observation->presence);
	gh_capturing_note(&vision->capture, observation->reason);
	if (worth_keeping(vision, observation))
		status = keep(vision, scene, subject, &description, observation, error);
	if (status == GH_OK && observation->reason == GH_REASON_NONE &&
		gh_capturing_enough(&vision->capture)) {
		status = conclude(vision, &observation->sample, error);
		/* The next frame tries again, or gh_vision_conclude() does. */
		if (status == GH_BUSY) {
			gh_error_clear(error);
			status = GH_OK;
		}
	}
	gh_wipe(&description, sizeof(description));
	return status;
}

enum gh_status gh_vision_observe(struct gh_vision *vision, const struct gh_frame *frame,
	struct gh_observation *observation, struct gh_error *error)
{
	const struct gh_clock *clock = gh_clock_system();
	uint64_t from_us = clock->monotonic_us(clock);
	struct gh_subject subject;
	struct gh_scene scene;
	enum gh_status status;

	memset(observation, 0, sizeof(*observation));
	status = find(vision, frame, &scene, &subject, &observation->presence, error);
	if (status == GH_OK)
		gh_watch_follow(&vision->watch,
			&(struct gh_sight){
				&scene.image, &vision->chain.resizer, frame->capture_us },
			&vision->faces, &subject, &observation->presence);
	if (status == GH_OK)
		status = use(vision, &scene, &subject, observation, error);
	if (status == GH_OK)
		observation->instruction = gh_coaching_step(&vision->coaching, &scene.image,
			subject.face ? &subject.face->box : NULL, observation);
	observation->usable_frames = vision->capture.usable;
	observation->stages_us = (uint32_t)(clock->monotonic_us(clock) - from_us);
	return status;
}

void gh_vision_tell_light(struct gh_vision *vision, enum gh_lighting_control control)
{
	vision->coaching.control = control;
}

enum gh_status gh_vision_conclude(struct gh_vision *vision, struct gh_sample **sample,
	enum gh_reason *reason, struct gh_error *error)
{
	*sample = NULL;
	*reason = GH_REASON_NONE;
	if (vision->capture.concluded)
		return GH_OK;
	if (vision->capture.count == 0) {
		*reason = gh_capturing_reason(&vision->capture);
		return GH_OK;
	}
	return conclude(vision, sample, error);
}

void gh_vision_wipe(struct gh_vision *vision)
{
	gh_chain_wipe(&vision->chain);
	gh_viewer_wipe(&vision->viewer);
	gh_watch_wipe(&vision->watch);
	vision->captured = 0;
	gh_capturing_wipe(&vision->capture);
	gh_attack_scan_wipe(&vision->attack);
	gh_coaching_forget(&vision->coaching);
	gh_wipe(&vision->faces, sizeof(vision->faces));
	gh_wipe(&vision->take, sizeof(vision->take));
}
