/* SPDX-License-Identifier: Apache-2.0 */
/* What an evaluation found, as a table for people and as JSON for programs. */
#include "evaluate_report.h"

#include <inttypes.h>
#include <stdio.h>

#include "gatehouse/base/bytes.h"

static json_t *interval_json(const struct gh_interval *interval)
{
	return json_pack("[f,f]", interval->low, interval->high);
}

static json_t *points_json(const struct gh_operating_point *points, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		const struct gh_operating_point *p = &points[i];

		json_array_append_new(list,
			json_pack("{s:f,s:f,s:f,s:o,s:f,s:o,s:o,s:I,s:I,s:b}", "fmr_target",
				p->fmr_target, "threshold", (double)p->threshold, "fmr", p->fmr,
				"fmr_95", interval_json(&p->fmr_interval), "fnmr", p->fnmr,
				"fnmr_95", interval_json(&p->fnmr_interval), "fnmr_refit_95",
				interval_json(&p->fnmr_refit_interval), "false_matches",
				(json_int_t)p->false_matches, "false_non_matches",
				(json_int_t)p->false_non_matches, "measured", p->measured));
	}
	return list;
}

static json_t *failures_json(const struct gh_evaluation_result *result)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < result->failures && i < GH_EVALUATION_FAILURES_MAX; i++)
		json_array_append_new(list,
			json_pack("{s:i,s:s}", "line", (int)result->failure_list[i].line, "status",
				gh_status_name(result->failure_list[i].status)));
	return list;
}

static json_t *averaged_json(const struct gh_evaluation_result *result)
{
	json_t *list = json_array();

	for (size_t i = 0; i < result->averaged_count; i++) {
		const struct gh_averaged *a = &result->averaged[i];

		json_array_append_new(list,
			json_pack("{s:i,s:i,s:i,s:I,s:I,s:o}", "pictures", (int)a->pictures,
				"people", (int)a->people, "probes", (int)a->probes, "genuine_pairs",
				(json_int_t)a->genuine_pairs, "impostor_pairs",
				(json_int_t)a->impostor_pairs, "points",
				points_json(a->points, result->point_count)));
	}
	return list;
}

static json_t *halved_json(const struct report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report->result->point_count; i++) {
		const struct gh_halved *h = &report->halved[i];

		json_array_append_new(list,
			json_pack("{s:f,s:f,s:f,s:o,s:f,s:o}", "fmr_target", h->fmr_target,
				"threshold", h->threshold, "fmr", h->fmr, "fmr_95",
				interval_json(&h->fmr_interval), "fnmr", h->fnmr, "fnmr_95",
				interval_json(&h->fnmr_interval)));
	}
	return json_pack("{s:i,s:o}", "halvings", (int)report->halvings, "points", list);
}

static json_t *identification_points_json(const struct gh_identification_size *size, size_t targets)
{
	json_t *list = json_array();

	for (size_t i = 0; i < targets; i++) {
		const struct gh_identification_point *p = &size->points[i];

		json_array_append_new(list,
			json_pack("{s:f,s:f,s:f,s:f,s:o,s:f,s:f,s:o,s:f}", "fpir_target",
				p->fpir_target, "threshold", p->threshold, "fpir_predicted",
				p->fpir_predicted, "fpir", p->fpir, "fpir_95",
				interval_json(&p->fpir_interval), "fnir_predicted",
				p->fnir_predicted, "fnir", p->fnir, "fnir_95",
				interval_json(&p->fnir_interval), "extrapolated", p->extrapolated));
	}
	return list;
}

