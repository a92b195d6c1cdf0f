/* SPDX-License-Identifier: Apache-2.0 */
/* The heartbeat's fields, in the same manner as the record's. */
#include "gatehouse/encounter/heartbeat.h"

#include <stdio.h>
#include <string.h>

#include "tables.h"

#define AT(member) GH_FIELD_AT(struct gh_heartbeat_wire, heartbeat.member)
#define COUNTER(key_, member) \
	{ \
		.key = (key_), .kind = GH_FIELD_COUNT64, AT(member), .min = 0, .max = 1e15 \
	}
#define REASON(key_, reason) COUNTER(key_, not_captured[GH_REASON_##reason])
#define FLAG(key_, member) \
	{ \
		.key = (key_), .kind = GH_FIELD_BOOL, AT(member) \
	}
#define GROUP(key_, array) \
	{ \
		.key = (key_), .kind = GH_FIELD_GROUP, .fields = (array), \
		.field_count = GH_COUNT_OF(array) \
	}

/* clang-format off */
static const struct gh_field not_captured_fields[] = {
	REASON("no_face", NO_FACE),
	REASON("several_faces", SEVERAL_FACES),
	REASON("too_dark", TOO_DARK),
	REASON("too_bright", TOO_BRIGHT),
	REASON("blurred", BLURRED),
	REASON("looking_away", LOOKING_AWAY),
	REASON("eyes_closed", EYES_CLOSED),
	REASON("covered", COVERED),
	REASON("too_far", TOO_FAR),
	REASON("too_near", TOO_NEAR),
	REASON("out_of_frame", OUT_OF_FRAME),
	REASON("attack_suspected", ATTACK_SUSPECTED),
	REASON("camera_fault", CAMERA_FAULT),
	REASON("timeout", TIMEOUT),
};
_Static_assert(GH_COUNT_OF(not_captured_fields) == GH_REASON_COUNT - 1, "one for each reason");

static const struct gh_field counts_fields[] = {
	COUNTER("captured", captured),
	GROUP("not_captured", not_captured_fields),
	COUNTER("opted_out", opted_out),
};

static const struct gh_field outbox_fields[] = {
	COUNTER("waiting", waiting),
	COUNTER("quarantined", quarantined),
	COUNTER("oldest_waiting_ms", oldest_ms),
	FLAG("writable", writable),
};

static const struct gh_field certificate_fields[] = {
	{.key = "ends", .kind = GH_FIELD_TIME, AT(certificate_end_ms)},
};

static const struct gh_field machine_fields[] = {
	{.key = "disk_free_permille", .kind = GH_FIELD_COUNT32, AT(disk_free_permille),
		.max = 1000},
	COUNTER("resident_bytes", resident_bytes),
	{.key = "certificate", .kind = GH_FIELD_GROUP, .nullable = true,
		.flag_offset = offsetof(struct gh_heartbeat_wire, heartbeat.has_certificate),
		.fields = certificate_fields, .field_count = GH_COUNT_OF(certificate_fields)},
	{.key = "warnings", .kind = GH_FIELD_COUNT32, AT(warnings), .max = 32},
};

#define DEVICE_FIELDS(i) \
	static const struct gh_field device_##i##_fields[] = { \
		{.key = "driver", .kind = GH_FIELD_TEXT, AT(devices[i].driver), \
			.set = GH_SET_NAME}, \
		{.key = "state", .kind = GH_FIELD_TEXT, AT(devices[i].state), .set = GH_SET_WORD}, \
		FLAG("up", devices[i].up), \
	}
