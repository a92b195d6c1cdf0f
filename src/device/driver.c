/* SPDX-License-Identifier: Apache-2.0 */
/* Finds a driver of this build by its name. */
#include "gatehouse/device/driver.h"

#include <string.h>

const struct gh_driver *gh_driver_find(const char *name)
{
	for (size_t i = 0; i < gh_driver_table_length; i++) {
		if (strcmp(gh_driver_table[i]->name, name) == 0)
			return gh_driver_table[i];
	}
	return NULL;
}
