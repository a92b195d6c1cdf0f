/* SPDX-License-Identifier: Apache-2.0 */
/* What devices this build can drive, and what its drivers find here. */
#include "gatehouse/device/driver.h"

#include <string.h>

#include "command.h"
#include "tables.h"

static void add(void *ctx, const struct gh_device_found *found)
{
	json_array_append_new(ctx,
		json_pack("{s:s,s:s,s:s,s:b}", "driver", found->address.driver, "address",
			found->address.address, "label", found->label, "virtual",
			found->is_virtual));
}

static json_t *drivers(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < gh_driver_table_length; i++)
		json_array_append_new(list,
			json_pack("{s:s,s:s,s:b}", "name", gh_driver_table[i]->name, "class",
				gh_device_class_name(gh_driver_table[i]->device_class), "virtual",
				gh_driver_table[i]->is_virtual));
	return list;
}

static void print_all(const json_t *all)
{
	json_t *item;
	size_t i;

	puts("drivers of this build:");
	json_array_foreach(json_object_get(all, "drivers"), i, item)
		printf("  %-20s%s\n", json_string_value(json_object_get(item, "name")),
			json_is_true(json_object_get(item, "virtual")) ? " virtual" : "");
	puts("devices found:");
	if (json_array_size(json_object_get(all, "found")) == 0)
		puts("  none");
	json_array_foreach(json_object_get(all, "found"), i, item)
		printf("  %s %s %s\n", json_string_value(json_object_get(item, "driver")),
			json_string_value(json_object_get(item, "address")),
			json_string_value(json_object_get(item, "label")));
}

static int run_devices(struct call *call)
{
	json_t *found = json_array();
	json_t *all;
	enum gh_status status = GH_OK;

	for (int c = 0; c < GH_DEVICE_CLASS_COUNT && status == GH_OK; c++)
		status = gh_device_list((enum gh_device_class)c, add, found, &call->error);
	if (status != GH_OK) {
		json_decref(found);
		return call_fail(call, status);
	}
	all = json_pack("{s:o,s:o}", "drivers", drivers(), "found", found);
	if (call->json)
		return call_print_json(all);
	print_all(all);
	json_decref(all);
	return EXIT_FINE;
}

const struct command device_commands[] = {
	{ "devices", "", 0, 0, "List the drivers of this build and the devices they find.",
		"gatehouse devices --json", NULL, run_devices },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
