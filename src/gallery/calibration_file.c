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

#define FORMAT_VERSION 1

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

static enum gh_status read_head(struct reader *reader, struct gh_calibration_facts *facts)
{
	uint64_t version = 0;
	char *text;
	enum gh_status status;

	status = read_count(reader, "gatehouse-calibration", UINT32_MAX, &version);
	if (status != GH_OK)
		return status;
	if (version != FORMAT_VERSION)
		return fail(reader, GH_UNSUPPORTED, "another version of the format");
	status = next_value(reader, "data_set", &text);
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
	enum gh_status status = read_head(reader, facts);

	if (status == GH_OK)
		status = read_count_32(reader, "frames_averaged", &facts->frames_averaged);
	if (status == GH_OK)
		status = read_count_32(reader, "pictures", &facts->pictures);
	if (status == GH_OK)
		status = read_count_32(reader, "failures_to_acquire", &facts->failures_to_acquire);
	if (status == GH_OK)
		status = read_count_32(reader, "identities", &facts->identities);
	if (status == GH_OK)
		status = read_count(reader, "genuine_pairs", UINT64_MAX, &facts->genuine_pairs);
	if (status == GH_OK)
		status = read_count(reader, "impostor_pairs", UINT64_MAX, &facts->impostor_pairs);
	if (status == GH_OK)
		status = read_numbers(reader, "impostor_scores", spread, 2);
	facts->impostor_mean = spread[0];
	facts->impostor_sd = spread[1];
	return status;
}

static enum gh_status read_points(struct reader *reader, struct gh_calibration_content *content)
{
	uint64_t count = 0;
	double tail[3] = { 0.0, 0.0, 0.0 };
	enum gh_status status = read_numbers(reader, "tail", tail, 3);

	if (status != GH_OK)
		return status;
	content->tail_score = (float)tail[0];
	content->tail_fmr = tail[1];
	content->tail_scale = tail[2];
	content->facts.fmr_measured_min = tail[1];
	status = read_count(reader, "points", GH_CALIBRATION_POINTS_MAX, &count);
	if (status != GH_OK)
		return status;
	content->points = calloc(count > 0 ? count : 1, sizeof(*content->points));
	if (!content->points)
		return gh_error_set(reader->error, GH_NO_MEMORY, "%s", reader->name);
	for (; content->point_count < count; content->point_count++) {
		double numbers[3];

		status = next_line(reader);
		if (status == GH_OK)
			status = take_numbers(reader, reader->line, numbers, 3);
		if (status != GH_OK)
			return status;
		content->points[content->point_count] =
			(struct gh_calibration_point){ (float)numbers[0], numbers[1], numbers[2] };
	}
	return GH_OK;
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

static enum gh_status read_end(struct reader *reader)
{
	enum gh_status status = next_line(reader);

	if (status != GH_OK)
		return status;
	if (strcmp(reader->line, "end") != 0)
		return fail(reader, GH_MALFORMED, "\"end\" is missing");
	if (reader->place != reader->text.length_bytes)
		return fail(reader, GH_MALFORMED, "more after \"end\"");
	return GH_OK;
}

static enum gh_status read_all(struct reader *reader, struct gh_calibration_content *content)
{
	enum gh_status status = read_facts(reader, &content->facts);

	if (status == GH_OK)
		status = read_points(reader, content);
	if (status == GH_OK)
		status = read_spread(reader, &content->spread);
	if (status == GH_OK)
		status = read_end(reader);
	if (status != GH_OK)
		return status;
	status = gh_calibration_content_check(content, reader->error);
	if (status != GH_OK)
		gh_error_wrap(reader->error, "%s", reader->name);
	return status;
}

enum gh_status gh_calibration_parse(const char *name, struct gh_view text,
	struct gh_calibration **calibration, struct gh_error *error)
{
	struct reader reader = { .name = name, .text = text, .error = error };
	struct gh_calibration *made = calloc(1, sizeof(*made));
	enum gh_status status;

	*calibration = NULL;
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "%s", name);
	status = read_all(&reader, &made->content);
	if (status != GH_OK) {
		gh_calibration_close(made);
		return status;
	}
	*calibration = made;
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
		"frames_averaged %" PRIu32 "\n"
		"pictures %" PRIu32 "\n"
		"failures_to_acquire %" PRIu32 "\n"
		"identities %" PRIu32 "\n"
		"genuine_pairs %" PRIu64 "\n"
		"impostor_pairs %" PRIu64 "\n"
		"impostor_scores %.9g %.9g\n"
		"tail %.9g %.12g %.9g\n",
		FORMAT_VERSION, facts->data_set, facts->research_only ? "yes" : "no", chain,
		facts->frames_averaged, facts->pictures, facts->failures_to_acquire,
		facts->identities, facts->genuine_pairs, facts->impostor_pairs,
		facts->impostor_mean, facts->impostor_sd, (double)content->tail_score,
		content->tail_fmr, content->tail_scale);
}

static enum gh_status print_points(
	struct gh_bytes *text, const struct gh_calibration_content *content, struct gh_error *error)
{
	enum gh_status status = gh_bytes_print(text, error, "points %zu\n", content->point_count);

	for (size_t i = 0; status == GH_OK && i < content->point_count; i++)
		status = gh_bytes_print(text, error, "%.9g %.12g %.9g\n",
			(double)content->points[i].score, content->points[i].fmr,
			content->points[i].fnmr);
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

enum gh_status gh_calibration_write(
	const char *path, const struct gh_calibration_content *content, struct gh_error *error)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	struct gh_calibration *read_back = NULL;
	enum gh_status status = print_head(&text, content, error);

	if (status == GH_OK)
		status = print_points(&text, content, error);
	if (status == GH_OK)
		status = print_spread(&text, &content->spread, error);
	if (status == GH_OK)
		status = gh_calibration_parse(path, gh_bytes_view(&text), &read_back, error);
	if (status == GH_OK)
		status = gh_file_replace(path, gh_bytes_view(&text), 0644, error);
	gh_calibration_close(read_back);
	gh_bytes_finish(&text);
	return status;
}

const struct gh_calibration_content *gh_calibration_content(
	const struct gh_calibration *calibration)
{
	return &calibration->content;
}
