/* SPDX-License-Identifier: Apache-2.0 */
/* The calibration as text: read with line numbers, written so that it reads back the same. */
#include "gatehouse/gallery/calibration_file.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/file.h"

#include "calibration_content.h"

#define FORMAT_VERSION 2

/* The longest line is a direction: its scale, and two digits for each value. */
enum {
	LINE_BYTES = 2 * GH_TEMPLATE_VALUES + 64
};

/* Codes of a direction's values, signed 8 bit in two's complement. */
enum {
	CODE_MAX = 127
};

struct reader {
	const char *name;
	struct gh_view text;
	size_t place;
	uint32_t line_number;
	char line[LINE_BYTES];
	struct gh_error *error;
};

static enum gh_status fail(struct reader *reader, enum gh_status status, const char *reason)
{
	return gh_error_set(reader->error, status, "%s:%" PRIu32 ": %s", reader->name,
		reader->line_number, reason);
}

/* The next line that is neither empty nor a comment. */
static enum gh_status next_line(struct reader *reader)
{
	do {
		const uint8_t *start = reader->text.data + reader->place;
		size_t left = reader->text.length_bytes - reader->place;
		const uint8_t *end = left > 0 ? memchr(start, '\n', left) : NULL;
		size_t length;

		reader->line_number++;
		if (!end)
			return fail(reader, GH_TRUNCATED, "the file ends before its line \"end\"");
		length = (size_t)(end - start);
		if (length >= sizeof(reader->line))
			return fail(reader, GH_MALFORMED, "the line is too long");
		if (memchr(start, '\0', length))
			return fail(reader, GH_MALFORMED, "the line holds a zero byte");
		memcpy(reader->line, start, length);
		reader->line[length] = '\0';
		reader->place += length + 1;
	} while (reader->line[0] == '\0' || reader->line[0] == '#');
	return GH_OK;
}

/* The next line, which must be "key value"; *value points into it. */
static enum gh_status next_value(struct reader *reader, const char *key, char **value)
{
	size_t length = strlen(key);
	enum gh_status status = next_line(reader);

	if (status != GH_OK)
		return status;
	if (strncmp(reader->line, key, length) != 0 || reader->line[length] != ' ')
		return gh_error_set(reader->error, GH_MALFORMED,
			"%s:%" PRIu32 ": \"%s\" is missing", reader->name, reader->line_number,
			key);
	*value = reader->line + length + 1;
	return GH_OK;
}

/* A number up to a space or the end; moves on behind the space. */
static bool take_number(char **text, double *number)
{
	char *end;

	if (**text == ' ' || **text == '\t')
		return false;
	errno = 0;
	*number = strtod(*text, &end);
	if (end == *text || (*end != ' ' && *end != '\0') || !isfinite(*number))
		return false;
	*text = *end == ' ' ? end + 1 : end;
	return true;
}

static enum gh_status take_numbers(struct reader *reader, char *text, double *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!take_number(&text, &numbers[i]))
			return fail(reader, GH_MALFORMED, "a number is missing or malformed");
	if (*text != '\0')
		return fail(reader, GH_MALFORMED, "more on the line than belongs there");
	return GH_OK;
}

static enum gh_status read_numbers(
	struct reader *reader, const char *key, double *numbers, size_t count)
{
	char *text;
	enum gh_status status = next_value(reader, key, &text);

	return status == GH_OK ? take_numbers(reader, text, numbers, count) : status;
}

static enum gh_status read_count(
	struct reader *reader, const char *key, uint64_t limit, uint64_t *count)
{
	char *text;
	char *end;
	enum gh_status status = next_value(reader, key, &text);

	if (status != GH_OK)
		return status;
	errno = 0;
	*count = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || *count > limit)
		return fail(reader, GH_MALFORMED, "the count is malformed or too large");
	return GH_OK;
}

static enum gh_status read_count_32(struct reader *reader, const char *key, uint32_t *count)
{
	uint64_t wide = 0;
	enum gh_status status = read_count(reader, key, UINT32_MAX, &wide);

	*count = (uint32_t)wide;
	return status;
}

static enum gh_status read_version(struct reader *reader)
{
	uint64_t version = 0;
	enum gh_status status = read_count(reader, "gatehouse-calibration", UINT32_MAX, &version);

	if (status != GH_OK)
		return status;
	if (version != FORMAT_VERSION)
		return fail(reader, GH_UNSUPPORTED,
			"another version of the format: measure again with `gatehouse evaluate "
			"--calibration`");
	return GH_OK;
}

