/* SPDX-License-Identifier: Apache-2.0 */
/* Checking a set of models, network by network and then all together on a drawn face. */
#include "gatehouse/vision/model.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/clock.h"

#include "chain.h"
#include "confirm.h"
#include "specimen.h"

#define TIMED_RUNS 5

/* How well the drawn face has to be found: intersection over union, and eyes of its height. */
#define BOX_OVERLAP_MIN 0.5f
#define EYE_OFF_MAX 0.08f

/* Two pictures of one drawn face, one moved a little, are alike at least so much. */
#define ALIKE_MIN 0.9f

_Static_assert(GH_MODEL_ROLES == GH_ROLES, "the contract names all roles");

struct checking {
	const struct gh_vision_options *options;
	void (*tell)(void *ctx, const struct gh_model_check *check);
	void *ctx;
	struct gh_model_verdict *verdict;
	struct gh_models models;
	struct gh_chain chain;
	uint8_t rgb[3 * SPECIMEN_WIDTH_PX * SPECIMEN_HEIGHT_PX];
};

static bool vtell(struct checking *checking, struct gh_model_check *check, const char *format,
	va_list arguments)
{
	char text[256];

	vsnprintf(text, sizeof(text), format, arguments);
	check->text = text;
	checking->verdict->passed += check->passed;
	checking->verdict->failed += !check->passed;
	checking->tell(checking->ctx, check);
	return check->passed;
}

__attribute__((format(printf, 3, 4))) static bool told(
	struct checking *checking, struct gh_model_check check, const char *format, ...)
{
	va_list arguments;
	bool passed;

	va_start(arguments, format);
	passed = vtell(checking, &check, format, arguments);
	va_end(arguments);
	return passed;
}

static bool told_status(struct checking *checking, const char *network, const char *what,
	enum gh_status status, const struct gh_error *error)
{
	struct gh_model_check check = {
		.network = network, .what = what, .passed = status == GH_OK
	};

	return told(checking, check, "%s", status == GH_OK ? "" : error->text);
}

/* Something to run on that is the same everywhere: a wave over the range that pixels have. */
static void fill_input(const struct gh_network *network)
{
	const struct gh_network_contract *contract = network->contract;
	size_t length = gh_tensor_length(&contract->input);
	struct gh_scaling scaling = contract->scalings[0];

	for (size_t i = 0; i < length; i++) {
		float pixel = 127.5f + 120.0f * sinf((float)(i % 977) * 0.013f);

		network->input[i] = (pixel - scaling.mean) * scaling.scale;
	}
}

static enum gh_status time_run(
	struct gh_network *network, uint32_t *best_us, struct gh_error *error)
{
	const struct gh_clock *clock = gh_clock_system();
	uint64_t from_us = clock->monotonic_us(clock), took_us;
	enum gh_status status = gh_network_run(network, error);

	took_us = clock->monotonic_us(clock) - from_us;
	if (*best_us == 0 || took_us < *best_us)
		*best_us = took_us > 0 ? (uint32_t)took_us : 1;
	return status;
}

/* All outputs lie in one block behind the input. */
static size_t outputs_length(const struct gh_network *network)
{
	const struct gh_network_contract *contract = network->contract;
	uint32_t last = contract->output_count - 1;

	return (size_t)(network->outputs[last] - network->outputs[0]) +
		gh_tensor_length(&contract->outputs[last]);
}

static enum gh_status run_again(
	struct gh_network *network, bool *same, uint32_t *best_us, struct gh_error *error)
{
	size_t bytes = outputs_length(network) * sizeof(float);
	float *first = malloc(bytes);
	enum gh_status status = GH_OK;

	if (!first)
		return gh_error_set(error, GH_NO_MEMORY, "outputs");
	fill_input(network);
	status = time_run(network, best_us, error);
	memcpy(first, network->outputs[0], bytes);
	*same = true;
	for (int i = 1; i < TIMED_RUNS && status == GH_OK; i++) {
		fill_input(network);
		status = time_run(network, best_us, error);
		*same = *same && !memcmp(first, network->outputs[0], bytes);
	}
	free(first);
	return status;
}

static bool check_run(struct checking *checking, struct gh_network *network)
{
	struct gh_model_check check = { .network = network->contract->model, .what = "runs" };
	struct gh_error error = GH_ERROR_NONE;
	bool same = false;

	if (run_again(network, &same, &check.time_us, &error) != GH_OK)
		return told(checking, check, "%s", error.text);
	check.passed = same;
	if (!same)
		return told(checking, check, "the same input gives another output");
	return told(checking, check, "finite, the same %d times, %.2f ms", TIMED_RUNS,
		check.time_us / 1e3);
}

static bool check_open(struct checking *checking, enum gh_role role, struct gh_view bytes)
{
	const struct gh_form *form = &checking->chain.set.forms[role];
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = gh_chain_open(&checking->chain, role, bytes, &error);
	struct gh_model_check check = {
		.network = form->model, .what = "tensors", .passed = status == GH_OK
	};

	if (status != GH_OK)
		return told(checking, check, "%s", error.text);
	return told(
		checking, check, "as described, kind %s", gh_form_kind_name(form->contract.kind));
}

