/* SPDX-License-Identifier: Apache-2.0 */
/* A text of tab-separated lines, the first of which names the columns. */
#include "tsv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum gh_status gh_tsv_fail(struct gh_tsv *lines, uint32_t line, const char *reason)
{
	return gh_error_set(
		lines->error, GH_MALFORMED, "%s:%" PRIu32 ": %s", lines->name, line, reason);
}

/* The next line, cut off and without its end, or NULL. */
static char *next_line(struct gh_tsv *lines)
{
	char *start = lines->text + lines->place;
	char *end;

	if (lines->place >= lines->length)
		return NULL;
	end = memchr(start, '\n', lines->length - lines->place);
	if (!end)
		end = lines->text + lines->length;
	lines->place = (size_t)(end - lines->text) + 1;
	lines->line++;
	*end = '\0';
	if (end > start && end[-1] == '\r')
		end[-1] = '\0';
	return start;
}

/* Cut a line into its fields; one more than fit when there are more. */
static size_t split(char *line, const char *fields[GH_TSV_FIELDS_MAX])
{
	size_t count = 0;

	for (;;) {
		char *tab = strchr(line, '\t');

		if (count == GH_TSV_FIELDS_MAX)
			return GH_TSV_FIELDS_MAX + 1;
		fields[count++] = line;
		if (!tab)
			return count;
		*tab = '\0';
		line = tab + 1;
	}
}

static enum gh_status read_head(struct gh_tsv *lines)
{
	char *line;

	/* Some editors put a byte order mark before the first word. */
	if (lines->length >= 3 && memcmp(lines->text, "\xEF\xBB\xBF", 3) == 0)
		lines->place = 3;
	line = next_line(lines);
	if (!line)
		return gh_tsv_fail(lines, 1, "the list is empty");
	lines->field_count = split(line, lines->head);
	if (lines->field_count > GH_TSV_FIELDS_MAX)
		return gh_tsv_fail(lines, 1, "too many columns");
	return GH_OK;
}

enum gh_status gh_tsv_init(struct gh_tsv *lines, const char *name, struct gh_view text,
	size_t limit_bytes, struct gh_error *error)
{
	enum gh_status status;

	*lines = (struct gh_tsv){ .name = name, .length = text.length_bytes, .error = error };
	if (text.length_bytes > limit_bytes)
		return gh_error_set(error, GH_TOO_LARGE, "%s: over %zu bytes", name, limit_bytes);
	if (text.length_bytes > 0 && memchr(text.data, '\0', text.length_bytes))
		return gh_error_set(error, GH_MALFORMED, "%s: a zero byte: not a text", name);
	lines->text = calloc(text.length_bytes + 1, 1);
	if (!lines->text)
		return gh_error_set(error, GH_NO_MEMORY, "%s", name);
	if (text.length_bytes > 0)
		memcpy(lines->text, text.data, text.length_bytes);
	status = read_head(lines);
	if (status != GH_OK)
		gh_tsv_finish(lines);
	return status;
}

void gh_tsv_finish(struct gh_tsv *lines)
{
	/* Names of people may stand there. */
	if (lines->text)
		gh_wipe(lines->text, lines->length);
	free(lines->text);
	lines->text = NULL;
}

enum gh_status gh_tsv_column(struct gh_tsv *lines, const char *name, size_t *column)
{
	*column = GH_TSV_NO_COLUMN;
	for (size_t i = 0; i < lines->field_count; i++) {
		if (strcmp(lines->head[i], name) != 0)
			continue;
		if (*column != GH_TSV_NO_COLUMN)
			return gh_tsv_fail(lines, 1, "a column is named twice");
		*column = i;
	}
	return GH_OK;
}

enum gh_status gh_tsv_next(struct gh_tsv *lines, bool *more)
{
	char *line;

	do {
		line = next_line(lines);
	} while (line && line[0] == '\0');
	*more = line != NULL;
	if (line && split(line, lines->fields) != lines->field_count)
		return gh_tsv_fail(lines, lines->line, "not as many fields as the first line");
	return GH_OK;
}

enum gh_status gh_tsv_each(struct gh_tsv *lines, enum gh_status (*read)(void *ctx), void *ctx)
{
	bool more = true;
	enum gh_status status;

	do {
		status = gh_tsv_next(lines, &more);
		if (status == GH_OK && more)
			status = read(ctx);
	} while (status == GH_OK && more);
	return status;
}
