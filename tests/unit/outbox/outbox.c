/* SPDX-License-Identifier: Apache-2.0 */
/* What is put stays until it is acknowledged, in order, within bounds, and once. */
#include "gatehouse/outbox/outbox.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../support/outbox/box.h"
#include "gatehouse/base/file.h"
#include "gatehouse/base/log.h"
#include "gatehouse/outbox/list.h"
#include "inside.h"

static bool disk_is_small;
static bool disk_is_read_only;
static uint64_t disk_free_bytes;

int __real_statvfs(const char *path, struct statvfs *disk);
int __wrap_statvfs(const char *path, struct statvfs *disk);

int __wrap_statvfs(const char *path, struct statvfs *disk)
{
	int result = __real_statvfs(path, disk);

	if (disk_is_small) {
		disk->f_frsize = 512;
		disk->f_bavail = disk_free_bytes / 512;
	}
	if (disk_is_read_only)
		disk->f_flag |= ST_RDONLY;
	return result;
}

static int make_box(void **state)
{
	struct box *box = calloc(1, sizeof(*box));

	box_make(box, NULL);
	box_open(box);
	*state = box;
	return 0;
}

static int remove_box(void **state)
{
	disk_is_small = false;
	box_remove(*state);
	free(*state);
	return 0;
}

static void assert_body(const struct gh_item *item, struct gh_view wanted)
{
	assert_int_equal(item->body.length_bytes, wanted.length_bytes);
	assert_memory_equal(item->body.data, wanted.data, wanted.length_bytes);
}

static enum gh_status put_addendum(
	struct box *box, uint32_t n, uint32_t encounter, enum gh_settles settles)
{
	struct gh_id id = box_id('a', n);
	struct gh_id of = box_id('e', encounter);

	return gh_outbox_put_addendum(box->outbox, &id, &of, box_json(n), settles, NULL);
}

static void an_empty_outbox_has_nothing(void **state)
{
	struct box *box = *state;
	struct gh_item item;
	uint64_t due_in_ms = 0;

	assert_int_equal(gh_outbox_take(box->outbox, &item, &due_in_ms, NULL), GH_NOT_FOUND);
	assert_true(due_in_ms == UINT64_MAX);
	assert_int_equal(box_state(box).waiting, 0);
	assert_int_equal(box_state(box).schema, GH_OUTBOX_SCHEMA);
	assert_false(box_state(box).full);
	gh_outbox_close(NULL);
	gh_item_finish(NULL);
}

static void a_record_goes_before_its_photo_and_addenda(void **state)
{
	struct box *box = *state;
	struct gh_id first = box_id('e', 1);
	struct gh_id second = box_id('e', 2);
	struct gh_id note = box_id('a', 7);
	struct gh_item record, item;

	assert_int_equal(box_put(box, 1, 5000, NULL), GH_OK);
	assert_int_equal(put_addendum(box, 7, 1, false), GH_OK);
	assert_int_equal(box_put(box, 2, 0, NULL), GH_OK);
	assert_int_equal(box_state(box).waiting, 4);

	assert_int_equal(box_take(box, &record), GH_OK);
	assert_true(gh_id_equal(&record.id, &first));
	assert_int_equal(record.kind, GH_ITEM_ENCOUNTER);
	assert_body(&record, box_json(1));
	/* While the first is out its photo and addendum are held, the second record is not. */
	assert_int_equal(box_take(box, &item), GH_OK);
	assert_true(gh_id_equal(&item.id, &second));
	assert_int_equal(gh_outbox_acknowledge(box->outbox, &item, NULL, NULL), GH_OK);
	gh_item_finish(&item);
	assert_int_equal(box_take(box, &item), GH_NOT_FOUND);

	assert_int_equal(gh_outbox_acknowledge(box->outbox, &record, NULL, NULL), GH_OK);
	gh_item_finish(&record);
	assert_int_equal(box_take(box, &item), GH_OK);
	assert_int_equal(item.kind, GH_ITEM_PHOTO);
	assert_true(gh_id_equal(&item.encounter, &first));
	assert_body(&item, box_photo(1, 5000));
	assert_int_equal(gh_outbox_acknowledge(box->outbox, &item, NULL, NULL), GH_OK);
	gh_item_finish(&item);
	box_deliver(box, GH_ITEM_ADDENDUM, &note);
	assert_int_equal(box_take(box, &item), GH_NOT_FOUND);
	assert_int_equal(box_state(box).acknowledged, 4);
}

