/* SPDX-License-Identifier: Apache-2.0 */
/* Every key reaches the option it is for and no other; sealed bodies open in their place only. */
#include "gatehouse/daemon/compose.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "support/folder.h"

#include "daemon.h"
#include "gatehouse/encounter/heartbeat.h"

const char *__wrap_gh_vision_engine_name(const struct gh_vision *vision);

const char *__wrap_gh_vision_engine_name(const struct gh_vision *vision)
{
	assert_null(vision);
	return "engine 1.0";
}

/* What one settings file becomes. The strings are those of settings. */
struct composed {
	struct daemon *daemon;
	struct gh_vision_options vision;
	struct gh_metering_options metering;
	struct gh_gallery_options gallery;
	struct gh_outbox_options outbox;
	struct gh_erasure_options erasure;
	struct gh_uplink_options uplink;
	struct gh_exporter_options exporter;
	struct gh_provider_options keys;
	struct gh_lane_options lane;
	struct gh_device_address devices[GH_DEVICE_CLASS_COUNT];
	struct gh_camera_wish wish;
};

enum kind {
	F32,
	F64,
	U32,
	U64,
	I64,
	FLAG,
	TEXT,
	TEXT_INSIDE, /* an array, not a pointer */
	ELSEWHERE
};

#define AT(field) offsetof(struct composed, field)

