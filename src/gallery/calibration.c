/* SPDX-License-Identifier: Apache-2.0 */
/* What a score means: error rates read off the measured curves and beyond them. */
#include "gatehouse/gallery/calibration.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/file.h"

#include "calibration_content.h"

/* How far the tail may lie off the curve where the two meet, as a share. */
#define JOIN_TOLERANCE 1e-3

#define TAIL_SCALE_MIN 1e-3
#define TAIL_SCALE_MAX 1.0

/* Steps of one float in which a rounded score must have come up to its rate. */
enum {
	ROUNDING_STEPS_MAX = 64
};

static double tail_rate(const struct gh_calibration_curve *curve, double score)
{
	return curve->tail_fmr * exp(-(score - (double)curve->tail_score) / curve->tail_scale);
}

/* Index of the last point at or below score; the caller knows that there is one after it. */
static size_t segment(const struct gh_calibration_curve *curve, double score)
{
	size_t low = 0;
	size_t high = curve->point_count - 1;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if ((double)curve->points[middle].score <= score)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Where score lies between points i and i + 1, 0 to 1. */
static double share(const struct gh_calibration_point *points, size_t i, double score)
{
	double width = (double)points[i + 1].score - (double)points[i].score;
	double into = (score - (double)points[i].score) / width;

	return fmin(fmax(into, 0.0), 1.0);
}

/* Between points the logarithm of the rate is straight, as it is in the tail. */
static double curve_rate(const struct gh_calibration_curve *curve, double score)
{
	const struct gh_calibration_point *points = curve->points;
	size_t i = segment(curve, score);
	double part = share(points, i, score);

	return exp((1.0 - part) * log(points[i].fmr) + part * log(points[i + 1].fmr));
}

static double rate(const struct gh_calibration_curve *curve, double score)
{
	if (!(score >= (double)curve->points[0].score))
		return 1.0;
	if (score >= (double)curve->tail_score)
		return tail_rate(curve, score);
	/* Never below the tail that begins after it, whatever was rounded in the file. */
	return fmax(curve_rate(curve, score), curve->tail_fmr);
}

double gh_calibration_fmr(const struct gh_calibration *calibration, float score, bool *extrapolated)
{
	const struct gh_calibration_curve *curve = calibration->curve;

	if (extrapolated)
		*extrapolated = score > curve->tail_score;
	return rate(curve, (double)score);
}

double gh_calibration_fnmr(const struct gh_calibration *calibration, float score)
{
	const struct gh_calibration_curve *curve = calibration->curve;
	const struct gh_calibration_point *points = curve->points;
	size_t last = curve->point_count - 1;
	double part;
	size_t i;

	if (!(score >= points[0].score))
		return 0.0;
	if (score > points[last].score)
		return 1.0;
	i = segment(curve, (double)score);
	part = share(points, i, (double)score);
	return (1.0 - part) * points[i].fnmr + part * points[i + 1].fnmr;
}

double gh_calibration_llr(const struct gh_calibration *calibration, float score)
{
	const struct gh_calibration_curve *curve = calibration->curve;
	const struct gh_calibration_point *points = curve->points;
	size_t last = curve->point_count - 1;
	double part;
	size_t i;

	if (!(score >= points[0].score))
		return points[0].llr;
	if (score >= points[last].score)
		return points[last].llr;
	i = segment(curve, (double)score);
	part = share(points, i, (double)score);
	/* Never beyond the next point, whatever the last bit is rounded to. */
	return fmin(points[i].llr + part * (points[i + 1].llr - points[i].llr), points[i + 1].llr);
}

/* The lowest score on the curve whose rate is at most fmr. */
static double curve_score(const struct gh_calibration_curve *curve, double fmr)
{
	const struct gh_calibration_point *points = curve->points;
	double high;
	double low;
	size_t i = 0;

	while (i < curve->point_count && points[i].fmr > fmr)
		i++;
	if (i == 0)
		return (double)points[0].score;
	if (i == curve->point_count)
		return (double)curve->tail_score;
	high = log(points[i - 1].fmr);
	low = log(points[i].fmr);
	return (double)points[i - 1].score +
		((double)points[i].score - (double)points[i - 1].score) * (high - log(fmr)) /
		(high - low);
}

float gh_calibration_score(const struct gh_calibration *calibration, double fmr, bool *extrapolated)
{
	const struct gh_calibration_curve *curve = calibration->curve;
	double exact;
	float score;

	if (extrapolated)
		*extrapolated = !(fmr >= curve->tail_fmr);
	if (fmr >= 1.0)
		return -1.0f;
	if (!(fmr > 0.0))
		return GH_SCORE_UNREACHABLE;
	exact = fmr < curve->tail_fmr
		? (double)curve->tail_score + curve->tail_scale * log(curve->tail_fmr / fmr)
		: fmin(curve_score(curve, fmr), (double)curve->tail_score);
	if (exact >= (double)GH_SCORE_UNREACHABLE)
		return GH_SCORE_UNREACHABLE;
	score = (float)exact;
	for (int i = 0; i < ROUNDING_STEPS_MAX && rate(curve, (double)score) > fmr; i++)
		score = nextafterf(score, GH_SCORE_UNREACHABLE);
	return score;
}

/* What so many genuine and impostor scores can bear out at most. */
static bool borne_out(const struct gh_calibration_curve *curve, double llr)
{
	return llr >= -log((double)curve->genuine_pairs) - JOIN_TOLERANCE &&
		llr <= log((double)curve->impostor_pairs) + JOIN_TOLERANCE;
}

static enum gh_status check_point(
	const struct gh_calibration_curve *curve, size_t i, struct gh_error *error)
{
	const struct gh_calibration_point *point = &curve->points[i];

	/* Written so that NaN fails as well. */
	if (!(point->score >= -1.0f && point->score <= 1.0f && point->fmr > 0.0 &&
		    point->fmr <= 1.0 && point->fnmr >= 0.0 && point->fnmr <= 1.0))
		return gh_error_set(error, GH_MALFORMED, "point %zu is out of range", i + 1);
	if (!borne_out(curve, point->llr))
		return gh_error_set(error, GH_MALFORMED,
			"point %zu has a likelihood ratio that the counts do not bear out", i + 1);
	if (i > 0 &&
		!(point->score > point[-1].score && point->fmr <= point[-1].fmr &&
			point->fnmr >= point[-1].fnmr && point->llr >= point[-1].llr))
		return gh_error_set(error, GH_MALFORMED, "point %zu is not monotonic", i + 1);
	return GH_OK;
}

static enum gh_status check_points(const struct gh_calibration_curve *curve, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	if (curve->point_count < 2 || curve->point_count > GH_CALIBRATION_POINTS_MAX)
		return gh_error_set(error, GH_MALFORMED, "%zu points", curve->point_count);
	for (size_t i = 0; status == GH_OK && i < curve->point_count; i++)
		status = check_point(curve, i, error);
	return status;
}

static bool near(double a, double b)
{
	return fabs(a - b) <= JOIN_TOLERANCE * fabs(b);
}

static enum gh_status check_tail(const struct gh_calibration_curve *curve, struct gh_error *error)
{
	const struct gh_calibration_point *points = curve->points;
	size_t last = curve->point_count - 1;

	if (!(curve->tail_scale >= TAIL_SCALE_MIN && curve->tail_scale <= TAIL_SCALE_MAX &&
		    curve->tail_fmr > 0.0 && curve->tail_fmr < 1.0 &&
		    curve->tail_score > points[0].score &&
		    curve->tail_score <= points[last].score && curve->tail_misfit >= 0.0))
		return gh_error_set(error, GH_MALFORMED, "the tail is out of range");
	if (!near(curve_rate(curve, (double)curve->tail_score), curve->tail_fmr))
		return gh_error_set(error, GH_MALFORMED, "the tail does not join the points");
	for (size_t i = 0; i <= last; i++)
		if (points[i].score > curve->tail_score &&
			!near(points[i].fmr, tail_rate(curve, (double)points[i].score)))
			return gh_error_set(
				error, GH_MALFORMED, "point %zu is not on the tail", i + 1);
	return GH_OK;
}

static enum gh_status check_counts(const struct gh_calibration_curve *curve, struct gh_error *error)
{
	double enough = (double)GH_CALIBRATION_RULE_OF * (1.0 - JOIN_TOLERANCE);

	if (curve->genuine_pairs == 0)
		return gh_error_set(error, GH_MALFORMED, "the counts are not those of a test");
	if (!(curve->tail_fmr * (double)curve->impostor_pairs >= enough))
		return gh_error_set(error, GH_MALFORMED,
			"%llu impostor pairs do not bear out a measured FMR of %.3g",
			(unsigned long long)curve->impostor_pairs, curve->tail_fmr);
	if (curve->tail_count < GH_CALIBRATION_RULE_OF || curve->tail_count > curve->impostor_pairs)
		return gh_error_set(error, GH_MALFORMED, "the tail rests on too few scores");
	return GH_OK;
}

static enum gh_status check_facts(const struct gh_calibration_facts *facts, struct gh_error *error)
{
	if (facts->identities < 2)
		return gh_error_set(error, GH_MALFORMED, "the counts are not those of a test");
	if (!(facts->impostor_mean >= -1.0 && facts->impostor_mean <= 1.0 &&
		    facts->impostor_sd > 0.0 && facts->impostor_sd <= 1.0))
		return gh_error_set(error, GH_MALFORMED, "the impostor scores are out of range");
	if (!(facts->frame_spread >= 0.0 && facts->frame_spread <= 1.0))
		return gh_error_set(error, GH_MALFORMED, "the frame spread is out of range");
	return GH_OK;
}

enum gh_status gh_calibration_content_check(
	const struct gh_calibration_content *content, struct gh_error *error)
{
	enum gh_status status = check_facts(&content->facts, error);

	if (status == GH_OK && content->curve_count == 0)
		status = gh_error_set(error, GH_MALFORMED, "there is no curve");
	for (size_t i = 0; status == GH_OK && i < content->curve_count; i++) {
		const struct gh_calibration_curve *curve = &content->curves[i];

		status = check_counts(curve, error);
		if (status == GH_OK)
			status = check_points(curve, error);
		if (status == GH_OK)
			status = check_tail(curve, error);
		if (status != GH_OK)
			gh_error_wrap(error, "frames_averaged %zu", i + 1);
	}
	return status;
}

enum gh_status gh_calibration_open(
	const char *path, struct gh_calibration **calibration, struct gh_error *error)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	enum gh_status status;

	*calibration = NULL;
	status = gh_file_read(path, GH_CALIBRATION_BYTES_MAX, &text, error);
	if (status != GH_OK)
		return status;
	status = gh_calibration_parse(path, gh_bytes_view(&text), calibration, error);
	gh_bytes_finish(&text);
	return status;
}

