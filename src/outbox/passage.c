/* SPDX-License-Identifier: Apache-2.0 */
/* Who has passed, which passages are still open, and photographs whose time is over. */
#include <string.h>

#include "gatehouse/base/log.h"
#include "inside.h"

/* Ids handed to a callback in one go, so that the lock is never held across it. */
#define BATCH 64

/* A clock that is slewed does not lose as much from one look to the next. */
#define SET_BACK_MS 1000

enum gh_status gh_outbox_passed(struct gh_outbox *outbox, const struct gh_passage *passage,
	bool *passed, struct gh_error *error)
{
	enum gh_status status;

	pthread_mutex_lock(&outbox->lock);
	status = database_first(&outbox->database, SQL_PASSAGE_FIND,
		VALUES(value_id(&passage->voyage), value_id(&passage->person)), error);
	*passed = status == GH_OK;
	if (status == GH_OK)
		database_done(&outbox->database, SQL_PASSAGE_FIND);
	pthread_mutex_unlock(&outbox->lock);
	return status == GH_NOT_FOUND ? GH_OK : status;
}

static enum gh_status run_alone(struct gh_outbox *outbox, enum statement statement,
	const struct value *values, int count, struct gh_error *error)
{
	enum gh_status status = outbox_begin(outbox, DURABLE, error);

	if (status != GH_OK)
		return status;
	status = database_run(&outbox->database, statement, values, count, error);
	return outbox_finish(outbox, status, error);
}

enum gh_status gh_outbox_learn_passage(
	struct gh_outbox *outbox, const struct gh_passage *passage, struct gh_error *error)
{
	bool passed = false;
	enum gh_status status = gh_outbox_passed(outbox, passage, &passed, error);

	/* The centre repeats itself; a write would cost an fsync each time. */
	if (status != GH_OK || passed)
		return status;
	return run_alone(outbox, SQL_PASSAGE_INSERT,
		VALUES(value_id(&passage->voyage), value_id(&passage->person)), error);
}

enum gh_status gh_outbox_forget_voyage(
	struct gh_outbox *outbox, const struct gh_id *voyage, struct gh_error *error)
{
	return run_alone(outbox, SQL_PASSAGE_FORGET, VALUES(value_id(voyage)), error);
}

/* Up to BATCH ids after *last; *last moves on. */
static enum gh_status next_ids(struct gh_outbox *outbox, enum statement statement,
	struct gh_id *last, struct gh_id ids[BATCH], size_t *count)
{
	struct database *database = &outbox->database;
	struct gh_error error;
	enum gh_status status;

	*count = 0;
	pthread_mutex_lock(&outbox->lock);
	status = database_first(
		database, statement, VALUES(value_id(last), value_integer(BATCH)), &error);
	while (status == GH_OK && *count < BATCH) {
		column_id(database, statement, 0, &ids[(*count)++]);
		status = database_next(database, statement, &error);
	}
	if (status == GH_OK)
		database_done(database, statement);
	pthread_mutex_unlock(&outbox->lock);
	if (*count > 0)
		*last = ids[*count - 1];
	return status == GH_NOT_FOUND ? GH_OK : status;
}

enum gh_status gh_outbox_unsettled(struct gh_outbox *outbox,
	void (*call)(void *ctx, const struct gh_id *encounter), void *ctx, struct gh_error *error)
{
	struct gh_id last = { { 0 } };
	struct gh_id ids[BATCH];
	size_t count;

	do {
		enum gh_status status = next_ids(outbox, SQL_UNSETTLED_NEXT, &last, ids, &count);

		if (status != GH_OK)
			return gh_error_set(error, status, "reading the open passages");
		for (size_t i = 0; i < count; i++)
			call(ctx, &ids[i]);
	} while (count == BATCH);
	return GH_OK;
}

struct expired {
	struct item_row row;
	struct gh_id encounter;
};

/* The same distance from now by the monotonic clock: a real clock set back lengthens no limit. */
static int64_t monotonic_of(const struct gh_outbox *outbox, int64_t at_ms)
{
	int64_t ahead_ms = at_ms - outbox->clock->real_ms(outbox->clock);

	if (ahead_ms > LIMIT_AHEAD_MAX_MS)
		ahead_ms = LIMIT_AHEAD_MAX_MS;
	if (ahead_ms < -LIMIT_AHEAD_MAX_MS)
		ahead_ms = -LIMIT_AHEAD_MAX_MS;
	return (int64_t)outbox->clock->monotonic_us(outbox->clock) + ahead_ms * 1000;
}

static enum gh_status find_expired(struct gh_outbox *outbox, int64_t now_ms,
	struct expired found[BATCH], size_t *count, struct gh_error *error)
{
	struct database *database = &outbox->database;
	enum gh_status status = database_first(database, SQL_EXPIRED_NEXT,
		VALUES(value_integer(now_ms), value_integer(BATCH),
			value_integer(monotonic_of(outbox, now_ms))),
		error);

	*count = 0;
	while (status == GH_OK && *count < BATCH) {
		struct expired *next = &found[(*count)++];

		next->row.number = column_integer(database, SQL_EXPIRED_NEXT, 0);
		column_id(database, SQL_EXPIRED_NEXT, 1, &next->encounter);
		next->row.state = (enum item_state)column_integer(database, SQL_EXPIRED_NEXT, 2);
		status = database_next(database, SQL_EXPIRED_NEXT, error);
	}
	if (status == GH_OK)
		database_done(database, SQL_EXPIRED_NEXT);
	return status == GH_NOT_FOUND ? GH_OK : status;
}

