/* SPDX-License-Identifier: Apache-2.0 */
/* The words for devices, and asking the drivers of the build what they find. */
#include "gatehouse/device/device.h"

#include "gatehouse/base/log.h"
#include "gatehouse/device/actuator.h"
#include "gatehouse/device/driver.h"

const char *gh_device_class_name(enum gh_device_class device_class)
{
	static const char *const names[GH_DEVICE_CLASS_COUNT] = {
#define NAME(name, text) [GH_DEVICE_##name] = text,
		GH_DEVICE_CLASS_LIST(NAME)
#undef NAME
	};
	return (unsigned)device_class < GH_DEVICE_CLASS_COUNT ? names[device_class] : "unknown";
}

const char *gh_device_state_name(enum gh_device_state state)
{
	static const char *const names[] = {
		[GH_DEVICE_CLOSED] = "closed",
		[GH_DEVICE_OPEN] = "open",
		[GH_DEVICE_STREAMING] = "streaming",
		[GH_DEVICE_LOST] = "lost",
	};
	return (unsigned)state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown";
}

const char *gh_page_name(enum gh_page page)
{
	static const char *const names[GH_PAGE_COUNT] = {
#define NAME(name, text) [GH_PAGE_##name] = text,
		GH_PAGE_LIST(NAME)
#undef NAME
	};
	return (unsigned)page < GH_PAGE_COUNT ? names[page] : "unknown";
}

const char *gh_device_event_name(enum gh_device_event_kind kind)
{
	static const char *const names[GH_EVENT_KIND_COUNT] = {
		[GH_EVENT_GATE_OPENED] = "gate_opened",
		[GH_EVENT_GATE_CLOSED] = "gate_closed",
		[GH_EVENT_GATE_BLOCKED] = "gate_blocked",
		[GH_EVENT_GATE_FORCED] = "gate_forced",
		[GH_EVENT_GATE_LEFT_OPEN] = "gate_left_open",
		[GH_EVENT_GATE_PASSED] = "gate_passed",
		[GH_EVENT_GATE_TAILGATE] = "gate_tailgate",
		[GH_EVENT_GATE_TURNED_BACK] = "gate_turned_back",
		[GH_EVENT_GATE_OBJECT] = "gate_object",
		[GH_EVENT_DISPLAY_NOTICE] = "display_notice",
		[GH_EVENT_DISPLAY_CONTINUE] = "display_continue",
		[GH_EVENT_DISPLAY_OPT_OUT] = "display_opt_out",
		[GH_EVENT_DISPLAY_MORE_TIME] = "display_more_time",
		[GH_EVENT_DISPLAY_LANGUAGE] = "display_language",
		[GH_EVENT_PRESENCE_OCCUPIED] = "presence_occupied",
		[GH_EVENT_PRESENCE_VACANT] = "presence_vacant",
		[GH_EVENT_READER_LINE] = "reader_line",
		[GH_EVENT_ALARM_FIRE] = "alarm_fire",
		[GH_EVENT_DEVICE_LOST] = "device_lost",
		[GH_EVENT_DEVICE_BACK] = "device_back",
	};
	return (unsigned)kind < GH_EVENT_KIND_COUNT ? names[kind] : "unknown";
}

enum gh_status gh_device_list(enum gh_device_class device_class,
	void (*call)(void *ctx, const struct gh_device_found *found), void *ctx,
	struct gh_error *error)
{
	(void)error; /* a driver's failure is logged, and no other way to fail is left */
	for (size_t i = 0; i < gh_driver_table_length; i++) {
		const struct gh_driver *driver = gh_driver_table[i];
		bool wanted = device_class == GH_DEVICE_CLASS_COUNT ||
			device_class == driver->device_class;
		if (!wanted || !driver->list)
			continue;
		struct gh_error failure = GH_ERROR_NONE;
		if (driver->list(call, ctx, &failure) != GH_OK)
			gh_log(GH_LOG_WARNING, "device", "list_failed",
				gh_log_place("driver", driver->name), gh_log_error(&failure));
	}
	return GH_OK;
}
