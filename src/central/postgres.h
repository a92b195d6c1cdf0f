/* SPDX-License-Identifier: Apache-2.0 */
/* What the PostgreSQL store's source files share: a connection that comes back, and statements. */
#ifndef GATEHOUSE_SRC_CENTRAL_POSTGRES_H
#define GATEHOUSE_SRC_CENTRAL_POSTGRES_H

#include <libpq-fe.h>

#include "kind.h"
#include "value.h"

/*
 * A number in the order of arrival without a sequence: microseconds of the database's clock, and
 * eleven bits of the id, so that processes and machines need not agree on a counter. Good to 2112.
 */
#define NUMBER_BITS "11"
#define NUMBER_MASK 0x7ff
#define SQL_STAMP "(extract(epoch FROM clock_timestamp()) * 1000000)::int8 << " NUMBER_BITS

/*
 * Name, types of the parameters, text. Types: u uuid, b bytea, t text, i int8, d int4 (a day),
 * r float8.
 */
/*
 * HEARTBEAT_PUT: what is there is locked before it is replaced, and so read as another process has
 * left it; a row that the same statement has changed could not be locked any more.
 */
/* clang-format off */
#define PG_STATEMENTS(X)                                                                           \
	X(RECORD_PUT, "udbttiiittttttrriiibibbuui",                                                \
		"WITH stamp AS (SELECT " SQL_STAMP " | $26 AS number),"                            \
		" known AS (INSERT INTO item (id, day, kind, hash, lane)"                          \
		" VALUES ($1, $2, 1, $3, $4) ON CONFLICT (id, kind) DO NOTHING RETURNING id),"     \
		" e AS (INSERT INTO encounter (day, id, number, lane, peer, test, event_ms,"       \
		" uploaded_ms, capture, reason, comparison, outcome, decision, referrals, score,"  \
		" threshold, answer_ms, waiting_ms, photo_state, photo_hash, destroy_by_ms, key)"  \
		" SELECT $2, id, number, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,"    \
		" $16, $17, $18, $19, $20, $21, $22 FROM known, stamp),"                           \
		" s AS (INSERT INTO sealed (day, id, record) SELECT $2, id, $23 FROM known"        \
		" WHERE $23 IS NOT NULL),"                                                         \
		" p AS (INSERT INTO passage (voyage, number, encounter, person, day)"              \
		" SELECT $24, number, id, $25, $2 FROM known, stamp WHERE $24 IS NOT NULL)"        \
		" SELECT (SELECT count(*) FROM known), i.hash, (SELECT uploaded_ms FROM encounter" \
		" WHERE day = i.day AND id = i.id) FROM (SELECT) one LEFT JOIN item i"             \
		" ON i.id = $1 AND i.kind = 1")                                                    \
	X(PHOTO_PUT, "udbi", "WITH s AS (UPDATE sealed SET photo = $3 WHERE day = $2 AND id = $1"  \
		" RETURNING id) UPDATE encounter SET photo_state = 2, photo_received_ms ="         \
		" CASE photo_received_ms WHEN 0 THEN $4 ELSE photo_received_ms END FROM s"         \
		" WHERE encounter.day = $2 AND encounter.id = s.id AND photo_state IN (1, 2)"      \
		" RETURNING photo_received_ms")                                                    \
	X(ADDENDUM_PUT, "uubttiibiit",                                                             \
		"WITH e AS (SELECT day, lane FROM item WHERE id = $2 AND kind = 1),"               \
		" stamp AS (SELECT " SQL_STAMP " | $10 AS number),"                                \
		" known AS (INSERT INTO item (id, day, kind, hash, lane)"                          \
		" SELECT $1, day, 2, $3, lane FROM e WHERE lane = $11"                             \
		" ON CONFLICT (id, kind) DO NOTHING RETURNING id, day),"                           \
		" a AS (INSERT INTO addendum (day, encounter, id, number, kind, disposition,"      \
		" event_ms, uploaded_ms, json) SELECT day, $2, id, number, $4, $5, $6, $7, $8"     \
		" FROM known, stamp),"                                                             \
		" p AS (DELETE FROM passage WHERE encounter = $2 AND $9 <> 0"                      \
		" AND EXISTS (SELECT FROM known))"                                                 \
		" SELECT (SELECT count(*) FROM known), i.hash, (SELECT uploaded_ms FROM addendum"  \
		" WHERE day = i.day AND encounter = $2 AND id = i.id),"                            \
		" (SELECT count(*) FROM e), (SELECT count(*) FROM e WHERE lane = $11)"             \
		" FROM (SELECT) one LEFT JOIN item i ON i.id = $1 AND i.kind = 2")                 \
	X(ACCESS_PUT, "ditttti", "INSERT INTO access (day, at_ms, peer, role, action, item,"       \
		" status) VALUES ($1, $2, $3, $4, $5, $6, $7)")                                    \
	X(IN_TIME, "r", "SELECT 1 / CASE WHEN clock_timestamp() - transaction_timestamp()"         \
		" < $1 * interval '1 millisecond' THEN 1 ELSE 0 END")                              \
	X(ITEM_FIND, "ui", "SELECT hash, day FROM item WHERE id = $1 AND kind = $2")               \
	X(RECORD_FIND, "u", "SELECT NULL, i.hash, (SELECT uploaded_ms FROM encounter"              \
		" WHERE day = i.day AND id = i.id) FROM item i WHERE i.id = $1 AND i.kind = 1")    \
	X(ADDENDUM_FIND, "uu", "SELECT NULL, i.hash, (SELECT uploaded_ms FROM addendum"            \
		" WHERE day = i.day AND encounter = $2 AND id = i.id)"                             \
		" FROM item i WHERE i.id = $1 AND i.kind = 2")                                     \
	X(PHOTO_FIND, "du", "SELECT photo_state, photo_hash, key, lane, photo_received_ms"         \
		" FROM encounter"                                                                  \
		" WHERE day = $1 AND id = $2")                                                     \
	X(PHOTO_SEALED, "du", "SELECT e.key, s.photo FROM encounter e, sealed s"                   \
		" WHERE e.day = $1 AND e.id = $2 AND s.day = $1 AND s.id = $2"                     \
		" AND s.photo IS NOT NULL")                                                        \
	X(RECORD_LIST, "iii", "SELECT number, id, lane, test, event_ms, uploaded_ms, capture,"     \
		" reason, comparison, outcome, decision, referrals, score, threshold, answer_ms,"  \
		" waiting_ms, photo_state, (SELECT string_agg(kind || coalesce(':' ||"             \
		" disposition, ''), ' ' ORDER BY number) FROM addendum a"                          \
		" WHERE a.day = e.day AND a.encounter = e.id)"                                     \
		" FROM encounter e WHERE number > $1 AND number < ((extract(epoch"                 \
		" FROM clock_timestamp()) * 1000000)::int8 - $3 * 1000 + 1) << " NUMBER_BITS       \
		" ORDER BY number FETCH FIRST $2 ROWS WITH TIES")                                  \
	X(PASSAGE_LIST, "uiii", "SELECT number, person FROM passage WHERE voyage = $1"             \
		" AND number > $2 AND number < ((extract(epoch FROM clock_timestamp())"            \
		" * 1000000)::int8 - $4 * 1000 + 1) << " NUMBER_BITS                               \
		" ORDER BY number FETCH FIRST $3 ROWS WITH TIES")                                  \
	X(VOYAGE_PUT, "uibittttiiii", "INSERT INTO voyage (id, version, hash, test, carrier,"      \
		" code, origin, destination, departure_ms, arrival_ms, passage_end_ms,"            \
		" published_ms, withdrawn) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"  \
		" $12, 0) ON CONFLICT (id) DO UPDATE SET version = excluded.version,"              \
		" hash = excluded.hash, test = excluded.test, carrier = excluded.carrier,"         \
		" code = excluded.code, origin = excluded.origin,"                                 \
		" destination = excluded.destination, departure_ms = excluded.departure_ms,"       \
		" arrival_ms = excluded.arrival_ms, passage_end_ms = excluded.passage_end_ms,"     \
		" published_ms = excluded.published_ms, withdrawn = 0"                             \
		" WHERE voyage.version < excluded.version RETURNING 1::int8")                      \
	X(VOYAGE_LATEST, "u", "SELECT version, hash FROM voyage WHERE id = $1")                    \
	X(VOYAGE_FIND, "u", "SELECT id, version, hash, test, carrier, code, origin, destination,"  \
		" departure_ms, arrival_ms, passage_end_ms, published_ms FROM voyage"              \
		" WHERE id = $1 AND withdrawn = 0")                                                \
	X(VOYAGE_LIST, "", "SELECT id, version, hash, test, carrier, code, origin, destination,"   \
		" departure_ms, arrival_ms, passage_end_ms, published_ms FROM voyage"              \
		" WHERE withdrawn = 0 ORDER BY departure_ms, id")                                  \
	X(VOYAGE_WITHDRAW, "u", "UPDATE voyage SET withdrawn = 1 WHERE id = $1 AND withdrawn = 0"  \
		" RETURNING 1::int8")                                                              \
	X(DEVICE_PUT, "tti", "INSERT INTO device (name, port, added_ms, revoked_ms)"               \
		" VALUES ($1, $2, $3, 0) ON CONFLICT (name) DO UPDATE SET port = excluded.port,"   \
		" added_ms = excluded.added_ms, revoked_ms = 0 RETURNING 1::int8")                 \
	X(DEVICE_FIND, "t", "SELECT name, port, added_ms, revoked_ms FROM device WHERE name = $1") \
	X(DEVICE_REVOKE, "ti", "WITH d AS (UPDATE device SET revoked_ms = $2 WHERE name = $1"      \
		" AND revoked_ms = 0 RETURNING name), c AS (UPDATE certificate SET"                \
		" revoked_ms = $2 WHERE name = $1 AND revoked_ms = 0 AND EXISTS (SELECT FROM d)),"\
		" t AS (DELETE FROM token WHERE name = $1 AND EXISTS (SELECT FROM d))"             \
		" SELECT 1::int8 FROM d")                                                          \
	X(DEVICE_LIST, "", "SELECT name, port, added_ms, revoked_ms FROM device ORDER BY name")    \
	X(STANDING, "tb", "SELECT coalesce((SELECT port FROM device WHERE name = $1), ''),"        \
		" coalesce((SELECT revoked_ms FROM device WHERE name = $1), -1),"                  \
		" coalesce((SELECT revoked_ms FROM certificate WHERE fingerprint = $2), -1)")      \
	X(TOKEN_PUT, "tbii", "INSERT INTO token (name, hash, made_ms, expires_ms, failures)"       \
		" VALUES ($1, $2, $3, $4, 0) ON CONFLICT (name) DO UPDATE SET"                     \
		" hash = excluded.hash, made_ms = excluded.made_ms,"                               \
		" expires_ms = excluded.expires_ms, key_id = NULL, failures = 0"                   \
		" RETURNING 1::int8")                                                              \
	X(TOKEN_FIND, "t", "SELECT name, hash, made_ms, expires_ms, coalesce(key_id, ''),"         \
		" failures FROM token WHERE name = $1")                                            \
	X(TOKEN_FAILURE, "t", "UPDATE token SET failures = failures + 1 WHERE name = $1")          \
	X(CERTIFICATE_PUT, "bbttiibbi", "WITH t AS (UPDATE token SET key_id = $1"                  \
		" WHERE name = $4 AND hash = $8 AND expires_ms > $5"                               \
		" AND (key_id IS NULL OR key_id = $1) RETURNING name),"                            \
		" c AS (INSERT INTO certificate (key_id, fingerprint, serial, name, issued_ms,"    \
		" not_after_ms, revoked_ms, der) SELECT $1, $2, $3, $4, $5, $6, 0, $7"             \
		" WHERE $9 = 0 OR EXISTS (SELECT FROM t) ON CONFLICT DO NOTHING RETURNING key_id)" \
		" SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM c)")                      \
	X(CERTIFICATE_FIND, "b", "SELECT key_id, fingerprint, serial, name, issued_ms,"            \
		" not_after_ms, revoked_ms, der FROM certificate WHERE key_id = $1")               \
	X(CERTIFICATE_REVOKE, "ti", "UPDATE certificate SET revoked_ms = $2 WHERE serial = $1"     \
		" AND revoked_ms = 0 RETURNING 1::int8")                                           \
	X(CERTIFICATE_LIST, "t", "SELECT key_id, fingerprint, serial, name, issued_ms,"            \
		" not_after_ms, revoked_ms FROM certificate WHERE name = $1"                       \
		" ORDER BY issued_ms, serial")                                                     \
	X(OLD_CERTIFICATES, "i", "DELETE FROM certificate WHERE not_after_ms < $1")                \
	X(DUE, "i", "WITH due AS (UPDATE encounter SET key = NULL, photo_state ="                  \
		" CASE photo_state WHEN 0 THEN 0 ELSE 3 END WHERE (day, id) IN"                    \
		" (SELECT day, id FROM encounter WHERE key IS NOT NULL AND destroy_by_ms <= $1"    \
		" LIMIT 5000) AND key IS NOT NULL RETURNING day, id), gone AS"                     \
		" (DELETE FROM sealed s USING due WHERE s.day = due.day AND s.id = due.id)"        \
		" SELECT count(*) FROM due")                                                       \
	X(OLD_ITEMS, "d", "DELETE FROM item WHERE (id, kind) IN (SELECT id, kind FROM item"        \
		" WHERE day < $1 LIMIT 20000)")                                                    \
	X(OLD_PASSAGES, "d", "DELETE FROM passage WHERE day < $1")                                 \
	X(HEARTBEAT_PUT, "tuiiiiiiiiiiibi",                                                        \
		"WITH old AS (SELECT boot, captured, not_captured FROM heartbeat"                  \
		" WHERE lane = $1 FOR UPDATE), known AS (INSERT INTO heartbeat (lane, boot,"       \
		" number, sent_ms, received_ms, interval_ms, captured, not_captured,"              \
		" oldest_ms, quarantined, disk_free_permille, certificate_end_ms,"                 \
		" devices_down, json) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"        \
		" $12, $13, $14 FROM (SELECT count(*) FROM old) first ON CONFLICT (lane)"          \
		" DO UPDATE SET boot = excluded.boot,"                                             \
		" number = excluded.number, sent_ms = excluded.sent_ms,"                           \
		" received_ms = excluded.received_ms, interval_ms = excluded.interval_ms,"         \
		" captured = excluded.captured, not_captured = excluded.not_captured,"             \
		" oldest_ms = excluded.oldest_ms, quarantined = excluded.quarantined,"             \
		" disk_free_permille = excluded.disk_free_permille,"                               \
		" certificate_end_ms = excluded.certificate_end_ms,"                               \
		" devices_down = excluded.devices_down, json = excluded.json"                      \
		" WHERE heartbeat.boot <> excluded.boot OR heartbeat.number < excluded.number"     \
		" RETURNING lane), step AS (SELECT"                                                \
		" greatest($7 - CASE old.boot WHEN $2 THEN old.captured ELSE 0 END, 0) AS c,"      \
		" greatest($8 - CASE old.boot WHEN $2 THEN old.not_captured ELSE 0 END, 0)"        \
		" AS n FROM old, known), added AS (INSERT INTO capture_step (lane, at_ms,"         \
		" captured, not_captured) SELECT $1, $15, c, n FROM step WHERE c + n > 0"          \
		" ON CONFLICT (lane, at_ms) DO UPDATE SET"                                         \
		" captured = capture_step.captured + excluded.captured,"                           \
		" not_captured = capture_step.not_captured + excluded.not_captured)"               \
		" SELECT count(*) FROM known")                                                     \
	X(HEARTBEAT_READ, "t", "SELECT json FROM heartbeat WHERE lane = $1")                       \
	X(LANE_LIST, "i", "SELECT h.lane, boot, number, sent_ms, received_ms, interval_ms,"        \
		" h.captured, h.not_captured, oldest_ms, quarantined, disk_free_permille,"         \
		" certificate_end_ms, devices_down, coalesce(s.captured, 0)::int8,"                \
		" coalesce(s.not_captured, 0)::int8 FROM heartbeat h LEFT JOIN (SELECT lane,"      \
		" sum(captured) AS captured, sum(not_captured) AS not_captured"                    \
		" FROM capture_step WHERE at_ms >= $1 GROUP BY lane) s ON s.lane = h.lane"         \
		" LEFT JOIN device d ON d.name = h.lane WHERE coalesce(d.revoked_ms, 0) = 0"       \
		" ORDER BY h.lane COLLATE \"C\"")                                                  \
	X(ALARM_LIST, "", "SELECT lane, kind, state, since_ms, changed_ms, value, bound"           \
		" FROM alarm ORDER BY lane COLLATE \"C\", kind COLLATE \"C\"")                     \
	X(ALARM_ADD, "ttiiiii", "INSERT INTO alarm (lane, kind, state, since_ms, changed_ms,"      \
		" value, bound) VALUES ($1, $2, $3, $4, $5, $6, $7)"                               \
		" ON CONFLICT (lane, kind) DO NOTHING RETURNING 1::int8")                          \
	X(ALARM_SET, "ttiiiiii", "UPDATE alarm SET state = $3, since_ms = $4, changed_ms = $5,"    \
		" value = $6, bound = $7 WHERE lane = $1 AND kind = $2 AND state = $8"             \
		" RETURNING 1::int8")                                                              \
	X(ALARM_END, "tti", "DELETE FROM alarm WHERE lane = $1 AND kind = $2 AND state = $3"       \
		" RETURNING 1::int8")                                                              \
	X(OLD_STEPS, "i", "DELETE FROM capture_step WHERE at_ms < $1")                             \
	X(OLD_LANES, "i", "DELETE FROM heartbeat WHERE received_ms < $1")                          \
	X(COUNTS, "", "SELECT CASE WHEN n.items > 100000 THEN n.encounters"                        \
		" ELSE (SELECT count(*) FROM encounter) END,"                                      \
		" CASE WHEN n.items > 100000 THEN n.addenda ELSE (SELECT count(*) FROM addendum)"  \
		" END, (SELECT count(*) FROM encounter WHERE photo_state = 2),"                    \
		" (SELECT count(*) FROM voyage WHERE withdrawn = 0) FROM (SELECT"                  \
		" coalesce(sum(reltuples) FILTER (WHERE relname = 'item'), 0)::int8 AS items,"     \
		" coalesce(sum(greatest(reltuples, 0)) FILTER (WHERE relname LIKE 'encounter\\_%'" \
		" AND relkind = 'r'), 0)::int8 AS encounters, coalesce(sum("                       \
		"greatest(reltuples, 0)) FILTER (WHERE relname LIKE 'addendum\\_%'"                \
		" AND relkind = 'r'), 0)::int8 AS addenda FROM pg_class"                           \
		" WHERE relnamespace = current_schema()::regnamespace) n")
