/* SPDX-License-Identifier: Apache-2.0 */
/* The table of quality measures. */
#include "gatehouse/base/measures.h"

#include <stddef.h>

static const char *const origin_words[] = {
	[GH_ORIGIN_STANDARD] = "standard",
	[GH_ORIGIN_OWN] = "own",
	[GH_ORIGIN_FLAG] = "flag",
	[GH_ORIGIN_ABSENT] = "absent",
};

static const char *const suspicion_words[GH_SUSPICION_COUNT] = {
	[GH_SUSPICION_NOT_ASSESSED] = "not_assessed",
	[GH_SUSPICION_NO] = "no",
	[GH_SUSPICION_YES] = "yes",
};

/* Constant expressions, so that the words can stand in a table of facts. */
#define WORD_HIGHER "higher"
#define WORD_LOWER "lower"
#define WORD_MIDDLE "middle"
#define WORD_ZERO "zero"

static const struct gh_measure_facts table[GH_MEASURE_COUNT] = {
#define FACTS(name, id, word, unit, origin, better) \
	[GH_MEASURE_##name] = { word, unit, WORD_##better, id, \
		GH_ORIGIN_##origin == GH_ORIGIN_STANDARD, GH_ORIGIN_##origin, \
		GH_BETTER_##better },
	GH_MEASURE_LIST(FACTS)
#undef FACTS
};

const struct gh_measure_facts *gh_measure_facts(enum gh_measure_name name)
{
	return (unsigned)name < GH_MEASURE_COUNT ? &table[name] : NULL;
}

const char *gh_origin_name(enum gh_origin origin)
{
	return (unsigned)origin <= GH_ORIGIN_ABSENT ? origin_words[origin] : NULL;
}

const char *gh_suspicion_name(enum gh_suspicion suspicion)
{
	return (unsigned)suspicion < GH_SUSPICION_COUNT ? suspicion_words[suspicion] : NULL;
}

void gh_measures_clear(struct gh_measures *measures)
{
	for (size_t i = 0; i < GH_MEASURE_COUNT; i++)
		measures->list[i] = (struct gh_measure){ .component = GH_COMPONENT_NOT_ASSESSED };
}
