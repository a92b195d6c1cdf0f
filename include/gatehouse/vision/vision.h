/* SPDX-License-Identifier: Apache-2.0 */
/* From frames to an observation of the person in the stand-here zone. */
#ifndef GATEHOUSE_VISION_VISION_H
#define GATEHOUSE_VISION_VISION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/error.h"
#include "gatehouse/base/frame.h"
#include "gatehouse/base/words.h"
#include "gatehouse/vision/attack.h"
#include "gatehouse/vision/lighting.h"
#include "gatehouse/vision/quality.h"
#include "gatehouse/vision/template.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Largest photograph kept for a record. */
#define GH_PHOTO_BYTES_MAX (192u * 1024u)

/** A rectangle in thousandths of the frame. */
struct gh_zone {
	uint32_t left_permille;
	uint32_t top_permille;
	uint32_t right_permille;
	uint32_t bottom_permille;
};

/** How vision is set up. Strings are borrowed during create only. */
struct gh_vision_options {
	const char *models_directory;   /**< prepared model files */
	const char *models_manifest;    /**< models/MANIFEST */
	const char *engine;             /**< "onnxruntime" or "opencv" */
	const char *engine_library;     /**< path of libonnxruntime; unused by opencv */
	const char *model_set;          /**< a folder of sets/ beside the manifest: "fr" */
	const char *attack_file;        /**< parameters of attack detection; NULL: no score */
	uint32_t attack_bpcer_permille; /**< bona fide that may be suspected, see attack.h */
	bool flip;                      /**< average with the mirrored face */
	struct gh_zone zone;            /**< the stand-here zone */
	struct gh_quality_limits limits;
	uint32_t frames_min;      /**< usable frames before an early stop */
	uint32_t frames_max;      /**< usable frames averaged at most, 1..8 */
	uint32_t photo_bytes_max; /**< size of the photograph kept, up to GH_PHOTO_BYTES_MAX */

	/**
	 * Whether the average over the best `frames` so far will do; asked after a
	 * usable frame while at least frames_min and fewer than frames_max are there,
	 * on the thread of gh_vision_observe(). NULL: the first good frame will.
	 */
	bool (*enough)(void *ctx, const struct gh_template *average, uint32_t frames);
	void *enough_ctx;
	uint32_t settle_ms;        /**< watched for so long before somebody counts as standing */
	uint32_t coach_show_ms;    /**< an instruction stands at least so long */
	uint32_t coach_stand_ms;   /**< its cause has stood so long before it is given */
	uint32_t coach_release_ms; /**< and is over so long before it is taken away */
	uint32_t width_max_px;     /**< largest frame to prepare scratch for */
	uint32_t height_max_px;
};

/** Defaults for everything but the paths. */
struct gh_vision_options gh_vision_options_default(void);

struct gh_vision;

/**
 * Load and check the models, take all scratch memory.
 *
 * GH_OK           the caller owns *vision.
 * GH_NOT_FOUND    a model file, the manifest or the engine's library is absent.
 * GH_INTEGRITY    a file's hash or size is not the manifest's, or a network's
 *                 tensors have another shape or type than the chain needs.
 * GH_UNSUPPORTED  no such engine, or an engine too old.
 * GH_SETTINGS, GH_NO_MEMORY, GH_INTERNAL.
 * One session serves one thread at a time. Blocks about 0.2 s.
 */
GH_MUST_USE enum gh_status gh_vision_create(
	const struct gh_vision_options *options, struct gh_vision **vision, struct gh_error *error);

/** Wipe all scratch memory and free. NULL safe. */
void gh_vision_destroy(struct gh_vision *vision);

/** The model chain of this session's templates. */
void gh_vision_chain(const struct gh_vision *vision, struct gh_model_chain *chain);

/** "onnxruntime 1.28.0" or "opencv 4.6.0": for logs, records and reports. */
const char *gh_vision_engine_name(const struct gh_vision *vision);

/** How far somebody has come on the way to being the subject. */
enum gh_approach {
	GH_APPROACH_NOBODY,   /**< no face in the zone */
	GH_APPROACH_PASSING,  /**< only people who walk, or come nearer and have not stopped */
	GH_APPROACH_ARRIVING, /**< somebody new, not watched for settle_ms yet */
	GH_APPROACH_STANDING, /**< the subject stands there */
	GH_APPROACH_UNSEEN,   /**< stands there without a face in this frame: turned, covered */
};

/** What may be known before the notice was acknowledged: presence only. */
struct gh_presence {
	bool occupied; /**< somebody stands in the zone, seen or (in a capture) followed */
	enum gh_approach approach;
	uint32_t track;          /**< the subject's; another number is another person; 0: nobody */
	uint32_t faces_in_frame; /**< seen anywhere, bystanders and passers-by too */
	uint32_t faces_in_zone;
	uint64_t capture_us; /**< the frame's */
	uint64_t sequence;
	struct gh_lighting lighting; /**< how light falls there: for lamp and exposure */
};