static void an_addendum_to_a_delivered_record_waits_for_nothing(void **state)
{
	struct box *box = *state;
	struct gh_id record = box_id('e', 1);
	struct gh_id note = box_id('a', 1);

	assert_int_equal(box_put(box, 1, 0, NULL), GH_OK);
	box_deliver(box, GH_ITEM_ENCOUNTER, &record);
	assert_int_equal(put_addendum(box, 1, 1, false), GH_OK);
	box_deliver(box, GH_ITEM_ADDENDUM, &note);
}

static void the_same_bytes_are_there_and_others_are_a_conflict(void **state)
{
	struct box *box = *state;
	struct gh_id id = box_id('e', 1);
	struct gh_outbox_put other = { .id = id, .json = gh_view_of_text("{\"record\":2}") };

	assert_int_equal(box_put(box, 1, 100, NULL), GH_OK);
	assert_int_equal(box_put(box, 1, 100, NULL), GH_EXISTS);
	assert_int_equal(gh_outbox_put(box->outbox, &other, NULL), GH_CONFLICT);
	assert_int_equal(put_addendum(box, 1, 1, false), GH_OK);
	assert_int_equal(put_addendum(box, 1, 1, false), GH_EXISTS);
	assert_int_equal(box_state(box).waiting, 3);

	/* And so after it has been delivered, and after a restart. */
	box_deliver(box, GH_ITEM_ENCOUNTER, &id);
	assert_int_equal(box_put(box, 1, 100, NULL), GH_EXISTS);
	box_reopen(box);
	assert_int_equal(box_put(box, 1, 100, NULL), GH_EXISTS);
	assert_int_equal(gh_outbox_put(box->outbox, &other, NULL), GH_CONFLICT);
	assert_int_equal(box_state(box).waiting, 2);
	assert_int_equal(box_state(box).acknowledged, 1);
}

static void what_is_put_off_comes_when_it_is_due(void **state)
{
	struct box *box = *state;
	struct gh_item item;
	uint64_t due_in_ms = 0;

	assert_int_equal(box_put(box, 1, 0, NULL), GH_OK);
	assert_int_equal(box_take(box, &item), GH_OK);
	assert_int_equal(item.attempts, 0);
	assert_int_equal(gh_outbox_retry(box->outbox, &item, 2500, "http_503", NULL), GH_OK);
	gh_item_finish(&item);
	assert_int_equal(gh_outbox_take(box->outbox, &item, &due_in_ms, NULL), GH_NOT_FOUND);
	assert_int_equal(due_in_ms, 2500);
	gh_clock_manual_advance(&box->clock, 2499999);
	assert_int_equal(gh_outbox_take(box->outbox, &item, &due_in_ms, NULL), GH_NOT_FOUND);
	assert_int_equal(due_in_ms, 1);
	gh_clock_manual_advance(&box->clock, 1);
	assert_int_equal(gh_outbox_take(box->outbox, &item, &due_in_ms, NULL), GH_OK);
	assert_int_equal(item.attempts, 1);
	/* A delay beyond all clocks does not turn into the past. */
	assert_int_equal(gh_outbox_retry(box->outbox, &item, UINT64_MAX, "http_503", NULL), GH_OK);
	gh_item_finish(&item);
	assert_int_equal(gh_outbox_take(box->outbox, &item, &due_in_ms, NULL), GH_NOT_FOUND);
	/* A restart tries at once: due times count from a boot that may be over. */
	box_reopen(box);
	assert_int_equal(gh_outbox_take(box->outbox, &item, &due_in_ms, NULL), GH_OK);
	assert_int_equal(item.attempts, 2);
	gh_item_finish(&item);
}

