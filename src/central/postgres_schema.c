/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of the PostgreSQL store: their history, and their partitions day by day. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/log.h"
#include "postgres.h"

/* Days around today that have partitions of their own; those of other days share the default. */
#define DAYS_BACK 2
#define DAYS_AHEAD 7

/*
 * The schema's history, oldest first.
 *
 *   1  items: whatever has an id, so that it is known once and its day is found; records, what is
 *      sealed of them and addenda by the day of the record; passages; voyages.
 *   2  devices; who asked for what, by day.
 *   3  certificates that were issued, and tokens for them.
 *   4  the last heartbeat of each lane, what was captured step by step, alarms.
 *   5  when a photograph came: a receipt says it, and is the same for the same content.
 */
static const char *const steps[] = {
	/* 0 -> 1 */
	"CREATE TABLE item (id uuid NOT NULL, kind int2 NOT NULL, day int4 NOT NULL,"
	" hash bytea NOT NULL CHECK (length(hash) = 32), lane text NOT NULL,"
	" PRIMARY KEY (id, kind));"
	"CREATE INDEX item_by_day ON item (day);"
	"CREATE TABLE encounter (day int4 NOT NULL, id uuid NOT NULL, number int8 NOT NULL,"
	" lane text NOT NULL, peer text NOT NULL, test int2 NOT NULL, event_ms int8 NOT NULL,"
	" uploaded_ms int8 NOT NULL, capture text NOT NULL, reason text NOT NULL,"
	" comparison text NOT NULL, outcome text NOT NULL, decision text NOT NULL,"
	" referrals text NOT NULL, score float8, threshold float8, answer_ms int8 NOT NULL,"
	" waiting_ms int8 NOT NULL, photo_state int2 NOT NULL"
	" CHECK (photo_state BETWEEN 0 AND 3), photo_hash bytea NOT NULL,"
	" destroy_by_ms int8 NOT NULL, key bytea, PRIMARY KEY (day, id))"
	" PARTITION BY RANGE (day);"
	"CREATE INDEX encounter_by_number ON encounter (number);"
	"CREATE INDEX encounter_by_expiry ON encounter (destroy_by_ms) WHERE key IS NOT NULL;"
	"CREATE INDEX encounter_with_photo ON encounter (photo_state) WHERE photo_state = 2;"
	"CREATE TABLE encounter_default PARTITION OF encounter DEFAULT;"
	"CREATE TABLE sealed (day int4 NOT NULL, id uuid NOT NULL, record bytea NOT NULL,"
	" photo bytea, PRIMARY KEY (day, id)) PARTITION BY RANGE (day);"
	"ALTER TABLE sealed ALTER record SET STORAGE EXTERNAL, ALTER photo SET STORAGE EXTERNAL;"
	"CREATE TABLE sealed_default PARTITION OF sealed DEFAULT;"
	"CREATE TABLE addendum (day int4 NOT NULL, encounter uuid NOT NULL, id uuid NOT NULL,"
	" number int8 NOT NULL, kind text NOT NULL, disposition text, event_ms int8 NOT NULL,"
	" uploaded_ms int8 NOT NULL, json bytea NOT NULL, PRIMARY KEY (day, encounter, id))"
	" PARTITION BY RANGE (day);"
	"CREATE TABLE addendum_default PARTITION OF addendum DEFAULT;"
	"CREATE TABLE passage (voyage uuid NOT NULL, number int8 NOT NULL,"
	" encounter uuid NOT NULL, person uuid NOT NULL, day int4 NOT NULL,"
	" PRIMARY KEY (voyage, number, encounter));"
	"CREATE INDEX passage_by_encounter ON passage (encounter);"
	"CREATE TABLE voyage (id uuid PRIMARY KEY, version int8 NOT NULL,"
	" hash bytea NOT NULL CHECK (length(hash) = 32), test int2 NOT NULL,"
	" carrier text NOT NULL, code text NOT NULL, origin text NOT NULL,"
	" destination text NOT NULL, departure_ms int8 NOT NULL, arrival_ms int8 NOT NULL,"
	" passage_end_ms int8 NOT NULL, published_ms int8 NOT NULL, withdrawn int2 NOT NULL);",
	/* 1 -> 2 */
	"CREATE TABLE device (name text PRIMARY KEY, port text NOT NULL, added_ms int8 NOT NULL,"
	" revoked_ms int8 NOT NULL);"
	"CREATE TABLE access (day int4 NOT NULL, id uuid NOT NULL DEFAULT gen_random_uuid(),"
	" at_ms int8 NOT NULL, peer text NOT NULL, role text NOT NULL, action text NOT NULL,"
	" item text NOT NULL, status int2 NOT NULL, PRIMARY KEY (day, id))"
	" PARTITION BY RANGE (day);"
	"CREATE TABLE access_default PARTITION OF access DEFAULT;",
	/* 2 -> 3 */
	"CREATE TABLE certificate (key_id bytea PRIMARY KEY CHECK (length(key_id) = 32),"
	" fingerprint bytea NOT NULL UNIQUE CHECK (length(fingerprint) = 32),"
	" serial text NOT NULL UNIQUE, name text NOT NULL, issued_ms int8 NOT NULL,"
	" not_after_ms int8 NOT NULL, revoked_ms int8 NOT NULL, der bytea NOT NULL);"
	"CREATE INDEX certificate_by_name ON certificate (name);"
	"CREATE INDEX certificate_by_end ON certificate (not_after_ms);"
	"CREATE TABLE token (name text PRIMARY KEY,"
	" hash bytea NOT NULL CHECK (length(hash) = 32), made_ms int8 NOT NULL,"
	" expires_ms int8 NOT NULL, key_id bytea, failures int8 NOT NULL);",
	/* 3 -> 4 */
	"CREATE TABLE heartbeat (lane text PRIMARY KEY, boot uuid NOT NULL, number int8 NOT NULL,"
	" sent_ms int8 NOT NULL, received_ms int8 NOT NULL, interval_ms int8 NOT NULL,"
	" captured int8 NOT NULL, not_captured int8 NOT NULL, oldest_ms int8 NOT NULL,"
	" quarantined int8 NOT NULL, disk_free_permille int8 NOT NULL,"
	" certificate_end_ms int8 NOT NULL, devices_down int8 NOT NULL, json bytea NOT NULL);"
	"CREATE TABLE capture_step (lane text NOT NULL, at_ms int8 NOT NULL,"
	" captured int8 NOT NULL, not_captured int8 NOT NULL, PRIMARY KEY (lane, at_ms));"
	"CREATE INDEX capture_step_by_time ON capture_step (at_ms);"
	"CREATE TABLE alarm (lane text NOT NULL, kind text NOT NULL, state int8 NOT NULL,"
	" since_ms int8 NOT NULL, changed_ms int8 NOT NULL, value int8 NOT NULL,"
	" bound int8 NOT NULL, PRIMARY KEY (lane, kind));",
	/* 4 -> 5 */
	"ALTER TABLE encounter ADD COLUMN photo_received_ms int8 NOT NULL DEFAULT 0;",
};