static json_t *identification_json(const struct gh_identification_result *result)
{
	json_t *list = json_array();

	for (size_t i = 0; i < result->size_count; i++) {
		const struct gh_identification_size *s = &result->sizes[i];

		json_array_append_new(list,
			json_pack("{s:i,s:f,s:f,s:f,s:f,s:f,s:f,s:b,s:o}", "people", (int)s->people,
				"templates", s->templates, "mated_searches", s->mated,
				"mated_people", s->mated_people, "stranger_searches", s->strangers,
				"strange_people", s->strange_people, "not_first", s->not_first,
				"disjoint", s->disjoint, "points",
				identification_points_json(s, result->target_count)));
	}
	return json_pack("{s:i,s:i,s:I,s:f,s:o}", "references", (int)result->references, "halvings",
		(int)result->rounds, "seed", (json_int_t)result->seed, "seconds", result->seconds,
		"sizes", list);
}

static json_t *group_points_json(const struct gh_group *group, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		const struct gh_group_point *p = &group->points[i];

		json_array_append_new(list,
			json_pack("{s:f,s:o,s:f,s:o,s:I,s:I}", "fmr", p->fmr, "fmr_95",
				interval_json(&p->fmr_interval), "fnmr", p->fnmr, "fnmr_95",
				interval_json(&p->fnmr_interval), "false_matches",
				(json_int_t)p->false_matches, "false_non_matches",
				(json_int_t)p->false_non_matches));
	}
	return list;
}

static json_t *group_json(const struct gh_group *g, size_t points)
{
	if (g->suppressed)
		return json_pack("{s:s,s:b}", "value", g->value, "suppressed", 1);
	return json_pack("{s:s,s:b,s:i,s:i,s:i,s:i,s:f,s:o,s:I,s:I,s:o}", "value", g->value,
		"suppressed", 0, "people", (int)g->identities, "people_genuine",
		(int)g->identities_genuine, "pictures", (int)g->pictures, "failures_to_acquire",
		(int)g->failures, "fta", g->fta, "fta_95", interval_json(&g->fta_interval),
		"genuine_pairs", (json_int_t)g->genuine_pairs, "impostor_pairs",
		(json_int_t)g->impostor_pairs, "points", group_points_json(g, points));
}

static json_t *groups_json(const struct gh_groups *groups, size_t points)
{
	json_t *list = json_array();
	json_t *differentials = json_array();

	for (size_t i = 0; i < groups->count; i++)
		json_array_append_new(list, group_json(&groups->groups[i], points));
	for (size_t i = 0; i < points; i++) {
		const struct gh_group_differential *d = &groups->differentials[i];

		json_array_append_new(differentials,
			json_pack("{s:f,s:f,s:f,s:f}", "fmr_ratio", d->fmr_ratio, "fmr_to_mean",
				d->fmr_to_mean, "fnmr_ratio", d->fnmr_ratio, "fnmr_to_mean",
				d->fnmr_to_mean));
	}
	return json_pack("{s:s,s:i,s:o,s:o}", "column", gh_index_column_name(groups->column),
		"minimum_people", (int)groups->minimum, "groups", list, "differentials",
		differentials);
}

static void add_parts(const struct report *report, json_t *object)
{
	const struct gh_evaluation_result *r = report->result;
	json_t *groups = json_array();

	if (r->averaged_count > 0)
		json_object_set_new(object, "averaged", averaged_json(r));
	if (report->halved)
		json_object_set_new(object, "split", halved_json(report));
	if (report->identification)
		json_object_set_new(
			object, "identification", identification_json(report->identification));
	for (size_t i = 0; i < GH_INDEX_COLUMNS; i++)
		if (report->groups[i] && report->groups[i]->count > 0)
			json_array_append_new(
				groups, groups_json(report->groups[i], r->point_count));
	json_object_set_new(object, "by_group", groups);
}

