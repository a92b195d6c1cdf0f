/* SPDX-License-Identifier: Apache-2.0 */
/* Limits that are set lower than what is held already: nothing is thrown away for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../support/outbox/box.h"
#include "gatehouse/base/log.h"
#include "gatehouse/outbox/outbox.h"

enum {
	HELD = 60
};

static void what_is_held_stays_when_the_limit_falls_below_it(void **state)
{
	struct gh_item item;
	struct box box;
	uint32_t delivered = 0;

	(void)state;
	box_make(&box, NULL);
	box_open(&box);
	for (uint32_t n = 0; n < HELD; n++)
		assert_int_equal(box_put(&box, n, 0, NULL), GH_OK);
	box_close(&box);
	box.options.items_max = HELD / 2;
	box_open(&box);
	assert_int_equal(box_state(&box).waiting, HELD);
	assert_true(box_state(&box).full);
	assert_int_equal(box_put(&box, HELD, 0, NULL), GH_FULL);
	for (; box_take(&box, &item) == GH_OK; delivered++) {
		assert_int_equal(box_number(&item.id), delivered);
		assert_int_equal(gh_outbox_acknowledge(box.outbox, &item, NULL, NULL), GH_OK);
		gh_item_finish(&item);
	}
	assert_int_equal(delivered, HELD);
	assert_false(box_state(&box).full);
	assert_int_equal(box_put(&box, HELD, 0, NULL), GH_OK);
	box_remove(&box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_held_stays_when_the_limit_falls_below_it),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
