/* SPDX-License-Identifier: Apache-2.0 */
/* The lane: runs the machine of one traveller after the other on its own thread. */
#ifndef GATEHOUSE_TRANSACTION_LANE_H
#define GATEHOUSE_TRANSACTION_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/device/actuator.h"
#include "gatehouse/encounter/encounter.h"
#include "gatehouse/gallery/gallery.h"
#include "gatehouse/outbox/outbox.h"
#include "gatehouse/transaction/commands.h"
#include "gatehouse/vision/morph.h"
#include "gatehouse/vision/vision.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What the lane asks of vision; the vision thread obeys within one frame. */
enum gh_vision_task {
	GH_VISION_OFF,      /**< frames are dropped unread */
	GH_VISION_PRESENCE, /**< gh_vision_look() only */
	GH_VISION_CAPTURE,  /**< gh_vision_observe() */
	GH_VISION_CONCLUDE, /**< gh_vision_conclude(), then as OFF */
	GH_VISION_WIPE,     /**< gh_vision_wipe() and frame pools, then as OFF */
};

/**
 * What the lane's hands reach. The daemon fills it from devices, gallery,
 * outbox and uplink (gh_lane_hands_of_stores() sets some of them);
 * tests fill it with their own. All are called on the lane's thread.
 */
struct gh_lane_hands {
	void *ctx;

	/** Set vision's task; returns at once. passage is echoed in its events. */
	void (*vision)(void *ctx, enum gh_vision_task task, uint32_t passage);

	/** gh_actuator_act() on the lane's device of a class; GH_NOT_FOUND: none. */
	enum gh_status (*act)(void *ctx, enum gh_device_class device_class,
		const struct gh_action *action, struct gh_error *error);

	/** gh_sample_release(): wipes; never called twice for one sample. */
	void (*release)(void *ctx, struct gh_sample *sample);

	/** gh_gallery_search() and gh_gallery_verify(); by gh_lane_enough() on its thread. */
	enum gh_status (*search)(void *ctx, const struct gh_template *probe,
		struct gh_search *search, struct gh_error *error);
	enum gh_status (*verify)(void *ctx, const char *number, const char *issuer,
		const struct gh_template *probe, struct gh_search *search, struct gh_error *error);

	/** gh_outbox_put(), gh_outbox_put_addendum(), gh_outbox_await(), gh_outbox_passed(). */
	enum gh_status (*put)(void *ctx, const struct gh_outbox_put *put, struct gh_error *error);
	enum gh_status (*put_addendum)(void *ctx, const struct gh_id *id,
		const struct gh_id *encounter, struct gh_view json, enum gh_settles settles,
		struct gh_error *error);
	enum gh_status (*await)(void *ctx, const struct gh_id *encounter,
		const struct gh_awaited_word *awaits, struct gh_error *error);
	enum gh_status (*passed)(
		void *ctx, const struct gh_passage *passage, bool *passed, struct gh_error *error);

	/** Whether the next put would find room: gh_outbox_state() without full. */
	bool (*outbox_ready)(void *ctx);

	/** Milliseconds since the centre's list of passages was whole; UINT64_MAX: never. */
	uint64_t (*passages_age_ms)(void *ctx);
};

/**
 * The part of the hands that needs nothing but a gallery and an outbox: search,
 * verify, release, put, put_addendum, await, passed, outbox_ready. ctx of the hands must then
 * begin with this struct.
 */
struct gh_lane_stores {
	struct gh_gallery *gallery;
	struct gh_outbox *outbox;
};

/** Fill those hands; the others stay as they are. */
void gh_lane_hands_of_stores(struct gh_lane_hands *hands);

/** How a lane is set up. Copied at create. */
struct gh_lane_options {
	struct gh_encounter_lane identity;
	char notice_hash[65];       /**< version of the notice to be acknowledged */
	bool reader;                /**< a document reader is there: state DOCUMENT waits */
	bool gate;                  /**< a gate device is there */
	uint32_t arrive_ms;         /**< zone occupied this long before it counts */
	uint32_t leave_ms;          /**< zone empty this long before it counts */
	uint32_t notice_timeout_ms; /**< for the display to acknowledge */
	uint32_t notice_dwell_ms;   /**< reading time before going on by itself; 0: at once */
	uint32_t document_timeout_ms;
	uint32_t capture_timeout_ms;
	uint32_t warning_before_ms;   /**< warn this long before a time-out */
	uint32_t more_time_ms;        /**< what one request for more time gives */
	uint32_t gate_timeout_ms;     /**< gate open without a passage */
	uint32_t officer_timeout_ms;  /**< referral that nobody takes up */
	uint32_t passages_fresh_ms;   /**< older lists of the centre count as unchecked */
	uint32_t lamp_rest_permille;  /**< level of the lamp with nobody there */
	uint32_t lamp_start_permille; /**< and for a photograph, until vision wishes another */
	uint32_t retention_other_hours;
	char exempt_documents[64]; /**< types, as gh_retention_exempt() takes them */
	const struct gh_calibration
		*calibration;                    /**< borrowed for life; NULL: no scores in doubt */
	const struct gh_morph_parameters *morph; /**< borrowed for life; NULL: no indicator */
	double fpir_target;
	double fmr_claim;
	double change_max; /**< no further frame for a smaller chance that it would change
				the outcome; 0: all frames are taken */
	const struct gh_clock *clock;
};

/** Defaults for the times; identity and the rest are zero. */
struct gh_lane_options gh_lane_options_default(void);

/** Make a lane in state MANUAL. GH_OK: the caller owns *lane. GH_NO_MEMORY, GH_SETTINGS. */
GH_MUST_USE enum gh_status gh_lane_create(const struct gh_lane_options *options,
	const struct gh_lane_hands *hands, struct gh_lane **lane, struct gh_error *error);

/** Wipe and free; not while running. NULL safe. */
void gh_lane_destroy(struct gh_lane *lane);

/** Serve until gh_lane_stop(): the lane's thread is inside. */
void gh_lane_run(struct gh_lane *lane);

/** One turn: wait up to timeout_ms for an event or timer. For tests. */
void gh_lane_turn(struct gh_lane *lane, uint32_t timeout_ms);

/** End gh_lane_run(). Any thread. */
void gh_lane_stop(struct gh_lane *lane);

/**
 * Settle what a previous run left open, before run: an encounter without its
 * passage addendum gets passage_unknown; a referral without a disposition is
 * taken up again for what is left of its time, or abandoned when that is over.
 * GH_OK, or the outbox's status.
 */
GH_MUST_USE enum gh_status gh_lane_settle(
	struct gh_lane *lane, struct gh_outbox *outbox, struct gh_error *error);

/**
 * Whether the average of a capture's first frames will do: the gallery is asked
 * as it would be for the sample, and the chance that the frames still to come,
 * up to frames_max, change the outcome is at most change_max
 * (gh_change_probability()). True as well where frames change nothing: without a
 * calibration, without an answer, without a candidate.
 *
 * The vision thread asks, by gh_vision_options.enough. Blocks for one search.
 */
bool gh_lane_enough(struct gh_lane *lane, const struct gh_template *average, uint32_t frames,
	uint32_t frames_max);

#ifdef __cplusplus
}
#endif

#endif
