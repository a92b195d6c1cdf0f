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

/* Depth of a head in units of its half width: an ellipsoid with a nose. */
static float depth(float x, float y)
{
	float u = (x - CENTRE_X) / HEAD_WIDTH, v = (y - CENTRE_Y) / HEAD_HEIGHT;
	float r = u * u + v * v;
	float nu = u / 0.22f, nv = (v - 0.12f) / 0.22f;

	float far = nu * nu + nv * nv;

	return (r < 1.0f ? sqrtf(1.0f - r) : 0.0f) + (far < 9.0f ? 0.35f * expf(-far) : 0.0f);
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
static void draw_things(struct stand *stand, struct draws draws)
{
	struct things *things = &stand->things;
	float high, top;

	things->soft = draw(&draws, 0.6f, 2.5f);
	things->shade = draw(&draws, 0.4f, 1.5f);
	things->at = draw(&draws, 30.0f, 200.0f);
	things->wide = draw(&draws, 14.0f, 40.0f);
	things->left = draw_chance(&draws, 0.5f);
	high = draw(&draws, 90.0f, 240.0f);
	top = draw(&draws, 20.0f, 160.0f);
	things->box[0] = things->at - 0.7f * high;
	things->box[1] = top;
	things->box[2] = things->at;
	things->box[3] = top + high;
	things->pitch = draw(&draws, 90.0f, 190.0f);
	things->half = draw(&draws, 150.0f, 280.0f);
	things->head = draw(&draws, -40.0f, 90.0f);
	things->centre = draw(&draws, -60.0f, 60.0f);
	if (stand->objects == WINDOW)
		things->shade = draw(&draws, 3.0f, 8.0f);
}

struct stand stand_draw(struct draws *draws)
{
	struct stand stand = { 0 };
	struct draws things;

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
	things.state = (uint64_t)draw(draws, 1.0f, 1e6f);
	draw_things(&stand, things);
	stand.shine = draw_chance(draws, 0.15f);
	stand.glints = draw_chance(draws, 0.1f);
	stand.hair = draw(draws, 62.0f, 88.0f);
	return stand;
}

/* How much of a place the things in the hall take, 0 to 1. */
static float share_of_things(const struct stand *stand, float x, float y)
{
	const struct things *t = &stand->things;
	const float inner[4] = { t->box[0] + 8, t->box[1] + 8, t->box[2] - 8, t->box[3] - 8 };

	if (!t->left)
		x = (float)WIDTH_PX - x;
	switch (stand->objects) {
	case DOOR:
		return fmaxf(within(x, y, (float[4]){ t->at - t->wide, -50, t->at, 900 }, t->soft),
			within(x, y, (float[4]){ -50, 30, t->at, 30 + t->wide }, t->soft));
	case PICTURE:
		return within(x, y, t->box, t->soft) - 0.6f * within(x, y, inner, t->soft);
	case WINDOW:
		return within(x, y, (float[4]){ -50, 40, t->at, 380 }, t->soft);
	case SHELVES:
		return within(x, fmodf(y, t->pitch), (float[4]){ -50, 20, 280, 30 }, t->soft);
	case DOOR_BEHIND:
		x = fabsf(x - MIDDLE_X - t->centre);
		return fmaxf(within(x, y, (float[4]){ t->half, t->head, t->half + t->wide, 900 },
				     t->soft),
			within(x, y, (float[4]){ -9, t->head, t->half, t->head + t->wide },
				t->soft));
	default:
		return 0.0f;
	}
}

static void paint_things(const struct stand *stand, float x, float y, float rgb[3])
{
	float share = share_of_things(stand, x, y), shade = stand->things.shade;

	for (int c = 0; c < 3 && share > 0.0f; c++)
		rgb[c] += share * (fminf(1.2f, shade * rgb[c] + 0.02f * shade) - rgb[c]);
}

/* Where the photograph is of any use: it melts into what is soft at its edges. */
static float in_photograph(float x, float y)
{
	return smooth(x, 4.0f, 45.0f) * smooth(-x, -246.0f, -205.0f) * smooth(y, 2.0f, 40.0f) *
		smooth(-y, -248.0f, -232.0f);
}

/* What belongs to the person: head, hair of some width, shoulders; so much wider. */
static float matte(const struct stand *stand, float x, float y, float wider)
{
	float u = (x - CENTRE_X) / (stand->hair + wider);
	float v = (y - CENTRE_Y + 14.0f) / (92.0f + wider);
	float r = u * u + v * v, body;

	if (r < 0.8f)
		return 1.0f;
	body = stand->hair - 12.0f + wider + 0.9f * fmaxf(0.0f, y - 185.0f);
	body = y > 150.0f ? smooth(-fabsf(x - CENTRE_X), -body - 5.0f, -body + 5.0f) : 0.0f;
	return fmaxf(1.0f - smooth(r, 0.85f, 1.15f), body * smooth(y, 150.0f, 185.0f));
}

/* The hall does not move: it is the photograph's, without the person, and things in it. */
static void paint_hall(const struct stand *stand, const struct light *source,
	const struct light *soft, const float at[2], float rgb[3])
{
	float x = CENTRE_X + (at[0] - stand->face_x) / stand->scale;
	float y = CENTRE_Y + (at[1] - stand->face_y) / stand->scale;
	float share = in_photograph(x, y), sharp[3];

	light_sample(soft, clampf(x, 25.0f, 225.0f), clampf(y, 25.0f, 240.0f), rgb);
	if (share > 0.0f)
		share *= 1.0f - matte(stand, x, y, 6.0f);
	if (share > 0.0f && source) {
		light_sample(source, x, y, sharp);
		for (int c = 0; c < 3; c++)
			rgb[c] += share * (sharp[c] - rgb[c]);
	}
	paint_things(stand, at[0], at[1], rgb);
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

static void paint_person(const struct stand *stand, const struct light *source, const float turn[2],
	const float at[2], float rgb[3])
{
	float x = at[0], y = at[1], share, z, person[3];

	if (x < 0.0f || x > 250.0f || y < 0.0f || y > 250.0f)
		return;
	z = depth(x, y) * HEAD_WIDTH;
	x -= turn[0] * z;
	y -= turn[1] * z;
	share = in_photograph(x, y);
	if (share > 0.0f)
		share *= matte(stand, x, y, 0.0f);
	if (share <= 0.0f)
		return;
	light_sample(source, x, y, person);
	if (stand->shine || stand->glints)
		paint_shine(stand, x, y, person);
	for (int c = 0; c < 3; c++)
		rgb[c] += share * (person[c] - rgb[c]);
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
			float place[2] = { (float)x, (float)y };
			float at[2] = { CENTRE_X + c * dx + s * dy, CENTRE_Y + c * dy - s * dx };
			float *rgb = scene->at + 3 * ((size_t)y * scene->width_px + x);
			float gain = stand->gain *
				(1.0f + stand->slope_x * ((float)x - MIDDLE_X) / MIDDLE_X);

			paint_hall(stand, source, soft, place, rgb);
			if (source)
				paint_person(stand, source, turn, at, rgb);
			rgb[0] *= gain * (1.0f + stand->warmth);
			rgb[1] *= gain;
			rgb[2] *= gain * (1.0f - stand->warmth);
		}
}
