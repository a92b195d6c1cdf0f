/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conformance table: drawn and degraded pictures, and what each measure says of them, native and
 * component. GATEHOUSE_WRITE=1 writes tests/golden/vision_quality.tsv anew; then the difference has
 * to be read. The landmarks come from the drawing, so no model takes part.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/vision/picture.h"
#include "support/vision/drawn_marks.h"

enum {
	WIDTH = 640,
	HEIGHT = 480,
	JPEG_BYTES = 512 * 1024
};

static uint8_t rgb[3 * WIDTH * HEIGHT];
static const struct drawn_canvas canvas = { rgb, WIDTH, HEIGHT, 3 * (size_t)WIDTH };

/* A picture: where the face is, and what is done to it afterwards. */
struct picture {
	const char *name;
	float x, y, height, roll;
	float eyes_open;
	void (*degrade)(float amount, const struct drawn_face *face);
	float amount;
};

static struct gh_jpeg_trace jpeg;

static void blur(float amount, const struct drawn_face *face)
{
	(void)face;
	drawn_blur(&canvas, (uint32_t)amount);
}

static void gain(float amount, const struct drawn_face *face)
{
	(void)face;
	drawn_light(&canvas, amount, 0);
}

static void add(float amount, const struct drawn_face *face)
{
	(void)face;
	drawn_light(&canvas, 1, amount);
}

static void contrast(float amount, const struct drawn_face *face)
{
	(void)face;
	drawn_light(&canvas, amount, 128 * (1 - amount));
}

static void channels(float red, float green, float blue)
{
	const float factors[3] = { red, green, blue };

	for (size_t i = 0; i < sizeof(rgb); i++)
		rgb[i] = (uint8_t)fminf(255.0f, factors[i % 3] * rgb[i]);
}

static void blue(float amount, const struct drawn_face *face)
{
	(void)face;
	channels(1 - amount, 1, 1 + amount);
}

static void green(float amount, const struct drawn_face *face)
{
	(void)face;
	channels(1 - amount, 1, 1 - amount);
}

static void grey(float amount, const struct drawn_face *face)
{
	(void)amount;
	(void)face;
	for (size_t i = 0; i < sizeof(rgb); i += 3)
		rgb[i] = rgb[i + 2] = rgb[i + 1];
}

/* Light from image-left that has fallen to 1 - amount at the right of the face. */
static void from_the_side(float amount, const struct drawn_face *face)
{
	float left = face->x_px - 0.35f * face->height_px, width = 0.7f * face->height_px;

	for (size_t i = 0; i < sizeof(rgb); i++) {
		float x = (float)(i / 3 % WIDTH);
		float share = fminf(1.0f, fmaxf(0.0f, (x - left) / width));

		rgb[i] = (uint8_t)(rgb[i] * (1.0f - amount * share));
	}
}

static void compress(float amount, const struct drawn_face *face)
{
	struct gh_picture picture = { WIDTH, HEIGHT, { rgb, sizeof(rgb), sizeof(rgb) } }, back;
	static uint8_t file[JPEG_BYTES];
	size_t length = sizeof(file);

	(void)face;
	assert_int_equal(gh_picture_encode_jpeg(&picture, (int)amount, file, &length, NULL), GH_OK);
	assert_int_equal(gh_picture_decode((struct gh_view){ file, length }, &back, NULL), GH_OK);
	memcpy(rgb, back.rgb.data, sizeof(rgb));
	gh_picture_finish(&back);
	jpeg = (struct gh_jpeg_trace){ .known = true, .has_blocks = true };
}

/* An ellipse of one colour, in the face's coordinates. */
static void cover(const struct drawn_face *face, const float at[4], const uint8_t colour[3])
{
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++) {
			float u = ((float)x - face->x_px) / face->height_px - at[0];
			float v = ((float)y - face->y_px) / face->height_px - at[1];

			if (u * u / (at[2] * at[2]) + v * v / (at[3] * at[3]) < 1.0f)
				memcpy(rgb + 3 * (y * WIDTH + x), colour, 3);
		}
}

static void dark_glasses(float amount, const struct drawn_face *face)
{
	const uint8_t colour[3] = { (uint8_t)amount, (uint8_t)amount, (uint8_t)amount };

	cover(face, (float[]){ -0.155f, -0.05f, 0.12f, 0.09f }, colour);
	cover(face, (float[]){ 0.155f, -0.05f, 0.12f, 0.09f }, colour);
}

static void glare(float amount, const struct drawn_face *face)
{
	const uint8_t white[3] = { 255, 255, 255 };

	cover(face, (float[]){ -0.155f, -0.05f, amount, amount }, white);
	cover(face, (float[]){ 0.155f, -0.05f, amount, amount }, white);
}