static enum gh_status destroy(
	struct gh_outbox *outbox, const struct expired *expired, struct gh_error *error)
{
	enum gh_status status = outbox_step(outbox, &expired->row, ITEM_EXPIRED, error);

	if (status != GH_OK)
		return status;
	/* An item that was being sent has no verdict to come that could be written. */
	for (size_t i = 0; i < outbox->stray_count; i++) {
		if (outbox->strays[i] == expired->row.number)
			outbox->strays[i] = outbox->strays[--outbox->stray_count];
	}
	return database_run(
		&outbox->database, SQL_ERASED_INSERT, VALUES(value_id(&expired->encounter)), error);
}

static enum gh_status destroy_batch(
	struct gh_outbox *outbox, int64_t now_ms, size_t *count, struct gh_error *error)
{
	struct expired found[BATCH];
	enum gh_status status = outbox_begin(outbox, DURABLE, error);

	*count = 0;
	if (status != GH_OK)
		return status;
	status = find_expired(outbox, now_ms, found, count, error);
	for (size_t i = 0; status == GH_OK && i < *count; i++)
		status = destroy(outbox, &found[i], error);
	return outbox_finish(outbox, status, error);
}

static void tell_erased(struct gh_outbox *outbox, const struct gh_id *encounter,
	void (*call)(void *ctx, const struct gh_id *encounter), void *ctx)
{
	pthread_mutex_lock(&outbox->lock);
	outbox->erasing = true;
	outbox->erasing_thread = pthread_self();
	outbox->erasing_encounter = *encounter;
	pthread_mutex_unlock(&outbox->lock);

	call(ctx, encounter);

	pthread_mutex_lock(&outbox->lock);
	outbox->erasing = false;
	pthread_mutex_unlock(&outbox->lock);
}

/* As part of a transaction; back_ms is 0 when the clock went on as it should. */
static enum gh_status move_times(
	struct gh_outbox *outbox, int64_t now_ms, int64_t back_ms, struct gh_error *error)
{
	struct database *database = &outbox->database;
	enum gh_status status = GH_OK;

	if (!outbox->offset_known)
		status =
			database_run(database, SQL_PUT_AHEAD, VALUES(value_integer(now_ms)), error);
	else if (back_ms > 0)
		status = database_run(database, SQL_CLOCK_SET_BACK,
			VALUES(value_integer(back_ms), value_integer(outbox->number_last),
				value_integer(now_ms)),
			error);
	if (status == GH_OK)
		status = database_first(database, SQL_NUMBER_LAST, NO_VALUES, error);
	if (status != GH_OK)
		return status;
	outbox->number_last = column_integer(database, SQL_NUMBER_LAST, 0);
	database_done(database, SQL_NUMBER_LAST);
	return GH_OK;
}

/*
 * A clock that was set back does not make photographs live longer: their times go back with it. At
 * the first look after opening only those are known that were put later than now. A clock that is
 * set on changes nothing: they go sooner than they had to.
 */
static enum gh_status go_back_with_clock(struct gh_outbox *outbox, struct gh_error *error)
{
	int64_t now_ms = outbox->clock->real_ms(outbox->clock);
	int64_t offset_ms = now_ms - (int64_t)(outbox->clock->monotonic_us(outbox->clock) / 1000);
	int64_t back_ms = outbox->offset_known ? outbox->offset_ms - offset_ms : 0;
	enum gh_status status = outbox_begin(outbox, DURABLE, error);

	if (back_ms < SET_BACK_MS)
		back_ms = 0;
	if (status != GH_OK)
		return status;
	status = outbox_finish(outbox, move_times(outbox, now_ms, back_ms, error), error);
	if (status != GH_OK)
		return status;
	outbox->offset_ms = offset_ms;
	outbox->offset_known = true;
	if (back_ms > 0)
		gh_log(GH_LOG_WARNING, "outbox", "clock_set_back",
			gh_log_integer("back_ms", back_ms));
	return GH_OK;
}

enum gh_status gh_outbox_expire_photos(struct gh_outbox *outbox, int64_t now_ms,
	void (*call)(void *ctx, const struct gh_id *encounter), void *ctx, struct gh_error *error)
{
	struct gh_id last = { { 0 } };
	struct gh_id ids[BATCH];
	size_t count;
	enum gh_status status = go_back_with_clock(outbox, error);

	if (status != GH_OK)
		return status;
	do {
		status = destroy_batch(outbox, now_ms, &count, error);

		if (status != GH_OK)
			return status;
		if (count > 0)
			gh_log(GH_LOG_NOTICE, "outbox", "photos_erased",
				gh_log_integer("count", (int64_t)count));
	} while (count == BATCH);
	/* Those of an earlier call whose addendum did not get in come first or again. */
	do {
		status = next_ids(outbox, SQL_ERASED_NEXT, &last, ids, &count);

		if (status != GH_OK)
			return gh_error_set(error, status, "reading the erasures");
		for (size_t i = 0; i < count; i++)
			tell_erased(outbox, &ids[i], call, ctx);
	} while (count == BATCH);
	return GH_OK;
}
