/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a driver's `key=value,...` and the numbers in rehearsed commands. */
#include "gatehouse/device/options.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *const gh_option_switch[] = { "no", "yes", NULL };

/* A piece of the text; it has no NUL of its own. */
struct piece {
	const char *text;
	size_t length;
};

/* Longest piece an error repeats. */
#define SHOWN_MAX 40

static int shown(struct piece piece)
{
	return piece.length < SHOWN_MAX ? (int)piece.length : SHOWN_MAX;
}

static bool equal(struct piece piece, const char *word)
{
	return strlen(word) == piece.length && memcmp(piece.text, word, piece.length) == 0;
}

static bool read_number(struct piece piece, uint32_t minimum, uint32_t maximum, uint32_t *value)
{
	uint64_t number = 0;
	if (piece.length == 0)
		return false;
	for (size_t i = 0; i < piece.length; i++) {
		if (piece.text[i] < '0' || piece.text[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(piece.text[i] - '0');
		if (number > maximum)
			return false;
	}
	if (number < minimum)
		return false;
	*value = (uint32_t)number;
	return true;
}

/* "a, b, c": the words there are, for an error. */
static void list_words(const char *const *words, char *text, size_t text_bytes)
{
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; words[i] && used < text_bytes; i++) {
		int n = snprintf(text + used, text_bytes - used, "%s%s", i ? ", " : "", words[i]);
		used += n > 0 ? (size_t)n : 0;
	}
}

static void list_keys(const struct gh_option *options, size_t count, char *text, size_t text_bytes)
{
	const char *keys[GH_OPTIONS_MAX + 1] = { NULL };
	for (size_t i = 0; i < count; i++)
		keys[i] = options[i].key;
	list_words(keys, text, text_bytes);
}

static enum gh_status set_value(
	const struct gh_option *option, struct piece value, struct gh_error *error)
{
	char words[128];
	if (!option->words) {
		if (read_number(value, option->minimum, option->maximum, option->value))
			return GH_OK;
		return gh_error_set(error, GH_SETTINGS,
			"option '%s' is '%.*s': a number from %u to %u is needed", option->key,
			shown(value), value.text, option->minimum, option->maximum);
	}
	for (uint32_t i = 0; option->words[i]; i++) {
		if (equal(value, option->words[i])) {
			*option->value = i;
			return GH_OK;
		}
	}
	list_words(option->words, words, sizeof(words));
	return gh_error_set(error, GH_SETTINGS, "option '%s' is '%.*s': one of %s is needed",
		option->key, shown(value), value.text, words);
}

static enum gh_status set_option(struct piece pair, const struct gh_option *options, size_t count,
	uint32_t *seen, struct gh_error *error)
{
	const char *sign = memchr(pair.text, '=', pair.length);
	if (!sign)
		return gh_error_set(
			error, GH_SETTINGS, "option '%.*s' has no '='", shown(pair), pair.text);
	struct piece key = { pair.text, (size_t)(sign - pair.text) };
	struct piece value = { sign + 1, pair.length - key.length - 1 };

	for (size_t i = 0; i < count; i++) {
		if (!equal(key, options[i].key))
			continue;
		if (*seen & (UINT32_C(1) << i))
			return gh_error_set(
				error, GH_SETTINGS, "option '%s' is given twice", options[i].key);
		*seen |= UINT32_C(1) << i;
		return set_value(&options[i], value, error);
	}
	char keys[256];
	list_keys(options, count, keys, sizeof(keys));
	return gh_error_set(error, GH_SETTINGS, "option '%.*s' is not known; there are: %s",
		shown(key), key.text, keys);
}

enum gh_status gh_options_parse(
	const char *text, const struct gh_option *options, size_t count, struct gh_error *error)
{
	assert(count <= GH_OPTIONS_MAX);
	uint32_t seen = 0;
	while (*text != '\0') {
		struct piece pair = { text, strcspn(text, ",") };
		enum gh_status status = set_option(pair, options, count, &seen, error);
		if (status != GH_OK)
			return status;
		text += pair.length;
		if (text[0] == ',' && text[1] == '\0')
			return gh_error_set(error, GH_SETTINGS, "the options end with ','");
		text += *text == ',';
	}
	return GH_OK;
}

enum gh_status gh_number_parse(const char *text, uint32_t minimum, uint32_t maximum,
	uint32_t *value, struct gh_error *error)
{
	struct piece piece = { text, strlen(text) };
	if (read_number(piece, minimum, maximum, value))
		return GH_OK;
	return gh_error_set(error, GH_MALFORMED, "'%.*s': a number from %u to %u is needed",
		shown(piece), text, minimum, maximum);
}

const char *gh_command_rest(const char *command, const char *verb)
{
	size_t length = strlen(verb);
	if (strncmp(command, verb, length) != 0)
		return NULL;
	if (command[length] == '\0')
		return command + length;
	return command[length] == ' ' ? command + length + 1 : NULL;
}