static void fresh_items_pass_one_that_is_put_off(void **state)
{
	struct box *box = *state;
	struct gh_id second = box_id('e', 2);
	struct gh_id first = box_id('e', 1);
	struct gh_item item;

	assert_int_equal(box_put(box, 1, 0, NULL), GH_OK);
	assert_int_equal(box_take(box, &item), GH_OK);
	assert_int_equal(gh_outbox_retry(box->outbox, &item, 1000, "x", NULL), GH_OK);
	gh_item_finish(&item);
	assert_int_equal(box_put(box, 2, 0, NULL), GH_OK);
	box_deliver(box, GH_ITEM_ENCOUNTER, &second);
	gh_clock_manual_advance(&box->clock, 1000000);
	box_deliver(box, GH_ITEM_ENCOUNTER, &first);
}

static void what_was_being_sent_goes_out_again_after_a_restart(void **state)
{
	struct box *box = *state;
	struct gh_item item;

	assert_int_equal(box_put(box, 1, 10, NULL), GH_OK);
	assert_int_equal(box_take(box, &item), GH_OK);
	gh_item_finish(&item);
	assert_int_equal(box_state(box).sending, 1);
	box_reopen(box);
	assert_int_equal(box_state(box).sending, 0);
	assert_int_equal(box_state(box).waiting, 2);
	assert_int_equal(box_take(box, &item), GH_OK);
	gh_item_finish(&item);
}

static void keep_row(void *ctx, const struct gh_outbox_row *row)
{
	struct gh_outbox_row *kept = ctx;

	kept[1] = kept[0];
	kept[0] = *row;
}

static void what_is_refused_is_set_aside_with_its_reason(void **state)
{
	struct box *box = *state;
	struct gh_outbox_row rows[2] = { 0 };
	struct gh_id id = box_id('e', 1);
	struct gh_item item;

	assert_int_equal(box_put(box, 1, 10, NULL), GH_OK);
	assert_int_equal(box_take(box, &item), GH_OK);
	assert_int_equal(gh_outbox_quarantine(box->outbox, &item, "http_422", NULL), GH_OK);
	gh_item_finish(&item);
	assert_int_equal(box_take(box, &item), GH_NOT_FOUND);
	box_reopen(box);
	assert_int_equal(box_state(box).quarantined, 1);
	assert_int_equal(box_take(box, &item), GH_NOT_FOUND);
	assert_int_equal(gh_outbox_list(box->outbox, keep_row, rows, NULL), GH_OK);
	assert_string_equal(rows[1].state, "quarantined");
	assert_string_equal(rows[1].reason, "http_422");
	assert_int_equal(rows[1].attempts, 1);
	assert_string_equal(rows[0].state, "held");
	assert_int_equal(rows[0].kind, GH_ITEM_PHOTO);

	assert_int_equal(gh_outbox_release(box->outbox, &id, NULL), GH_OK);
	box_deliver(box, GH_ITEM_ENCOUNTER, &id);
	box_deliver(box, GH_ITEM_PHOTO, &id);
	assert_int_equal(gh_outbox_release(box->outbox, &id, NULL), GH_NOT_FOUND);
}

static void a_verdict_needs_an_item_that_is_out(void **state)
{
	struct box *box = *state;
	struct gh_item item = { .id = box_id('e', 1), .encounter = box_id('e', 1) };

	assert_int_equal(gh_outbox_acknowledge(box->outbox, &item, NULL, NULL), GH_NOT_FOUND);
	assert_int_equal(box_put(box, 1, 0, NULL), GH_OK);
	assert_int_equal(gh_outbox_acknowledge(box->outbox, &item, NULL, NULL), GH_WRONG_STATE);
	assert_int_equal(gh_outbox_retry(box->outbox, &item, 0, "x", NULL), GH_WRONG_STATE);
	assert_int_equal(gh_outbox_quarantine(box->outbox, &item, "x", NULL), GH_WRONG_STATE);
	assert_int_equal(box_state(box).waiting, 1);
}