/* clang-format on */

enum pg_statement {
#define PG_ENUM(name, types, sql) PG_##name,
	PG_STATEMENTS(PG_ENUM)
#undef PG_ENUM
	PG_STATEMENT_COUNT
};

struct postgres {
	struct store store;
	PGconn *connection; /* NULL, or ready for a statement */
	char address[512];
	uint32_t list_delay_ms;
	uint32_t failures; /* attempts to connect, in a row */
	uint64_t pause_end_us;
	uint64_t group_end_us; /* when what goes together has taken too long */
	int64_t kept_day;      /* for which partitions were looked at last */
};

/* The store is the first thing in it. */
static inline struct postgres *pg_base(struct store *store)
{
	return (struct postgres *)store;
}

/*
 * Connected, or GH_OFFLINE: at once while an attempt is not due. Statements below begin with this;
 * any failure of the connection ends it, and the next call connects anew.
 */
enum gh_status pg_ready(struct postgres *base, struct gh_error *error);
void pg_end(struct postgres *base);

/* One statement and its rows, which the caller clears. Waits up to two seconds. */
enum gh_status pg_query(struct postgres *base, enum pg_statement statement,
	const struct value *values, int count, PGresult **rows, struct gh_error *error);

/* The same for one whose rows nobody looks at. */
enum gh_status pg_run(struct postgres *base, enum pg_statement statement,
	const struct value *values, int count, struct gh_error *error);

