/* SPDX-License-Identifier: Apache-2.0 */
/* The words for devices, and listing what the drivers find. */
#include "gatehouse/device/device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake/fake.h"
#include "gatehouse/device/actuator.h"

/* Every value has a word of its own, and what is outside has "unknown". */
#define CHECK_WORDS(name, type, count) \
	for (unsigned i = 0; i < (count); i++) { \
		assert_string_not_equal(name((type)i), "unknown"); \
		for (unsigned k = 0; k < i; k++) \
			assert_string_not_equal(name((type)i), name((type)k)); \
	} \
	assert_string_equal(name((type)(count)), "unknown"); \
	assert_string_equal(name((type)-1), "unknown")

static void all_have_words(void **state)
{
	CHECK_WORDS(gh_device_class_name, enum gh_device_class, GH_DEVICE_CLASS_COUNT);
	CHECK_WORDS(gh_device_state_name, enum gh_device_state, GH_DEVICE_LOST + 1);
	CHECK_WORDS(gh_device_event_name, enum gh_device_event_kind, GH_EVENT_KIND_COUNT);
	CHECK_WORDS(gh_page_name, enum gh_page, GH_PAGE_COUNT);
	assert_string_equal(gh_device_class_name(GH_DEVICE_CAMERA), "camera");
	assert_string_equal(gh_device_event_name(GH_EVENT_GATE_TURNED_BACK), "gate_turned_back");
}

static void count(void *ctx, const struct gh_device_found *found)
{
	assert_string_equal(found->address.driver, "camera/fake");
	++*(unsigned *)ctx;
}

static unsigned found(enum gh_device_class device_class)
{
	unsigned sum = 0;
	assert_int_equal(gh_device_list(device_class, count, &sum, NULL), GH_OK);
	return sum;
}

static void drivers_list_what_they_find(void **state)
{
	fake_reset();
	assert_int_equal(found(GH_DEVICE_CLASS_COUNT), 2);
	assert_int_equal(found(GH_DEVICE_CAMERA), 1);
	assert_int_equal(found(GH_DEVICE_GATE), 1);
	assert_int_equal(found(GH_DEVICE_LIGHT), 0); /* it has no list */
}

static void driver_that_fails_is_passed_over(void **state)
{
	fake_reset();
	fake.list = GH_IO;
	assert_int_equal(found(GH_DEVICE_CLASS_COUNT), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_have_words),
		cmocka_unit_test(drivers_list_what_they_find),
		cmocka_unit_test(driver_that_fails_is_passed_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
