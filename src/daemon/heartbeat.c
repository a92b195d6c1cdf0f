/* SPDX-License-Identifier: Apache-2.0 */
/* What the lane tells the centre of itself. */
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "gatehouse/encounter/heartbeat.h"
#include "gatehouse/health/warnings.h"

_Static_assert((int)GH_HEARTBEAT_DEVICES == (int)GH_DEVICE_CLASS_COUNT, "one for each class");

static void tell_devices(const struct gh_health *health, struct gh_heartbeat *heartbeat)
{
	for (size_t i = 0; i < health->device_count; i++) {
		const struct gh_health_device *device = &health->devices[i];
		struct gh_heartbeat_device *told = &heartbeat->devices[device->device_class];

		if (device->driver[0] == '\0')
			continue;
		told->set = true;
		told->up = gh_health_device_up(device);
		gh_text_copy(told->driver, sizeof(told->driver), device->driver);
		gh_text_copy(told->state, sizeof(told->state), gh_device_state_name(device->state));
	}
}

static void tell_counts(const struct gh_health *health, struct gh_heartbeat *heartbeat)
{
	const struct gh_lane_counts *counts = &health->lane.counts;

	heartbeat->captured = counts->captured;
	memcpy(heartbeat->not_captured, counts->not_captured, sizeof(heartbeat->not_captured));
	heartbeat->opted_out = counts->opted_out;
	heartbeat->waiting = health->outbox.waiting + health->outbox.sending;
	heartbeat->quarantined = health->outbox.quarantined;
	heartbeat->oldest_ms = gh_health_oldest_waiting_ms(health);
	heartbeat->writable = health->outbox_known && health->outbox.writable;
}

static void tell_machine(const struct gh_health *health, struct gh_heartbeat *heartbeat)
{
	heartbeat->sent_ms = health->machine.now_ms;
	heartbeat->clock_quality = health->machine.clock_quality;
	heartbeat->disk_free_permille = gh_health_disk_free_permille(health);
	heartbeat->resident_bytes = health->resident_bytes;
	heartbeat->uptime_s = health->uptime_s;
	heartbeat->has_certificate = health->machine.own.not_after_ms > 0;
	heartbeat->certificate_end_ms = health->machine.own.not_after_ms;
	heartbeat->warnings = (uint32_t)__builtin_popcount(gh_health_warnings(health));
}

static void tell(
	struct daemon *daemon, const struct gh_health *health, struct gh_heartbeat *heartbeat)
{
	uint32_t interval_ms = daemon->settings.uplink.heartbeat_interval_ms;

	heartbeat->boot = daemon->start;
	heartbeat->number = ++daemon->heartbeats;
	gh_text_copy(heartbeat->lane, sizeof(heartbeat->lane), health->lane_id);
	gh_text_copy(heartbeat->firmware, sizeof(heartbeat->firmware), health->firmware);
	heartbeat->test = health->lane.purpose == GH_PURPOSE_DEMO;
	heartbeat->interval_ms = interval_ms > 1000 ? interval_ms : 1000;
	heartbeat->mode = health->lane.mode;
	gh_text_copy(heartbeat->state, sizeof(heartbeat->state), gh_state_name(health->lane.state));
	heartbeat->closed = health->lane.closed_by_hand;
	tell_machine(health, heartbeat);
	tell_counts(health, heartbeat);
	tell_devices(health, heartbeat);
}

enum gh_status heartbeat_make(
	void *ctx, char path[96], struct gh_bytes *body, struct gh_error *error)
{
	struct daemon *daemon = ctx;
	struct gh_health *health = calloc(1, sizeof(*health));
	struct gh_heartbeat heartbeat = { .number = 0 };
	enum gh_status status;

	if (!health)
		return gh_error_set(error, GH_NO_MEMORY, "no memory for a heartbeat");
	serve_health(daemon, health);
	tell(daemon, health, &heartbeat);
	gh_heartbeat_path(heartbeat.lane, path);
	status = gh_heartbeat_encode(&heartbeat, body, error);
	free(health);
	return status;
}
