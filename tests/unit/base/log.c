/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the log: what a line looks like, that it stays one line, and that threads do not mix. */
#include "gatehouse/base/log.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static int ends[2];

static int open_pipe(void **state)
{
	unsetenv("JOURNAL_STREAM");
	gh_log_set_level(GH_LOG_INFO);
	if (pipe(ends) != 0)
		return -1;
	gh_log_set_descriptor(ends[1]);
	return 0;
}

static int close_pipe(void **state)
{
	gh_log_set_descriptor(STDERR_FILENO);
	unsetenv("JOURNAL_STREAM");
	close(ends[0]);
	close(ends[1]);
	return 0;
}

/* What was written since the last look. */
static void expect(const char *expected)
{
	char text[8192];
	ssize_t length = read(ends[0], text, sizeof(text) - 1);

	assert_true(length > 0);
	text[length] = '\0';
	assert_string_equal(text, expected);
}

static void every_kind_of_field(void **state)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_id id = { { 0xf8, 0x1d, 0x4f, 0xae, 0x7d, 0xec, 0x41, 0xd0, 0xa7, 0x65, 0x00,
		0xa0, 0xc9, 0x1e, 0x6b, 0xf6 } };

	gh_error_set(&error, GH_FULL, "write /data/x: no room");
	gh_log(GH_LOG_INFO, "outbox", "put", gh_log_integer("bytes", -38211),
		gh_log_real("share", 0.8123456789), gh_log_word("mode", GH_WORD("egate")),
		gh_log_status("status", GH_OK), gh_log_id("record", &id),
		gh_log_place("socket", "/run/gatehouse/lane"), gh_log_error(&error));
	expect("outbox put bytes=-38211 share=0.812346 mode=egate status=ok "
	       "record=f81d4fae-7dec-41d0-a765-00a0c91e6bf6 socket=\"/run/gatehouse/lane\" "
	       "status=full error=\"write /data/x: no room\"\n");
}

static void an_event_without_fields(void **state)
{
	gh_log_bare(GH_LOG_NOTICE, "daemon", "ready");
	expect("daemon ready\n");
}

static void places_cannot_forge_lines_or_fields(void **state)
{
	gh_log(GH_LOG_INFO, "device", "open",
		gh_log_place("address", "/dev/x\" level=\"0\n<0>kernel panic\x1B[2J\x7F"));
	expect("device open address=\"/dev/x' level='0?<0>kernel panic?[2J?\"\n");
	gh_log(GH_LOG_INFO, "device", "open", gh_log_place("address", NULL), gh_log_error(NULL));
	expect("device open address=\"\"\n");
}

static void levels_above_the_set_one_are_silent(void **state)
{
	gh_log_set_level(GH_LOG_WARNING);
	gh_log_bare(GH_LOG_INFO, "a", "no");
	gh_log_bare(GH_LOG_NOTICE, "a", "no");
	gh_log_bare(GH_LOG_WARNING, "a", "yes");
	gh_log_bare(GH_LOG_ERROR, "a", "yes");
	expect("a yes\na yes\n");
}

/* Fields that do not fit are left out whole, the line is closed and says so. */
static void long_lines_end_with_dots(void **state)
{
	struct gh_log_field fields[8];
	char place[480];
	char text[4096];
	ssize_t length;

	memset(place, 'p', sizeof(place) - 1);
	place[sizeof(place) - 1] = '\0';
	for (size_t i = 0; i < 8; i++)
		fields[i] = gh_log_place("k", place);
	gh_log_write(GH_LOG_INFO, GH_WORD("a"), GH_WORD("b"), fields, 8);
	length = read(ends[0], text, sizeof(text));
	assert_in_range(length, 1000, 2047);
	assert_memory_equal(text + length - 7, "p\" ...\n", 7);
	assert_ptr_equal(memchr(text, '\n', (size_t)length), text + length - 1);
}

static void the_prefix_is_for_the_journal_only(void **state)
{
	struct stat found;
	char stream[64];

	setenv("JOURNAL_STREAM", "1:1", 1);
	gh_log_set_descriptor(ends[1]);
	gh_log_bare(GH_LOG_ERROR, "a", "b");
	expect("a b\n");

	assert_int_equal(fstat(ends[1], &found), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)found.st_dev,
		(unsigned long long)found.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	gh_log_set_descriptor(ends[1]);
	gh_log_bare(GH_LOG_ERROR, "a", "b");
	gh_log_bare(GH_LOG_INFO, "a", "c");
	expect("<3>a b\n<6>a c\n");

	setenv("JOURNAL_STREAM", "rubbish", 1);
	gh_log_set_descriptor(ends[1]);
	gh_log_bare(GH_LOG_ERROR, "a", "b");
	expect("a b\n");
}

static void a_closed_log_stops_nobody(void **state)
{
	gh_log_set_descriptor(-1);
	gh_log_bare(GH_LOG_ERROR, "a", "b");
}

#define THREADS 4
#define LINES 100

static void *write_many(void *number)
{
	for (int i = 0; i < LINES; i++)
		gh_log(GH_LOG_INFO, "thread", "line",
			gh_log_integer("number", *(const int *)number),
			gh_log_place("pad", "01234567890123456789"),
			gh_log_integer("end", *(const int *)number));
	return NULL;
}

static void lines_of_threads_do_not_mix(void **state)
{
	static const int numbers[THREADS] = { 10, 11, 12, 13 };
	pthread_t threads[THREADS];
	char line[256];
	int lines = 0;
	FILE *reader = fdopen(dup(ends[0]), "r");

	assert_non_null(reader);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, write_many, (void *)&numbers[i]), 0);
	while (lines < THREADS * LINES && fgets(line, sizeof(line), reader)) {
		int number;
		int end;

		assert_int_equal(sscanf(line,
					 "thread line number=%d pad=\"01234567890123456789\" "
					 "end=%d\n",
					 &number, &end),
			2);
		assert_int_equal(number, end);
		lines++;
	}
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	fclose(reader);
	assert_int_equal(lines, THREADS * LINES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_pipe, close_pipe)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(every_kind_of_field),
		TEST(an_event_without_fields),
		TEST(places_cannot_forge_lines_or_fields),
		TEST(levels_above_the_set_one_are_silent),
		TEST(long_lines_end_with_dots),
		TEST(the_prefix_is_for_the_journal_only),
		TEST(a_closed_log_stops_nobody),
		TEST(lines_of_threads_do_not_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
