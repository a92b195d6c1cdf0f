/* SPDX-License-Identifier: Apache-2.0 */
/* What only a server can do to its store: go away, be shared, be of another age. */
#include "postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../support/central/counter.h"
#include "../../support/central/server.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/log.h"

static const uint8_t bytes[100] = { 7 };
static const struct gh_view some = { bytes, sizeof(bytes) };
static struct server server;
static char code[32];

static int set_up(void **state)
{
	char address[320];

	if (!server.process)
		skip();
	server_new_address(&server, address);
	*state = calloc(1, sizeof(struct counter));
	counter_make_at(*state, GH_PURPOSE_DEMO, address);
	return 0;
}

static int tear_down(void **state)
{
	if (*state)
		counter_remove(*state);
	free(*state);
	return 0;
}

static void run(const struct counter *counter, const char *sql)
{
	server_run(counter->address, sql, NULL);
}

static long ask(const struct counter *counter, const char *sql)
{
	char answer[256];

	server_run(counter->address, sql, answer);
	return strtol(answer, NULL, 10);
}

static void a_server_that_goes_loses_nothing(void **state)
{
	struct counter *counter = *state;
	struct gh_encounter encounters[3];
	uint64_t began_us;

	for (uint64_t n = 0; n < 3; n++)
		counter_record(counter, n + 1, some, &encounters[n]);
	assert_int_equal(counter_put_record(counter, &encounters[0], code), 201);
	server_kill(&server);
	began_us = gh_clock_system()->monotonic_us(gh_clock_system());
	for (int n = 0; n < 100; n++) {
		assert_int_equal(counter_put_record(counter, &encounters[1], code), 503);
		assert_int_equal(counter_put_photo(counter, &encounters[0].id, some, code), 503);
	}
	/* It does not try each time: a hundred requests meet a pause, and none waits. */
	assert_true(gh_clock_system()->monotonic_us(gh_clock_system()) - began_us < 2000000);
	assert_null(server_restart(&server));
	for (int n = 0; n < 100 && counter_put_record(counter, &encounters[1], code) == 503; n++)
		server_wait(100);
	assert_int_equal(counter_put_record(counter, &encounters[1], code), 200);
	assert_int_equal(counter_put_record(counter, &encounters[0], code), 200);
	assert_int_equal(counter_put_record(counter, &encounters[2], code), 201);
}

static void a_session_that_is_ended_comes_back(void **state)
{
	struct counter *counter = *state;
	struct gh_encounter encounter;
	struct store_counts counts;

	counter_record(counter, 1, some, &encounter);
	assert_int_equal(counter_put_record(counter, &encounter, code), 201);
	run(counter,
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
		" WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
	assert_int_equal(store_count(counter->desk.store, &counts, NULL), GH_OFFLINE);
	assert_int_equal(store_count(counter->desk.store, &counts, NULL), GH_OK);
	assert_int_equal(counts.encounters, 1);
}

/* Puts ids in an order of its own; how many were new. */
static int put_many(const char *address, const struct gh_encounter *encounters, size_t count,
	size_t step, int other)
{
	struct store_options options = {
		.folder = "", .address = address, .now_ms = encounters[0].event_ms
	};
	struct store *store;
	int made = 0;

	if (store_open(&options, &store, NULL) != GH_OK)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct gh_encounter *encounter = &encounters[i * step % count];
		struct store_put put = { .kind = STORE_RECORD };
		struct store_put *puts[] = { &put };

		put.record = (struct store_record){ .encounter = encounter,
			.hash = { { (uint8_t)(encounter->id.bytes[3] % 2 ? other : 0) } },
			.peer = "lane-1",
			.wrapped_key = some,
			.sealed = some };
		if (store_put_all(store, puts, 1, NULL) != GH_OK)
			return -1;
		made += put.stored == STORED_NEW;
	}
	store_close(store);
	return made;
}

static void two_processes_store_an_id_once(void **state)
{
	enum {
		RECORDS = 101
	};
	static const size_t steps[] = { 1, 2, 1, 50 };
	static struct gh_encounter encounters[RECORDS];
	struct counter *counter = *state;
	int pipes[2];
	int made = 0, all = 0;

	for (uint64_t n = 0; n < RECORDS; n++)
		counter_record(counter, n + 1, some, &encounters[n]);
	assert_int_equal(pipe(pipes), 0);
	for (int child = 0; child < 4; child++) {
		if (fork() == 0) {
			made = put_many(counter->address, encounters, RECORDS, steps[child], child);
			_exit(write(pipes[1], &made, sizeof(made)) == sizeof(made) ? 0 : 1);
		}
	}
	for (int child = 0; child < 4; child++) {
		assert_int_equal(read(pipes[0], &made, sizeof(made)), sizeof(made));
		assert_true(made >= 0);
		all += made;
		wait(NULL);
	}
	close(pipes[0]);
	close(pipes[1]);
	assert_int_equal(all, RECORDS);
	assert_int_equal(ask(counter, "SELECT count(*) FROM encounter"), RECORDS);
	assert_int_equal(ask(counter, "SELECT count(*) FROM item"), RECORDS);
	assert_int_equal(ask(counter, "SELECT count(*) FROM passage"), RECORDS);
}

