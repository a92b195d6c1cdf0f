/* SPDX-License-Identifier: Apache-2.0 */
/* Compare the faces of two pictures, with what the score means. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "gatehouse/base/file.h"
#include "gatehouse/daemon/compose.h"
#include "gatehouse/gallery/calibration.h"
#include "gatehouse/transaction/decision.h"
#include "gatehouse/vision/enrol.h"
#include "gatehouse/vision/morph.h"
#include "gatehouse/vision/picture.h"
#include "command.h"
#include "tables.h"

static enum gh_status enrol(struct call *call, struct gh_enroller *enroller, const char *path,
	struct gh_enrolment *enrolment)
{
	struct gh_bytes file = GH_BYTES_EMPTY;
	enum gh_status status = gh_file_read(path, GH_PICTURE_BYTES_MAX, &file, &call->error);

	if (status != GH_OK)
		return status;
	status = gh_enroller_enrol(enroller, gh_bytes_view(&file), enrolment, &call->error);
	if (status != GH_OK)
		gh_error_wrap(&call->error, "%s", path);
	gh_bytes_finish(&file);
	return status;
}

/* What two pictures gave, and what it says in a gallery of the size asked for. */
struct comparison {
	struct gh_enrolment a;
	struct gh_enrolment b;
	float score;
	double fmr;
	double fnmr;
	double llr;
	bool extrapolated;
	struct gh_threshold threshold;
	enum gh_outcome outcome;
	bool has_morph; /* [vision] morph_file is set */
	struct gh_morph_parameters morph;
	float indicator;
	struct gh_morph_point morph_error;
};

static void judge(struct comparison *c, const struct gh_calibration *calibration, uint64_t n,
	double fpir_target)
{
	struct gh_evidence evidence = { .capture = GH_CAPTURE_CAPTURED,
		.kind = GH_COMPARISON_ONE_TO_MANY,
		.answer = GH_OK,
		.has_candidate = true,
		.templates = n,
		.gallery_complete = true };

	c->score = gh_template_score(&c->a.reference, &c->b.reference);
	c->fmr = gh_calibration_fmr(calibration, c->score, &c->extrapolated);
	c->fnmr = gh_calibration_fnmr(calibration, c->score);
	c->llr = gh_calibration_llr(calibration, c->score);
	c->threshold = gh_threshold_for_search(calibration, n, fpir_target);
	evidence.score = c->score;
	evidence.match_from = c->threshold.score;
	evidence.no_match_below = gh_no_match_below(calibration, n, GH_COMPARISON_ONE_TO_MANY);
	c->outcome = gh_decide(&evidence).outcome;
	if (!c->has_morph)
		return;
	c->indicator = gh_morph_indicator(&c->morph, c->score);
	c->morph_error = gh_morph_error_at(&c->morph, c->indicator);
}

/* Beside the comparison, and marked as what it is: null where no parameters are set. */
static json_t *morph_json(const struct comparison *c)
{
	const struct gh_morph_parameters *morph = &c->morph;

	if (!c->has_morph)
		return json_null();
	return json_pack("{s:f,s:f,s:f,s:f,s:f,s:f,s:s,s:b,s:s}", "indicator", (double)c->indicator,
		"bona_fide_at_or_above", (double)c->morph_error.bpcer, "morphs_below",
		(double)c->morph_error.apcer, "d_eer", (double)morph->d_eer, "d_eer_low",
		(double)morph->d_eer_low, "d_eer_high", (double)morph->d_eer_high, "measured_on",
		morph->data_set, "research_only", morph->research_only, "caveat", GH_MORPH_CAVEAT);
}

static int print_json(
	const struct comparison *c, uint64_t n, const struct gh_calibration_facts *facts)
{
	return call_print_json(
		json_pack("{s:f,s:f,s:b,s:f,s:f,s:s,s:f,s:f,s:b,s:I,s:s,s:b,s:s,s:s,s:o}", "score",
			(double)c->score, "fmr", c->fmr, "fmr_extrapolated", c->extrapolated,
			"fnmr", c->fnmr, "log_likelihood_ratio", c->llr, "outcome",
			gh_outcome_name(c->outcome), "threshold", (double)c->threshold.score,
			"fpir_predicted", c->threshold.fpir_predicted, "threshold_extrapolated",
			c->threshold.extrapolated, "gallery", (json_int_t)n, "calibration",
			facts->data_set, "calibration_research_only", facts->research_only,
			"first_doubt", gh_reason_name(c->a.reason), "second_doubt",
			gh_reason_name(c->b.reason), "morph", morph_json(c)));
}

/* What the score by itself adds to the odds, in the direction in which it does. */
static void print_weight(double llr)
{
	if (llr >= 0.0)
		printf("such a score is %.3g times likelier for one person than for two\n",
			exp(llr));
	else
		printf("such a score is %.3g times likelier for two persons than for one\n",
			exp(-llr));
}

