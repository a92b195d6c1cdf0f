/* SPDX-License-Identifier: Apache-2.0 */
/* Every (state, trigger) pair in both modes: taken as the table says, or refused. */
#include "gatehouse/transaction/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../support/transaction/fake_hands.h"

/* States a lane rests in; the others are gone through within one step. */
static const enum gh_state resting[] = { GH_STATE_MANUAL, GH_STATE_IDLE, GH_STATE_PRESENT,
	GH_STATE_NOTICE, GH_STATE_DOCUMENT, GH_STATE_CAPTURE, GH_STATE_ACT, GH_STATE_OFFICER };

static struct fake_hands *start_with_reader(enum gh_mode mode)
{
	struct fake_hands *fake = calloc(1, sizeof(*fake));
	struct gh_lane_options options;
	struct gh_lane_hands hands;

	assert_non_null(fake);
	gh_clock_manual_init(&fake->clock, 1000000, 1790000000000);
	fake_candidate(fake, 0.8f);
	options = fake_options(fake, mode);
	options.reader = true;
	options.notice_dwell_ms = 3000;
	hands = fake_hands_of(fake);
	assert_int_equal(gh_lane_create(&options, &hands, &fake->lane, NULL), GH_OK);
	return fake;
}

static void mend_all(struct fake_hands *fake)
{
	fake_device(fake, GH_TRIGGER_MENDED, GH_DEVICE_CAMERA);
	fake_device(fake, GH_TRIGGER_MENDED, GH_DEVICE_DISPLAY);
	fake_device(fake, GH_TRIGGER_MENDED, GH_DEVICE_GATE);
}

static void arrive(struct fake_hands *fake, enum gh_mode mode)
{
	fake_zone(fake, true);
	if (mode == GH_MODE_BOOTH)
		fake_tell(fake, GH_TRIGGER_START);
}

/* Bring a lane to a resting state as a traveller would. */
static struct fake_hands *lane_in(enum gh_state state, enum gh_mode mode)
{
	struct fake_hands *fake = start_with_reader(mode);

	if (state == GH_STATE_MANUAL)
		return fake;
	mend_all(fake);
	if (state == GH_STATE_IDLE)
		return fake;
	fake->display_mute = state == GH_STATE_PRESENT;
	arrive(fake, mode);
	if (state == GH_STATE_PRESENT || state == GH_STATE_NOTICE)
		return fake;
	fake_tell(fake, GH_TRIGGER_CONTINUE);
	if (state == GH_STATE_DOCUMENT)
		return fake;
	fake_tell(fake, GH_TRIGGER_CONTINUE);
	if (state == GH_STATE_CAPTURE)
		return fake;
	if (state == GH_STATE_OFFICER)
		fake_candidate(fake, 0.1f);
	fake_give_sample(fake);
	return fake;
}

static void tell_with_all(struct fake_hands *fake, enum gh_trigger trigger)
{
	struct gh_lane_event event = { .telling = GH_TELL_TRIGGER,
		.trigger = trigger,
		.passage = fake->passage,
		.device = GH_DEVICE_CAMERA,
		.reason = GH_REASON_NO_FACE,
		.disposition = GH_DISPOSITION_SECONDARY,
		.role = "officer-1",
		.reason_code = "document" };

	memcpy(event.text, FAKE_NOTICE, sizeof(event.text));
	gh_personal_set(&event.document, gh_view_of_text("L898902C3"));
	if (trigger == GH_TRIGGER_SAMPLE)
		event.sample = fake_sample(fake);
	assert_int_equal(gh_lane_tell(fake->lane, &event), GH_OK);
	gh_lane_turn(fake->lane, 0);
}

/* Triggers that only the lane itself raises, or that prepare() may swallow. */
static bool from_inside(enum gh_trigger trigger)
{
	switch (trigger) {
	case GH_TRIGGER_COMPARED:
	case GH_TRIGGER_GO:
	case GH_TRIGGER_REFER:
	case GH_TRIGGER_RECORDED_GO:
	case GH_TRIGGER_RECORDED_REFER:
	case GH_TRIGGER_NOT_RECORDED:
		return true;
	default:
		return false;
	}
}

