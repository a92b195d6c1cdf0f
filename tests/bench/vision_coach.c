/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each fault that coaching speaks of costs: photographs are spoiled in one way each, and
 * compared with another photograph of the same person.
 *
 *	vision_coach [INDEX [PEOPLE]]
 *
 * INDEX is a TSV file with columns identity and file, by default faces/index.tsv below
 * GATEHOUSE_TEST_DATA. Faults are simulations on the pixels; turning away cannot be simulated.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/file.h"
#include "gatehouse/vision/enrol.h"
#include "gatehouse/vision/picture.h"

#include "support/vision/models.h"

#define PATH_BYTES 1024
#define JPEG_BYTES (4u << 20)
#define PEOPLE 120

/* Where the face is, in pixels. */
struct place {
	float left, top, width, height, eyes_px;
};

typedef void (*spoil_fn)(struct gh_picture *picture, const struct place *face);

static uint8_t *at(struct gh_picture *picture, uint32_t x, uint32_t y)
{
	return picture->rgb.data + 3 * ((size_t)y * picture->width_px + x);
}

static void plain(struct gh_picture *picture, const struct place *face)
{
	(void)picture;
	(void)face;
}

/* The picture ends within the face, at three quarters of its height. */
static void cut(struct gh_picture *picture, const struct place *face)
{
	float end = face->top + 0.75f * face->height;

	if (end > 16.0f && end < (float)picture->height_px)
		picture->height_px = (uint32_t)end;
	picture->rgb.length_bytes = 3 * (size_t)picture->width_px * picture->height_px;
}

/* Mean of one channel over the pixels that become pixel (x, y) of a picture step times as small. */
static uint8_t mean_under(struct gh_picture *picture, uint32_t x, uint32_t y, float step, int c)
{
	uint32_t sum = 0, count = 0;

	for (uint32_t v = (uint32_t)((float)y * step); v < (uint32_t)((float)(y + 1) * step); v++)
		for (uint32_t u = (uint32_t)((float)x * step);
			u < (uint32_t)((float)(x + 1) * step); u++, count++)
			sum += at(picture, u, v)[c];
	return (uint8_t)(sum / (count ? count : 1));
}

/* Averaged down until the eyes are 20 pixels apart, half of the gate's limit. */
static void shrink(struct gh_picture *picture, const struct place *face)
{
	float step = face->eyes_px / 20.0f;
	uint32_t width = (uint32_t)((float)picture->width_px / step);
	uint32_t height = (uint32_t)((float)picture->height_px / step);
	uint8_t *to = picture->rgb.data;

	if (step <= 1.0f)
		return;
	/* In place: what is written lies before what is still to be read. */
	for (uint32_t i = 0; i < 3 * width * height; i++)
		to[i] = mean_under(picture, i / 3 % width, i / 3 / width, step, (int)(i % 3));
	picture->width_px = width;
	picture->height_px = height;
	picture->rgb.length_bytes = 3 * (size_t)width * height;
}

static void light(struct gh_picture *picture, float factor)
{
	uint8_t table[256];

	for (int level = 0; level < 256; level++) {
		float v = fminf(1.0f, powf((float)level / 255.0f, 2.2f) * factor);

		table[level] = (uint8_t)(255.0f * powf(v, 1.0f / 2.2f) + 0.5f);
	}
	for (size_t i = 0; i < picture->rgb.length_bytes; i++)
		picture->rgb.data[i] = table[picture->rgb.data[i]];
}

static void darken(struct gh_picture *picture, const struct place *face)
{
	(void)face;
	light(picture, 1.0f / 64.0f);
}

static void brighten(struct gh_picture *picture, const struct place *face)
{
	(void)face;
	light(picture, 16.0f);
}

/* A part of the face's box in one colour. */
static void fill(struct gh_picture *picture, const struct place *face, const float part[4],
	const uint8_t colour[3])
{
	float left = face->left + part[0] * face->width, right = face->left + part[2] * face->width;
	float top = face->top + part[1] * face->height, bottom = face->top + part[3] * face->height;

	for (uint32_t y = 0; y < picture->height_px; y++)
		for (uint32_t x = 0; x < picture->width_px; x++)
			if ((float)x >= left && (float)x < right && (float)y >= top &&
				(float)y < bottom)
				memcpy(at(picture, x, y), colour, 3);
}

static void dark_lenses(struct gh_picture *picture, const struct place *face)
{
	fill(picture, face, (const float[]){ 0.05f, 0.28f, 0.95f, 0.48f },
		(const uint8_t[]){ 12, 12, 14 });
}

static void mask(struct gh_picture *picture, const struct place *face)
{
	fill(picture, face, (const float[]){ 0.0f, 0.55f, 1.0f, 1.1f },
		(const uint8_t[]){ 120, 170, 200 });
}

/* Motion across by a quarter of the eyes' distance. */
static void move(struct gh_picture *picture, const struct place *face)
{
	uint32_t length = (uint32_t)(0.25f * face->eyes_px) + 1;

	for (uint32_t y = 0; y < picture->height_px; y++)
		for (uint32_t x = 0; x + length < picture->width_px; x++)
			for (int c = 0; c < 3; c++) {
				uint32_t sum = 0;

				for (uint32_t i = 0; i < length; i++)
					sum += at(picture, x + i, y)[c];
				at(picture, x, y)[c] = (uint8_t)(sum / length);
			}
}