/* For the first picture as the document's portrait and the second as the live face. */
static void print_morph(const struct comparison *c)
{
	const struct gh_morph_parameters *morph = &c->morph;
	double factor = exp(fabs((double)c->indicator));

	if (!c->has_morph)
		return;
	printf("morph indicator %+.2f: if the first picture is a portrait with the second's person "
	       "in it, %.2g times likelier %s\n",
		(double)c->indicator, factor,
		c->indicator >= 0.0f ? "for a morph than for a bona fide one"
				     : "for a bona fide one than for a morph");
	printf("  %s: %.0f %% of bona fide pairs are as high, %.0f %% of morphs lower; equal error "
	       "rate %.0f %% (%.0f to %.0f)\n",
		GH_MORPH_CAVEAT, 100.0 * (double)c->morph_error.bpcer,
		100.0 * (double)c->morph_error.apcer, 100.0 * (double)morph->d_eer,
		100.0 * (double)morph->d_eer_low, 100.0 * (double)morph->d_eer_high);
}

static void print_words(
	const struct comparison *c, uint64_t n, const struct gh_calibration_facts *facts)
{
	printf("score %.4f: %s in a gallery of %" PRIu64 "\n", (double)c->score,
		gh_outcome_name(c->outcome), n);
	printf("threshold %.4f: by chance 1 such gallery in %.0f would show a candidate%s\n",
		(double)c->threshold.score, 1.0 / c->threshold.fpir_predicted,
		c->threshold.extrapolated ? " (extrapolated)" : "");
	printf("by chance 1 pair of strangers in %.3g scores as high%s\n",
		c->fmr > 0.0 ? 1.0 / c->fmr : 1e18, c->extrapolated ? " (extrapolated)" : "");
	print_weight(c->llr);
	print_morph(c);
	printf("measured on: %s%s\n", facts->data_set,
		facts->research_only ? "; for research only, no statement about any use" : "");
	if (c->a.reason != GH_REASON_NONE || c->b.reason != GH_REASON_NONE)
		printf("doubts about the pictures: first %s, second %s\n",
			gh_reason_name(c->a.reason), gh_reason_name(c->b.reason));
}

static enum gh_status compare(struct call *call, struct gh_enroller *enroller, struct comparison *c)
{
	enum gh_status status = enrol(call, enroller, call->words[0], &c->a);

	return status == GH_OK ? enrol(call, enroller, call->words[1], &c->b) : status;
}

static enum gh_status open_both(
	struct call *call, struct gh_calibration **calibration, struct gh_enroller **enroller)
{
	struct gh_vision_options options = gh_compose_vision(&call->settings);
	const struct gh_settings_gallery *gallery = &call->settings.gallery;
	struct gh_model_chain chain;
	enum gh_status status =
		gh_calibration_open(gallery->calibration_file, calibration, &call->error);

	if (status == GH_OK)
		status =
			gh_calibration_verify(*calibration, gallery->calibration_key, &call->error);
	if (status == GH_OK)
		status = gh_enroller_create(&options, enroller, &call->error);
	if (status != GH_OK)
		return status;
	gh_enroller_chain(*enroller, &chain);
	if (memcmp(&chain, &gh_calibration_facts(*calibration)->chain, sizeof(chain)) == 0)
		return GH_OK;
	return gh_error_set(&call->error, GH_SETTINGS,
		"[gallery] calibration_file: measured with another chain of models");
}

static enum gh_status read_morph(
	struct call *call, const struct gh_enroller *enroller, struct comparison *c)
{
	const char *path = call->settings.vision.morph_file;
	struct gh_model_chain chain;
	enum gh_status status;

	if (path[0] == '\0')
		return GH_OK;
	status = gh_morph_read(path, &c->morph, &call->error);
	if (status != GH_OK)
		return status;
	gh_enroller_chain(enroller, &chain);
	if (memcmp(&chain, &c->morph.chain, sizeof(chain)) != 0)
		return gh_error_set(&call->error, GH_SETTINGS,
			"[vision] morph_file: fitted with another chain of models");
	c->has_morph = true;
	return GH_OK;
}

static int run_compare(struct call *call)
{
	struct gh_calibration *calibration = NULL;
	struct gh_enroller *enroller = NULL;
	struct comparison c;
	uint64_t n = 420;
	enum gh_status status;
	int result;

	if (!call_number(call, "--gallery", 1, 100000000, &n))
		return EXIT_USAGE;
	memset(&c, 0, sizeof(c));
	status = open_both(call, &calibration, &enroller);
	if (status == GH_OK)
		status = read_morph(call, enroller, &c);
	if (status == GH_OK)
		status = compare(call, enroller, &c);
	if (status == GH_OK) {
		const struct gh_calibration_facts *facts = gh_calibration_facts(calibration);

		judge(&c, calibration, n, call->settings.gallery.fpir_target_ppm / 1e6);
		result = EXIT_FINE;
		if (call->json)
			result = print_json(&c, n, facts);
		else
			print_words(&c, n, facts);
	} else {
		result = call_fail(call, status);
	}
	gh_wipe(&c, sizeof(c));
	gh_enroller_destroy(enroller);
	gh_calibration_close(calibration);
	return result;
}

static const struct option_known compare_options[] = {
	{ "--gallery", "N", "templates in the gallery the outcome is for (420)" },
	{ NULL, NULL, NULL },
};

const struct command compare_commands[] = {
	{ "compare", "PICTURE PICTURE", 2, 2,
		"Compare the faces of two pictures: score, odds, outcome, threshold.",
		"gatehouse compare a.jpg b.jpg --gallery 420", compare_options, run_compare },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
