/* SPDX-License-Identifier: Apache-2.0 */
/* Probes averaged over several different pictures of a person. */
#include "averaging.h"

#include <stdlib.h>

#include "gatehouse/base/bytes.h"

enum {
	CHOSEN_FROM_MAX = 40
};

/* How many ways there are to choose pictures of count, as far as that matters here. */
static uint64_t choices(uint64_t count, uint32_t pictures)
{
	uint64_t ways = 1;

	for (uint32_t i = 0; i < pictures; i++)
		ways = ways * (count - i) / (i + 1);
	return ways;
}

/* The run of references of one identity; of very many, the first are enough to choose from. */
static size_t end_of_person(const struct gh_template_set *references, size_t first)
{
	size_t end = first;

	while (end < references->count && end - first < CHOSEN_FROM_MAX &&
		references->identities[end] == references->identities[first])
		end++;
	return end;
}

/* The next choice in lexicographic order, as offsets from the person's first reference. */
static void advance(uint32_t *chosen, uint32_t pictures, size_t count)
{
	uint32_t i = pictures;

	while (i-- > 0)
		if (chosen[i] + (pictures - i) < count)
			break;
	if (i >= pictures)
		return;
	chosen[i]++;
	for (uint32_t k = i + 1; k < pictures; k++)
		chosen[k] = chosen[k - 1] + 1;
}

static void add_probe(const struct gh_template_set *references, size_t first,
	const uint32_t *chosen, uint32_t pictures, struct gh_template_set *probes)
{
	struct gh_template *sum = &probes->templates[probes->count];
	uint32_t *members = probes->members[probes->count];

	*sum = (struct gh_template){ { 0.0f } };
	for (uint32_t i = 0; i < GH_AVERAGED_MAX; i++)
		members[i] = i < pictures ? (uint32_t)first + chosen[i] : UINT32_MAX;
	for (uint32_t i = 0; i < pictures; i++)
		for (size_t v = 0; v < GH_TEMPLATE_VALUES; v++)
			sum->values[v] += references->templates[members[i]].values[v];
	probes->identities[probes->count] = references->identities[first];
	/* Opposite templates cancel out; such a probe is no worse than a missing one. */
	if (gh_template_normalise(sum, NULL) == GH_OK)
		probes->count++;
}

static size_t probes_of_person(size_t count, uint32_t pictures, uint32_t least)
{
	uint64_t ways = count >= least && count >= pictures ? choices(count, pictures) : 0;

	return ways < GH_AVERAGING_PROBES_MAX ? (size_t)ways : GH_AVERAGING_PROBES_MAX;
}

static void add_person(const struct gh_template_set *references, size_t first, size_t end,
	uint32_t pictures, struct gh_template_set *probes)
{
	uint32_t chosen[GH_AVERAGED_MAX];
	uint64_t ways = choices(end - first, pictures);
	uint64_t kept = ways < GH_AVERAGING_PROBES_MAX ? ways : GH_AVERAGING_PROBES_MAX;

	for (uint32_t i = 0; i < pictures; i++)
		chosen[i] = i;
	for (uint64_t way = 0; way < ways; way++) {
		if ((way + 1) * kept / ways > way * kept / ways)
			add_probe(references, first, chosen, pictures, probes);
		advance(chosen, pictures, end - first);
	}
}

/* Where the next person begins. */
static size_t next_person(const struct gh_template_set *references, size_t first)
{
	size_t next = first;

	while (next < references->count &&
		references->identities[next] == references->identities[first])
		next++;
	return next;
}

enum gh_status gh_averaging_make(const struct gh_template_set *references, uint32_t pictures,
	uint32_t least, struct gh_template_set *probes, uint32_t *probes_of, struct gh_error *error)
{
	size_t count = 0;

	for (size_t i = 0; i < references->count; i = next_person(references, i))
		count += probes_of_person(end_of_person(references, i) - i, pictures, least);
	*probes = (struct gh_template_set){
		.templates = calloc(count + 1, sizeof(*probes->templates)),
		.identities = calloc(count + 1, sizeof(*probes->identities)),
		.members = calloc(count + 1, sizeof(*probes->members)),
	};
	if (!probes->templates || !probes->identities || !probes->members) {
		gh_template_set_finish(probes);
		return gh_error_set(error, GH_NO_MEMORY, "%zu averaged probes", count);
	}
	for (size_t i = 0; i < references->count; i = next_person(references, i)) {
		size_t end = end_of_person(references, i);
		size_t before = probes->count;

		if (probes_of_person(end - i, pictures, least) > 0)
			add_person(references, i, end, pictures, probes);
		probes_of[references->identities[i]] = (uint32_t)(probes->count - before);
	}
	return GH_OK;
}

void gh_template_set_finish(struct gh_template_set *set)
{
	if (set->templates)
		gh_wipe(set->templates, set->count * sizeof(*set->templates));
	free(set->templates);
	free(set->identities);
	free(set->members);
	*set = (struct gh_template_set){ .templates = NULL };
}