/* A key, a value that is not its default, and where it is to be found. */
static const struct mapping {
	const char *section;
	const char *key;
	const char *value;
	enum kind kind;
	size_t offset;
	double number;
} mappings[] = {
	{ "lane", "id", "lane-7", TEXT_INSIDE, AT(lane.identity.lane), 0 },
	{ "lane", "device_id", "machine-7", TEXT_INSIDE, AT(lane.identity.device), 0 },
	{ "lane", "port", "XXSPC", TEXT_INSIDE, AT(lane.identity.port), 0 },
	{ "lane", "purpose", "service", U32, AT(lane.identity.purpose), GH_PURPOSE_SERVICE },
	{ "lane", "mode", "booth", U32, AT(lane.identity.mode), GH_MODE_BOOTH },
	{ "lane", "direction", "entry", U32, AT(lane.identity.direction), GH_DIRECTION_ENTRY },
	{ "lane", "traffic", "sea", U32, AT(lane.identity.traffic), GH_TRAFFIC_SEA },
	{ "lane", "data_directory", "/specimen/data", TEXT, AT(outbox.folder), 0 },
	{ "lane", "control_socket", "/specimen/socket", ELSEWHERE, 0, 0 },
	{ "lane", "notice_file", "/specimen/notice", ELSEWHERE, 0, 0 },
	{ "lane", "rehearsal", "yes", ELSEWHERE, 0, 0 },

	{ "camera", "driver", "camera/specimen", TEXT_INSIDE, AT(devices[GH_DEVICE_CAMERA].driver),
		0 },
	{ "camera", "address", "/dev/camera", TEXT_INSIDE, AT(devices[GH_DEVICE_CAMERA].address),
		0 },
	{ "camera", "options", "of=camera", TEXT_INSIDE, AT(devices[GH_DEVICE_CAMERA].options), 0 },
	{ "gate", "driver", "gate/specimen", TEXT_INSIDE, AT(devices[GH_DEVICE_GATE].driver), 0 },
	{ "gate", "address", "/dev/gate", TEXT_INSIDE, AT(devices[GH_DEVICE_GATE].address), 0 },
	{ "gate", "options", "of=gate", TEXT_INSIDE, AT(devices[GH_DEVICE_GATE].options), 0 },
	{ "light", "driver", "light/specimen", TEXT_INSIDE, AT(devices[GH_DEVICE_LIGHT].driver),
		0 },
	{ "light", "address", "/dev/light", TEXT_INSIDE, AT(devices[GH_DEVICE_LIGHT].address), 0 },
	{ "light", "options", "of=light", TEXT_INSIDE, AT(devices[GH_DEVICE_LIGHT].options), 0 },
	{ "display", "driver", "display/specimen", TEXT_INSIDE,
		AT(devices[GH_DEVICE_DISPLAY].driver), 0 },
	{ "display", "address", "/dev/display", TEXT_INSIDE, AT(devices[GH_DEVICE_DISPLAY].address),
		0 },
	{ "display", "options", "of=display", TEXT_INSIDE, AT(devices[GH_DEVICE_DISPLAY].options),
		0 },
	{ "presence", "driver", "presence/specimen", TEXT_INSIDE,
		AT(devices[GH_DEVICE_PRESENCE].driver), 0 },
	{ "presence", "address", "/dev/presence", TEXT_INSIDE,
		AT(devices[GH_DEVICE_PRESENCE].address), 0 },
	{ "presence", "options", "of=presence", TEXT_INSIDE,
		AT(devices[GH_DEVICE_PRESENCE].options), 0 },
	{ "document", "driver", "document/specimen", TEXT_INSIDE,
		AT(devices[GH_DEVICE_DOCUMENT].driver), 0 },
	{ "document", "address", "/dev/document", TEXT_INSIDE,
		AT(devices[GH_DEVICE_DOCUMENT].address), 0 },
	{ "document", "options", "of=document", TEXT_INSIDE,
		AT(devices[GH_DEVICE_DOCUMENT].options), 0 },
	{ "barcode", "driver", "barcode/specimen", TEXT_INSIDE,
		AT(devices[GH_DEVICE_BARCODE].driver), 0 },
	{ "barcode", "address", "/dev/barcode", TEXT_INSIDE, AT(devices[GH_DEVICE_BARCODE].address),
		0 },
	{ "barcode", "options", "of=barcode", TEXT_INSIDE, AT(devices[GH_DEVICE_BARCODE].options),
		0 },
	{ "alarm", "driver", "alarm/specimen", TEXT_INSIDE, AT(devices[GH_DEVICE_ALARM].driver),
		0 },
	{ "alarm", "address", "/dev/alarm", TEXT_INSIDE, AT(devices[GH_DEVICE_ALARM].address), 0 },
	{ "alarm", "options", "of=alarm", TEXT_INSIDE, AT(devices[GH_DEVICE_ALARM].options), 0 },
	{ "camera", "width_px", "641", U32, AT(wish.width_px), 641 },
	{ "camera", "height_px", "482", U32, AT(wish.height_px), 482 },
	{ "camera", "frame_interval_us", "40003", U32, AT(wish.frame_interval_us), 40003 },

	{ "vision", "models_directory", "/specimen/models", TEXT, AT(vision.models_directory), 0 },
	{ "vision", "models_manifest", "/specimen/LIST", TEXT, AT(vision.models_manifest), 0 },
	{ "vision", "engine", "opencv", TEXT, AT(vision.engine), 0 },
	{ "vision", "engine_library", "/specimen/lib.so", TEXT, AT(vision.engine_library), 0 },
	{ "vision", "model_set", "specimen-set", TEXT, AT(vision.model_set), 0 },
	{ "vision", "attack_file", "/specimen/attack.txt", TEXT, AT(vision.attack_file), 0 },
	{ "vision", "attack_bpcer_permille", "71", U32, AT(vision.attack_bpcer_permille), 71 },
	{ "vision", "morph_file", "/specimen/morph.txt", ELSEWHERE, 0, 0 },
	{ "vision", "flip", "no", FLAG, AT(vision.flip), 0 },
	{ "vision", "zone_left_permille", "301", U32, AT(vision.zone.left_permille), 301 },
	{ "vision", "zone_top_permille", "11", U32, AT(vision.zone.top_permille), 11 },
	{ "vision", "zone_right_permille", "702", U32, AT(vision.zone.right_permille), 702 },
	{ "vision", "zone_bottom_permille", "903", U32, AT(vision.zone.bottom_permille), 903 },
	{ "vision", "detection_min_permille", "625", F32, AT(vision.limits.detection_min), 0.625 },
	{ "vision", "eye_distance_min_px", "61", F32, AT(vision.limits.eye_distance_min_px), 61 },
	{ "vision", "face_max_permille", "704", F32, AT(vision.limits.face_height_max_permille),
		704 },
	{ "vision", "yaw_max_degrees", "31", F32, AT(vision.limits.yaw_max_degrees), 31 },
	{ "vision", "pitch_max_degrees", "32", F32, AT(vision.limits.pitch_max_degrees), 32 },
	{ "vision", "roll_max_degrees", "33", F32, AT(vision.limits.roll_max_degrees), 33 },
	{ "vision", "sharpness_min_permille", "131", F32, AT(vision.limits.sharpness_min_permille),
		131 },
	{ "vision", "luminance_min_permille", "21", F32, AT(vision.limits.luminance_min_permille),
		21 },
	{ "vision", "luminance_max_permille", "705", F32, AT(vision.limits.luminance_max_permille),
		705 },
	{ "vision", "eyes_open_min_permille", "361", F32, AT(vision.limits.eyes_open_min_permille),
		361 },
	{ "vision", "edge_margin_permille", "12", F32, AT(vision.limits.edge_margin_min_permille),
		12 },
	{ "vision", "settle_ms", "210", U32, AT(vision.settle_ms), 210 },
	{ "vision", "frames_min", "2", U32, AT(vision.frames_min), 2 },
	{ "vision", "frames_max", "5", U32, AT(vision.frames_max), 5 },
	{ "vision", "decision_change_max_permille", "250", F64, AT(lane.change_max), 0.25 },
	{ "vision", "photo_bytes_max", "30000", U32, AT(vision.photo_bytes_max), 30000 },
	{ "vision", "quality_enough_permille", "651", F32, AT(vision.limits.enough_permille), 651 },

	{ "coaching", "show_ms", "1601", U32, AT(vision.coach_show_ms), 1601 },
	{ "coaching", "stand_ms", "402", U32, AT(vision.coach_stand_ms), 402 },
	{ "coaching", "release_ms", "603", U32, AT(vision.coach_release_ms), 603 },

	{ "exposure", "control", "no", ELSEWHERE, 0, 0 },
	{ "exposure", "face_target_permille", "231", U32, AT(metering.target_permille), 231 },
	{ "exposure", "face_band_permille", "1902", U32, AT(metering.band_permille), 1902 },
	{ "exposure", "clipped_max_permille", "153", U32, AT(metering.clipped_max_permille), 153 },
	{ "exposure", "blur_exposure_max_us", "15004", U32, AT(metering.blur_exposure_max_us),
		15004 },
	{ "exposure", "mains_hz", "50", U32, AT(metering.mains_hz), 50 },
	{ "exposure", "settle_ms", "106", U32, AT(metering.settle_ms), 106 },
	{ "exposure", "settle_frames", "7", U32, AT(metering.settle_frames), 7 },
	{ "exposure", "lamp_rest_permille", "58", U32, AT(metering.lamp_rest_permille), 58 },
	{ "exposure", "lamp_rest_permille", "58", U32, AT(lane.lamp_rest_permille), 58 },
	{ "exposure", "lamp_start_permille", "709", U32, AT(metering.lamp_start_permille), 709 },
	{ "exposure", "lamp_start_permille", "709", U32, AT(lane.lamp_start_permille), 709 },

	{ "gallery", "calibration_file", "/specimen/c", ELSEWHERE, 0, 0 },
	{ "gallery", "calibration_key", "/specimen/k", ELSEWHERE, 0, 0 },
	{ "gallery", "fpir_target_ppm", "1000", F64, AT(gallery.fpir_target), 1e-3 },
	{ "gallery", "fpir_target_ppm", "1000", F64, AT(lane.fpir_target), 1e-3 },
	{ "gallery", "fmr_one_to_one_ppb", "100000", F64, AT(gallery.fmr_claim), 1e-4 },
	{ "gallery", "fmr_one_to_one_ppb", "100000", F64, AT(lane.fmr_claim), 1e-4 },
	{ "gallery", "fmr_look_alike_ppb", "1000", F64, AT(gallery.fmr_look_alike), 1e-6 },
	{ "gallery", "rows_max", "5001", U64, AT(gallery.rows_max), 5001 },
	{ "gallery", "demo_padding", "42", U32, AT(gallery.padding_rows), 42 },
	{ "gallery", "load_before_departure_minutes", "100", I64, AT(gallery.active_before_ms),
		6000000 },
	{ "gallery", "drop_after_departure_minutes", "60", I64, AT(gallery.active_after_ms),
		3600000 },
	{ "gallery", "hours_max", "48", I64, AT(gallery.kept_max_ms), 172800000 },

	{ "transaction", "arrive_ms", "201", U32, AT(lane.arrive_ms), 201 },
	{ "transaction", "leave_ms", "1202", U32, AT(lane.leave_ms), 1202 },
	{ "transaction", "notice_timeout_ms", "3303", U32, AT(lane.notice_timeout_ms), 3303 },
	{ "transaction", "notice_dwell_ms", "4404", U32, AT(lane.notice_dwell_ms), 4404 },
	{ "transaction", "document_timeout_ms", "25005", U32, AT(lane.document_timeout_ms), 25005 },
	{ "transaction", "capture_timeout_ms", "26006", U32, AT(lane.capture_timeout_ms), 26006 },
	{ "transaction", "warning_before_ms", "7007", U32, AT(lane.warning_before_ms), 7007 },
	{ "transaction", "more_time_ms", "28008", U32, AT(lane.more_time_ms), 28008 },
	{ "transaction", "gate_timeout_ms", "19009", U32, AT(lane.gate_timeout_ms), 19009 },
	{ "transaction", "officer_timeout_ms", "70010", U32, AT(lane.officer_timeout_ms), 70010 },
	{ "transaction", "already_passed_fresh_ms", "6011", U32, AT(lane.passages_fresh_ms), 6011 },
	{ "retention", "other_hours", "72", U32, AT(lane.retention_other_hours), 72 },
	{ "retention", "exempt_documents", "PD PO", TEXT_INSIDE, AT(lane.exempt_documents), 0 },
	{ "retention", "round_minutes", "21", U32, AT(erasure.interval_ms), 1260000 },
	{ "retention", "ahead_minutes", "22", U32, AT(erasure.ahead_ms), 1320000 },

	{ "outbox", "size_max_bytes", "8388609", U64, AT(outbox.size_max_bytes), 8388609 },
	{ "outbox", "free_disk_min_bytes", "5002", U64, AT(outbox.free_disk_min_bytes), 5002 },
	{ "outbox", "items_max", "5003", U64, AT(outbox.items_max), 5003 },
	{ "outbox", "receipt_days", "51", U32, AT(outbox.receipt_days), 51 },

	{ "keys", "provider", "tpm2", TEXT, AT(keys.kind), 0 },
	{ "keys", "directory", "/specimen/keys", TEXT, AT(keys.folder), 0 },
	{ "keys", "systemd_key", "tpm2", TEXT, AT(keys.systemd_key), 0 },
	{ "keys", "tpm2_tcti", "device:/dev/specimen", TEXT, AT(keys.tpm2_tcti), 0 },
	{ "keys", "tpm2_pcrs", "4+7", TEXT, AT(keys.tpm2_pcrs), 0 },
	{ "keys", "tpm2_index", "0x01800001", TEXT, AT(keys.tpm2_index), 0 },

	{ "uplink", "url", "https://specimen:8443", TEXT, AT(uplink.url), 0 },
	{ "uplink", "ca_file", "/specimen/ca", TEXT, AT(uplink.ca_file), 0 },
	{ "uplink", "certificate_file", "/specimen/crt", TEXT, AT(uplink.certificate_file), 0 },
	{ "uplink", "key_file", "/specimen/key", TEXT, AT(uplink.key_file), 0 },
	{ "uplink", "voyages_ca_file", "/specimen/signers", ELSEWHERE, 0, 0 },
	{ "uplink", "connect_timeout_ms", "1501", U32, AT(uplink.connect_timeout_ms), 1501 },
	{ "uplink", "transfer_timeout_ms", "15002", U32, AT(uplink.transfer_timeout_ms), 15002 },
	{ "uplink", "backoff_first_ms", "1503", U32, AT(uplink.backoff_first_ms), 1503 },
	{ "uplink", "backoff_max_ms", "99004", U32, AT(uplink.backoff_max_ms), 99004 },
	{ "uplink", "voyages_interval_ms", "15005", U32, AT(uplink.voyages_interval_ms), 15005 },
	{ "uplink", "passages_interval_ms", "1506", U32, AT(uplink.passages_interval_ms), 1506 },
	{ "uplink", "requests_in_flight", "7", U32, AT(uplink.requests_in_flight), 7 },
	{ "uplink", "http2", "no", FLAG, AT(uplink.http2), 0 },
	{ "uplink", "send_bytes_per_s", "5012", U32, AT(uplink.send_bytes_per_s), 5012 },
	{ "uplink", "receive_bytes_per_s", "5013", U32, AT(uplink.receive_bytes_per_s), 5013 },
	{ "uplink", "proxy_url", "http://proxy:3128", TEXT, AT(uplink.proxy_url), 0 },
	{ "uplink", "proxy_ca_file", "/specimen/proxy", TEXT, AT(uplink.proxy_ca_file), 0 },
	{ "uplink", "proxy_credentials", "provider:proxy", ELSEWHERE, 0, 0 },
	{ "uplink", "photo_piece_bytes", "5011", U32, AT(uplink.photo_piece_bytes), 5011 },
	{ "uplink", "receipts", "no", FLAG, AT(uplink.receipts), 0 },
	{ "uplink", "receipts_key_file", "/specimen/receipts", ELSEWHERE, 0, 0 },
	{ "uplink", "renew_left_permille", "507", ELSEWHERE, 0, 0 },
	{ "uplink", "renew_warn_days", "38", ELSEWHERE, 0, 0 },
	{ "uplink", "renew_alarm_days", "9", ELSEWHERE, 0, 0 },
	{ "uplink", "heartbeat_interval_ms", "1507", U32, AT(uplink.heartbeat_interval_ms), 1507 },

	{ "metrics", "listen_address", "127.0.0.7", TEXT, AT(exporter.listen_address), 0 },
	{ "metrics", "listen_port", "9107", U32, AT(exporter.listen_port), 9107 },
	{ "metrics", "certificate_file", "/specimen/m.crt", TEXT, AT(exporter.certificate_file),
		0 },
	{ "metrics", "key_file", "/specimen/m.key", TEXT, AT(exporter.key_file), 0 },
	{ "metrics", "ca_file", "/specimen/m.ca", TEXT, AT(exporter.ca_file), 0 },
};

