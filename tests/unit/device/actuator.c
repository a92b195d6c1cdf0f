/* SPDX-License-Identifier: Apache-2.0 */
/* All devices but cameras: classes and their actions and events, states, loss. */
#include "gatehouse/device/actuator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake/fake.h"

static struct gh_actuator *open_device(const char *driver)
{
	struct gh_device_address at = { .address = "a" };
	struct gh_actuator *actuator;
	snprintf(at.driver, sizeof(at.driver), "%s", driver);
	assert_int_equal(gh_actuator_open(&at, gh_clock_system(), &actuator, NULL), GH_OK);
	return actuator;
}

static struct gh_actuator *lose(const char *driver)
{
	struct gh_actuator *actuator = open_device(driver);
	struct gh_device_event event;
	fake.wait = GH_GONE;
	assert_int_equal(gh_actuator_wait(actuator, 0, &event, NULL), GH_GONE);
	fake.wait = GH_OK;
	return actuator;
}

static enum gh_status call_wait(struct gh_actuator *actuator)
{
	struct gh_device_event event;
	return gh_actuator_wait(actuator, 0, &event, NULL);
}

static enum gh_status call_act(struct gh_actuator *actuator)
{
	return gh_actuator_act(actuator, &(struct gh_action){ .kind = GH_ACTION_GATE_OPEN }, NULL);
}

static enum gh_status call_rehearse(struct gh_actuator *actuator)
{
	return gh_actuator_rehearse(actuator, "anything", NULL);
}

static enum gh_status call_reopen(struct gh_actuator *actuator)
{
	return gh_actuator_reopen(actuator, NULL);
}

static void every_call_in_every_state(void **state)
{
	static const struct {
		const char *name;
		enum gh_status (*call)(struct gh_actuator *actuator);
		bool when_lost;
		enum gh_device_state after_lost;
	} calls[] = {
		{ "wait", call_wait, false, GH_DEVICE_LOST },
		{ "act", call_act, false, GH_DEVICE_LOST },
		{ "rehearse", call_rehearse, true, GH_DEVICE_LOST },
		{ "reopen", call_reopen, true, GH_DEVICE_OPEN },
	};
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		fake_reset();
		fake.event.kind = GH_EVENT_GATE_OPENED;
		struct gh_actuator *actuator = open_device("gate/fake");
		assert_int_equal(calls[i].call(actuator), GH_OK);
		assert_int_equal(gh_actuator_state(actuator), GH_DEVICE_OPEN);
		gh_actuator_close(actuator);

		actuator = lose("gate/fake");
		unsigned touched = fake.waited + fake.acted;
		enum gh_status expected = calls[i].when_lost ? GH_OK : GH_WRONG_STATE;
		if (calls[i].call(actuator) != expected)
			fail_msg("%s while lost", calls[i].name);
		assert_int_equal(fake.waited + fake.acted, touched);
		assert_int_equal(gh_actuator_state(actuator), calls[i].after_lost);
		gh_actuator_close(actuator);
		assert_int_equal(fake.opened, fake.closed);
	}
	gh_actuator_close(NULL);
}

static void only_its_class_knows_an_action(void **state)
{
	static const struct {
		const char *driver;
		enum gh_device_class device_class;
		enum gh_action_kind knows[2];
	} classes[] = {
		{ "gate/fake", GH_DEVICE_GATE, { GH_ACTION_GATE_OPEN, GH_ACTION_GATE_CLOSE } },
		{ "light/fake", GH_DEVICE_LIGHT, { GH_ACTION_LIGHT_SET, GH_ACTION_LIGHT_SET } },
		{ "display/fake", GH_DEVICE_DISPLAY,
			{ GH_ACTION_DISPLAY_SHOW, GH_ACTION_DISPLAY_SHOW } },
		{ "alarm/fake", GH_DEVICE_ALARM, { GH_ACTION_ALARM_SET, GH_ACTION_ALARM_SET } },
		{ "presence/fake", GH_DEVICE_PRESENCE,
			{ GH_ACTION_KIND_COUNT, GH_ACTION_KIND_COUNT } },
		{ "barcode/fake", GH_DEVICE_BARCODE,
			{ GH_ACTION_KIND_COUNT, GH_ACTION_KIND_COUNT } },
	};
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		fake_reset();
		struct gh_actuator *actuator = open_device(classes[i].driver);
		assert_int_equal(gh_actuator_class(actuator), classes[i].device_class);
		for (unsigned kind = 0; kind <= GH_ACTION_KIND_COUNT; kind++) {
			struct gh_action action = { .kind = (enum gh_action_kind)kind };
			bool known = kind != GH_ACTION_KIND_COUNT &&
				(classes[i].knows[0] == action.kind ||
					classes[i].knows[1] == action.kind);
			assert_int_equal(gh_actuator_act(actuator, &action, NULL),
				known ? GH_OK : GH_UNSUPPORTED);
		}
		gh_actuator_close(actuator);
	}
}

