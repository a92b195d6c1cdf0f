/* SPDX-License-Identifier: Apache-2.0 */
/* All devices but cameras: what a class can do and tell, and the checks around its driver. */
#include "gatehouse/device/actuator.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "choose.h"
#include "lifecycle.h"
#include "plug.h"

/* As long as an action waits for a rehearsal or a reopening to end, and how often it looks. */
#define PRESENCE_WAIT_MS 50
#define PRESENCE_LOOK_US 500

#define LEVEL_MAX_PERMILLE 1000

struct gh_actuator {
	struct gh_lifecycle lifecycle;
	const struct gh_driver *driver;
	struct gh_device_address address;
	struct gh_event_context context;
	/* Held in act(), rehearse() and while the driver is let go: they are on other threads. */
	pthread_mutex_t presence;
	bool claimed; /* the driver's open() succeeded and its close() was not called */
	uint64_t last_us;
};

/* Which class knows which action. */
static const bool acts[GH_DEVICE_CLASS_COUNT][GH_ACTION_KIND_COUNT] = {
	[GH_DEVICE_GATE] = { [GH_ACTION_GATE_OPEN] = true, [GH_ACTION_GATE_CLOSE] = true },
	[GH_DEVICE_LIGHT] = { [GH_ACTION_LIGHT_SET] = true },
	[GH_DEVICE_DISPLAY] = { [GH_ACTION_DISPLAY_SHOW] = true },
	[GH_DEVICE_ALARM] = { [GH_ACTION_ALARM_SET] = true },
};

/* Which class an event belongs to; the two without a class are the supervisor's own. */
static const enum gh_device_class tells[GH_EVENT_KIND_COUNT] = {
	[GH_EVENT_GATE_OPENED] = GH_DEVICE_GATE,
	[GH_EVENT_GATE_CLOSED] = GH_DEVICE_GATE,
	[GH_EVENT_GATE_BLOCKED] = GH_DEVICE_GATE,
	[GH_EVENT_GATE_FORCED] = GH_DEVICE_GATE,
	[GH_EVENT_GATE_LEFT_OPEN] = GH_DEVICE_GATE,
	[GH_EVENT_GATE_PASSED] = GH_DEVICE_GATE,
	[GH_EVENT_GATE_TAILGATE] = GH_DEVICE_GATE,
	[GH_EVENT_GATE_TURNED_BACK] = GH_DEVICE_GATE,
	[GH_EVENT_GATE_OBJECT] = GH_DEVICE_GATE,
	[GH_EVENT_DISPLAY_NOTICE] = GH_DEVICE_DISPLAY,
	[GH_EVENT_DISPLAY_CONTINUE] = GH_DEVICE_DISPLAY,
	[GH_EVENT_DISPLAY_OPT_OUT] = GH_DEVICE_DISPLAY,
	[GH_EVENT_DISPLAY_MORE_TIME] = GH_DEVICE_DISPLAY,
	[GH_EVENT_DISPLAY_LANGUAGE] = GH_DEVICE_DISPLAY,
	[GH_EVENT_PRESENCE_OCCUPIED] = GH_DEVICE_PRESENCE,
	[GH_EVENT_PRESENCE_VACANT] = GH_DEVICE_PRESENCE,
	[GH_EVENT_READER_LINE] = GH_DEVICE_DOCUMENT,
	[GH_EVENT_ALARM_FIRE] = GH_DEVICE_ALARM,
	[GH_EVENT_DEVICE_LOST] = GH_DEVICE_CLASS_COUNT,
	[GH_EVENT_DEVICE_BACK] = GH_DEVICE_CLASS_COUNT,
};

static bool class_tells(enum gh_device_class device_class, enum gh_device_event_kind kind)
{
	if ((unsigned)kind >= GH_EVENT_KIND_COUNT)
		return false;
	if (kind == GH_EVENT_READER_LINE && device_class == GH_DEVICE_BARCODE)
		return true;
	return tells[kind] == device_class;
}

static const struct gh_event_driver *calls(const struct gh_actuator *actuator)
{
	return actuator->driver->event;
}

static bool consistent(struct gh_actuator *actuator)
{
	switch (gh_lifecycle_phase(&actuator->lifecycle)) {
	case GH_PHASE_CLOSED:
		return !actuator->claimed;
	case GH_PHASE_OPEN:
		return actuator->claimed;
	case GH_PHASE_LOST:
		return gh_lifecycle_counters(&actuator->lifecycle).lost > 0;
	default:
		return false; /* the machine of these classes has no other phase */
	}
}

static enum gh_status claim(struct gh_actuator *actuator, struct gh_error *error)
{
	enum gh_status status = gh_plug_check(&actuator->address, error);
	if (status == GH_OK)
		status = calls(actuator)->open(&actuator->context, error);
	actuator->claimed = status == GH_OK;
	return status;
}