void gh_calibration_open_free(struct gh_calibration_open *file)
{
	if (!file)
		return;
	for (size_t i = 0; i < GH_CALIBRATION_CURVES_MAX; i++)
		free(file->content.curves[i].points);
	free(file->content.spread.directions);
	free(file);
}

void gh_calibration_close(struct gh_calibration *calibration)
{
	if (calibration)
		gh_calibration_open_free(calibration->file);
}

void gh_calibration_signed_message(
	const struct gh_sha256 *hash, uint8_t message[GH_CALIBRATION_SIGNED_BYTES])
{
	size_t words = sizeof(GH_CALIBRATION_SIGNED_WORDS) - 1;

	memcpy(message, GH_CALIBRATION_SIGNED_WORDS, words);
	memcpy(message + words, hash->bytes, sizeof(hash->bytes));
}

enum gh_status gh_calibration_verify(
	const struct gh_calibration *calibration, const char *public_path, struct gh_error *error)
{
	const struct gh_calibration_open *file = calibration->file;
	uint8_t message[GH_CALIBRATION_SIGNED_BYTES];
	enum gh_status status;

	if (!file->is_signed)
		return gh_error_set(error, GH_INTEGRITY, "the calibration is not signed");
	gh_calibration_signed_message(&file->signed_hash, message);
	status = gh_signature_verify_file(
		public_path, (struct gh_view){ message, sizeof(message) }, &file->signature, error);
	if (status != GH_OK)
		gh_error_wrap(error, "the calibration's signature");
	return status;
}

const struct gh_calibration *gh_calibration_averaged(
	const struct gh_calibration *calibration, uint32_t frames_averaged)
{
	const struct gh_calibration_open *file = calibration->file;
	size_t last = file->content.curve_count - 1;

	if (frames_averaged == 0)
		return &file->handles[0];
	return &file->handles[frames_averaged <= last ? frames_averaged - 1 : last];
}

const struct gh_calibration_facts *gh_calibration_facts(const struct gh_calibration *calibration)
{
	return &calibration->facts;
}
