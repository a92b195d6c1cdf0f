/* SPDX-License-Identifier: Apache-2.0 */
/* Every state of an item with every event. */
#include "item_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* What must come of each pair, written down a second time; -1: refused. */
static const int expected[ITEM_STATE_COUNT][ITEM_EVENT_COUNT] = {
	/* taken, acknowledged, postponed, refused, released, record arrived, expired, reopened */
	[ITEM_WAITING] = { ITEM_SENDING, -1, -1, -1, ITEM_WAITING, -1, ITEM_GONE, -1 },
	[ITEM_SENDING] = { -1, ITEM_GONE, ITEM_WAITING, ITEM_QUARANTINED, -1, -1, ITEM_GONE,
		ITEM_WAITING },
	[ITEM_QUARANTINED] = { -1, -1, -1, -1, ITEM_WAITING, -1, ITEM_GONE, -1 },
	[ITEM_HELD] = { -1, -1, -1, -1, -1, ITEM_WAITING, ITEM_GONE, -1 },
	[ITEM_GONE] = { -1, -1, -1, -1, -1, -1, -1, -1 },
};

static void every_pair_goes_where_it_must(void **state)
{
	for (int from = 0; from < ITEM_STATE_COUNT; from++) {
		for (int event = 0; event < ITEM_EVENT_COUNT; event++) {
			enum item_state next = ITEM_STATE_COUNT;
			bool allowed =
				item_step((enum item_state)from, (enum item_event)event, &next);

			assert_int_equal(allowed, expected[from][event] >= 0);
			assert_int_equal(
				next, allowed ? expected[from][event] : (int)ITEM_STATE_COUNT);
		}
	}
}

static void nothing_stays_for_ever(void **state)
{
	/* From every state that holds something there is a way to gone without a technician,
	 * but from quarantine, which is never left by itself. */
	for (int from = 0; from < ITEM_GONE; from++) {
		enum item_state at = (enum item_state)from;

		if (at == ITEM_QUARANTINED)
			assert_true(item_step(at, ITEM_RELEASED, &at));
		if (at == ITEM_HELD)
			assert_true(item_step(at, ITEM_RECORD_ARRIVED, &at));
		if (at == ITEM_WAITING)
			assert_true(item_step(at, ITEM_TAKEN, &at));
		assert_true(item_step(at, ITEM_ACKNOWLEDGED, &at));
		assert_int_equal(at, ITEM_GONE);
	}
}

static void every_state_has_its_word(void **state)
{
	for (int a = 0; a < ITEM_STATE_COUNT; a++) {
		for (int b = 0; b < a; b++)
			assert_string_not_equal(item_state_name((enum item_state)a),
				item_state_name((enum item_state)b));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_goes_where_it_must),
		cmocka_unit_test(nothing_stays_for_ever),
		cmocka_unit_test(every_state_has_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
