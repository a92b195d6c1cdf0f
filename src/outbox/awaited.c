/* SPDX-License-Identifier: Apache-2.0 */
/* On which encounters an officer's word is still to come. */
#include "inside.h"

/* Handed to the callback in one go, so that the lock is never held across it. */
#define BATCH 64

struct awaited {
	struct gh_id encounter;
	struct gh_awaited_word word;
};

enum gh_status outbox_insert_awaited(struct gh_outbox *outbox, const struct gh_id *encounter,
	const struct gh_awaited_word *awaits, struct gh_error *error)
{
	return database_run(&outbox->database, SQL_AWAITED_INSERT,
		VALUES(value_id(encounter), value_integer(awaits->may_proceed),
			value_integer(awaits->until_ms), value_integer(awaits->since_ms),
			value_integer(awaits->referrals)),
		error);
}

enum gh_status gh_outbox_await(struct gh_outbox *outbox, const struct gh_id *encounter,
	const struct gh_awaited_word *awaits, struct gh_error *error)
{
	enum gh_status status = outbox_begin(outbox, DURABLE, error);

	if (status != GH_OK)
		return status;
	status = outbox_insert_awaited(outbox, encounter, awaits, error);
	return outbox_finish(outbox, status, error);
}

static void read_row(struct database *database, struct awaited *awaited)
{
	column_id(database, SQL_AWAITED_NEXT, 0, &awaited->encounter);
	awaited->word.may_proceed = column_integer(database, SQL_AWAITED_NEXT, 1) != 0;
	awaited->word.until_ms = column_integer(database, SQL_AWAITED_NEXT, 2);
	awaited->word.since_ms = column_integer(database, SQL_AWAITED_NEXT, 3);
	awaited->word.referrals = (uint32_t)column_integer(database, SQL_AWAITED_NEXT, 4);
}

static enum gh_status next_batch(struct gh_outbox *outbox, const struct gh_id *after,
	struct awaited found[BATCH], size_t *count)
{
	struct database *database = &outbox->database;
	enum gh_status status;

	*count = 0;
	pthread_mutex_lock(&outbox->lock);
	status = database_first(
		database, SQL_AWAITED_NEXT, VALUES(value_id(after), value_integer(BATCH)), NULL);
	while (status == GH_OK && *count < BATCH) {
		read_row(database, &found[(*count)++]);
		status = database_next(database, SQL_AWAITED_NEXT, NULL);
	}
	if (status == GH_OK)
		database_done(database, SQL_AWAITED_NEXT);
	pthread_mutex_unlock(&outbox->lock);
	return status == GH_NOT_FOUND ? GH_OK : status;
}

enum gh_status gh_outbox_awaited(struct gh_outbox *outbox,
	void (*call)(
		void *ctx, const struct gh_id *encounter, const struct gh_awaited_word *awaits),
	void *ctx, struct gh_error *error)
{
	struct gh_id last = { { 0 } };
	struct awaited found[BATCH];
	size_t count;

	do {
		enum gh_status status = next_batch(outbox, &last, found, &count);

		if (status != GH_OK)
			return gh_error_set(error, status, "reading what an officer owes");
		for (size_t i = 0; i < count; i++)
			call(ctx, &found[i].encounter, &found[i].word);
		if (count > 0)
			last = found[count - 1].encounter;
	} while (count == BATCH);
	return GH_OK;
}