#define MAPPINGS (sizeof(mappings) / sizeof(*mappings))

static void compose(const char *text, struct composed *composed)
{
	struct gh_error error = GH_ERROR_NONE;
	struct daemon *daemon = calloc(1, sizeof(*daemon));

	assert_non_null(daemon);
	composed->daemon = daemon;
	daemon->clock = gh_clock_system();
	if (gh_settings_parse(gh_view_of_text(text), "specimen", &daemon->settings, &error) !=
		GH_OK)
		fail_msg("%s", error.text);
	gh_text_copy(daemon->settings.lane.notice_file, sizeof(daemon->settings.lane.notice_file),
		folder_place("notice.txt"));
	composed->vision = gh_compose_vision(&daemon->settings);
	composed->metering = compose_metering(&daemon->settings);
	composed->gallery = compose_gallery(daemon, "/specimen/gallery");
	composed->outbox = compose_outbox(daemon);
	composed->erasure = compose_erasure(daemon);
	composed->uplink = compose_uplink(daemon, "/specimen/download");
	composed->exporter = compose_exporter(daemon);
	composed->keys = gh_compose_provider(&daemon->settings);
	composed->wish = compose_wish(&daemon->settings);
	for (int i = 0; i < GH_DEVICE_CLASS_COUNT; i++)
		composed->devices[i] = compose_device(&daemon->settings, (enum gh_device_class)i);
	if (compose_lane(daemon, &composed->lane, &error) != GH_OK)
		fail_msg("%s", error.text);
}

