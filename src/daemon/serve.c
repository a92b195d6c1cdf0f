/* SPDX-License-Identifier: Apache-2.0 */
/* What the command socket can ask beside the lane's own words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "daemon.h"
#include "gatehouse/crypto/certificate.h"
#include "gatehouse/health/retention.h"
#include "gatehouse/outbox/receipts.h"

static void add_device(struct gh_health *health, const struct gh_device_address *address,
	enum gh_device_class device_class, enum gh_device_state state,
	const struct gh_device_counters *counters)
{
	struct gh_health_device *device;

	if (health->device_count == GH_HEALTH_DEVICES_MAX)
		return;
	device = &health->devices[health->device_count++];
	device->device_class = device_class;
	gh_text_copy(device->driver, sizeof(device->driver), address->driver);
	device->state = state;
	device->counters = *counters;
}

static void add_devices(struct daemon *daemon, struct gh_health *health)
{
	struct gh_camera *camera = atomic_load(&daemon->camera);
	struct gh_device_counters none = { 0 };
	struct gh_device_counters counters = camera ? gh_camera_counters(camera) : none;

	add_device(health, &daemon->camera_address, GH_DEVICE_CAMERA,
		camera ? gh_camera_state(camera) : GH_DEVICE_CLOSED, &counters);
	for (size_t i = 0; i < daemon->actuator_count; i++) {
		struct actuator *actuator = &daemon->actuators[i];
		struct gh_actuator *handle = atomic_load(&actuator->handle);

		counters = handle ? gh_actuator_counters(handle) : none;
		add_device(health, &actuator->address, actuator->device_class,
			handle ? gh_actuator_state(handle) : GH_DEVICE_CLOSED, &counters);
	}
}

static void read_certificate(const char *path, struct gh_health_certificate *certificate)
{
	struct gh_certificate read;

	/* One that cannot be read stops the uplink, which says so itself. */
	if (path[0] == '\0' || gh_certificate_read(path, &read, NULL) != GH_OK)
		return;
	certificate->not_before_ms = read.not_before_ms;
	certificate->not_after_ms = read.not_after_ms;
}

/* The one that the uplink uses, which is in memory. */
static void tell_own(const struct daemon *daemon, struct gh_health_certificate *certificate)
{
	const struct uplink_pair *pair = atomic_load(&daemon->pair);

	if (!pair)
		return;
	certificate->not_before_ms = pair->facts.not_before_ms;
	certificate->not_after_ms = pair->facts.not_after_ms;
}

static void look_at_machine(struct daemon *daemon, struct gh_health_machine *machine)
{
	const struct gh_settings *settings = &daemon->settings;
	struct statvfs disk;

	machine->now_ms = daemon->clock->real_ms(daemon->clock);
	machine->clock_quality = daemon->clock->quality(daemon->clock);
	tell_own(daemon, &machine->own);
	if (settings->uplink.url[0] != '\0')
		read_certificate(settings->uplink.ca_file, &machine->authority);
	if (statvfs(settings->lane.data_directory, &disk) != 0)
		return;
	machine->disk_free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
	machine->disk_size_bytes = (uint64_t)disk.f_blocks * disk.f_frsize;
}

void serve_health(void *ctx, struct gh_health *health)
{
	struct daemon *daemon = ctx;
	struct gh_error error = GH_ERROR_NONE;

	gh_lane_view(daemon->lane, &health->lane);
	health->gallery = gh_gallery_state(daemon->stores.gallery);
	bundle_refusals(daemon, health);
	health->outbox_known =
		gh_outbox_state(daemon->stores.outbox, &health->outbox, &error) == GH_OK;
	health->uplink_known = daemon->uplink != NULL;
	if (daemon->uplink)
		health->uplink = gh_uplink_state(daemon->uplink);
	add_devices(daemon, health);
	health->frames_superseded = gh_mailbox_dropped(daemon->mailbox);
	health->vision_frames = atomic_load(&daemon->counts.vision_frames);
	health->vision_failures = atomic_load(&daemon->counts.vision_failures);
	health->vision_last_us = atomic_load(&daemon->counts.vision_last_us);
	gh_text_copy(health->engine, sizeof(health->engine), gh_vision_engine_name(daemon->vision));
	gh_text_copy(health->firmware, sizeof(health->firmware), GATEHOUSE_VERSION);
	gh_text_copy(health->lane_id, sizeof(health->lane_id), daemon->settings.lane.id);
	health->uptime_s =
		(daemon->clock->monotonic_us(daemon->clock) - daemon->started_us) / 1000000;
	health->resident_bytes = gh_health_resident_bytes();
	look_at_machine(daemon, &health->machine);
}

