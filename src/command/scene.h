/* SPDX-License-Identifier: Apache-2.0 */
/* Draws the demo's scenes: people's pictures put into a hall, moving a little. */
#ifndef GATEHOUSE_SRC_COMMAND_SCENE_H
#define GATEHOUSE_SRC_COMMAND_SCENE_H

#include <stdbool.h>

#include "gatehouse/vision/picture.h"

#define SCENE_WIDTH_PX 1280
#define SCENE_HEIGHT_PX 720
#define SCENE_PEOPLE_MAX 4

/* One person: the picture, where its face is in it, and where it is to stand. */
struct scene_person {
	struct gh_picture picture;
	float face_x; /* centre and height of the face's box, in picture pixels */
	float face_y;
	float face_height_px;
	float at_x; /* where the centre goes, in parts of the scene */
	float at_y;
	float height; /* of the face, in parts of the scene's height */
	bool printed; /* a simulated print of the picture is held up instead */
	float light; /* of the picture's, on head and shoulders: 1 as taken, less before a window */
};

/* Draw frame number of a scene of count people into rgb (SCENE_WIDTH x SCENE_HEIGHT x 3). */
void scene_draw(const struct scene_person *people, size_t count, uint32_t number, uint8_t *rgb);

#endif