static enum gh_status read_head(struct reader *reader, struct gh_calibration_facts *facts)
{
	char *text;
	enum gh_status status = next_value(reader, "data_set", &text);

	if (status != GH_OK)
		return status;
	if (strlen(text) >= sizeof(facts->data_set))
		return fail(reader, GH_MALFORMED, "the name of the data set is too long");
	memcpy(facts->data_set, text, strlen(text) + 1);
	status = next_value(reader, "research_only", &text);
	if (status != GH_OK)
		return status;
	facts->research_only = strcmp(text, "yes") == 0;
	if (!facts->research_only && strcmp(text, "no") != 0)
		return fail(reader, GH_MALFORMED, "neither \"yes\" nor \"no\"");
	status = next_value(reader, "chain", &text);
	if (status != GH_OK)
		return status;
	if (strlen(text) != 2 * sizeof(facts->chain.bytes) ||
		gh_hex_parse(text, facts->chain.bytes, sizeof(facts->chain.bytes), NULL) != GH_OK)
		return fail(reader, GH_MALFORMED, "not 64 hexadecimal digits");
	return GH_OK;
}

static enum gh_status read_facts(struct reader *reader, struct gh_calibration_facts *facts)
{
	double spread[2] = { 0.0, 0.0 };
	enum gh_status status = read_version(reader);

	if (status == GH_OK)
		status = read_head(reader, facts);
	if (status == GH_OK)
		status = read_count_32(reader, "pictures", &facts->pictures);
	if (status == GH_OK)
		status = read_count_32(reader, "failures_to_acquire", &facts->failures_to_acquire);
	if (status == GH_OK)
		status = read_count_32(reader, "identities", &facts->identities);
	if (status == GH_OK)
		status = read_numbers(reader, "impostor_scores", spread, 2);
	if (status == GH_OK)
		status = read_numbers(reader, "frame_spread", &facts->frame_spread, 1);
	facts->impostor_mean = spread[0];
	facts->impostor_sd = spread[1];
	return status;
}

static enum gh_status read_points(struct reader *reader, struct gh_calibration_curve *curve)
{
	uint64_t count = 0;
	enum gh_status status = read_count(reader, "points", GH_CALIBRATION_POINTS_MAX, &count);

	if (status != GH_OK)
		return status;
	curve->points = calloc(count > 0 ? count : 1, sizeof(*curve->points));
	if (!curve->points)
		return gh_error_set(reader->error, GH_NO_MEMORY, "%s", reader->name);
	for (; curve->point_count < count; curve->point_count++) {
		double numbers[4];

		status = next_line(reader);
		if (status == GH_OK)
			status = take_numbers(reader, reader->line, numbers, 4);
		if (status != GH_OK)
			return status;
		curve->points[curve->point_count] =
			(struct gh_calibration_point){ (float)numbers[0], numbers[1], numbers[2],
				numbers[3] };
	}
	return GH_OK;
}

/* "tail_fit COUNT MISFIT": a count of scores is exact as a double. */
static enum gh_status read_tail(struct reader *reader, struct gh_calibration_curve *curve)
{
	double tail[3] = { 0.0, 0.0, 0.0 };
	double fit[2] = { 0.0, 0.0 };
	enum gh_status status = read_numbers(reader, "tail", tail, 3);

	if (status == GH_OK)
		status = read_numbers(reader, "tail_fit", fit, 2);
	if (status != GH_OK)
		return status;
	if (!(fit[0] >= 0.0 && fit[0] <= 0x1p53))
		return fail(reader, GH_MALFORMED, "the count is malformed or too large");
	curve->tail_score = (float)tail[0];
	curve->tail_fmr = tail[1];
	curve->tail_scale = tail[2];
	curve->tail_count = (uint64_t)fit[0];
	curve->tail_misfit = fit[1];
	return GH_OK;
}

static enum gh_status read_curve(
	struct reader *reader, uint32_t frames_averaged, struct gh_calibration_curve *curve)
{
	uint32_t frames = 0;
	enum gh_status status = read_count_32(reader, "frames_averaged", &frames);

	if (status == GH_OK && frames != frames_averaged)
		return fail(reader, GH_MALFORMED, "curves follow each other from 1 on");
	if (status == GH_OK)
		status = read_count(reader, "genuine_pairs", UINT64_MAX, &curve->genuine_pairs);
	if (status == GH_OK)
		status = read_count(reader, "impostor_pairs", UINT64_MAX, &curve->impostor_pairs);
	if (status == GH_OK)
		status = read_tail(reader, curve);
	if (status == GH_OK)
		status = read_points(reader, curve);
	return status;
}

