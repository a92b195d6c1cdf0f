/* SPDX-License-Identifier: Apache-2.0 */
/* The contract of document readers, run over every driver of the class. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "contract/support/fixture.h"

#define PATIENCE_MS 20000

static struct gh_actuator *open_device(const struct contract_device *device)
{
	struct gh_actuator *actuator;
	assert_int_equal(
		gh_actuator_open(&device->address, gh_clock_system(), &actuator, NULL), GH_OK);
	return actuator;
}

/* The next event of this kind; others may come before it. */
static struct gh_device_event expect(struct gh_actuator *actuator, enum gh_device_event_kind kind)
{
	struct gh_device_event event;
	do
		assert_int_equal(gh_actuator_wait(actuator, PATIENCE_MS, &event, NULL), GH_OK);
	while (event.kind != kind);
	return event;
}

static void lines_hold_text_that_ends(struct contract_device *device)
{
	struct gh_actuator *reader = open_device(device);
	for (unsigned i = 0; i < 5; i++) {
		struct gh_device_event event =
			expect(reader, device->fixture->cause(device->world, reader));
		assert_int_equal(event.kind, GH_EVENT_READER_LINE);
		assert_non_null(memchr(event.text, '\0', sizeof(event.text)));
		assert_true(strlen(event.text) > 0);
	}
	gh_actuator_close(reader);
}

static void each_lines_hold_text_that_ends(void **state)
{
	contract_each(GH_DEVICE_DOCUMENT, lines_hold_text_that_ends);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_lines_hold_text_that_ends),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	return failed + contract_run_events(GH_DEVICE_DOCUMENT, "every document");
}
