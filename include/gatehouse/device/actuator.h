/* SPDX-License-Identifier: Apache-2.0 */
/* Gates, lights, displays, sensors, readers and alarms, for those who use them. */
#ifndef GATEHOUSE_DEVICE_ACTUATOR_H
#define GATEHOUSE_DEVICE_ACTUATOR_H

#include "gatehouse/device/device.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What can be asked of a device. */
enum gh_action_kind {
	GH_ACTION_GATE_OPEN,    /**< gate: let one person through */
	GH_ACTION_GATE_CLOSE,   /**< gate: never closes on a blocked path */
	GH_ACTION_LIGHT_SET,    /**< light: level_permille, 0 is off */
	GH_ACTION_DISPLAY_SHOW, /**< display: a page of the traveller's screen */
	GH_ACTION_ALARM_SET,    /**< alarm: level_permille, 0 is off */
	GH_ACTION_KIND_COUNT
};

/** Pages a display can show; screens and virtual displays know the words. */
#define GH_PAGE_LIST(X) \
	X(IDLE, "idle") \
	X(NOTICE, "notice") \
	X(POSITION, "position") \
	X(CAPTURE, "capture") \
	X(CHECKING, "checking") \
	X(GO, "go") \
	X(OFFICER, "officer") \
	X(MORE_TIME, "more_time") \
	X(CLOSED, "closed")

/** The pages. */
enum gh_page {
#define GH_PAGE_ENUM(name, text) GH_PAGE_##name,
	GH_PAGE_LIST(GH_PAGE_ENUM)
#undef GH_PAGE_ENUM
	GH_PAGE_COUNT
};

/** The word for a page; "unknown" outside the list. Any thread. */
const char *gh_page_name(enum gh_page page);

/** One action, by value. It holds nothing personal. */
struct gh_action {
	enum gh_action_kind kind;
	uint32_t level_permille; /**< LIGHT_SET, ALARM_SET */
	enum gh_page page;       /**< DISPLAY_SHOW */
	char coaching[32];       /**< DISPLAY_SHOW: word of the instruction, or "" */
	char notice_hash[65];    /**< DISPLAY_SHOW of NOTICE: hash to acknowledge */
};

struct gh_actuator;

/**
 * Open a device of any class but camera. Its loss shows in gh_actuator_wait(),
 * so every device is waited on, lights too.
 *
 * GH_OK: the caller owns *actuator. Otherwise as gh_camera_open().
 * Blocks up to 2 s.
 */
GH_MUST_USE enum gh_status gh_actuator_open(const struct gh_device_address *address,
	const struct gh_clock *clock, struct gh_actuator **actuator, struct gh_error *error);

/**
 * Let the driver go and open it again at the same address: what a supervisor
 * does, with a growing pause, after GH_GONE. Counters and handle stay.
 *
 * GH_OK, then state OPEN; as gh_actuator_open() otherwise, then state LOST and
 * it may be tried again. The device's own thread. Blocks up to 3 s.
 */
GH_MUST_USE enum gh_status gh_actuator_reopen(struct gh_actuator *actuator, struct gh_error *error);

/** Close in any state and free; leaves it at its safe rest. NULL safe. */
void gh_actuator_close(struct gh_actuator *actuator);

/**
 * Wait up to timeout_ms for an event; the device's own thread only.
 *
 * GH_OK         *event is one its class has; its time never goes back.
 * GH_TIMEOUT    nothing happened.
 * GH_MALFORMED  the device sent what it should not; counted, call again.
 * GH_GONE       it left; state LOST.
 * *event is all zero on all but GH_OK.
 */
GH_MUST_USE enum gh_status gh_actuator_wait(struct gh_actuator *actuator, uint32_t timeout_ms,
	struct gh_device_event *event, struct gh_error *error);

/**
 * Begin an action; its end comes as an event. Blocks up to 100 ms.
 *
 * GH_OK, GH_UNSUPPORTED for an action the class does not know or a value out
 * of its range, GH_BUSY while it is being reopened or rehearsed, GH_GONE,
 * GH_WRONG_STATE, GH_IO. One thread at a time, beside the waiting one.
 */
GH_MUST_USE enum gh_status gh_actuator_act(
	struct gh_actuator *actuator, const struct gh_action *action, struct gh_error *error);

/** The state now. Any thread. */
enum gh_device_state gh_actuator_state(const struct gh_actuator *actuator);

/** The counters now. Any thread. */
struct gh_device_counters gh_actuator_counters(const struct gh_actuator *actuator);

/** Its class. Any thread. */
enum gh_device_class gh_actuator_class(const struct gh_actuator *actuator);

/**
 * Let a virtual device do something; its README lists what. "unplug" and
 * "replug" as gh_camera_rehearse(). Any state and thread.
 */
GH_MUST_USE enum gh_status gh_actuator_rehearse(
	struct gh_actuator *actuator, const char *command, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
