/* SPDX-License-Identifier: Apache-2.0 */
/* Points between two faces, their triangles, and two pictures bent into them. */
#include "morph.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

enum {
	RIM = 8, /* points on the edge of the picture */
	POINTS = ALL_POINTS + RIM,
	CORNERS = 3, /* of the triangle around everything, from which the others are made */
	TRIANGLES_MAX = 4 * (POINTS + CORNERS),
	CHANNELS = 3,
};

/* Part of the face's height over which a spliced face fades out, inward of its landmarks. */
#define FADE 0.12f

struct triangle {
	int at[3];
};

struct mesh {
	struct gh_point points[POINTS + CORNERS];
	struct triangle triangles[TRIANGLES_MAX];
	int count;
};

/* Twice the area of a triangle, signed. */
static double area(struct gh_point a, struct gh_point b, struct gh_point c)
{
	return ((double)b.x - a.x) * ((double)c.y - a.y) -
		((double)c.x - a.x) * ((double)b.y - a.y);
}

/* Whether p lies within the circle through the corners of a triangle, either way round. */
static bool within_circle(const struct mesh *mesh, const struct triangle *t, struct gh_point p)
{
	struct gh_point a = mesh->points[t->at[0]], b = mesh->points[t->at[1]],
			c = mesh->points[t->at[2]];
	double ax = (double)a.x - p.x, ay = (double)a.y - p.y;
	double bx = (double)b.x - p.x, by = (double)b.y - p.y;
	double cx = (double)c.x - p.x, cy = (double)c.y - p.y;
	double a2 = ax * ax + ay * ay, b2 = bx * bx + by * by, c2 = cx * cx + cy * cy;
	double turned =
		a2 * (bx * cy - cx * by) - b2 * (ax * cy - cx * ay) + c2 * (ax * by - bx * ay);

	return area(a, b, c) > 0.0 ? turned > 0.0 : turned < 0.0;
}

struct edges {
	int ends[3 * TRIANGLES_MAX][2];
	int count;
};

/* Note an edge; one that two triangles share lies inside the hole and goes again. */
static void note_edge(struct edges *edges, int from, int to)
{
	for (int i = 0; i < edges->count; i++) {
		int *ends = edges->ends[i];

		if ((ends[0] == from && ends[1] == to) || (ends[0] == to && ends[1] == from)) {
			memcpy(ends, edges->ends[--edges->count], sizeof(edges->ends[0]));
			return;
		}
	}
	edges->ends[edges->count][0] = from;
	edges->ends[edges->count++][1] = to;
}

static void insert(struct mesh *mesh, int point)
{
	struct edges hole = { .count = 0 };
	int kept = 0;

	for (int i = 0; i < mesh->count; i++) {
		const struct triangle *t = &mesh->triangles[i];

		if (!within_circle(mesh, t, mesh->points[point])) {
			mesh->triangles[kept++] = *t;
			continue;
		}
		for (int k = 0; k < 3; k++)
			note_edge(&hole, t->at[k], t->at[(k + 1) % 3]);
	}
	mesh->count = kept;
	for (int i = 0; i < hole.count && mesh->count < TRIANGLES_MAX; i++)
		mesh->triangles[mesh->count++] =
			(struct triangle){ { hole.ends[i][0], hole.ends[i][1], point } };
}

/* Delaunay's triangles by insertion (Bowyer and Watson 1981); few points, so no index of them. */
static void triangulate(struct mesh *mesh, float reach)
{
	int kept = 0;

	mesh->points[POINTS] = (struct gh_point){ -20.0f * reach, -10.0f * reach };
	mesh->points[POINTS + 1] = (struct gh_point){ 20.0f * reach, -10.0f * reach };
	mesh->points[POINTS + 2] = (struct gh_point){ 0.0f, 30.0f * reach };
	mesh->triangles[0] = (struct triangle){ { POINTS, POINTS + 1, POINTS + 2 } };
	mesh->count = 1;
	for (int i = 0; i < POINTS; i++)
		insert(mesh, i);
	for (int i = 0; i < mesh->count; i++) {
		const int *at = mesh->triangles[i].at;

		if (at[0] < POINTS && at[1] < POINTS && at[2] < POINTS)
			mesh->triangles[kept++] = mesh->triangles[i];
	}
	mesh->count = kept;
}

/* Rim of a picture: its corners and the middles of its sides. */
static void place_rim(const struct gh_picture *picture, struct gh_point rim[RIM])
{
	static const float places[RIM][2] = { { 0, 0 }, { 0.5f, 0 }, { 1, 0 }, { 1, 0.5f },
		{ 1, 1 }, { 0.5f, 1 }, { 0, 1 }, { 0, 0.5f } };

	for (int i = 0; i < RIM; i++)
		rim[i] = (struct gh_point){ places[i][0] * (float)(picture->width_px - 1),
			places[i][1] * (float)(picture->height_px - 1) };
}

