/* SPDX-License-Identifier: Apache-2.0 */
/* The cues in their order; means over frames, because one frame of a capture can mislead. */
#include "scan.h"

#include <math.h>
#include <string.h>

#include "gatehouse/base/bytes.h"

#include "attack/detail.h"
#include "attack/flatness.h"
#include "attack/specular.h"

/* Coarser peaks than these are a face's own. */
#define RASTER_BIN_MIN 8
#define STRIPE_BIN_MIN 5

/* What landmarks jitter by, in thousandths of the eyes' distance: below, nothing has moved. */
#define SHAPE_MIN 10.0f

/* Power of one grey level's step of the camera: less is nothing. */
#define POWER_MIN 0.01f

enum gh_status gh_attack_scan_init(struct gh_attack_scan *scan, const char *path,
	uint32_t bpcer_permille, struct gh_error *error)
{
	memset(scan, 0, sizeof(*scan));
	gh_spectrum_init(&scan->spectrum);
	scan->bpcer_permille = bpcer_permille;
	scan->has_parameters = path != NULL;
	return path ? gh_attack_read(path, &scan->parameters, error) : GH_OK;
}

static void forget(struct gh_attack_scan *scan)
{
	scan->frames = 0;
	memset(scan->assessed, 0, sizeof(scan->assessed));
	memset(scan->sums, 0, sizeof(scan->sums));
	gh_wipe(&scan->first, sizeof(scan->first));
}

void gh_attack_scan_wipe(struct gh_attack_scan *scan)
{
	forget(scan);
	gh_spectrum_wipe(&scan->spectrum);
	gh_wipe(&scan->border, sizeof(scan->border));
	gh_wipe(&scan->surroundings, sizeof(scan->surroundings));
}

static void note(struct gh_attack_scan *scan, enum gh_attack_cue cue, float native)
{
	if (!isfinite(native))
		return;
	scan->assessed[cue]++;
	scan->sums[cue] += native;
}

static void note_spectrum(struct gh_attack_scan *scan, const struct gh_attack_view *view)
{
	struct gh_spectrum *spectrum = &scan->spectrum;

	if (!gh_spectrum_take(spectrum, view->image, view->box))
		return;
	note(scan, GH_ATTACK_CUE_HALFTONE,
		gh_spectrum_peak(spectrum, &spectrum->light, RASTER_BIN_MIN));
	note(scan, GH_ATTACK_CUE_SCREEN_GRID,
		gh_spectrum_peak(spectrum, &spectrum->colour, STRIPE_BIN_MIN));
	/* The second smoothest window is skin; the smoothest may lie beside the face. */
	note(scan, GH_ATTACK_CUE_GRAIN,
		logf(gh_spectrum_rank(&spectrum->light, RING_MIDDLE, 1) + POWER_MIN));
	note(scan, GH_ATTACK_CUE_COLOUR,
		logf(gh_spectrum_rank(&spectrum->colour, RING_MIDDLE, SPECTRUM_WINDOWS / 2) +
			POWER_MIN));
}

static void note_flatness(struct gh_attack_scan *scan, const struct gh_landmarks *landmarks)
{
	struct gh_parallax moved;

	if (!landmarks->has_all)
		return;
	if (!scan->first.has_all) {
		scan->first = *landmarks;
		return;
	}
	moved = gh_flatness_parallax(&scan->first, landmarks);
	/* Somebody who stands still says nothing, flat or not. */
	if (moved.shape >= SHAPE_MIN)
		note(scan, GH_ATTACK_CUE_FLATNESS, logf(moved.shape / fmaxf(moved.solid, 1.0f)));
}

static void begin_surroundings(struct gh_surroundings *around, const struct gh_attack_view *view)
{
	const struct gh_faces *faces = view->faces;

	gh_surroundings_begin(around, view->image, view->box, view->landmarks);
	for (uint32_t i = 0; faces && i < faces->count; i++)
		if (&faces->list[i].box != view->box)
			gh_surroundings_leave_out(around, &faces->list[i].box);
}

static void note_surroundings(struct gh_attack_scan *scan, const struct gh_attack_view *view)
{
	struct gh_surroundings *around = &scan->surroundings;

	if (around->has_first)
		note(scan, GH_ATTACK_CUE_SURROUNDINGS,
			gh_surroundings_follow(around, view->image, view->landmarks));
	else
		begin_surroundings(around, view);
}

void gh_attack_scan_add(struct gh_attack_scan *scan, const struct gh_attack_view *view)
{
	struct gh_border_sides sides;

	if (view->has_network)
		note(scan, GH_ATTACK_CUE_NETWORK, view->network);
	note_spectrum(scan, view);
	sides = gh_border_take(&scan->border, view->image, view->box);
	note(scan, GH_ATTACK_CUE_BORDER, gh_border_cue(&sides));
	note_flatness(scan, view->landmarks);
	note_surroundings(scan, view);
	note(scan, GH_ATTACK_CUE_SPECULAR, gh_specular_share(view->aligned));
	note(scan, GH_ATTACK_CUE_DETAIL, gh_detail_lost(view->aligned));
	scan->frames++;
}

void gh_attack_scan_conclude(const struct gh_attack_scan *scan, struct gh_attack *attack)
{
	const struct gh_attack_parameters *parameters = &scan->parameters;
	const struct gh_attack_fusion *fusion = scan->assessed[GH_ATTACK_CUE_NETWORK] > 0
		? &parameters->with_network
		: &parameters->without_network;

	memset(attack, 0, sizeof(*attack));
	attack->frames = scan->frames;
	for (int i = 0; i < GH_ATTACK_CUE_COUNT; i++)
		if (scan->assessed[i] > 0)
			attack->cues[i] = (struct gh_attack_measure){ true,
				scan->sums[i] / (float)scan->assessed[i] };
	if (!scan->has_parameters || scan->frames == 0)
		return;
	attack->assessed = true;
	attack->score = gh_attack_score(fusion, attack->cues);
	attack->simulated_only = parameters->simulated_only;
	attack->limit = gh_attack_limit(fusion, scan->bpcer_permille);
}
