/* SPDX-License-Identifier: Apache-2.0 */
/* Loading the models of a session, and running them in their order. */
#include "chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Counted up when a step between the networks changes what templates come out. */
#define CHAIN_VERSION 1

static enum gh_status start_engine(struct gh_chain *chain, const struct gh_vision_options *options,
	const struct gh_models *models, struct gh_error *error)
{
	const struct gh_engine_kind *kind;
	char loadable[64] = "";
	char version[32] = "";
	int descriptor = -1;
	enum gh_status status = gh_engine_find(options->engine, &kind, error);

	if (status == GH_OK && kind->needs_library)
		status = gh_models_open_library(
			models, options->engine_library, loadable, &descriptor, error);
	if (status == GH_OK)
		status = kind->init(loadable, version, error);
	if (descriptor >= 0)
		close(descriptor);
	if (status != GH_OK)
		return status;
	chain->kind = kind;
	snprintf(chain->engine_name, sizeof(chain->engine_name), "%s %s", kind->name, version);
	return GH_OK;
}

/* What one network adds to the chain's identity. */
struct loading {
	const struct gh_vision_options *options;
	const struct gh_models *models;
	struct gh_bytes *identity;
	enum gh_chain_use use;
};

static enum gh_status load(struct gh_chain *chain, const struct loading *loading,
	const struct gh_network_contract *contract, struct gh_network **network,
	struct gh_error *error)
{
	const struct gh_model *model =
		gh_models_find(loading->models, contract->model, MODEL_PREPARED);
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	enum gh_status status = gh_models_load(loading->models, loading->options->models_directory,
		contract->model, &bytes, error);

	if (status == GH_OK)
		status = chain->kind->open(contract, gh_bytes_view(&bytes), network, error);
	if (status == GH_OK)
		status = gh_bytes_append(
			loading->identity, model->hash.bytes, sizeof(model->hash.bytes), error);
	gh_bytes_finish(&bytes);
	if (status != GH_OK)
		gh_error_wrap(error, "loading %s", contract->model);
	return status;
}

/* What does not change a template is not part of the chain's identity, and may be left out. */
static enum gh_status load_beside(struct gh_chain *chain, const struct loading *loading,
	const struct gh_network_contract *contract, struct gh_network **network,
	struct gh_error *error)
{
	struct gh_bytes aside = GH_BYTES_EMPTY;
	struct loading beside = { loading->options, loading->models, &aside, loading->use };
	enum gh_status status = GH_OK;

	if (gh_models_find(loading->models, contract->model, MODEL_PREPARED))
		status = load(chain, &beside, contract, network, error);
	gh_bytes_finish(&aside);
	return status;
}

static enum gh_status load_measuring(
	struct gh_chain *chain, const struct loading *loading, struct gh_error *error)
{
	enum gh_status status = load_beside(chain, loading, &gh_contract_pose, &chain->pose, error);

	if (status == GH_OK && chain->source == GH_LANDMARKS_FR_LANDMARK)
		status = load_beside(chain, loading, &gh_contract_eye, &chain->eye, error);
	if (status == GH_OK && loading->use == GH_CHAIN_LIVE)
		status =
			load_beside(chain, loading, &gh_contract_liveness, &chain->liveness, error);
	return status;
}

static enum gh_status load_all(
	struct gh_chain *chain, const struct loading *loading, struct gh_error *error)
{
	bool centerface = chain->source == GH_LANDMARKS_CENTERFACE;
	struct gh_sha256 hash;
	enum gh_status status = gh_bytes_print(loading->identity, error,
		"gatehouse chain %d landmarks %s flip %d\n", CHAIN_VERSION,
		centerface ? "centerface" : "fr_landmark", chain->flip);

	if (status == GH_OK)
		status = load(chain, loading,
			centerface ? &gh_contract_centerface : &gh_contract_detect, &chain->detect,
			error);
	if (status == GH_OK && !centerface)
		status = load(chain, loading, &gh_contract_landmark, &chain->landmark, error);
	if (status == GH_OK)
		status = load(chain, loading, &gh_contract_feature, &chain->feature, error);
	if (status == GH_OK)
		status = gh_sha256_of(gh_bytes_view(loading->identity), &hash, error);
	if (status == GH_OK)
		memcpy(chain->id.bytes, hash.bytes, sizeof(chain->id.bytes));
	return status;
}

static enum gh_status take_scratch(
	struct gh_chain *chain, struct gh_extent extent, struct gh_error *error)
{
	uint32_t side = extent.width_px > extent.height_px ? extent.width_px : extent.height_px;
	/* The least reduction is by two either way. */
	size_t bytes = 3 * ((size_t)extent.width_px / 2 + 1) * (extent.height_px / 2 + 1);
	enum gh_status status = gh_resizer_init(&chain->resizer, side, CROP_SIDE_MAX_PX, error);

	if (status != GH_OK)
		return status;
	chain->reducer.rgb = malloc(bytes);
	if (!chain->reducer.rgb)
		return gh_error_set(error, GH_NO_MEMORY, "scratch of %zu bytes", bytes);
	chain->reducer.capacity_bytes = bytes;
	memset(chain->reducer.rgb, 0, bytes);
	return GH_OK;
}

