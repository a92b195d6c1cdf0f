/* SPDX-License-Identifier: Apache-2.0 */
/* Parses values by their kind; the range that is checked and the range that is told are one. */
#include "value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
#define DRIVER_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_"
#define SCHEME "https://"

static bool optional(const struct gh_row *row)
{
	return row->preset[0] == '\0';
}

static void *field(const struct gh_row *row, struct gh_settings *settings)
{
	return (char *)settings + row->offset;
}

static bool only(const char *text, const char *characters)
{
	return strspn(text, characters) == strlen(text);
}

/* "class/name" with the section as class. */
static bool is_driver(const struct gh_row *row, const char *text)
{
	size_t length = strlen(row->section);

	return strncmp(text, row->section, length) == 0 && text[length] == '/' &&
		text[length + 1] != '\0' && only(text + length + 1, DRIVER_CHARACTERS);
}

/* Host and port, nothing behind: the uplink adds its own paths. */
static bool is_url(const char *text)
{
	size_t length = strlen(SCHEME);

	return strncmp(text, SCHEME, length) == 0 && text[length] != '\0' &&
		!strpbrk(text + length, "/?#@ \\");
}

static bool is_choice(const struct gh_row *row, const char *text)
{
	for (size_t i = 0; row->choices[i]; i++)
		if (strcmp(row->choices[i], text) == 0)
			return true;
	return false;
}

static bool fits_kind(const struct gh_row *row, const char *text)
{
	if (text[0] == '\0')
		return optional(row);
	switch (row->kind) {
	case GH_ROW_NAME:
		return only(text, NAME_CHARACTERS) && text[0] != '.' && text[0] != '-';
	case GH_ROW_DRIVER:
		return is_driver(row, text);
	case GH_ROW_URL:
		return is_url(text);
	case GH_ROW_CHOICE:
		return is_choice(row, text);
	default:
		return true;
	}
}

static bool parse_text(const struct gh_row *row, const char *text, char *value)
{
	if (strlen(text) >= row->size || !fits_kind(row, text))
		return false;
	memset(value, 0, row->size);
	memcpy(value, text, strlen(text));
	return true;
}

static bool parse_word(const struct gh_row *row, const char *text, void *value)
{
	for (unsigned i = 0; i < row->words->count; i++) {
		unsigned word = row->words->first + i;

		if (strcmp(row->words->name(word), text) != 0)
			continue;
		memcpy(value, &word, sizeof(word));
		return true;
	}
	return false;
}

static bool parse_flag(const char *text, bool *value)
{
	if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
		return false;
	*value = strcmp(text, "yes") == 0;
	return true;
}

/* Digits only: a unit behind the number would be another unit than the key's. */
static bool parse_number(const struct gh_row *row, const char *text, void *value)
{
	uint64_t number = 0;
	uint32_t narrow;

	if (text[0] == '\0' || !only(text, "0123456789"))
		return false;
	for (; *text; text++) {
		unsigned digit = (unsigned)(*text - '0');

		if (number > (UINT64_MAX - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	if (number < row->minimum || number > row->maximum)
		return false;
	narrow = (uint32_t)number;
	if (row->size == sizeof(narrow))
		memcpy(value, &narrow, sizeof(narrow));
	else
		memcpy(value, &number, sizeof(number));
	return true;
}

static bool parse(const struct gh_row *row, const char *text, void *value)
{
	switch (row->kind) {
	case GH_ROW_WORD:
		return parse_word(row, text, value);
	case GH_ROW_FLAG:
		return parse_flag(text, value);
	case GH_ROW_NUMBER:
		return parse_number(row, text, value);
	default:
		return parse_text(row, text, value);
	}
}

enum gh_status gh_value_parse(const struct gh_row *row, const char *text,
	struct gh_settings *settings, struct gh_error *error)
{
	char range[GH_RANGE_BYTES];

	if (parse(row, text, field(row, settings)))
		return GH_OK;
	gh_value_range(row, range);
	return gh_error_set(
		error, GH_SETTINGS, "%s: '%s' is not what it takes: %s", row->key, text, range);
}

static const char *name_of(const struct gh_row *row, unsigned index)
{
	return row->kind == GH_ROW_WORD ? row->words->name(row->words->first + index)
					: row->choices[index];
}

/* "a", "a or b", "a, b or c". */
static void list_words(const struct gh_row *row, char range[GH_RANGE_BYTES])
{
	unsigned count = 0;
	size_t used = 0;

	if (row->kind == GH_ROW_WORD)
		count = row->words->count;
	else
		while (row->choices[count])
			count++;
	for (unsigned i = 0; i < count && used < GH_RANGE_BYTES; i++) {
		const char *joint = i == 0 ? "" : i + 1 == count ? " or " : ", ";

		used += (size_t)snprintf(
			range + used, GH_RANGE_BYTES - used, "%s%s", joint, name_of(row, i));
	}
}

static void tell_text(const struct gh_row *row, const char *what, char range[GH_RANGE_BYTES])
{
	snprintf(range, GH_RANGE_BYTES, "%s of at most %zu bytes%s", what, row->size - 1,
		optional(row) ? ", or empty" : "");
}

void gh_value_range(const struct gh_row *row, char range[GH_RANGE_BYTES])
{
	range[0] = '\0';
	switch (row->kind) {
	case GH_ROW_NAME:
		snprintf(range, GH_RANGE_BYTES,
			"1 to %zu of A-Z a-z 0-9 _ . -, the last two not first", row->size - 1);
		break;
	case GH_ROW_TEXT:
		tell_text(row, "text", range);
		break;
	case GH_ROW_PATH:
		tell_text(row, "a path", range);
		break;
	case GH_ROW_DRIVER:
		snprintf(range, GH_RANGE_BYTES, "%s/NAME, or empty", row->section);
		break;
	case GH_ROW_URL:
		snprintf(range, GH_RANGE_BYTES, SCHEME "HOST or " SCHEME "HOST:PORT%s",
			optional(row) ? ", or empty" : "");
		break;
	case GH_ROW_CHOICE:
	case GH_ROW_WORD:
		list_words(row, range);
		break;
	case GH_ROW_FLAG:
		snprintf(range, GH_RANGE_BYTES, "yes or no");
		break;
	case GH_ROW_NUMBER:
		snprintf(range, GH_RANGE_BYTES, "%" PRIu64 " to %" PRIu64, row->minimum,
			row->maximum);
		break;
	}
}
