/* SPDX-License-Identifier: Apache-2.0 */
/* A list of comparisons to make: which two pictures, and whether they show one person. */
#include "gatehouse/evaluation/pairs.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/file.h"

#include "listing.h"

/* A picture named on one side of a pair. Mentions 2i and 2i + 1 are those of pair i. */
struct mention {
	const char *file;
	const char *identity; /* NULL: the list has none */
	uint32_t line;
	uint32_t place; /* among the mentions */
};

enum side {
	A,
	B,
	SIDES
};

struct parser {
	struct gh_tsv lines;
	size_t files[SIDES];
	size_t identities[SIDES];
	size_t comparison;
	struct mention *mentions;
	struct gh_pair *pairs; /* a and b are numbers of `listed`, at first by file */
	size_t count;
	size_t capacity;
	struct gh_listed *listed; /* every picture once */
	size_t listed_count;
	uint32_t *joined; /* the next one on the way to the root of a picture's person */
};

static enum gh_status no_memory(struct parser *parser)
{
	return gh_error_set(parser->lines.error, GH_NO_MEMORY, "%s", parser->lines.name);
}

static enum gh_status find_columns(struct parser *parser)
{
	const struct {
		const char *name;
		size_t *column;
	} columns[] = {
		{ "file_a", &parser->files[A] },
		{ "file_b", &parser->files[B] },
		{ "identity_a", &parser->identities[A] },
		{ "identity_b", &parser->identities[B] },
		{ "comparison", &parser->comparison },
	};
	enum gh_status status = GH_OK;

	for (size_t i = 0; status == GH_OK && i < sizeof(columns) / sizeof(columns[0]); i++)
		status = gh_tsv_column(&parser->lines, columns[i].name, columns[i].column);
	if (status != GH_OK)
		return status;
	if (parser->files[A] == GH_TSV_NO_COLUMN || parser->files[B] == GH_TSV_NO_COLUMN)
		return gh_tsv_fail(&parser->lines, 1,
			"the first line does not name \"file_a\" and \"file_b\"");
	if ((parser->identities[A] == GH_TSV_NO_COLUMN) !=
		(parser->identities[B] == GH_TSV_NO_COLUMN))
		return gh_tsv_fail(&parser->lines, 1, "only one of the identities is there");
	if (parser->comparison == GH_TSV_NO_COLUMN && parser->identities[A] == GH_TSV_NO_COLUMN)
		return gh_tsv_fail(&parser->lines, 1,
			"neither \"comparison\" nor \"identity_a\" and \"identity_b\" are there");
	return GH_OK;
}

static enum gh_status grow(struct parser *parser)
{
	size_t capacity = parser->capacity > 0 ? parser->capacity * 2 : 1024;
	struct mention *mentions;
	struct gh_pair *pairs;

	if (parser->count == GH_PAIRS_MAX)
		return gh_error_set(parser->lines.error, GH_TOO_LARGE,
			"%s:%" PRIu32 ": over %u pairs", parser->lines.name, parser->lines.line,
			GH_PAIRS_MAX);
	if (parser->count < parser->capacity)
		return GH_OK;
	mentions = realloc(parser->mentions, SIDES * capacity * sizeof(*mentions));
	if (!mentions)
		return no_memory(parser);
	parser->mentions = mentions;
	pairs = realloc(parser->pairs, capacity * sizeof(*pairs));
	if (!pairs)
		return no_memory(parser);
	parser->pairs = pairs;
	parser->capacity = capacity;
	return GH_OK;
}

static enum gh_status read_side(struct parser *parser, enum side side)
{
	struct gh_tsv *lines = &parser->lines;
	size_t place = SIDES * parser->count + side;
	struct mention *mention = &parser->mentions[place];

	*mention = (struct mention){ lines->fields[parser->files[side]], NULL, lines->line,
		(uint32_t)place };
	if (mention->file[0] == '\0')
		return gh_tsv_fail(lines, lines->line, "the file is empty");
	if (parser->identities[side] == GH_TSV_NO_COLUMN)
		return GH_OK;
	mention->identity = lines->fields[parser->identities[side]];
	if (mention->identity[0] == '\0')
		return gh_tsv_fail(lines, lines->line, "the identity is empty");
	return GH_OK;
}

static enum gh_status read_comparison(struct parser *parser, struct gh_pair *pair)
{
	struct gh_tsv *lines = &parser->lines;
	const struct mention *mentions = &parser->mentions[SIDES * parser->count];
	bool same = mentions[A].identity && strcmp(mentions[A].identity, mentions[B].identity) == 0;
	const char *word;

