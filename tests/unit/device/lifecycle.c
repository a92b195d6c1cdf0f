/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of device states: every pair of them, one by one. */
#include "lifecycle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* Where a call that succeeds leads from each phase; '-' is refused. */
static const char *const camera_expected[GH_CALL_COUNT] = {
	/* from: Closed, Open, Ready, Streaming, Lost */
	[GH_CALL_OPEN] = "O----",
	[GH_CALL_MODES] = "-OR--",
	[GH_CALL_CONFIGURE] = "-RR--",
	[GH_CALL_START] = "--S--",
	[GH_CALL_STOP] = "---R-",
	[GH_CALL_WAIT] = "---S-",
	[GH_CALL_CONTROL] = "-ORS-",
	[GH_CALL_ACT] = "-----",
	[GH_CALL_REHEARSE] = "-ORSL",
	[GH_CALL_REOPEN] = "-OOOO",
	[GH_CALL_CLOSE] = "CCCCC",
};

static const char *const event_expected[GH_CALL_COUNT] = {
	[GH_CALL_OPEN] = "O----",
	[GH_CALL_MODES] = "-----",
	[GH_CALL_CONFIGURE] = "-----",
	[GH_CALL_START] = "-----",
	[GH_CALL_STOP] = "-----",
	[GH_CALL_WAIT] = "-O---",
	[GH_CALL_CONTROL] = "-----",
	[GH_CALL_ACT] = "-O---",
	[GH_CALL_REHEARSE] = "-O--L",
	[GH_CALL_REOPEN] = "-O--O",
	[GH_CALL_CLOSE] = "CC--C",
};

static const char letters[GH_PHASE_COUNT] = { 'C', 'O', 'R', 'S', 'L' };

static void check(const struct gh_machine *machine, const char *const *expected)
{
	for (unsigned call = 0; call < GH_CALL_COUNT; call++) {
		for (unsigned from = 0; from < GH_PHASE_COUNT; from++) {
			struct gh_lifecycle lifecycle;
			gh_lifecycle_init(&lifecycle, machine, "camera/test");
			lifecycle.phase = (enum gh_phase)from;
			char want = expected[call][from];
			enum gh_status status =
				gh_lifecycle_begin(&lifecycle, (enum gh_call)call, NULL);
			if (status != (want == '-' ? GH_WRONG_STATE : GH_OK))
				fail_msg("%s from %c", gh_call_name((enum gh_call)call),
					letters[from]);
			if (want != '-') {
				gh_lifecycle_end(&lifecycle, (enum gh_call)call, GH_OK);
				assert_int_equal(letters[gh_lifecycle_phase(&lifecycle)], want);
			}
			gh_lifecycle_finish(&lifecycle);
		}
	}
}

static void every_pair_of_a_camera(void **state)
{
	check(&gh_machine_camera, camera_expected);
}

static void every_pair_of_the_others(void **state)
{
	check(&gh_machine_event, event_expected);
}

static void no_pair_stands_twice(void **state)
{
	const struct gh_machine *machines[] = { &gh_machine_camera, &gh_machine_event };
	for (size_t m = 0; m < 2; m++) {
		for (size_t i = 0; i < machines[m]->count; i++) {
			const struct gh_edge *edge = &machines[m]->edges[i];
			assert_ptr_equal(
				gh_machine_find(machines[m], edge->from, edge->call), edge);
		}
	}
}

static void gone_leads_to_lost_from_everywhere_and_counts_once(void **state)
{
	for (unsigned from = GH_PHASE_OPEN; from < GH_PHASE_COUNT; from++) {
		struct gh_lifecycle lifecycle;
		gh_lifecycle_init(&lifecycle, &gh_machine_camera, "camera/test");
		lifecycle.phase = (enum gh_phase)from;
		gh_lifecycle_end(&lifecycle, GH_CALL_WAIT, GH_GONE);
		gh_lifecycle_end(&lifecycle, GH_CALL_ACT, GH_GONE);
		assert_int_equal(gh_lifecycle_phase(&lifecycle), GH_PHASE_LOST);
		assert_int_equal(gh_lifecycle_counters(&lifecycle).lost, from != GH_PHASE_LOST);
		gh_lifecycle_finish(&lifecycle);
	}
	struct gh_lifecycle closed;
	gh_lifecycle_init(&closed, &gh_machine_camera, "camera/test");
	gh_lifecycle_end(&closed, GH_CALL_OPEN, GH_GONE);
	assert_int_equal(gh_lifecycle_phase(&closed), GH_PHASE_CLOSED);
	gh_lifecycle_finish(&closed);
}

static void action_that_ends_after_the_loss_moves_nothing(void **state)
{
	struct gh_lifecycle lifecycle;
	gh_lifecycle_init(&lifecycle, &gh_machine_event, "gate/test");
	gh_lifecycle_end(&lifecycle, GH_CALL_OPEN, GH_OK);
	assert_int_equal(gh_lifecycle_begin(&lifecycle, GH_CALL_ACT, NULL), GH_OK);
	gh_lifecycle_end(&lifecycle, GH_CALL_WAIT, GH_GONE);
	gh_lifecycle_end(&lifecycle, GH_CALL_ACT, GH_OK);
	assert_int_equal(gh_lifecycle_phase(&lifecycle), GH_PHASE_LOST);
	gh_lifecycle_finish(&lifecycle);
}

static void words_are_there(void **state)
{
	for (unsigned call = 0; call < GH_CALL_COUNT; call++)
		assert_non_null(gh_call_name((enum gh_call)call));
	assert_string_equal(gh_call_name(GH_CALL_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_of_a_camera),
		cmocka_unit_test(every_pair_of_the_others),
		cmocka_unit_test(no_pair_stands_twice),
		cmocka_unit_test(gone_leads_to_lost_from_everywhere_and_counts_once),
		cmocka_unit_test(action_that_ends_after_the_loss_moves_nothing),
		cmocka_unit_test(words_are_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