static void a_body_that_cannot_be_opened_is_set_aside(void **state)
{
	struct box *box = *state;
	struct gh_id second = box_id('e', 2);
	struct gh_item item;

	assert_int_equal(box_put(box, 1, 0, NULL), GH_OK);
	assert_int_equal(box_put(box, 2, 0, NULL), GH_OK);
	box->open_says = GH_INTEGRITY;
	assert_int_equal(box_take(box, &item), GH_INTEGRITY);
	assert_null(item.body.data);
	box->open_says = GH_OK;
	box_deliver(box, GH_ITEM_ENCOUNTER, &second);
	assert_int_equal(box_state(box).quarantined, 1);
}

static void a_sealer_without_memory_or_key_is_no_damage(void **state)
{
	struct box *box = *state;
	struct gh_item item;

	box->seal_says = GH_NO_MEMORY;
	assert_int_equal(box_put(box, 1, 10, NULL), GH_NO_MEMORY);
	assert_int_equal(box_state(box).waiting, 0);
	box->seal_says = GH_OK;
	assert_int_equal(box_put(box, 1, 10, NULL), GH_OK);
	box->open_says = GH_NO_MEMORY;
	assert_int_equal(box_take(box, &item), GH_NO_MEMORY);
	assert_int_equal(box_state(box).quarantined, 0);
	box->open_says = GH_OK;
	gh_clock_manual_advance(&box->clock, 1000000);
	assert_int_equal(box_take(box, &item), GH_OK);
	gh_item_finish(&item);
}

/* Look for bytes in every file of the outbox. */
static bool on_disk(struct box *box, const char *text)
{
	static const char *const names[] = { "outbox.db", "outbox.db-wal" };
	bool found = false;

	for (int i = 0; i < 2; i++) {
		struct gh_bytes file = GH_BYTES_EMPTY;

		if (gh_file_read(box_path(box, names[i]), 1u << 30, &file, NULL) != GH_OK)
			continue;
		for (size_t at = 0; at + strlen(text) <= file.length_bytes; at++)
			found = found || memcmp(file.data + at, text, strlen(text)) == 0;
		gh_bytes_finish(&file);
	}
	return found;
}

static void bodies_touch_the_disk_only_sealed(void **state)
{
	struct box *box = *state;

	assert_int_equal(box_put(box, 1, 5000, NULL), GH_OK);
	assert_false(on_disk(box, "ANNA MARIA"));
	/* The search does find what is there unsealed. */
	box->options.sealer = (struct gh_sealer){ 0 };
	box_reopen(box);
	assert_int_equal(box_put(box, 2, 0, NULL), GH_OK);
	assert_true(on_disk(box, "ANNA MARIA"));
}

static void nobody_else_may_read_the_files(void **state)
{
	struct box *box = *state;

	assert_int_equal(box_put(box, 1, 0, NULL), GH_OK);
	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(box->folder, 0755), 0);
	pid_t child = fork();
	if (child == 0) {
		if (setuid(65534) != 0)
			_exit(9);
		_exit(access(box_path(box, "outbox.db"), R_OK) != 0 &&
					access(box_path(box, "outbox.db-wal"), R_OK) != 0
				? 0
				: 1);
	}
	int result;
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_int_equal(WEXITSTATUS(result), 0);
}

static void the_item_limit_leaves_room_for_addenda(void **state)
{
	struct box *box = *state;
	struct gh_error error;
	uint32_t n = 0;

	box->options.items_max = 32;
	box_reopen(box);
	while (box_put(box, n, 0, NULL) == GH_OK)
		n++;
	assert_int_equal(n, 30);
	assert_int_equal(box_put(box, n, 0, &error), GH_FULL);
	assert_true(box_state(box).full);
	assert_int_equal(put_addendum(box, 1, 1, false), GH_OK);
	assert_int_equal(put_addendum(box, 2, 2, false), GH_OK);
	assert_int_equal(put_addendum(box, 3, 3, false), GH_FULL);

	for (uint32_t i = 0; i < 4; i++) {
		struct gh_id id = box_id('e', i);
		box_deliver(box, GH_ITEM_ENCOUNTER, &id);
	}
	assert_int_equal(box_put(box, n, 0, NULL), GH_OK);
	assert_int_equal(box_put(box, n, 0, NULL), GH_EXISTS);
}

