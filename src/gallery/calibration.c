/* SPDX-License-Identifier: Apache-2.0 */
/* What a score means: error rates read off the measured curves and beyond them. */
#include "gatehouse/gallery/calibration.h"

#include <math.h>
#include <stdlib.h>

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

static double tail_rate(const struct gh_calibration_content *content, double score)
{
	return content->tail_fmr *
		exp(-(score - (double)content->tail_score) / content->tail_scale);
}

/* Index of the last point at or below score; the caller knows that there is one after it. */
static size_t segment(const struct gh_calibration_content *content, double score)
{
	size_t low = 0;
	size_t high = content->point_count - 1;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if ((double)content->points[middle].score <= score)
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
static double curve_rate(const struct gh_calibration_content *content, double score)
{
	const struct gh_calibration_point *points = content->points;
	size_t i = segment(content, score);
	double part = share(points, i, score);

	return exp((1.0 - part) * log(points[i].fmr) + part * log(points[i + 1].fmr));
}

static double rate(const struct gh_calibration_content *content, double score)
{
	if (!(score >= (double)content->points[0].score))
		return 1.0;
	if (score >= (double)content->tail_score)
		return tail_rate(content, score);
	/* Never below the tail that begins after it, whatever was rounded in the file. */
	return fmax(curve_rate(content, score), content->tail_fmr);
}

double gh_calibration_fmr(const struct gh_calibration *calibration, float score, bool *extrapolated)
{
	const struct gh_calibration_content *content = &calibration->content;

	if (extrapolated)
		*extrapolated = score > content->tail_score;
	return rate(content, (double)score);
}

double gh_calibration_fnmr(const struct gh_calibration *calibration, float score)
{
	const struct gh_calibration_content *content = &calibration->content;
	const struct gh_calibration_point *points = content->points;
	size_t last = content->point_count - 1;
	double part;
	size_t i;

	if (!(score >= points[0].score))
		return 0.0;
	if (score > points[last].score)
		return 1.0;
	i = segment(content, (double)score);
	part = share(points, i, (double)score);
	return (1.0 - part) * points[i].fnmr + part * points[i + 1].fnmr;
}

/* The lowest score on the curve whose rate is at most fmr. */
static double curve_score(const struct gh_calibration_content *content, double fmr)
{
	const struct gh_calibration_point *points = content->points;
	double high;
	double low;
	size_t i = 0;

	while (i < content->point_count && points[i].fmr > fmr)
		i++;
	if (i == 0)
		return (double)points[0].score;
	if (i == content->point_count)
		return (double)content->tail_score;
	high = log(points[i - 1].fmr);
	low = log(points[i].fmr);
	return (double)points[i - 1].score +
		((double)points[i].score - (double)points[i - 1].score) * (high - log(fmr)) /
		(high - low);
}

float gh_calibration_score(const struct gh_calibration *calibration, double fmr, bool *extrapolated)
{
	const struct gh_calibration_content *content = &calibration->content;
	double exact;
	float score;

	if (extrapolated)
		*extrapolated = !(fmr >= content->tail_fmr);
	if (fmr >= 1.0)
		return -1.0f;
	if (!(fmr > 0.0))
		return GH_SCORE_UNREACHABLE;
	exact = fmr < content->tail_fmr
		? (double)content->tail_score + content->tail_scale * log(content->tail_fmr / fmr)
		: fmin(curve_score(content, fmr), (double)content->tail_score);
	if (exact >= (double)GH_SCORE_UNREACHABLE)
		return GH_SCORE_UNREACHABLE;
	score = (float)exact;
	for (int i = 0; i < ROUNDING_STEPS_MAX && rate(content, (double)score) > fmr; i++)
		score = nextafterf(score, GH_SCORE_UNREACHABLE);
	return score;
}

static enum gh_status check_points(
	const struct gh_calibration_content *content, struct gh_error *error)
{
	const struct gh_calibration_point *points = content->points;

	if (content->point_count < 2 || content->point_count > GH_CALIBRATION_POINTS_MAX)
		return gh_error_set(error, GH_MALFORMED, "%zu points", content->point_count);
	for (size_t i = 0; i < content->point_count; i++) {
		const struct gh_calibration_point *point = &points[i];

		/* Written so that NaN fails as well. */
		if (!(point->score >= -1.0f && point->score <= 1.0f && point->fmr > 0.0 &&
			    point->fmr <= 1.0 && point->fnmr >= 0.0 && point->fnmr <= 1.0))
			return gh_error_set(
				error, GH_MALFORMED, "point %zu is out of range", i + 1);
		if (i > 0 &&
			!(point->score > point[-1].score && point->fmr <= point[-1].fmr &&
				point->fnmr >= point[-1].fnmr))
			return gh_error_set(
				error, GH_MALFORMED, "point %zu is not monotonic", i + 1);
	}
	return GH_OK;
}

static bool near(double a, double b)
{
	return fabs(a - b) <= JOIN_TOLERANCE * fabs(b);
}

static enum gh_status check_tail(
	const struct gh_calibration_content *content, struct gh_error *error)
{
	const struct gh_calibration_point *points = content->points;
	size_t last = content->point_count - 1;

	if (!(content->tail_scale >= TAIL_SCALE_MIN && content->tail_scale <= TAIL_SCALE_MAX &&
		    content->tail_fmr > 0.0 && content->tail_fmr < 1.0 &&
		    content->tail_score > points[0].score &&
		    content->tail_score <= points[last].score))
		return gh_error_set(error, GH_MALFORMED, "the tail is out of range");
	if (!near(curve_rate(content, (double)content->tail_score), content->tail_fmr))
		return gh_error_set(error, GH_MALFORMED, "the tail does not join the points");
	for (size_t i = 0; i <= last; i++)
		if (points[i].score > content->tail_score &&
			!near(points[i].fmr, tail_rate(content, (double)points[i].score)))
			return gh_error_set(
				error, GH_MALFORMED, "point %zu is not on the tail", i + 1);
	return GH_OK;
}

static enum gh_status check_facts(
	const struct gh_calibration_content *content, struct gh_error *error)
{
	const struct gh_calibration_facts *facts = &content->facts;
	double enough = (double)GH_CALIBRATION_RULE_OF * (1.0 - JOIN_TOLERANCE);

	if (content->tail_fmr * (double)facts->impostor_pairs < enough)
		return gh_error_set(error, GH_MALFORMED,
			"%llu impostor pairs do not bear out a measured FMR of %.3g",
			(unsigned long long)facts->impostor_pairs, content->tail_fmr);
	if (facts->genuine_pairs == 0 || facts->identities < 2 || facts->frames_averaged == 0)
		return gh_error_set(error, GH_MALFORMED, "the counts are not those of a test");
	if (!(facts->impostor_mean >= -1.0 && facts->impostor_mean <= 1.0 &&
		    facts->impostor_sd > 0.0 && facts->impostor_sd <= 1.0))
		return gh_error_set(error, GH_MALFORMED, "the impostor scores are out of range");
	return GH_OK;
}

enum gh_status gh_calibration_content_check(
	const struct gh_calibration_content *content, struct gh_error *error)
{
	enum gh_status status = check_points(content, error);

	if (status == GH_OK)
		status = check_tail(content, error);
	if (status == GH_OK)
		status = check_facts(content, error);
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

void gh_calibration_close(struct gh_calibration *calibration)
{
	if (!calibration)
		return;
	free(calibration->content.points);
	free(calibration->content.spread.directions);
	free(calibration);
}

const struct gh_calibration_facts *gh_calibration_facts(const struct gh_calibration *calibration)
{
	return &calibration->content.facts;
}
