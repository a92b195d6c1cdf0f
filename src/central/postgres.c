/* SPDX-License-Identifier: Apache-2.0 */
/* A connection to PostgreSQL that comes back, and prepared statements on it. */
#include "postgres.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/log.h"

#define PARAMETERS_MAX 32
#define CONNECT_LIMIT_MS 2000
#define QUERY_LIMIT_MS 2000
#define GROUP_LIMIT_MS 4000
#define TABLES_LIMIT_MS 60000
#define PAUSE_FIRST_MS 100
#define PAUSE_MAX_MS 5000

struct text {
	const char *types;
	const char *sql;
};

static const struct text texts[] = {
#define PG_TEXT(name, types, sql) { types, sql },
	PG_STATEMENTS(PG_TEXT)
#undef PG_TEXT
};

/* What every session begins with. Acknowledged is durable, whatever the server's default is. */
static const char session[] = "SET synchronous_commit = on; SET statement_timeout = '2s';"
			      "SET lock_timeout = '2s'; SET client_min_messages = warning;"
			      "SET idle_in_transaction_session_timeout = '10s'";

static uint64_t now_us(void)
{
	return gh_clock_system()->monotonic_us(gh_clock_system());
}

void pg_end(struct postgres *base)
{
	if (base->connection)
		PQfinish(base->connection);
	base->connection = NULL;
}

/* Seldom the text of the server: it may quote values. Its five characters say enough. */
static enum gh_status status_of(const char *state)
{
	static const struct {
		const char *state;
		enum gh_status status;
	} known[] = {
		{ "08", GH_OFFLINE },
		{ "57P", GH_OFFLINE },
		{ "25006", GH_OFFLINE }, /* read only: another is the primary now */
		{ "22012", GH_BUSY },    /* the division of PG_IN_TIME */
		{ "40", GH_BUSY },
		{ "53300", GH_BUSY },
		{ "55P03", GH_BUSY },
		{ "57014", GH_BUSY },
		{ "53100", GH_FULL },
		{ "53200", GH_NO_MEMORY },
		{ "28", GH_DENIED },
		{ "42501", GH_DENIED },
		{ "3D", GH_NOT_FOUND },
		{ "23514", GH_CONFLICT },
		{ "23505", GH_EXISTS },
		{ "42P07", GH_EXISTS },
		{ "42710", GH_EXISTS }, /* of two who make a table at once, now and then */
		{ "XX", GH_INTEGRITY },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strncmp(state, known[i].state, strlen(known[i].state)) == 0)
			return known[i].status;
	}
	return GH_INTERNAL;
}

static enum gh_status lost(struct postgres *base, const char *what, struct gh_error *error)
{
	pg_end(base);
	return gh_error_set(error, GH_OFFLINE, "PostgreSQL: %s", what);
}

static enum gh_status fail(
	struct postgres *base, const PGresult *result, const char *doing, struct gh_error *error)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);

	if (!state || PQstatus(base->connection) == CONNECTION_BAD)
		return lost(base, "the connection ended", error);
	return gh_error_set(error, status_of(state), "PostgreSQL %s%s%s: %.60s", state,
		constraint ? " " : "", constraint ? constraint : "", doing);
}

static int left_ms(uint64_t end_us)
{
	uint64_t at_us = now_us();

	return at_us >= end_us ? 0 : (int)((end_us - at_us) / 1000 + 1);
}

static bool wait_socket(PGconn *connection, short events, uint64_t end_us)
{
	struct pollfd poll_fd = { .fd = PQsocket(connection), .events = events };

	return left_ms(end_us) > 0 && poll(&poll_fd, 1, left_ms(end_us)) > 0;
}

/* Until a result can be taken without waiting, and all that was asked for is on its way. */
static bool wait_result(PGconn *connection, uint64_t end_us)
{
	for (;;) {
		int unsent = PQflush(connection);

		if (unsent < 0)
			return false;
		if (unsent == 0 && !PQisBusy(connection))
			return true;
		if (!wait_socket(connection, unsent ? POLLIN | POLLOUT : POLLIN, end_us) ||
			!PQconsumeInput(connection))
			return false;
	}
}

