/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a simulated presentation: a real scene, a medium that shows it, the camera. */
#ifndef GATEHOUSE_TESTS_SUPPORT_VISION_SIMULATION_PARTS_H
#define GATEHOUSE_TESTS_SUPPORT_VISION_SIMULATION_PARTS_H

#include <math.h>
#include <stddef.h>

#include "simulation.h"

#define SOURCE_PX 250
#define WIDTH_PX SIMULATION_WIDTH_PX
#define HEIGHT_PX SIMULATION_HEIGHT_PX
#define MIDDLE_X (0.5f * SIMULATION_WIDTH_PX)

/* Linear light, 1 is white; three values a pixel. */
struct light {
	float *at;
	uint32_t width_px;
	uint32_t height_px;
};

/* A stream of draws from a seed. */
struct draws {
	uint64_t state;
};

float draw(struct draws *draws, float low, float high);
bool draw_chance(struct draws *draws, float probability);
float draw_normal(struct draws *draws);

float draw_normal_fast(struct draws *draws); /* from one draw: a sum of three */

static inline float clampf(float value, float low, float high)
{
	return value < low ? low : value > high ? high : value;
}

/* floorf() is a call on the least x86-64; values here are far from the limits of int. */
static inline float floor_of(float value)
{
	float whole = (float)(int)value;

	return whole > value ? whole - 1.0f : whole;
}

#define WAVE_STEPS 1024
extern float wave_table[WAVE_STEPS];
void wave_prepare(void);

/* The cosine of so many turns, to a thousandth. */
static inline float wave(float turns)
{
	return wave_table[(int)((turns - floor_of(turns)) * WAVE_STEPS) & (WAVE_STEPS - 1)];
}

static inline float smooth(float value, float from, float to)
{
	float t = clampf((value - from) / (to - from), 0.0f, 1.0f);

	return t * t * (3.0f - 2.0f * t);
}

/* Bilinear, clamped at the edges. */
void light_sample(const struct light *light, float x, float y, float rgb[3]);

/* A Gaussian of sigma px along both axes, in place; copy has room for the light and a margin. */
void light_blur(struct light *light, float sigma_px, float *copy);

/* Things in the hall; which of these numbers count depends on the kind. */
struct things {
	float soft, shade, at, wide, pitch, half, head, centre;
	float box[4];
	bool left;
};

/* How somebody stands and is lit; drawn once for a presentation. */
struct stand {
	float scale; /* scene px for one source px */
	float face_x;
	float face_y;
	float roll;
	float yaw_from, yaw_rate; /* radians, a frame */
	float pitch_from, pitch_rate;
	float sway_x, sway_y; /* px a frame */
	float gain;           /* of all light */
	float warmth;         /* red against blue */
	float slope_x;        /* of the light across the scene */
	float hair;           /* half the width of what moves with the head, source px */
	int objects;          /* kind of things behind */
	struct things things;
	bool shine;
	bool glints;
};

struct stand stand_draw(struct draws *draws);

/*
 * Paint a person's scene, frame by frame: the person moves, the hall does not. soft is the source
 * blurred for what is behind; without source there is the hall alone.
 */
void stand_paint(const struct stand *stand, const struct light *source, const struct light *soft,
	uint32_t frame, struct light *scene);

/* What shows the picture. */
enum medium_kind {
	MEDIUM_PHOTO,
	MEDIUM_HALFTONE,
	MEDIUM_DITHER,
	MEDIUM_SCREEN
};

struct medium {
	enum medium_kind kind;
	bool unseen;
	float pitch_px;  /* of dots or screen pixels, in px of the shown picture */
	float across[3]; /* directions of the three rasters, over the pitch */
	float down[3];
	float black;    /* least light of the medium */
	float white[3]; /* most */
	float blur_px;  /* of the reproduction */
	float gap;      /* dark part between screen pixels */
	uint32_t dots_width, dots_height;
	uint8_t *dots; /* bit 0..2: ink of cyan, magenta, yellow */
};

void medium_draw(
	struct medium *medium, enum simulation_species species, bool unseen, struct draws *draws);

/* Make what is to be known before sampling (the dots of a dithered print). Needs memory. */
bool medium_prepare(struct medium *medium, const struct light *shown);

/* Light of the medium at a place of the shown picture; rgb holds the picture's light there. */
void medium_sample(
	const struct medium *medium, const struct light *shown, float u, float v, float rgb[3]);

/* The flat or bent sheet in front of the camera. */
struct sheet {
	bool whole; /* fills the view */
	bool bent;
	bool mask;
	float left, top, right, bottom; /* part of the shown picture that is on it */
	float margin;                   /* blank edge around, px of the shown picture */
	float margin_light;
	float margin_tint;
	float scale;
	float at_x, at_y; /* where the shown face's centre comes to lie */
	float roll, tilt_x, tilt_y;
	float tilt_rate, roll_rate, sway_x, sway_y;
	float radius_px;
	float face_x, face_y, face_px; /* in the shown picture */
	float glare, glare_x, glare_y, glare_px, glare_shape;
};

void sheet_draw(struct sheet *sheet, enum simulation_species species, bool unseen,
	const struct stand *stand, struct draws *draws);

/* Paint the sheet with its medium over scene. */
void sheet_paint(const struct sheet *sheet, const struct medium *medium, const struct light *shown,
	uint32_t frame, struct light *scene);

/* Lens, sensor and coding. */
struct camera {
	float blur_px;
	float shot, read; /* noise */
	int jpeg_quality;
	uint64_t seed;
	uint8_t *jpeg; /* the frame taken last */
	size_t jpeg_bytes;
};

struct camera camera_draw(struct draws *draws);

/* scene is used up; copy as for light_blur(). */
bool camera_take(
	struct camera *camera, uint32_t frame, struct light *scene, float *copy, uint8_t *rgb);
void camera_finish(struct camera *camera);

#endif