/* A colour between pixels; beyond the edge the edge's. */
static void sample(const struct gh_picture *picture, double x, double y, float colour[CHANNELS])
{
	double right = picture->width_px - 1.0, bottom = picture->height_px - 1.0;
	uint32_t left, top, next_x, next_y;
	double in_x, in_y;

	x = fmin(fmax(x, 0.0), right);
	y = fmin(fmax(y, 0.0), bottom);
	left = (uint32_t)x;
	top = (uint32_t)y;
	next_x = left + (left < picture->width_px - 1);
	next_y = top + (top < picture->height_px - 1);
	in_x = x - left;
	in_y = y - top;
	for (size_t c = 0; c < CHANNELS; c++) {
		const uint8_t *rgb = picture->rgb.data + c;
		size_t row = CHANNELS * (size_t)picture->width_px;
		double above = rgb[top * row + CHANNELS * left] * (1.0 - in_x) +
			rgb[top * row + CHANNELS * next_x] * in_x;
		double below = rgb[next_y * row + CHANNELS * left] * (1.0 - in_x) +
			rgb[next_y * row + CHANNELS * next_x] * in_x;

		colour[c] = (float)(above * (1.0 - in_y) + below * in_y);
	}
}

/* A picture bent so that its points lie where the mesh's do, in float. */
struct bent {
	float *rgb;
	uint32_t width_px;
	uint32_t height_px;
};

static void bend_triangle(const struct gh_picture *picture, const struct gh_point *from,
	const struct mesh *mesh, const struct triangle *t, struct bent *bent)
{
	struct gh_point a = mesh->points[t->at[0]], b = mesh->points[t->at[1]],
			c = mesh->points[t->at[2]];
	double whole = area(a, b, c);
	float low_x = fminf(fminf(a.x, b.x), c.x), high_x = fmaxf(fmaxf(a.x, b.x), c.x);
	float low_y = fminf(fminf(a.y, b.y), c.y), high_y = fmaxf(fmaxf(a.y, b.y), c.y);

	if (fabs(whole) < 1e-6)
		return;
	for (int y = (int)fmaxf(floorf(low_y), 0); y <= high_y && y < (int)bent->height_px; y++)
		for (int x = (int)fmaxf(floorf(low_x), 0); x <= high_x && x < (int)bent->width_px;
			x++) {
			struct gh_point p = { (float)x, (float)y };
			double u = area(p, b, c) / whole, v = area(a, p, c) / whole;
			double w = 1.0 - u - v;

			if (u < -1e-6 || v < -1e-6 || w < -1e-6)
				continue;
			sample(picture,
				u * from[t->at[0]].x + v * from[t->at[1]].x + w * from[t->at[2]].x,
				u * from[t->at[0]].y + v * from[t->at[1]].y + w * from[t->at[2]].y,
				bent->rgb + CHANNELS * ((size_t)y * bent->width_px + (size_t)x));
		}
}

static bool bend(const struct gh_picture *picture, const struct gh_point *from,
	const struct mesh *mesh, struct bent *bent)
{
	bent->rgb = calloc((size_t)bent->width_px * bent->height_px, CHANNELS * sizeof(float));
	for (int i = 0; bent->rgb && i < mesh->count; i++)
		bend_triangle(picture, from, mesh, &mesh->triangles[i], bent);
	return bent->rgb != NULL;
}

/* The corners of the least convex shape around points (Andrew 1979). Returns how many. */
static int by_place(const void *a, const void *b)
{
	const struct gh_point *p = a, *q = b;

	return p->x != q->x ? (p->x > q->x) - (p->x < q->x) : (p->y > q->y) - (p->y < q->y);
}

static int hull_of(const struct gh_point *points, struct gh_point hull[2 * ALL_POINTS])
{
	struct gh_point sorted[ALL_POINTS];
	int count = 0, floor_count;

	memcpy(sorted, points, sizeof(sorted));
	qsort(sorted, ALL_POINTS, sizeof(sorted[0]), by_place);
	for (int i = 0; i < ALL_POINTS; i++) {
		while (count > 1 && area(hull[count - 2], hull[count - 1], sorted[i]) <= 0.0)
			count--;
		hull[count++] = sorted[i];
	}
	floor_count = count + 1;
	for (int i = ALL_POINTS - 2; i >= 0; i--) {
		while (count >= floor_count &&
			area(hull[count - 2], hull[count - 1], sorted[i]) <= 0.0)
			count--;
		hull[count++] = sorted[i];
	}
	return count - 1;
}

/* How far inside the hull a pixel is, 0 at its edge and outside, 1 from `fade` pixels on. */
static float inside(const struct gh_point *hull, int count, float x, float y, float fade)
{
	float least = fade;

	for (int i = 0; i < count; i++) {
		struct gh_point a = hull[i], b = hull[(i + 1) % count];
		float length = hypotf(b.x - a.x, b.y - a.y);
		float off = length > 0.0f ? (float)area(a, b, (struct gh_point){ x, y }) / length
					  : fade;

		least = fminf(least, off);
	}
	return fmaxf(least, 0.0f) / fade;
}

