/* SPDX-License-Identifier: Apache-2.0 */
/* What a lane can see itself that somebody should look after. */
#include "gatehouse/health/warnings.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static bool ends(const struct gh_health *health, const struct gh_health_certificate *certificate)
{
	int64_t left_ms = certificate->not_after_ms - health->machine.now_ms;
	int64_t life_ms = certificate->not_after_ms - certificate->not_before_ms;

	return certificate->not_after_ms != 0 && left_ms < GH_WARNING_CERTIFICATE_DAYS * DAY_MS &&
		left_ms < life_ms / 5;
}

static bool own_ends(const struct gh_health *health)
{
	return ends(health, &health->machine.own);
}

static bool authority_ends(const struct gh_health *health)
{
	return ends(health, &health->machine.authority);
}

static bool disk_fills(const struct gh_health *health)
{
	return gh_health_disk_free_permille(health) < GH_WARNING_DISK_PERMILLE;
}

static bool is_unsynced(const struct gh_health *health)
{
	return health->machine.clock_quality == GH_CLOCK_UNSYNCED;
}

static const struct {
	const char *name;
	const char *text;
	bool (*stands)(const struct gh_health *health);
} warnings[] = {
	[GH_WARNING_CERTIFICATE_ENDS] = { "certificate_ends",
		"the lane's certificate ends soon: renew [uplink] certificate_file", own_ends },
	[GH_WARNING_AUTHORITY_ENDS] = { "authority_ends",
		"the centre's authority ends soon: renew [uplink] ca_file", authority_ends },
	[GH_WARNING_DISK_FILLS] = { "disk_fills",
		"the disk of [lane] data_directory fills: make room, or deliver what waits",
		disk_fills },
	[GH_WARNING_CLOCK_UNSYNCED] = { "clock_unsynced",
		"the clock is not synchronised: look after NTP on this machine", is_unsynced },
};

const char *gh_warning_name(enum gh_warning warning)
{
	return warnings[warning].name;
}

const char *gh_warning_text(enum gh_warning warning)
{
	return warnings[warning].text;
}

uint32_t gh_health_warnings(const struct gh_health *health)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < GH_WARNING_COUNT; i++)
		bits |= (uint32_t)warnings[i].stands(health) << i;
	return bits;
}
