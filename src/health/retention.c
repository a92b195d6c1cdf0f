/* SPDX-License-Identifier: Apache-2.0 */
/* The retention report: what is held, why, and until when. */
#include "gatehouse/health/retention.h"

#include <stdio.h>

#include "gatehouse/base/words.h"
#include "gatehouse/erasure/proof.h"
#include "values.h"

#define WHY_BYTES 160

static const char *class_name(uint32_t retention)
{
	return retention < GH_RETENTION_COUNT ? gh_retention_name((enum gh_retention)retention)
					      : "unknown";
}

/* Why it is still here, and what ends it first. */
static void say_why(const struct gh_retention_report *report, const struct gh_outbox_held *held,
	char why[WHY_BYTES])
{
	unsigned hours = held->retention == GH_RETENTION_OTHER ? report->other_hours : 12;

	if (held->kind != GH_ITEM_PHOTO)
		snprintf(why, WHY_BYTES, "until the centre acknowledges it");
	else if (held->retention == GH_RETENTION_OPTED_OUT)
		snprintf(why, WHY_BYTES, "not to be held at all");
	else
		snprintf(why, WHY_BYTES,
			"until the centre acknowledges it, at latest %u hours after capture (%s)",
			hours, class_name(held->retention));
}

static json_t *held_value(
	const struct gh_retention_report *report, const struct gh_outbox_held *held)
{
	char why[WHY_BYTES];

	say_why(report, held, why);
	return json_pack("{s:s,s:s,s:I,s:I,s:I,s:o,s:o,s:o,s:s}", "kind",
		gh_item_kind_name(held->kind), "class", class_name(held->retention), "count",
		(json_int_t)held->count, "set_aside", (json_int_t)held->set_aside, "bytes",
		(json_int_t)held->body_bytes, "first_capture",
		gh_health_time(held->first_captured_ms), "first_limit",
		gh_health_time(held->first_limit_ms), "last_limit",
		gh_health_time(held->last_limit_ms), "why", why);
}

static enum gh_status add_held(
	const struct gh_retention_report *report, json_t **object, struct gh_error *error)
{
	struct gh_outbox_held held[GH_OUTBOX_HELD_MAX];
	int64_t now_ms = report->clock->real_ms(report->clock);
	json_t *list = json_array();
	bool overdue = false;
	size_t count;
	enum gh_status status = gh_outbox_held(report->outbox, held, &count, error);

	for (size_t i = 0; status == GH_OK && i < count; i++) {
		gh_health_add(&list, held_value(report, &held[i]));
		overdue |= held[i].kind == GH_ITEM_PHOTO && held[i].first_limit_ms != 0 &&
			held[i].first_limit_ms <= now_ms;
	}
	gh_health_set(object, "held", list);
	gh_health_set(object, "overdue", json_boolean(overdue));
	return status;
}

static json_t *voyage_value(
	const struct gh_retention_report *report, const struct gh_gallery_held *held)
{
	char why[WHY_BYTES];

	if (held->limit_ms == held->end_limit_ms)
		snprintf(why, sizeof(why), "until 2 hours after departure or the last passage");
	else
		snprintf(why, sizeof(why), "until %u hours after loading", report->gallery_hours);
	return json_pack("{s:o,s:I,s:I,s:o,s:o,s:s}", "voyage", gh_health_id(&held->voyage),
		"persons", (json_int_t)held->persons, "templates", (json_int_t)held->templates,
		"loaded", gh_health_time(held->loaded_ms), "limit", gh_health_time(held->limit_ms),
		"why", why);
}

static void add_voyages(const struct gh_retention_report *report, json_t **object)
{
	struct gh_gallery_held held[GH_GALLERY_VOYAGES_MAX];
	size_t count = gh_gallery_held(report->gallery, held, GH_GALLERY_VOYAGES_MAX);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		gh_health_add(&list, voyage_value(report, &held[i]));
	gh_health_set(object, "voyages", list);
}

static enum gh_status add_erasure(
	const struct gh_retention_report *report, json_t **object, struct gh_error *error)
{
	struct gh_erasure_state state;
	enum gh_status status = gh_erasure_state(report->erasure, &state, error);

	if (status != GH_OK)
		return status;
	gh_health_set(object, "erasure",
		json_pack("{s:I,s:o,s:I,s:I,s:o,s:I,s:b,s:s}", "pending", (json_int_t)state.pending,
			"round_in_ms",
			state.round_in_ms == INT64_MAX ? json_null()
						       : json_integer(state.round_in_ms),
			"batches", (json_int_t)state.batches, "countersigned",
			(json_int_t)state.witnessed, "last_round",
			gh_health_time(state.last_round_ms), "rounds_failed",
			(json_int_t)state.failures, "log_set_aside", state.log_set_aside,
			"withstands", gh_erasure_strength_text(report->strength)));
	return GH_OK;
}

enum gh_status gh_health_retention_json(
	const struct gh_retention_report *report, struct gh_bytes *json, struct gh_error *error)
{
	json_t *object = json_object();
	enum gh_status status;

	gh_health_set(&object, "now", gh_health_time(report->clock->real_ms(report->clock)));
	gh_health_set(&object, "clock_quality",
		json_string(gh_clock_quality_name(report->clock->quality(report->clock))));
	gh_health_set(&object, "rule", json_string("the earliest limit wins"));
	status = add_held(report, &object, error);
	add_voyages(report, &object);
	if (status == GH_OK)
		status = add_erasure(report, &object, error);
	if (status == GH_OK)
		return gh_health_append(json, object, error);
	json_decref(object);
	return status;
}
