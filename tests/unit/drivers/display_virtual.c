/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual display: which notices count as shown, and what is pressed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/words.h"
#include "gatehouse/device/actuator.h"

static struct gh_clock_manual manual;

static enum gh_status try_open(const char *options, struct gh_actuator **actuator)
{
	struct gh_device_address at = { .driver = "display/virtual" };
	snprintf(at.options, sizeof(at.options), "%s", options);
	gh_clock_manual_init(&manual, 1000000, 0);
	return gh_actuator_open(&at, &manual.clock, actuator, NULL);
}

static struct gh_actuator *open_with(const char *options)
{
	struct gh_actuator *actuator;
	assert_int_equal(try_open(options, &actuator), GH_OK);
	return actuator;
}

/* The next event there is now, or GH_EVENT_KIND_COUNT. */
static enum gh_device_event_kind next(struct gh_actuator *actuator, struct gh_device_event *event)
{
	enum gh_status status = gh_actuator_wait(actuator, 0, event, NULL);
	assert_true(status == GH_OK || status == GH_TIMEOUT);
	return status == GH_OK ? event->kind : GH_EVENT_KIND_COUNT;
}

static enum gh_status rehearse(struct gh_actuator *actuator, const char *command)
{
	return gh_actuator_rehearse(actuator, command, NULL);
}

static void show(struct gh_actuator *actuator, enum gh_page page, const char *hash)
{
	struct gh_action action = { .kind = GH_ACTION_DISPLAY_SHOW, .page = page };
	snprintf(action.notice_hash, sizeof(action.notice_hash), "%s", hash);
	assert_int_equal(gh_actuator_act(actuator, &action, NULL), GH_OK);
}

static void notice_is_acknowledged_by_its_hash(void **state)
{
	struct gh_actuator *display = open_with("");
	struct gh_device_event event;
	show(display, GH_PAGE_NOTICE, "c0ffee");
	assert_int_equal(next(display, &event), GH_EVENT_DISPLAY_NOTICE);
	assert_string_equal(event.text, "c0ffee");
	assert_int_equal(next(display, &event), GH_EVENT_KIND_COUNT);
	show(display, GH_PAGE_NOTICE, "");
	assert_int_equal(next(display, &event), GH_EVENT_KIND_COUNT);
	show(display, GH_PAGE_CAPTURE, "c0ffee");
	assert_int_equal(next(display, &event), GH_EVENT_KIND_COUNT);
	gh_actuator_close(display);
}

static void notice_that_gave_way_was_not_shown(void **state)
{
	struct gh_actuator *display = open_with("delay_ms=300");
	struct gh_device_event event;
	show(display, GH_PAGE_NOTICE, "old");
	gh_clock_manual_advance(&manual, 200000);
	assert_int_equal(next(display, &event), GH_EVENT_KIND_COUNT);
	show(display, GH_PAGE_NOTICE, "new");
	gh_clock_manual_advance(&manual, 200000);
	assert_int_equal(next(display, &event), GH_EVENT_KIND_COUNT);
	gh_clock_manual_advance(&manual, 100000);
	assert_int_equal(next(display, &event), GH_EVENT_DISPLAY_NOTICE);
	assert_string_equal(event.text, "new");
	show(display, GH_PAGE_NOTICE, "again");
	show(display, GH_PAGE_IDLE, "");
	gh_clock_manual_advance(&manual, 1000000);
	assert_int_equal(next(display, &event), GH_EVENT_KIND_COUNT);
	gh_actuator_close(display);
}

static void acknowledged_by_hand(void **state)
{
	struct gh_actuator *display = open_with("auto_ack=no");
	struct gh_device_event event;
	assert_int_equal(rehearse(display, "ack"), GH_WRONG_STATE);
	show(display, GH_PAGE_NOTICE, "c0ffee");
	assert_int_equal(next(display, &event), GH_EVENT_KIND_COUNT);
	assert_int_equal(rehearse(display, "ack"), GH_OK);
	assert_int_equal(next(display, &event), GH_EVENT_DISPLAY_NOTICE);
	gh_actuator_close(display);
}

