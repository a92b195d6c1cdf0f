/* SPDX-License-Identifier: Apache-2.0 */
/* Encounters made by a clock in doubt, until an addendum tells how far it was off. */
#include "gatehouse/outbox/doubtful.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "../../support/outbox/box.h"
#include "gatehouse/base/log.h"

#define SOME 8

static int make_box(void **state)
{
	static struct box box;

	box_make(&box, NULL);
	box.options.boot = box_id('b', 1);
	box_open(&box);
	*state = &box;
	return 0;
}

static int remove_box(void **state)
{
	box_remove(*state);
	return 0;
}

static void put(struct box *box, uint32_t n, bool in_doubt)
{
	struct gh_outbox_put put = { .id = box_id('e', n),
		.json = box_json(n),
		.clock_in_doubt = in_doubt,
		.clock_base_ms = 1000 + n };

	assert_int_equal(gh_outbox_put(box->outbox, &put, NULL), GH_OK);
}

static size_t list_of(struct box *box, struct gh_doubtful list[SOME])
{
	size_t count = 99;

	assert_int_equal(gh_outbox_doubtful(box->outbox, list, SOME, &count, NULL), GH_OK);
	return count;
}

static void tell(struct box *box, uint32_t n, enum gh_settles settles)
{
	struct gh_id id = box_id('a', n), encounter = box_id('e', n);

	assert_int_equal(
		gh_outbox_put_addendum(box->outbox, &id, &encounter, box_json(n), settles, NULL),
		GH_OK);
}

static void those_in_doubt_are_listed_oldest_first(void **state)
{
	struct gh_doubtful list[SOME];

	assert_int_equal(list_of(*state, list), 0);
	put(*state, 2, true);
	put(*state, 3, false);
	put(*state, 1, true);
	assert_int_equal(list_of(*state, list), 2);
	assert_int_equal(box_number(&list[0].encounter), 2);
	assert_int_equal(list[0].base_ms, 1002);
	assert_int_equal(box_number(&list[1].encounter), 1);
	assert_int_equal(list[1].base_ms, 1001);
}

static void no_more_are_listed_than_asked_for(void **state)
{
	struct gh_doubtful list[SOME];

	for (uint32_t n = 0; n < SOME + 2; n++)
		put(*state, n, true);
	assert_int_equal(list_of(*state, list), SOME);
	for (uint32_t n = 0; n < SOME; n++)
		tell(*state, n, GH_SETTLES_CLOCK);
	assert_int_equal(list_of(*state, list), 2);
}

static void only_its_addendum_ends_it(void **state)
{
	struct box *box = *state;
	struct gh_doubtful list[SOME];
	struct gh_id first = box_id('e', 1);

	put(box, 1, true);
	box_deliver(box, GH_ITEM_ENCOUNTER, &first);
	box_reopen(box);
	assert_int_equal(list_of(box, list), 1);
	tell(box, 1, GH_SETTLES_CLOCK);
	assert_int_equal(list_of(box, list), 0);
	put(box, 2, true);
	tell(box, 2, GH_SETTLES_NOTHING);
	assert_int_equal(list_of(box, list), 1);
}

static void with_another_boot_nothing_can_be_told(void **state)
{
	struct box *box = *state;
	struct gh_doubtful list[SOME];

	put(box, 1, true);
	box->options.boot = box_id('c', 1);
	box_reopen(box);
	assert_int_equal(list_of(box, list), 0);
	put(box, 2, true);
	box_reopen(box);
	assert_int_equal(list_of(box, list), 1);
}

static void set_number(struct box *box, int64_t number)
{
	sqlite3 *handle;
	char sql[100];

	box_close(box);
	assert_int_equal(sqlite3_open(box_path(box, "outbox.db"), &handle), SQLITE_OK);
	sqlite3_snprintf(sizeof(sql), sql, "UPDATE doubtful SET number = %lld", number);
	assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_snprintf(sizeof(sql), sql,
		"UPDATE sqlite_sequence SET seq = %lld WHERE name = 'doubtful'",
		number + GH_OUTBOX_DOUBTFUL_MAX - 2);
	assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(handle);
	box_open(box);
}

/* As if all but one of those that are remembered had been put meanwhile. */
static void the_oldest_make_room(void **state)
{
	struct box *box = *state;
	struct gh_doubtful list[SOME];

	put(box, 1, true);
	set_number(box, 7);
	put(box, 2, true);
	assert_int_equal(list_of(box, list), 2);
	put(box, 3, true);
	assert_int_equal(list_of(box, list), 2);
	assert_int_equal(box_number(&list[0].encounter), 2);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_box, remove_box)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(those_in_doubt_are_listed_oldest_first),
		TEST(no_more_are_listed_than_asked_for),
		TEST(only_its_addendum_ends_it),
		TEST(with_another_boot_nothing_can_be_told),
		TEST(the_oldest_make_room),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