static void values_out_of_range_do_not_reach_the_driver(void **state)
{
	fake_reset();
	struct gh_actuator *light = open_device("light/fake");
	struct gh_action action = { .kind = GH_ACTION_LIGHT_SET, .level_permille = 1001 };
	assert_int_equal(gh_actuator_act(light, &action, NULL), GH_UNSUPPORTED);
	action.level_permille = 1000;
	assert_int_equal(gh_actuator_act(light, &action, NULL), GH_OK);
	gh_actuator_close(light);

	struct gh_actuator *display = open_device("display/fake");
	action = (struct gh_action){ .kind = GH_ACTION_DISPLAY_SHOW, .page = GH_PAGE_COUNT };
	assert_int_equal(gh_actuator_act(display, &action, NULL), GH_UNSUPPORTED);
	action.page = GH_PAGE_NOTICE;
	memset(action.notice_hash, 'a', sizeof(action.notice_hash));
	assert_int_equal(gh_actuator_act(display, &action, NULL), GH_UNSUPPORTED);
	action.notice_hash[64] = '\0';
	assert_int_equal(gh_actuator_act(display, &action, NULL), GH_OK);
	assert_int_equal(fake.acted, 2);
	gh_actuator_close(display);
}

/* The class that may tell each kind; presence and barcode stand for the rest. */
static void only_its_class_tells_an_event(void **state)
{
	static const struct {
		const char *driver;
		enum gh_device_event_kind first;
		enum gh_device_event_kind last;
	} classes[] = {
		{ "gate/fake", GH_EVENT_GATE_OPENED, GH_EVENT_GATE_OBJECT },
		{ "display/fake", GH_EVENT_DISPLAY_NOTICE, GH_EVENT_DISPLAY_LANGUAGE },
		{ "presence/fake", GH_EVENT_PRESENCE_OCCUPIED, GH_EVENT_PRESENCE_VACANT },
		{ "document/fake", GH_EVENT_READER_LINE, GH_EVENT_READER_LINE },
		{ "barcode/fake", GH_EVENT_READER_LINE, GH_EVENT_READER_LINE },
		{ "alarm/fake", GH_EVENT_ALARM_FIRE, GH_EVENT_ALARM_FIRE },
		{ "light/fake", GH_EVENT_KIND_COUNT, GH_EVENT_KIND_COUNT },
	};
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		fake_reset();
		struct gh_actuator *actuator = open_device(classes[i].driver);
		for (unsigned kind = 0; kind <= GH_EVENT_KIND_COUNT; kind++) {
			struct gh_device_event event;
			bool can = kind >= classes[i].first && kind <= classes[i].last &&
				kind < GH_EVENT_KIND_COUNT;
			fake.event.kind = (enum gh_device_event_kind)kind;
			memset(fake.event.text, 'p', sizeof(fake.event.text));
			assert_int_equal(gh_actuator_wait(actuator, 0, &event, NULL),
				can ? GH_OK : GH_MALFORMED);
			/* What is refused is not handed on either. */
			assert_int_equal(event.text[0], can ? 'p' : '\0');
			assert_int_equal(event.text[sizeof(event.text) - 1], '\0');
			if (can)
				assert_int_equal(event.device_class, gh_actuator_class(actuator));
		}
		gh_actuator_close(actuator);
	}
}

static void time_of_events_never_goes_back_nor_ahead(void **state)
{
	struct gh_clock_manual manual;
	struct gh_device_address at = { .driver = "gate/fake" };
	struct gh_actuator *actuator;
	struct gh_device_event event;
	static const uint64_t told[][2] = { { 400, 400 }, { 300, 400 }, { 5000, 1000 },
		{ 900, 1000 }, { 1000, 1000 } };
	fake_reset();
	gh_clock_manual_init(&manual, 1000, 0);
	assert_int_equal(gh_actuator_open(&at, &manual.clock, &actuator, NULL), GH_OK);
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		fake.event = (struct gh_device_event){ .kind = GH_EVENT_GATE_FORCED,
			.time_us = told[i][0] };
		assert_int_equal(gh_actuator_wait(actuator, 0, &event, NULL), GH_OK);
		assert_int_equal(event.time_us, told[i][1]);
	}
	gh_actuator_close(actuator);
}

static void counters_count(void **state)
{
	fake_reset();
	fake.event.kind = GH_EVENT_GATE_OPENED;
	struct gh_actuator *actuator = open_device("gate/fake");
	static const enum gh_status told[] = { GH_OK, GH_TIMEOUT, GH_TIMEOUT, GH_MALFORMED, GH_IO };
	static const enum gh_status heard[] = { GH_OK, GH_TIMEOUT, GH_TIMEOUT, GH_MALFORMED,
		GH_GONE };
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		fake.wait = told[i];
		assert_int_equal(call_wait(actuator), heard[i]);
	}
	fake.wait = GH_OK;
	assert_int_equal(gh_actuator_reopen(actuator, NULL), GH_OK);
	struct gh_device_counters counters = gh_actuator_counters(actuator);
	assert_int_equal(counters.delivered, 1);
	assert_int_equal(counters.timeouts, 2);
	assert_int_equal(counters.damaged, 1);
	assert_int_equal(counters.lost, 1);
	assert_int_equal(counters.opened, 1);
	gh_actuator_close(actuator);
}

