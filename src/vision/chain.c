/* SPDX-License-Identifier: Apache-2.0 */
/* Loading the models of a session, and running them in their order. */
#include "chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Counted up when a step between the networks changes what templates come out. */
#define CHAIN_VERSION 2

enum gh_status gh_chain_start_engine(struct gh_chain *chain,
	const struct gh_vision_options *options, const struct gh_models *models,
	struct gh_error *error)
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

struct loading {
	const struct gh_vision_options *options;
	const struct gh_models *models;
	struct gh_bytes *identity;
	enum gh_chain_use use;
};

/* What changes a template is part of the chain's identity, the rest is not. */
static bool makes_templates(enum gh_role role)
{
	return role == GH_ROLE_DETECTOR || role == GH_ROLE_LANDMARKS || role == GH_ROLE_EMBEDDER;
}

/* A portrait is looked at once, and was made of somebody. */
static bool is_used(enum gh_role role, enum gh_chain_use use)
{
	return use == GH_CHAIN_LIVE || (role != GH_ROLE_LIVENESS && role != GH_ROLE_CONFIRMER);
}

static enum gh_status identify(const struct loading *loading, const struct gh_form *form,
	const struct gh_model *model, struct gh_error *error)
{
	enum gh_status status = gh_form_print(form, loading->identity, error);

	if (status == GH_OK)
		status = gh_bytes_append(
			loading->identity, model->hash.bytes, sizeof(model->hash.bytes), error);
	return status;
}

enum gh_status gh_chain_open(
	struct gh_chain *chain, enum gh_role role, struct gh_view bytes, struct gh_error *error)
{
	const struct gh_network_contract *contract = &chain->set.forms[role].contract;

	if (contract->kind == GH_NETWORK_DLIB_FIVE)
		return gh_five_open(bytes, &chain->five, error);
	return chain->kind->open(contract, bytes, &chain->networks[role], error);
}

static enum gh_status load(struct gh_chain *chain, const struct loading *loading, enum gh_role role,
	struct gh_error *error)
{
	const struct gh_form *form = &chain->set.forms[role];
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	enum gh_status status = gh_models_load(
		loading->models, loading->options->models_directory, form->model, &bytes, error);

	if (status == GH_OK)
		status = gh_chain_open(chain, role, gh_bytes_view(&bytes), error);
	if (status == GH_OK && makes_templates(role))
		status = identify(loading, form,
			gh_models_find(loading->models, form->model, MODEL_PREPARED), error);
	gh_bytes_finish(&bytes);
	if (status != GH_OK)
		gh_error_wrap(error, "loading %s", form->model);
	return status;
}

static enum gh_status load_all(
	struct gh_chain *chain, const struct loading *loading, struct gh_error *error)
{
	struct gh_sha256 hash;
	enum gh_status status = gh_bytes_print(loading->identity, error,
		"gatehouse chain %d flip %d\n", CHAIN_VERSION, chain->flip);

	for (int role = 0; role < GH_ROLES && status == GH_OK; role++) {
		if (chain->set.has[role] && is_used((enum gh_role)role, loading->use))
			status = load(chain, loading, (enum gh_role)role, error);
	}
	if (status == GH_OK)
		status = gh_sha256_of(gh_bytes_view(loading->identity), &hash, error);
	if (status == GH_OK)
		memcpy(chain->id.bytes, hash.bytes, sizeof(chain->id.bytes));
	return status;
}

/* Sets and descriptions stand beside the list of models. */
enum gh_status gh_chain_folder(
	const struct gh_vision_options *options, char folder[4096], struct gh_error *error)
{
	const char *last = strrchr(options->models_manifest, '/');
	int length =
		snprintf(folder, 4096, "%.*s", last ? (int)(last - options->models_manifest) : 1,
			last ? options->models_manifest : ".");

	if (length < 0 || length >= 4096)
		return gh_error_set(error, GH_TOO_LARGE, "path of the list of models");
	return GH_OK;
}

enum gh_status gh_chain_read_set(
	struct gh_chain *chain, const struct gh_vision_options *options, struct gh_error *error)
{
	char folder[4096];
	enum gh_status status = gh_chain_folder(options, folder, error);

	if (status == GH_OK)
		status = gh_model_set_read(folder, options->model_set, &chain->set, error);
	return status;
}

/* The picture that is measured serves the embedder too where that wants the same. */
static bool wants_aligned(const struct gh_network_contract *embedder)
{
	return embedder->convention == GH_CENTRES && embedder->input.sizes[2] == ALIGNED_SIDE_PX &&
		!memcmp(embedder->points, gh_aligned_points, sizeof(embedder->points));
}

static enum gh_status take_chip(struct gh_chain *chain, struct gh_error *error)
{
	const struct gh_network_contract *embedder = &chain->set.forms[GH_ROLE_EMBEDDER].contract;

	chain->chip = chain->aligned;
	if (wants_aligned(embedder))
		return GH_OK;
	chain->chip = calloc(gh_tensor_length(&embedder->input), 1);
	return chain->chip ? GH_OK : gh_error_set(error, GH_NO_MEMORY, "picture of a face");
}

static enum gh_status take_scratch(
	struct gh_chain *chain, struct gh_extent extent, struct gh_error *error)
{
	uint32_t side = extent.width_px > extent.height_px ? extent.width_px : extent.height_px;
	/* The least reduction is by two either way. */
	size_t bytes = 3 * ((size_t)extent.width_px / 2 + 1) * (extent.height_px / 2 + 1);
	enum gh_status status = gh_resizer_init(&chain->resizer, side, CROP_SIDE_MAX_PX, error);

