/* SPDX-License-Identifier: Apache-2.0 */
/* The best persons of several tables: first pass in 8 bits, the rest in float. */
#include "rank.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "gatehouse/base/bytes.h"

/* Rows whose scores are looked at one by one or passed over together. */
enum {
	BLOCK_ROWS = 512
};

/* Person a before person b among equals. */
static bool earlier(const struct gh_ranked *a, const struct gh_ranked *b)
{
	return a->table != b->table ? a->table < b->table : a->person < b->person;
}

static bool better(const struct gh_ranked *a, const struct gh_ranked *b)
{
	return a->score != b->score ? a->score > b->score : earlier(a, b);
}

/* Put *found into the list, one place for each person, best first. */
static void insert(struct gh_ranking *ranking, const struct gh_ranked *found)
{
	struct gh_ranked *best = ranking->best;
	size_t end = ranking->count;
	size_t i;

	for (i = 0; i < ranking->count; i++) {
		if (best[i].table != found->table || best[i].person != found->person)
			continue;
		if (found->score <= best[i].score)
			return;
		end = i; /* its old place is closed by moving the others down over it */
		break;
	}
	if (end == ranking->count) {
		if (end == GH_CANDIDATES_MAX && !better(found, &best[end - 1]))
			return;
		if (end == GH_CANDIDATES_MAX)
			end--;
		else
			ranking->count++;
	}
	for (i = end; i > 0 && better(found, &best[i - 1]); i--)
		best[i] = best[i - 1];
	best[i] = *found;
}

/* The score a row must reach to change the list. */
static float entry(const struct gh_ranking *ranking)
{
	return ranking->count < GH_CANDIDATES_MAX ? -INFINITY
						  : ranking->best[GH_CANDIDATES_MAX - 1].score;
}

static bool passed_over(const struct gh_rank_table *table, uint32_t person)
{
	return person == GH_ROW_STRANGER ||
		(table->flags && (table->flags[person] & table->blocked) != 0);
}

/* What is known of a table after the first pass. */
struct first_pass {
	const struct gh_rank_table *table;
	size_t index;
	const int32_t *products; /* of all rows */
	float *most;             /* highest score possible in each block */
};

static size_t blocks_of(size_t rows)
{
	return (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
}

static size_t block_end(const struct gh_rank_table *table, size_t start)
{
	return start + BLOCK_ROWS < table->count ? start + BLOCK_ROWS : table->count;
}

/* Rank the persons by what their score is at least: the last of them is the bar for all rows. */
static void rank_at_least(const struct first_pass *pass, const struct gh_row_query *query,
	size_t start, struct gh_ranking *ranking)
{
	const struct gh_rows *rows = pass->table->rows;
	size_t end = block_end(pass->table, start);

	for (size_t row = start; row < end; row++) {
		float least = gh_rows_score(rows, row, query, pass->products[row]) -
			gh_rows_bound(rows, row, query);

		if (least >= entry(ranking) && !passed_over(pass->table, rows->persons[row]))
			insert(ranking,
				&(struct gh_ranked){ pass->index, rows->persons[row], row, least });
	}
}

/* Compare in float every row whose score may reach the bar. */
static void rank_exactly(const struct first_pass *pass, const struct gh_template *probe,
	const struct gh_row_query *query, size_t start, float bar, struct gh_ranking *ranking)
{
	const struct gh_rows *rows = pass->table->rows;
	size_t end = block_end(pass->table, start);

	for (size_t row = start; row < end; row++) {
		float most = gh_rows_score(rows, row, query, pass->products[row]) +
			gh_rows_bound(rows, row, query);

		if (most < bar || passed_over(pass->table, rows->persons[row]))
			continue;
		insert(ranking,
			&(struct gh_ranked){ pass->index, rows->persons[row], row,
				gh_template_score(probe, gh_rows_template(rows, row)) });
		ranking->reranked++;
	}
}

/* Most blocks are done with at their extent: it costs what reading them costs. */
static void pass_over_table(const struct first_pass *pass, const struct gh_row_query *query,
	struct gh_ranking *at_least)
{
	for (size_t start = 0; start < pass->table->count; start += BLOCK_ROWS) {
		float extent[2];

		gh_rows_extent(pass->table->rows, start, block_end(pass->table, start) - start,
			query, pass->products, extent);
		pass->most[start / BLOCK_ROWS] = extent[1];
		if (extent[0] >= entry(at_least))
			rank_at_least(pass, query, start, at_least);
	}
}

static void rank_all(const struct gh_rank_table *tables, size_t count,
	const struct gh_template *probe, const struct gh_row_query *query, void *scratch,
	struct gh_ranking *ranking)
{
	struct gh_ranking at_least = { .count = 0 };
	struct first_pass passes[GH_GALLERY_VOYAGES_MAX];
	int32_t *products = scratch;
	float *most = (float *)scratch + ranking->scanned;
	float bar;

	for (size_t i = 0; i < count; i++) {
		passes[i] = (struct first_pass){ &tables[i], i, products, most };
		gh_dot_kernel()->rows(
			tables[i].rows->words, tables[i].count, &query->codes, products);
		pass_over_table(&passes[i], query, &at_least);
		products += tables[i].count;
		most += blocks_of(tables[i].count);
	}
	bar = entry(&at_least);
	for (size_t i = 0; i < count; i++)
		for (size_t start = 0; start < tables[i].count; start += BLOCK_ROWS)
			if (passes[i].most[start / BLOCK_ROWS] >= bar)
				rank_exactly(&passes[i], probe, query, start, bar, ranking);
}

enum gh_status gh_rank(const struct gh_rank_table *tables, size_t count,
	const struct gh_template *probe, struct gh_ranking *ranking, struct gh_error *error)
{
	struct gh_row_query query;
	enum gh_status status;
	size_t total = 0;
	size_t blocks = 0;
	void *scratch;

	assert(count <= GH_GALLERY_VOYAGES_MAX);
	*ranking = (struct gh_ranking){ .count = 0 };
	for (size_t i = 0; i < count; i++) {
		total += tables[i].count;
		blocks += blocks_of(tables[i].count);
	}
	ranking->scanned = total;
	status = gh_row_query_init(&query, probe, error);
	if (status != GH_OK || total == 0)
		goto wipe_query;
	/* One product of 4 bytes for each row, one float for each block. */
	scratch = malloc((total + blocks) * sizeof(int32_t));
	if (!scratch) {
		status = gh_error_set(error, GH_NO_MEMORY, "search over %zu rows", total);
		goto wipe_query;
	}
	rank_all(tables, count, probe, &query, scratch, ranking);
	gh_wipe(scratch, (total + blocks) * sizeof(int32_t));
	free(scratch);
wipe_query:
	gh_wipe(&query, sizeof(query));
	return status;
}