static enum gh_status read_curves(struct reader *reader, struct gh_calibration_content *content)
{
	uint64_t count = 0;
	enum gh_status status = read_count(reader, "curves", GH_CALIBRATION_CURVES_MAX, &count);

	for (uint32_t i = 0; status == GH_OK && i < count; i++) {
		status = read_curve(reader, i + 1, &content->curves[i]);
		content->curve_count = i + 1;
	}
	return status;
}

static enum gh_status read_direction(struct reader *reader, float *direction)
{
	uint8_t codes[GH_TEMPLATE_VALUES];
	char *text = reader->line;
	double scale;
	enum gh_status status = next_line(reader);

	if (status != GH_OK)
		return status;
	if (!take_number(&text, &scale) || !(scale >= 0.0 && scale * CODE_MAX <= 1.0))
		return fail(reader, GH_MALFORMED, "the scale of a direction is out of range");
	if (strlen(text) != 2 * sizeof(codes) ||
		gh_hex_parse(text, codes, sizeof(codes), NULL) != GH_OK)
		return fail(reader, GH_MALFORMED, "a direction is not two digits for each value");
	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
		direction[i] = (float)scale * (float)(int8_t)codes[i];
	return GH_OK;
}

static enum gh_status read_values(struct reader *reader, struct gh_calibration_spread *spread)
{
	uint64_t count = 0;
	enum gh_status status = read_count(reader, "values", GH_TEMPLATE_VALUES, &count);

	if (status != GH_OK)
		return status;
	if (count != GH_TEMPLATE_VALUES)
		return fail(reader, GH_UNSUPPORTED, "templates of another length");
	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++) {
		double numbers[2];

		status = next_line(reader);
		if (status == GH_OK)
			status = take_numbers(reader, reader->line, numbers, 2);
		if (status != GH_OK)
			return status;
		if (fabs(numbers[0]) > 1.0 || numbers[1] < 0.0 || numbers[1] > 1.0)
			return fail(reader, GH_MALFORMED, "mean or spread is out of range");
		spread->mean[i] = (float)numbers[0];
		spread->residual[i] = (float)numbers[1];
	}
	return GH_OK;
}

static enum gh_status read_spread(struct reader *reader, struct gh_calibration_spread *spread)
{
	uint64_t count = 0;
	enum gh_status status = read_values(reader, spread);

	if (status == GH_OK)
		status = read_count(reader, "directions", GH_CALIBRATION_DIRECTIONS_MAX, &count);
	if (status != GH_OK)
		return status;
	spread->directions = calloc(count > 0 ? count : 1, sizeof(float) * GH_TEMPLATE_VALUES);
	if (!spread->directions)
		return gh_error_set(reader->error, GH_NO_MEMORY, "%s", reader->name);
	for (; spread->direction_count < count; spread->direction_count++) {
		status = read_direction(
			reader, spread->directions + spread->direction_count * GH_TEMPLATE_VALUES);
		if (status != GH_OK)
			return status;
	}
	return GH_OK;
}

static enum gh_status read_hex(
	struct reader *reader, const char *key, uint8_t *bytes, size_t length_bytes)
{
	char *text;
	enum gh_status status = next_value(reader, key, &text);

	if (status != GH_OK)
		return status;
	if (strlen(text) != 2 * length_bytes ||
		gh_hex_parse(text, bytes, length_bytes, NULL) != GH_OK)
		return fail(reader, GH_MALFORMED, "hexadecimal digits are missing or too many");
	return GH_OK;
}

/* Signed is every byte up to "end"; a foreign key in the line behind it verifies nothing. */
static enum gh_status read_signature(struct reader *reader, struct gh_calibration_open *file)
{
	struct gh_signature *signature = &file->signature;
	enum gh_status status = gh_sha256_of((struct gh_view){ reader->text.data, reader->place },
		&file->signed_hash, reader->error);

	if (status == GH_OK)
		status = read_hex(
			reader, "signed_by", signature->public_key, sizeof(signature->public_key));
	if (status == GH_OK)
		status = read_hex(reader, "signature", signature->bytes, sizeof(signature->bytes));
	file->is_signed = status == GH_OK;
	return status;
}

static enum gh_status read_end(struct reader *reader, struct gh_calibration_open *file)
{
	enum gh_status status = next_line(reader);

