/* SPDX-License-Identifier: Apache-2.0 */
/* The list for technicians tells everything but bodies, in order and once. */
#include "gatehouse/outbox/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/outbox/box.h"
#include "gatehouse/base/log.h"

/* More than a batch. */
#define MANY 100
#define ROWS_MAX (4 * MANY)

struct found {
	struct box *box;
	struct gh_outbox_row rows[ROWS_MAX];
	size_t count;
	uint32_t to_put; /* encounters, while the first row is told */
};

static int make_box(void **state)
{
	static struct box box;
	static struct found found;

	box_make(&box, NULL);
	box_open(&box);
	memset(&found, 0, sizeof(found));
	found.box = &box;
	*state = &found;
	return 0;
}

static int remove_box(void **state)
{
	struct found *found = *state;

	box_remove(found->box);
	return 0;
}

static void keep(void *ctx, const struct gh_outbox_row *row)
{
	struct found *found = ctx;

	assert_true(found->count < ROWS_MAX);
	found->rows[found->count++] = *row;
	for (; found->to_put > 0; found->to_put--)
		assert_int_equal(box_put(found->box, 1000 + found->to_put, 0, NULL), GH_OK);
}

static void list(struct found *found)
{
	found->count = 0;
	assert_int_equal(gh_outbox_list(found->box->outbox, keep, found, NULL), GH_OK);
}

static void an_empty_outbox_lists_nothing(void **state)
{
	struct found *found = *state;

	list(found);
	assert_int_equal(found->count, 0);
}

static void every_item_has_a_row_oldest_first(void **state)
{
	struct found *found = *state;

	for (uint32_t n = 0; n < MANY; n++)
		assert_int_equal(box_put(found->box, n, 1000, NULL), GH_OK);
	list(found);
	assert_int_equal(found->count, 2 * MANY);
	for (size_t i = 0; i < found->count; i++) {
		const struct gh_outbox_row *row = &found->rows[i];
		bool photo = row->kind == GH_ITEM_PHOTO;

		assert_int_equal(box_number(&row->encounter), i / 2);
		assert_true(gh_id_equal(&row->id, &row->encounter));
		assert_int_equal(photo, i % 2);
		assert_string_equal(row->state, photo ? "held" : "waiting");
		assert_int_equal(
			row->body_bytes, photo ? 1000 : box_json((uint32_t)i / 2).length_bytes);
		assert_int_equal(row->put_ms, found->box->clock.real_ms);
		assert_int_equal(row->due_ms, row->put_ms);
		assert_string_equal(row->reason, "");
	}
}

static void a_row_says_what_became_of_an_attempt(void **state)
{
	struct found *found = *state;
	struct gh_item item;

	assert_int_equal(box_put(found->box, 1, 0, NULL), GH_OK);
	assert_int_equal(box_put(found->box, 2, 0, NULL), GH_OK);
	assert_int_equal(box_take(found->box, &item), GH_OK);
	assert_int_equal(gh_outbox_retry(found->box->outbox, &item, 5000, "http_503", NULL), GH_OK);
	gh_item_finish(&item);
	assert_int_equal(box_take(found->box, &item), GH_OK);
	gh_clock_manual_advance(&found->box->clock, 1000 * 1000);
	list(found);
	assert_int_equal(found->count, 2);
	assert_string_equal(found->rows[0].state, "waiting");
	assert_string_equal(found->rows[0].reason, "http_503");
	assert_int_equal(found->rows[0].attempts, 1);
	assert_int_equal(found->rows[0].due_ms, found->box->clock.real_ms + 4000);
	assert_string_equal(found->rows[1].state, "sending");
	assert_int_equal(found->rows[1].attempts, 0);
	assert_int_equal(gh_outbox_quarantine(found->box->outbox, &item, "http_422", NULL), GH_OK);
	gh_item_finish(&item);
	list(found);
	assert_string_equal(found->rows[1].state, "quarantined");
	assert_string_equal(found->rows[1].reason, "http_422");
}

static void the_outbox_may_be_used_meanwhile(void **state)
{
	struct found *found = *state;

	for (uint32_t n = 0; n < MANY; n++)
		assert_int_equal(box_put(found->box, n, 0, NULL), GH_OK);
	found->to_put = MANY;
	list(found);
	/* Those put meanwhile come behind the first batch: each of all is told once. */
	assert_int_equal(found->count, 2 * MANY);
	for (size_t i = 1; i < found->count; i++)
		assert_false(gh_id_equal(&found->rows[i].id, &found->rows[i - 1].id));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_box, remove_box)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_outbox_lists_nothing),
		TEST(every_item_has_a_row_oldest_first),
		TEST(a_row_says_what_became_of_an_attempt),
		TEST(the_outbox_may_be_used_meanwhile),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
