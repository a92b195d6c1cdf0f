/* SPDX-License-Identifier: Apache-2.0 */
/* Which encounters were made by a clock in doubt, until it is known how far it was off. */
#include "gatehouse/outbox/doubtful.h"

#include "inside.h"

enum gh_status outbox_insert_doubtful(struct gh_outbox *outbox, const struct gh_id *encounter,
	int64_t base_ms, struct gh_error *error)
{
	struct database *database = &outbox->database;
	enum gh_status status = database_run(database, SQL_DOUBTFUL_INSERT,
		VALUES(value_id(encounter), value_integer(base_ms)), error);

	if (status != GH_OK)
		return status;
	return database_run(
		database, SQL_DOUBTFUL_BOUND, VALUES(value_integer(GH_OUTBOX_DOUBTFUL_MAX)), error);
}

enum gh_status gh_outbox_doubtful(struct gh_outbox *outbox, struct gh_doubtful *list, size_t max,
	size_t *count, struct gh_error *error)
{
	struct database *database = &outbox->database;
	enum gh_status status;

	*count = 0;
	pthread_mutex_lock(&outbox->lock);
	status = database_first(
		database, SQL_DOUBTFUL_NEXT, VALUES(value_integer((int64_t)max)), error);
	while (status == GH_OK && *count < max) {
		struct gh_doubtful *doubtful = &list[(*count)++];

		column_id(database, SQL_DOUBTFUL_NEXT, 0, &doubtful->encounter);
		doubtful->base_ms = column_integer(database, SQL_DOUBTFUL_NEXT, 1);
		status = database_next(database, SQL_DOUBTFUL_NEXT, error);
	}
	if (status == GH_OK)
		database_done(database, SQL_DOUBTFUL_NEXT);
	pthread_mutex_unlock(&outbox->lock);
	if (status == GH_OK || status == GH_NOT_FOUND)
		return GH_OK;
	*count = 0;
	return status;
}