static void blue_mask(float amount, const struct drawn_face *face)
{
	const uint8_t colour[3] = { 90, 140, 210 };

	cover(face, (float[]){ 0, 0.3f, 0.33f, amount }, colour);
}

static void stripes(float amount, const struct drawn_face *face)
{
	for (size_t i = 0; i < sizeof(rgb); i++) {
		float x = (float)(i / 3 % WIDTH);

		if (fabsf(x - face->x_px) > 0.6f * face->height_px)
			rgb[i] = (uint8_t)(128 + amount * sinf(x / 3.0f));
	}
}

#define USUAL 320, 230, 200, 0, 1

static const struct picture pictures[] = {
	{ "usual", USUAL, NULL, 0 },
	{ "blur_1", USUAL, blur, 1 },
	{ "blur_2", USUAL, blur, 2 },
	{ "blur_4", USUAL, blur, 4 },
	{ "dark_500", USUAL, gain, 0.5f },
	{ "dark_250", USUAL, gain, 0.25f },
	{ "dark_100", USUAL, gain, 0.1f },
	{ "bright_50", USUAL, add, 50 },
	{ "bright_100", USUAL, add, 100 },
	{ "contrast_400", USUAL, contrast, 0.4f },
	{ "contrast_100", USUAL, contrast, 0.1f },
	{ "blue_cast", USUAL, blue, 0.4f },
	{ "green_cast", USUAL, green, 0.4f },
	{ "grey", USUAL, grey, 0 },
	{ "side_light_300", USUAL, from_the_side, 0.3f },
	{ "side_light_800", USUAL, from_the_side, 0.8f },
	{ "jpeg_90", USUAL, compress, 90 },
	{ "jpeg_60", USUAL, compress, 60 },
	{ "jpeg_30", USUAL, compress, 30 },
	{ "at_left", 70, 230, 200, 0, 1, NULL, 0 },
	{ "at_right", 570, 230, 200, 0, 1, NULL, 0 },
	{ "at_top", 320, 60, 200, 0, 1, NULL, 0 },
	{ "at_bottom", 320, 400, 200, 0, 1, NULL, 0 },
	{ "roll_10", 320, 230, 200, 10, 1, NULL, 0 },
	{ "roll_40", 320, 230, 200, 40, 1, NULL, 0 },
	{ "height_50", 320, 230, 50, 0, 1, NULL, 0 },
	{ "height_100", 320, 230, 100, 0, 1, NULL, 0 },
	{ "height_400", 320, 230, 400, 0, 1, NULL, 0 },
	{ "eyes_half", 320, 230, 200, 0, 0.4f, NULL, 0 },
	{ "eyes_closed", 320, 230, 200, 0, 0, NULL, 0 },
	{ "dark_glasses", USUAL, dark_glasses, 20 },
	{ "glare", USUAL, glare, 0.05f },
	{ "blue_mask", USUAL, blue_mask, 0.2f },
	{ "stripes", USUAL, stripes, 80 },
};

#define PICTURES (sizeof(pictures) / sizeof(pictures[0]))

static void measure(const struct picture *picture, struct gh_quality *quality)
{
	struct drawn_face face = drawn_face_usual(picture->x, picture->y, picture->height);

	face.roll_degrees = picture->roll;
	face.eyes_open = picture->eyes_open;
	memset(&jpeg, 0, sizeof(jpeg));
	drawn_fill(&canvas, 150, 155, 160);
	drawn_face_paint(&canvas, &face);
	if (picture->degrade)
		picture->degrade(picture->amount, &face);
	drawn_measure(&canvas, &face, &jpeg, quality);
}

static FILE *open_golden(const char *mode)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/tests/golden/vision_quality.tsv",
		getenv("GATEHOUSE_SOURCE_DIR"));
	return fopen(path, mode);
}

static void write_all(void)
{
	FILE *file = open_golden("w");

	assert_non_null(file);
	fputs("picture\tid\tmeasure\tnative\tcomponent\n", file);
	for (size_t p = 0; p < PICTURES; p++) {
		struct gh_quality quality;

		measure(&pictures[p], &quality);
		for (int i = 0; i < GH_MEASURE_COUNT; i++) {
			const struct gh_measure *m = &quality.measures.list[i];
			const struct gh_measure_facts *facts =
				gh_measure_facts((enum gh_measure_name)i);

			fprintf(file, "%s\t0x%02X\t%s\t", pictures[p].name, facts->qaa_id,
				facts->word);
			if (!m->assessed)
				fputs("not_assessed\t-1\n", file);
			else if (facts->origin == GH_ORIGIN_FLAG)
				fprintf(file, "%.6g\t%s\n", (double)m->native,
					gh_suspicion_name((enum gh_suspicion)m->suspicion));
			else
				fprintf(file, "%.6g\t%d\n", (double)m->native, m->component);
		}
	}
	fclose(file);
}

