/* SPDX-License-Identifier: Apache-2.0 */
/* The sheet, screen or mask in front of the camera: where it is, and what is seen of it. */
#include "simulation_parts.h"

#include <string.h>

/* Distance of the sheet in px: how strong perspective is. */
#define DISTANCE_PX 1500.0f

/* Samples a side that a pixel is the mean of, and the part of the grid they are spread over. */
#define SAMPLES 3
#define APERTURE 1.25f

static bool is_whole(enum simulation_species species)
{
	return species == SIMULATION_HALFTONE || species == SIMULATION_DITHER ||
		species == SIMULATION_MOIRE || species == SIMULATION_GLARE ||
		species == SIMULATION_REPRINT;
}

static void draw_edges(struct sheet *sheet, enum simulation_species species, bool unseen,
	float head_px, struct draws *draws)
{
	sheet->left = sheet->face_x - head_px * draw(draws, 0.65f, 1.05f);
	sheet->right = sheet->face_x + head_px * draw(draws, 0.65f, 1.05f);
	sheet->top = sheet->face_y - head_px * draw(draws, 0.8f, 1.1f);
	sheet->bottom = sheet->face_y + head_px * draw(draws, 0.8f, 1.3f);
	if (species == SIMULATION_BEZEL) {
		sheet->margin = head_px * draw(draws, 0.05f, unseen ? 0.25f : 0.15f);
		sheet->margin_light = draw(draws, 0.005f, 0.03f);
	} else {
		sheet->margin = unseen ? 0.0f : head_px * draw(draws, 0.0f, 0.12f);
		sheet->margin_light = draw(draws, 0.6f, 0.9f);
	}
}

static void draw_glare(struct sheet *sheet, bool unseen, float head_px, struct draws *draws)
{
	sheet->glare = unseen ? draw(draws, 0.25f, 1.5f) : draw(draws, 0.4f, 1.2f);
	sheet->glare_px = head_px * draw(draws, 0.15f, 0.4f);
	sheet->glare_x = sheet->at_x + head_px * draw(draws, -0.45f, 0.45f);
	sheet->glare_y = sheet->at_y + head_px * draw(draws, -0.5f, 0.4f);
	sheet->glare_shape = unseen ? draw(draws, 1.0f, 4.0f) : draw(draws, 1.0f, 2.0f);
}

void sheet_draw(struct sheet *sheet, enum simulation_species species, bool unseen,
	const struct stand *stand, struct draws *draws)
{
	float head_px = 115.0f * stand->scale;
	float bend = unseen ? draw(draws, 0.65f, 1.1f) : draw(draws, 0.75f, 1.3f);

	*sheet = (struct sheet){ .whole = is_whole(species),
		.bent = species == SIMULATION_BENT,
		.mask = species == SIMULATION_MASK };
	sheet->face_x = stand->face_x;
	sheet->face_y = stand->face_y;
	sheet->face_px = head_px;
	draw_edges(sheet, species, unseen, head_px, draws);
	sheet->scale = sheet->whole ? draw(draws, 0.95f, 1.15f) : draw(draws, 0.8f, 1.15f);
	sheet->at_x = MIDDLE_X + draw(draws, -40.0f, 40.0f);
	sheet->at_y = sheet->whole || sheet->mask ? stand->face_y : draw(draws, 260.0f, 320.0f);
	if (sheet->mask) {
		sheet->scale = 1.0f;
		sheet->at_x = stand->face_x;
	}
	sheet->roll = 0.06f * draw_normal(draws);
	sheet->tilt_x = clampf(0.15f * draw_normal(draws), -0.4f, 0.4f);
	sheet->tilt_y = clampf(0.12f * draw_normal(draws), -0.4f, 0.4f);
	sheet->tilt_rate = 0.04f * draw_normal(draws);
	sheet->roll_rate = 0.008f * draw_normal(draws);
	sheet->sway_x = 4.0f * draw_normal(draws);
	sheet->sway_y = 3.0f * draw_normal(draws);
	sheet->radius_px = head_px * bend;
	if (species == SIMULATION_GLARE)
		draw_glare(sheet, unseen, head_px, draws);
	else if (species == SIMULATION_BEZEL && draw_chance(draws, 0.4f))
		draw_glare(sheet, unseen, head_px, draws);
}

