/* SPDX-License-Identifier: Apache-2.0 */
/* One random halving of the people: calibrate with one half, search in the other. */
#include "round.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/gallery/calibration_file.h"

#include "averaging.h"
#include "curves.h"
#include "random.h"

/* People in a random order, and what each thing drawn from them is. */
struct split {
	uint32_t *order;
	uint32_t *gallery;
	uint32_t *weights; /* of probe people, by number of the person */
	uint64_t random;
};

/* A copy of the templates of some people, in the order of the set. */
static enum gh_status copy_people(const struct gh_round_plan *plan, const uint32_t *chosen,
	uint32_t count, struct gh_template_set *copy, struct gh_error *error)
{
	size_t templates = 0;

	for (uint32_t i = 0; i < count; i++)
		templates += plan->people.templates[chosen[i]];
	*copy = (struct gh_template_set){
		.templates = calloc(templates + 1, sizeof(*copy->templates)),
		.identities = calloc(templates + 1, sizeof(*copy->identities)),
	};
	if (!copy->templates || !copy->identities) {
		gh_template_set_finish(copy);
		return gh_error_set(error, GH_NO_MEMORY, "half of the templates");
	}
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t k = 0; k < plan->people.templates[chosen[i]]; k++) {
			copy->templates[copy->count] =
				plan->set->templates[plan->people.first[chosen[i]] + k];
			copy->identities[copy->count++] = chosen[i];
		}
	return GH_OK;
}

/* The content of a calibration that is read here and goes nowhere else: its spread says nothing. */
static enum gh_status calibrate_scores(const struct gh_round_plan *plan,
	const struct gh_scores *scores, uint32_t people, struct gh_calibration **calibration,
	struct gh_error *error)
{
	struct gh_calibration_content *content = calloc(1, sizeof(*content));
	enum gh_status status;

	if (!content)
		return gh_error_set(error, GH_NO_MEMORY, "a calibration");
	if (scores->impostor_count == 0) {
		free(content);
		return gh_error_set(error, GH_MALFORMED, "half of the people: none to compare");
	}
	gh_text_copy(content->facts.data_set, sizeof(content->facts.data_set), "half");
	content->facts.research_only = true;
	content->facts.identities = people;
	content->facts.pictures = (uint32_t)plan->set->count;
	content->facts.chain = plan->chain;
	content->facts.impostor_mean = scores->impostor_sum / (double)scores->impostor_count;
	content->facts.impostor_sd =
		sqrt(fmax(scores->impostor_square / (double)scores->impostor_count -
				content->facts.impostor_mean * content->facts.impostor_mean,
			1e-12));
	content->curve_count = 1;
	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
		content->spread.residual[i] = 1.0f;
	status = gh_curves_make(scores, &content->curves[0], error);
	if (status == GH_OK)
		status = gh_calibration_make(content, calibration, error);
	free(content->curves[0].points);
	free(content);
	return status;
}

static enum gh_status calibrate(const struct gh_round_plan *plan, const uint32_t *chosen,
	uint32_t count, struct gh_calibration **calibration, struct gh_error *error)
{
	struct gh_template_set half;
	struct gh_comparing comparing = { .references = &half };
	struct gh_scores scores;
	enum gh_status status = copy_people(plan, chosen, count, &half, error);

	*calibration = NULL;
	if (status != GH_OK)
		return status;
	comparing.top = gh_curves_top((uint64_t)half.count * (half.count + 1) / 2);
	status = gh_scores_compute(&comparing, &scores, error);
	if (status == GH_OK) {
		status = calibrate_scores(plan, &scores, count, calibration, error);
		gh_scores_finish(&scores);
	}
	gh_template_set_finish(&half);
	return status;
}

/* Whoever is drawn as often as the weight says counts as often; mean of a rate over searches. */
static double rate(const struct gh_found *found, size_t count, const uint32_t *weights,
	bool (*wrong)(const struct gh_found *found, float threshold), float threshold)
{
	double all = 0.0;
	double bad = 0.0;

	for (size_t i = 0; i < count; i++) {
		double weight = weights ? weights[found[i].person] : 1.0;

		all += weight;
		bad += wrong(&found[i], threshold) ? weight : 0.0;
	}
	return all > 0.0 ? bad / all : 0.0;
}

static bool named(const struct gh_found *found, float threshold)
{
	return found->score >= threshold;
}

static bool missed(const struct gh_found *found, float threshold)
{
	return !found->own || found->score < threshold;
}

/* Draw the people searched for with replacement, and say how many there are. */
static uint32_t draw_people(struct split *split, const struct gh_found *found, size_t count)
{
	uint32_t people = 0;

	/* Searches of one person follow each other; order is free by now. */
	for (size_t i = 0; i < count; i++) {
		split->weights[found[i].person] = 0;
		if (i == 0 || found[i].person != found[i - 1].person)
			split->gallery[people++] = found[i].person;
	}
	for (uint32_t i = 0; i < people; i++)
		split->weights[split->gallery[gh_random_below(&split->random, people)]]++;
	return people;
}

static void measure(const struct gh_round_plan *plan, const struct gh_calibration *calibration,
	struct split *split, struct gh_round_size *size)
{
	const struct gh_searches *searches = &size->searches;
	const struct gh_found *strangers = searches->found + searches->mated;