static bool swallowed(const struct fake_hands *fake, enum gh_state state, enum gh_trigger trigger)
{
	(void)fake;
	switch (trigger) {
	case GH_TRIGGER_SAMPLE:
	case GH_TRIGGER_NO_SAMPLE:
		return state != GH_STATE_CAPTURE;
	case GH_TRIGGER_DISPOSED:
		return state != GH_STATE_OFFICER;
	case GH_TRIGGER_MENDED:
		return state == GH_STATE_MANUAL;
	default:
		return false;
	}
}

static uint64_t refused(struct fake_hands *fake)
{
	struct gh_lane_view view;

	gh_lane_view(fake->lane, &view);
	return view.counts.refused_triggers;
}

static void try_pair(enum gh_state state, enum gh_trigger trigger, enum gh_mode mode)
{
	struct fake_hands *fake = lane_in(state, mode);
	const struct gh_edge *edge = gh_machine_edge(state, trigger, mode);
	uint64_t before = refused(fake);

	if (fake_state(fake) != state)
		fail_msg("lane is in %s instead of %s", gh_state_name(fake_state(fake)),
			gh_state_name(state));
	tell_with_all(fake, trigger);
	if (!edge && !swallowed(fake, state, trigger)) {
		if (refused(fake) != before + 1 || fake_state(fake) != state)
			fail_msg("%s in %s was not refused", gh_trigger_name(trigger),
				gh_state_name(state));
	} else if (refused(fake) != before) {
		fail_msg("%s in %s was refused", gh_trigger_name(trigger), gh_state_name(state));
	}
	fake_stop(fake);
}

/* At a booth the officer's word takes the place of the gate. */
static bool can_be_in(enum gh_state state, enum gh_mode mode)
{
	return state != GH_STATE_ACT || mode == GH_MODE_EGATE;
}

static void every_pair_is_taken_or_refused(void **unused)
{
	(void)unused;
	for (int mode = 0; mode < GH_MODE_COUNT; mode++)
		for (size_t s = 0; s < sizeof(resting) / sizeof(*resting); s++)
			for (int t = 0; t < GH_TRIGGER_COUNT; t++)
				if (!from_inside((enum gh_trigger)t) &&
					can_be_in(resting[s], (enum gh_mode)mode))
					try_pair(
						resting[s], (enum gh_trigger)t, (enum gh_mode)mode);
}

/* What a trigger leads to when nothing goes wrong. */
static const struct {
	enum gh_state from;
	enum gh_trigger on;
	enum gh_mode mode;
	enum gh_state to;
} ends[] = {
	{ GH_STATE_IDLE, GH_TRIGGER_CLOSE, GH_MODE_EGATE, GH_STATE_MANUAL },
	{ GH_STATE_IDLE, GH_TRIGGER_FAULT, GH_MODE_EGATE, GH_STATE_MANUAL },
	{ GH_STATE_PRESENT, GH_TRIGGER_OPT_OUT, GH_MODE_EGATE, GH_STATE_OFFICER },
	{ GH_STATE_PRESENT, GH_TRIGGER_NOTICE_SHOWN, GH_MODE_EGATE, GH_STATE_NOTICE },
	{ GH_STATE_NOTICE, GH_TRIGGER_OPT_OUT, GH_MODE_EGATE, GH_STATE_OFFICER },
	{ GH_STATE_NOTICE, GH_TRIGGER_CONTINUE, GH_MODE_EGATE, GH_STATE_DOCUMENT },
	{ GH_STATE_NOTICE, GH_TRIGGER_FAULT, GH_MODE_EGATE, GH_STATE_MANUAL },
	{ GH_STATE_DOCUMENT, GH_TRIGGER_CLAIM, GH_MODE_EGATE, GH_STATE_CAPTURE },
	{ GH_STATE_DOCUMENT, GH_TRIGGER_OPT_OUT, GH_MODE_BOOTH, GH_STATE_OFFICER },
	{ GH_STATE_CAPTURE, GH_TRIGGER_OPT_OUT, GH_MODE_EGATE, GH_STATE_OFFICER },
	{ GH_STATE_CAPTURE, GH_TRIGGER_SAMPLE, GH_MODE_EGATE, GH_STATE_ACT },
	{ GH_STATE_CAPTURE, GH_TRIGGER_SAMPLE, GH_MODE_BOOTH, GH_STATE_OFFICER },
	{ GH_STATE_CAPTURE, GH_TRIGGER_NO_SAMPLE, GH_MODE_EGATE, GH_STATE_OFFICER },
	{ GH_STATE_CAPTURE, GH_TRIGGER_FAULT, GH_MODE_EGATE, GH_STATE_OFFICER },
	{ GH_STATE_ACT, GH_TRIGGER_GATE_PASSED, GH_MODE_EGATE, GH_STATE_IDLE },
	{ GH_STATE_ACT, GH_TRIGGER_GATE_TURNED_BACK, GH_MODE_EGATE, GH_STATE_IDLE },
	{ GH_STATE_ACT, GH_TRIGGER_GATE_FAULT, GH_MODE_EGATE, GH_STATE_OFFICER },
	{ GH_STATE_OFFICER, GH_TRIGGER_DISPOSED, GH_MODE_EGATE, GH_STATE_IDLE },
	{ GH_STATE_OFFICER, GH_TRIGGER_DISPOSED, GH_MODE_BOOTH, GH_STATE_IDLE },
};

