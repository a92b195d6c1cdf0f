/* SPDX-License-Identifier: Apache-2.0 */
/* The table of device states, and the one place where a device moves between them. */
#include "lifecycle.h"

#include <assert.h>

#include "gatehouse/base/log.h"

/* clang-format off */
#define ROW(from, call, done, failed)                                             \
	{ GH_PHASE_##from, GH_CALL_##call, GH_PHASE_##done, GH_PHASE_##failed }

/* The whole machine of a camera. A pair not listed is refused. */
static const struct gh_edge camera_edges[] = {
	/*  from       call       done       failed    */
	ROW(CLOSED,    OPEN,      OPEN,      CLOSED),
	ROW(CLOSED,    CLOSE,     CLOSED,    CLOSED),

	ROW(OPEN,      MODES,     OPEN,      OPEN),
	ROW(OPEN,      CONFIGURE, READY,     OPEN),
	ROW(OPEN,      CONTROL,   OPEN,      OPEN),
	ROW(OPEN,      REHEARSE,  OPEN,      OPEN),
	ROW(OPEN,      REOPEN,    OPEN,      LOST),
	ROW(OPEN,      CLOSE,     CLOSED,    CLOSED),

	ROW(READY,     MODES,     READY,     READY),
	ROW(READY,     CONFIGURE, READY,     OPEN),
	ROW(READY,     START,     STREAMING, READY),
	ROW(READY,     CONTROL,   READY,     READY),
	ROW(READY,     REHEARSE,  READY,     READY),
	ROW(READY,     REOPEN,    OPEN,      LOST),
	ROW(READY,     CLOSE,     CLOSED,    CLOSED),

	ROW(STREAMING, STOP,      READY,     READY),
	ROW(STREAMING, WAIT,      STREAMING, STREAMING),
	ROW(STREAMING, CONTROL,   STREAMING, STREAMING),
	ROW(STREAMING, REHEARSE,  STREAMING, STREAMING),
	ROW(STREAMING, REOPEN,    OPEN,      LOST),
	ROW(STREAMING, CLOSE,     CLOSED,    CLOSED),

	ROW(LOST,      REHEARSE,  LOST,      LOST),
	ROW(LOST,      REOPEN,    OPEN,      LOST),
	ROW(LOST,      CLOSE,     CLOSED,    CLOSED),
};

/* The whole machine of every other device: it delivers from open on. */
static const struct gh_edge event_edges[] = {
	/*  from       call       done       failed    */
	ROW(CLOSED,    OPEN,      OPEN,      CLOSED),
	ROW(CLOSED,    CLOSE,     CLOSED,    CLOSED),

	ROW(OPEN,      WAIT,      OPEN,      OPEN),
	ROW(OPEN,      ACT,       OPEN,      OPEN),
	ROW(OPEN,      REHEARSE,  OPEN,      OPEN),
	ROW(OPEN,      REOPEN,    OPEN,      LOST),
	ROW(OPEN,      CLOSE,     CLOSED,    CLOSED),

	ROW(LOST,      REHEARSE,  LOST,      LOST),
	ROW(LOST,      REOPEN,    OPEN,      LOST),
	ROW(LOST,      CLOSE,     CLOSED,    CLOSED),
};
/* clang-format on */

const struct gh_machine gh_machine_camera = { camera_edges,
	sizeof(camera_edges) / sizeof(camera_edges[0]) };
const struct gh_machine gh_machine_event = { event_edges,
	sizeof(event_edges) / sizeof(event_edges[0]) };

static const char *const call_names[GH_CALL_COUNT] = {
	[GH_CALL_OPEN] = "open",
	[GH_CALL_MODES] = "modes",
	[GH_CALL_CONFIGURE] = "configure",
	[GH_CALL_START] = "start",
	[GH_CALL_STOP] = "stop",
	[GH_CALL_WAIT] = "wait",
	[GH_CALL_CONTROL] = "control",
	[GH_CALL_ACT] = "act",
	[GH_CALL_REHEARSE] = "rehearse",
	[GH_CALL_REOPEN] = "reopen",
	[GH_CALL_CLOSE] = "close",
};

const struct gh_edge *gh_machine_find(
	const struct gh_machine *machine, enum gh_phase from, enum gh_call call)
{
	for (size_t i = 0; i < machine->count; i++) {
		const struct gh_edge *edge = &machine->edges[i];
		if (edge->from == from && edge->call == call)
			return edge;
	}
	return NULL;
}

const char *gh_call_name(enum gh_call call)
{
	return (unsigned)call < GH_CALL_COUNT ? call_names[call] : "unknown";
}

enum gh_device_state gh_phase_state(enum gh_phase phase)
{
	static const enum gh_device_state states[GH_PHASE_COUNT] = {
		[GH_PHASE_CLOSED] = GH_DEVICE_CLOSED,
		[GH_PHASE_OPEN] = GH_DEVICE_OPEN,
		[GH_PHASE_READY] = GH_DEVICE_OPEN,
		[GH_PHASE_STREAMING] = GH_DEVICE_STREAMING,
		[GH_PHASE_LOST] = GH_DEVICE_LOST,
	};
	assert((unsigned)phase < GH_PHASE_COUNT);
	return states[phase];
}

void gh_lifecycle_init(
	struct gh_lifecycle *lifecycle, const struct gh_machine *machine, const char *driver)
{
	*lifecycle = (struct gh_lifecycle){ .machine = machine, .driver = driver };
	pthread_mutex_init(&lifecycle->lock, NULL);
}

void gh_lifecycle_finish(struct gh_lifecycle *lifecycle)
{
	pthread_mutex_destroy(&lifecycle->lock);
}

enum gh_phase gh_lifecycle_phase(struct gh_lifecycle *lifecycle)
{
	pthread_mutex_lock(&lifecycle->lock);
	enum gh_phase phase = lifecycle->phase;
	pthread_mutex_unlock(&lifecycle->lock);
	return phase;
}

enum gh_status gh_lifecycle_begin(
	struct gh_lifecycle *lifecycle, enum gh_call call, struct gh_error *error)
{
	enum gh_phase phase = gh_lifecycle_phase(lifecycle);
	if (gh_machine_find(lifecycle->machine, phase, call))
		return GH_OK;
	return gh_error_set(error, GH_WRONG_STATE, "%s: %s is not allowed while %s%s",
		lifecycle->driver, gh_call_name(call), gh_device_state_name(gh_phase_state(phase)),
		phase == GH_PHASE_OPEN && call == GH_CALL_START ? " and not configured" : "");
}

static enum gh_phase next_phase(
	const struct gh_lifecycle *lifecycle, enum gh_call call, enum gh_status status)
{
	const struct gh_edge *edge = gh_machine_find(lifecycle->machine, lifecycle->phase, call);
	if (status == GH_GONE && lifecycle->phase != GH_PHASE_CLOSED)
		return GH_PHASE_LOST;
	/* An action may end after the waiting thread found the device gone: no row, no move. */
	if (!edge)
		return lifecycle->phase;
	return status == GH_OK ? edge->done : edge->failed;
}

enum gh_status gh_lifecycle_end(
	struct gh_lifecycle *lifecycle, enum gh_call call, enum gh_status status)
{
	pthread_mutex_lock(&lifecycle->lock);
	enum gh_phase next = next_phase(lifecycle, call, status);
	bool left = next == GH_PHASE_LOST && lifecycle->phase != GH_PHASE_LOST;
	lifecycle->phase = next;
	lifecycle->counters.lost += left;
	pthread_mutex_unlock(&lifecycle->lock);

	if (left)
		gh_log(GH_LOG_WARNING, "device", "lost", gh_log_place("driver", lifecycle->driver),
			gh_log_status("status", status));
	return status;
}

struct gh_device_counters gh_lifecycle_counters(struct gh_lifecycle *lifecycle)
{
	pthread_mutex_lock(&lifecycle->lock);
	struct gh_device_counters counters = lifecycle->counters;
	pthread_mutex_unlock(&lifecycle->lock);
	return counters;
}

void gh_lifecycle_count(struct gh_lifecycle *lifecycle, const struct gh_device_counters *add)
{
	pthread_mutex_lock(&lifecycle->lock);
	struct gh_device_counters *sum = &lifecycle->counters;
	sum->delivered += add->delivered;
	sum->dropped += add->dropped;
	sum->damaged += add->damaged;
	sum->timeouts += add->timeouts;
	sum->lost += add->lost;
	sum->opened += add->opened;
	pthread_mutex_unlock(&lifecycle->lock);
}