static void the_size_limit_holds_on_the_disk(void **state)
{
	struct box *box = *state;
	struct gh_outbox_state now;
	uint32_t n = 0;

	box->options.size_max_bytes = 16u << 20;
	box_reopen(box);
	while (box_put(box, n, 40000, NULL) == GH_OK)
		n++;
	now = box_state(box);
	assert_true(now.full);
	assert_true(now.size_bytes <= now.size_max_bytes);
	assert_true(now.size_bytes > now.size_max_bytes / 2);
	assert_int_equal(put_addendum(box, 1, 1, false), GH_OK);
	/* Room made is room again, without the file growing. */
	while (box_state(box).waiting > 0) {
		struct gh_item item;
		assert_int_equal(box_take(box, &item), GH_OK);
		assert_int_equal(gh_outbox_acknowledge(box->outbox, &item, NULL, NULL), GH_OK);
		gh_item_finish(&item);
	}
	assert_false(box_state(box).full);
	for (uint32_t i = 0; i < n / 2; i++)
		assert_int_equal(box_put(box, 1000 + i, 40000, NULL), GH_OK);
	assert_true(box_state(box).size_bytes <= now.size_max_bytes);
}

static void a_disk_that_runs_low_is_full_before_it_is(void **state)
{
	struct box *box = *state;
	struct gh_id id = box_id('e', 1);

	box->options.free_disk_min_bytes = 10u << 20;
	box_reopen(box);
	assert_int_equal(box_put(box, 1, 1000, NULL), GH_OK);
	disk_is_small = true;
	disk_free_bytes = (10u << 20) + 4096;
	assert_int_equal(box_put(box, 2, 1000, NULL), GH_FULL);
	assert_true(box_state(box).full);
	/* What is in still goes out. */
	box_deliver(box, GH_ITEM_ENCOUNTER, &id);
	disk_free_bytes = 30u << 20;
	assert_int_equal(box_put(box, 2, 1000, NULL), GH_OK);
	disk_free_bytes = 0;
	assert_int_equal(box_put(box, 3, 1000, NULL), GH_FULL);
}

static void a_body_beyond_the_limit_is_refused(void **state)
{
	struct box *box = *state;

	assert_int_equal(box_put(box, 1, GH_OUTBOX_BODY_BYTES_MAX, NULL), GH_OK);
	assert_int_equal(box_put(box, 2, GH_OUTBOX_BODY_BYTES_MAX + 1u, NULL), GH_TOO_LARGE);
	assert_int_equal(box_state(box).waiting, 2);
}

static void passages_are_kept_until_the_voyage_is_over(void **state)
{
	struct box *box = *state;
	struct gh_passage passage = { box_id('v', 1), box_id('p', 1) };
	struct gh_passage other = { box_id('v', 2), box_id('p', 1) };
	struct gh_outbox_put put = {
		.id = box_id('e', 1), .json = box_json(1), .passage = &passage
	};
	bool passed = true;

	assert_int_equal(gh_outbox_passed(box->outbox, &passage, &passed, NULL), GH_OK);
	assert_false(passed);
	assert_int_equal(gh_outbox_put(box->outbox, &put, NULL), GH_OK);
	assert_int_equal(gh_outbox_learn_passage(box->outbox, &other, NULL), GH_OK);
	assert_int_equal(gh_outbox_learn_passage(box->outbox, &other, NULL), GH_OK);
	box_reopen(box);
	assert_int_equal(gh_outbox_passed(box->outbox, &passage, &passed, NULL), GH_OK);
	assert_true(passed);
	assert_int_equal(gh_outbox_forget_voyage(box->outbox, &passage.voyage, NULL), GH_OK);
	assert_int_equal(gh_outbox_passed(box->outbox, &passage, &passed, NULL), GH_OK);
	assert_false(passed);
	assert_int_equal(gh_outbox_passed(box->outbox, &other, &passed, NULL), GH_OK);
	assert_true(passed);
}