static bool check_network(struct checking *checking, enum gh_role role)
{
	const struct gh_form *form = &checking->chain.set.forms[role];
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = gh_models_load(&checking->models,
		checking->options->models_directory, form->model, &bytes, &error);
	bool passed = told_status(checking, form->model, "file", status, &error);

	if (passed)
		passed = check_open(checking, role, gh_bytes_view(&bytes));
	gh_bytes_finish(&bytes);
	if (passed && checking->chain.networks[role])
		passed = check_run(checking, checking->chain.networks[role]);
	return passed;
}

/* One look at the drawn face by the whole chain. */
struct look {
	struct gh_faces faces;
	struct gh_description description;
	struct gh_quality quality;
	struct gh_template made;
};

static bool check_face(struct checking *checking, struct gh_chain *chain,
	const struct gh_image *image, struct look *look)
{
	struct gh_canvas canvas = { image, 0.0f };
	struct gh_box drawn = gh_specimen_box();
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = gh_chain_detect(chain, &canvas, &look->faces, &error);
	struct gh_model_check check = { .network = "set", .what = "face" };
	float overlap =
		look->faces.count > 0 ? gh_box_overlap(&drawn, &look->faces.list[0].box) : 0.0f;

	if (status != GH_OK)
		return told(checking, check, "%s", error.text);
	check.passed = look->faces.count == 1 && overlap >= BOX_OVERLAP_MIN;
	return told(checking, check, "%" PRIu32 " found where 1 is drawn, overlap %.2f, score %.2f",
		look->faces.count, (double)overlap,
		look->faces.count > 0 ? (double)look->faces.list[0].score : 0.0);
}

/* The second detector, where there is one, has to agree. */
static bool check_confirmed(struct checking *checking, struct gh_chain *chain,
	const struct gh_image *image, const struct look *look)
{
	struct gh_model_check check = { .network = "set", .what = "confirmed" };
	struct gh_error error = GH_ERROR_NONE;
	float heat;

	if (!chain->networks[GH_ROLE_CONFIRMER])
		return true;
	if (gh_confirm_face(chain, image, &look->faces.list[0].box, &heat, &error) != GH_OK)
		return told(checking, check, "%s", error.text);
	check.passed = heat >= CONFIRM_HEAT_MIN;
	return told(checking, check, "heat %.2f, at least %.2f", (double)heat,
		(double)CONFIRM_HEAT_MIN);
}

static bool check_points(struct checking *checking, struct gh_chain *chain,
	const struct gh_image *image, struct look *look)
{
	struct gh_stage stage = { .seen_width_px = image->width_px,
		.seen_height_px = image->height_px,
		.frame_height_px = image->height_px };
	struct gh_box drawn = gh_specimen_box();
	struct gh_error error = GH_ERROR_NONE;
	struct gh_model_check check = { .network = "set", .what = "points" };
	struct gh_point eyes[2];
	float off = 0.0f;

	if (gh_chain_describe(chain, image, &look->faces.list[0], &stage, &look->description,
		    &look->quality, &error) != GH_OK)
		return told(checking, check, "%s", error.text);
	gh_specimen_eyes(eyes);
	for (int i = 0; i < 2; i++)
		off = fmaxf(off,
			hypotf(look->description.landmarks.five[i].x - eyes[i].x,
				look->description.landmarks.five[i].y - eyes[i].y));
	off /= gh_box_height(&drawn);
	check.passed = off <= EYE_OFF_MAX;
	return told(checking, check, "eyes at most %.3f of the face's height off", (double)off);
}

/* What the networks beside the template's say has to lie where it can lie at all. */
static bool check_ranges(struct checking *checking, const struct gh_description *d)
{
	struct gh_model_check check = { .network = "set", .what = "ranges", .passed = true };

	if (d->has_pose)
		check.passed = fabsf(d->pose.yaw_degrees) < 45.0f &&
			fabsf(d->pose.pitch_degrees) < 45.0f && fabsf(d->pose.roll_degrees) < 45.0f;
	for (int i = 0; i < 2 && d->has_eyes; i++)
		check.passed = check.passed && d->eyes_open[i] >= 0.0f && d->eyes_open[i] <= 1.0f;
	if (d->has_liveness)
		check.passed = check.passed && isfinite(d->attack_log_odds);
	return told(checking, check, "yaw %.1f, pitch %.1f, roll %.1f; eyes %.2f %.2f; attack %.1f",
		(double)d->pose.yaw_degrees, (double)d->pose.pitch_degrees,
		(double)d->pose.roll_degrees, (double)d->eyes_open[0], (double)d->eyes_open[1],
		(double)d->attack_log_odds);
}

