/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faces drawn by code: found by the detectors with a score near 1, but nobody.
 *
 * They are for tests of the path from a frame to a template. Different drawn faces embed close to
 * each other, so they say nothing about recognition.
 */
#ifndef GATEHOUSE_TESTS_SUPPORT_DRAWN_FACE_H
#define GATEHOUSE_TESTS_SUPPORT_DRAWN_FACE_H

#include <stddef.h>
#include <stdint.h>

/* RGB memory of the test's. */
struct drawn_canvas {
	uint8_t *rgb;
	uint32_t width_px;
	uint32_t height_px;
	size_t stride_bytes;
};

/* A face from forehead to chin, with hair, neck and shoulders around. */
struct drawn_face {
	float x_px, y_px;   /* middle of the face */
	float height_px;    /* from the hair's line to the chin */
	float roll_degrees; /* clockwise in the picture */
	float turn;         /* -1..1: features moved to image-right..image-left, as when turning */
	float eyes_open;    /* 0 closed, 1 open */
	uint8_t skin[3];
	uint8_t hair[3];
	uint8_t clothes[3];
};

/* A frontal face with open eyes. */
struct drawn_face drawn_face_usual(float x_px, float y_px, float height_px);

/* Fill the canvas with one colour that changes a little from place to place. */
void drawn_fill(const struct drawn_canvas *canvas, uint8_t red, uint8_t green, uint8_t blue);

/* Paint a face over what is there. */
void drawn_face_paint(const struct drawn_canvas *canvas, const struct drawn_face *face);

/* Average over (2 radius + 1) squared pixels, twice. */
void drawn_blur(const struct drawn_canvas *canvas, uint32_t radius_px);

/* Multiply by gain, then add, within 0..255. */
void drawn_light(const struct drawn_canvas *canvas, float gain, float add);

/* Add uniform noise of +-amplitude from a seed. */
void drawn_noise(const struct drawn_canvas *canvas, uint32_t seed, uint32_t amplitude);

#endif
