/* SPDX-License-Identifier: Apache-2.0 */
/* Choosing and averaging the best frames of one person, under a bound on their number. */
#include "capturing.h"

#include <assert.h>
#include <string.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/crypto/hash.h"

#include "photo.h"

/*
 * Neighbouring frames of one person score far above this with each other, those
 * of different people below it (their 1e-3 quantile is 0.34).
 */
#define SAME_PERSON_MIN 0.35f

/* A photograph that is narrower than this is not halved any more. */
#define PHOTO_HALVED_MIN_PX 64

/* Usable frames after which a capture ends even if none of them is good. */
#define PATIENCE 2

#define PHOTO_QUALITY 92

/* Below this a photograph would have to be small to be of any use. */
#define PHOTO_BYTES_MIN (16u * 1024u)

enum gh_status gh_capturing_init(struct gh_capturing *capture,
	const struct gh_vision_options *options, struct gh_error *error)
{
	memset(capture, 0, sizeof(*capture));
	if (options->frames_min < 1 || options->frames_max < options->frames_min ||
		options->frames_max > CAPTURE_FRAMES_MAX)
		return gh_error_set(error, GH_SETTINGS,
			"frames to average: 1 <= least <= most <= %d, not %u and %u",
			CAPTURE_FRAMES_MAX, options->frames_min, options->frames_max);
	if (options->photo_bytes_max < PHOTO_BYTES_MIN ||
		options->photo_bytes_max > GH_PHOTO_BYTES_MAX)
		return gh_error_set(error, GH_SETTINGS, "a photograph has %u to %u bytes, not %u",
			PHOTO_BYTES_MIN, GH_PHOTO_BYTES_MAX, options->photo_bytes_max);
	capture->photo_bytes_max = options->photo_bytes_max;
	capture->enough = options->enough;
	capture->enough_ctx = options->enough_ctx;
	capture->frames_min = options->frames_min;
	capture->frames_max = options->frames_max;
	capture->enough_permille = options->limits.enough_permille;
	return gh_bytes_reserve(
		&capture->photo.rgb, 3 * PHOTO_WIDTH_MAX_PX * PHOTO_HEIGHT_MAX_PX, error);
}

static void forget_takes(struct gh_capturing *capture)
{
	gh_wipe(capture->takes, sizeof(capture->takes));
	capture->usable = 0;
	capture->count = 0;
	capture->photo.rgb.length_bytes = 0;
}

void gh_capturing_wipe(struct gh_capturing *capture)
{
	if (capture->photo.rgb.data)
		gh_wipe(capture->photo.rgb.data, capture->photo.rgb.capacity_bytes);
	forget_takes(capture);
	memset(capture->reasons, 0, sizeof(capture->reasons));
	capture->begun = false;
	capture->concluded = false;
	capture->first_us = 0;
}

void gh_capturing_finish(struct gh_capturing *capture)
{
	gh_capturing_wipe(capture);
	gh_picture_finish(&capture->photo);
}

void gh_capturing_begin(struct gh_capturing *capture, uint64_t capture_us)
{
	if (capture->begun)
		return;
	capture->begun = true;
	capture->first_us = capture_us;
}

void gh_capturing_note(struct gh_capturing *capture, enum gh_reason reason)
{
	if ((unsigned)reason < GH_REASON_COUNT)
		capture->reasons[reason]++;
}

static void insert(struct gh_capturing *capture, const struct gh_take *take, uint32_t at)
{
	if (capture->count < capture->frames_max)
		capture->count++;
	for (uint32_t i = capture->count - 1; i > at; i--)
		capture->takes[i] = capture->takes[i - 1];
	capture->takes[at] = *take;
}

