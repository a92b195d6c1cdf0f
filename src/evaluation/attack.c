/* SPDX-License-Identifier: Apache-2.0 */
/* Shares of presentations called attack, species by species, with their intervals. */
#include "gatehouse/evaluation/attack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attack_fit.h"

#define ROUNDS 1000

/* Identities drawn from; further ones share a place. */
#define IDENTITIES 4096

/* The 97.5 % point of the normal distribution. */
#define Z 1.959964

/* What one identity brought. */
struct tally {
	uint16_t shown;
	uint16_t called;
};

struct tallies {
	uint32_t count;
	struct tally list[IDENTITIES];
};

static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Wilson 1927: right also where nothing or everything was called. */
static void wilson(struct gh_attack_rate *rate)
{
	double n = rate->shown, p = rate->rate, z2 = Z * Z;
	double middle = (p + z2 / (2 * n)) / (1 + z2 / n);
	double half = Z / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n));

	rate->low = fmin(rate->low, fmax(0.0, middle - half));
	rate->high = fmax(rate->high, fmin(1.0, middle + half));
}

static void bootstrap(const struct tallies *tallies, struct gh_attack_rate *rate)
{
	double rates[ROUNDS];
	uint64_t state = 1;

	for (int round = 0; round < ROUNDS; round++) {
		uint32_t shown = 0, called = 0;

		for (uint32_t i = 0; i < tallies->count; i++) {
			const struct tally *drawn = &tallies->list[next(&state) % tallies->count];

			shown += drawn->shown;
			called += drawn->called;
		}
		rates[round] = shown > 0 ? (double)called / shown : rate->rate;
	}
	qsort(rates, ROUNDS, sizeof(rates[0]), compare);
	rate->low = rates[ROUNDS * 25 / 1000];
	rate->high = rates[ROUNDS * 975 / 1000 - 1];
	wilson(rate);
}

/* A judge: the fusion and its limit, or the network's own odds. */
struct judge {
	const struct gh_attack_fusion *fusion; /* NULL: the network alone */
	float limit;
};

static bool calls(const struct judge *judge, const struct gh_attack_case *shown)
{
	const struct gh_attack_measure *network = &shown->cues[GH_ATTACK_CUE_NETWORK];

	if (judge->fusion)
		return !(gh_attack_score(judge->fusion, shown->cues) < judge->limit);
	return network->assessed && network->native >= judge->limit;
}

static void measure(const struct gh_attack_case *cases, size_t count, uint32_t species,
	const struct judge *judge, struct gh_attack_rate *rate)
{
	static const struct tally none;
	struct tallies *tallies = calloc(1, sizeof(*tallies));
	uint32_t called = 0;

	*rate = (struct gh_attack_rate){ 0, NAN, NAN, NAN };
	if (!tallies)
		return;
	for (size_t i = 0; i < count; i++) {
		struct tally *tally = &tallies->list[cases[i].identity % IDENTITIES];
		bool attack;

		if (cases[i].species != species || !cases[i].acquired)
			continue;
		attack = calls(judge, &cases[i]);
		tally->shown++;
		tally->called = (uint16_t)(tally->called + attack);
		rate->shown++;
		called += attack;
	}
	for (uint32_t i = 0; i < IDENTITIES; i++)
		if (memcmp(&tallies->list[i], &none, sizeof(none)) != 0)
			tallies->list[tallies->count++] = tallies->list[i];
	if (rate->shown > 0) {
		rate->rate = (double)called / rate->shown;
		bootstrap(tallies, rate);
	}
	free(tallies);
}

/* The odds that this share of bona fide cases reaches. */
static float network_limit(
	const struct gh_attack_case *cases, size_t count, uint32_t bpcer_permille)
{
	float *odds = calloc(count > 0 ? count : 1, sizeof(*odds)), limit = INFINITY;
	size_t bona_fide = 0;

	for (size_t i = 0; odds && i < count; i++)
		if (cases[i].species == 0 && cases[i].cues[GH_ATTACK_CUE_NETWORK].assessed)
			odds[bona_fide++] = cases[i].cues[GH_ATTACK_CUE_NETWORK].native;
	if (bona_fide > 0)
		limit = gh_attack_upper_quantile(odds, bona_fide, bpcer_permille);
	free(odds);
	return limit;
}

void gh_attack_measure_species(const struct gh_attack_case *cases, size_t count, uint32_t species,
	const struct gh_attack_parameters *parameters, uint32_t bpcer_permille,
	struct gh_attack_rate rates[3])
{
	const struct gh_attack_fusion *all = &parameters->with_network;
	const struct gh_attack_fusion *cues = &parameters->without_network;
	struct judge judges[3] = { { all, gh_attack_limit(all, bpcer_permille) },
		{ cues, gh_attack_limit(cues, bpcer_permille) },
		{ NULL, network_limit(cases, count, bpcer_permille) } };

	for (int i = 0; i < 3; i++)
		measure(cases, count, species, &judges[i], &rates[i]);
}