static void let_go(struct gh_actuator *actuator)
{
	if (actuator->claimed)
		calls(actuator)->close(&actuator->context);
	actuator->claimed = false;
	actuator->context.own = NULL;
}

static void destroy(struct gh_actuator *actuator)
{
	pthread_mutex_destroy(&actuator->presence);
	gh_lifecycle_finish(&actuator->lifecycle);
	free(actuator);
}

enum gh_status gh_actuator_open(const struct gh_device_address *address,
	const struct gh_clock *clock, struct gh_actuator **actuator, struct gh_error *error)
{
	*actuator = NULL;
	const struct gh_driver *driver;
	struct gh_device_address copy = gh_address_copy(address);
	enum gh_status status = gh_driver_choose(&copy, false, &driver, error);
	if (status != GH_OK)
		return status;

	struct gh_actuator *made = calloc(1, sizeof(*made));
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "%s: no memory to open it", driver->name);
	gh_lifecycle_init(&made->lifecycle, &gh_machine_event, driver->name);
	pthread_mutex_init(&made->presence, NULL);
	made->driver = driver;
	made->address = copy;
	made->context = (struct gh_event_context){ .address = &made->address, .clock = clock };

	status = gh_lifecycle_end(&made->lifecycle, GH_CALL_OPEN, claim(made, error));
	assert(consistent(made));
	if (status != GH_OK) {
		destroy(made);
		gh_error_wrap(error, "opening %s", driver->name);
		return status;
	}
	*actuator = made;
	return GH_OK;
}

enum gh_status gh_actuator_reopen(struct gh_actuator *actuator, struct gh_error *error)
{
	enum gh_status status = gh_lifecycle_begin(&actuator->lifecycle, GH_CALL_REOPEN, error);
	if (status != GH_OK)
		return status;
	pthread_mutex_lock(&actuator->presence);
	let_go(actuator);
	status = claim(actuator, error);
	if (status == GH_OK)
		gh_lifecycle_count(
			&actuator->lifecycle, &(struct gh_device_counters){ .opened = 1 });
	gh_lifecycle_end(&actuator->lifecycle, GH_CALL_REOPEN, status);
	assert(consistent(actuator));
	pthread_mutex_unlock(&actuator->presence);
	return status;
}

void gh_actuator_close(struct gh_actuator *actuator)
{
	if (!actuator)
		return;
	pthread_mutex_lock(&actuator->presence);
	assert(consistent(actuator));
	let_go(actuator);
	gh_lifecycle_end(&actuator->lifecycle, GH_CALL_CLOSE, GH_OK);
	pthread_mutex_unlock(&actuator->presence);
	destroy(actuator);
}

/* An event is kept whatever its time says, because a forced gate must be heard of. */
static enum gh_status receive(
	struct gh_actuator *actuator, struct gh_device_event *event, struct gh_error *error)
{
	if (!class_tells(actuator->driver->device_class, event->kind))
		return gh_error_set(error, GH_MALFORMED, "%s: told %s, which its class cannot",
			actuator->driver->name, gh_device_event_name(event->kind));
	const struct gh_clock *clock = actuator->context.clock;
	uint64_t now_us = clock->monotonic_us(clock);
	event->device_class = actuator->driver->device_class;
	event->text[sizeof(event->text) - 1] = '\0';
	event->time_us = event->time_us > now_us ? now_us : event->time_us;
	event->time_us = event->time_us < actuator->last_us ? actuator->last_us : event->time_us;
	actuator->last_us = event->time_us;
	return GH_OK;
}

static void count(struct gh_actuator *actuator, enum gh_status status)
{
	struct gh_device_counters add = { 0 };
	add.delivered = status == GH_OK;
	add.timeouts = status == GH_TIMEOUT;
	add.damaged = status == GH_MALFORMED;
	gh_lifecycle_count(&actuator->lifecycle, &add);
}

enum gh_status gh_actuator_wait(struct gh_actuator *actuator, uint32_t timeout_ms,
	struct gh_device_event *event, struct gh_error *error)
{
	*event = (struct gh_device_event){ 0 };
	enum gh_status status = gh_lifecycle_begin(&actuator->lifecycle, GH_CALL_WAIT, error);
	if (status != GH_OK)
		return status;
	status = gh_plug_check(&actuator->address, error);
	if (status == GH_OK)
		status = calls(actuator)->wait(&actuator->context, timeout_ms, event, error);
	if (status == GH_OK)
		status = receive(actuator, event, error);
	if (status != GH_OK && status != GH_TIMEOUT && status != GH_MALFORMED) {
		/* A driver that cannot read its device has lost it. */
		gh_error_wrap(error, "%s: counted as gone", actuator->driver->name);
		status = GH_GONE;
	}
	if (status != GH_OK)
		*event = (struct gh_device_event){ 0 };
	count(actuator, status);
	return gh_lifecycle_end(&actuator->lifecycle, GH_CALL_WAIT, status);
}