static void let_go(struct composed *composed)
{
	free(composed->daemon);
}

static double number_at(const struct composed *composed, const struct mapping *mapping)
{
	const char *place = (const char *)composed + mapping->offset;

	switch (mapping->kind) {
	case F32:
		return (double)*(const float *)(const void *)place;
	case F64:
		return *(const double *)(const void *)place;
	case U32:
		return *(const uint32_t *)(const void *)place;
	case U64:
		return (double)*(const uint64_t *)(const void *)place;
	case I64:
		return (double)*(const int64_t *)(const void *)place;
	case FLAG:
		return *(const bool *)(const void *)place;
	default:
		return 0;
	}
}

static const char *text_at(const struct composed *composed, const struct mapping *mapping)
{
	const char *place = (const char *)composed + mapping->offset;

	return mapping->kind == TEXT_INSIDE ? place : *(const char *const *)(const void *)place;
}

static bool holds(const struct composed *composed, const struct mapping *mapping)
{
	if (mapping->kind == ELSEWHERE)
		return true;
	if (mapping->kind == TEXT || mapping->kind == TEXT_INSIDE)
		return strcmp(text_at(composed, mapping), mapping->value) == 0;
	return fabs(number_at(composed, mapping) - mapping->number) <= 1e-12 * mapping->number;
}

