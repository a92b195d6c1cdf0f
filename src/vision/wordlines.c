/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of words, bounded everywhere. */
#include "wordlines.h"

#include <string.h>

#define WHOLE_DIGITS_MAX 9
#define DIGITS_MAX 15

enum gh_status gh_wordlines_wrong(
	const struct gh_wordlines *lines, const char *what, struct gh_error *error)
{
	return gh_error_set(error, GH_MALFORMED, "line %u: %s", lines->number, what);
}

/* The bytes of the next line, without its end. */
static bool take(struct gh_wordlines *lines, struct gh_view *line)
{
	const uint8_t *from = lines->text.data + lines->at;
	size_t left = lines->text.length_bytes - lines->at;
	const uint8_t *end;

	if (lines->at >= lines->text.length_bytes)
		return false;
	end = memchr(from, '\n', left);
	*line = (struct gh_view){ from, end ? (size_t)(end - from) : left };
	lines->at += line->length_bytes + 1;
	lines->number++;
	return true;
}

static bool add_word(struct gh_wordlines *lines, const uint8_t *from, size_t length)
{
	if (length == 0 || length >= WORDLINE_WORD_BYTES || lines->count == WORDLINE_WORDS_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		if (from[i] <= ' ' || from[i] > '~')
			return false;
	memcpy(lines->words[lines->count], from, length);
	lines->words[lines->count++][length] = '\0';
	return true;
}

static bool split(struct gh_wordlines *lines, struct gh_view line)
{
	size_t at = 0;

	lines->count = 0;
	while (at <= line.length_bytes) {
		const uint8_t *from = line.data + at;
		const uint8_t *blank = memchr(from, ' ', line.length_bytes - at);
		size_t length = blank ? (size_t)(blank - from) : line.length_bytes - at;

		if (!add_word(lines, from, length))
			return false;
		at += length + 1;
	}
	return true;
}

enum gh_status gh_wordlines_next(struct gh_wordlines *lines, struct gh_error *error)
{
	struct gh_view line;

	if (lines->text.length_bytes > WORDLINES_BYTES_MAX)
		return gh_error_set(error, GH_MALFORMED, "a description has at most %u bytes",
			WORDLINES_BYTES_MAX);
	while (take(lines, &line)) {
		if (line.length_bytes == 0 || line.data[0] == '#')
			continue;
		if (split(lines, line))
			return GH_OK;
		return gh_wordlines_wrong(lines,
			"at most 8 words of up to 31 printable characters, parted by single blanks",
			error);
	}
	return gh_error_set(error, GH_TRUNCATED, "the line \"end\" is missing");
}

bool gh_wordlines_over(struct gh_wordlines *lines)
{
	struct gh_view line;

	while (take(lines, &line))
		if (line.length_bytes > 0 && line.data[0] != '#')
			return false;
	return true;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

bool gh_word_whole(const char *word, int64_t *value)
{
	*value = 0;
	if (!*word || strlen(word) > WHOLE_DIGITS_MAX)
		return false;
	for (; *word; word++) {
		if (!digit(*word))
			return false;
		*value = *value * 10 + (*word - '0');
	}
	return true;
}

/* Digits up to a stop; each one beyond the point divides once more. */
bool gh_word_number(const char *word, float *value)
{
	bool negative = *word == '-', point = false;
	double digits = 0.0, divisor = 1.0;
	int count = 0;

	for (word += negative; *word; word++) {
		if (*word == '.' && !point && count > 0) {
			point = true;
			continue;
		}
		if (!digit(*word) || ++count > DIGITS_MAX)
			return false;
		digits = digits * 10.0 + (*word - '0');
		divisor *= point ? 10.0 : 1.0;
	}
	*value = (float)(negative ? -digits / divisor : digits / divisor);
	return count > 0;
}