/* How much of the other stands in each pixel. */
static void weigh(const struct mesh *mesh, const struct morph_recipe *recipe, float *weights,
	const struct bent *size)
{
	struct gh_point hull[2 * ALL_POINTS];
	int count = hull_of(mesh->points, hull);
	float low = mesh->points[0].y, high = low;

	for (int i = 1; i < ALL_POINTS; i++) {
		low = fminf(low, mesh->points[i].y);
		high = fmaxf(high, mesh->points[i].y);
	}
	for (uint32_t y = 0; y < size->height_px; y++)
		for (uint32_t x = 0; x < size->width_px; x++) {
			float here = recipe->kind == MORPH_WHOLE
				? 1.0f
				: inside(hull, count, (float)x, (float)y, FADE * (high - low));

			weights[(size_t)y * size->width_px + x] = recipe->share * here;
		}
}

/* Mean and spread of one colour where the weights are not zero. */
static void measure(const struct bent *bent, const float *weights, size_t channel, double told[2])
{
	double sum = 0.0, squares = 0.0, count = 0.0;

	for (size_t i = 0; i < (size_t)bent->width_px * bent->height_px; i++) {
		double value = bent->rgb[CHANNELS * i + channel];

		if (weights[i] <= 0.0f)
			continue;
		count++;
		sum += value;
		squares += value * value;
	}
	count = fmax(count, 1.0);
	told[0] = sum / count;
	told[1] = sqrt(fmax(squares / count - told[0] * told[0], 1.0));
}

/* A face that is spliced in takes the light of the picture around it. */
static void match_colours(const struct bent *ground, struct bent *other, const float *weights)
{
	for (size_t c = 0; c < CHANNELS; c++) {
		double wanted[2], found[2], gain;

		measure(ground, weights, c, wanted);
		measure(other, weights, c, found);
		gain = fmin(fmax(wanted[1] / found[1], 0.5), 2.0);
		for (size_t i = 0; i < (size_t)other->width_px * other->height_px; i++) {
			float *value = &other->rgb[CHANNELS * i + c];

			*value = (float)(wanted[0] + gain * (*value - found[0]));
		}
	}
}

static bool blend(const struct bent *ground, const struct bent *other, const float *weights,
	struct gh_picture *morph)
{
	size_t pixels = (size_t)ground->width_px * ground->height_px;

	memset(morph, 0, sizeof(*morph));
	if (gh_bytes_reserve(&morph->rgb, CHANNELS * pixels, NULL) != GH_OK)
		return false;
	morph->width_px = ground->width_px;
	morph->height_px = ground->height_px;
	morph->rgb.length_bytes = CHANNELS * pixels;
	for (size_t i = 0; i < CHANNELS * pixels; i++) {
		float weight = weights[i / CHANNELS];
		float value = (1.0f - weight) * ground->rgb[i] + weight * other->rgb[i];

		morph->rgb.data[i] = (uint8_t)lrintf(fminf(fmaxf(value, 0.0f), 255.0f));
	}
	return true;
}

/* The points of both and, between them, the mesh's; all of the other's brought to the ground. */
static void place_points(const struct morph_side *ground, const struct morph_side *other,
	float share, struct gh_point from[2][POINTS], struct mesh *mesh)
{
	struct gh_similarity there = gh_similarity_fit(ground->points, other->points, ALL_POINTS);
	struct gh_similarity back = gh_similarity_inverse(&there);

	memcpy(from[0], ground->points, ALL_POINTS * sizeof(from[0][0]));
	memcpy(from[1], other->points, ALL_POINTS * sizeof(from[1][0]));
	place_rim(ground->picture, from[0] + ALL_POINTS);
	for (int i = ALL_POINTS; i < POINTS; i++)
		from[1][i] = gh_similarity_apply(&there, from[0][i]);
	for (int i = 0; i < POINTS; i++) {
		struct gh_point a = from[0][i], b = gh_similarity_apply(&back, from[1][i]);

		mesh->points[i] =
			(struct gh_point){ a.x + share * (b.x - a.x), a.y + share * (b.y - a.y) };
	}
}

bool morph_make(const struct morph_side *ground, const struct morph_side *other,
	const struct morph_recipe *recipe, struct gh_picture *morph)
{
	uint32_t width_px = ground->picture->width_px, height_px = ground->picture->height_px;
	struct bent bent[2] = { { NULL, width_px, height_px }, { NULL, width_px, height_px } };
	float *weights = calloc((size_t)width_px * height_px, sizeof(*weights));
	struct mesh *mesh = calloc(1, sizeof(*mesh));
	struct gh_point from[2][POINTS];
	bool made = false;

	memset(morph, 0, sizeof(*morph));
	if (weights && mesh) {
		place_points(ground, other, recipe->share, from, mesh);
		triangulate(mesh, (float)(width_px > height_px ? width_px : height_px));
		made = bend(ground->picture, from[0], mesh, &bent[0]) &&
			bend(other->picture, from[1], mesh, &bent[1]);
	}
	if (made) {
		weigh(mesh, recipe, weights, &bent[0]);
		if (recipe->kind == MORPH_SPLICED)
			match_colours(&bent[0], &bent[1], weights);
		made = blend(&bent[0], &bent[1], weights, morph);
	}
	free(bent[0].rgb);
	free(bent[1].rgb);
	free(weights);
	free(mesh);
	return made;
}