static void groups_that_overlap_do_not_wait_for_each_other(void **state)
{
	enum {
		RECORDS = 60
	};
	static struct gh_encounter encounters[RECORDS];
	struct counter *counter = *state;
	int status;

	for (uint64_t n = 0; n < RECORDS; n++)
		counter_record(counter, n + 1, some, &encounters[n]);
	for (int child = 0; child < 3; child++) {
		static struct store_put puts[RECORDS];
		struct store_put *list[RECORDS];
		struct store_options options = {
			.folder = "", .address = counter->address, .now_ms = encounters[0].event_ms
		};
		struct store *store;

		if (fork() != 0)
			continue;
		for (int i = 0; i < RECORDS; i++) {
			puts[i].kind = STORE_RECORD;
			puts[i].record = (struct store_record){
				.encounter = &encounters[child == 1 ? RECORDS - 1 - i : i],
				.peer = "lane-1",
				.wrapped_key = some,
				.sealed = some
			};
			list[i] = &puts[i];
		}
		if (store_open(&options, &store, NULL) != GH_OK)
			_exit(1);
		_exit(store_put_all(store, list, RECORDS, NULL) == GH_OK ? 0 : 2);
	}
	for (int child = 0; child < 3; child++) {
		wait(&status);
		assert_int_equal(status, 0);
	}
	assert_int_equal(ask(counter, "SELECT count(*) FROM encounter"), RECORDS);
}

/* One of the processes that make the tables of a new database; the rest of it is in its status. */
static void start_one(const struct counter *counter, const char *address)
{
	struct store_options options = {
		.folder = "", .address = address, .now_ms = counter->clock.real_ms
	};
	struct store *store;
	struct gh_error error;

	if (fork() != 0)
		return;
	if (store_open(&options, &store, &error) != GH_OK) {
		fprintf(stderr, "%s\n", error.text);
		_exit(1);
	}
	_exit(0);
}

/* Where they meet is chance: each round has another one. */
static void processes_that_start_together_make_the_tables_once(void **state)
{
	for (int round = 0; round < 5; round++) {
		char address[320];
		char answer[256];
		int status;

		server_new_address(&server, address);
		for (int child = 0; child < 6; child++)
			start_one(*state, address);
		for (int child = 0; child < 6; child++) {
			wait(&status);
			assert_int_equal(status, 0);
		}
		server_run(address, "SELECT count(*) FROM gatehouse_schema", answer);
		assert_string_equal(answer, "5");
	}
}

static void a_former_schema_is_brought_on(void **state)
{
	struct counter *counter = *state;
	struct gh_encounter encounter;
	struct store_device device = { .name = "lane-1", .port = "UTZ" };

	counter_record(counter, 1, some, &encounter);
	assert_int_equal(counter_put_record(counter, &encounter, code), 201);
	/* As it was left by the first version. */
	run(counter,
		"DROP TABLE device; DROP TABLE access; DROP TABLE certificate; DROP TABLE token;"
		"DROP TABLE heartbeat; DROP TABLE capture_step; DROP TABLE alarm;"
		"ALTER TABLE encounter DROP COLUMN photo_received_ms;"
		"DELETE FROM gatehouse_schema WHERE version > 1");
	counter_reopen(counter);
	assert_int_equal(store_put_device(counter->desk.store, &device, NULL), GH_OK);
	assert_int_equal(counter_put_record(counter, &encounter, code), 200);
}

static void a_newer_schema_and_another_program_are_refused(void **state)
{
	struct counter *counter = *state;
	struct store_options options = counter_store(counter);
	char address[320];
	struct store *store;

	run(counter, "INSERT INTO gatehouse_schema VALUES (99, now())");
	assert_int_equal(store_open(&options, &store, NULL), GH_UNSUPPORTED);
	server_new_address(&server, address);
	server_run(address, "CREATE TABLE voyage (captain text)", NULL);
	options.address = address;
	assert_int_equal(store_open(&options, &store, NULL), GH_UNSUPPORTED);
}

static void days_have_partitions_ahead_and_lose_them(void **state)
{
	struct counter *counter = *state;
	struct store *store = counter->desk.store;
	const struct store_limits limits = { .record_days = 3, .access_days = 1 };
	struct gh_encounter encounter;
	int64_t now_ms = counter->clock.real_ms;

	assert_int_equal(ask(counter,
				 "SELECT count(*) FROM pg_inherits"
				 " WHERE inhparent = 'encounter'::regclass"),
		11);
	/* Its clock is two weeks ahead: it has its place, and moves when that day comes. */
	counter_record(counter, 1, some, &encounter);
	encounter.event_ms += 14 * STORE_DAY_MS;
	assert_int_equal(counter_put_record(counter, &encounter, code), 201);
	assert_int_equal(ask(counter, "SELECT count(*) FROM encounter_default"), 1);
	now_ms += 9 * STORE_DAY_MS;
	assert_int_equal(store_keep_days(store, now_ms, &limits, NULL), GH_OK);
	assert_int_equal(ask(counter, "SELECT count(*) FROM encounter_default"), 0);
	assert_int_equal(ask(counter, "SELECT count(*) FROM encounter"), 1);
	assert_int_equal(ask(counter, "SELECT count(*) FROM sealed"), 1);
	/* Those of the first days are gone with their files. */
	assert_int_equal(ask(counter,
				 "SELECT count(*) FROM pg_inherits"
				 " WHERE inhparent = 'encounter'::regclass"),
		3 + 1 + 7 + 1);
	assert_int_equal(ask(counter,
				 "SELECT count(*) FROM pg_inherits"
				 " WHERE inhparent = 'access'::regclass"),
		1 + 1 + 7 + 1);
	assert_int_equal(counter_put_record(counter, &encounter, code), 200);
}

