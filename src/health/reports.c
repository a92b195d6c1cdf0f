/* SPDX-License-Identifier: Apache-2.0 */
/* Lists for technicians: what outbox and gallery hold, without anything personal. */
#include "gatehouse/outbox/list.h"
#include "values.h"

static void list_row(void *ctx, const struct gh_outbox_row *row)
{
	gh_health_add(ctx,
		json_pack("{s:o,s:o,s:s,s:s,s:i,s:o,s:o,s:I,s:s}", "id", gh_health_id(&row->id),
			"encounter", gh_health_id(&row->encounter), "kind",
			gh_item_kind_name(row->kind), "state", row->state, "attempts",
			(int)row->attempts, "put", gh_health_time(row->put_ms), "due",
			gh_health_time(row->due_ms), "body_bytes", (json_int_t)row->body_bytes,
			"reason", row->reason));
}

enum gh_status gh_health_outbox_json(
	struct gh_outbox *outbox, struct gh_bytes *json, struct gh_error *error)
{
	json_t *list = json_array();
	enum gh_status status = gh_outbox_list(outbox, list_row, &list, error);

	if (status == GH_OK)
		return gh_health_append(json, list, error);
	json_decref(list);
	return status;
}

enum gh_status gh_health_voyages_json(
	struct gh_gallery *gallery, struct gh_bytes *json, struct gh_error *error)
{
	struct gh_gallery_voyage held[GH_GALLERY_VOYAGES_MAX];
	size_t count = gh_gallery_voyages(gallery, held);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		gh_health_add(&list,
			json_pack("{s:o,s:i,s:b,s:b,s:o}", "id", gh_health_id(&held[i].id),
				"version", (int)held[i].version, "active", held[i].active, "test",
				held[i].test, "departure", gh_health_time(held[i].departure_ms)));
	return gh_health_append(json, list, error);
}

static void list_finding(void *ctx, const struct gh_gallery_finding *finding)
{
	bool pair = finding->other_row != 0;

	gh_health_add(ctx,
		json_pack("{s:s,s:o,s:i,s:i,s:i,s:s,s:s,s:f}", "finding",
			pair ? "look_alike" : "portrait", "voyage", gh_health_id(&finding->voyage),
			"row", (int)finding->row, "other_row", (int)finding->other_row, "portrait",
			(int)finding->portrait, "status", gh_status_name(finding->status), "reason",
			gh_reason_name(finding->reason), "score", (double)finding->score));
}

enum gh_status gh_health_findings_json(
	struct gh_gallery *gallery, struct gh_bytes *json, struct gh_error *error)
{
	json_t *list = json_array();
	enum gh_status status = gh_gallery_check(gallery, NULL, list_finding, &list, error);

	if (status == GH_OK)
		return gh_health_append(json, list, error);
	json_decref(list);
	return status;
}

enum gh_status gh_health_devices_json(
	const struct gh_health *health, struct gh_bytes *json, struct gh_error *error)
{
	return gh_health_append(json, gh_health_devices(health), error);
}
