/* SPDX-License-Identifier: Apache-2.0 */
/* The indicator and its file of parameters. */
#include "gatehouse/vision/morph.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "gatehouse/base/file.h"
#include "gatehouse/crypto/hash.h"
#include "hashed_lines.h"

#define FORMAT_VERSION 1

/* Beyond, an indicator would not fit the record. */
#define RANGE_MAX 100.0f

float gh_morph_indicator(const struct gh_morph_parameters *parameters, float score)
{
	float sum = parameters->slope * (score - parameters->even);

	if (isnan(sum))
		sum = 0.0f;
	return fminf(fmaxf(sum, parameters->lowest), parameters->highest);
}

struct gh_morph_point gh_morph_error_at(
	const struct gh_morph_parameters *parameters, float indicator)
{
	const struct gh_morph_point *points = parameters->points;
	struct gh_morph_point found = { indicator, 0.0f, 0.0f };
	uint32_t i = 1;
	float part;

	while (i < parameters->point_count - 1 && points[i].indicator < indicator)
		i++;
	part = (indicator - points[i - 1].indicator) /
		(points[i].indicator - points[i - 1].indicator);
	part = fminf(fmaxf(part, 0.0f), 1.0f);
	found.bpcer = points[i - 1].bpcer + part * (points[i].bpcer - points[i - 1].bpcer);
	found.apcer = points[i - 1].apcer + part * (points[i].apcer - points[i - 1].apcer);
	return found;
}

static enum gh_status take_chain(struct gh_hashed_lines *lines, struct gh_model_chain *chain)
{
	struct gh_sha256 hash;
	char *text;
	enum gh_status status = gh_hashed_lines_take(lines, "chain", &text);

	if (status != GH_OK)
		return status;
	if (gh_sha256_parse(text, &hash, NULL) != GH_OK)
		return gh_hashed_lines_wrong(lines, "a chain is 64 hexadecimal digits");
	memcpy(chain->bytes, hash.bytes, sizeof(chain->bytes));
	return GH_OK;
}

static enum gh_status take_head(struct gh_hashed_lines *lines, struct gh_morph_parameters *to)
{
	enum gh_status status = gh_hashed_lines_begin(lines, "gatehouse-morph", FORMAT_VERSION);

	if (status == GH_OK)
		status =
			gh_hashed_lines_text(lines, "data_set", to->data_set, sizeof(to->data_set));
	if (status == GH_OK)
		status = gh_hashed_lines_yes(lines, "research_only", &to->research_only);
	if (status == GH_OK)
		status = take_chain(lines, &to->chain);
	if (status == GH_OK)
		status = gh_hashed_lines_count(lines, "people", &to->people);
	if (status == GH_OK)
		status = gh_hashed_lines_count(lines, "bona_fide", &to->bona_fide);
	if (status == GH_OK)
		status = gh_hashed_lines_count(lines, "morphs", &to->morphs);
	return status;
}

static enum gh_status take_model(struct gh_hashed_lines *lines, struct gh_morph_parameters *to)
{
	float model[2] = { 0.0f, 0.0f }, range[2] = { 0.0f, 0.0f };
	enum gh_status status = gh_hashed_lines_numbers(lines, "score", model, 2);

	to->even = model[0];
	to->slope = model[1];
	/* A portrait is no more of a morph for being more like the live person. */
	if (status == GH_OK && !(to->slope < 0.0f))
		status = gh_hashed_lines_wrong(lines, "the indicator falls as the score rises");
	if (status == GH_OK)
		status = gh_hashed_lines_numbers(lines, "range", range, 2);
	to->lowest = range[0];
	to->highest = range[1];
	if (status == GH_OK &&
		!(range[0] < 0.0f && range[1] > 0.0f && range[1] <= RANGE_MAX &&
			range[0] >= -RANGE_MAX))
		status = gh_hashed_lines_wrong(lines, "a range has 0 within, and 100 outside");
	return status;
}

static bool is_share(float value)
{
	return value >= 0.0f && value <= 1.0f;
}

static enum gh_status take_point(struct gh_hashed_lines *lines, const struct gh_morph_point *last,
	struct gh_morph_point *point)
{
	float numbers[3];
	enum gh_status status = gh_hashed_lines_numbers(lines, "point", numbers, 3);

	if (status != GH_OK)
		return status;
	*point = (struct gh_morph_point){ numbers[0], numbers[1], numbers[2] };
	if (!is_share(point->bpcer) || !is_share(point->apcer))
		return gh_hashed_lines_wrong(lines, "a share lies from 0 to 1");
	if (last &&
		!(point->indicator - last->indicator >= 1e-4f && point->bpcer <= last->bpcer &&
			point->apcer >= last->apcer))
		return gh_hashed_lines_wrong(
			lines, "with the indicator BPCER falls and APCER rises");
	return GH_OK;
}

