/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of voyages: wrapped anew while they live, told of when they end, once, over crashes too. */
#include "gatehouse/gallery/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "gatehouse/base/log.h"
#include "support/folder.h"
#include "support/gallery/specimen_set.h"

/* What was told. */
static struct gh_gallery_erased told[8];
static size_t told_count;
static enum gh_status answer;

static enum gh_status hear(void *ctx, const struct gh_gallery_erased *story, struct gh_error *error)
{
	(void)ctx;
	if (answer != GH_OK)
		return gh_error_set(error, answer, "not heard");
	assert_true(told_count < 8);
	told[told_count++] = *story;
	return GH_OK;
}

static int begin(void **state)
{
	int result = set_begin(state);

	told_count = 0;
	answer = GH_OK;
	set.options.erased = hear;
	set_restart();
	return result;
}

static const char *place(const char *suffix)
{
	static char path[2][600];
	static int turn;
	struct gh_id id = specimen_id(A);
	char text[GH_ID_TEXT_BYTES];

	turn = !turn;
	gh_id_format(&id, text);
	snprintf(path[turn], sizeof(path[turn]), "%s/%s.%s", set.folder, text, suffix);
	return path[turn];
}

static struct gh_bytes read_key(void)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;

	assert_int_equal(gh_file_read(place("key"), 4096, &bytes, NULL), GH_OK);
	return bytes;
}

static void load(uint32_t version)
{
	assert_int_equal(set_load(A, version, 5, 1), GH_OK);
	specimen_enrol_all(&set);
}

static void change_masters(void)
{
	assert_int_equal(gh_provider_begin_change(set.provider, NULL), GH_OK);
	assert_int_equal(gh_gallery_rewrap(set.gallery, NULL), GH_OK);
	assert_int_equal(gh_provider_finish_change(set.provider, NULL), GH_OK);
}

static void a_voyage_lives_through_a_change_of_masters(void **state)
{
	(void)state;
	load(1);
	struct gh_bytes before = read_key();

	change_masters();
	struct gh_bytes after = read_key();
	assert_false(gh_view_equal(gh_bytes_view(&before), gh_bytes_view(&after)));
	assert_int_equal(gh_provider_wrapped_generation(gh_bytes_view(&after)),
		gh_provider_generation(set.provider));
	set_restart();
	assert_true(set_matched(3, A));
	assert_int_equal(told_count, 0);
	gh_bytes_finish(&before);
	gh_bytes_finish(&after);
}

/* A file of before, put back, is of no use: it is set aside, and so is the voyage. */
static void an_old_key_file_put_back_opens_nothing(void **state)
{
	(void)state;
	load(1);
	struct gh_bytes before = read_key();

	change_masters();
	assert_int_equal(gh_file_replace(place("key"), gh_bytes_view(&before), 0600, NULL), GH_OK);
	set_restart();
	assert_int_equal(gh_gallery_state(set.gallery).voyages, 0);
	gh_bytes_finish(&before);
}

static void a_damaged_key_does_not_stop_the_change(void **state)
{
	(void)state;
	load(1);
	assert_int_equal(gh_file_replace(place("key"), gh_view_of_text("x"), 0600, NULL), GH_OK);
	change_masters();
}

static void the_end_of_a_voyage_is_told_with_its_times(void **state)
{
	struct gh_id id = specimen_id(A);
	int64_t loaded_ms = set.clock.real_ms;

	(void)state;
	load(1);
	gh_clock_manual_advance(&set.clock, (uint64_t)HOUR_MS * 1000);
	assert_int_equal(gh_gallery_drop(set.gallery, &id, NULL), GH_OK);
	assert_int_equal(told_count, 1);
	assert_true(gh_id_equal(&told[0].voyage, &id));
	assert_int_equal(told[0].loaded_ms, loaded_ms);
	/* It departs in two hours and is kept two more. */
	assert_int_equal(told[0].limit_ms, loaded_ms + 4 * HOUR_MS);
	assert_int_equal(told[0].deleted_ms, loaded_ms + HOUR_MS);
	assert_true(told[0].withdrawn);
	assert_int_not_equal(access(place("key"), F_OK), 0);
	assert_int_not_equal(access(place("erased"), F_OK), 0);
	load(1);
	gh_clock_manual_advance(&set.clock, (uint64_t)HOUR_MS * 5000);
	assert_int_equal(gh_gallery_expire(set.gallery), 1);
	assert_int_equal(told_count, 2);
	assert_false(told[1].withdrawn);
}

