/* SPDX-License-Identifier: Apache-2.0 */
/* Deleted keys become rows, keys are wrapped anew without their bodies, and nothing is lost. */
#include "gatehouse/outbox/erasing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "gatehouse/base/file.h"
#include "gatehouse/base/log.h"
#include "support/outbox/box.h"

static int make_box(void **state)
{
	struct box *box = calloc(1, sizeof(*box));

	box_make(box, NULL);
	box->clock.quality = GH_CLOCK_SYNCED;
	box_open(box);
	*state = box;
	return 0;
}

static int remove_box(void **state)
{
	box_remove(*state);
	free(*state);
	return 0;
}

static size_t read_rows(struct box *box, uint64_t after, uint64_t generation,
	struct gh_erasing rows[GH_ERASING_READ_MAX])
{
	size_t count;

	assert_int_equal(
		gh_outbox_erasing_read(box->outbox, after, generation, rows, &count, NULL), GH_OK);
	return count;
}

static void nobody(void *ctx, const struct gh_id *encounter)
{
	(void)ctx;
	(void)encounter;
}

static void each_deletion_leaves_a_row_with_its_story(void **state)
{
	static struct gh_erasing rows[GH_ERASING_READ_MAX];
	struct box *box = *state;
	struct gh_id id = box_id('e', 1);
	int64_t put_ms = box->clock.real_ms;

	assert_int_equal(box_put(box, 1, 100, NULL), GH_OK);
	assert_int_equal(read_rows(box, 0, 9, rows), 0);
	gh_clock_manual_advance(&box->clock, 60000000);
	box_deliver(box, GH_ITEM_ENCOUNTER, &id);
	box->clock.quality = GH_CLOCK_UNSYNCED;
	box->clock.real_ms += 3600000;
	assert_int_equal(
		gh_outbox_expire_photos(box->outbox, box->clock.real_ms, nobody, NULL, NULL),
		GH_OK);
	assert_int_equal(read_rows(box, 0, 9, rows), 2);
	assert_int_equal(rows[0].serial, 1);
	assert_true(gh_id_equal(&rows[0].id, &id));
	assert_int_equal(rows[0].what, GH_ERASED_RECORD);
	assert_int_equal(rows[0].why, GH_ERASED_ACKNOWLEDGED);
	assert_int_equal(rows[0].captured_ms, put_ms);
	assert_int_equal(rows[0].limit_ms, put_ms + 3600000);
	assert_int_equal(rows[0].deleted_ms, put_ms + 60000);
	assert_int_equal(rows[0].clock_step_ms, 0);
	assert_int_equal(rows[1].what, GH_ERASED_PHOTO);
	assert_int_equal(rows[1].why, GH_ERASED_LIMIT);
	assert_int_equal(rows[1].quality, GH_CLOCK_UNSYNCED);
	assert_int_equal(rows[1].clock_step_ms, 3600000);
	assert_int_equal(read_rows(box, 1, 9, rows), 1);
	assert_int_equal(rows[0].serial, 2);
}

static void rows_are_read_up_to_a_generation_in_their_order(void **state)
{
	static struct gh_erasing rows[GH_ERASING_READ_MAX];
	struct box *box = *state;
	struct gh_erasing voyage = { .id = box_id('v', 1), .what = GH_ERASED_GALLERY };

	for (uint64_t generation = 1; generation <= 3; generation++) {
		gh_outbox_expect_generation(box->outbox, generation);
		voyage.deleted_ms++;
		assert_int_equal(gh_outbox_erasing_add(box->outbox, &voyage, NULL), GH_OK);
	}
	voyage.deleted_ms++;
	gh_outbox_expect_generation(box->outbox, 2);
	assert_int_equal(gh_outbox_erasing_add(box->outbox, &voyage, NULL), GH_OK);
	assert_int_equal(read_rows(box, 0, 0, rows), 0);
	assert_int_equal(read_rows(box, 0, 2, rows), 2);
	assert_int_equal(read_rows(box, 0, 3, rows), 4);
	assert_int_equal(rows[3].generation, 3);
}

/* At an opening the provider's word counts: nothing is under a master that was never made. */
static void a_generation_that_never_came_is_taken_back_at_the_opening(void **state)
{
	static struct gh_erasing rows[GH_ERASING_READ_MAX];
	struct box *box = *state;
	struct gh_erasing voyage = { .id = box_id('v', 1), .what = GH_ERASED_GALLERY };

	gh_outbox_expect_generation(box->outbox, 8);
	assert_int_equal(gh_outbox_erasing_add(box->outbox, &voyage, NULL), GH_OK);
	box->options.generation = 7;
	box_reopen(box);
	assert_int_equal(read_rows(box, 0, 7, rows), 1);
}

