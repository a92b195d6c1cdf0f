/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a contract suite needs to know of each driver to try it.
 *
 * A driver CLASS/NAME has tests/contract/fixtures/CLASS_NAME.c, which defines
 * `const struct contract_fixture contract_fixture_CLASS_NAME`. The suite of its class fails as long
 * as it has none.
 */
#ifndef GATEHOUSE_TESTS_CONTRACT_FIXTURE_H
#define GATEHOUSE_TESTS_CONTRACT_FIXTURE_H

#include "gatehouse/device/actuator.h"
#include "gatehouse/device/camera.h"
#include "gatehouse/device/driver.h"

/* How to make and move one driver's devices. */
struct contract_fixture {
	const char *driver;

	/* Ways to set it up, at least one; make() takes 0 to variants - 1. */
	unsigned variants;

	/* Make a device the suite can open, and what belongs to it. Addresses differ each time. */
	void *(*make)(unsigned variant, struct gh_device_address *address);

	/* Take away what make() made. */
	void (*remove)(void *world);

	/* Take an open device away and bring it back, from any thread. */
	void (*unplug)(void *world, struct gh_camera *camera, struct gh_actuator *actuator);
	void (*replug)(void *world, struct gh_camera *camera, struct gh_actuator *actuator);

	/* Cameras: deliver nothing from now on, and deliver again. */
	void (*quiet)(void *world, struct gh_camera *camera);
	void (*resume)(void *world, struct gh_camera *camera);

	/* Others: let an event happen that the class has, and say which. */
	enum gh_device_event_kind (*cause)(void *world, struct gh_actuator *actuator);

	/* Others, may be NULL: let the device send what it should not. */
	void (*garble)(void *world, struct gh_actuator *actuator);

	/* Gates: put something into the path, and take it away. */
	void (*block_path)(void *world, struct gh_actuator *actuator);
	void (*free_path)(void *world, struct gh_actuator *actuator);
};

/* The fixtures of this suite's class, made by the build from the files. */
extern const struct contract_fixture *const contract_fixtures[];
extern const unsigned contract_fixtures_length;

/* One device of one driver, in the way of one variant. */
struct contract_device {
	const struct contract_fixture *fixture;
	void *world;
	struct gh_device_address address;
};

/* Call test for every driver of a class in the table and every variant; fails without a fixture. */
void contract_each(enum gh_device_class device_class, void (*test)(struct contract_device *device));

/* Another device of the same driver and variant 0; give it back with contract_remove(). */
struct contract_device contract_another(const struct contract_device *device);

void contract_remove(struct contract_device *device);

/* Allocations of product code since contract_count_begin(); foreign libraries' are not seen. */
void contract_count_begin(void);
unsigned long contract_count_end(void);

/* The part of a suite that is the same for every class but camera; runs over all its drivers. */
int contract_run_events(enum gh_device_class device_class, const char *name);

/* A word on what is being tried, shown when an assertion fails. */
void contract_note(const char *what);

#endif
