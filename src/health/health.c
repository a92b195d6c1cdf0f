/* SPDX-License-Identifier: Apache-2.0 */
/* The snapshot as JSON. */
#include "gatehouse/health/health.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/health/warnings.h"
#include "values.h"

json_t *gh_health_id(const struct gh_id *id)
{
	char text[GH_ID_TEXT_BYTES];

	if (gh_id_is_none(id))
		return json_null();
	gh_id_format(id, text);
	return json_string(text);
}

json_t *gh_health_time(int64_t real_ms)
{
	char text[GH_TIME_TEXT_BYTES];

	if (real_ms == 0)
		return json_null();
	gh_time_format(real_ms, text);
	return json_string(text);
}

static json_t *number_or_null(double value)
{
	return value == GH_NOT_ASSESSED || !isfinite(value) ? json_null() : json_real(value);
}

static json_t *integer(uint64_t value)
{
	return json_integer((json_int_t)value);
}

void gh_health_add(json_t **list, json_t *item)
{
	if (json_array_append_new(*list, item) == 0)
		return;
	json_decref(*list);
	*list = NULL;
}

void gh_health_set(json_t **object, const char *key, json_t *item)
{
	if (json_object_set_new(*object, key, item) == 0)
		return;
	json_decref(*object);
	*object = NULL;
}

static json_t *referrals_of(const struct gh_lane_answer *answer)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < answer->referral_count; i++)
		gh_health_add(&list, json_string(gh_referral_name(answer->referrals[i])));
	return list;
}

static json_t *answer_json(const struct gh_lane_answer *answer)
{
	return json_pack("{s:I,s:o,s:o,s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:b,s:b,s:i,s:i,s:i,"
			 "s:i,s:i,s:i,s:s,s:s}",
		"number", (json_int_t)answer->number, "record", gh_health_id(&answer->record),
		"event_time", gh_health_time(answer->event_ms), "capture",
		gh_capture_name(answer->capture), "reason", gh_reason_name(answer->reason),
		"comparison", gh_comparison_name(answer->comparison), "outcome",
		gh_outcome_name(answer->outcome), "decision", gh_decision_name(answer->decision),
		"referrals", referrals_of(answer), "score", number_or_null(answer->score),
		"threshold", number_or_null(answer->threshold), "fpir_predicted",
		number_or_null(answer->fpir_predicted), "gallery_persons",
		integer(answer->gallery_persons), "threshold_extrapolated",
		answer->threshold_extrapolated, "passages_checked", answer->passages_checked,
		"faces_in_frame", (int)answer->faces_in_frame, "answer_ms", (int)answer->answer_ms,
		"waiting_ms", (int)answer->waiting_ms, "capture_ms", (int)answer->capture_ms,
		"compare_us", (int)answer->compare_us, "put_us", (int)answer->put_us, "disposition",
		gh_disposition_name(answer->disposition), "passage",
		answer->has_passage ? gh_addendum_kind_name(answer->passage) : "none");
}

static json_t *answers_json(const struct gh_lane_view *lane)
{
	json_t *list = json_array();

	for (size_t i = 0; i < GH_ANSWERS_KEPT && lane->last[i].number != 0; i++)
		gh_health_add(&list, answer_json(&lane->last[i]));
	return list;
}

static json_t *not_captured_json(const struct gh_lane_counts *counts)
{
	json_t *object = json_object();

	for (int i = GH_REASON_NONE + 1; i < GH_REASON_COUNT; i++)
		gh_health_set(&object, gh_reason_name((enum gh_reason)i),
			integer(counts->not_captured[i]));
	return object;
}

static json_t *referral_counts_json(const struct gh_lane_counts *counts)
{
	json_t *object = json_object();

	for (int i = 0; i < GH_REFERRAL_COUNT; i++)
		gh_health_set(&object, gh_referral_name((enum gh_referral)i),
			integer(counts->referrals[i]));
	return object;
}

static json_t *counts_json(const struct gh_lane_counts *counts)
{
	int rate_permille = gh_capture_rate_permille(counts);

	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "captured", integer(counts->captured),
		"not_captured", not_captured_json(counts), "opted_out", integer(counts->opted_out),
		"go", integer(counts->go), "passed", integer(counts->passed), "referrals",
		referral_counts_json(counts), "record_failures", integer(counts->record_failures),
		"capture_rate_permille",
		rate_permille < 0 ? json_null() : json_integer(rate_permille));
}

static json_t *lost_json(uint32_t lost_devices)
{
	json_t *list = json_array();

	for (int i = 0; i < GH_DEVICE_CLASS_COUNT; i++)
		if (lost_devices >> i & 1)
			gh_health_add(
				&list, json_string(gh_device_class_name((enum gh_device_class)i)));
	return list;
}