#define SCHEMA ((int64_t)(sizeof(steps) / sizeof(steps[0])))

/* Whoever changes tables holds this to the end of the transaction; the rest waits. */
#define ALONE \
	"SET LOCAL statement_timeout = '60s'; SET LOCAL lock_timeout = '20s';" \
	"LOCK TABLE gatehouse_schema IN EXCLUSIVE MODE;"

static enum gh_status read_version(struct postgres *base, int64_t *version, struct gh_error *error)
{
	enum gh_status status = pg_ask_number(base,
		"SELECT coalesce(max(version), 0)::int8 FROM gatehouse_schema", version, error);

	if (status == GH_OK && *version > SCHEMA)
		return gh_error_set(error, GH_UNSUPPORTED,
			"PostgreSQL: schema %lld, this program knows up to %lld",
			(long long)*version, (long long)SCHEMA);
	return status;
}

/* The version is entered first: whoever comes a moment later fails there; nothing is done twice. */
static enum gh_status take_step(struct postgres *base, int64_t version, struct gh_error *error)
{
	struct gh_bytes sql = GH_BYTES_EMPTY;
	enum gh_status status = gh_bytes_print(&sql, error,
		"%s INSERT INTO gatehouse_schema VALUES (%lld, now()); %s", ALONE,
		(long long)version + 1, steps[version]);

