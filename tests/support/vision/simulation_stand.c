/* SPDX-License-Identifier: Apache-2.0 */
/* A person before the camera: a photograph given the depth of a head, in a hall with things. */
#include "simulation_parts.h"

/* Where LFW's faces lie in their pictures, and how large they are. */
#define CENTRE_X 125.0f
#define CENTRE_Y 128.0f
#define HEAD_WIDTH 48.0f  /* half */
#define HEAD_HEIGHT 66.0f /* half */

enum {
	NOTHING,
	DOOR,
	PICTURE,
	WINDOW,
	SHELVES,
	DOOR_BEHIND,
	OBJECTS
};

struct stand stand_draw(struct draws *draws)
{
	struct stand stand = { 0 };

	stand.scale = draw(draws, 1.15f, 2.4f);
	stand.face_x = MIDDLE_X + draw(draws, -50.0f, 50.0f);
	stand.face_y = fmaxf(draw(draws, 250.0f, 340.0f), 75.0f * stand.scale + 10.0f);
	stand.roll = 0.06f * draw_normal(draws);
	stand.yaw_from = 0.05f * draw_normal(draws);
	stand.yaw_rate = 0.035f * draw_normal(draws);
	stand.pitch_from = 0.03f * draw_normal(draws);
	stand.pitch_rate = 0.02f * draw_normal(draws);
	stand.sway_x = 3.0f * draw_normal(draws);
	stand.sway_y = 1.5f * draw_normal(draws);
	stand.gain = draw_chance(draws, 0.2f) ? draw(draws, 0.15f, 0.5f) : draw(draws, 0.6f, 1.3f);
	stand.warmth = draw(draws, -0.12f, 0.12f);
	stand.slope_x = draw_chance(draws, 0.3f) ? draw(draws, -0.7f, 0.7f) : 0.0f;
	stand.objects = (int)draw(draws, 0.0f, (float)OBJECTS - 0.001f);
	stand.objects_seed = (uint64_t)draw(draws, 1.0f, 1e6f);
	stand.shine = draw_chance(draws, 0.15f);
	stand.glints = draw_chance(draws, 0.1f);
	return stand;
}

/* Depth of a head in units of its half width: an ellipsoid with a nose. */
static float depth(float x, float y)
{
	float u = (x - CENTRE_X) / HEAD_WIDTH, v = (y - CENTRE_Y) / HEAD_HEIGHT;
	float r = u * u + v * v;
	float nu = u / 0.22f, nv = (v - 0.12f) / 0.22f;

	return (r < 1.0f ? sqrtf(1.0f - r) : 0.0f) + 0.35f * expf(-(nu * nu + nv * nv));
}

/* How far a place lies within a box with soft edges, 0 to 1. */
static float within(float x, float y, const float box[4], float soft)
{
	return smooth(x, box[0] - soft, box[0] + soft) *
		smooth(-x, -box[2] - soft, -box[2] + soft) *
		smooth(y, box[1] - soft, box[1] + soft) *
		smooth(-y, -box[3] - soft, -box[3] + soft);
}

/* Things in the hall, in scene px; soft as what is a little out of focus. */
static void paint_objects(const struct stand *stand, float x, float y, float rgb[3])
{
	struct draws draws = { stand->objects_seed };
	float soft = draw(&draws, 0.6f, 2.5f), shade = draw(&draws, 0.4f, 1.5f);
	float at = draw(&draws, 30.0f, 200.0f), wide = draw(&draws, 14.0f, 40.0f);
	bool left = draw_chance(&draws, 0.5f);
	float share = 0.0f;

	if (!left)
		x = (float)WIDTH_PX - x;
	if (stand->objects == DOOR) {
		share = within(x, y, (float[4]){ at - wide, -50, at, 900 }, soft);
		share = fmaxf(share, within(x, y, (float[4]){ -50, 30, at, 30 + wide }, soft));
	} else if (stand->objects == PICTURE) {
		float high = draw(&draws, 90.0f, 240.0f), top = draw(&draws, 20.0f, 160.0f);
		float box[4] = { at - 0.7f * high, top, at, top + high };
		float inner[4] = { box[0] + 8, box[1] + 8, box[2] - 8, box[3] - 8 };

		share = within(x, y, box, soft) - 0.6f * within(x, y, inner, soft);
	} else if (stand->objects == WINDOW) {
		share = within(x, y, (float[4]){ -50, 40, at, 380 }, soft);
		shade = draw(&draws, 3.0f, 8.0f);
	} else if (stand->objects == SHELVES) {
		float pitch = draw(&draws, 90.0f, 190.0f), down = fmodf(y, pitch);

		share = within(x, down, (float[4]){ -50, 20, 280, 30 }, soft);
	} else if (stand->objects == DOOR_BEHIND) {
		float half = draw(&draws, 150.0f, 280.0f), head = draw(&draws, -40.0f, 90.0f);

		x = fabsf(x - MIDDLE_X - draw(&draws, -60.0f, 60.0f));
		share = within(x, y, (float[4]){ half, head, half + wide, 900 }, soft);
		share = fmaxf(share, within(x, y, (float[4]){ -9, head, half, head + wide }, soft));
	}
	for (int c = 0; c < 3; c++)
		rgb[c] += share * (fminf(1.2f, shade * rgb[c] + 0.02f * shade) - rgb[c]);
}

