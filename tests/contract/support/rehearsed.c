/* SPDX-License-Identifier: Apache-2.0 */
/* What all fixtures of virtual devices do alike. */
#include "contract/support/rehearsed.h"

#include <assert.h>
#include <stdio.h>

void rehearsed_address(
	const char *class_name, const char *options, struct gh_device_address *address)
{
	static unsigned number;

	snprintf(address->address, sizeof(address->address), "%s %u", class_name, number++);
	snprintf(address->options, sizeof(address->options), "%s", options);
}

void rehearsed_say(struct gh_actuator *actuator, const char *command)
{
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = gh_actuator_rehearse(actuator, command, &error);

	if (status != GH_OK)
		fprintf(stderr, "%s: %s\n", command, error.text);
	assert(status == GH_OK);
}

void rehearsed_remove(void *world)
{
	(void)world;
}

void rehearsed_unplug(void *world, struct gh_camera *camera, struct gh_actuator *actuator)
{
	(void)world;
	(void)camera;
	rehearsed_say(actuator, "unplug");
}

void rehearsed_replug(void *world, struct gh_camera *camera, struct gh_actuator *actuator)
{
	(void)world;
	(void)camera;
	rehearsed_say(actuator, "replug");
}

void rehearsed_garble(void *world, struct gh_actuator *actuator)
{
	(void)world;
	rehearsed_say(actuator, "garble");
}
