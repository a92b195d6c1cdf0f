/* SPDX-License-Identifier: Apache-2.0 */
/* Photographs whose time is to come, when the wall clock is set meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../support/outbox/box.h"
#include "gatehouse/outbox/outbox.h"

static int make_box(void **state)
{
	static struct box box;

	box_make(&box, NULL);
	box_open(&box);
	*state = &box;
	return 0;
}

static int remove_box(void **state)
{
	box_remove(*state);
	return 0;
}

struct erasure {
	struct box *box;
	uint32_t calls;
};

static void tell_erased(void *ctx, const struct gh_id *encounter)
{
	struct erasure *erasure = ctx;
	struct gh_id id = box_id('x', box_number(encounter));

	erasure->calls++;
	assert_int_equal(gh_outbox_put_addendum(erasure->box->outbox, &id, encounter, box_json(9),
				 GH_SETTLES_NOTHING, NULL),
		GH_OK);
}

/* How many are destroyed now. */
static uint32_t expire(struct box *box)
{
	struct erasure erasure = { box, 0 };

	assert_int_equal(gh_outbox_expire_photos(
				 box->outbox, box->clock.real_ms, tell_erased, &erasure, NULL),
		GH_OK);
	return erasure.calls;
}

#define MINUTE_MS 60000

static void advance_minutes(struct box *box, uint64_t minutes)
{
	gh_clock_manual_advance(&box->clock, minutes * MINUTE_MS * 1000);
}

/* Photographs of the box live an hour. */
static void photos_live_no_longer_for_a_clock_that_is_set_back(void **state)
{
	struct box *box = *state;

	assert_int_equal(box_put(box, 1, 100, NULL), GH_OK);
	assert_int_equal(expire(box), 0);
	box->clock.real_ms -= 30 * MINUTE_MS;
	assert_int_equal(expire(box), 0);
	advance_minutes(box, 10);
	assert_int_equal(box_put(box, 2, 100, NULL), GH_OK);
	advance_minutes(box, 49);
	assert_int_equal(expire(box), 0);
	advance_minutes(box, 1);
	assert_int_equal(expire(box), 1);
	/* The clock is set back once: who came later has his hour. */
	advance_minutes(box, 9);
	assert_int_equal(expire(box), 0);
	advance_minutes(box, 1);
	assert_int_equal(expire(box), 1);
}

static void nor_for_one_that_is_set_back_while_the_lane_is_off(void **state)
{
	struct box *box = *state;

	assert_int_equal(box_put(box, 1, 100, NULL), GH_OK);
	box_reopen(box);
	box->clock.real_ms -= 120 * MINUTE_MS;
	assert_int_equal(expire(box), 0);
	advance_minutes(box, 60);
	assert_int_equal(expire(box), 1);
}

static void a_clock_that_is_set_on_ends_them_sooner(void **state)
{
	struct box *box = *state;

	assert_int_equal(box_put(box, 1, 100, NULL), GH_OK);
	assert_int_equal(expire(box), 0);
	box->clock.real_ms += 30 * MINUTE_MS;
	assert_int_equal(expire(box), 0);
	advance_minutes(box, 30);
	assert_int_equal(expire(box), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_box, remove_box)
	const struct CMUnitTest tests[] = {
		TEST(photos_live_no_longer_for_a_clock_that_is_set_back),
		TEST(nor_for_one_that_is_set_back_while_the_lane_is_off),
		TEST(a_clock_that_is_set_on_ends_them_sooner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
