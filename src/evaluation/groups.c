/* SPDX-License-Identifier: Apache-2.0 */
/* The same measures by group of people, and how far the groups lie apart. */
#include "gatehouse/evaluation/groups.h"

#include <math.h>
#include <stdlib.h>

#include "inside.h"

/* What belongs to one group, counted per identity. */
struct part {
	const struct gh_evaluation *from;
	enum gh_index_column column;
	uint8_t value;
	uint32_t *templates_of;
	uint32_t *failures_of;
	struct gh_scores scores;
	struct gh_operating_point points[GH_EVALUATION_POINTS_MAX];
};

static bool in_group(const struct part *part, uint32_t template_number)
{
	uint32_t picture = part->from->pictures[template_number];

	return part->from->pairs.index.pictures[picture].groups[part->column] == part->value;
}

static void count_pictures(struct part *part, struct gh_group *group)
{
	const struct gh_index *index = &part->from->pairs.index;

	for (size_t i = 0; i < index->picture_count; i++)
		if (index->pictures[i].groups[part->column] == part->value) {
			group->pictures++;
			part->failures_of[index->pictures[i].identity]++;
		}
	/* All that have no template have failed. */
	for (size_t i = 0; i < part->from->set.count; i++)
		if (in_group(part, (uint32_t)i)) {
			part->templates_of[part->from->set.identities[i]]++;
			part->failures_of[part->from->set.identities[i]]--;
		}
	for (uint32_t i = 0; i < index->identity_count; i++) {
		group->identities += part->templates_of[i] + part->failures_of[i] > 0;
		group->failures += part->failures_of[i];
	}
	group->fta = group->pictures > 0 ? (double)group->failures / group->pictures : 0.0;
}

static uint64_t possible_impostors(const struct part *part)
{
	uint64_t all = 0;
	uint64_t own = 0;

	for (uint32_t i = 0; i < part->from->pairs.index.identity_count; i++) {
		all += part->templates_of[i];
		own += (uint64_t)part->templates_of[i] * part->templates_of[i];
	}
	return (all * all - own) / 2;
}

static size_t keep(
	const struct part *part, const struct gh_score *from, size_t count, struct gh_score *to)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (in_group(part, from[i].a) && in_group(part, from[i].b))
			to[kept++] = from[i];
	return kept;
}

/* The group's share of all scores; of impostors, those that are kept with their persons. */
static enum gh_status take_scores(struct part *part, struct gh_group *group, struct gh_error *error)
{
	const struct gh_scores *from = &part->from->scores;
	struct gh_scores *own = &part->scores;

	own->genuine = calloc(from->genuine_count + 1, sizeof(*own->genuine));
	own->top = calloc(from->top_count + 1, sizeof(*own->top));
	if (!own->genuine || !own->top)
		return gh_error_set(error, GH_NO_MEMORY, "scores of a group");
	own->genuine_count = keep(part, from->genuine, from->genuine_count, own->genuine);
	own->top_count = keep(part, from->top, from->top_count, own->top);
	own->top_floor = from->top_floor;
	own->impostor_count = part->from->listed ? own->top_count : possible_impostors(part);
	group->genuine_pairs = own->genuine_count;
	group->impostor_pairs = own->impostor_count;
	for (size_t i = 0; i < own->genuine_count; i++)
		group->identities_genuine +=
			i == 0 || own->genuine[i].identity != own->genuine[i - 1].identity;
	return GH_OK;
}

static void measure_point(struct part *part, size_t i)
{
	const struct gh_scores *scores = &part->scores;
	struct gh_operating_point *point = &part->points[i];

	*point = part->from->result.points[i];
	point->false_matches = 0;
	point->false_non_matches = 0;
	for (size_t k = 0; k < scores->top_count; k++)
		point->false_matches += scores->top[k].score >= point->threshold;
	for (size_t k = 0; k < scores->genuine_count; k++)
		point->false_non_matches += scores->genuine[k].score < point->threshold;
	point->fmr = scores->impostor_count > 0
		? (double)point->false_matches / (double)scores->impostor_count
		: 0.0;
	point->fnmr = scores->genuine_count > 0
		? (double)point->false_non_matches / (double)scores->genuine_count
		: 0.0;
}

/* Identities outside the group weigh nothing, but are drawn: the group's size varies, as it did
 * when the people were chosen. */
static enum gh_status resample(struct part *part, struct gh_group *group, struct gh_error *error)
{
	struct gh_bootstrap bootstrap = gh_evaluation_bootstrap(part->from);
	struct gh_bootstrapped to = {
		.points = part->points,
		.point_count = part->from->result.point_count,
		.fta = &group->fta_interval,
		.failures = group->failures,
	};

	bootstrap.scores = &part->scores;
	bootstrap.references_of = part->templates_of;
	bootstrap.failures_of = part->failures_of;
	bootstrap.identities_compared = group->identities;
	bootstrap.identities_genuine = group->identities_genuine;
	return gh_bootstrap_run(&bootstrap, &to, error);
}