	if (status == GH_OK)
		status = gh_bytes_append(&sql, "", 1, error);
	if (status == GH_OK)
		status = pg_do(base, (const char *)sql.data, error);
	gh_bytes_finish(&sql);
	return status == GH_EXISTS ? GH_OK : status;
}

/* One look at both, or a process that is faster would seem to be another program. */
static enum gh_status make_history(struct postgres *base, struct gh_error *error)
{
	int64_t found = 0;
	enum gh_status status = pg_ask_number(base,
		"SELECT coalesce(sum(CASE tablename WHEN 'gatehouse_schema' THEN 1000 ELSE 1 END),"
		" 0)::int8 FROM pg_tables WHERE schemaname = current_schema() AND tablename IN"
		" ('gatehouse_schema', 'item', 'encounter', 'voyage', 'device', 'access')",
		&found, error);

	if (status != GH_OK || found >= 1000)
		return status;
	if (found > 0)
		return gh_error_set(
			error, GH_UNSUPPORTED, "PostgreSQL: another program's database");
	status = pg_do(base,
		"CREATE TABLE gatehouse_schema (version int4 PRIMARY KEY, at timestamptz NOT NULL)",
		error);
	return status == GH_EXISTS ? GH_OK : status;
}

enum gh_status pg_migrate(struct postgres *base, struct gh_error *error)
{
	int64_t version = 0;
	enum gh_status status = make_history(base, error);

	if (status == GH_OK)
		status = read_version(base, &version, error);
	while (status == GH_OK && version < SCHEMA) {
		status = take_step(base, version, error);
		if (status == GH_OK)
			status = read_version(base, &version, error);
	}
	return status;
}

static const char *const by_day[] = { "encounter", "sealed", "addendum", "access" };

#define TABLES_BY_DAY (sizeof(by_day) / sizeof(by_day[0]))

/* Of rows that came for a day before it had its partition. */
static enum gh_status move_to_partition(
	struct postgres *base, const char *table, int64_t day, struct gh_error *error)
{
	char sql[1200];
	long long d = day;

	snprintf(sql, sizeof(sql),
		ALONE "CREATE TABLE %s_d%lld (LIKE %s INCLUDING ALL);"
		      "WITH moved AS (DELETE FROM %s_default WHERE day = %lld RETURNING *)"
		      " INSERT INTO %s_d%lld SELECT * FROM moved;"
		      "ALTER TABLE %s ATTACH PARTITION %s_d%lld FOR VALUES FROM (%lld) TO (%lld);",
		table, d, table, table, d, table, d, table, table, d, d, d + 1);
	return pg_do(base, sql, error);
}

static enum gh_status make_partition(
	struct postgres *base, const char *table, int64_t day, struct gh_error *error)
{
	char sql[512];
	enum gh_status status;
	long long d = day;

	snprintf(sql, sizeof(sql),
		ALONE "CREATE TABLE IF NOT EXISTS %s_d%lld PARTITION OF %s"
		      " FOR VALUES FROM (%lld) TO (%lld);",
		table, d, table, d, d + 1);
	status = pg_do(base, sql, error);
	return status == GH_CONFLICT ? move_to_partition(base, table, day, error) : status;
}

/* How many days have none: but once a day that is 0. */
static enum gh_status count_missing(struct postgres *base, const char *table, int64_t first,
	int64_t last, int64_t *missing, struct gh_error *error)
{
	char sql[200];

	snprintf(sql, sizeof(sql),
		"SELECT count(*) FROM generate_series(%lld, %lld) d"
		" WHERE to_regclass('%s_d' || d) IS NULL",
		(long long)first, (long long)last, table);
	return pg_ask_number(base, sql, missing, error);
}

