/* SPDX-License-Identifier: Apache-2.0 */
/* One frame of a presentation, from the draws to the camera's bytes. */
#include "simulation.h"

#include <stdlib.h>
#include <string.h>

#include "simulation_parts.h"

struct simulation {
	struct light source; /* the photograph */
	struct light soft;   /* the same out of focus */
	struct light wearer; /* another one's: who wears a mask */
	struct light wearer_soft;
	struct light shown; /* the picture on the medium */
	struct light scene;
	float *copy; /* for blurring */
	/* The presentation drawn last: its next frames need no more than the camera. */
	bool ready;
	struct simulation_take take;
	struct stand stand, behind;
	struct camera camera;
	struct medium medium;
	struct sheet sheet;
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
	wave_prepare();
	made->copy = calloc((size_t)(WIDTH_PX + 100) * HEIGHT_PX, 3 * sizeof(float));
	if (made->copy && light_take(&made->source, SOURCE_PX, SOURCE_PX) &&
		light_take(&made->soft, SOURCE_PX, SOURCE_PX) &&
		light_take(&made->wearer, SOURCE_PX, SOURCE_PX) &&
		light_take(&made->wearer_soft, SOURCE_PX, SOURCE_PX) &&
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
	free(simulation->wearer.at);
	free(simulation->wearer_soft.at);
	free(simulation->medium.dots);
	camera_finish(&simulation->camera);
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

static void load(
	const struct gh_picture *picture, struct light *sharp, struct light *soft, float *copy)
{
	size_t values = 3 * (size_t)SOURCE_PX * SOURCE_PX;
	static float table[256];

	for (int i = 0; i < 256 && table[255] == 0.0f; i++)
		table[i] = decode((uint8_t)i);
	for (size_t i = 0; i < values; i++)
		sharp->at[i] = table[picture->rgb.data[i]];
	memcpy(soft->at, sharp->at, values * sizeof(float));
	light_blur(soft, 9.0f, copy);
}

/* What stands behind a sheet: the hall alone, or the wearer of a mask, who moves with it. */
static void draw_behind(
	struct simulation *simulation, const struct gh_picture *other, struct draws *draws)
{
	struct stand *behind = &simulation->behind;
	const struct stand *stand = &simulation->stand;

	*behind = stand_draw(draws);
	behind->gain = stand->gain;
	behind->warmth = stand->warmth;
	if (simulation->take.species != SIMULATION_MASK)
		return;
	behind->scale = stand->scale;
	behind->face_x = stand->face_x;
	behind->face_y = stand->face_y;
	behind->sway_x = simulation->sheet.sway_x;
	behind->sway_y = simulation->sheet.sway_y;
	load(other, &simulation->wearer, &simulation->wearer_soft, simulation->copy);
}

static bool prepare_attack(
	struct simulation *simulation, const struct gh_picture *other, struct draws *draws)
{
	const struct simulation_take *take = &simulation->take;
	struct stand posed = simulation->stand;
	struct medium *medium = &simulation->medium;
	float light = clampf(simulation->stand.gain, 0.3f, 1.2f);

	/* The picture was taken in better light than the presentation is. */
	posed.gain = draw(draws, 0.8f, 1.15f);
	posed.roll = 0.0f;
	stand_paint(&posed, &simulation->source, &simulation->soft, 0, &simulation->shown);
	medium_draw(medium, take->species, take->unseen, draws);
	sheet_draw(&simulation->sheet, take->species, take->unseen, &simulation->stand, draws);
	light_blur(&simulation->shown, medium->blur_px, simulation->copy);
	for (int c = 0; c < 3 && medium->kind != MEDIUM_SCREEN; c++)
		medium->white[c] *= light;
	medium->black *= light;
	draw_behind(simulation, other, draws);
	return medium_prepare(medium, &simulation->shown);
}

static void paint_attack(struct simulation *simulation, uint32_t frame)
{
	bool worn = simulation->take.species == SIMULATION_MASK;

	if (!simulation->sheet.whole)
		stand_paint(&simulation->behind, worn ? &simulation->wearer : NULL,
			worn ? &simulation->wearer_soft : &simulation->soft, frame,
			&simulation->scene);
	sheet_paint(&simulation->sheet, &simulation->medium, &simulation->shown, frame,
		&simulation->scene);
}

static bool usable(const struct gh_picture *picture)
{
	return picture->width_px == SOURCE_PX && picture->height_px == SOURCE_PX;
}

static bool prepare(struct simulation *simulation, const struct gh_picture *person,
	const struct gh_picture *other, const struct simulation_take *take)
{
	struct draws draws = { take->seed * 64 + (uint64_t)take->species * 2 + take->unseen };

	if (simulation->ready && simulation->take.species == take->species &&
		simulation->take.unseen == take->unseen && simulation->take.seed == take->seed)
		return true;
	simulation->ready = false;
	if (!usable(person) || !usable(other))
		return false;
	free(simulation->medium.dots);
	simulation->medium.dots = NULL;
	camera_finish(&simulation->camera);
	simulation->take = *take;
	simulation->stand = stand_draw(&draws);
	simulation->camera = camera_draw(&draws);
	load(person, &simulation->source, &simulation->soft, simulation->copy);
	simulation->ready =
		take->species == SIMULATION_BONA_FIDE || prepare_attack(simulation, other, &draws);
	return simulation->ready;
}

bool simulation_draw(struct simulation *simulation, const struct gh_picture *person,
	const struct gh_picture *other, const struct simulation_take *take, uint8_t *rgb)
{
	if (!prepare(simulation, person, other, take))
		return false;
	if (take->species == SIMULATION_BONA_FIDE)
		stand_paint(&simulation->stand, &simulation->source, &simulation->soft, take->frame,
			&simulation->scene);
	else
		paint_attack(simulation, take->frame);
	return camera_take(
		&simulation->camera, take->frame, &simulation->scene, simulation->copy, rgb);
}

struct gh_view simulation_file(const struct simulation *simulation)
{
	return (struct gh_view){ simulation->camera.jpeg, simulation->camera.jpeg_bytes };
}