static enum gh_status take_error(struct gh_hashed_lines *lines, struct gh_morph_parameters *to)
{
	float rate[3] = { 0.0f, 0.0f, 0.0f };
	enum gh_status status =
		gh_hashed_lines_count(lines, "measured_people", &to->measured_people);

	if (status == GH_OK)
		status = gh_hashed_lines_numbers(lines, "d_eer", rate, 3);
	to->d_eer = rate[0];
	to->d_eer_low = rate[1];
	to->d_eer_high = rate[2];
	if (status == GH_OK && !(is_share(rate[0]) && is_share(rate[1]) && is_share(rate[2])))
		status = gh_hashed_lines_wrong(lines, "a rate lies from 0 to 1");
	if (status == GH_OK)
		status = gh_hashed_lines_count(lines, "points", &to->point_count);
	if (status == GH_OK && (to->point_count < 2 || to->point_count > GH_MORPH_POINTS_MAX))
		status = gh_hashed_lines_wrong(lines, "from 2 to 32 points");
	for (uint32_t i = 0; status == GH_OK && i < to->point_count; i++)
		status = take_point(lines, i > 0 ? &to->points[i - 1] : NULL, &to->points[i]);
	return status;
}

enum gh_status gh_morph_parse(
	struct gh_view text, struct gh_morph_parameters *parameters, struct gh_error *error)
{
	struct gh_hashed_lines lines = { .text = text, .error = error };
	enum gh_status status;

	memset(parameters, 0, sizeof(*parameters));
	status = take_head(&lines, parameters);
	if (status == GH_OK)
		status = take_model(&lines, parameters);
	if (status == GH_OK)
		status = take_error(&lines, parameters);
	if (status == GH_OK)
		status = gh_hashed_lines_end(&lines);
	if (status != GH_OK)
		memset(parameters, 0, sizeof(*parameters));
	return status;
}

enum gh_status gh_morph_read(
	const char *path, struct gh_morph_parameters *parameters, struct gh_error *error)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	enum gh_status status = gh_file_read(path, GH_MORPH_FILE_BYTES_MAX, &text, error);

	memset(parameters, 0, sizeof(*parameters));
	if (status == GH_OK) {
		status = gh_morph_parse(gh_bytes_view(&text), parameters, error);
		if (status != GH_OK)
			gh_error_wrap(error, "%s", path);
	}
	gh_bytes_finish(&text);
	return status;
}

static enum gh_status print_head(
	struct gh_bytes *text, const struct gh_morph_parameters *from, struct gh_error *error)
{
	char chain[GH_SHA256_TEXT_BYTES];
	struct gh_sha256 hash;

	memcpy(hash.bytes, from->chain.bytes, sizeof(hash.bytes));
	gh_sha256_format(&hash, chain);
	return gh_bytes_print(text, error,
		"gatehouse-morph %d\ndata_set %s\nresearch_only %s\nchain %s\npeople %" PRIu32
		"\nbona_fide %" PRIu32 "\nmorphs %" PRIu32 "\nscore %.9g %.9g\nrange %.9g %.9g\n",
		FORMAT_VERSION, from->data_set, from->research_only ? "yes" : "no", chain,
		from->people, from->bona_fide, from->morphs, (double)from->even,
		(double)from->slope, (double)from->lowest, (double)from->highest);
}

static enum gh_status print_error(
	struct gh_bytes *text, const struct gh_morph_parameters *from, struct gh_error *error)
{
	enum gh_status status = gh_bytes_print(text, error,
		"measured_people %" PRIu32 "\nd_eer %.9g %.9g %.9g\npoints %" PRIu32 "\n",
		from->measured_people, (double)from->d_eer, (double)from->d_eer_low,
		(double)from->d_eer_high, from->point_count);

	for (uint32_t i = 0; i < from->point_count && status == GH_OK; i++)
		status = gh_bytes_print(text, error, "point %.9g %.9g %.9g\n",
			(double)from->points[i].indicator, (double)from->points[i].bpcer,
			(double)from->points[i].apcer);
	return status;
}

static enum gh_status print(
	struct gh_bytes *text, const struct gh_morph_parameters *from, struct gh_error *error)
{
	enum gh_status status = print_head(text, from, error);

	if (status == GH_OK)
		status = print_error(text, from, error);
	return status == GH_OK ? gh_hashed_lines_seal(text, error) : status;
}

enum gh_status gh_morph_write(
	const char *path, const struct gh_morph_parameters *parameters, struct gh_error *error)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	enum gh_status status = print(&text, parameters, error);

	if (status == GH_OK)
		status = gh_file_replace(path, gh_bytes_view(&text), 0644, error);
	gh_bytes_finish(&text);
	return status;
}