json_t *report_json(const struct report *report)
{
	const struct gh_evaluation_result *r = report->result;
	char chain[65];
	json_t *object;

	gh_hex_format(r->chain.bytes, sizeof(r->chain.bytes), chain);
	object = json_pack("{s:i,s:i,s:i,s:i,s:f,s:o,s:o,s:i,s:I,s:I,s:f,s:f,s:f,s:f,s:o,"
			   "s:i,s:I,s:i,s:f,s:f,s:s}",
		"pictures", (int)r->pictures, "identities", (int)r->identities,
		"identities_genuine", (int)r->identities_genuine, "failures_to_acquire",
		(int)r->failures, "fta", r->fta, "fta_95", interval_json(&r->fta_interval),
		"failures", failures_json(r), "resumed", (int)r->resumed, "genuine_pairs",
		(json_int_t)r->genuine_pairs, "impostor_pairs", (json_int_t)r->impostor_pairs,
		"genuine_mean", r->genuine_mean, "genuine_sd", r->genuine_sd, "impostor_mean",
		r->impostor_mean, "impostor_sd", r->impostor_sd, "points",
		points_json(r->points, r->point_count), "bootstrap_rounds", (int)r->rounds,
		"bootstrap_seed", (json_int_t)r->seed, "jobs", (int)r->jobs, "enrol_seconds",
		r->enrol_seconds, "compare_seconds", r->compare_seconds, "model_chain", chain);
	if (object)
		add_parts(report, object);
	return object;
}

static void print_points(const struct gh_operating_point *points, size_t count)
{
	printf("  %-8s %-10s %-8s %-16s %s\n", "FMR", "threshold", "FNMR %", "95 %",
		"false non-matches");
	for (size_t i = 0; i < count; i++) {
		const struct gh_operating_point *p = &points[i];

		printf("  %-8.0e %-10.4f %-8.2f %5.2f to %-7.2f %" PRIu64 "%s\n", p->fmr_target,
			(double)p->threshold, 100 * p->fnmr, 100 * p->fnmr_interval.low,
			100 * p->fnmr_interval.high, p->false_non_matches,
			p->measured ? "" : " (too few pairs to be sure)");
	}
}

static void print_verification(const struct gh_evaluation_result *r)
{
	printf("%" PRIu32 " pictures of %" PRIu32 " people, %" PRIu64 " genuine and %" PRIu64
	       " impostor pairs\n",
		r->pictures, r->identities, r->genuine_pairs, r->impostor_pairs);
	printf("Failure to acquire: %" PRIu32 " (%.2f %%; 95 %%: %.2f to %.2f)\n", r->failures,
		100 * r->fta, 100 * r->fta_interval.low, 100 * r->fta_interval.high);
	printf("\nVerification, one picture against one\n");
	print_points(r->points, r->point_count);
	for (size_t i = 0; i < r->averaged_count; i++) {
		const struct gh_averaged *a = &r->averaged[i];

		printf("\n%" PRIu32 " %s, %" PRIu32 " people with pictures enough, %" PRIu64
		       " genuine pairs\n",
			a->pictures,
			a->pictures == 1 ? "picture, the same people as below"
					 : "pictures averaged into each probe",
			a->people, a->genuine_pairs);
		print_points(a->points, r->point_count);
	}
}

static void print_halved(const struct report *report)
{
	printf("\nThresholds of one half of the people, rates of the other: %" PRIu32
	       " halvings\n  %-8s %-10s %-10s %-22s %-8s %s\n",
		report->halvings, "FMR", "threshold", "measured", "95 %", "FNMR %", "95 %");
	for (size_t i = 0; i < report->result->point_count; i++) {
		const struct gh_halved *h = &report->halved[i];

		printf("  %-8.0e %-10.4f %-10.2e %.2e to %-10.2e %-8.2f %.2f to %.2f\n",
			h->fmr_target, h->threshold, h->fmr, h->fmr_interval.low,
			h->fmr_interval.high, 100 * h->fnmr, 100 * h->fnmr_interval.low,
			100 * h->fnmr_interval.high);
	}
}