	if (status != GH_OK)
		return status;
	if (strcmp(reader->line, "end") != 0)
		return fail(reader, GH_MALFORMED, "\"end\" is missing");
	if (reader->place == reader->text.length_bytes)
		return GH_OK;
	status = read_signature(reader, file);
	if (status == GH_OK && reader->place != reader->text.length_bytes)
		return fail(reader, GH_MALFORMED, "more after the signature");
	return status;
}

static enum gh_status read_all(struct reader *reader, struct gh_calibration_open *file)
{
	struct gh_calibration_content *content = &file->content;
	enum gh_status status = read_facts(reader, &content->facts);

	if (status == GH_OK)
		status = read_curves(reader, content);
	if (status == GH_OK)
		status = read_spread(reader, &content->spread);
	if (status == GH_OK)
		status = read_end(reader, file);
	if (status != GH_OK)
		return status;
	status = gh_calibration_content_check(content, reader->error);
	if (status != GH_OK)
		gh_error_wrap(reader->error, "%s", reader->name);
	return status;
}

/* Each curve gets a handle whose facts are the file's and its own. */
static void make_handles(struct gh_calibration_open *file)
{
	for (size_t i = 0; i < file->content.curve_count; i++) {
		const struct gh_calibration_curve *curve = &file->content.curves[i];
		struct gh_calibration *handle = &file->handles[i];

		handle->facts = file->content.facts;
		handle->facts.genuine_pairs = curve->genuine_pairs;
		handle->facts.impostor_pairs = curve->impostor_pairs;
		handle->facts.frames_averaged = (uint32_t)i + 1;
		handle->facts.fmr_measured_min = curve->tail_fmr;
		handle->facts.tail_fits = curve->tail_misfit <= GH_CALIBRATION_MISFIT_MAX;
		handle->curve = curve;
		handle->file = file;
	}
	file->content.facts = file->handles[0].facts;
}

enum gh_status gh_calibration_parse(const char *name, struct gh_view text,
	struct gh_calibration **calibration, struct gh_error *error)
{
	struct reader reader = { .name = name, .text = text, .error = error };
	struct gh_calibration_open *file = calloc(1, sizeof(*file));
	enum gh_status status;

	*calibration = NULL;
	if (!file)
		return gh_error_set(error, GH_NO_MEMORY, "%s", name);
	status = read_all(&reader, file);
	if (status != GH_OK) {
		gh_calibration_open_free(file);
		return status;
	}
	make_handles(file);
	*calibration = &file->handles[0];
	return GH_OK;
}

static enum gh_status print_head(
	struct gh_bytes *text, const struct gh_calibration_content *content, struct gh_error *error)
{
	const struct gh_calibration_facts *facts = &content->facts;
	char chain[2 * sizeof(facts->chain.bytes) + 1];

	gh_hex_format(facts->chain.bytes, sizeof(facts->chain.bytes), chain);
	return gh_bytes_print(text, error,
		"gatehouse-calibration %d\n"
		"data_set %s\n"
		"research_only %s\n"
		"chain %s\n"
		"pictures %" PRIu32 "\n"
		"failures_to_acquire %" PRIu32 "\n"
		"identities %" PRIu32 "\n"
		"impostor_scores %.9g %.9g\n"
		"frame_spread %.6g\n"
		"curves %zu\n",
		FORMAT_VERSION, facts->data_set, facts->research_only ? "yes" : "no", chain,
		facts->pictures, facts->failures_to_acquire, facts->identities,
		facts->impostor_mean, facts->impostor_sd, facts->frame_spread,
		content->curve_count);
}

static enum gh_status print_curve(struct gh_bytes *text, size_t frames_averaged,
	const struct gh_calibration_curve *curve, struct gh_error *error)
{
	enum gh_status status = gh_bytes_print(text, error,
		"frames_averaged %zu\n"
		"genuine_pairs %" PRIu64 "\n"
		"impostor_pairs %" PRIu64 "\n"
		"tail %.9g %.12g %.9g\n"
		"tail_fit %" PRIu64 " %.6g\n"
		"points %zu\n",
		frames_averaged, curve->genuine_pairs, curve->impostor_pairs,
		(double)curve->tail_score, curve->tail_fmr, curve->tail_scale, curve->tail_count,
		curve->tail_misfit, curve->point_count);

	for (size_t i = 0; status == GH_OK && i < curve->point_count; i++)
		status = gh_bytes_print(text, error, "%.9g %.12g %.9g %.6g\n",
			(double)curve->points[i].score, curve->points[i].fmr, curve->points[i].fnmr,
			curve->points[i].llr);
	return status;
}