bool gh_capturing_add(struct gh_capturing *capture, const struct gh_take *take)
{
	uint32_t at = 0;

	if (capture->count > 0 &&
		gh_template_score(&take->probe, &capture->takes[0].probe) < SAME_PERSON_MIN) {
		forget_takes(capture);
		capture->first_us = take->capture_us;
	}
	/* What was kept for want of better is neither averaged with the better nor counted. */
	if (capture->count > 0 && capture->takes[0].poor && !take->poor)
		forget_takes(capture);
	capture->usable += !take->poor;
	while (at < capture->count && capture->takes[at].utility_permille >= take->utility_permille)
		at++;
	if (at < capture->frames_max)
		insert(capture, take, at);
	return at == 0;
}

/* All alike: weighing frames by their utility was measured and made it worse. */
static enum gh_status average(
	const struct gh_capturing *capture, struct gh_template *probe, struct gh_error *error)
{
	memset(probe, 0, sizeof(*probe));
	for (uint32_t t = 0; t < capture->count; t++)
		for (uint32_t i = 0; i < GH_TEMPLATE_VALUES; i++)
			probe->values[i] += capture->takes[t].probe.values[i];
	return gh_template_normalise(probe, error);
}

static bool will_do(const struct gh_capturing *capture)
{
	struct gh_template probe;
	bool does;

	if (!capture->enough || capture->count >= capture->frames_max)
		return true;
	does = average(capture, &probe, NULL) == GH_OK &&
		capture->enough(capture->enough_ctx, &probe, capture->count);
	gh_wipe(&probe, sizeof(probe));
	return does;
}

bool gh_capturing_enough(const struct gh_capturing *capture)
{
	if (capture->concluded || capture->usable < capture->frames_min)
		return false;
	if (capture->usable >= PATIENCE * capture->frames_max)
		return true;
	return (float)capture->takes[0].utility_permille >= capture->enough_permille &&
		will_do(capture);
}

enum gh_reason gh_capturing_reason(const struct gh_capturing *capture)
{
	enum gh_reason most = GH_REASON_NO_FACE;

	for (uint32_t i = GH_REASON_NONE + 1; i < GH_REASON_COUNT; i++)
		if (capture->reasons[i] > capture->reasons[most])
			most = (enum gh_reason)i;
	return most;
}

static enum gh_status hash_photo(struct gh_sample *sample, struct gh_error *error)
{
	struct gh_view photo = { sample->photo, sample->photo_length_bytes };
	struct gh_sha256 hash;
	enum gh_status status = gh_sha256_of(photo, &hash, error);

	if (status == GH_OK)
		memcpy(sample->photo_sha256, hash.bytes, sizeof(sample->photo_sha256));
	return status;
}

/* What has too much detail for the size even at the lowest quality is told at half of it. */
static enum gh_status encode(
	struct gh_capturing *capture, struct gh_sample *sample, struct gh_error *error)
{
	struct gh_picture *photo = &capture->photo;
	enum gh_status status;

	for (;;) {
		sample->photo_length_bytes = capture->photo_bytes_max;
		status = gh_picture_encode_jpeg(
			photo, PHOTO_QUALITY, sample->photo, &sample->photo_length_bytes, error);
		if (status != GH_TOO_LARGE || photo->width_px < PHOTO_HALVED_MIN_PX)
			return status;
		gh_error_clear(error);
		gh_photo_halve(photo);
	}
}

enum gh_status gh_capturing_conclude(
	struct gh_capturing *capture, struct gh_sample *sample, struct gh_error *error)
{
	const struct gh_take *best = &capture->takes[0];
	enum gh_status status;

	assert(capture->count > 0);
	status = average(capture, &sample->probe, error);
	if (status != GH_OK)
		return status;
	status = encode(capture, sample, error);
	if (status != GH_OK)
		return status;
	status = hash_photo(sample, error);
	if (status != GH_OK)
		return status;
	sample->photo_width_px = capture->photo.width_px;
	sample->photo_height_px = capture->photo.height_px;
	sample->frames_averaged = capture->count;
	sample->quality = best->quality;
	sample->utility_permille = best->utility_permille;
	sample->first_us = capture->first_us;
	sample->best_us = best->capture_us;
	sample->done_us = gh_clock_system()->monotonic_us(gh_clock_system());
	capture->concluded = true;
	return GH_OK;
}