static void note_row(void *ctx, const struct store_row *row)
{
	(void)row;
	(*(int *)ctx)++;
}

static void a_list_waits_for_what_is_under_way(void **state)
{
	struct counter *counter = *state;
	struct store_options options = counter_store(counter);
	struct gh_encounter encounter;
	struct store_put put = { .kind = STORE_RECORD };
	struct store_put *puts[] = { &put };
	struct store *store;
	PGconn *other = PQconnectdb(counter->address);
	int rows = 0;

	options.list_delay_ms = 1300;
	assert_int_equal(store_open(&options, &store, NULL), GH_OK);
	counter_record(counter, 1, some, &encounter);
	put.record = (struct store_record){
		.encounter = &encounter, .peer = "lane-1", .wrapped_key = some, .sealed = some
	};
	assert_int_equal(store_put_all(store, puts, 1, NULL), GH_OK);
	assert_int_equal(store_list_records(store, 0, 10, note_row, &rows, NULL), GH_OK);
	assert_int_equal(rows, 0);
	for (int n = 0; n < 100 && rows == 0; n++) {
		server_wait(50);
		assert_int_equal(store_list_records(store, 0, 10, note_row, &rows, NULL), GH_OK);
	}
	assert_int_equal(rows, 1);

	/* Kept waiting longer than readers wait for it, it is refused and nothing of it there. */
	counter_record(counter, 2, some, &encounter);
	PQclear(PQexec(other, "BEGIN; LOCK TABLE encounter IN EXCLUSIVE MODE"));
	if (fork() == 0) {
		server_wait(600);
		PQclear(PQexec(other, "COMMIT"));
		_exit(0);
	}
	assert_int_equal(store_put_all(store, puts, 1, NULL), GH_BUSY);
	wait(NULL);
	assert_int_equal(ask(counter, "SELECT count(*) FROM item"), 1);
	assert_int_equal(store_put_all(store, puts, 1, NULL), GH_OK);
	assert_int_equal(put.stored, STORED_NEW);
	PQfinish(other);
	store_close(store);
}

static void accesses_say_what_came_of_them(void **state)
{
	struct counter *counter = *state;
	struct gh_encounter encounter;

	counter_record(counter, 1, some, &encounter);
	assert_int_equal(counter_put_record(counter, &encounter, code), 201);
	assert_int_equal(counter_put_record(counter, &encounter, code), 200);
	encounter.answer_ms++;
	assert_int_equal(counter_put_record(counter, &encounter, code), 409);
	strcpy(counter->peer, "lane-9");
	assert_int_equal(counter_put_record(counter, &encounter, code), 403);
	assert_int_equal(ask(counter,
				 "SELECT string_agg(status::text, '' ORDER BY status)"
				 " FROM access WHERE action = 'putEncounter'"
				 " AND length(item) = 36 AND role = 'lane'"),
		200201403409);
	assert_int_equal(ask(counter, "SELECT count(*) FROM access WHERE peer = 'lane-9'"), 1);
}

static void a_server_that_is_not_there_is_told_at_once(void **state)
{
	struct store_options options = { .folder = "",
		.address = "postgresql://user:secret@/x?host=/nonexistent" };
	struct gh_error error = GH_ERROR_NONE;
	struct store *store;

	assert_int_equal(store_open(&options, &store, &error), GH_OFFLINE);
	assert_null(store);
	assert_null(strstr(error.text, "secret"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_server_that_goes_loses_nothing),
		TEST(a_session_that_is_ended_comes_back),
		TEST(two_processes_store_an_id_once),
		TEST(groups_that_overlap_do_not_wait_for_each_other),
		TEST(processes_that_start_together_make_the_tables_once),
		TEST(a_former_schema_is_brought_on),
		TEST(a_newer_schema_and_another_program_are_refused),
		TEST(days_have_partitions_ahead_and_lose_them),
		TEST(a_list_waits_for_what_is_under_way),
		TEST(accesses_say_what_came_of_them),
		cmocka_unit_test(a_server_that_is_not_there_is_told_at_once),
	};
	const char *missing;
	int failed;

	gh_log_set_level((enum gh_log_level)0);
	missing = server_start(&server, true);
	if (missing)
		print_message("PostgreSQL is missing: %s\n", missing);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	server_stop(&server);
	return failed;
}
