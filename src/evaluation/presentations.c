/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a list become presentations; their files become cases. */
#include "gatehouse/evaluation/presentations.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/file.h"
#include "gatehouse/vision/examine.h"
#include "gatehouse/vision/picture.h"

#include "listing.h"
#include "tsv.h"

/* One line: its words stand in the text of the list. */
struct line {
	const char *file, *species, *identity, *presentation;
	uint32_t number; /* of the line in the list */
	uint32_t whose, which;
};

struct parser {
	struct gh_tsv text;
	size_t file, species, identity, presentation;
	struct line *lines;
	size_t count, capacity;
};

static enum gh_status find_columns(struct parser *parser)
{
	struct gh_tsv *text = &parser->text;
	enum gh_status status = gh_tsv_column(text, "file", &parser->file);

	if (status == GH_OK)
		status = gh_tsv_column(text, "species", &parser->species);
	if (status == GH_OK)
		status = gh_tsv_column(text, "identity", &parser->identity);
	if (status == GH_OK)
		status = gh_tsv_column(text, "presentation", &parser->presentation);
	if (status == GH_OK &&
		(parser->file == GH_TSV_NO_COLUMN || parser->species == GH_TSV_NO_COLUMN))
		return gh_tsv_fail(
			text, 1, "the first line does not name \"file\" and \"species\"");
	return status;
}

static enum gh_status grow(struct parser *parser)
{
	size_t capacity = parser->capacity > 0 ? 2 * parser->capacity : 256;
	struct line *grown;

	if (parser->count == GH_PRESENTATIONS_FRAMES_MAX)
		return gh_error_set(parser->text.error, GH_TOO_LARGE, "%s: over %u frames",
			parser->text.name, GH_PRESENTATIONS_FRAMES_MAX);
	if (parser->count < parser->capacity)
		return GH_OK;
	grown = realloc(parser->lines, capacity * sizeof(*grown));
	if (!grown)
		return gh_error_set(parser->text.error, GH_NO_MEMORY, "%s", parser->text.name);
	parser->lines = grown;
	parser->capacity = capacity;
	return GH_OK;
}

static const char *field(const struct parser *parser, size_t column)
{
	return column == GH_TSV_NO_COLUMN ? "" : parser->text.fields[column];
}

static enum gh_status read_line(void *ctx)
{
	struct parser *parser = ctx;
	struct line line = { field(parser, parser->file), field(parser, parser->species),
		field(parser, parser->identity), field(parser, parser->presentation),
		parser->text.line, 0, 0 };
	enum gh_status status;

	if (line.file[0] == '\0')
		return gh_tsv_fail(&parser->text, line.number, "the file is empty");
	/* Who or what is not named is another one each time. */
	if (line.presentation[0] == '\0')
		line.presentation = line.file;
	if (line.identity[0] == '\0')
		line.identity = line.presentation;
	status = grow(parser);
	if (status == GH_OK)
		parser->lines[parser->count++] = line;
	return status;
}

/* A word of a line, and where the number of its group goes. */
struct key {
	const char *word;
	size_t place;
	uint32_t *number;
	uint32_t rank;
};

static int by_word(const void *a, const void *b)
{
	const struct key *left = a, *right = b;
	int order = strcmp(left->word, right->word);

	return order ? order : (left->place > right->place) - (left->place < right->place);
}

static int by_place(const void *a, const void *b)
{
	const struct key *left = a, *right = b;

	return (left->place > right->place) - (left->place < right->place);
}

/* Number equal words from 0 in order of first mention; gives how many there are. */
static uint32_t number_words(struct key *keys, size_t count)
{
	uint32_t groups = 0;

	qsort(keys, count, sizeof(*keys), by_word);
	for (size_t i = 0; i < count; i++)
		*keys[i].number = i > 0 && strcmp(keys[i].word, keys[i - 1].word) == 0
			? *keys[i - 1].number
			: (uint32_t)keys[i].place;
	qsort(keys, count, sizeof(*keys), by_place);
	for (size_t i = 0; i < count; i++) {
		uint32_t first = *keys[i].number;

		if (first == i)
			keys[i].rank = groups++;
		*keys[i].number = keys[first].rank;
	}
	return groups;
}

static enum gh_status number_lines(struct parser *parser, struct gh_presentations *made)
{
	struct key *keys = calloc(parser->count, sizeof(*keys));

