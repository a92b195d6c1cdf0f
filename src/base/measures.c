/* SPDX-License-Identifier: Apache-2.0 */
/* The table of quality measures. */
#include "gatehouse/base/measures.h"

#include <stddef.h>

static const struct gh_measure_facts table[GH_MEASURE_COUNT] = {
#define FACTS(name, id, word, unit, standard) \
	[GH_MEASURE_##name] = { word, unit, id, (standard) != 0 },
	GH_MEASURE_LIST(FACTS)
#undef FACTS
};

const struct gh_measure_facts *gh_measure_facts(enum gh_measure_name name)
{
	return (unsigned)name < GH_MEASURE_COUNT ? &table[name] : NULL;
}

void gh_measures_clear(struct gh_measures *measures)
{
	for (size_t i = 0; i < GH_MEASURE_COUNT; i++)
		measures->list[i] = (struct gh_measure){
			.assessed = false, .native = 0.0f, .component = GH_COMPONENT_NOT_ASSESSED
		};
}