static void print_size(const struct gh_identification_size *s, size_t targets)
{
	printf("\nN = %" PRIu32 ": %.0f templates, %.0f searches of %.0f people in the gallery, "
	       "%.0f of %.0f others; another first: %.2f %%\n",
		s->people, s->templates, s->mated, s->mated_people, s->strangers, s->strange_people,
		100 * s->not_first);
	if (!s->disjoint)
		printf("  Too large for half of the people: calibrated with the gallery itself, "
		       "so nothing is claimed.\n");
	printf("  %-8s %-10s %-10s %-8s %-20s %-8s %s\n", "FPIR", "threshold", "predicted",
		"measured", "95 %", "FNIR %", "95 %");
	for (size_t i = 0; i < targets; i++) {
		const struct gh_identification_point *p = &s->points[i];

		printf("  %-8.3g %-10.4f %-10.4f %-8.4f %.4f to %-10.4f %-8.2f %.2f to %.2f%s\n",
			p->fpir_target, p->threshold, p->fpir_predicted, p->fpir,
			p->fpir_interval.low, p->fpir_interval.high, 100 * p->fnir,
			100 * p->fnir_interval.low, 100 * p->fnir_interval.high,
			p->extrapolated > 0.5 ? " (extrapolated)" : "");
	}
}

static void print_identification(const struct gh_identification_result *r)
{
	printf("\nIdentification, up to %" PRIu32
	       " portraits a person; thresholds of one half of the people, searches in the "
	       "other: %" PRIu32 " halvings\n",
		r->references, r->rounds);
	for (size_t i = 0; i < r->size_count; i++)
		print_size(&r->sizes[i], r->target_count);
}

static void print_group(const struct gh_group *g, const struct gh_evaluation_result *r)
{
	const char *value = g->value[0] ? g->value : "(nothing said)";

	if (g->suppressed) {
		printf("  %-16s too few people to be told\n", value);
		return;
	}
	for (size_t i = 0; i < r->point_count; i++) {
		const struct gh_group_point *p = &g->points[i];

		printf("  %-16s %-7" PRIu32 " %-8.0e %.2e (%.2e to %.2e)  %.2f (%.2f to %.2f)\n",
			i == 0 ? value : "", g->identities, r->points[i].fmr_target, p->fmr,
			p->fmr_interval.low, p->fmr_interval.high, 100 * p->fnmr,
			100 * p->fnmr_interval.low, 100 * p->fnmr_interval.high);
	}
}

static void print_groups(const struct gh_groups *groups, const struct gh_evaluation_result *r)
{
	if (!groups || groups->count == 0)
		return;
	printf("\nBy %s, at the thresholds of all; groups with fewer than %" PRIu32
	       " people in genuine pairs are not told\n",
		gh_index_column_name(groups->column), groups->minimum);
	printf("  %-16s %-7s %-8s %-32s %s\n", "", "people", "FMR", "FMR within (95 %)",
		"FNMR % (95 %)");
	for (size_t i = 0; i < groups->count; i++)
		print_group(&groups->groups[i], r);
	for (size_t i = 0; i < r->point_count; i++) {
		const struct gh_group_differential *d = &groups->differentials[i];

		if (d->fmr_ratio > 0.0 || d->fnmr_ratio > 0.0)
			printf("  at FMR %.0e, highest over lowest: FMR %.2f, FNMR %.2f\n",
				r->points[i].fmr_target, d->fmr_ratio, d->fnmr_ratio);
	}
}

void report_print(const struct report *report)
{
	const struct gh_evaluation_result *r = report->result;

	print_verification(r);
	if (report->halved)
		print_halved(report);
	if (report->identification)
		print_identification(report->identification);
	for (size_t i = 0; i < GH_INDEX_COLUMNS; i++)
		print_groups(report->groups[i], r);
	printf("\nIntervals: bootstrap by identity, %" PRIu32 " rounds, seed %" PRIu64
	       ". Enrolment %.1f s with %" PRIu32 " threads (%" PRIu32
	       " pictures known before), comparison %.1f s.\n",
		r->rounds, r->seed, r->enrol_seconds, r->jobs, r->resumed, r->compare_seconds);
}
