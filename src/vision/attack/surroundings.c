/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Light that stays with a thing which moves by d changes by -gradient * d where one looks (Horn and
 * Schunck 1981). One unknown, the share of the face's way, is fitted to all cells around the face.
 */
#include "surroundings.h"

#include <math.h>
#include <string.h>

#include "kernels.h"

#define SIDE SURROUNDINGS_SIDE

/* Cells a face is high. */
#define FACE_CELLS 40.0f
#define CELL_PX_MAX 12.0f

/*
 * Beside the head from so many half widths of the box on, where hair seldom reaches (some 14 cm
 * from the middle), as far as most sheets go; above it from so many heights on.
 */
#define BESIDE 2.0f
#define AWAY 2.6f
#define ABOVE 0.85f

/* Rows from so many heights above the box's centre to so many below count. */
#define HIGHEST 1.15f
#define LOWEST 0.35f

/* Somebody is so many heights of his face wide from its middle on, shoulders and sway. */
#define SHOULDERS 1.4f

/* Sixteenths of a grey level: a cell is the mean of many pixels. */
#define LEVEL 16

/* A face that went less than this part of a cell may as well have jittered. */
#define WAY_MIN 0.12f

/* How far the changes that are expected stand above those that are not, to say anything. */
#define CERTAINTY_MIN 60.0f

/* A share up to this says nothing. */
#define IDLE 0.25f

/* The jaw's points slide along the cheek when a head turns. */
#define FIRST_POINT 17

static struct gh_point middle_of(const struct gh_landmarks *landmarks)
{
	const struct gh_point *points = landmarks->five;
	struct gh_point mean = { 0, 0 };
	int count = 5;

	if (landmarks->has_all) {
		points = landmarks->all + FIRST_POINT;
		count = ALL_POINTS - FIRST_POINT;
	}
	for (int i = 0; i < count; i++) {
		mean.x += points[i].x / (float)count;
		mean.y += points[i].y / (float)count;
	}
	return mean;
}

static void reduce(struct gh_surroundings *s, const struct gh_image *image, int16_t *cells)
{
	for (uint32_t y = 0; y < s->rows; y++) {
		const uint8_t *from = image->rgb +
			(s->top_px + y * s->cell_px) * image->stride_bytes + 3 * s->left_px;

		gh_kernel_reduce(from, image->stride_bytes, s->cell_px, s->row, s->columns);
		for (uint32_t x = 0; x < s->columns; x++) {
			const uint8_t *rgb = s->row + 3 * x;

			cells[y * SIDE + x] =
				(int16_t)((77 * rgb[0] + 150 * rgb[1] + 29 * rgb[2]) * LEVEL >> 8);
		}
	}
}

/* Where cells begin along an axis, held inside the picture. */
static uint32_t place(float centre, uint32_t cells_px, uint32_t side_px)
{
	float from = centre - 0.5f * (float)cells_px;

	return (uint32_t)fminf(fmaxf(from, 0.0f), (float)(side_px - cells_px));
}

