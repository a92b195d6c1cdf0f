/* SPDX-License-Identifier: Apache-2.0 */
/* The models of one session and the steps from a picture to a template. */
#ifndef GATEHOUSE_SRC_VISION_CHAIN_H
#define GATEHOUSE_SRC_VISION_CHAIN_H

#include "gatehouse/vision/vision.h"

#include "five.h"
#include "measure.h"
#include "models.h"
#include "networks.h"
#include "set.h"

/** Everything a session needs for pictures up to its size. Serves one thread at a time. */
struct gh_chain {
	const struct gh_engine_kind *kind; /**< set once the engine is ready */
	char engine_name[64];
	struct gh_model_set set;
	bool flip;
	struct gh_network *networks[GH_ROLES]; /**< NULL where the set, or the use, has none */
	struct gh_five *five;                  /**< landmarks by dlib, or NULL */
	struct gh_resizer resizer;
	struct gh_reducer reducer;
	struct gh_model_chain id;
	uint8_t aligned[3 * ALIGNED_PIXELS]; /**< by the centres: what is measured */
	uint8_t *chip; /**< as the embedder wants it: aligned itself, or memory of its own */
};

/** Pictures that will come are at most this large. */
struct gh_extent {
	uint32_t width_px;
	uint32_t height_px;
};

/** What the pictures are: how far a portrait looks like a picture is not asked. */
enum gh_chain_use {
	GH_CHAIN_LIVE,
	GH_CHAIN_PORTRAITS,
};

/** Load what options name. Statuses as gh_vision_create(); on failure *chain is finished. */
GH_MUST_USE enum gh_status gh_chain_init(struct gh_chain *chain,
	const struct gh_vision_options *options, struct gh_extent extent, enum gh_chain_use use,
	struct gh_error *error);

/**
 * The steps of it, for the check of models: make the engine ready, find the
 * folder of sets, read the set chosen, open one of its networks from bytes
 * whose hash was checked. On failure gh_chain_finish() cleans up.
 */
GH_MUST_USE enum gh_status gh_chain_start_engine(struct gh_chain *chain,
	const struct gh_vision_options *options, const struct gh_models *models,
	struct gh_error *error);
GH_MUST_USE enum gh_status gh_chain_folder(
	const struct gh_vision_options *options, char folder[4096], struct gh_error *error);
GH_MUST_USE enum gh_status gh_chain_read_set(
	struct gh_chain *chain, const struct gh_vision_options *options, struct gh_error *error);
GH_MUST_USE enum gh_status gh_chain_open(
	struct gh_chain *chain, enum gh_role role, struct gh_view bytes, struct gh_error *error);

/** Wipe and free. Fine on zeroed memory. */
void gh_chain_finish(struct gh_chain *chain);

/**
 * Overwrite scratch and tensors, and run every network on the blank input so
 * that the engine's own memory holds nobody either. Blocks for those runs.
 */
void gh_chain_wipe(struct gh_chain *chain);

/** Find faces. GH_OK (also with none) or GH_INTERNAL. */
GH_MUST_USE enum gh_status gh_chain_detect(struct gh_chain *chain, const struct gh_canvas *canvas,
	struct gh_faces *faces, struct gh_error *error);

/** What is known of one face, its aligned picture aside, which stays in the chain. */
struct gh_description {
	struct gh_landmarks landmarks;
	struct gh_similarity map;
	bool has_pose; /**< the chain has fr_pose */
	struct gh_head_pose pose;
	bool has_eyes; /**< the chain has fr_eye, and all 68 points were there */
	float eyes_open[2];
	bool has_liveness; /**< the chain has fr_liveness */
	float attack_log_odds;
};

/** Landmarks and alignment of one face, and its measures (but the face counts). */
GH_MUST_USE enum gh_status gh_chain_describe(struct gh_chain *chain, const struct gh_image *image,
	const struct gh_face *face, const struct gh_stage *stage,
	struct gh_description *description, struct gh_quality *quality, struct gh_error *error);

/** The template of the face described last. */
GH_MUST_USE enum gh_status gh_chain_embed(
	struct gh_chain *chain, struct gh_template *made, struct gh_error *error);

#endif
