/* SPDX-License-Identifier: Apache-2.0 */
/* Heartbeats, what lanes captured, and alarms in SQLite. */
#include <string.h>

#include "sqlite.h"

/* What was there before a heartbeat. */
struct before {
	bool is_there;
	bool same_boot;
	int64_t number;
	int64_t captured;
	int64_t not_captured;
};

static enum gh_status find_before(struct database *base, const struct store_heartbeat *heartbeat,
	struct before *before, struct gh_error *error)
{
	struct gh_id boot;
	enum gh_status status =
		sql_first(base, SQL_HEARTBEAT_FIND, VALUES(param_text(heartbeat->lane)), error);

	*before = (struct before){ .is_there = status == GH_OK };
	if (status == GH_NOT_FOUND)
		return GH_OK;
	if (status != GH_OK)
		return status;
	sql_column_fixed(base, SQL_HEARTBEAT_FIND, 0, boot.bytes, sizeof(boot.bytes));
	before->same_boot = gh_id_equal(&boot, &heartbeat->boot);
	before->number = sql_column_integer(base, SQL_HEARTBEAT_FIND, 1);
	before->captured = sql_column_integer(base, SQL_HEARTBEAT_FIND, 2);
	before->not_captured = sql_column_integer(base, SQL_HEARTBEAT_FIND, 3);
	sql_done(base, SQL_HEARTBEAT_FIND);
	return GH_OK;
}

static int64_t difference(const struct before *before, int64_t was, int64_t is)
{
	int64_t more = before->same_boot ? is - was : is;

	return more > 0 ? more : 0;
}

static enum gh_status add_step(struct database *base, const struct store_heartbeat *heartbeat,
	const struct before *before, struct gh_error *error)
{
	int64_t captured = difference(before, before->captured, heartbeat->captured);
	int64_t not_captured = difference(before, before->not_captured, heartbeat->not_captured);

	if (!before->is_there || captured + not_captured == 0)
		return GH_OK;
	return sql_run(base, SQL_STEP_ADD,
		VALUES(param_text(heartbeat->lane),
			param_integer(store_step_ms(heartbeat->received_ms)),
			param_integer(captured), param_integer(not_captured)),
		error);
}

enum gh_status sql_put_heartbeat(
	struct database *base, struct store_put *put, struct gh_error *error)
{
	const struct store_heartbeat *h = &put->heartbeat;
	struct before before;
	enum gh_status status = find_before(base, h, &before, error);

	if (status != GH_OK)
		return status;
	if (before.is_there && before.same_boot && before.number >= h->number) {
		put->stored = STORED_SAME;
		return GH_OK;
	}
	status = sql_run(base, SQL_HEARTBEAT_PUT,
		VALUES(param_text(h->lane), param_id(&h->boot), param_integer(h->number),
			param_integer(h->sent_ms), param_integer(h->received_ms),
			param_integer(h->interval_ms), param_integer(h->captured),
			param_integer(h->not_captured), param_integer(h->oldest_ms),
			param_integer(h->quarantined), param_integer(h->disk_free_permille),
			param_integer(h->certificate_end_ms), param_integer(h->devices_down),
			param_bytes(h->json)),
		error);
	return status == GH_OK ? add_step(base, h, &before, error) : status;
}

static void read_lane(struct database *base, struct store_lane *lane)
{
	struct store_heartbeat *last = &lane->last;
	int64_t *numbers[STORE_LANE_NUMBERS];

	memset(lane, 0, sizeof(*lane));
	store_lane_numbers(lane, numbers);
	gh_text_copy(last->lane, sizeof(last->lane), sql_column_text(base, SQL_LANE_LIST, 0));
	sql_column_fixed(base, SQL_LANE_LIST, 1, last->boot.bytes, sizeof(last->boot.bytes));
	for (int i = 0; i < STORE_LANE_NUMBERS; i++)
		*numbers[i] = sql_column_integer(base, SQL_LANE_LIST, i + 2);
}