/* A clock that was never set says 1970. */
static enum gh_status make_partitions(struct postgres *base, int64_t today, struct gh_error *error)
{
	int64_t first = today > DAYS_BACK ? today - DAYS_BACK : 1;
	int64_t last = today + DAYS_AHEAD;
	enum gh_status status = GH_OK;

	for (size_t i = 0; i < TABLES_BY_DAY && status == GH_OK; i++) {
		int64_t missing = 0;

		status = count_missing(base, by_day[i], first, last, &missing, error);
		for (int64_t day = first; missing > 0 && day <= last && status == GH_OK; day++)
			status = make_partition(base, by_day[i], day, error);
	}
	return status;
}

/* The oldest partition of a table below a day; 0 none. */
static enum gh_status find_old(struct postgres *base, const char *table, int64_t before_day,
	int64_t *day, struct gh_error *error)
{
	char sql[400];

	snprintf(sql, sizeof(sql),
		"SELECT coalesce(min(substr(c.relname, %zu)::int8), 0) FROM pg_inherits i"
		" JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = '%s'::regclass"
		" AND c.relname ~ '^%s_d[0-9]+$' AND substr(c.relname, %zu)::int8 < %lld",
		strlen(table) + 3, table, table, strlen(table) + 3, (long long)before_day);
	return pg_ask_number(base, sql, day, error);
}

/* Dropping gives a day's files back at once; only the default partition is deleted from. */
static enum gh_status drop_old(
	struct postgres *base, const char *table, int64_t before_day, struct gh_error *error)
{
	char sql[300];
	int64_t day = 0;
	enum gh_status status = find_old(base, table, before_day, &day, error);

	while (status == GH_OK && day > 0) {
		snprintf(sql, sizeof(sql), ALONE "DROP TABLE IF EXISTS %s_d%lld", table,
			(long long)day);
		status = pg_do(base, sql, error);
		if (status == GH_OK)
			status = find_old(base, table, before_day, &day, error);
	}
	snprintf(sql, sizeof(sql), "DELETE FROM %s_default WHERE day < %lld", table,
		(long long)before_day);
	return status == GH_OK ? pg_do(base, sql, error) : status;
}

static enum gh_status drop_records(
	struct postgres *base, int64_t before_day, struct gh_error *error)
{
	static const char *const tables[] = { "addendum", "sealed", "encounter" };
	enum gh_status status =
		pg_run(base, PG_OLD_PASSAGES, VALUES(param_integer(before_day)), error);

	for (size_t i = 0; i < 3 && status == GH_OK; i++)
		status = drop_old(base, tables[i], before_day, error);
	return status;
}

/* Part by part, each minute: a day's ids are millions. */
static enum gh_status drop_items(struct postgres *base, int64_t before_day, struct gh_error *error)
{
	return pg_run(base, PG_OLD_ITEMS, VALUES(param_integer(before_day)), error);
}

static enum gh_status drop_certificates(
	struct postgres *base, int64_t before_ms, struct gh_error *error)
{
	return pg_run(base, PG_OLD_CERTIFICATES, VALUES(param_integer(before_ms)), error);
}

enum gh_status pg_keep_days(struct store *store, int64_t now_ms, const struct store_limits *limits,
	struct gh_error *error)
{
	struct postgres *base = pg_base(store);
	int64_t today = store_day(now_ms);
	enum gh_status status = pg_ready(base, error);

	if (status == GH_OK && limits->record_days > 0)
		status = drop_items(base, today - limits->record_days, error);
	if (status == GH_OK)
		status = pg_forget_lanes(base, now_ms, error);
	if (status != GH_OK || base->kept_day == today)
		return status;
	status = make_partitions(base, today, error);
	if (status == GH_OK && limits->record_days > 0)
		status = drop_records(base, today - limits->record_days, error);
	if (status == GH_OK && limits->access_days > 0)
		status = drop_old(base, "access", today - limits->access_days, error);
	if (status == GH_OK && limits->access_days > 0)
		status =
			drop_certificates(base, now_ms - limits->access_days * STORE_DAY_MS, error);
	if (status == GH_OK)
		base->kept_day = today;
	return status;
}