#define DEVICE(key_, i) \
	{.key = (key_), .kind = GH_FIELD_GROUP, .nullable = true, \
		.flag_offset = offsetof(struct gh_heartbeat_wire, heartbeat.devices[i].set), \
		.fields = device_##i##_fields, .field_count = GH_COUNT_OF(device_##i##_fields)}

DEVICE_FIELDS(0);
DEVICE_FIELDS(1);
DEVICE_FIELDS(2);
DEVICE_FIELDS(3);
DEVICE_FIELDS(4);
DEVICE_FIELDS(5);
DEVICE_FIELDS(6);
DEVICE_FIELDS(7);

static const struct gh_field devices_fields[] = {
	DEVICE("camera", 0),
	DEVICE("gate", 1),
	DEVICE("light", 2),
	DEVICE("display", 3),
	DEVICE("presence", 4),
	DEVICE("document", 5),
	DEVICE("barcode", 6),
	DEVICE("alarm", 7),
};
_Static_assert(GH_COUNT_OF(devices_fields) == GH_HEARTBEAT_DEVICES, "one for each class");

static const struct gh_field heartbeat_fields[] = {
	{.key = "format", .kind = GH_FIELD_COUNT32, GH_FIELD_AT(struct gh_heartbeat_wire, format),
		.min = GH_HEARTBEAT_FORMAT, .max = GH_HEARTBEAT_FORMAT},
	{.key = "record", .kind = GH_FIELD_CONST, .set = "heartbeat"},
	{.key = "boot", .kind = GH_FIELD_ID, AT(boot)},
	{.key = "number", .kind = GH_FIELD_COUNT64, AT(number), .min = 1, .max = 1e15},
	{.key = "lane", .kind = GH_FIELD_TEXT, AT(lane), .set = GH_SET_PRINTABLE},
	{.key = "firmware", .kind = GH_FIELD_TEXT, AT(firmware), .set = GH_SET_PRINTABLE},
	FLAG("test", test),
	{.key = "sent", .kind = GH_FIELD_TIME, AT(sent_ms)},
	{.key = "clock_quality", .kind = GH_FIELD_WORD, AT(clock_quality),
		.words = &gh_words_clock_quality},
	{.key = "interval_ms", .kind = GH_FIELD_COUNT32, AT(interval_ms), .min = 1000,
		.max = 3600000},
	COUNTER("uptime_s", uptime_s),
	{.key = "mode", .kind = GH_FIELD_WORD, AT(mode), .words = &gh_words_mode},
	{.key = "state", .kind = GH_FIELD_TEXT, AT(state), .set = GH_SET_WORD},
	FLAG("closed", closed),
	GROUP("counts", counts_fields),
	GROUP("outbox", outbox_fields),
	GROUP("machine", machine_fields),
	GROUP("devices", devices_fields),
};
/* clang-format on */

const struct gh_field_table gh_heartbeat_table = { heartbeat_fields, GH_COUNT_OF(heartbeat_fields),
	sizeof(struct gh_heartbeat_wire) };

const char *gh_heartbeat_device_class(size_t index)
{
	return index < GH_HEARTBEAT_DEVICES ? devices_fields[index].key : "unknown";
}

uint64_t gh_heartbeat_not_captured(const struct gh_heartbeat *heartbeat)
{
	uint64_t sum = 0;

	for (int i = GH_REASON_NONE + 1; i < GH_REASON_COUNT; i++)
		sum += heartbeat->not_captured[i];
	return sum;
}

void gh_heartbeat_path(const char *lane, char path[96])
{
	snprintf(path, 96, "/v1/heartbeats/%s", lane);
}

enum gh_status gh_heartbeat_encode(
	const struct gh_heartbeat *heartbeat, struct gh_bytes *json, struct gh_error *error)
{
	struct gh_heartbeat_wire wire = { .format = GH_HEARTBEAT_FORMAT, .heartbeat = *heartbeat };
	struct gh_field_fault fault;

	if (!gh_fields_check(&gh_heartbeat_table, &wire, &fault))
		return gh_error_set(error, GH_WRONG_STATE, "%s: %s", fault.pointer, fault.rule);
	return gh_fields_encode(&gh_heartbeat_table, &wire, json, error);
}

enum gh_status gh_heartbeat_decode(
	struct gh_view json, struct gh_heartbeat *heartbeat, struct gh_error *error)
{
	struct gh_heartbeat_wire wire;
	enum gh_status status = gh_fields_decode(&gh_heartbeat_table, json, &wire, error);

	memset(heartbeat, 0, sizeof(*heartbeat));
	if (status == GH_OK)
		*heartbeat = wire.heartbeat;
	return status;
}
