/* SPDX-License-Identifier: Apache-2.0 */
/* Whether each eye is open, by a network such as fr_eye. */
#include <math.h>

#include "networks.h"

enum {
	EYE_POINTS = 6,
	CLOSED = 0,
	OPEN = 1
};

/* Six points: outer or inner corner, two of the upper lid, the other corner, two of the lower. */
static struct gh_box around(const struct gh_point eye[EYE_POINTS], float growth)
{
	float half = 0.5f * growth * hypotf(eye[3].x - eye[0].x, eye[3].y - eye[0].y);
	struct gh_point centre = { 0.0f, 0.0f };

	for (int i = 0; i < EYE_POINTS; i++) {
		centre.x += eye[i].x / EYE_POINTS;
		centre.y += eye[i].y / EYE_POINTS;
	}
	/* Points that fell together still give a crop. */
	half = fmaxf(half, 1.0f);
	return (struct gh_box){ centre.x - half, centre.y - half, centre.x + half,
		centre.y + half };
}

enum gh_status gh_eye_state(struct gh_network *network, struct gh_resizer *resizer,
	const struct gh_image *image, const struct gh_landmarks *landmarks, float open[2],
	struct gh_error *error)
{
	static const uint32_t first[2] = { 36, 42 };

	for (int eye = 0; eye < 2; eye++) {
		struct gh_box box = around(landmarks->all + first[eye], network->contract->growth);
		enum gh_status status;

		gh_network_show(network, resizer, image, &box);
		status = gh_network_run(network, error);
		if (status != GH_OK)
			return status;
		open[eye] = 1.0f /
			(1.0f + expf(network->outputs[0][CLOSED] - network->outputs[0][OPEN]));
	}
	return GH_OK;
}
