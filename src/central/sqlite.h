/* SPDX-License-Identifier: Apache-2.0 */
/* What the SQLite store's two source files share. */
#ifndef GATEHOUSE_SRC_CENTRAL_DATABASE_H
#define GATEHOUSE_SRC_CENTRAL_DATABASE_H

#include <sqlite3.h>

#include "kind.h"
#include "value.h"

/* clang-format off */
#define STATEMENT_LIST(X)                                                                          \
	X(BEGIN, "BEGIN IMMEDIATE")                                                                \
	X(COMMIT, "COMMIT")                                                                        \
	X(ROLLBACK, "ROLLBACK")                                                                    \
	X(RECORD_HASH, "SELECT hash, uploaded_ms FROM encounter WHERE id = ?1")                    \
	X(RECORD_LANE, "SELECT lane FROM encounter WHERE id = ?1")                                 \
	X(RECORD_INSERT, "INSERT INTO encounter (id, hash, lane, peer, test, event_ms,"            \
		" uploaded_ms, capture, reason, comparison, outcome, decision, referrals, score,"  \
		" threshold, answer_ms, waiting_ms, photo_state, photo_hash, destroy_by_ms, key,"  \
		" day) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"  \
		" ?16, ?17, ?18, ?19, ?20, ?21, ?22)")                                             \
	X(SEALED_INSERT, "INSERT INTO sealed (number, record) VALUES (?1, ?2)")                    \
	X(PASSAGE_INSERT, "INSERT INTO passage (voyage, person, encounter) VALUES (?1, ?2, ?3)")   \
	X(PASSAGE_RETRACT, "DELETE FROM passage WHERE encounter = ?1")                             \
	X(PASSAGE_LIST, "SELECT number, person FROM passage WHERE voyage = ?1 AND number > ?2"     \
		" ORDER BY number LIMIT ?3")                                                       \
	X(PHOTO_FIND, "SELECT day, photo_state, photo_hash, key, lane, photo_received_ms"          \
		" FROM encounter WHERE id = ?1")                                                   \
	X(PHOTO_SEALED, "SELECT e.key, s.photo FROM encounter e JOIN sealed s USING (number)"      \
		" WHERE e.id = ?1 AND s.photo IS NOT NULL")                                        \
	X(PHOTO_INSERT, "UPDATE sealed SET photo = ?2 WHERE number ="                              \
		" (SELECT number FROM encounter WHERE id = ?1)")                                   \
	X(PHOTO_STATE, "UPDATE encounter SET photo_state = ?2, photo_received_ms ="                \
		" CASE photo_received_ms WHEN 0 THEN ?3 ELSE photo_received_ms END"                \
		" WHERE id = ?1 RETURNING photo_received_ms")                                      \
	X(ADDENDUM_HASH, "SELECT hash, uploaded_ms FROM addendum WHERE id = ?1")                   \
	X(ADDENDUM_INSERT, "INSERT INTO addendum (id, encounter, kind, disposition, hash,"         \
		" event_ms, uploaded_ms, json) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")           \
	X(RECORD_LIST, "SELECT e.number, e.id, lane, test, event_ms, uploaded_ms, capture,"        \
		" reason, comparison, outcome, decision, referrals, score, threshold, answer_ms,"  \
		" waiting_ms, photo_state,"                                                        \
		" (SELECT group_concat(word, ' ') FROM (SELECT CASE WHEN disposition IS NULL"      \
		" THEN kind ELSE kind || ':' || disposition END AS word FROM addendum"             \
		" WHERE encounter = e.id ORDER BY number))"                                        \
		" FROM encounter e WHERE e.number > ?1 ORDER BY e.number LIMIT ?2")                \
	X(VOYAGE_FIND, "SELECT id, version, hash, test, carrier, code, origin, destination,"       \
		" departure_ms, arrival_ms, passage_end_ms, published_ms FROM voyage"              \
		" WHERE id = ?1 AND withdrawn = 0")                                                \
	X(VOYAGE_LATEST, "SELECT version, hash FROM voyage WHERE id = ?1")                         \
	X(VOYAGE_PUT, "INSERT OR REPLACE INTO voyage (id, version, hash, test, carrier, code,"     \
		" origin, destination, departure_ms, arrival_ms, passage_end_ms, published_ms,"    \
		" withdrawn) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0)")       \
	X(VOYAGE_WITHDRAW, "UPDATE voyage SET withdrawn = 1 WHERE id = ?1 AND withdrawn = 0")      \
	X(VOYAGE_LIST, "SELECT id, version, hash, test, carrier, code, origin, destination,"       \
		" departure_ms, arrival_ms, passage_end_ms, published_ms FROM voyage"              \
		" WHERE withdrawn = 0 ORDER BY departure_ms, id")                                  \
	X(DUE_SEALED, "DELETE FROM sealed WHERE number IN (SELECT number FROM encounter"           \
		" WHERE key IS NOT NULL AND destroy_by_ms <= ?1)")                                 \
	X(DUE_KEYS, "UPDATE encounter SET key = NULL, photo_state ="                               \
		" CASE photo_state WHEN 0 THEN 0 ELSE 3 END"                                       \
		" WHERE key IS NOT NULL AND destroy_by_ms <= ?1")                                  \
	X(OLD_ADDENDA, "DELETE FROM addendum WHERE encounter IN (SELECT id FROM encounter"         \
		" WHERE day < ?1 ORDER BY day, number LIMIT ?2)")                                  \
	X(OLD_PASSAGES, "DELETE FROM passage WHERE encounter IN (SELECT id FROM encounter"         \
		" WHERE day < ?1 ORDER BY day, number LIMIT ?2)")                                  \
	X(OLD_SEALED, "DELETE FROM sealed WHERE number IN (SELECT number FROM encounter"           \
		" WHERE day < ?1 ORDER BY day, number LIMIT ?2)")                                  \
	X(OLD_RECORDS, "DELETE FROM encounter WHERE id IN (SELECT id FROM encounter"               \
		" WHERE day < ?1 ORDER BY day, number LIMIT ?2)")                                  \
	X(OLD_ACCESSES, "DELETE FROM access WHERE number IN (SELECT number FROM access"            \
		" WHERE day < ?1 LIMIT ?2)")                                                       \
	X(ACCESS_INSERT, "INSERT INTO access (day, at_ms, peer, role, action, item, status)"       \
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")                                            \
	X(DEVICE_PUT, "INSERT INTO device (name, port, added_ms, revoked_ms)"                      \
		" VALUES (?1, ?2, ?3, 0) ON CONFLICT (name) DO UPDATE SET port = excluded.port,"   \
		" added_ms = excluded.added_ms, revoked_ms = 0")                                   \
	X(DEVICE_FIND, "SELECT name, port, added_ms, revoked_ms FROM device WHERE name = ?1")      \
	X(DEVICE_REVOKE, "UPDATE device SET revoked_ms = ?2 WHERE name = ?1 AND revoked_ms = 0")   \
	X(DEVICE_LIST, "SELECT name, port, added_ms, revoked_ms FROM device ORDER BY name")        \
	X(COUNTS, "SELECT (SELECT ifnull(max(number), 0) FROM encounter),"                         \
		" (SELECT ifnull(max(number), 0) FROM addendum),"                                  \
		" (SELECT count(*) FROM encounter WHERE photo_state = 2),"                         \
		" (SELECT count(*) FROM voyage WHERE withdrawn = 0)")
/* clang-format on */

enum statement {
#define STATEMENT_ENUM(name, sql) SQL_##name,
	STATEMENT_LIST(STATEMENT_ENUM)
#undef STATEMENT_ENUM
	STATEMENT_COUNT
};

struct database {
	struct store store;
	sqlite3 *handle;
	sqlite3_stmt *statements[STATEMENT_COUNT];
	int lock;
};

/* The store is the first thing in it. */
static inline struct database *sql_base(struct store *store)
{
	return (struct database *)store;
}

enum gh_status sql_open(
	const struct store_options *options, struct store **store, struct gh_error *error);
void sql_close(struct store *store);

/* The first row of a statement, or GH_NOT_FOUND; sql_done() ends it. */
enum gh_status sql_first(struct database *base, enum statement statement,
	const struct value *values, int count, struct gh_error *error);
enum gh_status sql_next(struct database *base, enum statement statement, struct gh_error *error);
void sql_done(struct database *base, enum statement statement);

/* A statement without rows; *changed may be NULL. */
enum gh_status sql_run(struct database *base, enum statement statement, const struct value *values,
	int count, struct gh_error *error);

enum gh_status sql_begin(struct database *base, struct gh_error *error);
enum gh_status sql_end(struct database *base, enum gh_status status, struct gh_error *error);

/* Columns of the current row. A blob of another length than asked for is zeros. */
int64_t sql_column_integer(struct database *base, enum statement statement, int column);
const char *sql_column_text(struct database *base, enum statement statement, int column);
void sql_column_fixed(struct database *base, enum statement statement, int column, uint8_t *bytes,
	size_t length_bytes);
enum gh_status sql_column_copy(struct database *base, enum statement statement, int column,
	struct gh_bytes *bytes, struct gh_error *error);

#endif