static bool finish_connecting(PGconn *connection)
{
	uint64_t end_us = now_us() + CONNECT_LIMIT_MS * UINT64_C(1000);
	PostgresPollingStatusType wants = PGRES_POLLING_WRITING;

	while (wants == PGRES_POLLING_READING || wants == PGRES_POLLING_WRITING) {
		if (PQstatus(connection) == CONNECTION_BAD ||
			!wait_socket(connection, wants == PGRES_POLLING_READING ? POLLIN : POLLOUT,
				end_us))
			return false;
		wants = PQconnectPoll(connection);
	}
	return wants == PGRES_POLLING_OK && PQsetnonblocking(connection, 1) == 0;
}

static unsigned type_of(char type)
{
	switch (type) {
	case 'u':
		return 2950; /* uuid */
	case 'b':
		return 17; /* bytea */
	case 't':
		return 25; /* text */
	case 'd':
		return 23; /* int4 */
	case 'r':
		return 701; /* float8 */
	default:
		return 20; /* int8 */
	}
}

static void statement_name(enum pg_statement statement, char name[16])
{
	snprintf(name, 16, "s%d", (int)statement);
}

static enum gh_status prepare(
	struct postgres *base, enum pg_statement statement, struct gh_error *error)
{
	Oid types[PARAMETERS_MAX];
	size_t count = strlen(texts[statement].types);
	char name[16];
	PGresult *result;
	enum gh_status status = GH_OK;

	for (size_t i = 0; i < count; i++)
		types[i] = type_of(texts[statement].types[i]);
	statement_name(statement, name);
	result = PQprepare(base->connection, name, texts[statement].sql, (int)count, types);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		status = fail(base, result, texts[statement].sql, error);
	PQclear(result);
	return status;
}

static enum gh_status begin_session(struct postgres *base, struct gh_error *error)
{
	enum gh_status status = pg_do(base, session, error);

	if (status == GH_OK)
		status = pg_migrate(base, error);
	for (int i = 0; i < PG_STATEMENT_COUNT && status == GH_OK; i++)
		status = prepare(base, (enum pg_statement)i, error);
	return status;
}

/* Ever longer, so that processes do not storm a database that comes back. */
static void note_failure(struct postgres *base)
{
	uint64_t pause_ms = PAUSE_FIRST_MS;

	for (uint32_t i = 0; i < base->failures && pause_ms < PAUSE_MAX_MS; i++)
		pause_ms *= 2;
	if (pause_ms > PAUSE_MAX_MS)
		pause_ms = PAUSE_MAX_MS;
	base->failures++;
	base->pause_end_us = now_us() + pause_ms * 1000;
}

enum gh_status pg_ready(struct postgres *base, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	if (base->connection && PQstatus(base->connection) == CONNECTION_OK)
		return GH_OK;
	pg_end(base);
	if (base->failures > 0 && now_us() < base->pause_end_us)
		return gh_error_set(error, GH_OFFLINE, "PostgreSQL: not to be reached");
	base->connection = PQconnectStart(base->address);
	if (!base->connection || !finish_connecting(base->connection))
		status = lost(base, "not to be reached", error);
	else
		status = begin_session(base, error);
	if (status != GH_OK) {
		pg_end(base);
		note_failure(base);
		return status;
	}
	if (base->failures > 0)
		gh_log(GH_LOG_NOTICE, "central", "database_is_back",
			gh_log_integer("attempts", base->failures));
	base->failures = 0;
	return GH_OK;
}

/* Parameters as the protocol wants them; numbers lie in room. */
struct bound {
	const char *values[PARAMETERS_MAX];
	int lengths[PARAMETERS_MAX];
	int formats[PARAMETERS_MAX];
	uint8_t room[PARAMETERS_MAX][8];
};

static void put_number(uint64_t number, size_t length, uint8_t *bytes)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)(number >> (8 * (length - 1 - i)));
}

static void bind(struct bound *bound, int at, char type, const struct value *value)
{
	uint64_t bits = (uint64_t)value->integer;

	bound->formats[at] = 1;
	bound->lengths[at] = type == 'd' ? 4 : 8;
	bound->values[at] = (const char *)bound->room[at];
	switch (value->kind) {
	case VALUE_NULL:
		bound->values[at] = NULL;
		return;
	case VALUE_REAL:
		memcpy(&bits, &value->real, sizeof(bits));
		break;
	case VALUE_INTEGER:
		break;
	case VALUE_BYTES:
	case VALUE_TEXT:
		bound->values[at] =
			value->bytes.length_bytes ? (const char *)value->bytes.data : "";
		bound->lengths[at] = (int)value->bytes.length_bytes;
		return;
	}
	put_number(bits, (size_t)bound->lengths[at], bound->room[at]);
}