static void triggers_end_where_they_should(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		struct fake_hands *fake = lane_in(ends[i].from, ends[i].mode);

		tell_with_all(fake, ends[i].on);
		if (fake_state(fake) != ends[i].to)
			fail_msg("%s on %s ended in %s", gh_state_name(ends[i].from),
				gh_trigger_name(ends[i].on), gh_state_name(fake_state(fake)));
		fake_stop(fake);
	}
}

static void no_pair_stands_twice(void **unused)
{
	size_t count;
	const struct gh_edge *table = gh_machine_table(&count);

	(void)unused;
	for (size_t i = 0; i < count; i++)
		for (size_t j = i + 1; j < count; j++)
			if (table[i].from == table[j].from && table[i].on == table[j].on)
				assert_int_equal(table[i].modes & table[j].modes, 0);
}

static void every_state_can_be_left_and_reached(void **unused)
{
	size_t count;
	const struct gh_edge *table = gh_machine_table(&count);
	bool left[GH_STATE_COUNT] = { false };
	bool reached[GH_STATE_COUNT] = { [GH_STATE_MANUAL] = true };

	(void)unused;
	for (size_t i = 0; i < count; i++) {
		if (table[i].from == table[i].to)
			continue;
		left[table[i].from] = true;
		reached[table[i].to] = true;
	}
	for (int s = 0; s < GH_STATE_COUNT; s++)
		assert_true(left[s] && reached[s]);
}

/* What a person may always do before the photograph is taken. */
static void opt_out_is_open_until_the_photograph(void **unused)
{
	static const enum gh_state before[] = { GH_STATE_PRESENT, GH_STATE_NOTICE,
		GH_STATE_DOCUMENT, GH_STATE_CAPTURE };

	(void)unused;
	for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++)
		for (int mode = 0; mode < GH_MODE_COUNT; mode++)
			assert_non_null(
				gh_machine_edge(before[i], GH_TRIGGER_OPT_OUT, (enum gh_mode)mode));
}

static void words_read_back(void **unused)
{
	enum gh_state state = GH_STATE_MANUAL;
	enum gh_trigger trigger = GH_TRIGGER_OPEN;

	(void)unused;
	for (int s = 0; s < GH_STATE_COUNT; s++) {
		assert_int_equal(gh_state_parse(gh_state_name((enum gh_state)s), &state), GH_OK);
		assert_int_equal(state, s);
	}
	for (int t = 0; t < GH_TRIGGER_COUNT; t++) {
		assert_int_equal(
			gh_trigger_parse(gh_trigger_name((enum gh_trigger)t), &trigger), GH_OK);
		assert_int_equal(trigger, t);
	}
	assert_int_equal(gh_state_parse("nowhere", &state), GH_NOT_FOUND);
	assert_int_equal(gh_trigger_parse("never", &trigger), GH_NOT_FOUND);
	assert_string_equal(gh_state_name(GH_STATE_COUNT), "unknown");
	assert_string_equal(gh_trigger_name(GH_TRIGGER_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_is_taken_or_refused),
		cmocka_unit_test(triggers_end_where_they_should),
		cmocka_unit_test(no_pair_stands_twice),
		cmocka_unit_test(every_state_can_be_left_and_reached),
		cmocka_unit_test(opt_out_is_open_until_the_photograph),
		cmocka_unit_test(words_read_back),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
