/* SPDX-License-Identifier: Apache-2.0 */
/* The words of base, and the rules of both tables, in the form that the tables use. */
#include "tables.h"

#define WORDS(type, last) \
	static const char *name_##type(unsigned value) \
	{ \
		return gh_##type##_name((enum gh_##type)value); \
	} \
	const struct gh_field_words gh_words_##type = { name_##type, last };

WORDS(clock_quality, GH_CLOCK_SYNCED + 1)
WORDS(capture, GH_CAPTURE_COUNT)
WORDS(reason, GH_REASON_COUNT)
WORDS(comparison, GH_COMPARISON_COUNT)
WORDS(outcome, GH_OUTCOME_COUNT)
WORDS(decision, GH_DECISION_COUNT)
WORDS(referral, GH_REFERRAL_COUNT)
WORDS(disposition, GH_DISPOSITION_COUNT)
WORDS(addendum_kind, GH_ADDENDUM_COUNT)
WORDS(retention, GH_RETENTION_COUNT)
WORDS(purpose, GH_PURPOSE_COUNT)
WORDS(mode, GH_MODE_COUNT)
WORDS(direction, GH_DIRECTION_COUNT)
WORDS(traffic, GH_TRAFFIC_COUNT)
WORDS(suspicion, GH_SUSPICION_COUNT)

const struct gh_rule *gh_rules_broken(const struct gh_rule *rules, size_t count, const void *wire)
{
	for (size_t i = 0; i < count; i++)
		if (!rules[i].keeps(wire))
			return &rules[i];
	return NULL;
}