static void what_is_logged_goes_and_its_serials_never_come_again(void **state)
{
	static struct gh_erasing rows[GH_ERASING_READ_MAX];
	struct box *box = *state;
	struct gh_erasing voyage = { .id = box_id('v', 1), .what = GH_ERASED_GALLERY };
	struct gh_erasing_state now;

	for (int i = 0; i < 6; i++) {
		/* Each twice: what a crash repeats is one erasure still. */
		voyage.deleted_ms = i / 2;
		assert_int_equal(gh_outbox_erasing_add(box->outbox, &voyage, NULL), GH_OK);
	}
	assert_int_equal(gh_outbox_erasing_done(box->outbox, 2, 1, NULL), GH_OK);
	assert_int_equal(gh_outbox_erasing_done(box->outbox, 2, 1, NULL), GH_OK);
	assert_int_equal(gh_outbox_erasing_state(box->outbox, &now, NULL), GH_OK);
	assert_int_equal(now.pending, 1);
	assert_int_equal(now.logged_serial, 2);
	assert_int_equal(now.logged_batch, 1);
	/* A log that is ahead of this database. */
	assert_int_equal(gh_outbox_erasing_done(box->outbox, 50, 9, NULL), GH_OK);
	box_reopen(box);
	assert_int_equal(gh_outbox_erasing_add(box->outbox, &voyage, NULL), GH_OK);
	assert_int_equal(read_rows(box, 0, 99, rows), 1);
	assert_int_equal(rows[0].serial, 51);
}