static void action_that_finds_it_gone_loses_it(void **state)
{
	fake_reset();
	struct gh_actuator *actuator = open_device("gate/fake");
	fake.act = GH_IO;
	assert_int_equal(call_act(actuator), GH_IO);
	assert_int_equal(gh_actuator_state(actuator), GH_DEVICE_OPEN);
	fake.act = GH_GONE;
	assert_int_equal(call_act(actuator), GH_GONE);
	assert_int_equal(gh_actuator_state(actuator), GH_DEVICE_LOST);
	gh_actuator_close(actuator);
}

static void unplugged_stays_out_until_replugged(void **state)
{
	struct gh_device_address at = { .driver = "gate/fake", .address = "a" };
	struct gh_actuator *other;
	fake_reset();
	struct gh_actuator *actuator = open_device("gate/fake");
	assert_int_equal(gh_actuator_rehearse(actuator, "unplug", NULL), GH_OK);
	assert_int_equal(call_wait(actuator), GH_GONE);
	assert_int_equal(gh_actuator_reopen(actuator, NULL), GH_GONE);
	assert_int_equal(call_rehearse(actuator), GH_GONE);
	assert_int_equal(gh_actuator_open(&at, gh_clock_system(), &other, NULL), GH_GONE);
	assert_int_equal(gh_actuator_rehearse(actuator, "replug", NULL), GH_OK);
	assert_int_equal(gh_actuator_reopen(actuator, NULL), GH_OK);
	gh_actuator_close(actuator);
	assert_int_equal(fake.opened, fake.closed);
}

static void only_so_many_can_be_out_at_once(void **state)
{
	struct gh_actuator *actuators[40];
	unsigned out = 0;
	fake_reset();
	for (unsigned i = 0; i < 40; i++) {
		struct gh_device_address at = { .driver = "gate/fake" };
		snprintf(at.address, sizeof(at.address), "gate %u", i);
		assert_int_equal(
			gh_actuator_open(&at, gh_clock_system(), &actuators[i], NULL), GH_OK);
		enum gh_status status = gh_actuator_rehearse(actuators[i], "unplug", NULL);
		assert_true(status == GH_OK || status == GH_FULL);
		assert_true(status == GH_OK || out >= 32);
		out += status == GH_OK;
	}
	for (unsigned i = 0; i < 40; i++) {
		assert_int_equal(gh_actuator_rehearse(actuators[i], "replug", NULL), GH_OK);
		assert_int_equal(gh_actuator_reopen(actuators[i], NULL), GH_OK);
		gh_actuator_close(actuators[i]);
	}
	assert_int_equal(out, 32);
}

static void sensors_neither_act_nor_rehearse(void **state)
{
	fake_reset();
	struct gh_actuator *actuator = open_device("barcode/fake");
	assert_int_equal(call_act(actuator), GH_UNSUPPORTED);
	assert_int_equal(gh_actuator_rehearse(actuator, "unplug", NULL), GH_UNSUPPORTED);
	gh_actuator_close(actuator);
}

static void cameras_are_no_actuators(void **state)
{
	struct gh_device_address at = { .driver = "camera/fake" };
	struct gh_error error = GH_ERROR_NONE;
	struct gh_actuator *actuator;
	fake_reset();
	assert_int_equal(
		gh_actuator_open(&at, gh_clock_system(), &actuator, &error), GH_UNSUPPORTED);
	assert_null(actuator);
	assert_non_null(strstr(error.text, "gate/fake, light/fake"));
	fake.open = GH_BUSY;
	strcpy(at.driver, "gate/fake");
	assert_int_equal(gh_actuator_open(&at, gh_clock_system(), &actuator, NULL), GH_BUSY);
	assert_null(actuator);
	assert_int_equal(fake.closed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_in_every_state),
		cmocka_unit_test(only_its_class_knows_an_action),
		cmocka_unit_test(values_out_of_range_do_not_reach_the_driver),
		cmocka_unit_test(only_its_class_tells_an_event),
		cmocka_unit_test(time_of_events_never_goes_back_nor_ahead),
		cmocka_unit_test(counters_count),
		cmocka_unit_test(action_that_finds_it_gone_loses_it),
		cmocka_unit_test(unplugged_stays_out_until_replugged),
		cmocka_unit_test(only_so_many_can_be_out_at_once),
		cmocka_unit_test(sensors_neither_act_nor_rehearse),
		cmocka_unit_test(cameras_are_no_actuators),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