/* Compilers round differently in the last places: one component, and a thousandth of a native. */
static void compare(
	const char *name, const struct gh_measure *found, const char *native, const char *component)
{
	double wanted = strtod(native, NULL);

	if (found->assessed != (strcmp(native, "not_assessed") != 0))
		fail_msg("%s: %s was wanted", name, native);
	if (!found->assessed)
		return;
	if (fabs((double)found->native - wanted) > 1e-3 * fabs(wanted) + 1e-4)
		fail_msg("%s: native %g instead of %g", name, (double)found->native, wanted);
	if (found->component != GH_COMPONENT_NOT_ASSESSED) {
		if (abs(found->component - atoi(component)) > 1)
			fail_msg("%s: component %d instead of %s", name, found->component,
				component);
	} else if (strcmp(component, gh_suspicion_name((enum gh_suspicion)found->suspicion)) != 0) {
		fail_msg("%s: suspicion of %s is not %s", name, native, component);
	}
}

/* One line of the table, cut at its tabs. */
static void read_row(FILE *file, char line[256], const char *fields[5])
{
	char *rest = line;

	assert_non_null(fgets(line, 256, file));
	line[strcspn(line, "\n")] = '\0';
	for (int i = 0; i < 5; i++) {
		assert_non_null(rest);
		fields[i] = rest;
		rest = strchr(rest, '\t');
		if (rest)
			*rest++ = '\0';
	}
	assert_null(rest);
}

static void the_table_is_met(void **state)
{
	const char *fields[5];
	char line[256], name[160];
	FILE *file;

	if (getenv("GATEHOUSE_WRITE"))
		write_all();
	file = open_golden("r");
	assert_non_null(file);
	read_row(file, line, fields);
	for (size_t p = 0; p < PICTURES; p++) {
		struct gh_quality quality;

		measure(&pictures[p], &quality);
		for (int i = 0; i < GH_MEASURE_COUNT; i++) {
			read_row(file, line, fields);
			assert_string_equal(fields[0], pictures[p].name);
			assert_string_equal(
				fields[2], gh_measure_facts((enum gh_measure_name)i)->word);
			snprintf(name, sizeof(name), "%s of %s", fields[2], fields[0]);
			compare(name, &quality.measures.list[i], fields[3], fields[4]);
		}
	}
	fclose(file);
}

/* No measure says the same of all pictures, but those that are never assessed. */
static void no_measure_is_a_constant(void **state)
{
	double low[GH_MEASURE_COUNT], high[GH_MEASURE_COUNT];
	uint32_t yes[GH_MEASURE_COUNT] = { 0 }, assessed[GH_MEASURE_COUNT] = { 0 };

	for (int i = 0; i < GH_MEASURE_COUNT; i++) {
		low[i] = INFINITY;
		high[i] = -INFINITY;
	}
	for (size_t p = 0; p < PICTURES; p++) {
		struct gh_quality quality;

		measure(&pictures[p], &quality);
		for (int i = 0; i < GH_MEASURE_COUNT; i++) {
			const struct gh_measure *m = &quality.measures.list[i];

			if (!m->assessed)
				continue;
			assessed[i]++;
			yes[i] += m->suspicion == GH_SUSPICION_YES;
			low[i] = fmin(low[i], (double)m->native);
			high[i] = fmax(high[i], (double)m->native);
		}
	}
	for (int i = 0; i < GH_MEASURE_COUNT; i++) {
		const struct gh_measure_facts *facts = gh_measure_facts((enum gh_measure_name)i);

		if (facts->origin == GH_ORIGIN_ABSENT) {
			assert_int_equal(assessed[i], 0);
			continue;
		}
		/* One face each, its mouth drawn closed and as wide as ever; no JPEG has tables. */
		if (i == GH_MEASURE_SINGLE_FACE_PRESENT || i == GH_MEASURE_MOUTH_CLOSED ||
			i == GH_MEASURE_SMILE || i == GH_MEASURE_JPEG_QUANTISATION)
			continue;
		if (!(high[i] > low[i]))
			fail_msg("%s is constant", facts->word);
		if (facts->origin == GH_ORIGIN_FLAG)
			assert_in_range(yes[i], 1, assessed[i] - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_met),
		cmocka_unit_test(no_measure_is_a_constant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
