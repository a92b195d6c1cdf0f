/* SPDX-License-Identifier: Apache-2.0 */
/* The file of parameters: one value a line, in one order, under a hash. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/file.h"
#include "gatehouse/crypto/hash.h"
#include "gatehouse/vision/attack.h"

#define FORMAT_VERSION 1
#define LINE_BYTES 192

/* No number of the file is larger; none of a fitted one comes near. */
#define NUMBER_MAX 1e6

struct reader {
	struct gh_view text;
	size_t place;
	uint32_t line_number;
	char line[LINE_BYTES];
	struct gh_error *error;
};

static enum gh_status fail(struct reader *reader, const char *reason)
{
	return gh_error_set(
		reader->error, GH_MALFORMED, "line %" PRIu32 ": %s", reader->line_number, reason);
}

/* The next line, which begins with key; *value is what follows the blank behind it. */
static enum gh_status take(struct reader *reader, const char *key, char **value)
{
	const uint8_t *from = reader->text.data + reader->place;
	size_t left = reader->text.length_bytes - reader->place, length = strlen(key);
	const uint8_t *end = left > 0 ? memchr(from, '\n', left) : NULL;

	reader->line_number++;
	if (!end)
		return gh_error_set(reader->error, GH_TRUNCATED, "the text ends in line %" PRIu32,
			reader->line_number);
	if ((size_t)(end - from) >= LINE_BYTES || memchr(from, '\0', (size_t)(end - from)))
		return fail(reader, "too long, or with a zero byte");
	memcpy(reader->line, from, (size_t)(end - from));
	reader->line[end - from] = '\0';
	reader->place += (size_t)(end - from) + 1;
	if (strncmp(reader->line, key, length) != 0 || reader->line[length] != ' ')
		return gh_error_set(reader->error, GH_MALFORMED,
			"line %" PRIu32 ": \"%s\" is missing", reader->line_number, key);
	*value = reader->line + length + 1;
	return GH_OK;
}

static enum gh_status take_count(struct reader *reader, const char *key, uint32_t *count)
{
	char *text, *end;
	unsigned long long value;
	enum gh_status status = take(reader, key, &text);

	if (status != GH_OK)
		return status;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || value > UINT32_MAX)
		return fail(reader, "not a count");
	*count = (uint32_t)value;
	return GH_OK;
}

static enum gh_status take_numbers(
	struct reader *reader, const char *key, float *numbers, uint32_t count)
{
	char *text;
	enum gh_status status = take(reader, key, &text);

	for (uint32_t i = 0; i < count && status == GH_OK; i++) {
		char *end;
		double value = strtod(text, &end);

		if (end == text || *text == ' ' || !(fabs(value) <= NUMBER_MAX) ||
			*end != (i + 1 < count ? ' ' : '\0'))
			return fail(reader, "not as many numbers as belong there");
		numbers[i] = (float)value;
		text = end + 1;
	}
	return status;
}

static enum gh_status take_term(
	struct reader *reader, enum gh_attack_cue cue, struct gh_attack_term *term)
{
	float numbers[4];
	enum gh_status status = take_numbers(reader, gh_attack_cue_word(cue), numbers, 4);

	if (status != GH_OK)
		return status;
	*term = (struct gh_attack_term){ numbers[0], numbers[1], numbers[2], numbers[3] };
	if (!(term->scale >= 1e-6f) || !(term->weight >= 0.0f))
		return fail(reader, "a scale is above 0, a weight not below");
	return GH_OK;
}

static enum gh_status take_fusion(
	struct reader *reader, const char *key, struct gh_attack_fusion *fusion)
{
	enum gh_status status = take_numbers(reader, key, &fusion->bias, 1);

	for (int i = 0; i < GH_ATTACK_CUE_COUNT && status == GH_OK; i++)
		status = take_term(reader, (enum gh_attack_cue)i, &fusion->terms[i]);
	if (status == GH_OK)
		status = take_numbers(reader, "limits", fusion->limits, GH_ATTACK_BPCER_COUNT);
	for (int i = 1; i < GH_ATTACK_BPCER_COUNT && status == GH_OK; i++)
		if (fusion->limits[i] > fusion->limits[i - 1])
			status = fail(reader, "limits fall as the share of false alarms grows");
	return status;
}

static enum gh_status take_yes(struct reader *reader, const char *key, bool *yes)
{
	char *text;
	enum gh_status status = take(reader, key, &text);

	if (status != GH_OK)
		return status;
	*yes = !strcmp(text, "yes");
	return *yes || !strcmp(text, "no") ? GH_OK : fail(reader, "neither yes nor no");
}

static enum gh_status take_head(struct reader *reader, struct gh_attack_parameters *to)
{
	uint32_t version = 0;
	char *text = NULL;
	enum gh_status status = take_count(reader, "gatehouse-attack", &version);