static void hand_over(const struct part *part, struct gh_group *group)
{
	if (group->failures == 0)
		group->fta_interval.high = group->identities > 3 ? 3.0 / group->identities : 1.0;
	for (size_t i = 0; i < part->from->result.point_count; i++) {
		const struct gh_operating_point *point = &part->points[i];

		group->points[i] = (struct gh_group_point){ point->fmr, point->fmr_interval,
			point->fnmr, point->fnmr_interval, point->false_matches,
			point->false_non_matches };
	}
}

static void suppress(struct gh_group *group)
{
	*group = (struct gh_group){ .value = group->value, .suppressed = true };
}

static enum gh_status measure(
	struct part *part, uint32_t minimum, struct gh_group *group, struct gh_error *error)
{
	uint32_t identities = part->from->pairs.index.identity_count;
	enum gh_status status;

	part->templates_of = calloc(identities, sizeof(*part->templates_of));
	part->failures_of = calloc(identities, sizeof(*part->failures_of));
	if (!part->templates_of || !part->failures_of)
		return gh_error_set(error, GH_NO_MEMORY, "people of a group");
	count_pictures(part, group);
	status = take_scores(part, group, error);
	if (status != GH_OK)
		return status;
	if (group->identities_genuine < minimum || part->scores.impostor_count == 0) {
		suppress(group);
		return GH_OK;
	}
	for (size_t i = 0; i < part->from->result.point_count; i++)
		measure_point(part, i);
	status = resample(part, group, error);
	if (status == GH_OK)
		hand_over(part, group);
	return status;
}

static enum gh_status measure_group(const struct gh_evaluation *evaluation,
	enum gh_index_column column, uint8_t value, uint32_t minimum, struct gh_group *group,
	struct gh_error *error)
{
	struct part part = { .from = evaluation, .column = column, .value = value };
	enum gh_status status;

	group->value = evaluation->pairs.index.values[column][value];
	status = measure(&part, minimum, group, error);
	free(part.templates_of);
	free(part.failures_of);
	gh_scores_finish(&part.scores);
	return status;
}

/* Lowest, highest and mean of the logarithm of a rate over the groups told. */
struct range {
	double lowest;
	double highest;
	double logarithms;
	size_t count;
};

static void widen(struct range *range, double rate)
{
	range->lowest = range->count == 0 ? rate : fmin(range->lowest, rate);
	range->highest = range->count == 0 ? rate : fmax(range->highest, rate);
	range->logarithms += rate > 0.0 ? log(rate) : -INFINITY;
	range->count++;
}

static double ratio(const struct range *range)
{
	return range->count > 1 && range->lowest > 0.0 ? range->highest / range->lowest : 0.0;
}

static double to_mean(const struct range *range)
{
	return range->count > 1 && range->lowest > 0.0
		? range->highest / exp(range->logarithms / (double)range->count)
		: 0.0;
}

static void compare_groups(struct gh_groups *groups, size_t point)
{
	struct range fmr = { 0.0, 0.0, 0.0, 0 };
	struct range fnmr = { 0.0, 0.0, 0.0, 0 };

	for (size_t i = 0; i < groups->count; i++) {
		const struct gh_group *group = &groups->groups[i];

		/* Those of whom nothing is said are no group. */
		if (group->suppressed || group->value[0] == '\0')
			continue;
		widen(&fmr, group->points[point].fmr);
		widen(&fnmr, group->points[point].fnmr);
	}
	groups->differentials[point] = (struct gh_group_differential){ ratio(&fmr), to_mean(&fmr),
		ratio(&fnmr), to_mean(&fnmr) };
}

static bool any_picture(const struct gh_index *index, enum gh_index_column column, uint8_t value)
{
	for (size_t i = 0; i < index->picture_count; i++)
		if (index->pictures[i].groups[column] == value)
			return true;
	return false;
}

enum gh_status gh_groups_measure(const struct gh_evaluation *evaluation,
	enum gh_index_column column, uint32_t minimum, struct gh_groups **groups,
	struct gh_error *error)
{
	size_t values = evaluation->pairs.index.value_count[column];
	struct gh_groups *made = calloc(1, sizeof(*made));
	enum gh_status status = GH_OK;

	*groups = NULL;
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "groups");
	made->column = column;
	made->minimum = minimum;
	/* Value 0 is "": that alone is no column. */
	for (size_t i = 0; status == GH_OK && values > 1 && i < values; i++)
		if (any_picture(&evaluation->pairs.index, column, (uint8_t)i))
			status = measure_group(evaluation, column, (uint8_t)i, minimum,
				&made->groups[made->count++], error);
	if (status != GH_OK) {
		free(made);
		return status;
	}
	for (size_t i = 0; i < evaluation->result.point_count; i++)
		compare_groups(made, i);
	*groups = made;
	return GH_OK;
}

void gh_groups_free(struct gh_groups *groups)
{
	free(groups);
}
