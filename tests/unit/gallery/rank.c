/* SPDX-License-Identifier: Apache-2.0 */
/* The search against full float over all rows: random, look-alikes, ties, blocked persons. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rank.h"
#include "support/gallery/synthetic.h"

enum {
	TABLES = 3,
	PERSONS = 400,
	EACH_MAX = 3,
	PROBES = 60,
	PROBES_LONG = 6000,
	BLOCKED = 2
};

struct world {
	struct gh_rows rows[TABLES];
	uint8_t flags[TABLES][PERSONS];
	struct gh_rank_table tables[TABLES];
	uint64_t seed;
};

/* A row as the world has them: mostly strangers, some near each other, some the same twice. */
static void next_row(struct world *world, struct gh_rows *rows, struct gh_template *made)
{
	size_t count = gh_rows_count(rows);
	uint64_t kind = synthetic_below(&world->seed, 8);

	if (kind == 0 && count > 0)
		*made = *gh_rows_template(rows, synthetic_below(&world->seed, count));
	else if (kind <= 2 && count > 0)
		synthetic_look_alike(&world->seed,
			gh_rows_template(rows, synthetic_below(&world->seed, count)),
			kind == 1 ? 0.9995f : 0.97f, made);
	else
		synthetic_template(&world->seed, made);
}

static void build(struct world *world, uint64_t seed)
{
	struct gh_template made;

	memset(world, 0, sizeof(*world));
	world->seed = seed;
	for (size_t t = 0; t < TABLES; t++) {
		assert_int_equal(
			gh_rows_init(&world->rows[t], PERSONS * (EACH_MAX + 1), NULL), GH_OK);
		for (uint32_t person = 0; person < PERSONS; person++) {
			uint64_t each = synthetic_below(&world->seed, EACH_MAX + 1);

			for (uint64_t i = 0; i < each; i++) {
				next_row(world, &world->rows[t], &made);
				assert_int_equal(
					gh_rows_add(&world->rows[t], &made, person, NULL), GH_OK);
			}
			if (synthetic_below(&world->seed, 10) == 0)
				world->flags[t][person] = BLOCKED;
			if (person % 9 == 0) {
				next_row(world, &world->rows[t], &made);
				assert_int_equal(
					gh_rows_add(&world->rows[t], &made, GH_ROW_STRANGER, NULL),
					GH_OK);
			}
		}
		world->tables[t] = (struct gh_rank_table){ &world->rows[t],
			gh_rows_count(&world->rows[t]), world->flags[t], BLOCKED };
	}
}

static void tear_down(struct world *world)
{
	for (size_t t = 0; t < TABLES; t++)
		gh_rows_finish(&world->rows[t]);
}

struct answer {
	size_t table;
	uint32_t person;
	float score;
};

static int by_score(const void *left, const void *right)
{
	const struct answer *a = left;
	const struct answer *b = right;

	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	if (a->table != b->table)
		return a->table < b->table ? -1 : 1;
	return (a->person > b->person) - (a->person < b->person);
}

/* The answer by comparing everything in float and sorting. */
static size_t by_hand(struct world *world, size_t tables, const struct gh_template *probe,
	struct answer answers[TABLES * PERSONS])
{
	size_t count = 0;

	for (size_t t = 0; t < tables; t++) {
		const struct gh_rows *rows = &world->rows[t];
		uint32_t last = GH_ROW_STRANGER;

		for (size_t i = 0; i < gh_rows_count(rows); i++) {
			float score = gh_template_score(probe, gh_rows_template(rows, i));
			uint32_t person = rows->persons[i];

			if (person == GH_ROW_STRANGER || (world->flags[t][person] & BLOCKED))
				continue;
			if (person != last)
				answers[count++] = (struct answer){ t, person, score };
			else if (score > answers[count - 1].score)
				answers[count - 1].score = score;
			last = person;
		}
	}
	qsort(answers, count, sizeof(answers[0]), by_score);
	return count < GH_CANDIDATES_MAX ? count : GH_CANDIDATES_MAX;
}

