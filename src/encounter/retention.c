/* SPDX-License-Identifier: Apache-2.0 */
/* Retention classes, from document and manifest data only. */
#include "gatehouse/encounter/retention.h"

#include <string.h>

#define HOUR_MS INT64_C(3600000)

bool gh_retention_exempt(const char *types, const char *document_type)
{
	size_t length = strlen(document_type);

	while (*types != '\0') {
		size_t word = strcspn(types, " ");

		if (word > 0 && word == length && memcmp(types, document_type, word) == 0)
			return true;
		types += word + strspn(types + word, " ");
	}
	return false;
}

enum gh_retention gh_retention_classify(const struct gh_retention_facts *facts)
{
	if (facts->opted_out)
		return GH_RETENTION_OPTED_OUT;
	if (!facts->identified)
		return GH_RETENTION_UNKNOWN;
	if (strcmp(facts->nationality, "USA") == 0)
		return GH_RETENTION_US_CITIZEN;
	if (facts->exempt)
		return GH_RETENTION_EXEMPT;
	if (facts->nationality[0] == '\0')
		return GH_RETENTION_UNKNOWN;
	return GH_RETENTION_OTHER;
}

static uint32_t hours_of(enum gh_retention retention, uint32_t other_hours)
{
	switch (retention) {
	case GH_RETENTION_OPTED_OUT:
		return 0;
	case GH_RETENTION_OTHER:
		return other_hours < GH_RETENTION_OTHER_HOURS_MAX ? other_hours
								  : GH_RETENTION_OTHER_HOURS_MAX;
	case GH_RETENTION_UNKNOWN:
	case GH_RETENTION_US_CITIZEN:
	case GH_RETENTION_EXEMPT:
	case GH_RETENTION_COUNT:
		break;
	}
	return GH_RETENTION_LIMITED_HOURS;
}

int64_t gh_retention_destroy_by(
	enum gh_retention retention, int64_t captured_ms, uint32_t other_hours)
{
	return captured_ms + hours_of(retention, other_hours) * HOUR_MS;
}