/* Where the sheet is at a frame. */
struct pose {
	float c, s, lean_x, lean_y, fore_x, fore_y, at_x, at_y;
};

static struct pose pose_of(const struct sheet *sheet, uint32_t frame)
{
	float roll = sheet->roll + sheet->roll_rate * (float)frame;
	float tilt = sheet->tilt_x + sheet->tilt_rate * (float)frame;

	return (struct pose){ cosf(roll), sinf(roll), sinf(tilt), sinf(sheet->tilt_y), cosf(tilt),
		cosf(sheet->tilt_y), sheet->at_x + sheet->sway_x * (float)frame,
		sheet->at_y + sheet->sway_y * (float)frame };
}

/* From the scene to the shown picture; false where the sheet bends out of sight. */
static bool to_shown(
	const struct sheet *sheet, const struct pose *pose, float x, float y, float uv[2])
{
	float dx = x - pose->at_x, dy = y - pose->at_y;
	float px = pose->c * dx + pose->s * dy, py = pose->c * dy - pose->s * dx;
	float a = px * pose->lean_x - DISTANCE_PX * pose->fore_x, b = px * pose->lean_y;
	float d = py * pose->lean_x, e = py * pose->lean_y - DISTANCE_PX * pose->fore_y;
	float whole = a * e - b * d;
	float s = (-px * DISTANCE_PX * e + b * py * DISTANCE_PX) / whole;
	float t = (-py * DISTANCE_PX * a + d * px * DISTANCE_PX) / whole;

	if (sheet->bent) {
		if (fabsf(s) >= 0.98f * sheet->radius_px)
			return false;
		s = sheet->radius_px * asinf(s / sheet->radius_px);
	}
	uv[0] = sheet->face_x + s / sheet->scale;
	uv[1] = sheet->face_y + t / sheet->scale;
	return true;
}

/* Whether a place of the shown picture is on the mask: an oval without the eyes. */
static bool on_mask(const struct sheet *sheet, float u, float v)
{
	float px = sheet->face_px / 115.0f;
	float x = (u - sheet->face_x) / px, y = (v - sheet->face_y) / px;
	float eye = (fabsf(x) - 20.0f) / 10.5f, lid = (y + 15.0f) / 6.0f;

	return x * x / (46.0f * 46.0f) + (y - 4.0f) * (y - 4.0f) / (60.0f * 60.0f) < 1.0f &&
		eye * eye + lid * lid > 1.0f;
}

enum part {
	PART_NONE,
	PART_SHADOW,
	PART_MARGIN,
	PART_PICTURE
};

static enum part part_at(const struct sheet *sheet, float u, float v)
{
	float out = fmaxf(
		fmaxf(sheet->left - u, u - sheet->right), fmaxf(sheet->top - v, v - sheet->bottom));

	if (sheet->whole)
		return PART_PICTURE;
	if (sheet->mask)
		return on_mask(sheet, u, v) ? PART_PICTURE : PART_NONE;
	if (out <= 0.0f)
		return PART_PICTURE;
	if (out <= sheet->margin)
		return PART_MARGIN;
	return out <= sheet->margin + 4.0f ? PART_SHADOW : PART_NONE;
}

/* One ray: what it adds to a pixel that is the mean of several. */
static void trace(const struct sheet *sheet, const struct medium *medium, const struct light *shown,
	const float uv[2], const float base[3], const float behind[3], float rgb[3])
{
	enum part part = part_at(sheet, uv[0], uv[1]);
	float made[3] = { base[0], base[1], base[2] };

	switch (part) {
	case PART_PICTURE:
		medium_sample(medium, shown, uv[0], uv[1], made);
		break;
	case PART_MARGIN:
		for (int c = 0; c < 3; c++)
			made[c] = sheet->margin_light * (0.9f + 0.1f * medium->white[c]);
		break;
	case PART_SHADOW:
	case PART_NONE:
		for (int c = 0; c < 3; c++)
			made[c] = (part == PART_SHADOW ? 0.7f : 1.0f) * behind[c];
		break;
	}
	for (int c = 0; c < 3; c++)
		rgb[c] += made[c];
}