/* A centre is set up whole or not at all. */
static void write_text(char *text, size_t bytes, const struct mapping *mapping)
{
	static const char *const needed[] = { "url", "ca_file", "certificate_file", "key_file" };
	static const char *const values[] = { "https://c", "/c", "/d", "/e" };
	int length = snprintf(
		text, bytes, "[%s]\n%s = %s\n", mapping->section, mapping->key, mapping->value);

	bool uplink = strcmp(mapping->section, "uplink") == 0;

	if (!uplink && (strcmp(mapping->section, "metrics") != 0 || !strstr(mapping->key, "file")))
		return;
	/* The exporter has no url, and the same three files. */
	for (int i = uplink ? 0 : 1; i < 4; i++)
		if (strcmp(needed[i], mapping->key) != 0)
			length += snprintf(text + length, bytes - (size_t)length, "%s = %s\n",
				needed[i], values[i]);
}

static void a_key_reaches_its_option_and_no_other(void **unused)
{
	char text[1024];

	(void)unused;
	for (size_t i = 0; i < MAPPINGS; i++) {
		struct composed composed;

		write_text(text, sizeof(text), &mappings[i]);
		compose(text, &composed);
		for (size_t k = 0; k < MAPPINGS; k++) {
			bool same = strcmp(mappings[k].section, mappings[i].section) == 0 &&
				strcmp(mappings[k].key, mappings[i].key) == 0;

			if (mappings[k].kind != ELSEWHERE && holds(&composed, &mappings[k]) != same)
				fail_msg("[%s] %s at %s[%zu]", mappings[i].section, mappings[i].key,
					mappings[k].key, k);
		}
		let_go(&composed);
	}
}

