/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a settings file: refused with a line, or within all ranges. */
#include "gatehouse/settings/settings.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* What the rest of the program relies on. */
static void expect_sound(const struct gh_settings *settings)
{
	if (settings->vision.zone_left_permille >= settings->vision.zone_right_permille ||
		settings->vision.zone_right_permille > 1000 ||
		settings->vision.frames_min > settings->vision.frames_max ||
		settings->vision.frames_max > 8 || settings->retention.other_hours > 336 ||
		settings->gallery.hours_max > 96 || settings->gallery.hours_max == 0 ||
		settings->lane.id[0] == '\0' || settings->lane.id[0] == '.' ||
		strchr(settings->lane.id, '/') || settings->log.level > GH_LOG_DEBUG)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct gh_settings settings;
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status =
		gh_settings_parse((struct gh_view){ bytes, size }, "file", &settings, &error);

	if (status != GH_OK && (status != GH_SETTINGS || strncmp(error.text, "file:", 5) != 0))
		abort();
	expect_sound(&settings);
	return 0;
}
