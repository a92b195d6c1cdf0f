/* SPDX-License-Identifier: Apache-2.0 */
/* Devices that are not cameras, for those who write drivers. */
#ifndef GATEHOUSE_DEVICE_EVENT_DRIVER_H
#define GATEHOUSE_DEVICE_EVENT_DRIVER_H

#include "gatehouse/device/actuator.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What such a driver is given; `own` is its state, made in open(). */
struct gh_event_context {
	const struct gh_device_address *address;
	const struct gh_clock *clock;
	void *own;
};

/**
 * What a driver of a gate, light, display, presence sensor, reader, scanner or
 * alarm does. The framework calls wait() on the device's thread and act() on
 * the lane's: those two may run at once, all else never does.
 */
struct gh_event_driver {
	/** Mandatory. CLOSED. Claim the device and bring it to its safe rest. */
	enum gh_status (*open)(struct gh_event_context *device, struct gh_error *error);

	/** Mandatory. Any state, LOST too; leaves the device at its safe rest. */
	void (*close)(struct gh_event_context *device);

	/**
	 * Mandatory. OPEN. Wait up to timeout_ms for the next event.
	 *
	 * GH_OK        *event is set by value.
	 * GH_TIMEOUT   nothing happened.
	 * GH_MALFORMED the device sent what it should not; counted.
	 * GH_GONE      it left; only close() follows.
	 */
	enum gh_status (*wait)(struct gh_event_context *device, uint32_t timeout_ms,
		struct gh_device_event *event, struct gh_error *error);

	/**
	 * Optional: gates, lights, displays, alarms. OPEN. Begin an action;
	 * returns within 50 ms, its end comes as an event.
	 * GH_OK, GH_UNSUPPORTED, GH_GONE, GH_IO.
	 */
	enum gh_status (*act)(struct gh_event_context *device, const struct gh_action *action,
		struct gh_error *error);

	/**
	 * Optional; virtual drivers only: let something happen. From open to
	 * close, any thread. "unplug" as in camera_driver.h.
	 */
	enum gh_status (*rehearse)(
		struct gh_event_context *device, const char *command, struct gh_error *error);
};

#ifdef __cplusplus
}
#endif

#endif
