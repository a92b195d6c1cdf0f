/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of photographs: each its lane's own, within bounds of bytes, number and time. */
#include "partials.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES_MAX 10000
#define KEEP_S 60

static struct gh_clock_manual hands;
static struct partials *partials;
static const uint8_t bytes[BYTES_MAX + 1] = { 1, 2, 3 };

static int set_up(void **state)
{
	(void)state;
	gh_clock_manual_init(&hands, 1000000, INT64_C(1764000000000));
	return partials_create(BYTES_MAX, KEEP_S, &hands.clock, &partials, NULL) == GH_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	partials_destroy(partials);
	return 0;
}

static struct gh_id id_of(uint8_t n)
{
	return (struct gh_id){ { 0x11, n } };
}

static enum gh_status keep(const char *peer, uint8_t n, uint64_t offset, size_t length)
{
	struct gh_id id = id_of(n);

	gh_clock_manual_advance(&hands, 1000);
	return partials_keep(partials, peer, &id, offset, (struct gh_view){ bytes, length }, NULL);
}

static size_t held(const char *peer, uint8_t n)
{
	struct gh_id id = id_of(n);

	return partials_find(partials, peer, &id).length_bytes;
}

static void a_part_grows_at_its_end_only(void **state)
{
	assert_int_equal(keep("lane-1", 1, 5, 10), GH_WRONG_STATE);
	assert_int_equal(keep("lane-1", 1, 0, 10), GH_OK);
	assert_int_equal(held("lane-1", 1), 10);
	assert_int_equal(keep("lane-1", 1, 0, 10), GH_WRONG_STATE);
	assert_int_equal(keep("lane-1", 1, 11, 10), GH_WRONG_STATE);
	assert_int_equal(keep("lane-1", 1, 10, 0), GH_OK);
	assert_int_equal(keep("lane-1", 1, 10, 7), GH_OK);
	assert_int_equal(held("lane-1", 1), 17);
	/* Nobody sees or lengthens another lane's. */
	assert_int_equal(held("lane-2", 1), 0);
	assert_int_equal(keep("lane-2", 1, 17, 1), GH_WRONG_STATE);
}

static void a_lane_has_four_at_most(void **state)
{
	assert_int_equal(keep("lane-2", 9, 0, 10), GH_OK);
	for (uint8_t n = 0; n < PARTIALS_OF_PEER + 1; n++)
		assert_int_equal(keep("lane-1", n, 0, 10), GH_OK);
	assert_int_equal(held("lane-1", 0), 0);
	for (uint8_t n = 1; n < PARTIALS_OF_PEER + 1; n++)
		assert_int_equal(held("lane-1", n), 10);
	assert_int_equal(held("lane-2", 9), 10);
}

static void the_oldest_makes_room(void **state)
{
	assert_int_equal(keep("lane-1", 1, 0, BYTES_MAX / 2), GH_OK);
	assert_int_equal(keep("lane-2", 2, 0, BYTES_MAX / 2), GH_OK);
	assert_int_equal(keep("lane-1", 1, BYTES_MAX / 2, 1), GH_OK);
	assert_int_equal(held("lane-2", 2), 0);
	assert_int_equal(held("lane-1", 1), BYTES_MAX / 2 + 1);
	/* More than there is room for in all is not begun to be kept. */
	assert_int_equal(keep("lane-3", 3, 0, BYTES_MAX + 1), GH_FULL);
	assert_int_equal(held("lane-3", 3), 0);
}

static void time_forgets_them(void **state)
{
	assert_int_equal(keep("lane-1", 1, 0, 10), GH_OK);
	gh_clock_manual_advance(&hands, KEEP_S * UINT64_C(1000000) / 2);
	assert_int_equal(keep("lane-1", 2, 0, 10), GH_OK);
	gh_clock_manual_advance(&hands, KEEP_S * UINT64_C(1000000) / 2);
	partials_expire(partials);
	assert_int_equal(held("lane-1", 1), 0);
	assert_int_equal(held("lane-1", 2), 10);
	partials_forget(partials, "lane-1", &(struct gh_id){ { 0x11, 2 } });
	assert_int_equal(held("lane-1", 2), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_part_grows_at_its_end_only),
		TEST(a_lane_has_four_at_most),
		TEST(the_oldest_makes_room),
		TEST(time_forgets_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
