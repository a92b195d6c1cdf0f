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
	X(STANDING, "SELECT (SELECT port FROM device WHERE name = ?1),"                            \
		" ifnull((SELECT revoked_ms FROM device WHERE name = ?1), -1),"                    \
		" ifnull((SELECT revoked_ms FROM certificate WHERE fingerprint = ?2), -1)")        \
	X(TOKEN_PUT, "INSERT OR REPLACE INTO token (name, hash, made_ms, expires_ms, key_id,"      \
		" failures) VALUES (?1, ?2, ?3, ?4, NULL, 0)")                                     \
	X(TOKEN_FIND, "SELECT name, hash, made_ms, expires_ms, key_id IS NOT NULL, key_id,"        \
		" failures FROM token WHERE name = ?1")                                            \
	X(TOKEN_USE, "UPDATE token SET key_id = ?1 WHERE name = ?2 AND hash = ?3"                  \
		" AND expires_ms > ?4 AND (key_id IS NULL OR key_id = ?1)")                        \
	X(TOKEN_FAILURE, "UPDATE token SET failures = failures + 1 WHERE name = ?1")               \
	X(TOKEN_DROP, "DELETE FROM token WHERE name = ?1")                                         \
	X(CERTIFICATE_PUT, "INSERT INTO certificate (key_id, fingerprint, serial, name,"           \
		" issued_ms, not_after_ms, revoked_ms, der) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0,"    \
		" ?7) ON CONFLICT DO NOTHING")                                                     \
	X(CERTIFICATE_FIND, "SELECT key_id, fingerprint, serial, name, issued_ms, not_after_ms,"   \
		" revoked_ms, der FROM certificate WHERE key_id = ?1")                             \
	X(CERTIFICATE_REVOKE, "UPDATE certificate SET revoked_ms = ?2 WHERE serial = ?1"           \
		" AND revoked_ms = 0")                                                             \
	X(CERTIFICATE_REVOKE_ALL, "UPDATE certificate SET revoked_ms = ?2 WHERE name = ?1"         \
		" AND revoked_ms = 0")                                                             \
	X(CERTIFICATE_LIST, "SELECT key_id, fingerprint, serial, name, issued_ms, not_after_ms,"   \
		" revoked_ms FROM certificate WHERE name = ?1 ORDER BY issued_ms, serial")         \
	X(OLD_CERTIFICATES, "DELETE FROM certificate WHERE not_after_ms < ?1")                     \
	X(HEARTBEAT_FIND, "SELECT boot, number, captured, not_captured FROM heartbeat"             \
		" WHERE lane = ?1")                                                                \
	X(HEARTBEAT_PUT, "INSERT OR REPLACE INTO heartbeat (lane, boot, number, sent_ms,"          \
		" received_ms, interval_ms, captured, not_captured, oldest_ms, quarantined,"       \
		" disk_free_permille, certificate_end_ms, devices_down, json)"                     \
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)")           \
	X(HEARTBEAT_READ, "SELECT json FROM heartbeat WHERE lane = ?1")                            \
	X(STEP_ADD, "INSERT INTO capture_step (lane, at_ms, captured, not_captured)"               \
		" VALUES (?1, ?2, ?3, ?4) ON CONFLICT (lane, at_ms) DO UPDATE SET"                 \
		" captured = captured + excluded.captured,"                                        \
		" not_captured = not_captured + excluded.not_captured")                            \
	X(LANE_LIST, "SELECT h.lane, boot, number, sent_ms, received_ms, interval_ms,"             \
		" h.captured, h.not_captured, oldest_ms, quarantined, disk_free_permille,"         \
		" certificate_end_ms, devices_down, ifnull(s.captured, 0),"                        \
		" ifnull(s.not_captured, 0) FROM heartbeat h LEFT JOIN (SELECT lane,"              \
		" sum(captured) AS captured, sum(not_captured) AS not_captured"                    \
		" FROM capture_step WHERE at_ms >= ?1 GROUP BY lane) s ON s.lane = h.lane"         \
		" LEFT JOIN device d ON d.name = h.lane WHERE ifnull(d.revoked_ms, 0) = 0"         \
		" ORDER BY h.lane")                                                                \
	X(ALARM_LIST, "SELECT lane, kind, state, since_ms, changed_ms, value, bound FROM alarm"    \
		" ORDER BY lane, kind")                                                            \
	X(ALARM_ADD, "INSERT OR IGNORE INTO alarm (lane, kind, state, since_ms, changed_ms,"       \
		" value, bound) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")                              \
	X(ALARM_SET, "UPDATE alarm SET state = ?3, since_ms = ?4, changed_ms = ?5, value = ?6,"    \
		" bound = ?7 WHERE lane = ?1 AND kind = ?2 AND state = ?8")                        \
	X(ALARM_END, "DELETE FROM alarm WHERE lane = ?1 AND kind = ?2 AND state = ?3")             \
	X(OLD_STEPS, "DELETE FROM capture_step WHERE at_ms < ?1")                                  \
	X(OLD_LANES, "DELETE FROM heartbeat WHERE received_ms < ?1")                               \
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

