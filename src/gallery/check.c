/* SPDX-License-Identifier: Apache-2.0 */
/* The health check: which persons of a table look so alike that they can be confused. */
#include "check.h"

#include <math.h>

#include "gatehouse/base/bytes.h"

/* Rows of one tile: they stay in the second-level cache while all queries of a person pass. */
enum {
	TILE_ROWS = 256
};

/* The rows of one person as queries, and the tile they are held against. */
struct comparison {
	struct gh_table *table;
	struct gh_check_slice *slice;
	float score;
	uint32_t person;
	uint32_t query_count;
	struct gh_row_query queries[GH_PERSON_PORTRAITS_MAX];
	int32_t products[GH_PERSON_PORTRAITS_MAX][TILE_ROWS];
};

static bool prepare(struct comparison *with, uint32_t person)
{
	const struct gh_table_person *place = &with->table->of_person[person];

	with->person = person;
	with->query_count = 0;
	for (uint32_t i = 0; i < place->row_count; i++)
		if (gh_row_query_init(&with->queries[with->query_count],
			    gh_rows_template(&with->table->rows, place->first_row + i),
			    NULL) == GH_OK)
			with->query_count++;
	return with->query_count > 0;
}

/* The highest float score of the person's rows with row, or -inf when none comes near. */
static float score_of(const struct comparison *with, size_t row, size_t in_tile)
{
	const struct gh_rows *rows = &with->table->rows;
	size_t first = with->table->of_person[with->person].first_row;
	float best = -INFINITY;

	for (uint32_t i = 0; i < with->query_count; i++) {
		const struct gh_row_query *query = &with->queries[i];
		float most = gh_rows_score(rows, row, query, with->products[i][in_tile]) +
			gh_rows_bound(rows, row, query);

		if (most >= with->score)
			best = fmaxf(best,
				gh_template_score(gh_rows_template(rows, first + i),
					gh_rows_template(rows, row)));
	}
	return best;
}

static void note(struct comparison *with, uint32_t other, float score)
{
	struct gh_table *table = with->table;
	struct gh_check_slice *slice = with->slice;

	table->flags->bits[with->person] |= GH_FLAG_LOOK_ALIKE;
	table->flags->bits[other] |= GH_FLAG_LOOK_ALIKE;
	if (slice->count == GH_CHECK_PAIRS_MAX) {
		slice->beyond++;
		return;
	}
	slice->pairs[slice->count++] = (struct gh_gallery_finding){
		.voyage = table->voyage.id,
		.row = table->voyage.persons[with->person].row,
		.other_row = table->voyage.persons[other].row,
		.score = score,
	};
}

/* Compare with the rows of one tile, which holds whole persons only. */
static void compare_tile(struct comparison *with, size_t start, size_t count)
{
	const struct gh_rows *rows = &with->table->rows;
	float best = -INFINITY;

	for (uint32_t i = 0; i < with->query_count; i++)
		gh_dot_kernel()->rows(gh_dot_row(rows->words, start), count,
			&with->queries[i].codes, with->products[i]);
	for (size_t i = 0; i < count; i++) {
		uint32_t other = rows->persons[start + i];

		best = fmaxf(best, score_of(with, start + i, i));
		if (i + 1 < count && rows->persons[start + i + 1] == other)
			continue;
		if (best >= with->score)
			note(with, other, best);
		best = -INFINITY;
	}
}

/* Where the tile that begins at start ends: not in the middle of a person. */
static size_t tile_end(const struct gh_rows *rows, size_t start, size_t count)
{
	size_t end = start + TILE_ROWS;

	if (end >= count)
		return count;
	while (rows->persons[end] == rows->persons[end - 1])
		end--;
	return end;
}

static void compare_with_later(struct comparison *with)
{
	const struct gh_rows *rows = &with->table->rows;
	const struct gh_table_person *place = &with->table->of_person[with->person];
	size_t count = gh_rows_count(rows);
	size_t end;

	for (size_t start = place->first_row + place->row_count; start < count; start = end) {
		end = tile_end(rows, start, count);
		compare_tile(with, start, end - start);
	}
}

bool gh_check_slice(
	struct gh_table *table, float score, uint64_t products_max, struct gh_check_slice *slice)
{
	struct comparison with = { .table = table, .slice = slice, .score = score };
	uint64_t products = 0;

	slice->count = 0;
	slice->beyond = 0;
	while (table->check_person < table->voyage.person_count && products < products_max &&
		slice->count < GH_CHECK_PAIRS_MAX / 2) {
		uint32_t person = (uint32_t)table->check_person++;

		if (!prepare(&with, person))
			continue;
		compare_with_later(&with);
		products += (uint64_t)with.query_count *
			(gh_rows_count(&table->rows) - table->of_person[person].first_row);
	}
	gh_wipe(&with, sizeof(with));
	return table->check_person == table->voyage.person_count;
}
