/* SPDX-License-Identifier: Apache-2.0 */
/* Heartbeats, what lanes captured, and alarms in PostgreSQL. */
#include <string.h>

#include "postgres.h"

enum gh_status pg_send_heartbeat(
	struct postgres *base, const struct store_heartbeat *h, struct gh_error *error)
{
	return pg_send(base, PG_HEARTBEAT_PUT,
		VALUES(param_text(h->lane), param_id(&h->boot), param_integer(h->number),
			param_integer(h->sent_ms), param_integer(h->received_ms),
			param_integer(h->interval_ms), param_integer(h->captured),
			param_integer(h->not_captured), param_integer(h->oldest_ms),
			param_integer(h->quarantined), param_integer(h->disk_free_permille),
			param_integer(h->certificate_end_ms), param_integer(h->devices_down),
			param_bytes(h->json), param_integer(store_step_ms(h->received_ms))),
		error);
}

static void read_lane(const PGresult *rows, int at, struct store_lane *lane)
{
	struct store_heartbeat *last = &lane->last;
	int64_t *numbers[STORE_LANE_NUMBERS];

	memset(lane, 0, sizeof(*lane));
	store_lane_numbers(lane, numbers);
	gh_text_copy(last->lane, sizeof(last->lane), pg_text(rows, at, 0));
	pg_fixed(rows, at, 1, last->boot.bytes, sizeof(last->boot.bytes));
	for (int i = 0; i < STORE_LANE_NUMBERS; i++)
		*numbers[i] = pg_integer(rows, at, i + 2);
}

enum gh_status pg_list_lanes(struct store *store, int64_t since_ms,
	void (*call)(void *ctx, const struct store_lane *lane), void *ctx, struct gh_error *error)
{
	PGresult *rows;
	enum gh_status status = pg_query(
		pg_base(store), PG_LANE_LIST, VALUES(param_integer(since_ms)), &rows, error);

	for (int i = 0; i < PQntuples(rows) && status == GH_OK; i++) {
		struct store_lane lane;

		read_lane(rows, i, &lane);
		call(ctx, &lane);
	}
	PQclear(rows);
	return status;
}

enum gh_status pg_read_heartbeat(
	struct store *store, const char *lane, struct gh_bytes *json, struct gh_error *error)
{
	PGresult *rows;
	enum gh_status status =
		pg_query(pg_base(store), PG_HEARTBEAT_READ, VALUES(param_text(lane)), &rows, error);

	if (status == GH_OK && PQntuples(rows) == 0)
		status = gh_error_set(error, GH_NOT_FOUND, "no heartbeat of this lane");
	else if (status == GH_OK)
		status = pg_copy(rows, 0, 0, json, error);
	PQclear(rows);
	return status;
}

static void read_alarm(const PGresult *rows, int at, struct store_alarm *alarm)
{
	int64_t *numbers[STORE_ALARM_NUMBERS];

	memset(alarm, 0, sizeof(*alarm));
	gh_text_copy(alarm->lane, sizeof(alarm->lane), pg_text(rows, at, 0));
	gh_text_copy(alarm->kind, sizeof(alarm->kind), pg_text(rows, at, 1));
	store_alarm_numbers(alarm, numbers);
	for (int i = 0; i < STORE_ALARM_NUMBERS; i++)
		*numbers[i] = pg_integer(rows, at, i + 2);
}

enum gh_status pg_list_alarms(struct store *store,
	void (*call)(void *ctx, const struct store_alarm *alarm), void *ctx, struct gh_error *error)
{
	PGresult *rows;
	enum gh_status status = pg_query(pg_base(store), PG_ALARM_LIST, NO_VALUES, &rows, error);

	for (int i = 0; i < PQntuples(rows) && status == GH_OK; i++) {
		struct store_alarm alarm;

		read_alarm(rows, i, &alarm);
		call(ctx, &alarm);
	}
	PQclear(rows);
	return status;
}

static enum gh_status send_change(
	struct postgres *base, const struct store_alarm_change *change, struct gh_error *error)
{
	const struct store_alarm *a = &change->alarm;
	bool is_new = change->from == 0;

	if (a->state == 0)
		return pg_send(base, PG_ALARM_END,
			VALUES(param_text(a->lane), param_text(a->kind),
				param_integer(change->from)),
			error);
	return pg_send(base, is_new ? PG_ALARM_ADD : PG_ALARM_SET,
		(const struct value[]){ param_text(a->lane), param_text(a->kind),
			param_integer(a->state), param_integer(a->since_ms),
			param_integer(a->changed_ms), param_integer(a->value),
			param_integer(a->limit), param_integer(change->from) },
		is_new ? 7 : 8, error);
}

enum gh_status pg_change_alarms(struct store *store, struct store_alarm_change *changes,
	size_t count, struct gh_error *error)
{
	struct postgres *base = pg_base(store);
	enum gh_status status = pg_begin(base, error);

	if (status != GH_OK)
		return status;
	for (size_t i = 0; i < count && status == GH_OK; i++)
		status = send_change(base, &changes[i], error);
	if (status == GH_OK)
		status = pg_flush(base, error);
	for (size_t i = 0; i < count && status == GH_OK; i++) {
		PGresult *rows;

		status = pg_take(base, &rows, error);
		changes[i].changed = status == GH_OK && PQntuples(rows) == 1;
		PQclear(rows);
	}
	return pg_commit(base, status, 0, error);
}

static enum gh_status forget(struct postgres *base, enum pg_statement statement, int64_t before_ms,
	struct gh_error *error)
{
	return pg_run(base, statement, VALUES(param_integer(before_ms)), error);
}

enum gh_status pg_forget_lanes(struct postgres *base, int64_t now_ms, struct gh_error *error)
{
	enum gh_status status = forget(base, PG_OLD_STEPS, now_ms - STORE_STEPS_KEPT_MS, error);

	return status == GH_OK ? forget(base, PG_OLD_LANES, now_ms - STORE_LANE_KEPT_MS, error)
			       : status;
}
