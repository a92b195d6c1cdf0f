/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How small and how tilted a face may be to be found, and how often something is found where nobody
 * is, by each detector that the sets have.
 *
 *	vision_detection [EMPTY]
 *
 * The picture is the stand-here zone of a frame of 1280x720 and its margin, 800x720. Faces are
 * photographs of GATEHOUSE_TEST_DATA scaled so that the face has the size, on made scenery; without
 * them, and for tilt and turn, drawn ones. Empty pictures are made by code: noise, gradients,
 * stripes, textures and furniture. A face counts as found where its box overlaps by a third.
 */
#include <dirent.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "gatehouse/base/file.h"
#include "gatehouse/vision/picture.h"
#include "support/drawn_face.h"
#include "support/vision/models.h"

enum {
	WIDTH = 800,
	HEIGHT = 720,
	FACES = 60,
	PHOTOGRAPHS = 60
};

/* Detectors are asked as the gate asks: a face below this score is none. */
#define SCORE_GATE 0.9f

static uint8_t rgb[3 * WIDTH * HEIGHT];
static const struct gh_image image = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
static const struct drawn_canvas canvas = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
static struct gh_picture photographs[PHOTOGRAPHS];
static struct gh_box boxes[PHOTOGRAPHS];
static uint32_t photograph_count;
static uint64_t seed = 1;

static uint32_t drawn(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

static float between(float low, float high)
{
	return low + (high - low) * (float)drawn(10001) / 10000.0f;
}

static void pixel(uint8_t *at, const float colour[3], float light)
{
	for (int c = 0; c < 3; c++)
		at[c] = (uint8_t)fminf(255.0f, fmaxf(0.0f, colour[c] * light));
}

static void rectangle(float x0, float y0, float x1, float y1, bool round)
{
	float colour[3] = { between(10, 250), between(10, 250), between(10, 250) };

	for (int y = (int)fmaxf(0, y0); y < (int)fminf(HEIGHT, y1); y++)
		for (int x = (int)fmaxf(0, x0); x < (int)fminf(WIDTH, x1); x++) {
			float u = 2 * ((float)x - x0) / (x1 - x0) - 1;
			float v = 2 * ((float)y - y0) / (y1 - y0) - 1;

			if (!round || u * u + v * v < 1)
				pixel(rgb + 3 * (y * WIDTH + x), colour, 1.0f - 0.2f * v);
		}
}

/* Chairs, frames, lamps, clocks: boxes and discs, some with two dots and a line in them. */
static void furniture(void)
{
	drawn_fill(&canvas, (uint8_t)drawn(256), (uint8_t)drawn(256), (uint8_t)drawn(256));
	for (int i = 0; i < 14; i++) {
		float x = between(-60, WIDTH), y = between(-60, HEIGHT);
		float w = between(10, 260), h = between(10, 260);
		bool round = drawn(2);

		rectangle(x, y, x + w, y + h, round);
		if (drawn(3))
			continue;
		rectangle(x + 0.25f * w, y + 0.3f * h, x + 0.4f * w, y + 0.42f * h, true);
		rectangle(x + 0.6f * w, y + 0.3f * h, x + 0.75f * w, y + 0.42f * h, true);
		rectangle(x + 0.3f * w, y + 0.68f * h, x + 0.7f * w, y + 0.76f * h, false);
	}
}

static void waves(void)
{
	float a = between(0.002f, 0.3f), b = between(0.002f, 0.3f), c = between(0, 6.3f);
	float colour[3] = { between(40, 220), between(40, 220), between(40, 220) };

	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++) {
			float light = 1 + 0.4f * sinf(a * (float)x + c) * cosf(b * (float)y) +
				0.3f * sinf(b * (float)(x + y));

			pixel(rgb + 3 * (y * WIDTH + x), colour, light);
		}
}

static void make_empty(uint32_t number)
{
	switch (number % 5) {
	case 0:
		drawn_fill(&canvas, (uint8_t)drawn(256), (uint8_t)drawn(256), (uint8_t)drawn(256));
		drawn_noise(&canvas, drawn(1u << 30), 10 + drawn(120));
		break;
	case 1:
		waves();
		break;
	case 2:
		furniture();
		break;
	case 3:
		waves();
		drawn_noise(&canvas, drawn(1u << 30), drawn(60));
		drawn_blur(&canvas, drawn(6));
		break;
	default:
		furniture();
		drawn_light(&canvas, between(0.2f, 1.4f), between(-20, 40));
		drawn_noise(&canvas, drawn(1u << 30), drawn(25));
	}
}

