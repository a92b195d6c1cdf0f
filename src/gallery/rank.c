/* SPDX-License-Identifier: Apache-2.0 */
/* The best persons of several tables: first pass in 8 bits, the rest in float. */
#include "rank.h"

#include <math.h>
#include <stdlib.h>

#include "gatehouse/base/bytes.h"

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
	return ranking->count < GH_CANDIDATES_MAX ? -INFINITY :
						    ranking->best[GH_CANDIDATES_MAX - 1].score;
}

static bool passed_over(const struct gh_rank_table *table, uint32_t person)
{
	return person == GH_ROW_STRANGER ||
		(table->flags && (table->flags[person] & table->blocked) != 0);
}

/* Rank the persons by what their score is at least: the last of them is the bar for all rows. */
static void rank_at_least(const struct gh_rank_table *table, size_t index,
	const struct gh_row_query *query, const int32_t *products, struct gh_ranking *ranking)
{
	const struct gh_rows *rows = table->rows;
	float bar = entry(ranking);

	for (size_t row = 0; row < table->count; row++) {
		float least = gh_rows_score(rows, row, query, products[row]) -
			gh_rows_bound(rows, row, query);

		if (least < bar || passed_over(table, rows->persons[row]))
			continue;
		insert(ranking, &(struct gh_ranked){ index, rows->persons[row], row, least });
		bar = entry(ranking);
	}
}

/* Compare in float every row whose score may reach the bar. */
static void rank_exactly(const struct gh_rank_table *table, size_t index,
	const struct gh_template *probe, const struct gh_row_query *query,
	const int32_t *products, float bar, struct gh_ranking *ranking)
{
	const struct gh_rows *rows = table->rows;

	for (size_t row = 0; row < table->count; row++) {
		float most = gh_rows_score(rows, row, query, products[row]) +
			gh_rows_bound(rows, row, query);

		if (most < bar || passed_over(table, rows->persons[row]))
			continue;
		insert(ranking,
			&(struct gh_ranked){ index, rows->persons[row], row,
				gh_template_score(probe, gh_rows_template(rows, row)) });
		ranking->reranked++;
	}
}

static void rank_all(const struct gh_rank_table *tables, size_t count,
	const struct gh_template *probe, const struct gh_row_query *query, int32_t *products,
	struct gh_ranking *ranking)
{
	const struct gh_dot_kernel *kernel = gh_dot_kernel();
	struct gh_ranking at_least = { .count = 0 };
	int32_t *next = products;
	float bar;

	for (size_t i = 0; i < count; i++) {
		kernel->rows(tables[i].rows->words, tables[i].count, &query->codes, next);
		rank_at_least(&tables[i], i, query, next, &at_least);
		next += tables[i].count;
	}
	bar = entry(&at_least);
	next = products;
	for (size_t i = 0; i < count; i++) {
		rank_exactly(&tables[i], i, probe, query, next, bar, ranking);
		next += tables[i].count;
	}
}

enum gh_status gh_rank(const struct gh_rank_table *tables, size_t count,
	const struct gh_template *probe, struct gh_ranking *ranking, struct gh_error *error)
{
	struct gh_row_query query;
	enum gh_status status;
	size_t total = 0;
	int32_t *products;

	*ranking = (struct gh_ranking){ .count = 0 };
	for (size_t i = 0; i < count; i++)
		total += tables[i].count;
	ranking->scanned = total;
	status = gh_row_query_init(&query, probe, error);
	if (status != GH_OK || total == 0)
		goto wipe_query;
	products = malloc(total * sizeof(*products));
	if (!products) {
		status = gh_error_set(error, GH_NO_MEMORY, "search over %zu rows", total);
		goto wipe_query;
	}
	rank_all(tables, count, probe, &query, products, ranking);
	gh_wipe(products, total * sizeof(*products));
	free(products);
wipe_query:
	gh_wipe(&query, sizeof(query));
	return status;
}