/* The person is sharp in the middle of the photograph and melts into what is behind. */
static float presence(float x, float y)
{
	return smooth(x, 4.0f, 45.0f) * smooth(-x, -246.0f, -205.0f) * smooth(y, 2.0f, 40.0f) *
		smooth(-y, -248.0f, -232.0f);
}

static float spot(float x, float y, float radius)
{
	float r = (x * x + y * y) / (radius * radius);

	return r > 9.0f ? 0.0f : expf(-r);
}

static void paint_shine(const struct stand *stand, float x, float y, float rgb[3])
{
	float light = 0.0f;

	if (stand->shine)
		light += 0.35f * spot(x - 128.0f, y - 88.0f, 9.0f) +
			0.3f * spot(x - 125.0f, y - 135.0f, 4.0f) +
			0.2f * spot(x - 101.0f, y - 140.0f, 6.0f);
	if (stand->glints)
		light += 0.9f * spot(x - 108.0f, y - 108.0f, 3.0f) +
			0.9f * spot(x - 149.0f, y - 108.0f, 3.0f);
	for (int c = 0; c < 3; c++)
		rgb[c] += light;
}

static void paint_place(const struct stand *stand, const struct light *source,
	const struct light *soft, const float turn[2], const float at[4], float rgb[3])
{
	float x = at[0], y = at[1], behind[3], share, z;

	light_sample(soft, clampf(x, 25.0f, 225.0f), clampf(y, 25.0f, 240.0f), behind);
	paint_objects(stand, at[2], at[3], behind);
	z = depth(x, y) * HEAD_WIDTH;
	x -= turn[0] * z;
	y -= turn[1] * z;
	share = presence(x, y);
	if (share > 0.0f) {
		light_sample(source, x, y, rgb);
		paint_shine(stand, x, y, rgb);
	}
	for (int c = 0; c < 3; c++)
		rgb[c] = share > 0.0f ? behind[c] + share * (rgb[c] - behind[c]) : behind[c];
}

void stand_paint(const struct stand *stand, const struct light *source, const struct light *soft,
	uint32_t frame, struct light *scene)
{
	float turn[2] = { stand->yaw_from + stand->yaw_rate * (float)frame,
		stand->pitch_from + stand->pitch_rate * (float)frame };
	float c = cosf(stand->roll) / stand->scale, s = sinf(stand->roll) / stand->scale;
	float move_x = stand->face_x + stand->sway_x * (float)frame;
	float move_y = stand->face_y + stand->sway_y * (float)frame;

	for (uint32_t y = 0; y < scene->height_px; y++)
		for (uint32_t x = 0; x < scene->width_px; x++) {
			float dx = (float)x - move_x, dy = (float)y - move_y;
			float at[4] = { CENTRE_X + c * dx + s * dy, CENTRE_Y + c * dy - s * dx,
				(float)x, (float)y };
			float *rgb = scene->at + 3 * ((size_t)y * scene->width_px + x);
			float gain = stand->gain *
				(1.0f + stand->slope_x * ((float)x - MIDDLE_X) / MIDDLE_X);

			paint_place(stand, source, soft, turn, at, rgb);
			rgb[0] *= gain * (1.0f + stand->warmth);
			rgb[1] *= gain;
			rgb[2] *= gain * (1.0f - stand->warmth);
		}
}
