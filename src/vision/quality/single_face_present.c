/* SPDX-License-Identifier: Apache-2.0 */
/* Single face present. */
#include "single_face_present.h"

#include "mapping.h"

static double area(const struct gh_box *box)
{
	double width = (double)gh_box_width(box), height = (double)gh_box_height(box);

	return width > 0.0 && height > 0.0 ? width * height : 0.0;
}

static bool native(const struct gh_prepared *prepared, double *native)
{
	const struct gh_faces *faces = prepared->stage->faces;
	double largest = 0.0, second = 0.0;

	if (!faces)
		return false;
	for (uint32_t i = 0; i < faces->count && i < FACES_MAX; i++) {
		double here = area(&faces->list[i].box);

		if (here > largest) {
			second = largest;
			largest = here;
		} else if (here > second) {
			second = here;
		}
	}
	if (!(largest > 0.0))
		return false;
	*native = second / largest;
	return true;
}

static int component(double native)
{
	return gh_component_round(100.0 * (1.0 - native));
}

const struct gh_measure_kind gh_kind_single_face_present = { .native = native,
	.component = component };