enum gh_status gh_chain_init(struct gh_chain *chain, const struct gh_vision_options *options,
	struct gh_extent extent, enum gh_chain_use use, struct gh_error *error)
{
	struct gh_models *models = malloc(sizeof(*models));
	struct gh_bytes identity = GH_BYTES_EMPTY;
	struct loading loading = { options, models, &identity, use };
	enum gh_status status;

	memset(chain, 0, sizeof(*chain));
	if (!models)
		return gh_error_set(error, GH_NO_MEMORY, "list of models");
	chain->source = options->landmarks;
	chain->flip = options->flip;
	if (options->models_manifest && options->models_directory)
		status = gh_models_read(options->models_manifest, models, error);
	else
		status = gh_error_set(error, GH_SETTINGS, "no list or folder of models is set");
	if (status == GH_OK)
		status = start_engine(chain, options, models, error);
	if (status == GH_OK)
		status = load_all(chain, &loading, error);
	if (status == GH_OK)
		status = load_measuring(chain, &loading, error);
	if (status == GH_OK)
		status = take_scratch(chain, extent, error);
	if (status != GH_OK)
		gh_chain_finish(chain);
	gh_bytes_finish(&identity);
	free(models);
	return status;
}

void gh_chain_finish(struct gh_chain *chain)
{
	gh_network_close(chain->detect);
	gh_network_close(chain->landmark);
	gh_network_close(chain->feature);
	gh_network_close(chain->pose);
	gh_network_close(chain->eye);
	gh_network_close(chain->liveness);
	gh_resizer_finish(&chain->resizer);
	if (chain->reducer.rgb)
		gh_wipe(chain->reducer.rgb, chain->reducer.capacity_bytes);
	free(chain->reducer.rgb);
	if (chain->kind)
		chain->kind->finish();
	gh_wipe(chain, sizeof(*chain));
}

static void blank(struct gh_network *network)
{
	if (!network)
		return;
	gh_network_wipe(network);
	/* A blank input may well give what is no vector: only its memory matters. */
	if (gh_network_run(network, NULL) != GH_OK)
		gh_network_wipe(network);
	gh_network_wipe(network);
}

void gh_chain_wipe(struct gh_chain *chain)
{
	blank(chain->detect);
	blank(chain->landmark);
	blank(chain->feature);
	blank(chain->pose);
	blank(chain->eye);
	blank(chain->liveness);
	gh_resizer_wipe(&chain->resizer);
	gh_wipe(chain->reducer.rgb, chain->reducer.capacity_bytes);
	gh_wipe(chain->aligned, sizeof(chain->aligned));
}

enum gh_status gh_chain_detect(struct gh_chain *chain, const struct gh_canvas *canvas,
	struct gh_faces *faces, struct gh_error *error)
{
	if (chain->source == GH_LANDMARKS_CENTERFACE)
		return gh_centerface(chain->detect, &chain->resizer, canvas, faces, error);
	return gh_detect(chain->detect, &chain->resizer, canvas, faces, error);
}

/* What the networks beside the template's say of the face. */
static enum gh_status ask(struct gh_chain *chain, const struct gh_image *image,
	const struct gh_box *box, struct gh_description *description, struct gh_error *error)
{
	struct gh_resizer *resizer = &chain->resizer;
	enum gh_status status = GH_OK;

	description->has_pose = chain->pose != NULL;
	description->has_eyes = chain->eye && description->landmarks.has_all;
	description->has_liveness = chain->liveness != NULL;
	if (description->has_pose)
		status = gh_head_pose(chain->pose, resizer, image, box, &description->pose, error);
	if (status == GH_OK && description->has_eyes)
		status = gh_eye_state(chain->eye, resizer, image, &description->landmarks,
			description->eyes_open, error);
	if (status == GH_OK && description->has_liveness)
		status = gh_liveness(
			chain->liveness, resizer, image, box, &description->attack_log_odds, error);
	return status;
}

enum gh_status gh_chain_describe(struct gh_chain *chain, const struct gh_image *image,
	const struct gh_face *face, const struct gh_stage *stage,
	struct gh_description *description, struct gh_quality *quality, struct gh_error *error)
{
	struct gh_measured measured = { .face = face,
		.landmarks = &description->landmarks,
		.map = &description->map,
		.aligned = chain->aligned,
		.image = image };
	enum gh_status status = GH_OK;

	memset(description, 0, sizeof(*description));
	if (face->has_points)
		memcpy(description->landmarks.five, face->points, sizeof(face->points));
	else
		status = gh_landmark(chain->landmark, &chain->resizer, image, &face->box,
			&description->landmarks, error);
	if (status == GH_OK)
		status = ask(chain, image, &face->box, description, error);
	if (status != GH_OK)
		return status;
	if (description->has_pose)
		measured.pose = &description->pose;
	gh_align(
		image, &chain->reducer, &description->landmarks, &description->map, chain->aligned);
	gh_measure(&measured, stage, quality);
	return GH_OK;
}

enum gh_status gh_chain_embed(
	struct gh_chain *chain, struct gh_template *made, struct gh_error *error)
{
	return gh_feature(chain->feature, chain->aligned, chain->flip, made, error);
}