	if (status == GH_OK && version != FORMAT_VERSION)
		return gh_error_set(reader->error, GH_UNSUPPORTED,
			"version %" PRIu32 " of the format, not %d", version, FORMAT_VERSION);
	if (status == GH_OK)
		status = take(reader, "data_set", &text);
	if (status != GH_OK)
		return status;
	if (strlen(text) >= sizeof(to->data_set))
		return fail(reader, "the name of the data set is too long");
	memcpy(to->data_set, text, strlen(text) + 1);
	status = take_yes(reader, "simulated_only", &to->simulated_only);
	if (status == GH_OK)
		status = take_count(reader, "people", &to->people);
	if (status == GH_OK)
		status = take_count(reader, "bona_fide", &to->bona_fide);
	if (status == GH_OK)
		status = take_count(reader, "attacks", &to->attacks);
	return status;
}

static enum gh_status check_hash(struct reader *reader)
{
	struct gh_view hashed = { reader->text.data, reader->place };
	struct gh_sha256 wanted, found;
	char *text;
	enum gh_status status = gh_sha256_of(hashed, &found, reader->error);

	if (status == GH_OK)
		status = take(reader, "sha256", &text);
	if (status != GH_OK)
		return status;
	if (gh_sha256_parse(text, &wanted, NULL) != GH_OK)
		return fail(reader, "a SHA-256 is 64 hexadecimal digits");
	if (reader->place != reader->text.length_bytes)
		return fail(reader, "more after the hash");
	if (!gh_sha256_equal(&wanted, &found))
		return gh_error_set(reader->error, GH_INTEGRITY,
			"the text is not the one its hash was taken of");
	return GH_OK;
}

enum gh_status gh_attack_parse(
	struct gh_view text, struct gh_attack_parameters *parameters, struct gh_error *error)
{
	struct reader reader = { .text = text, .error = error };
	enum gh_status status;

	memset(parameters, 0, sizeof(*parameters));
	status = take_head(&reader, parameters);
	if (status == GH_OK)
		status = take_fusion(&reader, "with_network", &parameters->with_network);
	if (status == GH_OK)
		status = take_fusion(&reader, "without_network", &parameters->without_network);
	if (status == GH_OK)
		status = check_hash(&reader);
	if (status != GH_OK)
		memset(parameters, 0, sizeof(*parameters));
	return status;
}

enum gh_status gh_attack_read(
	const char *path, struct gh_attack_parameters *parameters, struct gh_error *error)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	enum gh_status status = gh_file_read(path, GH_ATTACK_FILE_BYTES_MAX, &text, error);

	memset(parameters, 0, sizeof(*parameters));
	if (status == GH_OK) {
		status = gh_attack_parse(gh_bytes_view(&text), parameters, error);
		if (status != GH_OK)
			gh_error_wrap(error, "%s", path);
	}
	gh_bytes_finish(&text);
	return status;
}

static enum gh_status print_fusion(struct gh_bytes *text, const char *key,
	const struct gh_attack_fusion *fusion, struct gh_error *error)
{
	enum gh_status status = gh_bytes_print(text, error, "%s %.9g\n", key, (double)fusion->bias);

	for (int i = 0; i < GH_ATTACK_CUE_COUNT && status == GH_OK; i++) {
		const struct gh_attack_term *term = &fusion->terms[i];

		status = gh_bytes_print(text, error, "%s %.9g %.9g %.9g %.9g\n",
			gh_attack_cue_word((enum gh_attack_cue)i), (double)term->typical,
			(double)term->centre, (double)term->scale, (double)term->weight);
	}
	for (int i = 0; i < GH_ATTACK_BPCER_COUNT && status == GH_OK; i++)
		status = gh_bytes_print(text, error, "%s%.9g%s", i == 0 ? "limits " : " ",
			(double)fusion->limits[i], i + 1 < GH_ATTACK_BPCER_COUNT ? "" : "\n");
	return status;
}

static enum gh_status print(
	struct gh_bytes *text, const struct gh_attack_parameters *from, struct gh_error *error)
{
	char hash_text[GH_SHA256_TEXT_BYTES];
	struct gh_sha256 hash;
	enum gh_status status = gh_bytes_print(text, error,
		"gatehouse-attack %d\ndata_set %s\nsimulated_only %s\npeople %" PRIu32
		"\nbona_fide %" PRIu32 "\nattacks %" PRIu32 "\n",
		FORMAT_VERSION, from->data_set, from->simulated_only ? "yes" : "no", from->people,
		from->bona_fide, from->attacks);

	if (status == GH_OK)
		status = print_fusion(text, "with_network", &from->with_network, error);
	if (status == GH_OK)
		status = print_fusion(text, "without_network", &from->without_network, error);
	if (status == GH_OK)
		status = gh_sha256_of(gh_bytes_view(text), &hash, error);
	if (status != GH_OK)
		return status;
	gh_sha256_format(&hash, hash_text);
	return gh_bytes_print(text, error, "sha256 %s\n", hash_text);
}

enum gh_status gh_attack_write(
	const char *path, const struct gh_attack_parameters *parameters, struct gh_error *error)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	enum gh_status status = print(&text, parameters, error);

	if (status == GH_OK)
		status = gh_file_replace(path, gh_bytes_view(&text), 0644, error);
	gh_bytes_finish(&text);
	return status;
}