/* The deletion could not be told: it is told later, and a new key waits for that. */
static void what_could_not_be_told_is_told_later(void **state)
{
	struct gh_id id = specimen_id(A);

	(void)state;
	load(1);
	answer = GH_FULL;
	assert_int_equal(gh_gallery_drop(set.gallery, &id, NULL), GH_FULL);
	assert_int_not_equal(access(place("key"), F_OK), 0);
	assert_int_equal(access(place("erased"), F_OK), 0);
	answer = GH_OK;
	load(1);
	assert_int_equal(told_count, 1);
	assert_int_equal(access(place("key"), F_OK), 0);
	assert_int_not_equal(access(place("erased"), F_OK), 0);
	assert_int_equal(gh_gallery_expire(set.gallery), 0);
	assert_int_equal(told_count, 1);
}

/* A crash after the note: the key is there still. The start ends it and serves nothing of it. */
static void a_note_beside_a_key_is_an_erasure_to_be_ended(void **state)
{
	static const uint8_t note[26] = { 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1 };

	(void)state;
	load(1);
	specimen_gallery_stop(&set);
	assert_int_equal(gh_file_replace(place("erased"), (struct gh_view){ note, sizeof(note) },
				 0600, NULL),
		GH_OK);
	/* The outbox is full: it starts all the same, without the voyage. */
	answer = GH_FULL;
	assert_int_equal(specimen_gallery_start(&set, NULL), GH_OK);
	assert_int_equal(gh_gallery_state(set.gallery).voyages, 0);
	answer = GH_OK;
	assert_int_equal(gh_gallery_expire(set.gallery), 0);
	assert_int_equal(told_count, 1);
	assert_int_equal(told[0].loaded_ms, INT64_C(1) << 40);
	assert_int_equal(gh_gallery_state(set.gallery).voyages, 0);
	assert_int_not_equal(access(place("key"), F_OK), 0);
	assert_int_not_equal(access(place("erased"), F_OK), 0);
}

static void what_is_held_is_reported_with_the_earliest_limit(void **state)
{
	struct gh_gallery_held held[GH_GALLERY_VOYAGES_MAX];

	(void)state;
	assert_int_equal(gh_gallery_held(set.gallery, held, GH_GALLERY_VOYAGES_MAX), 0);
	load(1);
	assert_int_equal(gh_gallery_held(set.gallery, held, GH_GALLERY_VOYAGES_MAX), 1);
	assert_int_equal(held[0].persons, 5);
	assert_int_equal(held[0].templates, 5);
	assert_int_equal(held[0].loaded_ms, set.clock.real_ms);
	assert_int_equal(held[0].end_limit_ms, set.clock.real_ms + 4 * HOUR_MS);
	assert_int_equal(held[0].kept_limit_ms, set.clock.real_ms + set.options.kept_max_ms);
	assert_int_equal(held[0].limit_ms, held[0].end_limit_ms);
	assert_int_equal(gh_gallery_held(set.gallery, held, 0), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, set_end)
	const struct CMUnitTest tests[] = {
		TEST(a_voyage_lives_through_a_change_of_masters),
		TEST(an_old_key_file_put_back_opens_nothing),
		TEST(a_damaged_key_does_not_stop_the_change),
		TEST(the_end_of_a_voyage_is_told_with_its_times),
		TEST(what_could_not_be_told_is_told_later),
		TEST(a_note_beside_a_key_is_an_erasure_to_be_ended),
		TEST(what_is_held_is_reported_with_the_earliest_limit),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
