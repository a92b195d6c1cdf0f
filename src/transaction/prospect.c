/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of the person at hand, and whether another frame could still change the outcome. */
#include <string.h>

#include "inside.h"

int gh_lane_age(const struct gh_lane *lane, const struct gh_search *search)
{
	if (search->count == 0)
		return -1;
	return gh_person_age(
		&search->candidates[0].person, lane->options.clock->real_ms(lane->options.clock));
}

struct gh_limits gh_lane_limits(const struct gh_lane *lane, const struct gh_search *search,
	enum gh_comparison kind, uint32_t frames_averaged)
{
	bool claim = kind == GH_COMPARISON_ONE_TO_ONE;
	struct gh_limits_of of = {
		.kind = kind,
		.templates = search->templates,
		.frames_averaged = frames_averaged,
		.target = claim ? lane->options.fmr_claim : lane->options.fpir_target,
		.age_years = gh_lane_age(lane, search),
		.reference_age_years =
			search->count > 0 ? search->candidates[0].reference_age_years : -1,
	};

	if (lane->options.calibration == NULL)
		return (struct gh_limits){ .match = search->threshold,
			.no_match_below = search->threshold.score,
			.look_alike_from = search->threshold.score };
	return gh_limits_make(lane->options.calibration, &of);
}

void gh_lane_share_claim(struct gh_lane *lane)
{
	const struct passage *p = &lane->passage;

	pthread_mutex_lock(&lane->lock);
	lane->asks_claim = p->claimed;
	lane->asked_claim = p->claim;
	memcpy(lane->asked_issuer, p->claim_issuer, sizeof(lane->asked_issuer));
	pthread_mutex_unlock(&lane->lock);
}

/* As gh_step_compare() asks, from another thread. */
static enum gh_status ask(struct gh_lane *lane, const struct gh_template *average,
	enum gh_comparison *kind, struct gh_search *search, struct gh_error *error)
{
	struct gh_personal claim;
	char issuer[sizeof(lane->asked_issuer)];
	enum gh_status status;
	bool claimed;

	pthread_mutex_lock(&lane->lock);
	claimed = lane->asks_claim;
	claim = lane->asked_claim;
	memcpy(issuer, lane->asked_issuer, sizeof(issuer));
	pthread_mutex_unlock(&lane->lock);
	*kind = claimed ? GH_COMPARISON_ONE_TO_ONE : GH_COMPARISON_ONE_TO_MANY;
	if (claimed)
		status = lane->hands.verify(
			lane->hands.ctx, claim.text, issuer, average, search, error);
	else
		status = lane->hands.search(lane->hands.ctx, average, search, error);
	gh_wipe(&claim, sizeof(claim));
	return status;
}

bool gh_lane_enough(struct gh_lane *lane, const struct gh_template *average, uint32_t frames,
	uint32_t frames_max)
{
	const struct gh_calibration *calibration = lane->options.calibration;
	struct gh_prospect prospect = { .frames = frames, .frames_max = frames_max };
	struct gh_error error = GH_ERROR_NONE;
	enum gh_comparison kind;
	struct gh_search search;
	bool enough = true;

	if (calibration == NULL)
		return true;
	memset(&search, 0, sizeof(search));
	if (ask(lane, average, &kind, &search, &error) == GH_OK && search.count > 0 &&
		search.templates > 0) {
		prospect.score = search.candidates[0].score;
		prospect.now = gh_lane_limits(lane, &search, kind, frames);
		prospect.last = gh_lane_limits(lane, &search, kind, frames_max);
		prospect.frame_spread = gh_calibration_facts(calibration)->frame_spread;
		enough = gh_change_probability(&prospect) <= lane->options.change_max;
	}
	gh_wipe(&search, sizeof(search));
	return enough;
}
