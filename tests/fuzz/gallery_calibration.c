/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a calibration: what is accepted must give monotonic rates. */
#include <stdlib.h>

#include "gatehouse/gallery/calibration_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct gh_calibration *calibration;
	double last = 2.0;

	if (gh_calibration_parse("fuzz", (struct gh_view){ bytes, size }, &calibration, NULL) !=
		GH_OK)
		return 0;
	for (float score = -1.1f; score < 1.2f; score += 0.01f) {
		double fmr = gh_calibration_fmr(calibration, score, NULL);
		double fnmr = gh_calibration_fnmr(calibration, score);

		if (!(fmr >= 0.0 && fmr <= last && fnmr >= 0.0 && fnmr <= 1.0))
			abort();
		last = fmr;
	}
	for (double fmr = 0.5; fmr > 1e-9; fmr /= 3) {
		float score = gh_calibration_score(calibration, fmr, NULL);

		if (!(gh_calibration_fmr(calibration, score, NULL) <= fmr) &&
			score < GH_SCORE_UNREACHABLE)
			abort();
	}
	gh_calibration_close(calibration);
	return 0;
}