/* All but the sections that are read where they are used. */
static void look_up(void *ctx, const struct gh_setting *setting)
{
	static const char *const others[] = { "log", "central", "monitoring" };
	size_t *missing = ctx;
	bool wanted = true;

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		wanted &= strcmp(others[i], setting->section) != 0;
	for (size_t i = 0; i < MAPPINGS && wanted; i++)
		if (strcmp(mappings[i].section, setting->section) == 0 &&
			strcmp(mappings[i].key, setting->key) == 0)
			return;
	if (wanted)
		print_message("[%s] %s is not mapped\n", setting->section, setting->key);
	*missing += wanted;
}

static void no_key_is_forgotten(void **unused)
{
	size_t missing = 0;

	(void)unused;
	gh_settings_describe(look_up, &missing);
	assert_int_equal(missing, 0);
}

/* The heartbeat's room does not know the devices' room. */
static void heartbeats_name_the_classes_of_devices(void **unused)
{
	(void)unused;
	for (int i = 0; i < GH_DEVICE_CLASS_COUNT; i++)
		assert_string_equal(gh_heartbeat_device_class((size_t)i),
			gh_device_class_name((enum gh_device_class)i));
}

static void scratch_fits_the_cameras_mode(void **unused)
{
	struct composed composed;
	struct gh_vision_options usual = gh_vision_options_default();

	(void)unused;
	compose("[camera]\nwidth_px = 64\nheight_px = 48\n", &composed);
	assert_int_equal(composed.vision.width_max_px, usual.width_max_px);
	let_go(&composed);
	compose("[camera]\nwidth_px = 8000\nheight_px = 6000\n", &composed);
	assert_int_equal(composed.vision.width_max_px, 8000);
	assert_int_equal(composed.vision.height_max_px, 6000);
	let_go(&composed);
}