static bool check_template(
	struct checking *checking, struct gh_chain *chain, struct gh_template *made)
{
	struct gh_model_check check = { .network = "set", .what = "template" };
	struct gh_error error = GH_ERROR_NONE;
	struct gh_template again;
	float length;

	if (gh_chain_embed(chain, made, &error) != GH_OK ||
		gh_chain_embed(chain, &again, &error) != GH_OK)
		return told(checking, check, "%s", error.text);
	length = gh_template_score(made, made);
	check.passed = fabsf(length - 1.0f) < 1e-3f && !memcmp(made, &again, sizeof(again));
	return told(checking, check, "length %.4f, %s", (double)length,
		check.passed ? "the same twice" : "another one the second time");
}

/* Some pixels cut off at two sides: everything is found anew, and is the same face. */
static bool check_moved(struct checking *checking, struct gh_chain *chain,
	const struct gh_image *image, const struct gh_template *made)
{
	struct gh_image moved = { image->rgb + 6 * image->stride_bytes + 3 * 10,
		image->width_px - 10, image->height_px - 6, image->stride_bytes };
	struct gh_model_check check = { .network = "set", .what = "moved" };
	struct gh_canvas canvas = { &moved, 0.0f };
	struct gh_stage stage = { .seen_width_px = moved.width_px,
		.seen_height_px = moved.height_px,
		.frame_height_px = moved.height_px };
	struct gh_error error = GH_ERROR_NONE;
	struct gh_template other;
	struct look look;
	float score;

	if (gh_chain_detect(chain, &canvas, &look.faces, &error) != GH_OK || !look.faces.count ||
		gh_chain_describe(chain, &moved, &look.faces.list[0], &stage, &look.description,
			&look.quality, &error) != GH_OK ||
		gh_chain_embed(chain, &other, &error) != GH_OK)
		return told(checking, check, "not found again %s", error.text);
	score = gh_template_score(made, &other);
	check.passed = score >= ALIKE_MIN;
	return told(checking, check, "cosine %.4f with the face before", (double)score);
}

static void check_together(struct checking *checking)
{
	struct gh_extent extent = { SPECIMEN_WIDTH_PX, SPECIMEN_HEIGHT_PX };
	struct gh_image image = { checking->rgb, SPECIMEN_WIDTH_PX, SPECIMEN_HEIGHT_PX,
		3 * SPECIMEN_WIDTH_PX };
	struct gh_error error = GH_ERROR_NONE;
	struct gh_chain *chain = malloc(sizeof(*chain));
	struct look look = { 0 };
	enum gh_status status = chain
		? gh_chain_init(chain, checking->options, extent, GH_CHAIN_LIVE, &error)
		: gh_error_set(&error, GH_NO_MEMORY, "chain");

	if (told_status(checking, "set", "loads", status, &error)) {
		gh_specimen_draw(checking->rgb);
		checking->verdict->has_chain = true;
		checking->verdict->chain = chain->id;
		if (check_face(checking, chain, &image, &look) &&
			check_confirmed(checking, chain, &image, &look) &&
			check_points(checking, chain, &image, &look) &&
			check_ranges(checking, &look.description) &&
			check_template(checking, chain, &look.made))
			check_moved(checking, chain, &image, &look.made);
		gh_chain_finish(chain);
	}
	free(chain);
}

static enum gh_status prepare(struct checking *checking, struct gh_error *error)
{
	const struct gh_vision_options *options = checking->options;
	enum gh_status status;

	if (!options->models_manifest || !options->models_directory)
		return gh_error_set(error, GH_SETTINGS, "no list or folder of models is set");
	status = gh_models_read(options->models_manifest, &checking->models, error);
	if (status == GH_OK)
		status = gh_chain_start_engine(&checking->chain, options, &checking->models, error);
	if (status == GH_OK)
		memcpy(checking->verdict->engine, checking->chain.engine_name,
			sizeof(checking->verdict->engine));
	return status;
}

enum gh_status gh_model_check(const struct gh_vision_options *options,
	void (*tell)(void *ctx, const struct gh_model_check *check), void *ctx,
	struct gh_model_verdict *verdict, struct gh_error *error)
{
	struct checking *checking = calloc(1, sizeof(*checking));
	struct gh_error why = GH_ERROR_NONE;
	enum gh_status status, described;

	memset(verdict, 0, sizeof(*verdict));
	if (!checking)
		return gh_error_set(error, GH_NO_MEMORY, "check of models");
	checking->options = options;
	checking->tell = tell;
	checking->ctx = ctx;
	checking->verdict = verdict;
	status = prepare(checking, error);
	if (status == GH_OK) {
		described = gh_chain_read_set(&checking->chain, options, &why);
		if (told_status(checking, "set", "description", described, &why)) {
			for (int role = 0; role < GH_ROLES; role++)
				if (checking->chain.set.has[role])
					check_network(checking, (enum gh_role)role);
			if (verdict->failed == 0)
				check_together(checking);
		}
	}
	gh_chain_finish(&checking->chain);
	free(checking);
	return status;
}
