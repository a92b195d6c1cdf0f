/* SPDX-License-Identifier: Apache-2.0 */
/* Heartbeats as lanes bring them, the look at all lanes, and the alarms that stand. */
#include <stdlib.h>
#include <string.h>

#include "alarm.h"
#include "desk.h"
#include "gatehouse/base/log.h"
#include "gatehouse/encounter/heartbeat.h"
#include "listing.h"

#define MINUTE_MS (INT64_C(60) * 1000)

/* A lane that has just started is still opening its devices. */
#define OPENING_S 30

static int64_t count_down(const struct gh_heartbeat *heartbeat)
{
	int64_t down = 0;

	if (heartbeat->uptime_s < OPENING_S)
		return 0;
	for (size_t i = 0; i < GH_HEARTBEAT_DEVICES; i++)
		down += heartbeat->devices[i].set && !heartbeat->devices[i].up;
	return down;
}

static struct store_heartbeat kept_of(
	const struct gh_heartbeat *heartbeat, const struct request *request, int64_t received_ms)
{
	struct store_heartbeat kept = {
		.boot = heartbeat->boot,
		.number = (int64_t)heartbeat->number,
		.sent_ms = heartbeat->sent_ms,
		.received_ms = received_ms,
		.interval_ms = heartbeat->interval_ms,
		.captured = (int64_t)heartbeat->captured,
		.not_captured = (int64_t)gh_heartbeat_not_captured(heartbeat),
		.oldest_ms = (int64_t)heartbeat->oldest_ms,
		.quarantined = (int64_t)heartbeat->quarantined,
		.disk_free_permille = heartbeat->disk_free_permille,
		.certificate_end_ms =
			heartbeat->has_certificate ? heartbeat->certificate_end_ms : 0,
		.devices_down = count_down(heartbeat),
		.json = request->body,
	};

	gh_text_copy(kept.lane, sizeof(kept.lane), heartbeat->lane);
	return kept;
}

/* The lane of the path, of the body and of the certificate are one. */
static bool accept(struct desk *desk, const struct request *request,
	const struct gh_heartbeat *heartbeat, struct answer *answer)
{
	if (strcmp(request->name, heartbeat->lane) != 0)
		answer_error(answer, 422, "schema", "another lane than the path's", "/lane");
	else if (strcmp(request->peer, heartbeat->lane) != 0)
		answer_error(
			answer, 403, "other_lane", "the certificate is another lane's", "/lane");
	else if (desk->purpose == GH_PURPOSE_SERVICE && heartbeat->test)
		answer_error(answer, 403, "demo_record",
			"a heartbeat of a demo has no place in a service", "/test");
	else
		return true;
	return false;
}

void desk_put_heartbeat(struct desk *desk, struct deposit *deposit)
{
	const struct request *request = deposit->request;
	struct gh_heartbeat heartbeat;
	struct gh_error error;
	enum gh_status status = gh_heartbeat_decode(request->body, &heartbeat, &error);

	/* As with records: jansson loses characters where it has no memory. */
	if (status == GH_MALFORMED)
		status = gh_heartbeat_decode(request->body, &heartbeat, &error);
	if (status != GH_OK) {
		answer_refused(deposit->answer, status, &error);
		return;
	}
	if (!accept(desk, request, &heartbeat, deposit->answer))
		return;
	deposit->put.kind = STORE_HEARTBEAT;
	deposit->put.heartbeat = kept_of(&heartbeat, request, desk->clock->real_ms(desk->clock));
	deposit->stores = true;
}

void desk_get_heartbeat(struct desk *desk, const struct request *request, struct answer *answer)
{
	struct gh_error error;
	enum gh_status status =
		store_read_heartbeat(desk->store, request->name, &answer->body, &error);

	if (status == GH_OK)
		answer->status = 200;
	else if (status == GH_NOT_FOUND)
		answer_error(answer, 404, "no_such_lane", "no lane of this name was heard", NULL);
	else
		answer_failure(answer, status);
}

