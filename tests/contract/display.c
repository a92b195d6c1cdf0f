/* SPDX-License-Identifier: Apache-2.0 */
/* The contract of displays, run over every driver of the class. */
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

static void every_page_is_shown(struct contract_device *device)
{
	struct gh_actuator *display = open_device(device);
	for (unsigned page = 0; page <= GH_PAGE_COUNT; page++) {
		struct gh_action action = { .kind = GH_ACTION_DISPLAY_SHOW,
			.page = (enum gh_page)page };
		assert_int_equal(gh_actuator_act(display, &action, NULL),
			page < GH_PAGE_COUNT ? GH_OK : GH_UNSUPPORTED);
	}
	gh_actuator_close(display);
}

static void notice_is_acknowledged_by_its_hash(struct contract_device *device)
{
	struct gh_actuator *display = open_device(device);
	for (unsigned i = 0; i < 3; i++) {
		struct gh_action action = { .kind = GH_ACTION_DISPLAY_SHOW,
			.page = GH_PAGE_NOTICE };
		memset(action.notice_hash, (int)('a' + i), sizeof(action.notice_hash) - 1);
		assert_int_equal(gh_actuator_act(display, &action, NULL), GH_OK);
		struct gh_device_event event = expect(display, GH_EVENT_DISPLAY_NOTICE);
		assert_string_equal(event.text, action.notice_hash);
	}
	gh_actuator_close(display);
}

static void each_every_page_is_shown(void **state)
{
	contract_each(GH_DEVICE_DISPLAY, every_page_is_shown);
}

static void each_notice_is_acknowledged_by_its_hash(void **state)
{
	contract_each(GH_DEVICE_DISPLAY, notice_is_acknowledged_by_its_hash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_every_page_is_shown),
		cmocka_unit_test(each_notice_is_acknowledged_by_its_hash),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	return failed + contract_run_events(GH_DEVICE_DISPLAY, "every display");
}
