/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From native values to components, against what the reference implementation gave for its own
 * pictures: its natives go in, its components have to come out. Where a measure of ours follows the
 * standard the code under test is the measure's; the others check the functions that all are made
 * of. Then the ramps, because eight components of that table take two values at most.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "quality/kind.h"
#include "quality/mapping.h"

#define COLUMNS_MAX 80

static int unified(double x)
{
	return gh_sigmoid_component(&(struct gh_sigmoid){ 100, 0, 1, 23, 2.6 }, x);
}

static int sharpness(double x)
{
	return gh_sigmoid_component(&(struct gh_sigmoid){ 1, -14, 115, -20, 15 }, x);
}

static int compression(double x)
{
	return gh_sigmoid_component(&(struct gh_sigmoid){ 1, -0.0278, 103, 0.3308, 0.092 }, x);
}

static int share_left(double x)
{
	return gh_component_round(100.0 * (1.0 - x));
}

static int expression(double x)
{
	return gh_sigmoid_component(&(struct gh_sigmoid){ 100, 0, 1, -5000, 5000 }, x);
}

/* From 0 to 0.95 along a logistic curve brought to both ends. */
static int covering(double x)
{
	double low = gh_logistic(0, 0.02, 0.1), high = gh_logistic(0.95, 0.02, 0.1);

	if (x >= 0.95)
		return 0;
	return gh_component_round(
		100.0 * (high - gh_logistic(fmax(0.0, x), 0.02, 0.1)) / (high - low));
}