static uint32_t fewer(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

void gh_surroundings_begin(struct gh_surroundings *s, const struct gh_image *image,
	const struct gh_box *box, const struct gh_landmarks *landmarks)
{
	struct gh_point centre = gh_box_centre(box);
	float cell = fminf(fmaxf(gh_box_height(box) / FACE_CELLS, 1.0f), CELL_PX_MAX);

	s->cell_px = (uint32_t)cell;
	s->columns = fewer(SIDE, image->width_px / s->cell_px);
	s->rows = fewer(SIDE, image->height_px / s->cell_px);
	s->left_px = place(centre.x, s->columns * s->cell_px, image->width_px);
	s->top_px = place(centre.y, s->rows * s->cell_px, image->height_px);
	s->place.x = (centre.x - (float)s->left_px) / (float)s->cell_px;
	s->place.y = (centre.y - (float)s->top_px) / (float)s->cell_px;
	s->half_width = 0.5f * gh_box_width(box) / (float)s->cell_px;
	s->height = gh_box_height(box) / (float)s->cell_px;
	s->face = middle_of(landmarks);
	memset(s->left_out, 0, sizeof(s->left_out));
	reduce(s, image, s->first);
	s->has_first = true;
}

void gh_surroundings_leave_out(struct gh_surroundings *s, const struct gh_box *other)
{
	float cell_px = (float)s->cell_px, reach = SHOULDERS * gh_box_height(other) / cell_px;
	float middle = (gh_box_centre(other).x - (float)s->left_px) / cell_px;

	for (uint32_t x = 0; x < s->columns; x++)
		s->left_out[x] |= fabsf((float)x + 0.5f - middle) <= reach;
}

/* Sums over the cells around the face: of expected changes, of those found, of both. */
struct sums {
	float count, expected, expected2, found, found2, both;
};

static void add_cell(
	const struct gh_surroundings *s, size_t at, struct gh_point way, struct sums *to)
{
	const int16_t *a = s->first + at, *b = s->now + at;
	float across = 0.25f * (float)(a[1] - a[-1] + b[1] - b[-1]);
	float down = 0.25f * (float)(a[SIDE] - a[-SIDE] + b[SIDE] - b[-SIDE]);
	float expected = -(across * way.x + down * way.y), found = (float)(*b - *a);

	to->count += 1.0f;
	to->expected += expected;
	to->expected2 += expected * expected;
	to->found += found;
	to->found2 += found * found;
	to->both += expected * found;
}

static bool is_around(const struct gh_surroundings *s, uint32_t x, float up)
{
	float beside = fabsf((float)x + 0.5f - s->place.x);

	if (s->left_out[x])
		return false;
	return beside < AWAY * s->half_width &&
		(beside > BESIDE * s->half_width || up > ABOVE * s->height);
}

static struct sums sum_up(const struct gh_surroundings *s, struct gh_point way)
{
	struct sums sums = { 0 };

	for (uint32_t y = 1; y + 1 < s->rows; y++) {
		float up = s->place.y - (float)y - 0.5f;

		if (up > HIGHEST * s->height || up < -LOWEST * s->height)
			continue;
		for (uint32_t x = 1; x + 1 < s->columns; x++)
			if (is_around(s, x, up))
				add_cell(s, y * SIDE + x, way, &sums);
	}
	return sums;
}

float gh_surroundings_follow(struct gh_surroundings *s, const struct gh_image *image,
	const struct gh_landmarks *landmarks)
{
	struct gh_point at = middle_of(landmarks), way;
	float expected2, found2, both, share, left;
	struct sums sums;

	/* Another size of picture is another camera's. */
	if (!s->has_first || s->left_px + s->columns * s->cell_px > image->width_px ||
		s->top_px + s->rows * s->cell_px > image->height_px)
		return NAN;
	way.x = (at.x - s->face.x) / (float)s->cell_px;
	way.y = (at.y - s->face.y) / (float)s->cell_px;
	if (!(hypotf(way.x, way.y) >= WAY_MIN))
		return NAN;
	reduce(s, image, s->now);
	sums = sum_up(s, way);
	if (sums.count < 1.0f)
		return NAN;
	/* About their means: lamps and shutters change all light at once. */
	expected2 = sums.expected2 - sums.expected * sums.expected / sums.count;
	found2 = sums.found2 - sums.found * sums.found / sums.count;
	both = sums.both - sums.expected * sums.found / sums.count;
	if (!(expected2 > 0.0f))
		return NAN;
	share = both / expected2;
	left = (found2 - share * both) / sums.count + 1.0f;
	if (expected2 / left < CERTAINTY_MIN)
		return NAN;
	/* A door, a screen or somebody who passes may follow a part of the way. */
	return fminf(fmaxf(share - IDLE, 0.0f), 1.0f - IDLE);
}
