/* SPDX-License-Identifier: Apache-2.0 */
/* The index of a data set: which picture shows whom. */
#include "gatehouse/evaluation/index.h"

#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/file.h"

#define FIELDS_MAX 64

/* A line that names a picture; texts are in place inside the copy of the index. */
struct entry {
	const char *identity;
	const char *file;
	uint32_t line;
	uint32_t number; /* of the identity */
};

struct parser {
	const char *name;
	char *text;
	size_t length;
	size_t place;
	uint32_t line;
	size_t field_count;
	size_t identity_field;
	size_t file_field;
	struct entry *entries;
	size_t count;
	size_t capacity;
	uint32_t identity_count;
	struct gh_error *error;
};

static enum gh_status fail(struct parser *parser, uint32_t line, const char *reason)
{
	return gh_error_set(
		parser->error, GH_MALFORMED, "%s:%" PRIu32 ": %s", parser->name, line, reason);
}

/* The next line, cut off and without its end, or NULL. */
static char *next_line(struct parser *parser)
{
	char *start = parser->text + parser->place;
	char *end;

	if (parser->place >= parser->length)
		return NULL;
	end = memchr(start, '\n', parser->length - parser->place);
	if (!end)
		end = parser->text + parser->length;
	parser->place = (size_t)(end - parser->text) + 1;
	parser->line++;
	*end = '\0';
	if (end > start && end[-1] == '\r')
		end[-1] = '\0';
	return start;
}

/* Cut a line into its fields; FIELDS_MAX + 1 when there are more. */
static size_t split(char *line, const char *fields[FIELDS_MAX])
{
	size_t count = 0;

	for (;;) {
		char *tab = strchr(line, '\t');

		if (count == FIELDS_MAX)
			return FIELDS_MAX + 1;
		fields[count++] = line;
		if (!tab)
			return count;
		*tab = '\0';
		line = tab + 1;
	}
}

static bool find_field(const char *const *fields, size_t count, const char *name, size_t *field)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(fields[i], name) == 0) {
			*field = i;
			return true;
		}
	}
	return false;
}

static enum gh_status read_head(struct parser *parser)
{
	const char *fields[FIELDS_MAX];
	char *line;

	/* Some editors put a byte order mark before the first word. */
	if (parser->length >= 3 && memcmp(parser->text, "\xEF\xBB\xBF", 3) == 0)
		parser->place = 3;
	line = next_line(parser);
	if (!line)
		return fail(parser, 1, "the index is empty");
	parser->field_count = split(line, fields);
	if (parser->field_count > FIELDS_MAX)
		return fail(parser, 1, "too many columns");
	if (!find_field(fields, parser->field_count, "identity", &parser->identity_field) ||
		!find_field(fields, parser->field_count, "file", &parser->file_field))
		return fail(parser, 1, "the first line does not name \"identity\" and \"file\"");
	return GH_OK;
}

static enum gh_status add_entry(struct parser *parser, const struct entry *entry)
{
	struct entry *grown;
	size_t capacity = parser->capacity > 0 ? parser->capacity * 2 : 1024;

	if (parser->count == GH_INDEX_PICTURES_MAX)
		return gh_error_set(parser->error, GH_TOO_LARGE, "%s:%" PRIu32 ": over %u pictures",
			parser->name, parser->line, GH_INDEX_PICTURES_MAX);
	if (parser->count == parser->capacity) {
		grown = realloc(parser->entries, capacity * sizeof(*grown));
		if (!grown)
			return gh_error_set(parser->error, GH_NO_MEMORY, "%s", parser->name);
		parser->entries = grown;
		parser->capacity = capacity;
	}
	parser->entries[parser->count++] = *entry;
	return GH_OK;
}

static enum gh_status read_line(struct parser *parser, char *line)
{
	const char *fields[FIELDS_MAX];
	struct entry entry = { .line = parser->line };

	if (split(line, fields) != parser->field_count)
		return fail(parser, parser->line, "not as many fields as the first line");
	entry.identity = fields[parser->identity_field];
	entry.file = fields[parser->file_field];
	if (entry.identity[0] == '\0')
		return fail(parser, parser->line, "the identity is empty");
	if (entry.file[0] == '\0')
		return fail(parser, parser->line, "the file is empty");
	return add_entry(parser, &entry);
}

static enum gh_status read_lines(struct parser *parser)
{
	enum gh_status status = GH_OK;
	char *line;

	while (status == GH_OK && (line = next_line(parser)) != NULL)
		if (line[0] != '\0')
			status = read_line(parser, line);
	if (status == GH_OK && parser->count == 0)
		return fail(parser, parser->line, "no picture is listed");
	return status;
}