	if (status == GH_OK)
		status = take_chip(chain, error);
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
	chain->flip = options->flip;
	if (options->models_manifest && options->models_directory)
		status = gh_models_read(options->models_manifest, models, error);
	else
		status = gh_error_set(error, GH_SETTINGS, "no list or folder of models is set");
	if (status == GH_OK)
		status = gh_chain_read_set(chain, options, error);
	if (status == GH_OK)
		status = gh_chain_start_engine(chain, options, models, error);
	if (status == GH_OK)
		status = load_all(chain, &loading, error);
	if (status == GH_OK)
		status = take_scratch(chain, extent, error);
	if (status != GH_OK)
		gh_chain_finish(chain);
	gh_bytes_finish(&identity);
	free(models);
	return status;
}

static size_t chip_pixels(const struct gh_chain *chain)
{
	const int64_t *sizes = chain->set.forms[GH_ROLE_EMBEDDER].contract.input.sizes;

	return (size_t)(sizes[2] * sizes[3]);
}

void gh_chain_finish(struct gh_chain *chain)
{
	for (int role = 0; role < GH_ROLES; role++)
		gh_network_close(chain->networks[role]);
	gh_five_close(chain->five);
	if (chain->chip && chain->chip != chain->aligned) {
		gh_wipe(chain->chip, 3 * chip_pixels(chain));
		free(chain->chip);
	}
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
	for (int role = 0; role < GH_ROLES; role++)
		blank(chain->networks[role]);
	gh_wipe(chain->chip, 3 * chip_pixels(chain));
	gh_resizer_wipe(&chain->resizer);
	gh_wipe(chain->reducer.rgb, chain->reducer.capacity_bytes);
	gh_wipe(chain->aligned, sizeof(chain->aligned));
}

enum gh_status gh_chain_detect(struct gh_chain *chain, const struct gh_canvas *canvas,
	struct gh_faces *faces, struct gh_error *error)
{
	struct gh_network *network = chain->networks[GH_ROLE_DETECTOR];

	if (network->contract->kind == GH_NETWORK_CELLS)
		return gh_centerface(network, &chain->resizer, canvas, faces, error);
	return gh_detect(network, &chain->resizer, canvas, faces, error);
}

/* What the networks beside the template's say of the face. */
static enum gh_status ask(struct gh_chain *chain, const struct gh_image *image,
	const struct gh_box *box, struct gh_description *description, struct gh_error *error)
{
	struct gh_resizer *resizer = &chain->resizer;
	struct gh_network *pose_network = chain->networks[GH_ROLE_POSE];
	struct gh_network *eyes = chain->networks[GH_ROLE_EYES];
	struct gh_network *liveness = chain->networks[GH_ROLE_LIVENESS];
	enum gh_status status = GH_OK;

	description->has_pose = pose_network != NULL;
	description->has_eyes = eyes && description->landmarks.has_all;
	description->has_liveness = liveness != NULL;
	if (description->has_pose)
		status = gh_head_pose(pose_network, resizer, image, box, &description->pose, error);
	if (status == GH_OK && description->has_eyes)
		status = gh_eye_state(eyes, resizer, image, &description->landmarks,
			description->eyes_open, error);
	if (status == GH_OK && description->has_liveness)
		status = gh_liveness(
			liveness, resizer, image, box, &description->attack_log_odds, error);
	return status;
}

static enum gh_status find_landmarks(struct gh_chain *chain, const struct gh_image *image,
	const struct gh_face *face, struct gh_landmarks *landmarks, struct gh_error *error)
{
	struct gh_network *network = chain->networks[GH_ROLE_LANDMARKS];

	if (chain->five)
		return gh_five_points(chain->five, image, &face->box, landmarks, error);
	if (network)
		return gh_landmark(network, &chain->resizer, image, &face->box, landmarks, error);
	/* The set was checked: its detector gives the points. */
	memcpy(landmarks->five, face->points, sizeof(face->points));
	return GH_OK;
}

/* Cut out what is measured, and what the embedder wants where that is not the same. */
static void align(
	struct gh_chain *chain, const struct gh_image *image, struct gh_description *description)
{
	const struct gh_network_contract *embedder = &chain->set.forms[GH_ROLE_EMBEDDER].contract;
	const struct gh_landmarks *landmarks = &description->landmarks;
	struct gh_alignment measured = { landmarks->five, gh_aligned_points, ALIGNED_SIDE_PX };
	struct gh_alignment embedded = { landmarks->five, embedder->points,
		(uint32_t)embedder->input.sizes[2] };
	struct gh_similarity map;

	gh_align(image, &chain->reducer, &measured, &description->map, chain->aligned);
	if (chain->chip == chain->aligned)
		return;
	if (embedder->convention == GH_CORNERS)
		embedded.from = landmarks->corners;
	gh_align(image, &chain->reducer, &embedded, &map, chain->chip);
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
	enum gh_status status;

	memset(description, 0, sizeof(*description));
	status = find_landmarks(chain, image, face, &description->landmarks, error);
	if (status == GH_OK)
		status = ask(chain, image, &face->box, description, error);
	if (status != GH_OK)
		return status;
	if (description->has_pose)
		measured.pose = &description->pose;
	if (description->has_eyes)
		measured.eyes_open = description->eyes_open;
	align(chain, image, description);
	gh_measure(&measured, stage, quality);
	return GH_OK;
}

enum gh_status gh_chain_embed(
	struct gh_chain *chain, struct gh_template *made, struct gh_error *error)
{
	return gh_feature(chain->networks[GH_ROLE_EMBEDDER], chain->chip, chain->flip, made, error);
}