/* sqlite_lanes.c: heartbeats, lanes, alarms. */
enum gh_status sql_put_heartbeat(
	struct database *base, struct store_put *put, struct gh_error *error);
enum gh_status sql_list_lanes(struct store *store, int64_t since_ms,
	void (*call)(void *ctx, const struct store_lane *lane), void *ctx, struct gh_error *error);
enum gh_status sql_read_heartbeat(
	struct store *store, const char *lane, struct gh_bytes *json, struct gh_error *error);
enum gh_status sql_list_alarms(struct store *store,
	void (*call)(void *ctx, const struct store_alarm *alarm), void *ctx,
	struct gh_error *error);
enum gh_status sql_change_alarms(struct store *store, struct store_alarm_change *changes,
	size_t count, struct gh_error *error);
enum gh_status sql_forget_lanes(struct database *base, int64_t now_ms, struct gh_error *error);

enum gh_status sql_begin(struct database *base, struct gh_error *error);
enum gh_status sql_end(struct database *base, enum gh_status status, struct gh_error *error);

/* Columns of the current row. A blob of another length than asked for is zeros. */
int64_t sql_column_integer(struct database *base, enum statement statement, int column);
const char *sql_column_text(struct database *base, enum statement statement, int column);
void sql_column_fixed(struct database *base, enum statement statement, int column, uint8_t *bytes,
	size_t length_bytes);
enum gh_status sql_column_copy(struct database *base, enum statement statement, int column,
	struct gh_bytes *bytes, struct gh_error *error);

/* As struct store_kind says: certificates and tokens, in a file of their own. */
enum gh_status sql_find_standing(struct store *store, const char *name,
	const struct gh_sha256 *fingerprint, struct store_standing *standing,
	struct gh_error *error);
enum gh_status sql_put_token(
	struct store *store, const struct store_token *token, struct gh_error *error);
enum gh_status sql_find_token(
	struct store *store, const char *name, struct store_token *token, struct gh_error *error);
enum gh_status sql_count_failure(struct store *store, const char *name, struct gh_error *error);
enum gh_status sql_put_certificate(struct store *store, const struct store_certificate *certificate,
	struct gh_view der, const struct gh_sha256 *token, enum stored *stored,
	struct gh_error *error);
enum gh_status sql_find_certificate(struct store *store, const struct gh_sha256 *key_id,
	struct store_certificate *certificate, struct gh_bytes *der, struct gh_error *error);
enum gh_status sql_revoke_certificate(
	struct store *store, const char *serial, int64_t now_ms, struct gh_error *error);
enum gh_status sql_list_certificates(struct store *store, const char *name,
	void (*call)(void *ctx, const struct store_certificate *certificate), void *ctx,
	struct gh_error *error);

#endif