/* The same for one that answers with a row for what it changed: GH_NOT_FOUND without. */
enum gh_status pg_change(struct postgres *base, enum pg_statement statement,
	const struct value *values, int count, struct gh_error *error);

/* Text without parameters or rows, for tables; waits up to a minute. Several are a transaction. */
enum gh_status pg_do(struct postgres *base, const char *sql, struct gh_error *error);
enum gh_status pg_ask_number(
	struct postgres *base, const char *sql, int64_t *number, struct gh_error *error);

/* Many statements at once, one transaction between begin and end. */
enum gh_status pg_begin(struct postgres *base, struct gh_error *error);
enum gh_status pg_send(struct postgres *base, enum pg_statement statement,
	const struct value *values, int count, struct gh_error *error);

/* Ask for what was sent so far; then take the rows in their order. */
enum gh_status pg_flush(struct postgres *base, struct gh_error *error);
enum gh_status pg_take(struct postgres *base, PGresult **rows, struct gh_error *error);

/* Commit when status is GH_OK, else undo; unread is how many statements were not taken yet. */
enum gh_status pg_commit(
	struct postgres *base, enum gh_status status, size_t unread, struct gh_error *error);

/* Columns of a row. A blob of another length than asked for is zeros. */
int64_t pg_integer(const PGresult *rows, int row, int column);
double pg_real(const PGresult *rows, int row, int column);
const char *pg_text(const PGresult *rows, int row, int column);
void pg_fixed(const PGresult *rows, int row, int column, uint8_t *bytes, size_t length_bytes);
enum gh_status pg_copy(
	const PGresult *rows, int row, int column, struct gh_bytes *bytes, struct gh_error *error);

