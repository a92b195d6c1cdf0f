/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of models looked at from outside: which there are, and whether one works here. */
#ifndef GATEHOUSE_VISION_MODEL_H
#define GATEHOUSE_VISION_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "gatehouse/base/error.h"
#include "gatehouse/vision/vision.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Roles of a set: detector, landmarks, embedder, pose, eyes, liveness. */
#define GH_MODEL_ROLES 7

/** One set beside the list of models. */
struct gh_model_listing {
	const char *name;
	bool chosen;                            /**< by the options */
	const char *models[GH_MODEL_ROLES];     /**< NULL: it has none for that role */
	const char *role_names[GH_MODEL_ROLES]; /**< the words for them */
	enum gh_status status;                  /**< GH_OK: descriptions fit, files are in place */
	char reason_text[256];                  /**< else why not; "" with GH_OK */
};

/** What is told of each set or check; borrowed during the call. */
typedef void (*gh_model_tell)(void *ctx, const struct gh_model_listing *listing);

/**
 * Tell every set there is, by name. Files are checked by size and hash, not
 * run. GH_OK, GH_NOT_FOUND (no list, or no folder sets/ beside it),
 * GH_MALFORMED or GH_TOO_LARGE (the list), GH_NO_MEMORY. Any thread; reads
 * every file listed: about 0.1 s.
 */
GH_MUST_USE enum gh_status gh_model_list(const struct gh_vision_options *options,
	gh_model_tell tell, void *ctx, struct gh_error *error);

/** One check of one network, or of all together (network "set"). */
struct gh_model_check {
	const char *network;
	const char *what; /**< "file", "tensors", "runs", "face", "points", "template", ... */
	bool passed;
	const char *text; /**< figures, or what is wrong */
	uint32_t time_us; /**< of one run, the best of several; 0 where nothing was timed */
};

/** What came of all checks. */
struct gh_model_verdict {
	uint32_t passed;
	uint32_t failed;
	char engine[64];
	bool has_chain;
	struct gh_model_chain chain; /**< calibrations and galleries name it */
};

/**
 * Check the set that the options choose: descriptions, hashes, the tensors in
 * the files, finite outputs that are the same twice, and that the networks
 * together find, describe and encode a face drawn by this program. Every check
 * is told; the first that fails for a network ends those of that network.
 *
 * GH_OK         *verdict says how many passed and failed.
 * GH_NOT_FOUND, GH_INTEGRITY, GH_UNSUPPORTED, GH_SETTINGS: nothing could be
 *               checked (no list, no engine). GH_NO_MEMORY.
 * Blocks for some seconds; serves one thread at a time as gh_vision_create().
 */
GH_MUST_USE enum gh_status gh_model_check(const struct gh_vision_options *options,
	void (*tell)(void *ctx, const struct gh_model_check *check), void *ctx,
	struct gh_model_verdict *verdict, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
