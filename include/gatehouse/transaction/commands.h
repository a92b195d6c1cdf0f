/* SPDX-License-Identifier: Apache-2.0 */
/* What a lane can be told and asked, by devices, vision, control and screens. */
#ifndef GATEHOUSE_TRANSACTION_COMMANDS_H
#define GATEHOUSE_TRANSACTION_COMMANDS_H

#include <stdbool.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/device/device.h"
#include "gatehouse/transaction/view.h"

#ifdef __cplusplus
extern "C" {
#endif

struct gh_sample;

/** What kind of thing the lane is told. */
enum gh_telling {
	GH_TELL_TRIGGER,  /**< the trigger named happened */
	GH_TELL_SIGHTING, /**< one frame or sensor reading: occupied or not, at time_us */
	GH_TELL_PING,     /**< nothing: only whether the lane still takes its turns */
};

/**
 * What a lane can be told. Values; sample passes its ownership on. OCCUPIED and
 * VACANT are never told from outside: the lane makes them of sightings, by
 * arrive_ms and leave_ms.
 */
struct gh_lane_event {
	enum gh_telling telling;
	enum gh_trigger trigger;
	uint32_t passage;                /**< vision's events: of which passage; 0: any */
	bool occupied;                   /**< SIGHTING */
	uint32_t track;                  /**< SIGHTING: who stands there; 0: not known */
	uint64_t time_us;                /**< SIGHTING: capture time of the frame */
	enum gh_reason reason;           /**< NO_SAMPLE: why */
	enum gh_instruction instruction; /**< SIGHTING: what to tell the traveller */
	bool lamp;                       /**< SIGHTING: another level of the lamp is wished */
	uint32_t lamp_permille;          /**< SIGHTING with lamp: which */
	struct gh_sample *sample;        /**< SAMPLE: owned by the lane from push on */
	enum gh_device_class device;     /**< FAULT, MENDED */
	struct gh_id record;             /**< DISPOSED: which; none: the one in hand */
	enum gh_disposition disposition;
	char role[48];               /**< DISPOSED, CLOSE, OPEN, START: who */
	char reason_code[32];        /**< DISPOSED */
	struct gh_personal document; /**< CLAIM: number */
	char issuer[4];              /**< CLAIM: "" unknown */
	char text[65];               /**< NOTICE_SHOWN: hash acknowledged */
};

/**
 * Tell the lane something. GH_OK; GH_FULL or GH_CANCELLED: a sample stays the
 * caller's. Any thread; never blocks.
 */
GH_MUST_USE enum gh_status gh_lane_tell(struct gh_lane *lane, const struct gh_lane_event *event);

/**
 * Tell and wait up to timeout_ms for the lane's answer: GH_OK when the table
 * took it, GH_WRONG_STATE when it was refused there, GH_DENIED when a rule
 * forbids it, GH_NOT_FOUND for a record not in hand; GH_TIMEOUT. For control.
 */
GH_MUST_USE enum gh_status gh_lane_ask(struct gh_lane *lane, const struct gh_lane_event *event,
	uint32_t timeout_ms, struct gh_error *error);

/** Whether the lane's thread answers within timeout_ms: GH_OK, GH_TIMEOUT, ... */
GH_MUST_USE enum gh_status gh_lane_ping(struct gh_lane *lane, uint32_t timeout_ms);

/** A copy of what may be seen from outside. Any thread. */
void gh_lane_view(struct gh_lane *lane, struct gh_lane_view *view);

#ifdef __cplusplus
}
#endif

#endif
