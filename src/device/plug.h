/* SPDX-License-Identifier: Apache-2.0 */
/* Which virtual devices somebody has pulled out: it outlives their handles. */
#ifndef DEVICE_PLUG_H
#define DEVICE_PLUG_H

#include "gatehouse/device/device.h"

/** Devices that can be out at once. */
#define GH_PLUG_OUT_MAX 32

/** Pull a device out. GH_OK also when it is out; GH_FULL. Any thread. */
GH_MUST_USE enum gh_status gh_plug_pull(
	const struct gh_device_address *address, struct gh_error *error);

/** Put it back in; nothing happens to one that is in. Any thread. */
void gh_plug_insert(const struct gh_device_address *address);

/** GH_OK, or GH_GONE while it is out. Any thread. */
GH_MUST_USE enum gh_status gh_plug_check(
	const struct gh_device_address *address, struct gh_error *error);

#endif