static json_t *referral_bits(uint32_t bits)
{
	json_t *list = json_array();

	for (int i = 0; i < GH_REFERRAL_COUNT; i++)
		if (bits >> i & 1)
			gh_health_add(&list, json_string(gh_referral_name((enum gh_referral)i)));
	return list;
}

static json_t *open_json(const struct gh_lane_view *lane)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < lane->open_referrals; i++)
		gh_health_add(&list,
			json_pack("{s:o,s:o,s:o,s:b}", "record",
				gh_health_id(&lane->open[i].record), "age_s",
				integer(lane->open[i].age_s), "referrals",
				referral_bits(lane->open[i].referrals), "may_proceed",
				lane->open[i].may_proceed));
	return list;
}

static json_t *lane_json(const struct gh_health *health)
{
	const struct gh_lane_view *lane = &health->lane;

	return json_pack("{s:s,s:s,s:s,s:s,s:b,s:b,s:b,s:o,s:s,s:i,s:o,s:i,s:o,s:o,s:o}", "id",
		health->lane_id, "state", gh_state_name(lane->state), "mode",
		gh_mode_name(lane->mode), "purpose", gh_purpose_name(lane->purpose),
		"closed_by_hand", lane->closed_by_hand, "outbox_full", lane->outbox_full,
		"zone_occupied", lane->zone_occupied, "lost_devices", lost_json(lane->lost_devices),
		"coaching", gh_instruction_name(lane->coaching), "lamp_permille",
		(int)lane->lamp_permille, "record_in_hand", gh_health_id(&lane->record_in_hand),
		"open_referrals", (int)lane->open_referrals, "open", open_json(lane), "counts",
		counts_json(&lane->counts), "answers", answers_json(lane));
}

static json_t *gallery_json(const struct gh_gallery_state *gallery)
{
	return json_pack("{s:i,s:i,s:o,s:o,s:o,s:o,s:o,s:o}", "voyages", (int)gallery->voyages,
		"voyages_active", (int)gallery->voyages_active, "persons",
		integer(gallery->persons), "templates", integer(gallery->templates), "padding",
		integer(gallery->padding), "waiting", integer(gallery->waiting), "unusable",
		integer(gallery->unusable), "look_alikes", integer(gallery->look_alikes));
}

static json_t *refused_json(const struct gh_health *health)
{
	json_t *list = json_array();

	for (size_t i = 0; i < health->refused_count; i++) {
		const struct gh_health_refusal *refused = &health->refused[i];

		gh_health_add(&list,
			json_pack("{s:o,s:s,s:s,s:o,s:i}", "voyage", gh_health_id(&refused->voyage),
				"status", gh_status_name(refused->reason.status), "reason",
				refused->reason.text, "last_tried",
				gh_health_time(refused->last_ms), "times", (int)refused->times));
	}
	return list;
}

static json_t *outbox_json(const struct gh_health *health)
{
	const struct gh_outbox_state *outbox = &health->outbox;

	if (!health->outbox_known)
		return json_null();
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:b,s:b,s:i}", "waiting",
		integer(outbox->waiting), "sending", integer(outbox->sending), "quarantined",
		integer(outbox->quarantined), "acknowledged", integer(outbox->acknowledged),
		"size_bytes", integer(outbox->size_bytes), "size_max_bytes",
		integer(outbox->size_max_bytes), "oldest_waiting",
		gh_health_time(outbox->oldest_waiting_ms), "full", outbox->full, "writable",
		outbox->writable, "schema", (int)outbox->schema);
}

static json_t *certificate_json(const struct gh_uplink_certificate *certificate)
{
	if (certificate->not_after_ms == 0)
		return json_null();
	return json_pack("{s:s,s:o,s:o,s:o}", "state",
		certificate->state.literal ? certificate->state.literal : "", "not_after",
		gh_health_time(certificate->not_after_ms), "renewals",
		integer(certificate->renewals), "failures", integer(certificate->failures));
}

static json_t *uplink_json(const struct gh_health *health)
{
	const struct gh_uplink_state *uplink = &health->uplink;

	if (!health->uplink_known)
		return json_null();
	return json_pack("{s:b,s:o,s:i,s:o,s:o,s:o,s:o,s:s,s:s,s:o}", "online", uplink->online,
		"last_success", gh_health_time(uplink->last_success_ms), "backoff_ms",
		(int)uplink->backoff_ms, "delivered", integer(uplink->delivered), "later",
		integer(uplink->later), "quarantined", integer(uplink->quarantined), "alarms",
		integer(uplink->alarms), "last_reason",
		uplink->last_reason.literal ? uplink->last_reason.literal : "", "alarm",
		uplink->alarm.literal ? uplink->alarm.literal : "", "certificate",
		certificate_json(&uplink->certificate));
}