static uint64_t compare(struct world *world, size_t tables, const struct gh_template *probe)
{
	static struct answer answers[TABLES * PERSONS];
	struct gh_ranking ranking;
	size_t expected = by_hand(world, tables, probe, answers);

	assert_int_equal(gh_rank(world->tables, tables, probe, &ranking, NULL), GH_OK);
	assert_int_equal(ranking.count, expected);
	for (size_t i = 0; i < expected; i++) {
		assert_int_equal(ranking.best[i].table, answers[i].table);
		assert_int_equal(ranking.best[i].person, answers[i].person);
		assert_true(ranking.best[i].score == answers[i].score);
		assert_int_equal(world->rows[answers[i].table].persons[ranking.best[i].row],
			answers[i].person);
	}
	return ranking.reranked;
}

static void test_same_as_full_float(void **state)
{
	static struct world world;
	const char *is_long = getenv("GATEHOUSE_LONG");
	int probes = is_long && is_long[0] == '1' ? PROBES_LONG : PROBES;
	uint64_t reranked = 0;

	build(&world, synthetic_seed(31));
	for (int p = 0; p < probes; p++) {
		size_t t = synthetic_below(&world.seed, TABLES);
		const struct gh_template *row = gh_rows_template(&world.rows[t],
			synthetic_below(&world.seed, gh_rows_count(&world.rows[t])));
		struct gh_template probe;

		if (p % 3 == 0)
			synthetic_template(&world.seed, &probe);
		else
			synthetic_look_alike(&world.seed, row, p % 3 == 1 ? 0.99f : 0.6f, &probe);
		reranked += compare(&world, 1 + (size_t)p % TABLES, &probe);
		compare(&world, TABLES, row);
	}
	printf("rows compared in float: %.1f of %zu on average\n", (double)reranked / probes,
		gh_rows_count(&world.rows[0]) * 2);
	/* The first pass must leave little to do: otherwise it is a slow way of full float. */
	assert_true(reranked < (uint64_t)probes * 500);
	tear_down(&world);
}

/* A thousand rows that the first pass cannot tell apart: the float order decides. */
static void test_a_crowd_of_near_doubles(void **state)
{
	static struct world world;
	struct gh_template centre;
	struct gh_template made;

	memset(&world, 0, sizeof(world));
	world.seed = synthetic_seed(32);
	synthetic_template(&world.seed, &centre);
	assert_int_equal(gh_rows_init(&world.rows[0], PERSONS, NULL), GH_OK);
	for (uint32_t person = 0; person < PERSONS; person++) {
		synthetic_look_alike(&world.seed, &centre, 0.99999f, &made);
		assert_int_equal(gh_rows_add(&world.rows[0], person % 50 == 0 ? &centre : &made,
					 person, NULL),
			GH_OK);
	}
	world.tables[0] =
		(struct gh_rank_table){ &world.rows[0], PERSONS, world.flags[0], BLOCKED };
	assert_int_equal(compare(&world, 1, &centre), PERSONS);
	world.flags[0][0] = world.flags[0][50] = BLOCKED;
	compare(&world, 1, &centre);
	gh_rows_finish(&world.rows[0]);
}

static void test_empty_and_all_blocked(void **state)
{
	static struct world world;
	struct gh_ranking ranking;
	struct gh_template probe;
	uint64_t seed = synthetic_seed(33);

	synthetic_template(&seed, &probe);
	assert_int_equal(gh_rank(NULL, 0, &probe, &ranking, NULL), GH_OK);
	assert_int_equal(ranking.count, 0);
	build(&world, seed);
	memset(world.flags, BLOCKED, sizeof(world.flags));
	assert_int_equal(gh_rank(world.tables, TABLES, &probe, &ranking, NULL), GH_OK);
	assert_int_equal(ranking.count, 0);
	probe.values[0] = 2.0f;
	assert_int_equal(gh_rank(world.tables, TABLES, &probe, &ranking, NULL), GH_MALFORMED);
	tear_down(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_as_full_float),
		cmocka_unit_test(test_a_crowd_of_near_doubles),
		cmocka_unit_test(test_empty_and_all_blocked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
