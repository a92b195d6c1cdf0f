/* SPDX-License-Identifier: Apache-2.0 */
/* From cues to one score, and from a share of false alarms to its limit. */
#include "gatehouse/vision/attack.h"

#include <math.h>

const uint32_t gh_attack_bpcers_permille[GH_ATTACK_BPCER_COUNT] = { 10, 20, 30, 50, 100, 200 };

static const char *const words[] = {
#define ATTACK_WORD(name, word) word,
	GH_ATTACK_CUE_LIST(ATTACK_WORD)
#undef ATTACK_WORD
};

const char *gh_attack_cue_word(enum gh_attack_cue cue)
{
	return (unsigned)cue < GH_ATTACK_CUE_COUNT ? words[cue] : "unknown";
}

bool gh_attack_suspected(const struct gh_attack *attack)
{
	/* A score that is no number is suspected, not passed over. */
	return attack->assessed && !(attack->score < attack->limit);
}

float gh_attack_evidence(const struct gh_attack_term *term, const struct gh_attack_measure *cue)
{
	float native = cue->assessed && isfinite(cue->native) ? cue->native : term->typical;
	float far = (native - term->centre) / term->scale;

	/* The softplus, without overflow. */
	return term->weight * (fmaxf(far, 0.0f) + log1pf(expf(-fabsf(far))));
}

float gh_attack_score(const struct gh_attack_fusion *fusion,
	const struct gh_attack_measure cues[GH_ATTACK_CUE_COUNT])
{
	float score = fusion->bias;

	for (int i = 0; i < GH_ATTACK_CUE_COUNT; i++)
		score += gh_attack_evidence(&fusion->terms[i], &cues[i]);
	return score;
}

float gh_attack_limit(const struct gh_attack_fusion *fusion, uint32_t bpcer_permille)
{
	const uint32_t *shares = gh_attack_bpcers_permille;
	uint32_t i = 1;
	float part;

	if (bpcer_permille <= shares[0])
		return fusion->limits[0];
	while (i < GH_ATTACK_BPCER_COUNT - 1 && shares[i] < bpcer_permille)
		i++;
	if (bpcer_permille >= shares[i])
		return fusion->limits[i];
	part = logf((float)bpcer_permille / (float)shares[i - 1]) /
		logf((float)shares[i] / (float)shares[i - 1]);
	return fusion->limits[i - 1] + part * (fusion->limits[i] - fusion->limits[i - 1]);
}
