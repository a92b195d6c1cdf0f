/* SPDX-License-Identifier: Apache-2.0 */
/* How the lane is: one snapshot of counters, as metrics and as JSON. */
#ifndef GATEHOUSE_HEALTH_HEALTH_H
#define GATEHOUSE_HEALTH_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/device/device.h"
#include "gatehouse/gallery/gallery.h"
#include "gatehouse/outbox/outbox.h"
#include "gatehouse/transaction/view.h"
#include "gatehouse/uplink/uplink.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Devices one lane can have. */
#define GH_HEALTH_DEVICES_MAX 16

/** The capture rate a lane is to reach, in permille (DHS goal of 97 %). */
#define GH_CAPTURE_GOAL_PERMILLE 970

/** One device as seen now. */
struct gh_health_device {
	enum gh_device_class device_class;
	char driver[32];
	enum gh_device_state state;
	struct gh_device_counters counters;
};

/** Refused voyages that are told of; the oldest makes room for one more. */
#define GH_HEALTH_REFUSED_MAX 16

/** A voyage whose newest bundle the lane did not take. */
struct gh_health_refusal {
	struct gh_id voyage;
	struct gh_error reason; /**< names file, place and reason, and nobody */
	int64_t last_ms;        /**< UTC, when it was tried last */
	uint32_t times;
};

/** A certificate by its times, UTC; not_after_ms 0: there is none. */
struct gh_health_certificate {
	int64_t not_before_ms;
	int64_t not_after_ms;
};

/** The machine below the lane, as far as it can see itself. */
struct gh_health_machine {
	int64_t now_ms; /**< UTC, when the snapshot was taken */
	enum gh_clock_quality clock_quality;
	struct gh_health_certificate own;       /**< of the uplink: ours */
	struct gh_health_certificate authority; /**< who signs the centre's */
	uint64_t disk_free_bytes;               /**< of the data directory's disk */
	uint64_t disk_size_bytes;               /**< 0: unknown */
};

/**
 * Everything that can be counted of a lane, by value: numbers and words only,
 * nothing of any person. Filled by the daemon, read by metrics, control and
 * screens.
 */
struct gh_health {
	struct gh_lane_view lane;
	struct gh_gallery_state gallery;
	struct gh_health_refusal refused[GH_HEALTH_REFUSED_MAX]; /**< oldest first */
	size_t refused_count;
	uint64_t refusals[GH_STATUS_COUNT]; /**< since start, by status */
	bool outbox_known;                  /**< false: the outbox could not be asked */
	struct gh_outbox_state outbox;
	bool uplink_known; /**< false: the lane runs without a centre */
	struct gh_uplink_state uplink;
	struct gh_health_device devices[GH_HEALTH_DEVICES_MAX];
	size_t device_count;
	uint64_t frames_superseded; /**< dropped for a newer one in the mailbox */
	uint64_t vision_frames;     /**< frames vision has looked at */
	uint64_t vision_failures;
	uint64_t vision_last_us; /**< time the last frame took in vision */
	char engine[48];
	char firmware[40];
	char lane_id[32];
	uint64_t uptime_s;
	uint64_t resident_bytes; /**< VmRSS now */
	struct gh_health_machine machine;
};

/** Age of the oldest item that waits; 0 when none does. Any thread. */
uint64_t gh_health_oldest_waiting_ms(const struct gh_health *health);

/** Whether a device is there and open. Any thread. */
bool gh_health_device_up(const struct gh_health_device *device);

/** Free space in thousandths of the disk's size; 1000 where that is unknown. Any thread. */
uint32_t gh_health_disk_free_permille(const struct gh_health *health);

/** Resident memory of this process from /proc/self/statm; 0 if unknown. */
uint64_t gh_health_resident_bytes(void);

/**
 * Append the snapshot in the text format of Prometheus (0.0.4): each metric
 * with HELP and TYPE, names gatehouse_…, units in the names.
 *
 * GH_OK, or GH_NO_MEMORY. Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_health_metrics(
	const struct gh_health *health, struct gh_bytes *text, struct gh_error *error);

/**
 * Append the snapshot as one JSON object: lane, answers, gallery, refused, outbox,
 * uplink, devices, vision, warnings. GH_OK, or GH_NO_MEMORY. Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_health_json(
	const struct gh_health *health, struct gh_bytes *json, struct gh_error *error);

/**
 * Append the outbox's rows as a JSON list, oldest first: ids, kinds, states,
 * attempts, times, reasons; no body. GH_OK, GH_NO_MEMORY, or what the outbox
 * says. Any thread. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_health_outbox_json(
	struct gh_outbox *outbox, struct gh_bytes *json, struct gh_error *error);

/** Append the voyages held as a JSON list. GH_OK or GH_NO_MEMORY. Any thread. */
GH_MUST_USE enum gh_status gh_health_voyages_json(
	struct gh_gallery *gallery, struct gh_bytes *json, struct gh_error *error);

/**
 * Append the gallery's findings as a JSON list: unusable portraits and pairs
 * who look alike, by row. GH_OK, GH_NO_MEMORY, or what the gallery says.
 */
GH_MUST_USE enum gh_status gh_health_findings_json(
	struct gh_gallery *gallery, struct gh_bytes *json, struct gh_error *error);

/** Append the snapshot's devices as a JSON list. GH_OK or GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_health_devices_json(
	const struct gh_health *health, struct gh_bytes *json, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
