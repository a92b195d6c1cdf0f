/* SPDX-License-Identifier: Apache-2.0 */
/* The database's schema and how an older one becomes the newest. */
#ifndef GATEHOUSE_SRC_OUTBOX_SCHEMA_H
#define GATEHOUSE_SRC_OUTBOX_SCHEMA_H

#include "database.h"

/* "GHob": stands in the file's header, so that no other database is taken for an outbox. */
#define SCHEMA_APPLICATION_ID 0x47486f62

/*
 * Look at the file without writing: GH_OK for an outbox of this or an older
 * schema and for an empty file, GH_UNSUPPORTED for a newer or another one.
 */
enum gh_status schema_check(struct database *database, struct gh_error *error);

/* Bring the schema to GH_OUTBOX_SCHEMA, each step in a transaction of its own. */
enum gh_status schema_migrate(struct database *database, struct gh_error *error);

#endif
