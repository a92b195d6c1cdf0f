/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the calibration: the rules of its content and what an open one is. */
#ifndef GALLERY_CALIBRATION_CONTENT_H
#define GALLERY_CALIBRATION_CONTENT_H

#include "gatehouse/gallery/calibration_file.h"

struct gh_calibration {
	struct gh_calibration_content content;
};

/*
 * Check the rules that no single line shows: monotonic curves, a tail that joins them, counts that
 * bear out what is called measured. GH_OK or GH_MALFORMED.
 */
GH_MUST_USE enum gh_status gh_calibration_content_check(
	const struct gh_calibration_content *content, struct gh_error *error);

#endif