/* postgres_lanes.c: heartbeats, lanes, alarms. */
enum gh_status pg_send_heartbeat(
	struct postgres *base, const struct store_heartbeat *heartbeat, struct gh_error *error);
enum gh_status pg_list_lanes(struct store *store, int64_t since_ms,
	void (*call)(void *ctx, const struct store_lane *lane), void *ctx, struct gh_error *error);
enum gh_status pg_read_heartbeat(
	struct store *store, const char *lane, struct gh_bytes *json, struct gh_error *error);
enum gh_status pg_list_alarms(struct store *store,
	void (*call)(void *ctx, const struct store_alarm *alarm), void *ctx,
	struct gh_error *error);
enum gh_status pg_change_alarms(struct store *store, struct store_alarm_change *changes,
	size_t count, struct gh_error *error);
enum gh_status pg_forget_lanes(struct postgres *base, int64_t now_ms, struct gh_error *error);

/* Make or migrate the tables. GH_UNSUPPORTED: of a newer program, or another's. */
enum gh_status pg_migrate(struct postgres *base, struct gh_error *error);

/* Partitions for the days around now, and none for those that are over. */
enum gh_status pg_keep_days(struct store *store, int64_t now_ms, const struct store_limits *limits,
	struct gh_error *error);

/* As struct store_kind says: certificates and tokens, in a file of their own. */
enum gh_status pg_find_standing(struct store *store, const char *name,
	const struct gh_sha256 *fingerprint, struct store_standing *standing,
	struct gh_error *error);
enum gh_status pg_put_token(
	struct store *store, const struct store_token *token, struct gh_error *error);
enum gh_status pg_find_token(
	struct store *store, const char *name, struct store_token *token, struct gh_error *error);
enum gh_status pg_count_failure(struct store *store, const char *name, struct gh_error *error);
enum gh_status pg_put_certificate(struct store *store, const struct store_certificate *certificate,
	struct gh_view der, const struct gh_sha256 *token, enum stored *stored,
	struct gh_error *error);
enum gh_status pg_find_certificate(struct store *store, const struct gh_sha256 *key_id,
	struct store_certificate *certificate, struct gh_bytes *der, struct gh_error *error);
enum gh_status pg_revoke_certificate(
	struct store *store, const char *serial, int64_t now_ms, struct gh_error *error);
enum gh_status pg_list_certificates(struct store *store, const char *name,
	void (*call)(void *ctx, const struct store_certificate *certificate), void *ctx,
	struct gh_error *error);

#endif