/**
 * Look for a person in the zone. Computes no template, keeps no pixel beyond
 * the next call; from frame to frame only boxes are kept. What is unpacked and
 * looked at is the zone and an eighth of its size around; a face whose centre
 * lies outside the zone is nobody's presence, nor is one that walks through.
 *
 * GH_OK, GH_MALFORMED (a frame that cannot be decoded), GH_UNSUPPORTED (larger
 * than the scratch), GH_INTERNAL (the engine failed). The frame stays the
 * caller's. Allocates nothing of its own. Blocks for one detector run.
 */
GH_MUST_USE enum gh_status gh_vision_look(struct gh_vision *vision, const struct gh_frame *frame,
	struct gh_presence *presence, struct gh_error *error);

/**
 * What is kept of a person at the end of a capture. Made at create, lent to
 * the lane by gh_vision_observe(), wiped by gh_sample_release().
 */
struct gh_sample {
	uint32_t track;           /**< whose it is, as in struct gh_presence */
	struct gh_template probe; /**< average over the frames used */
	uint32_t frames_averaged;
	struct gh_quality quality; /**< of the best frame */
	struct gh_attack attack;   /**< over the frames of the capture */
	uint32_t utility_permille;
	uint64_t first_us; /**< capture time of the first frame of this capture */
	uint64_t best_us;  /**< capture time of the best frame */
	uint64_t done_us;  /**< when this sample was ready, CLOCK_MONOTONIC */
	size_t photo_length_bytes;
	uint8_t photo[GH_PHOTO_BYTES_MAX]; /**< JPEG of the subject alone */
	uint8_t photo_sha256[32];          /**< of those bytes, for the record */
	uint32_t photo_width_px;
	uint32_t photo_height_px;
};

/** What one frame told. */
struct gh_observation {
	struct gh_presence presence;
	enum gh_reason reason; /**< what stands in the way; NONE when the frame is usable */
	enum gh_instruction instruction; /**< what to tell the traveller now */
	struct gh_quality quality;       /**< of the subject; zero without one */
	uint32_t usable_frames;          /**< so far in this capture */
	uint32_t stages_us;              /**< time spent in vision on this frame */
	struct gh_sample *sample; /**< set once, when quality is enough: the caller owns it */
};

/**
 * The whole chain on one frame: detect, choose the subject (who was it in the
 * frame before, or the one nearest to the zone's centre; all others are left out
 * and never encoded), landmarks, quality, alignment, template; keeps the best.
 * Statuses as gh_vision_look(). A frame without a usable face is GH_OK with a
 * reason. A subject whose face is not found is followed by looks for up to 3 s.
 *
 * Who walks through the zone or stands behind the subject is a bystander; two or
 * more beside each other are several_faces. Another person than in the frames
 * before, by place or by template, is another track and begins the capture anew:
 * presence and sample name the track. The sample comes once, when
 * frames_min usable frames are there, the best of them is good enough, and their
 * average will do or is of frames_max; or after twice frames_max; then frames
 * are only looked at until gh_vision_wipe().
 */
GH_MUST_USE enum gh_status gh_vision_observe(struct gh_vision *vision, const struct gh_frame *frame,
	struct gh_observation *observation, struct gh_error *error);

/**
 * Say how far the lane's own control of lamp and camera is, so that coaching
 * asks nobody for what the lane is about to mend. At first GH_LIGHTING_EXHAUSTED,
 * as where nothing can be adjusted. The session's thread.
 */
void gh_vision_tell_light(struct gh_vision *vision, enum gh_lighting_control control);

/**
 * End the capture with what there is.
 *
 * GH_OK       *sample is the best so far and the caller's; or it is NULL and
 *             *reason says what stood in the way in most frames (no_face where
 *             there were none); or it is NULL and *reason is none: the sample
 *             of this passage was handed out already.
 * GH_BUSY     all samples of this session are still out: release one first.
 * GH_INTERNAL.
 */
GH_MUST_USE enum gh_status gh_vision_conclude(struct gh_vision *vision, struct gh_sample **sample,
	enum gh_reason *reason, struct gh_error *error);

/**
 * Forget the passage: wipe best frames, scratch and tensors, and run each
 * network once on a blank so that the engine's memory holds nobody. Blocks for
 * those runs, some 10 ms.
 */
void gh_vision_wipe(struct gh_vision *vision);

/** Wipe a sample and give it back. NULL safe. Any thread. */
void gh_sample_release(struct gh_sample *sample);

#ifdef __cplusplus
}
#endif

#endif
