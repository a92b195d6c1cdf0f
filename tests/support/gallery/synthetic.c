/* SPDX-License-Identifier: Apache-2.0 */
/* Templates and a calibration made of random numbers, for tests and benchmarks. */
#include "support/gallery/synthetic.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	POINTS = 201,
	DIRECTIONS = 96
};

/* The last steps of splitmix64: seeds that differ in a bit begin with unlike states. */
static uint64_t mixed(uint64_t z)
{
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

uint64_t synthetic_seed(uint64_t test)
{
	const char *text = getenv("GATEHOUSE_SEED");
	uint64_t seed = text ? strtoull(text, NULL, 0) : 1;
	uint64_t state = mixed(mixed(seed + UINT64_C(0x9e3779b97f4a7c15)) + test);

	printf("GATEHOUSE_SEED=%" PRIu64 "\n", seed);
	return state != 0 ? state : 1;
}

uint64_t synthetic_random(void *ctx)
{
	uint64_t *state = ctx;

	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(0x2545f4914f6cdd1d);
}

uint64_t synthetic_below(uint64_t *state, uint64_t limit)
{
	return synthetic_random(state) % limit;
}

/* Sum of twelve uniform numbers: near enough to normal, and the same on every machine. */
float synthetic_normal(uint64_t *state)
{
	double sum = -6.0;

	for (int i = 0; i < 12; i++)
		sum += (double)(synthetic_random(state) >> 11) * 0x1p-53;
	return (float)sum;
}

static void scale_to_unit(double *values, struct gh_template *made)
{
	double sum = 0.0;

	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
		sum += values[i] * values[i];
	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
		made->values[i] = (float)(values[i] / sqrt(sum));
}

void synthetic_template(uint64_t *state, struct gh_template *made)
{
	double values[GH_TEMPLATE_VALUES];

	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
		values[i] = (double)synthetic_normal(state);
	scale_to_unit(values, made);
}

void synthetic_look_alike(
	uint64_t *state, const struct gh_template *other, float closeness, struct gh_template *made)
{
	double across[GH_TEMPLATE_VALUES];
	double values[GH_TEMPLATE_VALUES];
	struct gh_template unit;
	double along = 0.0;
	double sine = sqrt(1.0 - (double)closeness * (double)closeness);

	synthetic_template(state, &unit);
	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
		along += (double)unit.values[i] * (double)other->values[i];
	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
		across[i] = (double)unit.values[i] - along * (double)other->values[i];
	scale_to_unit(across, &unit);
	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
		values[i] = (double)closeness * (double)other->values[i] +
			sine * (double)unit.values[i];
	scale_to_unit(values, made);
}

static double above(double score, double mean, double sd)
{
	return 0.5 * erfc((score - mean) / sd / sqrt(2.0));
}

/* Of two normal distributions the logarithm of the ratio, within what the counts bear out. */
static double log_ratio(double score)
{
	double impostor = (score - SYNTHETIC_IMPOSTOR_MEAN) / SYNTHETIC_IMPOSTOR_SD;
	double genuine = (score - SYNTHETIC_GENUINE_MEAN) / SYNTHETIC_GENUINE_SD;
	double ratio = 0.5 * (impostor * impostor - genuine * genuine) +
		log(SYNTHETIC_IMPOSTOR_SD / SYNTHETIC_GENUINE_SD);

	return fmin(fmax(ratio, SYNTHETIC_LLR_MIN), SYNTHETIC_LLR_MAX);
}

/* Averaging draws genuine scores together and lifts impostor scores a little. */
static void make_curve(struct gh_calibration_curve *curve, struct gh_calibration_point *points,
	double lift, double genuine_sd)
{
	double least = 30.0 / SYNTHETIC_IMPOSTOR_PAIRS;

	*curve = (struct gh_calibration_curve){ .genuine_pairs = 3000,
		.impostor_pairs = SYNTHETIC_IMPOSTOR_PAIRS,
		.tail_scale = 0.025,
		.tail_count = 400,
		.tail_misfit = 0.9,
		.points = points,
		.point_count = POINTS };
	for (size_t i = 0; i < POINTS; i++) {
		double score = -1.0 + 0.01 * (double)i;
		double fmr = above(score - lift, SYNTHETIC_IMPOSTOR_MEAN, SYNTHETIC_IMPOSTOR_SD);

		points[i].score = (float)score;
		points[i].fnmr = 1.0 - above(score, SYNTHETIC_GENUINE_MEAN, genuine_sd);
		points[i].llr = log_ratio(score - lift);
		if (fmr >= least) {
			points[i].fmr = fmr;
			curve->tail_score = points[i].score;
			curve->tail_fmr = fmr;
			continue;
		}
		points[i].fmr = curve->tail_fmr *
			exp(-((double)points[i].score - (double)curve->tail_score) /
				curve->tail_scale);
	}
}

/*
 * A spread whose impostor scores have the mean and deviation claimed. The variance of the scores is
 * the sum of the squared variances along all axes: with `shared` of the total v in K orthogonal
 * directions and the rest even over n values, shared^2 / K + (v^2 - shared^2) / n.
 */
static void make_spread(struct gh_calibration_spread *spread)
{
	static float directions[DIRECTIONS][GH_TEMPLATE_VALUES];
	double n = GH_TEMPLATE_VALUES;
	double v = 1.0 - SYNTHETIC_IMPOSTOR_MEAN;
	double variance = SYNTHETIC_IMPOSTOR_SD * SYNTHETIC_IMPOSTOR_SD;
	double shared = sqrt((variance - v * v / n) / (1.0 / DIRECTIONS - 1.0 / n));
	double mean = sqrt(SYNTHETIC_IMPOSTOR_MEAN / n);

	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++) {
		size_t of_direction =
			(GH_TEMPLATE_VALUES + DIRECTIONS - 1 - i % DIRECTIONS) / DIRECTIONS;

		spread->mean[i] = (float)(i % 2 ? mean : -mean);
		spread->residual[i] = (float)sqrt((v - shared) / n);
		directions[i % DIRECTIONS][i] =
			(float)sqrt(shared / DIRECTIONS / (double)of_direction);
	}
	spread->direction_count = DIRECTIONS;
	spread->directions = directions[0];
}