	size->mated_people = draw_people(split, searches->found, searches->mated);
	size->strange_people = draw_people(split, strangers, searches->strangers);
	for (size_t i = 0; i < plan->target_count; i++) {
		struct gh_round_point *point = &size->points[i];

		point->threshold =
			gh_threshold_for_search(calibration, searches->templates, plan->targets[i]);
		point->fnir_predicted = gh_calibration_fnmr(calibration, point->threshold.score);
		point->fpir =
			rate(strangers, searches->strangers, NULL, named, point->threshold.score);
		point->fpir_drawn = rate(strangers, searches->strangers, split->weights, named,
			point->threshold.score);
		point->fnir = rate(
			searches->found, searches->mated, NULL, missed, point->threshold.score);
		point->fnir_drawn = rate(searches->found, searches->mated, split->weights, missed,
			point->threshold.score);
	}
}

/* The gallery's people first: those with many pictures, where that is asked for, then others. */
static void draw_gallery(
	const struct gh_round_plan *plan, const uint32_t *from, uint32_t count, uint32_t *gallery)
{
	uint32_t placed = 0;

	for (int pass = 0; pass < 2; pass++)
		for (uint32_t i = 0; i < count; i++) {
			bool many = plan->people.templates[from[i]] >= plan->pictures_least;

			if (many == (pass == 0))
				gallery[placed++] = from[i];
		}
}

/* People that a gallery and its strangers are drawn from. */
struct pool {
	const uint32_t *people;
	uint32_t count;
	uint32_t wanted; /* in the gallery */
};

static enum gh_status search_size(const struct gh_round_plan *plan,
	const struct gh_calibration *calibration, const struct pool *pool, struct split *split,
	struct gh_round_size *size, struct gh_error *error)
{
	struct gh_drawing drawing = {
		.people = &plan->people,
		.gallery = split->gallery,
		.gallery_count = pool->wanted,
		.strangers = split->gallery + pool->wanted,
		.stranger_count = pool->count - pool->wanted,
		.references = plan->references,
		.pictures_least = plan->pictures_least,
	};
	enum gh_status status;

	draw_gallery(plan, pool->people, pool->count, split->gallery);
	status = gh_search_all(&drawing, &split->random, &size->searches, error);
	if (status == GH_OK)
		measure(plan, calibration, split, size);
	return status;
}

/* Too large for half of the people: they are calibrated with that are in the gallery. */
static enum gh_status make_large(const struct gh_round_plan *plan, struct split *split,
	struct gh_round_size *size, uint32_t wanted, struct gh_error *error)
{
	struct pool pool = { split->order, plan->people.count, wanted };
	struct gh_calibration *calibration = NULL;
	enum gh_status status;

	draw_gallery(plan, split->order, plan->people.count, split->gallery);
	status = calibrate(plan, split->gallery, wanted, &calibration, error);
	if (status == GH_OK)
		status = search_size(plan, calibration, &pool, split, size, error);
	gh_calibration_close(calibration);
	return status;
}

static enum gh_status make_sizes(const struct gh_round_plan *plan, struct split *split,
	struct gh_round *round, struct gh_error *error)
{
	uint32_t first = plan->people.count / 2;
	uint32_t rest = plan->people.count - first;
	struct gh_calibration *calibration = NULL;
	enum gh_status status = calibrate(plan, split->order, first, &calibration, error);

	for (size_t i = 0; status == GH_OK && i < plan->size_count; i++) {
		struct gh_round_size *size = &round->sizes[i];
		struct pool pool = { split->order + first, rest, plan->sizes[i] };

		size->disjoint = pool.wanted + GH_IDENTIFICATION_STRANGERS_MIN <= rest;
		if (size->disjoint)
			status = search_size(plan, calibration, &pool, split, size, error);
		else
			status = make_large(plan, split, size, pool.wanted, error);
	}
	gh_calibration_close(calibration);
	return status;
}

enum gh_status gh_round_make(const struct gh_round_plan *plan, uint32_t number,
	struct gh_round *round, struct gh_error *error)
{
	uint32_t count = plan->people.count;
	struct split split = {
		.order = calloc(count, sizeof(*split.order)),
		.gallery = calloc(count, sizeof(*split.gallery)),
		.weights = calloc(count, sizeof(*split.weights)),
		/* Rounds are drawn apart from each other, whoever makes them. */
		.random = plan->seed + UINT64_C(0x9e3779b97f4a7c15) * (number + 1),
	};
	enum gh_status status;

	if (split.random == 0)
		split.random = 1;
	if (split.order && split.gallery && split.weights) {
		for (uint32_t i = 0; i < count; i++)
			split.order[i] = i;
		for (int i = 0; i < 8; i++)
			(void)gh_random_next(&split.random);
		gh_random_shuffle(&split.random, split.order, count);
		status = make_sizes(plan, &split, round, error);
	} else {
		status = gh_error_set(error, GH_NO_MEMORY, "a round of %u people", (unsigned)count);
	}
	free(split.order);
	free(split.gallery);
	free(split.weights);
	return status;
}

void gh_round_finish(struct gh_round *round)
{
	for (size_t i = 0; i < GH_IDENTIFICATION_SIZES_MAX; i++) {
		free(round->sizes[i].searches.found);
		round->sizes[i].searches.found = NULL;
	}
}