static void make_scenery(void)
{
	drawn_fill(&canvas, (uint8_t)(60 + drawn(140)), (uint8_t)(60 + drawn(140)),
		(uint8_t)(60 + drawn(140)));
	drawn_noise(&canvas, drawn(1u << 30), 6);
}

/* Paste a photograph so that its face is side_px high, somewhere; where that is. */
static struct gh_box paste(uint32_t number, float side_px)
{
	const struct gh_picture *picture = &photographs[number];
	const struct gh_box *box = &boxes[number];
	float scale = side_px / gh_box_height(box);
	float wide = scale * (float)picture->width_px, high = scale * (float)picture->height_px;
	float left = between(fminf(0, WIDTH - wide), fmaxf(0, WIDTH - wide));
	float top = between(fminf(0, HEIGHT - high), fmaxf(0, HEIGHT - high));
	uint32_t steps = scale < 1 ? (uint32_t)ceilf(1 / scale) : 1;

	for (int y = (int)fmaxf(0, ceilf(top)); y < (int)fminf(HEIGHT, top + high - 1); y++)
		for (int x = (int)fmaxf(0, ceilf(left)); x < (int)fminf(WIDTH, left + wide - 1);
			x++) {
			float sum[3] = { 0 };

			/* Averaged, as a camera's pixel is. */
			for (uint32_t i = 0; i < steps * steps; i++) {
				float u = ((float)x - left +
						  ((float)(i % steps) + 0.5f) / (float)steps) /
					scale;
				float v = ((float)y - top +
						  ((float)(i / steps) + 0.5f) / (float)steps) /
					scale;
				uint32_t px = (uint32_t)fminf(u, (float)picture->width_px - 1);
				uint32_t py = (uint32_t)fminf(v, (float)picture->height_px - 1);

				for (int c = 0; c < 3; c++)
					sum[c] += picture->rgb
							  .data[3 * (py * picture->width_px + px) +
								  (uint32_t)c];
			}
			for (int c = 0; c < 3; c++)
				rgb[3 * (y * WIDTH + x) + c] =
					(uint8_t)(sum[c] / (float)(steps * steps) + 0.5f);
		}
	return (struct gh_box){ left + scale * box->left, top + scale * box->top,
		left + scale * box->right, top + scale * box->bottom };
}

static struct gh_box draw_one(float side_px, float turn, float roll_degrees)
{
	float x = between(0.5f * side_px, WIDTH - 0.5f * side_px);
	float y = between(0.6f * side_px, HEIGHT - 0.6f * side_px);
	struct drawn_face face = drawn_face_usual(x, y, side_px);

	face.turn = turn;
	face.roll_degrees = roll_degrees;
	drawn_face_paint(&canvas, &face);
	return (struct gh_box){ x - 0.36f * side_px, y - 0.46f * side_px, x + 0.36f * side_px,
		y + 0.5f * side_px };
}

static void must(enum gh_status status, const struct gh_error *error)
{
	if (status == GH_OK)
		return;
	fprintf(stderr, "vision_detection: %s\n", error->text);
	exit(1);
}

static uint32_t gated(const struct gh_faces *faces)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < faces->count; i++)
		count += faces->list[i].score > SCORE_GATE;
	return count;
}

static bool found(struct gh_chain *chain, const struct gh_box *box)
{
	struct gh_canvas whole = { &image, 0.0f };
	struct gh_error error = GH_ERROR_NONE;
	struct gh_faces faces;

	must(gh_chain_detect(chain, &whole, &faces, &error), &error);
	for (uint32_t i = 0; i < faces.count; i++)
		if (gh_box_overlap(&faces.list[i].box, box) > 1.0f / 3)
			return true;
	return false;
}

/* Photographs whose largest face is known, found by the usual detector at full size. */
static void read_photographs(struct gh_chain *chain)
{
	char path[4096], list[4096];
	char line[1024];
	uint32_t number = 0;
	FILE *index;

	if (!*models_data_path("faces/index.tsv", list) || !(index = fopen(list, "re")))
		return;
	while (photograph_count < PHOTOGRAPHS && fgets(line, sizeof(line), index)) {
		struct gh_picture *picture = &photographs[photograph_count];
		struct gh_bytes bytes = GH_BYTES_EMPTY;
		struct gh_error error = GH_ERROR_NONE;
		struct gh_faces faces = { 0 };
		char *file = strchr(line, '\t'), name[600];

		if (number++ % 40 != 1 || !file)
			continue;
		file[strcspn(file + 1, "\t\n") + 1] = '\0';
		snprintf(name, sizeof(name), "faces/%.500s", file + 1);
		if (gh_file_read(models_data_path(name, path), GH_PICTURE_BYTES_MAX, &bytes,
			    &error) == GH_OK &&
			gh_picture_decode(gh_bytes_view(&bytes), picture, &error) == GH_OK) {
			struct gh_image whole = { picture->rgb.data, picture->width_px,
				picture->height_px, 3 * (size_t)picture->width_px };
			struct gh_canvas shown = { &whole, 0.0f };

			must(gh_chain_detect(chain, &shown, &faces, &error), &error);
			boxes[photograph_count] = faces.list[0].box;
			photograph_count += faces.count == 1;
		}
		gh_bytes_finish(&bytes);
	}
	fclose(index);
}

