/* SPDX-License-Identifier: Apache-2.0 */
/* Landmarks in the face's own coordinates, as drawn_face.c paints it. */
#include "support/vision/drawn_marks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct gh_point place(const struct drawn_face *face, float x, float y)
{
	float angle = face->roll_degrees / 57.29578f;

	return (struct gh_point){ face->x_px +
			face->height_px * (x * cosf(angle) - y * sinf(angle)),
		face->y_px + face->height_px * (x * sinf(angle) + y * cosf(angle)) };
}

static void jaw(const struct drawn_face *face, struct gh_point *all)
{
	for (int i = 0; i < 17; i++) {
		float angle = 3.1415927f * (float)(16 - i) / 16.0f;

		all[i] = place(face, 0.355f * cosf(angle), -0.05f + 0.55f * sinf(angle));
	}
}

static void brows(const struct drawn_face *face, struct gh_point *all)
{
	for (int i = 0; i < 5; i++) {
		float along = -0.09f + 0.045f * (float)i;

		all[17 + i] = place(face, -0.155f + along, -0.150f + 1.8f * along * along);
		all[22 + i] = place(face, 0.155f + along, -0.150f + 1.8f * along * along);
	}
}

static void nose(const struct drawn_face *face, struct gh_point *all)
{
	for (int i = 0; i < 4; i++)
		all[27 + i] = place(face, 0.0f, -0.06f + 0.06f * (float)i);
	for (int i = 0; i < 5; i++)
		all[31 + i] = place(face, -0.06f + 0.03f * (float)i, 0.165f);
}

/* Corners, and lids at a third of the way, as high as the eye is open. */
static void eye(const struct drawn_face *face, float x, struct gh_point *all)
{
	float lid = 0.008f + 0.026f * face->eyes_open;

	all[0] = place(face, x - 0.066f, -0.06f);
	all[1] = place(face, x - 0.022f, -0.06f - 0.94f * lid);
	all[2] = place(face, x + 0.022f, -0.06f - 0.94f * lid);
	all[3] = place(face, x + 0.066f, -0.06f);
	all[4] = place(face, x + 0.022f, -0.06f + 0.94f * lid);
	all[5] = place(face, x - 0.022f, -0.06f + 0.94f * lid);
}

static void mouth(const struct drawn_face *face, struct gh_point *all)
{
	static const float outer[12][2] = { { -0.12f, 0.27f }, { -0.08f, 0.25f }, { -0.04f, 0.24f },
		{ 0.0f, 0.245f }, { 0.04f, 0.24f }, { 0.08f, 0.25f }, { 0.12f, 0.27f },
		{ 0.08f, 0.3f }, { 0.04f, 0.31f }, { 0.0f, 0.313f }, { -0.04f, 0.31f },
		{ -0.08f, 0.3f } };
	static const float inner[8][2] = { { -0.1f, 0.271f }, { -0.05f, 0.268f }, { 0.0f, 0.268f },
		{ 0.05f, 0.268f }, { 0.1f, 0.271f }, { 0.05f, 0.276f }, { 0.0f, 0.276f },
		{ -0.05f, 0.276f } };

	for (int i = 0; i < 12; i++)
		all[48 + i] = place(face, outer[i][0], outer[i][1]);
	for (int i = 0; i < 8; i++)
		all[60 + i] = place(face, inner[i][0], inner[i][1]);
}

void drawn_marks(const struct drawn_face *face, struct gh_landmarks *landmarks)
{
	struct gh_point *all = landmarks->all, *five = landmarks->five;

	memset(landmarks, 0, sizeof(*landmarks));
	landmarks->has_all = true;
	jaw(face, all);
	brows(face, all);
	nose(face, all);
	eye(face, -0.155f, all + 36);
	eye(face, 0.155f, all + 42);
	mouth(face, all);
	five[0] = place(face, -0.155f, -0.06f);
	five[1] = place(face, 0.155f, -0.06f);
	five[2] = all[30];
	five[3] = all[48];
	five[4] = all[54];
}

struct gh_box drawn_box(const struct drawn_face *face)
{
	return (struct gh_box){ face->x_px - 0.36f * face->height_px,
		face->y_px - 0.42f * face->height_px, face->x_px + 0.36f * face->height_px,
		face->y_px + 0.5f * face->height_px };
}

void drawn_measure_marks(const struct drawn_canvas *canvas, const struct gh_landmarks *landmarks,
	const struct gh_face *found, const struct gh_jpeg_trace *jpeg, struct gh_quality *quality)
{
	static uint8_t aligned[3 * ALIGNED_PIXELS];
	struct gh_image image = { canvas->rgb, canvas->width_px, canvas->height_px,
		canvas->stride_bytes };
	size_t bytes = 3 * ((size_t)image.width_px / 2 + 1) * (image.height_px / 2 + 1);
	struct gh_reducer reducer = { malloc(bytes), bytes };
	struct gh_faces faces = { .count = 1 };
	struct gh_image size = { NULL, ALIGNED_SIDE_PX, ALIGNED_SIDE_PX, 0 };
	struct gh_similarity map, back;
	struct gh_measured measured = { .face = found,
		.landmarks = landmarks,
		.map = &map,
		.aligned = aligned,
		.image = &image };
	struct gh_stage stage = gh_stage_whole(&image);

	if (!reducer.rgb)
		abort();
	faces.list[0] = *found;
	stage.faces = &faces;
	if (jpeg)
		stage.jpeg = *jpeg;
	memset(quality, 0, sizeof(*quality));
	map = gh_similarity_fit(landmarks->five, gh_aligned_points, FIVE_POINTS);
	back = gh_similarity_inverse(&map);
	gh_image_sample(&image, &reducer, &back, &size, aligned, 0);
	gh_measure(&measured, &stage, quality);
	free(reducer.rgb);
}

void drawn_measure(const struct drawn_canvas *canvas, const struct drawn_face *face,
	const struct gh_jpeg_trace *jpeg, struct gh_quality *quality)
{
	struct gh_face found = { .box = drawn_box(face), .score = 1.0f };
	struct gh_landmarks landmarks;

	drawn_marks(face, &landmarks);
	drawn_measure_marks(canvas, &landmarks, &found, jpeg, quality);
}
