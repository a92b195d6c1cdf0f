/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the calibration: the rules of its content and what an open one is. */
#ifndef GALLERY_CALIBRATION_CONTENT_H
#define GALLERY_CALIBRATION_CONTENT_H

#include "gatehouse/crypto/hash.h"
#include "gatehouse/crypto/signature.h"
#include "gatehouse/gallery/calibration_file.h"

/* One curve of an open file, as its callers know it. */
struct gh_calibration {
	struct gh_calibration_facts facts;
	const struct gh_calibration_curve *curve;
	struct gh_calibration_open *file;
};

/* An open file. The first handle stands for all of it. */
struct gh_calibration_open {
	struct gh_calibration handles[GH_CALIBRATION_CURVES_MAX];
	struct gh_calibration_content content;
	struct gh_sha256 signed_hash; /* of what the signature is over */
	bool is_signed;
	struct gh_signature signature;
};

/* What is signed: these words, then the hash of the text up to and with the line "end". */
#define GH_CALIBRATION_SIGNED_WORDS "gatehouse calibration\n"
#define GH_CALIBRATION_SIGNED_BYTES (sizeof(GH_CALIBRATION_SIGNED_WORDS) - 1 + 32)
void gh_calibration_signed_message(
	const struct gh_sha256 *hash, uint8_t message[GH_CALIBRATION_SIGNED_BYTES]);

/* Free an open file and what it holds. NULL safe. */
void gh_calibration_open_free(struct gh_calibration_open *file);

/*
 * Check the rules that no single line shows: monotonic curves, a tail that joins them, counts that
 * bear out what is called measured. GH_OK or GH_MALFORMED.
 */
GH_MUST_USE enum gh_status gh_calibration_content_check(
	const struct gh_calibration_content *content, struct gh_error *error);

#endif