enum gh_status pg_send(struct postgres *base, enum pg_statement statement,
	const struct value *values, int count, struct gh_error *error)
{
	struct bound bound;
	char name[16];

	for (int i = 0; i < count; i++)
		bind(&bound, i, texts[statement].types[i], &values[i]);
	statement_name(statement, name);
	if (PQsendQueryPrepared(
		    base->connection, name, count, bound.values, bound.lengths, bound.formats, 1))
		return GH_OK;
	return lost(base, "a statement cannot be sent", error);
}

static enum gh_status take(
	struct postgres *base, uint32_t limit_ms, PGresult **result, struct gh_error *error)
{
	uint64_t end_us = now_us() + limit_ms * UINT64_C(1000);

	*result = NULL;
	if (PQpipelineStatus(base->connection) != PQ_PIPELINE_OFF)
		end_us = base->group_end_us;
	if (!wait_result(base->connection, end_us))
		return lost(base, "no answer in time", error);
	*result = PQgetResult(base->connection);
	return GH_OK;
}

static bool is_fine(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

/* The only result, or the first of several; what follows is read away. */
static enum gh_status take_all(struct postgres *base, uint32_t limit_ms, const char *doing,
	PGresult **rows, struct gh_error *error)
{
	enum gh_status status = take(base, limit_ms, rows, error);
	PGresult *more = NULL;

	if (status == GH_OK && !*rows)
		return lost(base, "no result", error);
	while (status == GH_OK) {
		status = take(base, limit_ms, &more, error);
		if (status != GH_OK || !more)
			break;
		if (is_fine(*rows)) {
			PQclear(*rows);
			*rows = more;
		} else {
			PQclear(more);
		}
	}
	if (status == GH_OK && !is_fine(*rows))
		status = fail(base, *rows, doing, error);
	if (status != GH_OK) {
		PQclear(*rows);
		*rows = NULL;
	}
	return status;
}

enum gh_status pg_query(struct postgres *base, enum pg_statement statement,
	const struct value *values, int count, PGresult **rows, struct gh_error *error)
{
	enum gh_status status = pg_ready(base, error);

	*rows = NULL;
	if (status == GH_OK)
		status = pg_send(base, statement, values, count, error);
	if (status == GH_OK)
		status = take_all(base, QUERY_LIMIT_MS, texts[statement].sql, rows, error);
	return status;
}

enum gh_status pg_run(struct postgres *base, enum pg_statement statement,
	const struct value *values, int count, struct gh_error *error)
{
	PGresult *rows;
	enum gh_status status = pg_query(base, statement, values, count, &rows, error);

	PQclear(rows);
	return status;
}

enum gh_status pg_change(struct postgres *base, enum pg_statement statement,
	const struct value *values, int count, struct gh_error *error)
{
	PGresult *rows;
	enum gh_status status = pg_query(base, statement, values, count, &rows, error);

	if (status == GH_OK && PQntuples(rows) == 0)
		status = gh_error_set(error, GH_NOT_FOUND, "there is no such row");
	PQclear(rows);
	return status;
}

enum gh_status pg_do(struct postgres *base, const char *sql, struct gh_error *error)
{
	PGresult *result;
	enum gh_status status;

	if (!base->connection || !PQsendQuery(base->connection, sql))
		return lost(base, "a statement cannot be sent", error);
	status = take_all(base, TABLES_LIMIT_MS, sql, &result, error);
	PQclear(result);
	return status;
}

enum gh_status pg_ask_number(
	struct postgres *base, const char *sql, int64_t *number, struct gh_error *error)
{
	PGresult *result;
	enum gh_status status;

	if (!base->connection ||
		!PQsendQueryParams(base->connection, sql, 0, NULL, NULL, NULL, NULL, 1))
		return lost(base, "a statement cannot be sent", error);
	status = take_all(base, TABLES_LIMIT_MS, sql, &result, error);
	if (status == GH_OK)
		*number = PQntuples(result) ? pg_integer(result, 0, 0) : 0;
	PQclear(result);
	return status;
}

enum gh_status pg_begin(struct postgres *base, struct gh_error *error)
{
	enum gh_status status = pg_ready(base, error);

	if (status == GH_OK && !PQenterPipelineMode(base->connection))
		return lost(base, "no pipeline", error);
	base->group_end_us = now_us() + GROUP_LIMIT_MS * UINT64_C(1000);
	return status;
}

enum gh_status pg_flush(struct postgres *base, struct gh_error *error)
{
	return PQsendFlushRequest(base->connection) ? GH_OK
						    : lost(base, "nothing can be sent", error);
}

/* A result and the empty one behind it. */
enum gh_status pg_take(struct postgres *base, PGresult **rows, struct gh_error *error)
{
	PGresult *end = NULL;
	enum gh_status status = take(base, QUERY_LIMIT_MS, rows, error);

	if (status == GH_OK && !*rows)
		return lost(base, "no result", error);
	if (status == GH_OK)
		status = take(base, QUERY_LIMIT_MS, &end, error);
	PQclear(end);
	if (status == GH_OK && !is_fine(*rows))
		status = fail(base, *rows, "together", error);
	if (status != GH_OK) {
		PQclear(*rows);
		*rows = NULL;
	}
	return status;
}

/* All that is left, up to the mark that the transaction is over; it may fail as late as that. */
static enum gh_status take_end(struct postgres *base, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	for (;;) {
		PGresult *result;
		ExecStatusType kind;
		enum gh_status taken = take(base, QUERY_LIMIT_MS, &result, error);

		if (taken != GH_OK)
			return taken;
		kind = PQresultStatus(result);
		if (result && kind == PGRES_FATAL_ERROR)
			status = fail(base, result, "commit", error);
		PQclear(result);
		if (kind == PGRES_PIPELINE_SYNC || !base->connection)
			return status;
	}
}

enum gh_status pg_commit(
	struct postgres *base, enum gh_status status, size_t unread, struct gh_error *error)
{
	PGresult *rows;
	enum gh_status ended;

	if (!base->connection)
		return status != GH_OK ? status : lost(base, "the connection ended", error);
	/* What is to be undone ends with its connection, and the server undoes it. */
	if (status != GH_OK && PQpipelineStatus(base->connection) != PQ_PIPELINE_ABORTED) {
		pg_end(base);
		return status;
	}
	if (!PQpipelineSync(base->connection))
		return lost(base, "nothing can be sent", error);
	for (; unread > 0 && status == GH_OK; unread--) {
		status = pg_take(base, &rows, error);
		PQclear(rows);
	}
	if (!base->connection)
		return status;
	ended = take_end(base, status == GH_OK ? error : NULL);
	if (ended == GH_OK && !PQexitPipelineMode(base->connection))
		ended = lost(base, "the pipeline does not end", NULL);
	return status == GH_OK ? ended : status;
}

int64_t pg_integer(const PGresult *rows, int row, int column)
{
	const uint8_t *bytes = (const uint8_t *)PQgetvalue(rows, row, column);
	int length = PQgetlength(rows, row, column);
	uint64_t number = length > 0 && bytes[0] & 0x80 ? UINT64_MAX : 0;

	for (int i = 0; i < length && i < 8; i++)
		number = number << 8 | bytes[i];
	return (int64_t)number;
}

double pg_real(const PGresult *rows, int row, int column)
{
	int64_t bits = pg_integer(rows, row, column);
	double real;

	memcpy(&real, &bits, sizeof(real));
	return real;
}

const char *pg_text(const PGresult *rows, int row, int column)
{
	return PQgetvalue(rows, row, column);
}

void pg_fixed(const PGresult *rows, int row, int column, uint8_t *bytes, size_t length_bytes)
{
	memset(bytes, 0, length_bytes);
	if ((size_t)PQgetlength(rows, row, column) == length_bytes)
		memcpy(bytes, PQgetvalue(rows, row, column), length_bytes);
}

enum gh_status pg_copy(
	const PGresult *rows, int row, int column, struct gh_bytes *bytes, struct gh_error *error)
{
	gh_bytes_clear(bytes);
	if (PQgetisnull(rows, row, column))
		return GH_OK;
	return gh_bytes_append(bytes, PQgetvalue(rows, row, column),
		(size_t)PQgetlength(rows, row, column), error);
}
