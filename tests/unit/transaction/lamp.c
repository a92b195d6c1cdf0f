/* SPDX-License-Identifier: Apache-2.0 */
/* What the traveller sees and is lit by during a photograph: instruction and lamp. */
#include "gatehouse/transaction/lane.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../support/transaction/fake_hands.h"

static struct fake_hands *in_capture(void)
{
	struct fake_hands *fake = fake_start(GH_MODE_EGATE);

	fake_zone(fake, true);
	assert_int_equal(fake_state(fake), GH_STATE_CAPTURE);
	return fake;
}

static void end(struct fake_hands *fake)
{
	gh_lane_destroy(fake->lane);
	free(fake);
}

static void coaching_reaches_the_display(void **unused)
{
	struct fake_hands *fake = in_capture();
	struct gh_lane_event sight = { .telling = GH_TELL_SIGHTING,
		.occupied = true,
		.instruction = GH_INSTRUCTION_COME_CLOSER };

	(void)unused;
	sight.passage = fake->passage;
	sight.time_us = fake->clock.monotonic_us;
	assert_int_equal(gh_lane_tell(fake->lane, &sight), GH_OK);
	fake_settle(fake);
	assert_string_equal(fake->coaching, "come_closer");
	sight.instruction = GH_INSTRUCTION_NONE;
	assert_int_equal(gh_lane_tell(fake->lane, &sight), GH_OK);
	fake_settle(fake);
	assert_string_equal(fake->coaching, "");
	end(fake);
}

/* A sighting that wishes for a level of the lamp. */
static void wish(struct fake_hands *fake, uint32_t level_permille, uint64_t time_us)
{
	struct gh_lane_event sight = { .telling = GH_TELL_SIGHTING,
		.passage = fake->passage,
		.occupied = true,
		.time_us = time_us,
		.lamp = true,
		.lamp_permille = level_permille };

	assert_int_equal(gh_lane_tell(fake->lane, &sight), GH_OK);
	fake_settle(fake);
}

static void the_lamp_follows_vision_and_rests_after_the_photograph(void **unused)
{
	struct fake_hands *fake = in_capture();
	uint64_t now_us = fake->clock.monotonic_us;
	struct gh_lane_view view;
	unsigned set;

	(void)unused;
	assert_int_equal(fake->lamp_permille, 600);
	wish(fake, 850, now_us);
	assert_int_equal(fake->lamp_permille, 850);
	gh_lane_view(fake->lane, &view);
	assert_int_equal(view.lamp_permille, 850);
	set = fake->lamp_set;
	wish(fake, 850, now_us);
	assert_int_equal(fake->lamp_set, set); /* said once */
	wish(fake, 1001, now_us);
	assert_int_equal(fake->lamp_permille, 850);
	fake_give_sample(fake);
	assert_int_equal(fake_state(fake), GH_STATE_ACT);
	assert_int_equal(fake->lamp_permille, 0);
	wish(fake, 900, fake->clock.monotonic_us); /* of nobody's photograph any more */
	assert_int_equal(fake->lamp_permille, 0);
	fake_tell(fake, GH_TRIGGER_GATE_PASSED);
	wish(fake, 900, now_us - 1); /* seen before the lane was idle */
	assert_int_equal(fake->lamp_permille, 0);
	end(fake);
}

static void a_referred_traveller_does_not_wait_in_the_lamps_light(void **unused)
{
	struct fake_hands *fake = in_capture();

	(void)unused;
	fake_candidate(fake, 0.1f);
	fake_give_sample(fake);
	assert_int_equal(fake_state(fake), GH_STATE_OFFICER);
	assert_int_equal(fake->lamp_permille, 0);
	end(fake);
}

static void a_lamp_that_comes_back_is_told_again(void **unused)
{
	struct fake_hands *fake = in_capture();
	struct gh_lane_event device = {
		.telling = GH_TELL_TRIGGER, .trigger = GH_TRIGGER_FAULT, .device = GH_DEVICE_LIGHT
	};

	(void)unused;
	wish(fake, 700, fake->clock.monotonic_us);
	assert_int_equal(gh_lane_tell(fake->lane, &device), GH_OK);
	fake_settle(fake);
	assert_int_equal(fake_state(fake), GH_STATE_CAPTURE); /* it can do without */
	fake->lamp_permille = 0;
	device.trigger = GH_TRIGGER_MENDED;
	assert_int_equal(gh_lane_tell(fake->lane, &device), GH_OK);
	fake_settle(fake);
	assert_int_equal(fake->lamp_permille, 700);
	end(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(coaching_reaches_the_display),
		cmocka_unit_test(the_lamp_follows_vision_and_rests_after_the_photograph),
		cmocka_unit_test(a_referred_traveller_does_not_wait_in_the_lamps_light),
		cmocka_unit_test(a_lamp_that_comes_back_is_told_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