	if (!keys)
		return gh_error_set(parser->text.error, GH_NO_MEMORY, "%s", parser->text.name);
	for (size_t i = 0; i < parser->count; i++)
		keys[i] = (struct key){ parser->lines[i].identity, i, &parser->lines[i].whose, 0 };
	made->identity_count = number_words(keys, parser->count);
	for (size_t i = 0; i < parser->count; i++)
		keys[i] = (struct key){ parser->lines[i].presentation, i, &parser->lines[i].which,
			0 };
	made->count = number_words(keys, parser->count);
	free(keys);
	return GH_OK;
}

static int by_which(const void *a, const void *b)
{
	const struct line *left = a, *right = b;

	if (left->which != right->which)
		return left->which < right->which ? -1 : 1;
	return (left->number > right->number) - (left->number < right->number);
}

static enum gh_status number_species(
	struct parser *parser, struct gh_presentations *made, const char *word, uint32_t *number)
{
	uint32_t i = 0;

	while (i < made->species_count && strcmp(made->species[i], word) != 0)
		i++;
	if (i == GH_ATTACK_SPECIES_MAX)
		return gh_error_set(parser->text.error, GH_TOO_LARGE, "%s: over %d species",
			parser->text.name, GH_ATTACK_SPECIES_MAX - 1);
	if (i == made->species_count)
		made->species[made->species_count++] = word;
	*number = i;
	return GH_OK;
}

/* A presentation is of one person and one instrument. */
static enum gh_status take_line(
	struct parser *parser, struct gh_presentations *made, const struct line *line)
{
	struct gh_presentation *to = &made->list[line->which];
	bool first = made->frame_count == 0 ||
		made->frames[made->frame_count - 1].presentation != line->which;
	uint32_t species = 0;
	enum gh_status status = number_species(parser, made, line->species, &species);

	if (status != GH_OK)
		return status;
	if (first)
		*to = (struct gh_presentation){ line->whose, species };
	else if (to->identity != line->whose || to->species != species)
		return gh_tsv_fail(&parser->text, line->number,
			"a presentation has one identity and one species");
	made->frames[made->frame_count++] =
		(struct gh_presentation_frame){ line->file, line->number, line->which };
	return GH_OK;
}

/* Paths joined, and the words of the species, move into memory of their own. */
static enum gh_status keep_texts(
	struct parser *parser, const char *folder, struct gh_presentations *made)
{
	size_t bytes = 1, place = 0;

	for (size_t i = 0; i < made->frame_count; i++)
		bytes += strlen(folder) + strlen(made->frames[i].file) + 2;
	for (uint32_t i = 0; i < made->species_count; i++)
		bytes += strlen(made->species[i]) + 1;
	made->texts = calloc(bytes, 1);
	if (!made->texts)
		return gh_error_set(parser->text.error, GH_NO_MEMORY, "%s", parser->text.name);
	for (size_t i = 0; i < made->frame_count; i++) {
		const char *file = made->frames[i].file;
		char *to = made->texts + place;

		if (file[0] == '/' || folder[0] == '\0')
			memcpy(to, file, strlen(file) + 1);
		else if (gh_path_join(folder, file, to, bytes - place, NULL) != GH_OK)
			return gh_tsv_fail(
				&parser->text, made->frames[i].line, "the path is too long");
		made->frames[i].file = to;
		place += strlen(to) + 1;
	}
	for (uint32_t i = 0; i < made->species_count; i++) {
		size_t length = strlen(made->species[i]) + 1;

		memcpy(made->texts + place, made->species[i], length);
		made->species[i] = made->texts + place;
		place += length;
	}
	return GH_OK;
}

static enum gh_status group(
	struct parser *parser, const char *folder, struct gh_presentations *made)
{
	enum gh_status status = number_lines(parser, made);

	if (status != GH_OK)
		return status;
	made->frames = calloc(parser->count, sizeof(*made->frames));
	made->list = calloc(made->count, sizeof(*made->list));
	if (!made->frames || !made->list)
		return gh_error_set(parser->text.error, GH_NO_MEMORY, "%s", parser->text.name);
	made->species[made->species_count++] = "";
	qsort(parser->lines, parser->count, sizeof(*parser->lines), by_which);
	for (size_t i = 0; i < parser->count && status == GH_OK; i++)
		status = take_line(parser, made, &parser->lines[i]);
	return status == GH_OK ? keep_texts(parser, folder, made) : status;
}