static void a_lane_knows_its_notice_and_devices(void **unused)
{
	struct composed composed;

	(void)unused;
	compose("[lane]\nid = lane-7\nmode = booth\n", &composed);
	assert_string_equal(composed.lane.identity.lane, "lane-7");
	assert_int_equal(composed.lane.identity.mode, GH_MODE_BOOTH);
	assert_string_equal(composed.lane.identity.engine, "engine 1.0");
	assert_string_equal(composed.lane.notice_hash,
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_false(composed.lane.gate);
	assert_false(composed.lane.reader);
	let_go(&composed);
	compose("[gate]\ndriver = gate/virtual\n[barcode]\ndriver = barcode/virtual\n", &composed);
	assert_true(composed.lane.gate);
	assert_true(composed.lane.reader);
	let_go(&composed);
}

static void without_a_notice_there_are_no_options(void **unused)
{
	struct daemon *daemon = calloc(1, sizeof(*daemon));
	struct gh_lane_options options;
	struct gh_error error = GH_ERROR_NONE;

	(void)unused;
	assert_non_null(daemon);
	gh_settings_default(&daemon->settings);
	strcpy(daemon->settings.lane.notice_file, "/nowhere/notice.txt");
	assert_int_equal(compose_lane(daemon, &options, &error), GH_NOT_FOUND);
	assert_non_null(strstr(error.text, "notice_file"));
	free(daemon);
}

static struct gh_provider *provider_in(const char *name)
{
	struct gh_provider *provider;
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(gh_folder_make(folder_place(name), &error), GH_OK);
	if (gh_provider_open("file", folder_place(name), &provider, &error) != GH_OK)
		fail_msg("%s", error.text);
	return provider;
}

#define CONTEXT gh_view_of_text("specimen context")

static void what_is_sealed_opens_again(void **unused)
{
	static const size_t lengths[] = { 0, 1, 15, 16, 4096, 200000 };
	struct gh_provider *provider = provider_in("keys");
	struct gh_sealer sealer = compose_sealer(provider);
	struct gh_bytes wrapped = GH_BYTES_EMPTY;
	struct gh_bytes sealed = GH_BYTES_EMPTY;
	struct gh_bytes opened = GH_BYTES_EMPTY;
	uint8_t *plain = malloc(200000);

	(void)unused;
	assert_non_null(plain);
	memset(plain, 'E', 200000);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		struct gh_view body = { plain, lengths[i] };

		assert_int_equal(
			sealer.seal(sealer.ctx, CONTEXT, body, &wrapped, &sealed, NULL), GH_OK);
		assert_true(sealed.length_bytes > lengths[i]);
		assert_int_equal(sealer.open(sealer.ctx, CONTEXT, gh_bytes_view(&wrapped),
					 gh_bytes_view(&sealed), &opened, NULL),
			GH_OK);
		assert_int_equal(opened.length_bytes, lengths[i]);
		assert_true(lengths[i] == 0 || memcmp(opened.data, plain, lengths[i]) == 0);
	}
	free(plain);
	gh_bytes_finish(&wrapped);
	gh_bytes_finish(&sealed);
	gh_bytes_finish(&opened);
	gh_provider_close(provider);
}

static void two_seals_of_the_same_differ_everywhere(void **unused)
{
	struct gh_provider *provider = provider_in("keys");
	struct gh_sealer sealer = compose_sealer(provider);
	struct gh_bytes one = GH_BYTES_EMPTY;
	struct gh_bytes two = GH_BYTES_EMPTY;
	struct gh_bytes keys[2] = { GH_BYTES_EMPTY, GH_BYTES_EMPTY };
	struct gh_view body = gh_view_of_text("ERIKSSON ANNA MARIA ERIKSSON ANNA MARIA");
	size_t same = 0;

	(void)unused;
	assert_int_equal(sealer.seal(sealer.ctx, CONTEXT, body, &keys[0], &one, NULL), GH_OK);
	assert_int_equal(sealer.seal(sealer.ctx, CONTEXT, body, &keys[1], &two, NULL), GH_OK);
	assert_int_equal(one.length_bytes, two.length_bytes);
	for (size_t i = 0; i + 8 <= one.length_bytes; i++) {
		same += memcmp(one.data + i, two.data + i, 8) == 0;
		assert_true(memcmp(one.data + i, "ERIKSSON", 8) != 0);
	}
	assert_int_equal(same, 0);
	assert_false(gh_view_equal(gh_bytes_view(&keys[0]), gh_bytes_view(&keys[1])));
	gh_bytes_finish(&keys[0]);
	gh_bytes_finish(&keys[1]);
	gh_bytes_finish(&one);
	gh_bytes_finish(&two);
	gh_provider_close(provider);
}

