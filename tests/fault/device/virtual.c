/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual devices without memory: open and reopen fail cleanly and can be tried again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "gatehouse/device/actuator.h"
#include "gatehouse/device/driver.h"
#include "inject.h"

static void check_open(const struct gh_device_address *address)
{
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_actuator *actuator;
		enum gh_status status =
			gh_actuator_open(address, gh_clock_system(), &actuator, NULL);
		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		assert_true((status == GH_OK) == (actuator != NULL));
		gh_actuator_close(actuator);
	}
}

static void check_reopen(const struct gh_device_address *address)
{
	struct gh_actuator *actuator;
	inject_pause();
	assert_int_equal(gh_actuator_open(address, gh_clock_system(), &actuator, NULL), GH_OK);
	INJECT_EACH(INJECT_ALLOC, n)
	{
		enum gh_status status = gh_actuator_reopen(actuator, NULL);
		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		assert_int_equal(gh_actuator_state(actuator),
			status == GH_OK ? GH_DEVICE_OPEN : GH_DEVICE_LOST);
	}
	gh_actuator_close(actuator);
}

static void every_virtual_driver(void **state)
{
	unsigned drivers = 0;
	for (size_t i = 0; i < gh_driver_table_length; i++) {
		const struct gh_driver *driver = gh_driver_table[i];
		struct gh_device_address address = { .address = "a" };
		if (!driver->event || !driver->is_virtual)
			continue;
		snprintf(address.driver, sizeof(address.driver), "%s", driver->name);
		check_open(&address);
		check_reopen(&address);
		drivers++;
	}
	assert_true(drivers >= 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_virtual_driver),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