static int by_file(const void *left, const void *right)
{
	const struct entry *a = left;
	const struct entry *b = right;
	int order = strcmp(a->file, b->file);

	return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

static int by_identity(const void *left, const void *right)
{
	const struct entry *a = left;
	const struct entry *b = right;
	int order = strcmp(a->identity, b->identity);

	return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

static int by_number(const void *left, const void *right)
{
	const struct entry *a = left;
	const struct entry *b = right;

	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return (a->line > b->line) - (a->line < b->line);
}

/* A picture that stands there twice would be compared with itself. */
static enum gh_status check_files(struct parser *parser)
{
	struct entry *entries = parser->entries;

	qsort(entries, parser->count, sizeof(*entries), by_file);
	for (size_t i = 1; i < parser->count; i++)
		if (strcmp(entries[i].file, entries[i - 1].file) == 0)
			return fail(parser, entries[i].line, "the file is listed a second time");
	return GH_OK;
}

/* Number the identities by the line that mentions them first. */
static void number_identities(struct parser *parser)
{
	struct entry *entries = parser->entries;
	uint32_t last = 0;

	qsort(entries, parser->count, sizeof(*entries), by_identity);
	for (size_t i = 0; i < parser->count; i++) {
		bool same = i > 0 && strcmp(entries[i].identity, entries[i - 1].identity) == 0;

		/* For now, the first line itself is the number. */
		entries[i].number = same ? entries[i - 1].number : entries[i].line;
	}
	qsort(entries, parser->count, sizeof(*entries), by_number);
	for (size_t i = 0; i < parser->count; i++) {
		bool same = i > 0 && entries[i].number == last;

		last = entries[i].number;
		entries[i].number = same ? entries[i - 1].number : parser->identity_count++;
	}
}

/* Room for all paths, joined. */
static size_t paths_bytes(const struct parser *parser, const char *folder)
{
	size_t bytes = 1;

	for (size_t i = 0; i < parser->count; i++)
		bytes += strlen(folder) + 1 + strlen(parser->entries[i].file) + 1;
	return bytes;
}

static enum gh_status hand_over(struct parser *parser, const char *folder, struct gh_index *index)
{
	size_t bytes = paths_bytes(parser, folder);
	char *place;

	index->pictures = calloc(parser->count, sizeof(*index->pictures));
	index->texts = calloc(bytes, 1);
	if (!index->pictures || !index->texts)
		return gh_error_set(parser->error, GH_NO_MEMORY, "%s", parser->name);
	place = index->texts;
	for (size_t i = 0; i < parser->count; i++) {
		const struct entry *entry = &parser->entries[i];
		bool relative = entry->file[0] != '/' && folder[0] != '\0';
		size_t left = bytes - (size_t)(place - index->texts);
		enum gh_status status = GH_OK;

		if (relative)
			status = gh_path_join(folder, entry->file, place, left, NULL);
		else
			memcpy(place, entry->file, strlen(entry->file) + 1);
		if (status != GH_OK || strlen(place) >= PATH_MAX)
			return fail(parser, entry->line, "the path is too long");
		index->pictures[i] = (struct gh_index_picture){ place, entry->number, entry->line };
		place += strlen(place) + 1;
	}
	index->picture_count = parser->count;
	index->identity_count = parser->identity_count;
	return GH_OK;
}

enum gh_status gh_index_parse(const char *name, const char *folder, struct gh_view text,
	struct gh_index *index, struct gh_error *error)
{
	struct parser parser = { .name = name, .length = text.length_bytes, .error = error };
	enum gh_status status;

	*index = (struct gh_index){ .pictures = NULL };
	if (text.length_bytes > GH_INDEX_BYTES_MAX)
		return gh_error_set(
			error, GH_TOO_LARGE, "%s: over %u bytes", name, GH_INDEX_BYTES_MAX);
	if (text.length_bytes > 0 && memchr(text.data, '\0', text.length_bytes))
		return gh_error_set(error, GH_MALFORMED, "%s: a zero byte: not a text", name);
	parser.text = calloc(text.length_bytes + 1, 1);
	if (!parser.text)
		return gh_error_set(error, GH_NO_MEMORY, "%s", name);
	if (text.length_bytes > 0)
		memcpy(parser.text, text.data, text.length_bytes);
	status = read_head(&parser);
	if (status == GH_OK)
		status = read_lines(&parser);
	if (status == GH_OK)
		status = check_files(&parser);
	if (status == GH_OK) {
		number_identities(&parser);
		status = hand_over(&parser, folder, index);
	}
	if (status != GH_OK)
		gh_index_finish(index);
	free(parser.entries);
	free(parser.text);
	return status;
}

enum gh_status gh_index_read(const char *path, struct gh_index *index, struct gh_error *error)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	char folder[PATH_MAX] = "";
	const char *slash = strrchr(path, '/');
	enum gh_status status;

	*index = (struct gh_index){ .pictures = NULL };
	if (slash && (size_t)(slash - path) >= sizeof(folder))
		return gh_error_set(error, GH_TOO_LARGE, "the index's path is too long");
	if (slash)
		memcpy(folder, path, slash == path ? 1 : (size_t)(slash - path));
	status = gh_file_read(path, GH_INDEX_BYTES_MAX, &text, error);
	if (status == GH_OK)
		status = gh_index_parse(path, folder, gh_bytes_view(&text), index, error);
	gh_bytes_finish(&text);
	return status;
}

void gh_index_finish(struct gh_index *index)
{
	if (!index)
		return;
	free(index->pictures);
	free(index->texts);
	*index = (struct gh_index){ .pictures = NULL };
}