static void count_calls(void *ctx, const struct gh_id *encounter)
{
	(void)encounter;
	(*(int *)ctx)++;
}

static int unsettled(struct box *box)
{
	int calls = 0;

	assert_int_equal(gh_outbox_unsettled(box->outbox, count_calls, &calls, NULL), GH_OK);
	return calls;
}

static void encounters_without_a_passage_addendum_are_told(void **state)
{
	struct box *box = *state;

	/* More than one batch of them. */
	for (uint32_t n = 0; n < 150; n++) {
		struct gh_outbox_put put = {
			.id = box_id('e', n), .json = box_json(n), .expects_passage = n % 2 == 0
		};
		assert_int_equal(gh_outbox_put(box->outbox, &put, NULL), GH_OK);
	}
	assert_int_equal(unsettled(box), 75);
	assert_int_equal(put_addendum(box, 1, 0, false), GH_OK);
	assert_int_equal(unsettled(box), 75);
	assert_int_equal(put_addendum(box, 2, 0, true), GH_OK);
	assert_int_equal(put_addendum(box, 3, 2, true), GH_OK);
	box_reopen(box);
	assert_int_equal(unsettled(box), 73);
	/* Delivered or not makes no difference. */
	struct gh_id fourth = box_id('e', 0);
	box_deliver(box, GH_ITEM_ENCOUNTER, &fourth);
	assert_int_equal(unsettled(box), 73);
}

static void a_disk_that_turned_read_only_is_told(void **state)
{
	struct box *box = *state;

	assert_true(box_state(box).writable);
	disk_is_read_only = true;
	assert_false(box_state(box).writable);
	assert_true(box_state(box).full);
	disk_is_read_only = false;
	assert_true(box_state(box).writable);
	assert_false(box_state(box).full);
}

struct words {
	int calls;
	int may_proceed;
	int64_t until_ms;
	int64_t since_ms;
	uint32_t referrals;
};

static void count_words(
	void *ctx, const struct gh_id *encounter, const struct gh_awaited_word *awaits)
{
	struct words *words = ctx;

	(void)encounter;
	words->calls++;
	words->may_proceed += awaits->may_proceed;
	words->until_ms += awaits->until_ms;
	words->since_ms += awaits->since_ms;
	words->referrals |= awaits->referrals;
}

static struct words awaited(struct box *box)
{
	struct words words = { 0 };

	assert_int_equal(gh_outbox_awaited(box->outbox, count_words, &words, NULL), GH_OK);
	return words;
}

static void words_that_are_awaited_outlive_a_restart(void **state)
{
	struct box *box = *state;
	struct gh_awaited_word word = {
		.may_proceed = true, .since_ms = 7, .until_ms = 1000, .referrals = 1u << 31
	};
	struct gh_id gate_failed = box_id('e', 1);

	/* More than one batch of them. */
	for (uint32_t n = 0; n < 150; n++) {
		struct gh_outbox_put put = {
			.id = box_id('e', n), .json = box_json(n), .awaits = n % 2 ? NULL : &word
		};
		word.may_proceed = n % 4 == 0;
		assert_int_equal(gh_outbox_put(box->outbox, &put, NULL), GH_OK);
	}
	assert_int_equal(awaited(box).calls, 75);
	assert_int_equal(awaited(box).may_proceed, 38);
	assert_int_equal(awaited(box).until_ms, 75000);
	assert_int_equal(put_addendum(box, 1, 0, GH_SETTLES_PASSAGE), GH_OK);
	assert_int_equal(awaited(box).calls, 75);
	assert_int_equal(put_addendum(box, 2, 0, GH_SETTLES_WORD), GH_OK);
	word = (struct gh_awaited_word){
		.may_proceed = true, .since_ms = 3, .until_ms = 5, .referrals = 1u << 3
	};
	assert_int_equal(gh_outbox_await(box->outbox, &gate_failed, &word, NULL), GH_OK);
	assert_int_equal(gh_outbox_await(box->outbox, &gate_failed, &word, NULL), GH_OK);
	box_reopen(box);
	assert_int_equal(awaited(box).calls, 75);
	assert_int_equal(awaited(box).may_proceed, 38);
	assert_int_equal(awaited(box).until_ms, 74005);
	assert_int_equal(awaited(box).since_ms, 74 * 7 + 3);
	assert_int_equal(awaited(box).referrals, 1u << 31 | 1u << 3);
	/* Delivered or not makes no difference. */
	struct gh_id fourth = box_id('e', 0);
	box_deliver(box, GH_ITEM_ENCOUNTER, &fourth);
	assert_int_equal(awaited(box).calls, 75);
}