static double rate_by_size(struct gh_chain *chain, float side_px, bool photographed)
{
	uint32_t count = photographed ? photograph_count : FACES, hits = 0;

	seed = 11;
	for (uint32_t i = 0; i < count; i++) {
		struct gh_box box;

		make_scenery();
		box = photographed ? paste(i, side_px) : draw_one(side_px, 0, 0);
		hits += found(chain, &box);
	}
	return 100.0 * hits / count;
}

static double rate_by_pose(struct gh_chain *chain, float turn, float roll)
{
	uint32_t hits = 0;

	seed = 13;
	for (uint32_t i = 0; i < FACES; i++) {
		struct gh_box box;

		make_scenery();
		box = draw_one(between(120, 320), turn, roll);
		hits += found(chain, &box);
	}
	return 100.0 * hits / FACES;
}

static void report_empty(struct gh_chain *chain, uint32_t count)
{
	uint32_t kept = 0, faces_kept = 0, pictures = 0;

	seed = 17;
	for (uint32_t i = 0; i < count; i++) {
		struct gh_canvas whole = { &image, 0.0f };
		struct gh_error error = GH_ERROR_NONE;
		struct gh_faces faces;

		make_empty(i);
		must(gh_chain_detect(chain, &whole, &faces, &error), &error);
		kept += faces.count;
		faces_kept += gated(&faces);
		pictures += faces.count > 0;
	}
	printf("  empty pictures: %u, false faces per 1,000: %.1f (in %u of them); above the "
	       "gate's score of %.2f: %.1f\n",
		count, 1e3 * kept / count, pictures, (double)SCORE_GATE, 1e3 * faces_kept / count);
}

static void report(const struct gh_vision_options *options, const char *set, uint32_t empty)
{
	static const float sides[] = { 24, 32, 40, 48, 56, 64, 80, 100, 140, 200, 300, 400 };
	static const float rolls[] = { -60, -45, -30, -15, 15, 30, 45, 60 };
	static struct gh_chain chain;
	struct gh_vision_options changed = *options;
	struct gh_error error = GH_ERROR_NONE;

	changed.model_set = set;
	must(gh_chain_init(&chain, &changed, (struct gh_extent){ WIDTH, HEIGHT },
		     GH_CHAIN_PORTRAITS, &error),
		&error);
	if (photograph_count == 0)
		read_photographs(&chain);
	printf("%s of set %s, %s\n", chain.set.forms[GH_ROLE_DETECTOR].model, set,
		chain.engine_name);
	printf("  height px  drawn %% of %d  photographs %% of %u\n", FACES, photograph_count);
	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
		printf("  %9.0f  %13.1f", (double)sides[i], rate_by_size(&chain, sides[i], false));
		if (photograph_count > 0)
			printf("  %19.1f", rate_by_size(&chain, sides[i], true));
		putchar('\n');
	}
	printf("  roll, drawn, 120 to 320 px:");
	for (size_t i = 0; i < sizeof(rolls) / sizeof(rolls[0]); i++)
		printf(" %+.0f: %.0f %%", (double)rolls[i], rate_by_pose(&chain, 0, rolls[i]));
	printf("\n  turn, drawn: -1.4: %.0f %%, -0.7: %.0f %%, 0.7: %.0f %%, 1.4: %.0f %%\n",
		rate_by_pose(&chain, -1.4f, 0), rate_by_pose(&chain, -0.7f, 0),
		rate_by_pose(&chain, 0.7f, 0), rate_by_pose(&chain, 1.4f, 0));
	report_empty(&chain, empty);
	gh_chain_finish(&chain);
}

int main(int argc, char **argv)
{
	struct gh_vision_options options;
	long empty = argc > 1 ? strtol(argv[1], NULL, 10) : 1000;

	if (!models_options(&options))
		return 77;
	if (empty < 1 || empty > 1000000)
		return 2;
	report(&options, "fr", (uint32_t)empty);
	report(&options, "fr-centerface", (uint32_t)empty);
	for (uint32_t i = 0; i < photograph_count; i++)
		gh_picture_finish(&photographs[i]);
	return 0;
}