/* All lanes and alarms in memory: some hundred bytes each. */
struct look {
	struct desk *desk;
	int64_t now_ms;
	struct store_lane *lanes;
	size_t lane_count;
	struct store_alarm *alarms;
	size_t alarm_count;
	size_t next_alarm;
	bool failed; /* no memory */
	struct store_alarm_change changes[STORE_CHANGES_MAX];
	enum alarm_act acts[STORE_CHANGES_MAX];
	size_t change_count;
};

/* Room for one more; it doubles. NULL without memory. */
static void *grow(void *list, size_t count, size_t item_bytes)
{
	if (count != 0 && (count & (count - 1)) != 0)
		return list;
	return realloc(list, (count ? 2 * count : 1) * item_bytes);
}

static void add_lane(void *ctx, const struct store_lane *lane)
{
	struct look *look = ctx;
	struct store_lane *longer = grow(look->lanes, look->lane_count, sizeof(*lane));

	if (!longer) {
		look->failed = true;
		return;
	}
	look->lanes = longer;
	look->lanes[look->lane_count++] = *lane;
}

static void add_alarm(void *ctx, const struct store_alarm *alarm)
{
	struct look *look = ctx;
	struct store_alarm *longer = grow(look->alarms, look->alarm_count, sizeof(*alarm));

	if (!longer) {
		look->failed = true;
		return;
	}
	look->alarms = longer;
	look->alarms[look->alarm_count++] = *alarm;
}

static enum gh_status read_all(struct look *look, struct gh_error *error)
{
	struct desk *desk = look->desk;
	int64_t window_ms = desk->monitoring.capture_window_minutes * MINUTE_MS;
	enum gh_status status =
		store_list_lanes(desk->store, look->now_ms - window_ms, add_lane, look, error);

	if (status == GH_OK)
		status = store_list_alarms(desk->store, add_alarm, look, error);
	if (status == GH_OK && look->failed)
		status = gh_error_set(error, GH_NO_MEMORY, "no memory for the lanes");
	return status;
}

static void look_end(struct look *look)
{
	free(look->lanes);
	free(look->alarms);
}

static void tell(const struct store_alarm *alarm, enum alarm_act act)
{
	enum alarm_kind kind = alarm_of(alarm->kind);
	const struct gh_word word = { kind < ALARM_KINDS ? alarm_name(kind) : "unknown" };

	if (act == ALARM_RAISE)
		gh_log(GH_LOG_ERROR, "central", "alarm", gh_log_word("kind", word),
			gh_log_place("lane", alarm->lane), gh_log_integer("value", alarm->value),
			gh_log_integer("limit", alarm->limit));
	else if (act == ALARM_END)
		gh_log(GH_LOG_NOTICE, "central", "alarm_over", gh_log_word("kind", word),
			gh_log_place("lane", alarm->lane));
}

/* Only who really changed it tells: of several processes one. */
static enum gh_status store_changes(struct look *look, struct gh_error *error)
{
	enum gh_status status =
		store_change_alarms(look->desk->store, look->changes, look->change_count, error);

	for (size_t i = 0; status == GH_OK && i < look->change_count; i++) {
		if (look->changes[i].changed)
			tell(&look->changes[i].alarm, look->acts[i]);
	}
	look->change_count = 0;
	return status;
}

static enum gh_status change(struct look *look, int64_t from, const struct store_alarm *alarm,
	enum alarm_act act, struct gh_error *error)
{
	look->acts[look->change_count] = act;
	look->changes[look->change_count++] =
		(struct store_alarm_change){ .from = from, .alarm = *alarm };
	return look->change_count == STORE_CHANGES_MAX ? store_changes(look, error) : GH_OK;
}

static int order_of(const struct store_alarm *alarm, const char *lane, const char *kind)
{
	int order = strcmp(alarm->lane, lane);

	return order != 0 ? order : strcmp(alarm->kind, kind);
}

/* Alarms before this place are of lanes that are gone, or of kinds that there are no more. */
static enum gh_status skip_to(struct look *look, const char *lane, const char *kind,
	struct store_alarm **found, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	*found = NULL;
	while (status == GH_OK && look->next_alarm < look->alarm_count) {
		struct store_alarm *alarm = &look->alarms[look->next_alarm];
		int order = lane ? order_of(alarm, lane, kind) : -1;
		int64_t from = alarm->state;

		if (order > 0)
			break;
		look->next_alarm++;
		if (order == 0) {
			*found = alarm;
			break;
		}
		alarm->state = ALARM_QUIET;
		status = change(look, from, alarm, ALARM_END, error);
	}
	return status;
}

