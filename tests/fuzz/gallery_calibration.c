/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a calibration: what is accepted must give monotonic rates. */
#include <stdlib.h>

#include "gatehouse/gallery/calibration_file.h"

static void check_curve(const struct gh_calibration *curve)
{
	double last_llr = -1e9;
	double last = 2.0;

	for (float score = -1.1f; score < 1.2f; score += 0.01f) {
		double fmr = gh_calibration_fmr(curve, score, NULL);
		double fnmr = gh_calibration_fnmr(curve, score);
		double llr = gh_calibration_llr(curve, score);

		if (!(fmr >= 0.0 && fmr <= last && fnmr >= 0.0 && fnmr <= 1.0 && llr >= last_llr &&
			    llr <= 50.0))
			abort();
		last = fmr;
		last_llr = llr;
	}
	for (double fmr = 0.5; fmr > 1e-9; fmr /= 3) {
		float score = gh_calibration_score(curve, fmr, NULL);

		if (!(gh_calibration_fmr(curve, score, NULL) <= fmr) &&
			score < GH_SCORE_UNREACHABLE)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct gh_calibration *calibration;

	if (gh_calibration_parse("fuzz", (struct gh_view){ bytes, size }, &calibration, NULL) !=
		GH_OK)
		return 0;
	for (uint32_t frames = 1; frames <= GH_CALIBRATION_CURVES_MAX; frames++)
		check_curve(gh_calibration_averaged(calibration, frames));
	gh_calibration_close(calibration);
	return 0;
}