static void muted_display_acknowledges_nothing(void **state)
{
	struct gh_actuator *display = open_with("delay_ms=10");
	struct gh_device_event event;
	show(display, GH_PAGE_NOTICE, "c0ffee");
	assert_int_equal(rehearse(display, "mute"), GH_OK);
	gh_clock_manual_advance(&manual, 20000);
	assert_int_equal(next(display, &event), GH_EVENT_KIND_COUNT);
	show(display, GH_PAGE_NOTICE, "c0ffee");
	gh_clock_manual_advance(&manual, 20000);
	assert_int_equal(next(display, &event), GH_EVENT_KIND_COUNT);
	assert_int_equal(rehearse(display, "unmute"), GH_OK);
	show(display, GH_PAGE_NOTICE, "c0ffee");
	gh_clock_manual_advance(&manual, 20000);
	assert_int_equal(next(display, &event), GH_EVENT_DISPLAY_NOTICE);
	gh_actuator_close(display);
}

static void buttons_are_pressed(void **state)
{
	static const struct {
		const char *command;
		enum gh_device_event_kind kind;
		const char *text;
	} presses[] = {
		{ "continue", GH_EVENT_DISPLAY_CONTINUE, "" },
		{ "opt_out", GH_EVENT_DISPLAY_OPT_OUT, "" },
		{ "more_time", GH_EVENT_DISPLAY_MORE_TIME, "" },
		{ "language pt-BR", GH_EVENT_DISPLAY_LANGUAGE, "pt-BR" },
	};
	struct gh_actuator *display = open_with("");
	for (size_t i = 0; i < sizeof(presses) / sizeof(presses[0]); i++) {
		struct gh_device_event event;
		assert_int_equal(rehearse(display, presses[i].command), GH_OK);
		assert_int_equal(next(display, &event), presses[i].kind);
		assert_string_equal(event.text, presses[i].text);
	}
	gh_actuator_close(display);
}

static void odd_commands_and_options_are_refused(void **state)
{
	static const char *const tags[] = { "language", "language x", "language e n",
		"language ../en", "language abcdefghijklmnopqrstuvwxyzabcdefghij" };
	struct gh_actuator *display = open_with("");
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		assert_int_equal(rehearse(display, tags[i]), GH_MALFORMED);
	assert_int_equal(rehearse(display, "languages"), GH_UNSUPPORTED);
	gh_actuator_close(display);
	assert_int_equal(try_open("auto_ack=1", &display), GH_SETTINGS);
	assert_int_equal(try_open("colour=red", &display), GH_SETTINGS);
}

static void instructions_are_known_words(void **state)
{
	struct gh_actuator *display = open_with("");
	struct gh_action action = { .kind = GH_ACTION_DISPLAY_SHOW, .page = GH_PAGE_POSITION };
	for (int i = 0; i < GH_INSTRUCTION_COUNT; i++) {
		snprintf(action.coaching, sizeof(action.coaching), "%s",
			gh_instruction_name((enum gh_instruction)i));
		assert_int_equal(gh_actuator_act(display, &action, NULL), GH_OK);
	}
	/* A reason is not what a traveller is told. */
	snprintf(action.coaching, sizeof(action.coaching), "too_far");
	assert_int_equal(gh_actuator_act(display, &action, NULL), GH_UNSUPPORTED);
	gh_actuator_close(display);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(instructions_are_known_words),
		cmocka_unit_test(notice_is_acknowledged_by_its_hash),
		cmocka_unit_test(notice_that_gave_way_was_not_shown),
		cmocka_unit_test(acknowledged_by_hand),
		cmocka_unit_test(muted_display_acknowledges_nothing),
		cmocka_unit_test(buttons_are_pressed),
		cmocka_unit_test(odd_commands_and_options_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