static const struct {
	const char *name;
	spoil_fn spoil;
} faults[] = {
	{ "as taken", plain },
	{ "cut at 3/4 of the face", cut },
	{ "eyes 20 px apart", shrink },
	{ "1/64 of the light", darken },
	{ "16 times the light", brighten },
	{ "dark bar over the eyes", dark_lenses },
	{ "moved by 1/4 of the eyes", move },
	{ "lower face covered", mask },
};

#define FAULTS (sizeof(faults) / sizeof(*faults))

static struct {
	double sum;
	unsigned enrolled, refused;
} results[FAULTS];

static uint8_t jpeg[JPEG_BYTES];

static bool enrol_spoiled(struct gh_enroller *enroller, struct gh_view file, spoil_fn spoil,
	const struct gh_enrolment *first, struct gh_enrolment *enrolment)
{
	struct gh_picture picture;
	size_t length = sizeof(jpeg);
	enum gh_status status;

	if (gh_picture_decode(file, &picture, NULL) != GH_OK)
		return false;
	const struct place face = { first->face_left * (float)picture.width_px,
		first->face_top * (float)picture.height_px,
		(first->face_right - first->face_left) * (float)picture.width_px,
		(first->face_bottom - first->face_top) * (float)picture.height_px,
		first->quality.eye_distance_px };
	spoil(&picture, &face);
	status = gh_picture_encode_jpeg(&picture, 95, jpeg, &length, NULL);
	gh_picture_finish(&picture);
	return status == GH_OK &&
		gh_enroller_enrol(enroller, (struct gh_view){ jpeg, length }, enrolment, NULL) ==
		GH_OK;
}

static bool compare(struct gh_enroller *enroller, const char *reference, const char *probe)
{
	struct gh_bytes a = GH_BYTES_EMPTY, b = GH_BYTES_EMPTY;
	struct gh_enrolment known, taken, spoiled;
	bool usable = gh_file_read(reference, 16 << 20, &a, NULL) == GH_OK &&
		gh_file_read(probe, 16 << 20, &b, NULL) == GH_OK &&
		gh_enroller_enrol(enroller, gh_bytes_view(&a), &known, NULL) == GH_OK &&
		gh_enroller_enrol(enroller, gh_bytes_view(&b), &taken, NULL) == GH_OK;

	for (size_t i = 0; usable && i < FAULTS; i++) {
		if (!enrol_spoiled(
			    enroller, gh_bytes_view(&b), faults[i].spoil, &taken, &spoiled)) {
			results[i].refused++;
			continue;
		}
		results[i].enrolled++;
		results[i].sum += (double)gh_template_score(&known.reference, &spoiled.reference);
	}
	gh_bytes_finish(&a);
	gh_bytes_finish(&b);
	return usable;
}

/* Neighbouring rows of one identity are a pair; each person once. */
static unsigned run(struct gh_enroller *enroller, FILE *index, const char *folder, unsigned people)
{
	char line[PATH_BYTES], last[PATH_BYTES] = "", first[2 * PATH_BYTES], second[2 * PATH_BYTES];
	unsigned done = 0;
	bool paired = false;

	while (done < people && fgets(line, sizeof(line), index)) {
		char *file = line + strcspn(line, "\t");

		if (*file == '\0')
			continue;
		*file++ = '\0';
		file[strcspn(file, "\t\r\n")] = '\0';
		snprintf(second, sizeof(second), "%s/%s", folder, file);
		if (strcmp(line, last) != 0) {
			memcpy(last, line, sizeof(last));
			memcpy(first, second, sizeof(first));
			paired = false;
		} else if (!paired) {
			paired = true;
			done += compare(enroller, first, second) ? 1 : 0;
		}
	}
	return done;
}

static void report(unsigned people)
{
	double best = results[0].enrolled ? results[0].sum / results[0].enrolled : 0;

	printf("%u people, mean cosine with another photograph of the same person:\n", people);
	for (size_t i = 0; i < FAULTS; i++) {
		double mean = results[i].enrolled ? results[i].sum / results[i].enrolled : 0;

		printf("%-26s %6.3f, lost %5.1f %%, no face found %5.1f %%\n", faults[i].name, mean,
			100 * (best - mean) / best,
			100.0 * results[i].refused / (results[i].enrolled + results[i].refused));
	}
}

int main(int argc, char **argv)
{
	const char *data = getenv("GATEHOUSE_TEST_DATA");
	char path[PATH_BYTES], folder[PATH_BYTES];
	struct gh_vision_options options;
	struct gh_enroller *enroller;
	struct gh_error error = GH_ERROR_NONE;
	FILE *index;
	unsigned people;

	snprintf(path, sizeof(path), "%s", argc > 1 ? argv[1] : "");
	if (argc < 2)
		snprintf(path, sizeof(path), "%s/faces/index.tsv", data ? data : ".");
	memcpy(folder, path, sizeof(folder));
	*(strrchr(folder, '/') ? strrchr(folder, '/') : folder) = '\0';
	index = fopen(path, "r");
	if (!index || !models_options(&options)) {
		fprintf(stderr, "vision_coach: needs %s and the models\n", path);
		return 77;
	}
	if (gh_enroller_create(&options, &enroller, &error) != GH_OK) {
		fprintf(stderr, "vision_coach: %s\n", error.text);
		return 1;
	}
	people = run(
		enroller, index, folder, argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : PEOPLE);
	report(people);
	gh_enroller_destroy(enroller);
	fclose(index);
	return people > 0 ? 0 : 1;
}
