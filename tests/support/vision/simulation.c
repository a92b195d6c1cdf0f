/* SPDX-License-Identifier: Apache-2.0 */
/* One frame of a presentation, from the draws to the camera's bytes. */
#include "simulation.h"

#include <stdlib.h>
#include <string.h>

#include "simulation_parts.h"

struct simulation {
	struct light source; /* the photograph */
	struct light soft;   /* the same out of focus */
	struct light shown;  /* the picture on the medium */
	struct light scene;
	float *copy; /* for blurring */
};

static const char *const words[] = {
#define SIMULATION_NAME(name, word) word,
	SIMULATION_SPECIES(SIMULATION_NAME)
#undef SIMULATION_NAME
};

const char *simulation_word(enum simulation_species species)
{
	return (unsigned)species < SIMULATION_SPECIES_COUNT ? words[species] : "unknown";
}

static bool light_take(struct light *light, uint32_t width_px, uint32_t height_px)
{
	*light = (struct light){ calloc((size_t)width_px * height_px, 3 * sizeof(float)), width_px,
		height_px };
	return light->at != NULL;
}

struct simulation *simulation_create(void)
{
	struct simulation *made = calloc(1, sizeof(*made));

	if (!made)
		return NULL;
	made->copy = calloc((size_t)(WIDTH_PX + 100) * HEIGHT_PX, 3 * sizeof(float));
	if (made->copy && light_take(&made->source, SOURCE_PX, SOURCE_PX) &&
		light_take(&made->soft, SOURCE_PX, SOURCE_PX) &&
		light_take(&made->shown, WIDTH_PX, HEIGHT_PX) &&
		light_take(&made->scene, WIDTH_PX, HEIGHT_PX))
		return made;
	simulation_destroy(made);
	return NULL;
}

void simulation_destroy(struct simulation *simulation)
{
	if (!simulation)
		return;
	free(simulation->source.at);
	free(simulation->soft.at);
	free(simulation->shown.at);
	free(simulation->scene.at);
	free(simulation->copy);
	free(simulation);
}

static float decode(uint8_t value)
{
	float v = (float)value / 255.0f;

	return v <= 0.04045f ? v / 12.92f : powf((v + 0.055f) / 1.055f, 2.4f);
}

static void load(struct simulation *simulation, const struct gh_picture *picture)
{
	size_t values = 3 * (size_t)SOURCE_PX * SOURCE_PX;

	for (size_t i = 0; i < values; i++)
		simulation->source.at[i] = decode(picture->rgb.data[i]);
	memcpy(simulation->soft.at, simulation->source.at, values * sizeof(float));
	light_blur(&simulation->soft, 9.0f, simulation->copy);
}

/* What stands behind a sheet: the hall alone, or the wearer of a mask. */
static void paint_behind(struct simulation *simulation, const struct stand *stand,
	const struct gh_picture *other, const struct simulation_take *take, struct draws *draws)
{
	struct stand behind = stand_draw(draws);

	behind.gain = stand->gain;
	behind.warmth = stand->warmth;
	if (take->species == SIMULATION_MASK) {
		behind.scale = stand->scale;
		behind.face_x = stand->face_x;
		behind.face_y = stand->face_y;
		load(simulation, other);
		stand_paint(&behind, &simulation->source, &simulation->soft, take->frame,
			&simulation->scene);
	} else {
		stand_paint(&behind, &simulation->soft, &simulation->soft, take->frame,
			&simulation->scene);
	}
}

static bool paint_attack(struct simulation *simulation, const struct stand *stand,
	const struct gh_picture *other, const struct simulation_take *take, struct draws *draws)
{
	struct stand posed = *stand;
	struct medium medium;
	struct sheet sheet;
	bool fine;

	/* The picture was taken in better light than the presentation is. */
	posed.gain = draw(draws, 0.8f, 1.15f);
	posed.roll = 0.0f;
	stand_paint(&posed, &simulation->source, &simulation->soft, 0, &simulation->shown);
	medium_draw(&medium, take->species, take->unseen, draws);
	sheet_draw(&sheet, take->species, take->unseen, stand, draws);
	light_blur(&simulation->shown, medium.blur_px, simulation->copy);
	for (int c = 0; c < 3 && medium.kind != MEDIUM_SCREEN; c++)
		medium.white[c] *= clampf(stand->gain, 0.3f, 1.2f);
	medium.black *= clampf(stand->gain, 0.3f, 1.2f);
	paint_behind(simulation, stand, other, take, draws);
	fine = medium_prepare(&medium, &simulation->shown);
	if (fine)
		sheet_paint(&sheet, &medium, &simulation->shown, take->frame, &simulation->scene);
	free(medium.dots);
	return fine;
}

static bool usable(const struct gh_picture *picture)
{
	return picture->width_px == SOURCE_PX && picture->height_px == SOURCE_PX;
}

bool simulation_draw(struct simulation *simulation, const struct gh_picture *person,
	const struct gh_picture *other, const struct simulation_take *take, uint8_t *rgb)
{
	struct draws draws = { take->seed * 64 + (uint64_t)take->species * 2 + take->unseen };
	struct stand stand = stand_draw(&draws);
	struct camera camera = camera_draw(&draws);

	if (!usable(person) || !usable(other))
		return false;
	load(simulation, person);
	if (take->species == SIMULATION_BONA_FIDE)
		stand_paint(&stand, &simulation->source, &simulation->soft, take->frame,
			&simulation->scene);
	else if (!paint_attack(simulation, &stand, other, take, &draws))
		return false;
	return camera_take(&camera, take->frame, &simulation->scene, simulation->copy, rgb);
}