enum gh_status sql_list_lanes(struct store *store, int64_t since_ms,
	void (*call)(void *ctx, const struct store_lane *lane), void *ctx, struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status =
		sql_first(base, SQL_LANE_LIST, VALUES(param_integer(since_ms)), error);

	while (status == GH_OK) {
		struct store_lane lane;

		read_lane(base, &lane);
		call(ctx, &lane);
		status = sql_next(base, SQL_LANE_LIST, error);
	}
	return status == GH_NOT_FOUND ? GH_OK : status;
}

enum gh_status sql_read_heartbeat(
	struct store *store, const char *lane, struct gh_bytes *json, struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status =
		sql_first(base, SQL_HEARTBEAT_READ, VALUES(param_text(lane)), error);

	if (status == GH_NOT_FOUND)
		return gh_error_set(error, GH_NOT_FOUND, "no heartbeat of this lane");
	if (status != GH_OK)
		return status;
	status = sql_column_copy(base, SQL_HEARTBEAT_READ, 0, json, error);
	sql_done(base, SQL_HEARTBEAT_READ);
	return status;
}

static void read_alarm(struct database *base, struct store_alarm *alarm)
{
	enum statement list = SQL_ALARM_LIST;
	int64_t *numbers[STORE_ALARM_NUMBERS];

	memset(alarm, 0, sizeof(*alarm));
	gh_text_copy(alarm->lane, sizeof(alarm->lane), sql_column_text(base, list, 0));
	gh_text_copy(alarm->kind, sizeof(alarm->kind), sql_column_text(base, list, 1));
	store_alarm_numbers(alarm, numbers);
	for (int i = 0; i < STORE_ALARM_NUMBERS; i++)
		*numbers[i] = sql_column_integer(base, list, i + 2);
}

enum gh_status sql_list_alarms(struct store *store,
	void (*call)(void *ctx, const struct store_alarm *alarm), void *ctx, struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status = sql_first(base, SQL_ALARM_LIST, NO_VALUES, error);

	while (status == GH_OK) {
		struct store_alarm alarm;

		read_alarm(base, &alarm);
		call(ctx, &alarm);
		status = sql_next(base, SQL_ALARM_LIST, error);
	}
	return status == GH_NOT_FOUND ? GH_OK : status;
}

static enum gh_status change(
	struct database *base, struct store_alarm_change *change, struct gh_error *error)
{
	const struct store_alarm *a = &change->alarm;
	enum statement statement = change->from == 0 ? SQL_ALARM_ADD : SQL_ALARM_SET;
	enum gh_status status;

	if (a->state == 0)
		status = sql_run(base, SQL_ALARM_END,
			VALUES(param_text(a->lane), param_text(a->kind),
				param_integer(change->from)),
			error);
	else
		status = sql_run(base, statement,
			(const struct value[]){ param_text(a->lane), param_text(a->kind),
				param_integer(a->state), param_integer(a->since_ms),
				param_integer(a->changed_ms), param_integer(a->value),
				param_integer(a->limit), param_integer(change->from) },
			change->from == 0 ? 7 : 8, error);
	change->changed = status == GH_OK && sqlite3_changes(base->handle) > 0;
	return status;
}

enum gh_status sql_change_alarms(struct store *store, struct store_alarm_change *changes,
	size_t count, struct gh_error *error)
{
	struct database *base = sql_base(store);
	enum gh_status status = sql_begin(base, error);

	if (status != GH_OK)
		return status;
	for (size_t i = 0; i < count && status == GH_OK; i++)
		status = change(base, &changes[i], error);
	return sql_end(base, status, error);
}

enum gh_status sql_forget_lanes(struct database *base, int64_t now_ms, struct gh_error *error)
{
	enum gh_status status = sql_run(
		base, SQL_OLD_STEPS, VALUES(param_integer(now_ms - STORE_STEPS_KEPT_MS)), error);

	if (status == GH_OK)
		status = sql_run(base, SQL_OLD_LANES,
			VALUES(param_integer(now_ms - STORE_LANE_KEPT_MS)), error);
	return status;
}