/* Only statuses that tell the outbox that the body can never be opened. */
static void refuse(const struct gh_sealer *sealer, struct gh_view context, struct gh_view wrapped,
	struct gh_view sealed)
{
	struct gh_bytes opened = GH_BYTES_EMPTY;
	enum gh_status status = sealer->open(sealer->ctx, context, wrapped, sealed, &opened, NULL);

	assert_true(status == GH_INTEGRITY || status == GH_TRUNCATED || status == GH_MALFORMED ||
		status == GH_GONE);
	assert_int_equal(opened.length_bytes, 0);
	gh_bytes_finish(&opened);
}

/* A specimen, sealed: wrapped key and sealed body. */
static void seal_specimen(
	const struct gh_sealer *sealer, struct gh_bytes *wrapped, struct gh_bytes *sealed)
{
	assert_int_equal(sealer->seal(sealer->ctx, CONTEXT, gh_view_of_text("a record"), wrapped,
				 sealed, NULL),
		GH_OK);
}

static void a_changed_or_shortened_body_does_not_open(void **unused)
{
	struct gh_provider *provider = provider_in("keys");
	struct gh_sealer sealer = compose_sealer(provider);
	struct gh_bytes parts[2] = { GH_BYTES_EMPTY, GH_BYTES_EMPTY };

	(void)unused;
	seal_specimen(&sealer, &parts[0], &parts[1]);
	for (int part = 0; part < 2; part++) {
		struct gh_view views[2] = { gh_bytes_view(&parts[0]), gh_bytes_view(&parts[1]) };

		for (size_t i = 0; i < parts[part].length_bytes; i++) {
			parts[part].data[i] ^= (uint8_t)(1 << i % 8);
			refuse(&sealer, CONTEXT, views[0], views[1]);
			parts[part].data[i] ^= (uint8_t)(1 << i % 8);
			views[part].length_bytes = i;
			refuse(&sealer, CONTEXT, views[0], views[1]);
			views[part].length_bytes = parts[part].length_bytes;
		}
	}
	gh_bytes_finish(&parts[0]);
	gh_bytes_finish(&parts[1]);
	gh_provider_close(provider);
}

static void a_body_opens_in_its_own_place_and_lane_only(void **unused)
{
	struct gh_provider *provider = provider_in("keys");
	struct gh_provider *other = provider_in("other");
	struct gh_sealer sealer = compose_sealer(provider);
	struct gh_sealer foreign = compose_sealer(other);
	struct gh_bytes wrapped = GH_BYTES_EMPTY;
	struct gh_bytes sealed = GH_BYTES_EMPTY;

	(void)unused;
	seal_specimen(&sealer, &wrapped, &sealed);
	refuse(&sealer, gh_view_of_text("specimen context."), gh_bytes_view(&wrapped),
		gh_bytes_view(&sealed));
	refuse(&sealer, gh_view_of_text(""), gh_bytes_view(&wrapped), gh_bytes_view(&sealed));
	refuse(&foreign, CONTEXT, gh_bytes_view(&wrapped), gh_bytes_view(&sealed));
	gh_bytes_finish(&wrapped);
	gh_bytes_finish(&sealed);
	gh_provider_close(provider);
	gh_provider_close(other);
}

static int set_up(void **state)
{
	if (folder_set_up(state) != 0)
		return -1;
	return gh_file_replace(folder_place("notice.txt"), gh_view_of_text("abc"), 0644, NULL) ==
			GH_OK
		? 0
		: -1;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, folder_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_key_reaches_its_option_and_no_other),
		TEST(no_key_is_forgotten),
		TEST(heartbeats_name_the_classes_of_devices),
		TEST(scratch_fits_the_cameras_mode),
		TEST(a_lane_knows_its_notice_and_devices),
		TEST(without_a_notice_there_are_no_options),
		TEST(what_is_sealed_opens_again),
		TEST(two_seals_of_the_same_differ_everywhere),
		TEST(a_changed_or_shortened_body_does_not_open),
		TEST(a_body_opens_in_its_own_place_and_lane_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
