/* SPDX-License-Identifier: Apache-2.0 */
/* The states of a device as one table, with its counters, shared by cameras and actuators. */
#ifndef DEVICE_LIFECYCLE_H
#define DEVICE_LIFECYCLE_H

#include <pthread.h>

#include "gatehouse/device/device.h"

/**
 * The states of device.h, OPEN told apart by whether a mode was chosen:
 *
 *   CLOSED     nothing is claimed; no pool
 *   OPEN       the device is claimed; no pool
 *   READY      claimed, a mode is chosen, the pool is there (cameras only)
 *   STREAMING  as READY, and the driver delivers (cameras only)
 *   LOST       the device left; the driver may still hold what open() made
 */
enum gh_phase {
	GH_PHASE_CLOSED,
	GH_PHASE_OPEN,
	GH_PHASE_READY,
	GH_PHASE_STREAMING,
	GH_PHASE_LOST,
	GH_PHASE_COUNT
};

/** What a caller can ask of a device. */
enum gh_call {
	GH_CALL_OPEN,
	GH_CALL_MODES,
	GH_CALL_CONFIGURE,
	GH_CALL_START,
	GH_CALL_STOP,
	GH_CALL_WAIT,
	GH_CALL_CONTROL,
	GH_CALL_ACT,
	GH_CALL_REHEARSE,
	GH_CALL_REOPEN,
	GH_CALL_CLOSE,
	GH_CALL_COUNT
};

/** One row: in `from`, `call` is allowed and ends in `done`, or in `failed`. */
struct gh_edge {
	enum gh_phase from;
	enum gh_call call;
	enum gh_phase done;
	enum gh_phase failed;
};

/** A machine: its rows. A pair without a row is refused with GH_WRONG_STATE. */
struct gh_machine {
	const struct gh_edge *edges;
	size_t count;
};

/** Cameras, and all other classes. */
extern const struct gh_machine gh_machine_camera;
extern const struct gh_machine gh_machine_event;

/** A device's phase and counters; the lock guards both and is never held in a driver. */
struct gh_lifecycle {
	const struct gh_machine *machine;
	const char *driver;
	pthread_mutex_t lock;
	enum gh_phase phase;
	struct gh_device_counters counters;
};

/** The row for a pair, or NULL. */
const struct gh_edge *gh_machine_find(
	const struct gh_machine *machine, enum gh_phase from, enum gh_call call);

/** "configure" and so on. */
const char *gh_call_name(enum gh_call call);

/** What device.h calls a phase. */
enum gh_device_state gh_phase_state(enum gh_phase phase);

/** Begin in CLOSED with all counters 0. driver is borrowed. */
void gh_lifecycle_init(
	struct gh_lifecycle *lifecycle, const struct gh_machine *machine, const char *driver);

/** Give the lock back. */
void gh_lifecycle_finish(struct gh_lifecycle *lifecycle);

/** Whether the call is allowed now: GH_OK or GH_WRONG_STATE. */
GH_MUST_USE enum gh_status gh_lifecycle_begin(
	struct gh_lifecycle *lifecycle, enum gh_call call, struct gh_error *error);

/**
 * Move on after the call ended with status, and return status. GH_GONE leads
 * to LOST, counted, from wherever the device is.
 */
enum gh_status gh_lifecycle_end(
	struct gh_lifecycle *lifecycle, enum gh_call call, enum gh_status status);

/** The phase now. */
enum gh_phase gh_lifecycle_phase(struct gh_lifecycle *lifecycle);

/** A copy of the counters, all of one moment. */
struct gh_device_counters gh_lifecycle_counters(struct gh_lifecycle *lifecycle);

/** Add to the counters; `add` holds the differences. */
void gh_lifecycle_count(struct gh_lifecycle *lifecycle, const struct gh_device_counters *add);

#endif