static enum gh_status print_direction(
	struct gh_bytes *text, const float *direction, struct gh_error *error)
{
	uint8_t codes[GH_TEMPLATE_VALUES];
	char digits[2 * sizeof(codes) + 1];
	float largest = 0.0f;
	float scale;

	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
		largest = fmaxf(largest, fabsf(direction[i]));
	scale = largest / CODE_MAX;
	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
		codes[i] = (uint8_t)(int8_t)(scale > 0.0f ? lrintf(direction[i] / scale) : 0);
	gh_hex_format(codes, sizeof(codes), digits);
	return gh_bytes_print(text, error, "%.6g %s\n", (double)scale, digits);
}

static enum gh_status print_spread(
	struct gh_bytes *text, const struct gh_calibration_spread *spread, struct gh_error *error)
{
	enum gh_status status = gh_bytes_print(text, error, "values %d\n", GH_TEMPLATE_VALUES);

	for (size_t i = 0; status == GH_OK && i < GH_TEMPLATE_VALUES; i++)
		status = gh_bytes_print(text, error, "%.6g %.6g\n", (double)spread->mean[i],
			(double)spread->residual[i]);
	if (status == GH_OK)
		status = gh_bytes_print(
			text, error, "directions %" PRIu32 "\n", spread->direction_count);
	for (uint32_t k = 0; status == GH_OK && k < spread->direction_count; k++)
		status = print_direction(
			text, spread->directions + (size_t)k * GH_TEMPLATE_VALUES, error);
	if (status == GH_OK)
		status = gh_bytes_print(text, error, "end\n");
	return status;
}

static enum gh_status print_all(
	struct gh_bytes *text, const struct gh_calibration_content *content, struct gh_error *error)
{
	enum gh_status status = print_head(text, content, error);

	if (content->curve_count > GH_CALIBRATION_CURVES_MAX)
		return gh_error_set(error, GH_MALFORMED, "%zu curves", content->curve_count);
	for (size_t i = 0; status == GH_OK && i < content->curve_count; i++)
		status = print_curve(text, i + 1, &content->curves[i], error);
	if (status == GH_OK)
		status = print_spread(text, &content->spread, error);
	return status;
}

static enum gh_status print_signature(
	struct gh_bytes *text, const char *key_path, struct gh_error *error)
{
	char key[2 * GH_PUBLIC_KEY_BYTES + 1];
	char digits[2 * GH_SIGNATURE_BYTES + 1];
	uint8_t message[GH_CALIBRATION_SIGNED_BYTES];
	struct gh_signature signature;
	struct gh_sha256 hash;
	enum gh_status status = gh_sha256_of(gh_bytes_view(text), &hash, error);

	if (status != GH_OK)
		return status;
	gh_calibration_signed_message(&hash, message);
	status = gh_signature_sign_file(
		key_path, (struct gh_view){ message, sizeof(message) }, &signature, error);
	if (status != GH_OK)
		return status;
	gh_hex_format(signature.public_key, sizeof(signature.public_key), key);
	gh_hex_format(signature.bytes, sizeof(signature.bytes), digits);
	return gh_bytes_print(text, error, "signed_by %s\nsignature %s\n", key, digits);
}

enum gh_status gh_calibration_write(const char *path, const struct gh_calibration_content *content,
	const char *key_path, struct gh_error *error)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	struct gh_calibration *read_back = NULL;
	enum gh_status status = print_all(&text, content, error);

	if (status == GH_OK && key_path)
		status = print_signature(&text, key_path, error);
	if (status == GH_OK)
		status = gh_calibration_parse(path, gh_bytes_view(&text), &read_back, error);
	if (status == GH_OK)
		status = gh_file_replace(path, gh_bytes_view(&text), 0644, error);
	gh_calibration_close(read_back);
	gh_bytes_finish(&text);
	return status;
}

enum gh_status gh_calibration_make(const struct gh_calibration_content *content,
	struct gh_calibration **calibration, struct gh_error *error)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	enum gh_status status = print_all(&text, content, error);

	*calibration = NULL;
	if (status == GH_OK)
		status = gh_calibration_parse(
			"calibration", gh_bytes_view(&text), calibration, error);
	gh_bytes_finish(&text);
	return status;
}

const struct gh_calibration_content *gh_calibration_content(
	const struct gh_calibration *calibration)
{
	return &calibration->file->content;
}