static int64_t number_of(struct box *box, const char *sql)
{
	sqlite3 *handle;
	sqlite3_stmt *statement;
	int64_t number;

	box_close(box);
	assert_int_equal(sqlite3_open(box_path(box, "outbox.db"), &handle), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(handle);
	box_open(box);
	return number;
}

/* More than a transaction's worth, records and photographs: all open after two changes. */
static void every_key_is_wrapped_anew_and_every_body_opens(void **state)
{
	struct box *box = *state;

	for (uint32_t n = 0; n < 300; n++)
		assert_int_equal(box_put(box, n, n % 3 ? 50 : 0, NULL), GH_OK);
	for (uint8_t generation = 2; generation <= 3; generation++) {
		box->generation = generation;
		assert_int_equal(gh_outbox_rewrap(box->outbox, NULL), GH_OK);
	}
	assert_int_equal(number_of(box, "SELECT count(*) FROM key"), 500);
	assert_int_equal(
		number_of(box, "SELECT count(*) FROM key WHERE substr(wrapped, 1, 1) = x'03'"),
		500);
	for (int i = 0; i < 500; i++) {
		struct gh_item item;

		assert_int_equal(box_take(box, &item), GH_OK);
		assert_int_equal(gh_outbox_acknowledge(box->outbox, &item, NULL, NULL), GH_OK);
		gh_item_finish(&item);
	}
	assert_int_equal(number_of(box, "SELECT count(*) FROM key"), 0);
	assert_int_equal(number_of(box, "SELECT count(*) FROM erasing"), 500);
}

static void a_sealer_that_fails_leaves_all_as_it_was(void **state)
{
	struct box *box = *state;

	assert_int_equal(box_put(box, 1, 50, NULL), GH_OK);
	box->rewrap_says = GH_IO;
	assert_int_equal(gh_outbox_rewrap(box->outbox, NULL), GH_IO);
	box->rewrap_says = GH_OK;
	box->generation = 2;
	assert_int_equal(gh_outbox_rewrap(box->outbox, NULL), GH_OK);
	assert_int_equal(
		number_of(box, "SELECT count(*) FROM key WHERE substr(wrapped, 1, 1) = x'02'"), 2);
}

/* A key that opens never must not keep the masters from changing. */
static void a_damaged_key_does_not_stop_the_others(void **state)
{
	struct box *box = *state;
	struct gh_item item;

	for (uint32_t n = 0; n < 3; n++)
		assert_int_equal(box_put(box, n, 0, NULL), GH_OK);
	number_of(box, "SELECT 1");
	box_close(box);
	sqlite3 *handle;
	assert_int_equal(sqlite3_open(box_path(box, "outbox.db"), &handle), SQLITE_OK);
	assert_int_equal(sqlite3_exec(handle, "UPDATE key SET wrapped = x'01' WHERE number = 2",
				 NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(handle);
	box_open(box);
	box->generation = 2;
	assert_int_equal(gh_outbox_rewrap(box->outbox, NULL), GH_OK);
	box->generation = 3;
	assert_int_equal(box_take(box, &item), GH_OK);
	gh_item_finish(&item);
	assert_int_equal(box_take(box, &item), GH_INTEGRITY);
	assert_int_equal(box_take(box, &item), GH_OK);
	gh_item_finish(&item);
	assert_int_equal(box_state(box).quarantined, 1);
}

/* The masters change while a put is between sealing and storing: it seals once more. */
static void *interfering_ctx;

static enum gh_status (*real_seal)(void *ctx, struct gh_view context, struct gh_view plain,
	struct gh_bytes *wrapped, struct gh_bytes *sealed, struct gh_error *error);

static enum gh_status seal_and_change(void *ctx, struct gh_view context, struct gh_view plain,
	struct gh_bytes *wrapped, struct gh_bytes *sealed, struct gh_error *error)
{
	struct box *box = interfering_ctx;
	enum gh_status status = real_seal(ctx, context, plain, wrapped, sealed, error);

	if (box->generation == 1) {
		box->generation = 2;
		assert_int_equal(gh_outbox_rewrap(box->outbox, NULL), GH_OK);
	}
	return status;
}

static void a_key_wrapped_before_a_change_is_not_stored_after_it(void **state)
{
	struct box *box = *state;
	struct gh_id id = box_id('a', 1);
	struct gh_id encounter = box_id('e', 1);

	interfering_ctx = box;
	box_close(box);
	real_seal = box->options.sealer.seal;
	box->options.sealer.seal = seal_and_change;
	box_open(box);
	assert_int_equal(box_put(box, 1, 50, NULL), GH_OK);
	box->generation = 1;
	assert_int_equal(gh_outbox_put_addendum(box->outbox, &id, &encounter, gh_view_of_text("{}"),
				 GH_SETTLES_NOTHING, NULL),
		GH_OK);
	assert_int_equal(
		number_of(box, "SELECT count(*) FROM key WHERE substr(wrapped, 1, 1) = x'02'"), 3);
}

static void a_checkpoint_leaves_no_write_ahead_log(void **state)
{
	struct box *box = *state;
	struct stat wal;

	assert_int_equal(box_put(box, 1, 50, NULL), GH_OK);
	assert_int_equal(stat(box_path(box, "outbox.db-wal"), &wal), 0);
	assert_true(wal.st_size > 0);
	assert_int_equal(gh_outbox_checkpoint(box->outbox, NULL), GH_OK);
	assert_int_equal(stat(box_path(box, "outbox.db-wal"), &wal), 0);
	assert_int_equal(wal.st_size, 0);
}

static void what_is_held_is_summed_up_by_kind_and_class(void **state)
{
	struct box *box = *state;
	struct gh_outbox_held held[GH_OUTBOX_HELD_MAX];
	struct gh_outbox_put put = { .json = gh_view_of_text("{}"), .captured_ms = 5000 };
	size_t count;

	for (uint32_t n = 0; n < 6; n++) {
		put.id = box_id('e', n);
		put.photo = n % 2 ? box_photo(n, 10) : (struct gh_view){ NULL, 0 };
		put.captured_ms = 5000 + n;
		put.destroy_by_ms = box->clock.real_ms + n * 1000;
		put.retention = n < 4 ? 1 : 2;
		assert_int_equal(gh_outbox_put(box->outbox, &put, NULL), GH_OK);
	}
	assert_int_equal(gh_outbox_held(box->outbox, held, &count, NULL), GH_OK);
	assert_int_equal(count, 4);
	assert_int_equal(held[2].kind, GH_ITEM_PHOTO);
	assert_int_equal(held[2].retention, 1);
	assert_int_equal(held[2].count, 2);
	assert_int_equal(held[2].body_bytes, 20);
	assert_int_equal(held[2].first_captured_ms, 5001);
	assert_int_equal(held[2].first_limit_ms, box->clock.real_ms + 1000);
	assert_int_equal(held[2].last_limit_ms, box->clock.real_ms + 3000);
	assert_int_equal(held[3].retention, 2);
	assert_int_equal(held[3].count, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_box, remove_box)
	const struct CMUnitTest tests[] = {
		TEST(each_deletion_leaves_a_row_with_its_story),
		TEST(rows_are_read_up_to_a_generation_in_their_order),
		TEST(a_generation_that_never_came_is_taken_back_at_the_opening),
		TEST(what_is_logged_goes_and_its_serials_never_come_again),
		TEST(every_key_is_wrapped_anew_and_every_body_opens),
		TEST(a_sealer_that_fails_leaves_all_as_it_was),
		TEST(a_damaged_key_does_not_stop_the_others),
		TEST(a_key_wrapped_before_a_change_is_not_stored_after_it),
		TEST(a_checkpoint_leaves_no_write_ahead_log),
		TEST(what_is_held_is_summed_up_by_kind_and_class),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