struct erasure {
	struct box *box;
	bool tells;
	uint32_t calls;
};

static void tell_erased(void *ctx, const struct gh_id *encounter)
{
	struct erasure *erasure = ctx;
	struct gh_id id = box_id('x', box_number(encounter));

	erasure->calls++;
	if (erasure->tells)
		assert_int_equal(gh_outbox_put_addendum(erasure->box->outbox, &id, encounter,
					 box_json(9), false, NULL),
			GH_OK);
}

static uint32_t expire(struct box *box, bool tells)
{
	struct erasure erasure = { box, tells, 0 };

	assert_int_equal(gh_outbox_expire_photos(
				 box->outbox, box->clock.real_ms, tell_erased, &erasure, NULL),
		GH_OK);
	return erasure.calls;
}

static void photos_go_when_their_time_is_over_and_that_is_told(void **state)
{
	struct box *box = *state;
	struct gh_id id = box_id('e', 0);
	struct gh_item item;

	for (uint32_t n = 0; n < 70; n++)
		assert_int_equal(box_put(box, n, 100, NULL), GH_OK);
	assert_int_equal(box_put(box, 70, 0, NULL), GH_OK);
	assert_int_equal(expire(box, true), 0);
	gh_clock_manual_advance(&box->clock, UINT64_C(3600) * 1000000);
	/* One is being sent at that moment. */
	box_deliver(box, GH_ITEM_ENCOUNTER, &id);
	for (uint32_t n = 1; n <= 70; n++) {
		struct gh_id record = box_id('e', n);
		box_deliver(box, GH_ITEM_ENCOUNTER, &record);
	}
	assert_int_equal(box_take(box, &item), GH_OK);
	assert_int_equal(item.kind, GH_ITEM_PHOTO);

	/* Not told: they come again, also after a restart; told: never again. */
	assert_int_equal(expire(box, false), 70);
	assert_int_equal(gh_outbox_acknowledge(box->outbox, &item, NULL, NULL), GH_NOT_FOUND);
	gh_item_finish(&item);
	box_reopen(box);
	assert_int_equal(box_state(box).waiting, 0);
	assert_int_equal(put_addendum(box, 500, 0, false), GH_OK);
	assert_int_equal(expire(box, true), 70);
	assert_int_equal(expire(box, true), 0);
	assert_int_equal(box_state(box).waiting, 71);
}

static void a_second_owner_is_told_that_it_is_busy(void **state)
{
	struct box *box = *state;
	struct gh_outbox *second = NULL;
	int result;

	assert_int_equal(gh_outbox_open(&box->options, &second, NULL), GH_BUSY);
	assert_null(second);
	pid_t child = fork();
	if (child == 0)
		_exit(gh_outbox_open(&box->options, &second, NULL) == GH_BUSY ? 0 : 1);
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_int_equal(result, 0);
	assert_int_equal(box_put(box, 1, 0, NULL), GH_OK);
}

#define PUTTERS 4
#define PUTS_EACH 40

static void *put_many(void *ctx)
{
	struct box *box = ctx;
	static uint32_t next;

	for (int i = 0; i < PUTS_EACH; i++) {
		uint32_t n = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED);
		char json[64];
		struct gh_outbox_put put = { .id = box_id('e', n) };

		snprintf(json, sizeof(json), "{\"record\":%u}", n);
		put.json = gh_view_of_text(json);
		if (gh_outbox_put(box->outbox, &put, NULL) != GH_OK)
			return ctx;
	}
	return NULL;
}