static bool in_range(const struct gh_action *action)
{
	switch (action->kind) {
	case GH_ACTION_LIGHT_SET:
	case GH_ACTION_ALARM_SET:
		return action->level_permille <= LEVEL_MAX_PERMILLE;
	case GH_ACTION_DISPLAY_SHOW:
		return (unsigned)action->page < GH_PAGE_COUNT &&
			memchr(action->coaching, '\0', sizeof(action->coaching)) &&
			memchr(action->notice_hash, '\0', sizeof(action->notice_hash));
	default:
		return true;
	}
}

static enum gh_status check_action(
	const struct gh_actuator *actuator, const struct gh_action *action, struct gh_error *error)
{
	const struct gh_driver *driver = actuator->driver;
	if ((unsigned)action->kind >= GH_ACTION_KIND_COUNT ||
		!acts[driver->device_class][action->kind] || !driver->event->act)
		return gh_error_set(error, GH_UNSUPPORTED, "%s: it does not know action %d",
			driver->name, (int)action->kind);
	if (!in_range(action))
		return gh_error_set(error, GH_UNSUPPORTED, "%s: action %d is out of its range",
			driver->name, (int)action->kind);
	return GH_OK;
}

/*
 * Take `presence` within PRESENCE_WAIT_MS: the lane does not wait for a reopening. By looking
 * again, and so by the monotonic clock: pthread_mutex_timedlock() goes by the real one, and one
 * that is set back meanwhile makes it wait as long as that.
 */
static enum gh_status enter(struct gh_actuator *actuator, struct gh_error *error)
{
	const struct timespec pause = { .tv_nsec = PRESENCE_LOOK_US * 1000L };
	const struct gh_clock *clock = gh_clock_system();
	uint64_t until_us = clock->monotonic_us(clock) + PRESENCE_WAIT_MS * 1000;

	do {
		if (pthread_mutex_trylock(&actuator->presence) == 0)
			return GH_OK;
		nanosleep(&pause, NULL);
	} while (clock->monotonic_us(clock) < until_us);
	return gh_error_set(error, GH_BUSY, "%s: being reopened", actuator->driver->name);
}

enum gh_status gh_actuator_act(
	struct gh_actuator *actuator, const struct gh_action *action, struct gh_error *error)
{
	enum gh_status status = gh_lifecycle_begin(&actuator->lifecycle, GH_CALL_ACT, error);
	if (status == GH_OK)
		status = check_action(actuator, action, error);
	if (status == GH_OK)
		status = enter(actuator, error);
	if (status != GH_OK)
		return status;

	/* A reopening may have failed while this waited to get in. */
	if (!actuator->claimed)
		status = gh_error_set(error, GH_GONE, "%s: not open", actuator->driver->name);
	else
		status = calls(actuator)->act(&actuator->context, action, error);
	gh_lifecycle_end(&actuator->lifecycle, GH_CALL_ACT, status);
	pthread_mutex_unlock(&actuator->presence);
	return status;
}

/* The lock is the only thing the two readers change. */
static struct gh_lifecycle *lifecycle_of(const struct gh_actuator *actuator)
{
	return (struct gh_lifecycle *)&actuator->lifecycle;
}

enum gh_device_state gh_actuator_state(const struct gh_actuator *actuator)
{
	return gh_phase_state(gh_lifecycle_phase(lifecycle_of(actuator)));
}

struct gh_device_counters gh_actuator_counters(const struct gh_actuator *actuator)
{
	return gh_lifecycle_counters(lifecycle_of(actuator));
}

enum gh_device_class gh_actuator_class(const struct gh_actuator *actuator)
{
	return actuator->driver->device_class;
}

static enum gh_status rehearse(
	struct gh_actuator *actuator, const char *command, struct gh_error *error)
{
	if (!actuator->driver->is_virtual || !calls(actuator)->rehearse)
		return gh_error_set(error, GH_UNSUPPORTED, "%s: nothing can be rehearsed with it",
			actuator->driver->name);
	if (strcmp(command, "replug") == 0) {
		gh_plug_insert(&actuator->address);
		return GH_OK;
	}
	if (strcmp(command, "unplug") == 0) {
		enum gh_status status = gh_plug_pull(&actuator->address, error);
		if (status != GH_OK || !actuator->claimed)
			return status;
	}
	if (!actuator->claimed)
		return gh_error_set(error, GH_GONE, "%s: not open", actuator->driver->name);
	return calls(actuator)->rehearse(&actuator->context, command, error);
}

enum gh_status gh_actuator_rehearse(
	struct gh_actuator *actuator, const char *command, struct gh_error *error)
{
	enum gh_status status = gh_lifecycle_begin(&actuator->lifecycle, GH_CALL_REHEARSE, error);
	if (status != GH_OK)
		return status;
	pthread_mutex_lock(&actuator->presence);
	status = rehearse(actuator, command, error);
	pthread_mutex_unlock(&actuator->presence);
	return status;
}
