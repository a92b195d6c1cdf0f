/* SPDX-License-Identifier: Apache-2.0 */
/* The heartbeat: how a lane is, told to the centre; the one home of its JSON. */
#ifndef GATEHOUSE_ENCOUNTER_HEARTBEAT_H
#define GATEHOUSE_ENCOUNTER_HEARTBEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/id.h"
#include "gatehouse/base/words.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The format this program writes and reads. */
#define GH_HEARTBEAT_FORMAT 1

/** Classes of devices, in the order of enum gh_device_class. */
#define GH_HEARTBEAT_DEVICES 8

/** The key of a class in the JSON: "camera", "gate", ... */
const char *gh_heartbeat_device_class(size_t index);

/** One device; none of its class is there: set is false. */
struct gh_heartbeat_device {
	bool set;
	bool up; /**< there and open */
	char driver[32];
	char state[16]; /**< a word of the lane's */
};

/**
 * How a lane is: numbers and words, nothing of any person. Counters begin at 0
 * with each start of the lane's program, which has an id of its own; number
 * counts the heartbeats of that start from 1.
 */
struct gh_heartbeat {
	struct gh_id boot; /**< of this start of the program */
	uint64_t number;
	char lane[32];
	char firmware[40];
	bool test;       /**< purpose demo */
	int64_t sent_ms; /**< by the lane's clock */
	enum gh_clock_quality clock_quality;
	uint32_t interval_ms; /**< until the next */
	uint64_t uptime_s;
	enum gh_mode mode;
	char state[16]; /**< of the transaction's machine */
	bool closed;    /**< by hand */

	uint64_t captured;
	uint64_t not_captured[GH_REASON_COUNT]; /**< by reason; that of NONE is 0 */
	uint64_t opted_out;

	uint64_t waiting;     /**< items of the outbox */
	uint64_t quarantined; /**< refused for good */
	uint64_t oldest_ms;   /**< age of the oldest that waits; 0 none */
	bool writable;        /**< false: the disk takes nothing */

	uint32_t disk_free_permille;
	uint64_t resident_bytes;
	bool has_certificate;       /**< false: unknown */
	int64_t certificate_end_ms; /**< of the lane's own: when it ends */
	uint32_t warnings;          /**< of the lane's own: how many stand */
	struct gh_heartbeat_device devices[GH_HEARTBEAT_DEVICES];
};

/** All that was not captured, whatever the reason. Any thread. */
uint64_t gh_heartbeat_not_captured(const struct gh_heartbeat *heartbeat);

/** Write the path "/v1/heartbeats/LANE" of the API. */
void gh_heartbeat_path(const char *lane, char path[96]);

/**
 * Append the JSON (RFC 8259) as docs/heartbeat.schema.json has it.
 * GH_OK, GH_NO_MEMORY, or GH_WRONG_STATE naming what is out of range. Any thread.
 */
GH_MUST_USE enum gh_status gh_heartbeat_encode(
	const struct gh_heartbeat *heartbeat, struct gh_bytes *json, struct gh_error *error);

/**
 * Read it strictly by the same schema.
 *
 * GH_OK           *heartbeat is set.
 * GH_MALFORMED    the error names the JSON pointer (RFC 6901) and the rule.
 * GH_TOO_LARGE, GH_UNSUPPORTED (a newer format), GH_NO_MEMORY. Any thread.
 */
GH_MUST_USE enum gh_status gh_heartbeat_decode(
	struct gh_view json, struct gh_heartbeat *heartbeat, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