static enum gh_status look_at(struct look *look, const struct store_lane *lane,
	enum alarm_kind kind, struct gh_error *error)
{
	const struct gh_settings_monitoring *settings = &look->desk->monitoring;
	struct alarm_reading reading = alarm_read(kind, lane, settings, look->now_ms);
	struct store_alarm alarm = { .state = ALARM_QUIET };
	struct store_alarm *found;
	int64_t from;
	enum alarm_act act;
	enum gh_status status = skip_to(look, lane->last.lane, alarm_name(kind), &found, error);

	if (status != GH_OK)
		return status;
	if (found)
		alarm = *found;
	memcpy(alarm.lane, lane->last.lane, sizeof(alarm.lane));
	gh_text_copy(alarm.kind, sizeof(alarm.kind), alarm_name(kind));
	from = alarm.state;
	act = alarm_step(&alarm, &reading, look->now_ms, (int64_t)settings->clear_after_s * 1000);
	return alarm.state == from ? GH_OK : change(look, from, &alarm, act, error);
}

static enum gh_status look_at_all(struct look *look, struct gh_error *error)
{
	struct store_alarm *none;
	enum gh_status status = read_all(look, error);

	for (size_t i = 0; i < look->lane_count && status == GH_OK; i++) {
		for (int kind = 0; kind < ALARM_KINDS && status == GH_OK; kind++)
			status = look_at(look, &look->lanes[i], (enum alarm_kind)kind, error);
	}
	if (status == GH_OK)
		status = skip_to(look, NULL, NULL, &none, error);
	return status == GH_OK ? store_changes(look, error) : status;
}

void desk_look(struct desk *desk)
{
	struct look look = { .desk = desk, .now_ms = desk->clock->real_ms(desk->clock) };
	struct gh_error error;

	if (look_at_all(&look, &error) != GH_OK) {
		desk->metrics.store_errors++;
		gh_log(GH_LOG_ERROR, "central", "not_looked", gh_log_error(&error));
	}
	look_end(&look);
}

/* Both lists are by name: the search goes on where it ended. */
static const struct store_lane *find_lane(const struct look *look, const char *name, size_t *at)
{
	while (*at < look->lane_count && strcmp(look->lanes[*at].last.lane, name) < 0)
		++*at;
	if (*at < look->lane_count && strcmp(look->lanes[*at].last.lane, name) == 0)
		return &look->lanes[*at];
	return NULL;
}

/* With the value as it stands now. */
static json_t *alarm_json(
	const struct look *look, const struct store_alarm *alarm, const struct store_lane *lane)
{
	enum alarm_kind kind = alarm_of(alarm->kind);
	int64_t value = alarm->value;

	if (lane && kind < ALARM_KINDS)
		value = alarm_read(kind, lane, &look->desk->monitoring, look->now_ms).value;
	return json_pack("{s:s, s:s, s:o, s:b, s:I, s:I, s:s}", "lane", alarm->lane, "kind",
		alarm->kind, "since_time", listing_time(alarm->since_ms), "clearing",
		alarm->state == ALARM_CLEARING, "value", (json_int_t)value, "limit",
		(json_int_t)alarm->limit, "unit", kind < ALARM_KINDS ? alarm_unit(kind) : "");
}

void desk_list_alarms(struct desk *desk, const struct request *request, struct answer *answer)
{
	struct look look = { .desk = desk, .now_ms = desk->clock->real_ms(desk->clock) };
	struct listing listing = { json_array(), 0, false };
	struct gh_error error;
	size_t lane = 0;
	enum gh_status status = read_all(&look, &error);

	(void)request;
	for (size_t i = 0; i < look.alarm_count; i++) {
		const struct store_alarm *alarm = &look.alarms[i];

		listing_add(
			&listing, alarm_json(&look, alarm, find_lane(&look, alarm->lane, &lane)));
	}
	listing_answer(answer, &listing, "alarms", false, status);
	look_end(&look);
}
