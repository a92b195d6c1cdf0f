/* SPDX-License-Identifier: Apache-2.0 */
/* All measures of a face, each by its own file. */
#include "kind.h"

#include <math.h>

#include "background_gradient.h"
#include "blockiness.h"
#include "dark_lens_suspected.h"
#include "dynamic_range.h"
#include "eye_glare.h"
#include "eyes_open.h"
#include "head_size.h"
#include "illumination_uniformity.h"
#include "inter_eye_distance.h"
#include "jpeg_quantisation.h"
#include "leftward_crop.h"
#include "lower_face_unlike_skin.h"
#include "luminance_mean.h"
#include "luminance_variance.h"
#include "margin_above.h"
#include "margin_below.h"
#include "mouth_closed.h"
#include "natural_colour.h"
#include "over_exposure_hull.h"
#include "pitch.h"
#include "rightward_crop.h"
#include "roll.h"
#include "sharpness_gradient.h"
#include "single_face_present.h"
#include "smile_suspected.h"
#include "under_exposure_hull.h"
#include "yaw.h"

const struct gh_measure_kind *const gh_measure_kinds[GH_MEASURE_COUNT] = {
	/* The unified quality and what covers the head are never assessed. */
	[GH_MEASURE_BACKGROUND_GRADIENT] = &gh_kind_background_gradient,
	[GH_MEASURE_ILLUMINATION_UNIFORMITY] = &gh_kind_illumination_uniformity,
	[GH_MEASURE_LUMINANCE_MEAN] = &gh_kind_luminance_mean,
	[GH_MEASURE_LUMINANCE_VARIANCE] = &gh_kind_luminance_variance,
	[GH_MEASURE_UNDER_EXPOSURE_HULL] = &gh_kind_under_exposure_hull,
	[GH_MEASURE_OVER_EXPOSURE_HULL] = &gh_kind_over_exposure_hull,
	[GH_MEASURE_DYNAMIC_RANGE] = &gh_kind_dynamic_range,
	[GH_MEASURE_SHARPNESS_GRADIENT] = &gh_kind_sharpness_gradient,
	[GH_MEASURE_JPEG_QUANTISATION] = &gh_kind_jpeg_quantisation,
	[GH_MEASURE_BLOCKINESS] = &gh_kind_blockiness,
	[GH_MEASURE_NATURAL_COLOUR] = &gh_kind_natural_colour,
	[GH_MEASURE_SINGLE_FACE_PRESENT] = &gh_kind_single_face_present,
	[GH_MEASURE_EYES_OPEN] = &gh_kind_eyes_open,
	[GH_MEASURE_MOUTH_CLOSED] = &gh_kind_mouth_closed,
	[GH_MEASURE_EYE_GLARE] = &gh_kind_eye_glare,
	[GH_MEASURE_DARK_LENS] = &gh_kind_dark_lens_suspected,
	[GH_MEASURE_LOWER_FACE_UNLIKE_SKIN] = &gh_kind_lower_face_unlike_skin,
	[GH_MEASURE_INTER_EYE_DISTANCE] = &gh_kind_inter_eye_distance,
	[GH_MEASURE_HEAD_SIZE] = &gh_kind_head_size,
	[GH_MEASURE_LEFTWARD_CROP] = &gh_kind_leftward_crop,
	[GH_MEASURE_RIGHTWARD_CROP] = &gh_kind_rightward_crop,
	[GH_MEASURE_MARGIN_ABOVE] = &gh_kind_margin_above,
	[GH_MEASURE_MARGIN_BELOW] = &gh_kind_margin_below,
	[GH_MEASURE_YAW] = &gh_kind_yaw,
	[GH_MEASURE_PITCH] = &gh_kind_pitch,
	[GH_MEASURE_ROLL] = &gh_kind_roll,
	[GH_MEASURE_SMILE] = &gh_kind_smile_suspected,
};

static struct gh_measure assess(
	const struct gh_measure_kind *kind, const struct gh_prepared *prepared)
{
	struct gh_measure measure = { .component = GH_COMPONENT_NOT_ASSESSED };
	double native = 0.0;

	if (!kind || !kind->native(prepared, &native) || !isfinite((float)native))
		return measure;
	measure.assessed = true;
	measure.native = (float)native;
	if (kind->component)
		measure.component = (int16_t)kind->component(native);
	else
		measure.suspicion =
			native >= kind->suspect_from ? GH_SUSPICION_YES : GH_SUSPICION_NO;
	return measure;
}

void gh_assess(const struct gh_prepared *prepared, struct gh_measures *measures)
{
	for (int i = 0; i < GH_MEASURE_COUNT; i++)
		measures->list[i] = assess(gh_measure_kinds[i], prepared);
}