/* The reference's name, and either our measure or a function of this test. */
static const struct column {
	const char *name;
	int measure;
	int (*component)(double native);
} columns[] = {
	{ "UnifiedQualityScore", -1, unified },
	{ "BackgroundUniformity", GH_MEASURE_BACKGROUND_GRADIENT, NULL },
	{ "IlluminationUniformity", GH_MEASURE_ILLUMINATION_UNIFORMITY, NULL },
	{ "LuminanceMean", GH_MEASURE_LUMINANCE_MEAN, NULL },
	{ "LuminanceVariance", GH_MEASURE_LUMINANCE_VARIANCE, NULL },
	{ "UnderExposurePrevention", GH_MEASURE_UNDER_EXPOSURE_HULL, NULL },
	{ "OverExposurePrevention", GH_MEASURE_OVER_EXPOSURE_HULL, NULL },
	{ "DynamicRange", GH_MEASURE_DYNAMIC_RANGE, NULL },
	{ "Sharpness", -1, sharpness },
	{ "CompressionArtifacts", -1, compression },
	{ "NaturalColour", GH_MEASURE_NATURAL_COLOUR, NULL },
	{ "SingleFacePresent", GH_MEASURE_SINGLE_FACE_PRESENT, NULL },
	{ "EyesOpen", GH_MEASURE_EYES_OPEN, NULL },
	{ "MouthClosed", GH_MEASURE_MOUTH_CLOSED, NULL },
	{ "EyesVisible", -1, share_left },
	{ "MouthOcclusionPrevention", -1, share_left },
	{ "FaceOcclusionPrevention", -1, share_left },
	{ "InterEyeDistance", GH_MEASURE_INTER_EYE_DISTANCE, NULL },
	{ "HeadSize", GH_MEASURE_HEAD_SIZE, NULL },
	{ "LeftwardCropOfTheFaceImage", GH_MEASURE_LEFTWARD_CROP, NULL },
	{ "RightwardCropOfTheFaceImage", GH_MEASURE_RIGHTWARD_CROP, NULL },
	{ "MarginAboveOfTheFaceImage", GH_MEASURE_MARGIN_ABOVE, NULL },
	{ "MarginBelowOfTheFaceImage", GH_MEASURE_MARGIN_BELOW, NULL },
	{ "HeadPoseYaw", GH_MEASURE_YAW, NULL },
	{ "HeadPosePitch", GH_MEASURE_PITCH, NULL },
	{ "HeadPoseRoll", GH_MEASURE_ROLL, NULL },
	{ "ExpressionNeutrality", -1, expression },
	{ "NoHeadCoverings", -1, covering },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static size_t split(char *line, char *fields[COLUMNS_MAX])
{
	size_t count = 0;

	line[strcspn(line, "\r\n")] = '\0';
	for (char *at = line; at && count < COLUMNS_MAX;) {
		char *end = strchr(at, ';');

		fields[count++] = at;
		if (end)
			*end++ = '\0';
		at = end;
	}
	return count;
}

static size_t place_of(char *const fields[], size_t count, const char *name, const char *suffix)
{
	char wanted[64];

	snprintf(wanted, sizeof(wanted), "%s%s", name, suffix);
	for (size_t i = 0; i < count; i++)
		if (strcmp(fields[i], wanted) == 0)
			return i;
	fail_msg("no column %s", wanted);
	return 0;
}

static int component_of(const struct column *column, double native)
{
	if (column->component)
		return column->component(native);
	return gh_measure_kinds[column->measure]->component(native);
}

static FILE *open_table(void)
{
	const char *folder = getenv("GATEHOUSE_TEST_DATA");
	char path[4096];

	if (!folder)
		return NULL;
	snprintf(path, sizeof(path), "%s/quality/ofiq_expected_results.csv", folder);
	return fopen(path, "r");
}

static void every_row_of_the_reference_is_met(void **state)
{
	FILE *table = open_table();
	static char head[8192], row[8192];
	char *names[COLUMNS_MAX], *fields[COLUMNS_MAX];
	size_t count, met = 0;

	if (!table) {
		print_message("GATEHOUSE_TEST_DATA has no quality/ofiq_expected_results.csv\n");
		skip();
	}
	assert_non_null(fgets(head, sizeof(head), table));
	count = split(head, names);
	while (fgets(row, sizeof(row), table)) {
		/* The head ends in a separator, the rows do not. */
		assert_true(split(row, fields) + 1 >= count);
		for (size_t i = 0; i < COLUMNS; i++) {
			double native =
				strtod(fields[place_of(names, count, columns[i].name, "")], NULL);
			int wanted =
				atoi(fields[place_of(names, count, columns[i].name, ".scalar")]);
			int found = component_of(&columns[i], native);

			if (found != wanted)
				fail_msg("%s of %g: %d instead of %d", columns[i].name, native,
					found, wanted);
			met++;
		}
	}
	fclose(table);
	print_message("%zu components\n", met);
	assert_int_equal(met, 28 * COLUMNS);
}

/* A stretch of native values on which the component may only fall, or only rise. */
static const struct ramp {
	int measure;
	double from, to;
	int at_from, at_to;
} ramps[] = {
	{ GH_MEASURE_BACKGROUND_GRADIENT, 0, 1000, 100, 0 },
	{ GH_MEASURE_ILLUMINATION_UNIFORMITY, 0, 1, 0, 100 },
	{ GH_MEASURE_LUMINANCE_MEAN, 0, 0.4, 2, 98 },
	{ GH_MEASURE_LUMINANCE_MEAN, 0.6, 1, 98, 2 },
	{ GH_MEASURE_LUMINANCE_VARIANCE, 0, 1.0 / 60, 0, 100 },
	{ GH_MEASURE_LUMINANCE_VARIANCE, 1.0 / 60, 0.25, 100, 20 },
	{ GH_MEASURE_UNDER_EXPOSURE_HULL, 0, 1, 100, 0 },
	{ GH_MEASURE_OVER_EXPOSURE_HULL, 0, 1, 100, 1 },
	{ GH_MEASURE_DYNAMIC_RANGE, 0, 8, 0, 100 },
	{ GH_MEASURE_SHARPNESS_GRADIENT, 0, 2, 1, 100 },
	{ GH_MEASURE_JPEG_QUANTISATION, 1, 120, 100, 0 },
	{ GH_MEASURE_BLOCKINESS, 1, 8, 100, 0 },
	{ GH_MEASURE_NATURAL_COLOUR, 0, 100, 100, 0 },
	{ GH_MEASURE_SINGLE_FACE_PRESENT, 0, 1, 100, 0 },
	{ GH_MEASURE_EYES_OPEN, 0, 0.1, 12, 100 },
	{ GH_MEASURE_MOUTH_CLOSED, 0, 0.6, 97, 0 },
	{ GH_MEASURE_INTER_EYE_DISTANCE, 0, 300, 3, 100 },
	{ GH_MEASURE_HEAD_SIZE, 0, 0.45, 0, 100 },
	{ GH_MEASURE_HEAD_SIZE, 0.45, 1, 100, 0 },
	{ GH_MEASURE_LEFTWARD_CROP, 0, 3, 0, 100 },
	{ GH_MEASURE_RIGHTWARD_CROP, 0, 3, 0, 100 },
	{ GH_MEASURE_MARGIN_ABOVE, 0, 3, 0, 100 },
	{ GH_MEASURE_MARGIN_BELOW, 0, 3, 0, 100 },
	{ GH_MEASURE_YAW, 0, 90, 100, 0 },
	{ GH_MEASURE_PITCH, -90, 0, 0, 100 },
	{ GH_MEASURE_ROLL, 0, 180, 100, 0 },
};

#define RAMPS (sizeof(ramps) / sizeof(ramps[0]))
#define STEPS 2000

static void components_follow_their_ramps(void **state)
{
	for (size_t i = 0; i < RAMPS; i++) {
		const struct ramp *ramp = &ramps[i];
		int (*component)(double) = gh_measure_kinds[ramp->measure]->component;
		int before = component(ramp->from), values = 1;

		if (before != ramp->at_from || component(ramp->to) != ramp->at_to)
			fail_msg("ramp %zu goes from %d to %d", i, before, component(ramp->to));
		for (int step = 1; step <= STEPS; step++) {
			int now = component(ramp->from + (ramp->to - ramp->from) * step / STEPS);

			assert_in_range(now, 0, 100);
			if (ramp->at_to > ramp->at_from ? now < before : now > before)
				fail_msg("ramp %zu turns back at step %d", i, step);
			values += now != before;
			before = now;
		}
		/* None jumps from one end to the other. */
		assert_true(values > 25);
	}
}

static void every_measure_with_a_component_has_a_ramp(void **state)
{
	for (int measure = 0; measure < GH_MEASURE_COUNT; measure++) {
		enum gh_origin origin = gh_measure_facts((enum gh_measure_name)measure)->origin;
		const struct gh_measure_kind *kind = gh_measure_kinds[measure];
		bool has = false;

		for (size_t i = 0; i < RAMPS; i++)
			has = has || ramps[i].measure == measure;
		assert_int_equal(kind != NULL, origin != GH_ORIGIN_ABSENT);
		assert_int_equal(kind && kind->component, has);
		assert_int_equal(kind && kind->suspect_from > 0.0, origin == GH_ORIGIN_FLAG);
	}
}

static void rounding_is_half_away_from_zero_and_then_clipped(void **state)
{
	assert_int_equal(gh_component_round(0.5), 1);
	assert_int_equal(gh_component_round(1.5), 2);
	assert_int_equal(gh_component_round(2.5), 3);
	assert_int_equal(gh_component_round(-3), 0);
	assert_int_equal(gh_component_round(100.5), 100);
	assert_int_equal(gh_component_round(1e300), 100);
	assert_float_equal(gh_logistic(1e300, 0, 1e-9), 1, 0);
	assert_true(gh_logistic(-1e300, 0, 1e-9) < 1e-300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_reference_is_met),
		cmocka_unit_test(components_follow_their_ramps),
		cmocka_unit_test(every_measure_with_a_component_has_a_ramp),
		cmocka_unit_test(rounding_is_half_away_from_zero_and_then_clipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
