/* SPDX-License-Identifier: Apache-2.0 */
/* What every device has in common: classes, states, events, counters. */
#ifndef GATEHOUSE_DEVICE_DEVICE_H
#define GATEHOUSE_DEVICE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Device classes: name of the folder under drivers/. */
#define GH_DEVICE_CLASS_LIST(X) \
	X(CAMERA, "camera") \
	X(GATE, "gate") \
	X(LIGHT, "light") \
	X(DISPLAY, "display") \
	X(PRESENCE, "presence") \
	X(DOCUMENT, "document") \
	X(BARCODE, "barcode") \
	X(ALARM, "alarm")

/** The classes. */
enum gh_device_class {
#define GH_DEVICE_CLASS_ENUM(name, text) GH_DEVICE_##name,
	GH_DEVICE_CLASS_LIST(GH_DEVICE_CLASS_ENUM)
#undef GH_DEVICE_CLASS_ENUM
	GH_DEVICE_CLASS_COUNT
};

/** The word for a class; "unknown" outside the list. Any thread. */
const char *gh_device_class_name(enum gh_device_class device_class);

/**
 * The states of every device, and who moves between them:
 *
 *   CLOSED    -> OPEN       open
 *   OPEN      -> STREAMING  start   (cameras; all others deliver from open on)
 *   STREAMING -> OPEN       stop
 *   any       -> LOST       the framework, after a driver returned GH_GONE
 *   LOST      -> OPEN       reopen, by the device's supervisor; LOST if it fails
 *   any       -> CLOSED     close
 *
 * The framework never calls a driver in a state not listed for it, and answers
 * GH_WRONG_STATE to a caller who asks.
 */
enum gh_device_state {
	GH_DEVICE_CLOSED,
	GH_DEVICE_OPEN,
	GH_DEVICE_STREAMING,
	GH_DEVICE_LOST,
};

/** "closed", "open", "streaming", "lost"; "unknown" otherwise. Any thread. */
const char *gh_device_state_name(enum gh_device_state state);

/**
 * What a device did since it was opened first; reopening goes on counting.
 * Read by any thread as one snapshot.
 */
struct gh_device_counters {
	uint64_t delivered; /**< frames or events handed on */
	uint64_t dropped;   /**< gaps in sequence that no damaged frame explains */
	uint64_t damaged;   /**< refused by the driver or by the framework's checks */
	uint64_t timeouts;  /**< waits that ended with nothing */
	uint64_t lost;      /**< times the device left */
	uint64_t opened;    /**< times it was opened again */
};

/** Where a driver finds its device, and its own settings as `key=value,...`. */
struct gh_device_address {
	char driver[32];   /**< "class/name", as "camera/replay" */
	char address[512]; /**< path, serial number or socket; the driver's README says */
	char options[256]; /**< the driver's README lists them; unknown ones are refused */
};

/** One device a driver found. */
struct gh_device_found {
	struct gh_device_address address;
	char label[96]; /**< for technicians; never free text from outside unchecked */
	bool is_virtual;
};

/**
 * Ask the drivers of one class what they find, or every driver of the build
 * when device_class is GH_DEVICE_CLASS_COUNT.
 *
 * call is invoked once per device, on this thread; the pointer is valid during
 * the call. GH_OK also when nothing is there. A driver that fails is logged
 * and passed over. Blocks up to 2 s per driver.
 */
GH_MUST_USE enum gh_status gh_device_list(enum gh_device_class device_class,
	void (*call)(void *ctx, const struct gh_device_found *found), void *ctx,
	struct gh_error *error);

/**
 * Events of the devices that are not cameras, by value: the lane's queue holds
 * them. time_us is CLOCK_MONOTONIC.
 */
enum gh_device_event_kind {
	GH_EVENT_GATE_OPENED,
	GH_EVENT_GATE_CLOSED,
	GH_EVENT_GATE_BLOCKED, /**< could not move */
	GH_EVENT_GATE_FORCED,  /**< opened by force */
	GH_EVENT_GATE_LEFT_OPEN,
	GH_EVENT_GATE_PASSED,   /**< one person went through */
	GH_EVENT_GATE_TAILGATE, /**< more than one */
	GH_EVENT_GATE_TURNED_BACK,
	GH_EVENT_GATE_OBJECT,      /**< something stands in the path */
	GH_EVENT_DISPLAY_NOTICE,   /**< the notice named by text is shown */
	GH_EVENT_DISPLAY_CONTINUE, /**< the traveller goes on */
	GH_EVENT_DISPLAY_OPT_OUT,  /**< the traveller asks for an officer */
	GH_EVENT_DISPLAY_MORE_TIME,
	GH_EVENT_DISPLAY_LANGUAGE, /**< text is an RFC 5646 tag */
	GH_EVENT_PRESENCE_OCCUPIED,
	GH_EVENT_PRESENCE_VACANT,
	GH_EVENT_READER_LINE, /**< text is one raw line of a reader */
	GH_EVENT_ALARM_FIRE,
	GH_EVENT_DEVICE_LOST,
	GH_EVENT_DEVICE_BACK,
	GH_EVENT_KIND_COUNT
};

/** "gate_opened" and so on; "unknown" outside the list. Any thread. */
const char *gh_device_event_name(enum gh_device_event_kind kind);

#define GH_DEVICE_TEXT_BYTES 256

/** One event. text is raw bytes of the device, NUL-terminated, and personal. */
struct gh_device_event {
	enum gh_device_class device_class;
	enum gh_device_event_kind kind;
	uint64_t time_us;
	char text[GH_DEVICE_TEXT_BYTES];
};

#ifdef __cplusplus
}
#endif

#endif
