/* SPDX-License-Identifier: Apache-2.0 */
/* The index of a data set: which picture shows whom. */
#include "gatehouse/evaluation/index.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/file.h"

#include "listing.h"

struct parser {
	struct gh_tsv lines;
	size_t identity;
	size_t file;
	size_t columns[GH_INDEX_COLUMNS];
	struct gh_listed *listed;
	size_t count;
	size_t capacity;
	/* As the index has them, but inside the text. */
	const char *values[GH_INDEX_COLUMNS][GH_INDEX_VALUES_MAX + 1];
	size_t value_count[GH_INDEX_COLUMNS];
};

const char *gh_index_column_name(enum gh_index_column column)
{
	static const char *const names[] = { "sex", "age_band", "state" };

	return column < GH_INDEX_COLUMNS ? names[column] : "";
}

static enum gh_status find_columns(struct parser *parser)
{
	enum gh_status status = gh_tsv_column(&parser->lines, "identity", &parser->identity);

	if (status == GH_OK)
		status = gh_tsv_column(&parser->lines, "file", &parser->file);
	for (int i = 0; status == GH_OK && i < GH_INDEX_COLUMNS; i++)
		status = gh_tsv_column(&parser->lines,
			gh_index_column_name((enum gh_index_column)i), &parser->columns[i]);
	if (status == GH_OK &&
		(parser->identity == GH_TSV_NO_COLUMN || parser->file == GH_TSV_NO_COLUMN))
		return gh_tsv_fail(&parser->lines, 1,
			"the first line does not name \"identity\" and \"file\"");
	return status;
}

static enum gh_status add(struct parser *parser, const struct gh_listed *listed)
{
	struct gh_listed *grown;
	size_t capacity = parser->capacity > 0 ? parser->capacity * 2 : 1024;

	if (parser->count == GH_INDEX_PICTURES_MAX)
		return gh_error_set(parser->lines.error, GH_TOO_LARGE,
			"%s:%" PRIu32 ": over %u pictures", parser->lines.name, parser->lines.line,
			GH_INDEX_PICTURES_MAX);
	if (parser->count == parser->capacity) {
		grown = realloc(parser->listed, capacity * sizeof(*grown));
		if (!grown)
			return gh_error_set(
				parser->lines.error, GH_NO_MEMORY, "%s", parser->lines.name);
		parser->listed = grown;
		parser->capacity = capacity;
	}
	parser->listed[parser->count++] = *listed;
	return GH_OK;
}

/* The number of a value in its column. */
static enum gh_status take_value(
	struct parser *parser, size_t column, const char *value, uint8_t *number)
{
	const char **values = parser->values[column];
	size_t i;

	for (i = 0; i < parser->value_count[column]; i++)
		if (strcmp(values[i], value) == 0)
			break;
	if (i > GH_INDEX_VALUES_MAX)
		return gh_tsv_fail(&parser->lines, parser->lines.line,
			"too many different values in a column of groups");
	if (i == parser->value_count[column])
		values[parser->value_count[column]++] = value;
	*number = (uint8_t)i;
	return GH_OK;
}

static enum gh_status read_line(void *ctx)
{
	struct parser *parser = ctx;
	struct gh_tsv *lines = &parser->lines;
	struct gh_listed listed = {
		.identity = lines->fields[parser->identity],
		.file = lines->fields[parser->file],
		.line = lines->line,
	};
	enum gh_status status = GH_OK;

	if (listed.identity[0] == '\0')
		return gh_tsv_fail(lines, lines->line, "the identity is empty");
	if (listed.file[0] == '\0')
		return gh_tsv_fail(lines, lines->line, "the file is empty");
	for (size_t i = 0; status == GH_OK && i < GH_INDEX_COLUMNS; i++)
		if (parser->columns[i] != GH_TSV_NO_COLUMN)
			status = take_value(
				parser, i, lines->fields[parser->columns[i]], &listed.groups[i]);
	return status == GH_OK ? add(parser, &listed) : status;
}

static enum gh_status read_lines(struct parser *parser)
{
	enum gh_status status;

	for (size_t i = 0; i < GH_INDEX_COLUMNS; i++)
		parser->values[i][parser->value_count[i]++] = "";
	status = gh_tsv_each(&parser->lines, read_line, parser);
	if (status == GH_OK && parser->count == 0)
		return gh_tsv_fail(&parser->lines, parser->lines.line, "no picture is listed");
	return status;
}

static int by_file(const void *left, const void *right)
{
	const struct gh_listed *a = left;
	const struct gh_listed *b = right;
	int order = strcmp(a->file, b->file);

	return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

/* A picture that stands there twice would be compared with itself. */
static enum gh_status check_files(struct parser *parser)
{
	struct gh_listed *listed = parser->listed;

	qsort(listed, parser->count, sizeof(*listed), by_file);
	for (size_t i = 1; i < parser->count; i++)
		if (strcmp(listed[i].file, listed[i - 1].file) == 0)
			return gh_tsv_fail(
				&parser->lines, listed[i].line, "the file is listed a second time");
	return GH_OK;
}

/* The values move behind the paths. */
static enum gh_status keep_values(struct parser *parser, struct gh_index *index)
{
	size_t bytes = 0;

	for (size_t c = 0; c < GH_INDEX_COLUMNS; c++)
		for (size_t i = 0; i < parser->value_count[c]; i++)
			bytes += strlen(parser->values[c][i]) + 1;
	index->value_texts = calloc(bytes, 1);
	if (!index->value_texts)
		return gh_error_set(parser->lines.error, GH_NO_MEMORY, "%s", parser->lines.name);
	bytes = 0;
	for (size_t c = 0; c < GH_INDEX_COLUMNS; c++) {
		index->value_count[c] = parser->value_count[c];
		for (size_t i = 0; i < parser->value_count[c]; i++) {
			size_t length = strlen(parser->values[c][i]) + 1;

			memcpy(index->value_texts + bytes, parser->values[c][i], length);
			index->values[c][i] = index->value_texts + bytes;
			bytes += length;
		}
	}
	return GH_OK;
}

enum gh_status gh_index_parse(const char *name, const char *folder, struct gh_view text,
	struct gh_index *index, struct gh_error *error)
{
	struct parser *parser = calloc(1, sizeof(*parser));
	enum gh_status status;

	*index = (struct gh_index){ .pictures = NULL };
	if (!parser)
		return gh_error_set(error, GH_NO_MEMORY, "%s", name);
	status = gh_tsv_init(&parser->lines, name, text, GH_INDEX_BYTES_MAX, error);
	if (status == GH_OK)
		status = find_columns(parser);
	if (status == GH_OK)
		status = read_lines(parser);
	if (status == GH_OK)
		status = check_files(parser);
	if (status == GH_OK)
		status = gh_listing_make(
			&parser->lines, folder, parser->listed, parser->count, index);
	if (status == GH_OK)
		status = keep_values(parser, index);
	if (status != GH_OK)
		gh_index_finish(index);
	free(parser->listed);
	gh_tsv_finish(&parser->lines);
	free(parser);
	return status;
}

enum gh_status gh_index_read(const char *path, struct gh_index *index, struct gh_error *error)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	char folder[PATH_MAX];
	enum gh_status status = gh_listing_folder(path, folder, sizeof(folder), error);

	*index = (struct gh_index){ .pictures = NULL };
	if (status == GH_OK)
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
	free(index->value_texts);
	*index = (struct gh_index){ .pictures = NULL };
}