static enum gh_status serve_outbox_list(struct daemon *daemon, const char *const *arguments,
	size_t count, struct gh_bytes *answer, struct gh_error *error)
{
	(void)arguments;
	(void)count;
	return gh_health_outbox_json(daemon->stores.outbox, answer, error);
}

static enum gh_status read_id(
	const char *const *arguments, size_t count, struct gh_id *id, struct gh_error *error)
{
	if (count != 1)
		return gh_error_set(error, GH_MALFORMED, "one id is needed");
	return gh_id_parse(arguments[0], id, error);
}

static enum gh_status serve_outbox_retry(struct daemon *daemon, const char *const *arguments,
	size_t count, struct gh_bytes *answer, struct gh_error *error)
{
	struct gh_id id;
	enum gh_status status = read_id(arguments, count, &id, error);

	if (status == GH_OK)
		status = gh_outbox_release(daemon->stores.outbox, &id, error);
	if (status == GH_OK && daemon->uplink)
		gh_uplink_wake(daemon->uplink);
	return status == GH_OK ? gh_bytes_append(answer, "null", 4, error) : status;
}

/* The receipt's own JSON with the others' in a list. */
static enum gh_status append_receipt(struct gh_bytes *answer, const struct gh_outbox_receipt *row,
	bool first, struct gh_error *error)
{
	struct gh_bytes json = GH_BYTES_EMPTY;
	enum gh_status status = gh_receipt_encode(&row->receipt, &json, error);

	if (status == GH_OK && !first)
		status = gh_bytes_append(answer, ",", 1, error);
	if (status == GH_OK)
		status = gh_bytes_append(answer, json.data, json.length_bytes, error);
	gh_bytes_finish(&json);
	return status;
}

static enum gh_status append_receipts(struct gh_bytes *answer, const struct gh_outbox_receipt *rows,
	size_t count, int64_t next, struct gh_error *error)
{
	static const char head[] = "{\"receipts\":[";
	char tail[48];
	enum gh_status status = gh_bytes_append(answer, head, sizeof(head) - 1, error);

	for (size_t i = 0; status == GH_OK && i < count; i++)
		status = append_receipt(answer, &rows[i], i == 0, error);
	snprintf(tail, sizeof(tail), "],\"next\":%lld}", (long long)next);
	return status == GH_OK ? gh_bytes_append(answer, tail, strlen(tail), error) : status;
}

static bool read_after(const char *text, int64_t *after)
{
	size_t digits = strspn(text, "0123456789");

	*after = digits > 0 && digits < 19 && text[digits] == '\0' ? strtoll(text, NULL, 10) : -1;
	return *after >= 0;
}

/* Those of one id, or a page after a number; next is 0 behind the last. */
static enum gh_status serve_outbox_receipts(struct daemon *daemon, const char *const *arguments,
	size_t count, struct gh_bytes *answer, struct gh_error *error)
{
	struct gh_outbox *outbox = daemon->stores.outbox;
	struct gh_outbox_receipt *rows = calloc(GH_OUTBOX_RECEIPTS_READ_MAX, sizeof(*rows));
	struct gh_id id;
	int64_t next = 0;
	size_t found = 0;
	enum gh_status status;

	if (!rows)
		return gh_error_set(error, GH_NO_MEMORY, "no memory for receipts");
	if (count == 1 && read_after(arguments[0], &next)) {
		status = gh_outbox_receipts(outbox, next, rows, &found, error);
	} else {
		status = read_id(arguments, count, &id, error);
		if (status == GH_OK)
			status = gh_outbox_receipts_of(outbox, &id, rows, &found, error);
		next = 0;
	}
	next = found == GH_OUTBOX_RECEIPTS_READ_MAX ? rows[found - 1].number : 0;
	if (status == GH_OK)
		status = append_receipts(answer, rows, found, next, error);
	free(rows);
	return status;
}

