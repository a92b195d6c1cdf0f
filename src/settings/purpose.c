/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of purpose and traffic, one row each. */
#include "gatehouse/settings/purpose.h"

#include <stdio.h>
#include <string.h>

/* What a rule looks at, and the words of its refusal. */
struct rule {
	bool broken;
	const char *refusal;
};

/* Join the refusals of all broken rules: a technician wants to know them at once. */
static enum gh_status judge(
	const char *what, const struct rule *rules, size_t count, struct gh_error *error)
{
	char text[GH_ERROR_TEXT_BYTES] = "";
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		if (!rules[i].broken || used >= sizeof(text))
			continue;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
			used > 0 ? "; " : "", rules[i].refusal);
	}
	if (used == 0)
		return GH_OK;
	return gh_error_set(error, GH_SETTINGS, "%s refuses %s", what, text);
}

static enum gh_status judge_service(const struct gh_settings *settings,
	const struct gh_purpose_facts *facts, struct gh_error *error)
{
	const struct rule rules[] = {
		{ facts->virtual_driver, "a replay or virtual driver" },
		{ facts->demo_certificate, "a certificate made by the demo" },
		{ facts->unfit_keys, "the key provider (keys are on the disk)" },
		{ facts->key_in_file, "[uplink] key_file in a file (gatehouse keys import)" },
		{ facts->test_voyage, "a test voyage" },
		{ facts->research_calibration, "a calibration marked research-only" },
		{ facts->test_urls, "test-only state URLs" },
		{ settings->lane.rehearsal, "[lane] rehearsal" },
		{ settings->gallery.demo_padding > 0, "[gallery] demo_padding" },
	};

	return judge("purpose = service", rules, sizeof(rules) / sizeof(rules[0]), error);
}

static enum gh_status judge_demo(const struct gh_purpose_facts *facts, struct gh_error *error)
{
	const struct rule rules[] = {
		{ facts->real_gate, "a gate driver that is not virtual" },
	};

	return judge("purpose = demo", rules, sizeof(rules) / sizeof(rules[0]), error);
}

enum gh_status gh_purpose_check_lane(const struct gh_settings *settings,
	const struct gh_purpose_facts *facts, struct gh_error *error)
{
	if (settings->lane.traffic == GH_TRAFFIC_LAND && !facts->chip_reader)
		return gh_error_set(error, GH_SETTINGS,
			"traffic = land needs a document reader that reads chips, "
			"and there is none");
	if (settings->lane.purpose == GH_PURPOSE_SERVICE)
		return judge_service(settings, facts, error);
	return judge_demo(facts, error);
}

enum gh_status gh_purpose_check_central(const struct gh_settings *settings,
	const struct gh_purpose_facts *facts, struct gh_error *error)
{
	const struct rule rules[] = {
		{ facts->demo_certificate, "a certificate made by the demo" },
		{ facts->test_voyage, "a test voyage" },
		{ facts->key_in_file,
			"[central] issuer_key_file in a file (gatehouse keys import)" },
		{ !settings->central.registered_only, "registered_only = no" },
	};

	if (settings->central.purpose != GH_PURPOSE_SERVICE)
		return GH_OK;
	return judge("[central] purpose = service", rules, sizeof(rules) / sizeof(rules[0]), error);
}