/* From the scene to the shown picture around a pixel: nine rays need no nine projections. */
struct patch {
	float uv[2], across[2], down[2];
	bool smooth; /* nothing in it changes faster than the camera sees */
};

static bool patch_take(const struct sheet *sheet, const struct pose *pose,
	const struct medium *medium, const float at[2], struct patch *patch)
{
	float right[2], below[2], edge;

	if (!to_shown(sheet, pose, at[0], at[1], patch->uv) ||
		!to_shown(sheet, pose, at[0] + 1.0f, at[1], right) ||
		!to_shown(sheet, pose, at[0], at[1] + 1.0f, below))
		return false;
	for (int i = 0; i < 2; i++) {
		patch->across[i] = right[i] - patch->uv[i];
		patch->down[i] = below[i] - patch->uv[i];
	}
	edge = fminf(fminf(patch->uv[0] - sheet->left, sheet->right - patch->uv[0]),
		fminf(patch->uv[1] - sheet->top, sheet->bottom - patch->uv[1]));
	patch->smooth =
		medium->kind == MEDIUM_PHOTO && !sheet->mask && (sheet->whole || edge > 4.0f);
	return true;
}

static void paint_pixel(const struct sheet *sheet, const struct patch *patch,
	const struct medium *medium, const struct light *shown, float rgb[3])
{
	float behind[3] = { rgb[0], rgb[1], rgb[2] }, sum[3] = { 0 }, base[3] = { 0 };

	/* The picture itself changes slowly; what shows it does not. */
	if (medium->kind == MEDIUM_PHOTO || medium->kind == MEDIUM_HALFTONE)
		light_sample(shown, patch->uv[0], patch->uv[1], base);
	if (patch->smooth) {
		medium_sample(medium, shown, patch->uv[0], patch->uv[1], base);
		memcpy(rgb, base, sizeof(base));
		return;
	}
	for (int i = 0; i < SAMPLES * SAMPLES; i++) {
		float dx = (((float)(i % SAMPLES) + 0.5f) / SAMPLES - 0.5f) * APERTURE;
		float dy = (((float)(i / SAMPLES) + 0.5f) / SAMPLES - 0.5f) * APERTURE;
		float uv[2];

		for (int k = 0; k < 2; k++)
			uv[k] = patch->uv[k] + dx * patch->across[k] + dy * patch->down[k];
		trace(sheet, medium, shown, uv, base, behind, sum);
	}
	for (int c = 0; c < 3; c++)
		rgb[c] = sum[c] / (SAMPLES * SAMPLES);
}

static void add_glare(const struct sheet *sheet, const float at[2], float rgb[3])
{
	float dx = (at[0] - sheet->glare_x) / (sheet->glare_px * sheet->glare_shape);
	float dy = (at[1] - sheet->glare_y) / sheet->glare_px;
	float r = sqrtf(dx * dx + dy * dy);

	for (int c = 0; c < 3; c++)
		rgb[c] += sheet->glare * (1.0f - smooth(r, 0.5f, 1.0f));
}

static bool is_beside(const struct sheet *sheet, const float uv[2])
{
	float far = sheet->margin + 8.0f;

	return !sheet->whole &&
		(uv[0] < sheet->left - far || uv[0] > sheet->right + far ||
			uv[1] < sheet->top - far || uv[1] > sheet->bottom + far);
}

void sheet_paint(const struct sheet *sheet, const struct medium *medium, const struct light *shown,
	uint32_t frame, struct light *scene)
{
	struct pose pose = pose_of(sheet, frame);

	for (uint32_t y = 0; y < scene->height_px; y++)
		for (uint32_t x = 0; x < scene->width_px; x++) {
			float *rgb = scene->at + 3 * ((size_t)y * scene->width_px + x);
			float at[2] = { (float)x, (float)y };
			struct patch patch;

			if (!patch_take(sheet, &pose, medium, at, &patch) ||
				is_beside(sheet, patch.uv))
				continue;
			paint_pixel(sheet, &patch, medium, shown, rgb);
			if (sheet->glare > 0.0f)
				add_glare(sheet, at, rgb);
		}
}
