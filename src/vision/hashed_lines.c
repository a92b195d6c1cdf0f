/* SPDX-License-Identifier: Apache-2.0 */
/* Reads line by line; whatever is wrong is told with its line. */
#include "hashed_lines.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/crypto/hash.h"

/* No number of a file is larger; none of a fitted one comes near. */
#define NUMBER_MAX 1e6

enum gh_status gh_hashed_lines_wrong(struct gh_hashed_lines *lines, const char *reason)
{
	return gh_error_set(
		lines->error, GH_MALFORMED, "line %" PRIu32 ": %s", lines->number, reason);
}

enum gh_status gh_hashed_lines_take(struct gh_hashed_lines *lines, const char *key, char **value)
{
	const uint8_t *from = lines->text.data + lines->place;
	size_t left = lines->text.length_bytes - lines->place, length = strlen(key);
	const uint8_t *end = left > 0 ? memchr(from, '\n', left) : NULL;

	lines->number++;
	if (!end)
		return gh_error_set(lines->error, GH_TRUNCATED, "the text ends in line %" PRIu32,
			lines->number);
	if ((size_t)(end - from) >= HASHED_LINE_BYTES || memchr(from, '\0', (size_t)(end - from)))
		return gh_hashed_lines_wrong(lines, "too long, or with a zero byte");
	memcpy(lines->line, from, (size_t)(end - from));
	lines->line[end - from] = '\0';
	lines->place += (size_t)(end - from) + 1;
	if (strncmp(lines->line, key, length) != 0 || lines->line[length] != ' ')
		return gh_error_set(lines->error, GH_MALFORMED,
			"line %" PRIu32 ": \"%s\" is missing", lines->number, key);
	*value = lines->line + length + 1;
	return GH_OK;
}

enum gh_status gh_hashed_lines_text(
	struct gh_hashed_lines *lines, const char *key, char *text, size_t room_bytes)
{
	char *value;
	enum gh_status status = gh_hashed_lines_take(lines, key, &value);

	if (status != GH_OK)
		return status;
	if (strlen(value) >= room_bytes)
		return gh_hashed_lines_wrong(lines, "the text is too long");
	memcpy(text, value, strlen(value) + 1);
	return GH_OK;
}

enum gh_status gh_hashed_lines_count(
	struct gh_hashed_lines *lines, const char *key, uint32_t *count)
{
	char *text, *end;
	unsigned long long value;
	enum gh_status status = gh_hashed_lines_take(lines, key, &text);

	if (status != GH_OK)
		return status;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || value > UINT32_MAX)
		return gh_hashed_lines_wrong(lines, "not a count");
	*count = (uint32_t)value;
	return GH_OK;
}

enum gh_status gh_hashed_lines_numbers(
	struct gh_hashed_lines *lines, const char *key, float *numbers, uint32_t count)
{
	char *text;
	enum gh_status status = gh_hashed_lines_take(lines, key, &text);

	for (uint32_t i = 0; i < count && status == GH_OK; i++) {
		char *end;
		double value = strtod(text, &end);

		if (end == text || *text == ' ' || !(fabs(value) <= NUMBER_MAX) ||
			*end != (i + 1 < count ? ' ' : '\0'))
			return gh_hashed_lines_wrong(lines, "not as many numbers as belong there");
		numbers[i] = (float)value;
		text = end + 1;
	}
	return status;
}

enum gh_status gh_hashed_lines_yes(struct gh_hashed_lines *lines, const char *key, bool *yes)
{
	char *text;
	enum gh_status status = gh_hashed_lines_take(lines, key, &text);

	if (status != GH_OK)
		return status;
	*yes = !strcmp(text, "yes");
	return *yes || !strcmp(text, "no") ? GH_OK
					   : gh_hashed_lines_wrong(lines, "neither yes nor no");
}

enum gh_status gh_hashed_lines_begin(
	struct gh_hashed_lines *lines, const char *key, uint32_t version)
{
	uint32_t found = 0;
	enum gh_status status = gh_hashed_lines_count(lines, key, &found);

	if (status == GH_OK && found != version)
		return gh_error_set(lines->error, GH_UNSUPPORTED,
			"version %" PRIu32 " of the format, not %" PRIu32, found, version);
	return status;
}

enum gh_status gh_hashed_lines_end(struct gh_hashed_lines *lines)
{
	struct gh_view hashed = { lines->text.data, lines->place };
	struct gh_sha256 wanted, found;
	char *text;
	enum gh_status status = gh_sha256_of(hashed, &found, lines->error);

	if (status == GH_OK)
		status = gh_hashed_lines_take(lines, "sha256", &text);
	if (status != GH_OK)
		return status;
	if (gh_sha256_parse(text, &wanted, NULL) != GH_OK)
		return gh_hashed_lines_wrong(lines, "a SHA-256 is 64 hexadecimal digits");
	if (lines->place != lines->text.length_bytes)
		return gh_hashed_lines_wrong(lines, "more after the hash");
	if (!gh_sha256_equal(&wanted, &found))
		return gh_error_set(lines->error, GH_INTEGRITY,
			"the text is not the one its hash was taken of");
	return GH_OK;
}

enum gh_status gh_hashed_lines_seal(struct gh_bytes *text, struct gh_error *error)
{
	char hash_text[GH_SHA256_TEXT_BYTES];
	struct gh_sha256 hash;
	enum gh_status status = gh_sha256_of(gh_bytes_view(text), &hash, error);

	if (status != GH_OK)
		return status;
	gh_sha256_format(&hash, hash_text);
	return gh_bytes_print(text, error, "sha256 %s\n", hash_text);
}