static void threads_put_while_one_takes(void **state)
{
	struct box *box = *state;
	pthread_t threads[PUTTERS];
	bool seen[PUTTERS * PUTS_EACH] = { false };
	int taken = 0;

	for (int i = 0; i < PUTTERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, put_many, box), 0);
	while (taken < PUTTERS * PUTS_EACH) {
		struct gh_item item;

		if (box_take(box, &item) != GH_OK)
			continue;
		assert_false(seen[box_number(&item.id)]);
		seen[box_number(&item.id)] = true;
		assert_int_equal(gh_outbox_acknowledge(box->outbox, &item, NULL, NULL), GH_OK);
		gh_item_finish(&item);
		taken++;
	}
	for (int i = 0; i < PUTTERS; i++) {
		void *failed;
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(box_state(box).acknowledged, PUTTERS * PUTS_EACH);
}

static void receipts_are_kept_within_their_bound(void **state)
{
	struct box *box = *state;
	struct gh_id old = box_id('e', 1);
	struct gh_id middle = box_id('e', 2);

	assert_int_equal(box_put(box, 1, 0, NULL), GH_OK);
	box_deliver(box, GH_ITEM_ENCOUNTER, &old);
	assert_int_equal(box_put(box, 2, 0, NULL), GH_OK);
	box_deliver(box, GH_ITEM_ENCOUNTER, &middle);
	/* As if as many had been acknowledged since the first. */
	box_close(box);
	sqlite3 *handle;
	char sql[128];
	assert_int_equal(sqlite3_open(box_path(box, "outbox.db"), &handle), SQLITE_OK);
	snprintf(sql, sizeof(sql), "UPDATE sqlite_sequence SET seq = %d WHERE name = 'receipt'",
		GH_OUTBOX_RECEIPTS_KEPT);
	assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(handle);
	box_open(box);
	struct gh_id third = box_id('e', 3);
	assert_int_equal(box_put(box, 3, 0, NULL), GH_OK);
	box_deliver(box, GH_ITEM_ENCOUNTER, &third);
	assert_int_equal(box_put(box, 1, 0, NULL), GH_OK);
	assert_int_equal(box_put(box, 2, 0, NULL), GH_EXISTS);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_box, remove_box)
	const struct CMUnitTest tests[] = {
		TEST(an_empty_outbox_has_nothing),
		TEST(a_record_goes_before_its_photo_and_addenda),
		TEST(an_addendum_to_a_delivered_record_waits_for_nothing),
		TEST(the_same_bytes_are_there_and_others_are_a_conflict),
		TEST(what_is_put_off_comes_when_it_is_due),
		TEST(fresh_items_pass_one_that_is_put_off),
		TEST(what_was_being_sent_goes_out_again_after_a_restart),
		TEST(what_is_refused_is_set_aside_with_its_reason),
		TEST(a_verdict_needs_an_item_that_is_out),
		TEST(a_body_that_cannot_be_opened_is_set_aside),
		TEST(a_sealer_without_memory_or_key_is_no_damage),
		TEST(bodies_touch_the_disk_only_sealed),
		TEST(nobody_else_may_read_the_files),
		TEST(the_item_limit_leaves_room_for_addenda),
		TEST(the_size_limit_holds_on_the_disk),
		TEST(a_disk_that_runs_low_is_full_before_it_is),
		TEST(a_body_beyond_the_limit_is_refused),
		TEST(passages_are_kept_until_the_voyage_is_over),
		TEST(encounters_without_a_passage_addendum_are_told),
		TEST(words_that_are_awaited_outlive_a_restart),
		TEST(a_disk_that_turned_read_only_is_told),
		TEST(photos_go_when_their_time_is_over_and_that_is_told),
		TEST(a_second_owner_is_told_that_it_is_busy),
		TEST(threads_put_while_one_takes),
		TEST(receipts_are_kept_within_their_bound),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