enum gh_status gh_presentations_parse(const char *name, const char *folder, struct gh_view text,
	struct gh_presentations *made, struct gh_error *error)
{
	struct parser *parser = calloc(1, sizeof(*parser));
	enum gh_status status;

	memset(made, 0, sizeof(*made));
	if (!parser)
		return gh_error_set(error, GH_NO_MEMORY, "%s", name);
	status = gh_tsv_init(&parser->text, name, text, GH_PRESENTATIONS_BYTES_MAX, error);
	if (status == GH_OK)
		status = find_columns(parser);
	if (status == GH_OK)
		status = gh_tsv_each(&parser->text, read_line, parser);
	if (status == GH_OK && parser->count == 0)
		status = gh_tsv_fail(&parser->text, 1, "no frame is listed");
	if (status == GH_OK)
		status = group(parser, folder, made);
	if (status != GH_OK)
		gh_presentations_finish(made);
	free(parser->lines);
	gh_tsv_finish(&parser->text);
	free(parser);
	return status;
}

enum gh_status gh_presentations_read(
	const char *path, struct gh_presentations *made, struct gh_error *error)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	char folder[PATH_MAX];
	enum gh_status status = gh_listing_folder(path, folder, sizeof(folder), error);

	memset(made, 0, sizeof(*made));
	if (status == GH_OK)
		status = gh_file_read(path, GH_PRESENTATIONS_BYTES_MAX, &text, error);
	if (status == GH_OK)
		status = gh_presentations_parse(path, folder, gh_bytes_view(&text), made, error);
	gh_bytes_finish(&text);
	return status;
}

void gh_presentations_finish(struct gh_presentations *presentations)
{
	if (!presentations)
		return;
	free(presentations->frames);
	free(presentations->list);
	free(presentations->texts);
	memset(presentations, 0, sizeof(*presentations));
}

static enum gh_status show(struct gh_examiner *examiner, const struct gh_presentation_frame *frame,
	struct gh_error *error)
{
	struct gh_bytes file = GH_BYTES_EMPTY;
	enum gh_status status = gh_file_read(frame->file, GH_PICTURE_BYTES_MAX, &file, error);

	if (status == GH_OK)
		status = gh_examiner_look(examiner, gh_bytes_view(&file), error);
	gh_bytes_finish(&file);
	if (status == GH_NO_FACE)
		return GH_OK;
	/* The text of the failure may hold the file's name: only its kind and the line stay. */
	if (status != GH_OK)
		return gh_error_set(error, status, "line %" PRIu32 " of the list: %s", frame->line,
			gh_status_name(status));
	return GH_OK;
}

static void conclude(const struct gh_presentations *presentations, size_t i,
	struct gh_examiner *examiner, struct gh_attack_case *to)
{
	struct gh_attack attack;

	gh_examiner_conclude(examiner, &attack);
	*to = (struct gh_attack_case){ .identity = presentations->list[i].identity,
		.species = presentations->list[i].species,
		.number = (uint32_t)i,
		.acquired = attack.frames > 0 };
	memcpy(to->cues, attack.cues, sizeof(to->cues));
}

enum gh_status gh_presentations_examine(const struct gh_presentations *presentations,
	struct gh_examiner *examiner, bool (*seen)(void *ctx, size_t done), void *ctx,
	struct gh_attack_case *cases, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	gh_examiner_begin(examiner);
	for (size_t i = 0; i < presentations->frame_count && status == GH_OK; i++) {
		const struct gh_presentation_frame *frame = &presentations->frames[i];
		size_t at = frame->presentation;
		bool first = i == 0 || frame[-1].presentation != at;
		bool last = i + 1 == presentations->frame_count || frame[1].presentation != at;

		status = show(examiner, frame, error);
		if (status == GH_OK && first)
			conclude(presentations, at, examiner, &cases[presentations->count + at]);
		if (status != GH_OK || !last)
			continue;
		conclude(presentations, at, examiner, &cases[at]);
		gh_examiner_begin(examiner);
		if (seen && !seen(ctx, at + 1))
			status = gh_error_set(error, GH_CANCELLED, "stopped");
	}
	gh_examiner_begin(examiner);
	return status;
}
