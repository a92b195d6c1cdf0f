/* SPDX-License-Identifier: Apache-2.0 */
/* What lies on the disk, byte by byte: nothing of a person ever, no erased key after its round. */
#define _XOPEN_SOURCE 700

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "gatehouse/base/log.h"
#include "support/erasure/station.h"

#define RECORDS 20u

static struct station lane;

/* What is looked for, and in how many files it was found. */
static struct gh_view wanted;
static unsigned found_in;
static char found_name[512];

static int look(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;

	(void)status;
	(void)walk;
	if (kind != FTW_F)
		return 0;
	assert_int_equal(gh_file_read(path, 1u << 26, &bytes, NULL), GH_OK);
	for (size_t i = 0; i + wanted.length_bytes <= bytes.length_bytes; i++)
		if (bytes.data[i] == wanted.data[0] &&
			memcmp(bytes.data + i, wanted.data, wanted.length_bytes) == 0) {
			found_in++;
			snprintf(found_name, sizeof(found_name), "%s", path);
			break;
		}
	gh_bytes_finish(&bytes);
	return 0;
}

static unsigned files_with(struct gh_view bytes)
{
	wanted = bytes;
	found_in = 0;
	assert_int_equal(nftw(lane.folder, look, 16, FTW_PHYS), 0);
	return found_in;
}

static void expect_in_no_file(struct gh_view bytes, const char *what)
{
	if (files_with(bytes) > 0)
		fail_msg("%s is in %s", what, found_name);
}

static const uint8_t jpeg_begin[] = { 0xff, 0xd8, 0xff, 0xe0, 0, 0x10, 'J', 'F', 'I', 'F' };

static enum gh_status put_planted(uint32_t n)
{
	static uint8_t photo[4000];
	char json[200];
	struct gh_outbox_put put = { .id = station_id(n),
		.captured_ms = lane.clock.real_ms,
		.destroy_by_ms = lane.clock.real_ms + 12 * STATION_HOUR_MS };

	snprintf(json, sizeof(json),
		"{\"surname\":\"ERIKSSON\",\"given_names\":\"ANNA MARIA\",\"number\":\"L898902C3\","
		"\"n\":%u}",
		n);
	memset(photo, (int)n, sizeof(photo));
	memcpy(photo, jpeg_begin, sizeof(jpeg_begin));
	put.json = gh_view_of_text(json);
	put.photo = (struct gh_view){ photo, sizeof(photo) };
	return gh_outbox_put(lane.outbox, &put, NULL);
}

static void expect_nobody(void)
{
	expect_in_no_file(gh_view_of_text("ERIKSSON"), "a name");
	expect_in_no_file(gh_view_of_text("ANNA MARIA"), "a name");
	expect_in_no_file(gh_view_of_text("L898902C3"), "a document's number");
	expect_in_no_file((struct gh_view){ jpeg_begin, sizeof(jpeg_begin) }, "a photograph");
	expect_in_no_file(gh_view_of_text("JFIF"), "a photograph");
}

static unsigned keys_in_files(void)
{
	unsigned count = 0;

	/* The wrapped key alone, without the generation in front of it, which is no secret. */
	for (size_t i = 0; i < lane.key_count; i++)
		count += files_with((struct gh_view){
				 lane.keys[i].wrapped + 9, lane.keys[i].length - 9 }) > 0;
	return count;
}

static void tick_on(int64_t ms)
{
	struct gh_error error = GH_ERROR_NONE;

	station_wait(&lane, ms);
	if (gh_erasure_tick(lane.erasure, &error) != GH_OK)
		fail_msg("%s", error.text);
}

static void the_search_finds_what_lies_open(void **state)
{
	(void)state;
	assert_int_equal(gh_file_replace(station_place(&lane, "left_behind"),
				 gh_view_of_text("....ERIKSSON...."), 0600, NULL),
		GH_OK);
	assert_int_equal(files_with(gh_view_of_text("ERIKSSON")), 1);
}

/* Deleting a key is not enough, which is why there are rounds: the log and copies have it still. */
static void a_deleted_key_lies_about_until_its_round_and_not_after(void **state)
{
	(void)state;
	tick_on(0);
	for (uint32_t n = 1; n <= RECORDS; n++)
		assert_int_equal(put_planted(n), GH_OK);
	assert_int_equal(lane.key_count, 2 * RECORDS);
	expect_nobody();
	for (uint32_t i = 0; i < RECORDS; i++)
		assert_int_equal(station_deliver(&lane), GH_OK);
	tick_on(60000);
	expect_nobody();
	assert_int_equal(keys_in_files(), 2 * RECORDS);
	tick_on(STATION_HOUR_MS);
	assert_int_equal(station_state(&lane).pending, 0);
	/* Neither the erased ones nor an older form of the living. */
	assert_int_equal(keys_in_files(), 0);
	expect_nobody();
	/* The limit: photographs that never went out. */
	for (int i = 0; i < 12 * 60; i++)
		tick_on(60000);
	tick_on(STATION_HOUR_MS);
	assert_int_equal(station_state(&lane).pending, 0);
	assert_int_equal(keys_in_files(), 0);
	expect_nobody();
}

/* Many records come and go through split and merged pages: no page keeps a key of before. */
static void pages_that_were_split_or_freed_keep_nothing(void **state)
{
	(void)state;
	tick_on(0);
	for (uint32_t turn = 0; turn < 6; turn++) {
		for (uint32_t n = 0; n < 60; n++)
			assert_int_equal(station_put(&lane, 1000 * turn + n, 12), GH_OK);
		for (uint32_t n = 0; n < 90; n++)
			assert_int_equal(station_deliver(&lane), GH_OK);
		tick_on(STATION_HOUR_MS / 2);
	}
	tick_on(STATION_HOUR_MS);
	tick_on(STATION_HOUR_MS);
	assert_int_equal(station_state(&lane).pending, 0);
	assert_int_equal(keys_in_files(), 0);
}

/* A copy of the folder without the keys' own, from before: its keys open no more. */
static void a_copy_of_the_outbox_from_before_opens_no_more(void **state)
{
	(void)state;
	tick_on(0);
	assert_int_equal(put_planted(1), GH_OK);
	while (station_deliver(&lane) == GH_OK)
		;
	assert_int_equal(station_unwrap_old(&lane, lane.provider, 1, GH_ITEM_PHOTO), GH_OK);
	tick_on(2 * STATION_HOUR_MS);
	tick_on(2 * STATION_HOUR_MS);
	assert_int_equal(station_unwrap_old(&lane, lane.provider, 1, GH_ITEM_PHOTO), GH_GONE);
	station_close(&lane);
	station_open(&lane);
	assert_int_equal(station_unwrap_old(&lane, lane.provider, 1, GH_ITEM_PHOTO), GH_GONE);
}

static int set_up(void **state)
{
	(void)state;
	station_make(&lane);
	station_open(&lane);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	station_remove(&lane);
	return 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_search_finds_what_lies_open),
		TEST(a_deleted_key_lies_about_until_its_round_and_not_after),
		TEST(pages_that_were_split_or_freed_keep_nothing),
		TEST(a_copy_of_the_outbox_from_before_opens_no_more),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
