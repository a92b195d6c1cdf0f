/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual document reader: lines go through as they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/device/actuator.h"

static struct gh_clock_manual manual;

static enum gh_status try_open(const char *options, struct gh_actuator **actuator)
{
	struct gh_device_address at = { .driver = "document/virtual" };
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

static void lines_come_as_they_were_given(void **state)
{
	static const char *const lines[] = { "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
		"L898902C36UTO7408122F1204159ZE184226B<<<<<10", "", "  spaces  ", "\xff\x01\xfe" };
	struct gh_actuator *reader = open_with("");
	struct gh_device_event event;
	char command[GH_DEVICE_TEXT_BYTES + 64];
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(command, sizeof(command), "line %s", lines[i]);
		assert_int_equal(rehearse(reader, command), GH_OK);
		assert_int_equal(next(reader, &event), GH_EVENT_READER_LINE);
		assert_string_equal(event.text, lines[i]);
	}
	gh_actuator_close(reader);
}

static void line_without_an_end_is_refused(void **state)
{
	struct gh_actuator *reader = open_with("");
	struct gh_device_event event;
	char command[GH_DEVICE_TEXT_BYTES + 64];
	memset(command, 'A', sizeof(command));
	memcpy(command, "line ", 5);
	command[5 + GH_DEVICE_TEXT_BYTES] = '\0';
	assert_int_equal(rehearse(reader, command), GH_TOO_LARGE);
	assert_int_equal(next(reader, &event), GH_EVENT_KIND_COUNT);
	command[5 + GH_DEVICE_TEXT_BYTES - 1] = '\0';
	assert_int_equal(rehearse(reader, command), GH_OK);
	assert_int_equal(next(reader, &event), GH_EVENT_READER_LINE);
	gh_actuator_close(reader);
}

static void line_takes_its_time(void **state)
{
	struct gh_actuator *reader = open_with("delay_ms=70");
	struct gh_device_event event;
	assert_int_equal(rehearse(reader, "line A"), GH_OK);
	gh_clock_manual_advance(&manual, 69999);
	assert_int_equal(next(reader, &event), GH_EVENT_KIND_COUNT);
	gh_clock_manual_advance(&manual, 1);
	assert_int_equal(next(reader, &event), GH_EVENT_READER_LINE);
	gh_actuator_close(reader);
}

static void other_commands_are_refused(void **state)
{
	struct gh_actuator *reader = open_with("");
	assert_int_equal(rehearse(reader, "lines A"), GH_UNSUPPORTED);
	gh_actuator_close(reader);
	assert_int_equal(try_open("baud=9600", &reader), GH_SETTINGS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_as_they_were_given),
		cmocka_unit_test(line_without_an_end_is_refused),
		cmocka_unit_test(line_takes_its_time),
		cmocka_unit_test(other_commands_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