static enum gh_status serve_devices(struct daemon *daemon, const char *const *arguments,
	size_t count, struct gh_bytes *answer, struct gh_error *error)
{
	struct gh_health *health = calloc(1, sizeof(*health));
	enum gh_status status;

	(void)arguments;
	(void)count;
	if (!health)
		return gh_error_set(error, GH_NO_MEMORY, "no memory for a snapshot");
	add_devices(daemon, health);
	status = gh_health_devices_json(health, answer, error);
	free(health);
	return status;
}

static enum gh_status class_named(
	const char *name, enum gh_device_class *device_class, struct gh_error *error)
{
	for (int i = 0; i < GH_DEVICE_CLASS_COUNT; i++)
		if (strcmp(gh_device_class_name((enum gh_device_class)i), name) == 0) {
			*device_class = (enum gh_device_class)i;
			return GH_OK;
		}
	return gh_error_set(error, GH_NOT_FOUND, "no device class of that name");
}

static enum gh_status rehearse(struct daemon *daemon, enum gh_device_class device_class,
	const char *command, struct gh_error *error)
{
	struct gh_camera *camera = atomic_load(&daemon->camera);
	struct gh_actuator *actuator = actuator_of(daemon, device_class);

	if (device_class == GH_DEVICE_CAMERA && camera)
		return gh_camera_rehearse(camera, command, error);
	if (actuator)
		return gh_actuator_rehearse(actuator, command, error);
	return gh_error_set(
		error, GH_NOT_FOUND, "this lane has no %s", gh_device_class_name(device_class));
}

/* Faults are rehearsed in a demo that allows it, and never in service. */
static enum gh_status serve_rehearse(struct daemon *daemon, const char *const *arguments,
	size_t count, struct gh_bytes *answer, struct gh_error *error)
{
	const struct gh_settings_lane *lane = &daemon->settings.lane;
	enum gh_device_class device_class = GH_DEVICE_CAMERA;
	enum gh_status status;

	if (!lane->rehearsal || lane->purpose != GH_PURPOSE_DEMO)
		return gh_error_set(error, GH_DENIED, "[lane] rehearsal is not allowed here");
	if (count != 2)
		return gh_error_set(error, GH_MALFORMED, "a device class and a command");
	status = class_named(arguments[0], &device_class, error);
	if (status == GH_OK)
		status = rehearse(daemon, device_class, arguments[1], error);
	return status == GH_OK ? gh_bytes_append(answer, "null", 4, error) : status;
}

static enum gh_status serve_voyages(struct daemon *daemon, const char *const *arguments,
	size_t count, struct gh_bytes *answer, struct gh_error *error)
{
	(void)arguments;
	(void)count;
	return gh_health_voyages_json(daemon->stores.gallery, answer, error);
}

static enum gh_status serve_gallery_check(struct daemon *daemon, const char *const *arguments,
	size_t count, struct gh_bytes *answer, struct gh_error *error)
{
	(void)arguments;
	(void)count;
	return gh_health_findings_json(daemon->stores.gallery, answer, error);
}

static enum gh_status serve_retention(struct daemon *daemon, const char *const *arguments,
	size_t count, struct gh_bytes *answer, struct gh_error *error)
{
	struct gh_retention_report report = {
		.outbox = daemon->stores.outbox,
		.gallery = daemon->stores.gallery,
		.erasure = daemon->erasure,
		.strength = gh_provider_strength(daemon->provider),
		.clock = daemon->clock,
		.other_hours = daemon->settings.retention.other_hours,
		.gallery_hours = daemon->settings.gallery.hours_max,
	};

	(void)arguments;
	(void)count;
	return gh_health_retention_json(&report, answer, error);
}

static const struct {
	const char *name;
	enum gh_status (*serve)(struct daemon *daemon, const char *const *arguments, size_t count,
		struct gh_bytes *answer, struct gh_error *error);
} commands[] = {
	{ "devices", serve_devices },
	{ "gallery-check", serve_gallery_check },
	{ "outbox-list", serve_outbox_list },
	{ "outbox-receipts", serve_outbox_receipts },
	{ "outbox-retry", serve_outbox_retry },
	{ "rehearse", serve_rehearse },
	{ "retention", serve_retention },
	{ "voyages", serve_voyages },
};

enum gh_status serve_more(void *ctx, const char *command, const char *const *arguments,
	size_t count, struct gh_bytes *answer, struct gh_error *error)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(commands[i].name, command) == 0)
			return commands[i].serve(ctx, arguments, count, answer, error);
	return gh_error_set(error, GH_UNSUPPORTED, "no command of that name");
}