static json_t *device_json(const struct gh_health_device *device)
{
	const struct gh_device_counters *counters = &device->counters;

	return json_pack("{s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:o}", "class",
		gh_device_class_name(device->device_class), "driver", device->driver, "state",
		gh_device_state_name(device->state), "delivered", integer(counters->delivered),
		"dropped", integer(counters->dropped), "damaged", integer(counters->damaged),
		"timeouts", integer(counters->timeouts), "lost", integer(counters->lost), "opened",
		integer(counters->opened));
}

json_t *gh_health_devices(const struct gh_health *health)
{
	json_t *list = json_array();

	for (size_t i = 0; i < health->device_count; i++)
		gh_health_add(&list, device_json(&health->devices[i]));
	return list;
}

static json_t *vision_json(const struct gh_health *health)
{
	return json_pack("{s:s,s:o,s:o,s:o,s:o}", "engine", health->engine, "frames",
		integer(health->vision_frames), "failures", integer(health->vision_failures),
		"last_us", integer(health->vision_last_us), "frames_superseded",
		integer(health->frames_superseded));
}

static json_t *warnings_json(const struct gh_health *health)
{
	uint32_t warnings = gh_health_warnings(health);
	json_t *list = json_array();

	for (unsigned i = 0; i < GH_WARNING_COUNT; i++)
		if (warnings >> i & 1)
			gh_health_add(&list,
				json_pack("{s:s,s:s}", "warning",
					gh_warning_name((enum gh_warning)i), "text",
					gh_warning_text((enum gh_warning)i)));
	return list;
}

static json_t *machine_json(const struct gh_health *health)
{
	const struct gh_health_machine *machine = &health->machine;

	return json_pack("{s:s,s:o,s:o,s:o,s:o}", "clock_quality",
		gh_clock_quality_name(machine->clock_quality), "certificate_ends",
		gh_health_time(machine->own.not_after_ms), "authority_ends",
		gh_health_time(machine->authority.not_after_ms), "disk_free_bytes",
		integer(machine->disk_free_bytes), "disk_size_bytes",
		integer(machine->disk_size_bytes));
}

uint64_t gh_health_oldest_waiting_ms(const struct gh_health *health)
{
	int64_t put_ms = health->outbox.oldest_waiting_ms;

	if (put_ms == 0 || put_ms > health->machine.now_ms)
		return 0;
	return (uint64_t)(health->machine.now_ms - put_ms);
}

bool gh_health_device_up(const struct gh_health_device *device)
{
	return device->state == GH_DEVICE_OPEN || device->state == GH_DEVICE_STREAMING;
}

uint32_t gh_health_disk_free_permille(const struct gh_health *health)
{
	const struct gh_health_machine *machine = &health->machine;

	if (machine->disk_size_bytes == 0 || machine->disk_free_bytes > machine->disk_size_bytes)
		return 1000;
	return (uint32_t)((double)machine->disk_free_bytes * 1000.0 /
		(double)machine->disk_size_bytes);
}

/*
 * Not json_dumps(): where its buffer cannot grow, jansson 2.14 leaves a quote out and goes on. This
 * way the text has its room before it is written.
 */
enum gh_status gh_health_append(struct gh_bytes *json, json_t *value, struct gh_error *error)
{
	size_t length = value ? json_dumpb(value, NULL, 0, JSON_COMPACT) : 0;
	char *text = length > 0 ? malloc(length) : NULL;
	enum gh_status status = GH_NO_MEMORY;

	if (text && json_dumpb(value, text, length, JSON_COMPACT) == length)
		status = gh_bytes_append(json, text, length, error);
	else
		gh_error_set(error, status, "no memory for the health report");
	free(text);
	json_decref(value);
	return status;
}

enum gh_status gh_health_json(
	const struct gh_health *health, struct gh_bytes *json, struct gh_error *error)
{
	json_t *object = json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:s,s:o,s:o}", "lane",
		lane_json(health), "gallery", gallery_json(&health->gallery), "refused_voyages",
		refused_json(health), "outbox", outbox_json(health), "uplink", uplink_json(health),
		"devices", gh_health_devices(health), "vision", vision_json(health), "machine",
		machine_json(health), "warnings", warnings_json(health), "firmware",
		health->firmware, "uptime_s", integer(health->uptime_s), "resident_bytes",
		integer(health->resident_bytes));

	return gh_health_append(json, object, error);
}
