/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a test over every driver of a class, through its fixture. */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "inject.h"

static const struct contract_fixture *find(const char *driver)
{
	for (unsigned i = 0; i < contract_fixtures_length; i++) {
		if (strcmp(contract_fixtures[i]->driver, driver) == 0)
			return contract_fixtures[i];
	}
	fail_msg("%s has no fixture in tests/contract/fixtures", driver);
	return NULL;
}

static struct contract_device make(const struct contract_fixture *fixture, unsigned variant)
{
	struct contract_device device = { .fixture = fixture };
	snprintf(device.address.driver, sizeof(device.address.driver), "%s", fixture->driver);
	device.world = fixture->make(variant, &device.address);
	return device;
}

void contract_each(enum gh_device_class device_class, void (*test)(struct contract_device *device))
{
	unsigned drivers = 0;
	for (size_t i = 0; i < gh_driver_table_length; i++) {
		const struct gh_driver *driver = gh_driver_table[i];
		if (driver->device_class != device_class)
			continue;
		const struct contract_fixture *fixture = find(driver->name);
		for (unsigned variant = 0; variant < fixture->variants; variant++) {
			struct contract_device device = make(fixture, variant);
			contract_note(device.address.options);
			test(&device);
			contract_remove(&device);
		}
		drivers++;
	}
	assert_true(drivers > 0);
}

struct contract_device contract_another(const struct contract_device *device)
{
	return make(device->fixture, 0);
}

void contract_remove(struct contract_device *device)
{
	device->fixture->remove(device->world);
	device->world = NULL;
}

void contract_count_begin(void)
{
	inject_arm(INJECT_ALLOC, 0);
}

unsigned long contract_count_end(void)
{
	unsigned long count = inject_count(INJECT_ALLOC);
	inject_pause();
	return count;
}

void contract_note(const char *what)
{
	print_message("           with '%s'\n", what);
}
