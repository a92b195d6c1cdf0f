/* SPDX-License-Identifier: Apache-2.0 */
/* Fixtures of virtual devices: they live in their address and are moved by rehearsed commands. */
#ifndef GATEHOUSE_TESTS_CONTRACT_REHEARSED_H
#define GATEHOUSE_TESTS_CONTRACT_REHEARSED_H

#include "contract/support/fixture.h"

/* An address of a class that no device had before, with options. */
void rehearsed_address(
	const char *class_name, const char *options, struct gh_device_address *address);

/* Tell a device a command it has to take. */
void rehearsed_say(struct gh_actuator *actuator, const char *command);

/* The members of struct contract_fixture that are the same for all of them. */
void rehearsed_remove(void *world);
void rehearsed_unplug(void *world, struct gh_camera *camera, struct gh_actuator *actuator);
void rehearsed_replug(void *world, struct gh_camera *camera, struct gh_actuator *actuator);
void rehearsed_garble(void *world, struct gh_actuator *actuator);

#define REHEARSED_MEMBERS \
	.variants = 1, .remove = rehearsed_remove, .unplug = rehearsed_unplug, \
	.replug = rehearsed_replug, .garble = rehearsed_garble

#endif