	pair->genuine = same;
	if (parser->comparison == GH_TSV_NO_COLUMN)
		return GH_OK;
	word = lines->fields[parser->comparison];
	pair->genuine = strcmp(word, "genuine") == 0;
	if (!pair->genuine && strcmp(word, "impostor") != 0)
		return gh_tsv_fail(
			lines, lines->line, "the comparison is neither genuine nor impostor");
	if (mentions[A].identity && same != pair->genuine)
		return gh_tsv_fail(lines, lines->line, "comparison and identities disagree");
	return GH_OK;
}

static enum gh_status read_line(void *ctx)
{
	struct parser *parser = ctx;
	struct gh_tsv *lines = &parser->lines;
	enum gh_status status = grow(parser);

	if (status == GH_OK)
		status = read_side(parser, A);
	if (status == GH_OK)
		status = read_side(parser, B);
	if (status != GH_OK)
		return status;
	if (strcmp(lines->fields[parser->files[A]], lines->fields[parser->files[B]]) == 0)
		return gh_tsv_fail(lines, lines->line, "a picture against itself");
	parser->pairs[parser->count] = (struct gh_pair){ .line = lines->line };
	status = read_comparison(parser, &parser->pairs[parser->count]);
	if (status == GH_OK)
		parser->count++;
	return status;
}

static enum gh_status read_lines(struct parser *parser)
{
	enum gh_status status;

	status = gh_tsv_each(&parser->lines, read_line, parser);
	if (status == GH_OK && parser->count == 0)
		return gh_tsv_fail(&parser->lines, parser->lines.line, "no pair is listed");
	return status;
}

static int by_file(const void *left, const void *right)
{
	const struct mention *a = left;
	const struct mention *b = right;
	int order = strcmp(a->file, b->file);

	return order != 0 ? order : (a->place > b->place) - (a->place < b->place);
}

static void set_side(struct parser *parser, uint32_t place, uint32_t number)
{
	struct gh_pair *pair = &parser->pairs[place / SIDES];

	if (place % SIDES == A)
		pair->a = number;
	else
		pair->b = number;
}

/* Give every file a number. */
static enum gh_status number_files(struct parser *parser)
{
	size_t mentions = SIDES * parser->count;

	parser->listed = calloc(mentions, sizeof(*parser->listed));
	parser->joined = calloc(mentions, sizeof(*parser->joined));
	if (!parser->listed || !parser->joined)
		return no_memory(parser);
	qsort(parser->mentions, mentions, sizeof(*parser->mentions), by_file);
	for (size_t i = 0; i < mentions; i++) {
		const struct mention *mention = &parser->mentions[i];
		struct gh_listed *last = parser->listed + parser->listed_count - 1;

		if (i > 0 && strcmp(last->file, mention->file) == 0) {
			if (mention->identity && strcmp(last->identity, mention->identity) != 0)
				return gh_tsv_fail(&parser->lines, mention->line,
					"the picture had another identity before");
		} else {
			parser->listed[parser->listed_count] =
				(struct gh_listed){ .identity = mention->identity,
					.file = mention->file,
					.line = mention->line,
					.key = (uint32_t)parser->listed_count };
			parser->listed_count++;
		}
		set_side(parser, mention->place, (uint32_t)parser->listed_count - 1);
	}
	return parser->listed_count <= GH_INDEX_PICTURES_MAX
		? GH_OK
		: gh_error_set(parser->lines.error, GH_TOO_LARGE, "%s: over %u pictures",
			  parser->lines.name, GH_INDEX_PICTURES_MAX);
}

static uint32_t root_of(uint32_t *joined, uint32_t i)
{
	while (joined[i] != i) {
		joined[i] = joined[joined[i]];
		i = joined[i];
	}
	return i;
}

/* Without identities, a person is what genuine pairs join; the first file stands for the name. */
static enum gh_status join_people(struct parser *parser)
{
	uint32_t *joined = parser->joined;

	if (parser->identities[A] != GH_TSV_NO_COLUMN)
		return GH_OK;
	for (size_t i = 0; i < parser->listed_count; i++)
		joined[i] = (uint32_t)i;
	for (size_t i = 0; i < parser->count; i++) {
		uint32_t a = root_of(joined, parser->pairs[i].a);
		uint32_t b = root_of(joined, parser->pairs[i].b);

		if (parser->pairs[i].genuine)
			joined[a > b ? a : b] = a > b ? b : a;
	}
	for (size_t i = 0; i < parser->count; i++)
		if (!parser->pairs[i].genuine &&
			root_of(joined, parser->pairs[i].a) == root_of(joined, parser->pairs[i].b))
			return gh_tsv_fail(&parser->lines, parser->pairs[i].line,
				"an impostor pair of pictures that genuine pairs join");
	for (size_t i = 0; i < parser->listed_count; i++)
		parser->listed[i].identity = parser->listed[root_of(joined, (uint32_t)i)].file;
	return GH_OK;
}