struct gh_calibration_content synthetic_content(void)
{
	static struct gh_calibration_point points[GH_CALIBRATION_CURVES_MAX][POINTS];
	struct gh_calibration_content content = { .curve_count = GH_CALIBRATION_CURVES_MAX };

	strcpy(content.facts.data_set, "synthetic");
	content.facts.research_only = true;
	content.facts.identities = 1500;
	content.facts.pictures = 2930;
	content.facts.failures_to_acquire = 2;
	content.facts.frame_spread = SYNTHETIC_FRAME_SPREAD;
	content.facts.impostor_mean = SYNTHETIC_IMPOSTOR_MEAN;
	content.facts.impostor_sd = SYNTHETIC_IMPOSTOR_SD;
	memset(content.facts.chain.bytes, 0xc4, sizeof(content.facts.chain.bytes));
	for (size_t i = 0; i < GH_CALIBRATION_CURVES_MAX; i++)
		make_curve(&content.curves[i], points[i], 0.01 * (double)i,
			SYNTHETIC_GENUINE_SD / sqrt(1.0 + (double)i));
	make_spread(&content.spread);
	return content;
}

struct gh_calibration *synthetic_calibration(void)
{
	struct gh_calibration_content content = synthetic_content();
	struct gh_calibration *calibration = NULL;
	struct gh_error error = GH_ERROR_NONE;
	char path[] = "/tmp/gatehouse-calibration-XXXXXX";
	int descriptor = mkstemp(path);

	if (descriptor < 0 || gh_calibration_write(path, &content, NULL, &error) != GH_OK ||
		gh_calibration_open(path, &calibration, &error) != GH_OK) {
		fprintf(stderr, "synthetic calibration: %s\n", error.text);
		exit(1);
	}
	close(descriptor);
	unlink(path);
	return calibration;
}
