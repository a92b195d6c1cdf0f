/* SPDX-License-Identifier: Apache-2.0 */
/* The settings by which lane and centre are watched. */
#ifndef GATEHOUSE_SETTINGS_MONITORING_H
#define GATEHOUSE_SETTINGS_MONITORING_H

#include <stdint.h>

/** Bytes of a path of these sections, its final NUL included. */
#define GH_SETTINGS_METRICS_PATH_BYTES 200

/** [metrics] Where the lane's counters are served. The three files all or none. */
struct gh_settings_metrics {
	char listen_address[64]; /**< IPv4; beyond loopback only with the files */
	uint32_t listen_port;    /**< 0: not served */
	char certificate_file[GH_SETTINGS_METRICS_PATH_BYTES]; /**< "": HTTP */
	char key_file[GH_SETTINGS_METRICS_PATH_BYTES];
	char ca_file[GH_SETTINGS_METRICS_PATH_BYTES]; /**< signs those who may ask */
};

/** [monitoring] When the centre raises an alarm; lanes ignore it. */
struct gh_settings_monitoring {
	uint32_t interval_ms;            /**< between two looks at all lanes */
	uint32_t capture_goal_permille;  /**< the rate a lane is to reach */
	uint32_t capture_window_minutes; /**< of the rate */
	uint32_t capture_tried_min;      /**< travellers, below which nothing is said */
	uint32_t outbox_oldest_max_s;    /**< age of the oldest that waits */
	uint32_t certificate_min_days;   /**< left of a lane's certificate */
	uint32_t clock_offset_max_ms;    /**< either way, against the centre's clock */
	uint32_t disk_free_min_permille; /**< of the disk of the data directory */
	uint32_t silent_intervals;       /**< of the lane's own, without a heartbeat */
	uint32_t clear_after_s;          /**< good for so long before an alarm is over */
};

#endif