static uint32_t lower(const struct gh_pair *pair)
{
	return pair->a < pair->b ? pair->a : pair->b;
}

static uint32_t higher(const struct gh_pair *pair)
{
	return pair->a < pair->b ? pair->b : pair->a;
}

static int by_pictures(const void *left, const void *right)
{
	const struct gh_pair *a = left;
	const struct gh_pair *b = right;

	if (lower(a) != lower(b))
		return lower(a) < lower(b) ? -1 : 1;
	if (higher(a) != higher(b))
		return higher(a) < higher(b) ? -1 : 1;
	return (a->line > b->line) - (a->line < b->line);
}

static int by_line(const void *left, const void *right)
{
	const struct gh_pair *a = left;
	const struct gh_pair *b = right;

	return (a->line > b->line) - (a->line < b->line);
}

static enum gh_status check_pairs(struct parser *parser)
{
	struct gh_pair *pairs = parser->pairs;

	qsort(pairs, parser->count, sizeof(*pairs), by_pictures);
	for (size_t i = 1; i < parser->count; i++)
		if (lower(&pairs[i]) == lower(&pairs[i - 1]) &&
			higher(&pairs[i]) == higher(&pairs[i - 1]))
			return gh_tsv_fail(
				&parser->lines, pairs[i].line, "the pair is listed a second time");
	qsort(pairs, parser->count, sizeof(*pairs), by_line);
	return GH_OK;
}

/* From numbers by file to numbers of the index, which has sorted what is listed. */
static void hand_over(struct parser *parser, struct gh_pairs *pairs)
{
	uint32_t *places = parser->joined;

	for (size_t i = 0; i < parser->listed_count; i++)
		places[parser->listed[i].key] = (uint32_t)i;
	for (size_t i = 0; i < parser->count; i++) {
		parser->pairs[i].a = places[parser->pairs[i].a];
		parser->pairs[i].b = places[parser->pairs[i].b];
	}
	pairs->pairs = parser->pairs;
	pairs->count = parser->count;
	parser->pairs = NULL;
	for (size_t i = 0; i < GH_INDEX_COLUMNS; i++) {
		pairs->index.values[i][0] = "";
		pairs->index.value_count[i] = 1;
	}
}

static enum gh_status parse(struct parser *parser, const char *folder, struct gh_pairs *pairs)
{
	enum gh_status status = find_columns(parser);

	if (status == GH_OK)
		status = read_lines(parser);
	if (status == GH_OK)
		status = number_files(parser);
	if (status == GH_OK)
		status = check_pairs(parser);
	if (status == GH_OK)
		status = join_people(parser);
	if (status == GH_OK)
		status = gh_listing_make(&parser->lines, folder, parser->listed,
			parser->listed_count, &pairs->index);
	if (status == GH_OK)
		hand_over(parser, pairs);
	return status;
}

enum gh_status gh_pairs_parse(const char *name, const char *folder, struct gh_view text,
	struct gh_pairs *pairs, struct gh_error *error)
{
	struct parser *parser = calloc(1, sizeof(*parser));
	enum gh_status status;

	*pairs = (struct gh_pairs){ .pairs = NULL };
	if (!parser)
		return gh_error_set(error, GH_NO_MEMORY, "%s", name);
	status = gh_tsv_init(&parser->lines, name, text, GH_PAIRS_BYTES_MAX, error);
	if (status == GH_OK)
		status = parse(parser, folder, pairs);
	if (status != GH_OK)
		gh_pairs_finish(pairs);
	free(parser->mentions);
	free(parser->pairs);
	free(parser->listed);
	free(parser->joined);
	gh_tsv_finish(&parser->lines);
	free(parser);
	return status;
}

enum gh_status gh_pairs_read(const char *path, struct gh_pairs *pairs, struct gh_error *error)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	char folder[PATH_MAX];
	enum gh_status status = gh_listing_folder(path, folder, sizeof(folder), error);

	*pairs = (struct gh_pairs){ .pairs = NULL };
	if (status == GH_OK)
		status = gh_file_read(path, GH_PAIRS_BYTES_MAX, &text, error);
	if (status == GH_OK)
		status = gh_pairs_parse(path, folder, gh_bytes_view(&text), pairs, error);
	gh_bytes_finish(&text);
	return status;
}

void gh_pairs_finish(struct gh_pairs *pairs)
{
	if (!pairs)
		return;
	gh_index_finish(&pairs->index);
	free(pairs->pairs);
	*pairs = (struct gh_pairs){ .pairs = NULL };
}
