/* SPDX-License-Identifier: Apache-2.0 */
/* The plain content of a gallery file: there and back, cut, swapped, and out of range. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "parts.h"
#include "support/gallery/specimen_voyage.h"
#include "support/gallery/synthetic.h"

enum {
	PERSONS = 300,
	PARTS_MAX = 16,
	ROWS_MAX = 1000
};

static struct gh_table *table;
static struct gh_bytes parts[PARTS_MAX];
static uint32_t part_count;

static void add_rows(void)
{
	for (uint32_t i = 0; i < PERSONS; i++)
		for (uint32_t k = 0; k < 2; k++) {
			struct gh_table_row source = { .portrait = k, .length_bytes = 100 + i };
			struct gh_template reference;

			memset(source.hash.bytes, (int)i, sizeof(source.hash.bytes));
			fake_template(i, k, &reference);
			assert_int_equal(gh_table_add(table, i, &reference, &source, NULL), GH_OK);
		}
}

static int set_up(void **state)
{
	struct specimen_voyage specimen;
	struct gh_gallery_finding finding = { .row = 3, .status = GH_NO_FACE };

	specimen_init(&specimen, 0xa1, 7, PERSONS, 2);
	if (gh_table_create(&specimen.voyage, PERSONS * 2, 0, &table, NULL) != GH_OK)
		return -1;
	specimen_finish(&specimen);
	add_rows();
	table->flags->bits[5] = GH_FLAG_LOOK_ALIKE;
	gh_table_note(table, &finding);
	part_count = gh_parts_count(table);
	assert_in_range(part_count, 1 + 2 + 3 + 1, PARTS_MAX);
	for (uint32_t n = 0; n < part_count; n++)
		assert_int_equal(gh_parts_write(table, 1234, n, &parts[n], NULL), GH_OK);
	return 0;
}

static int tear_down(void **state)
{
	for (uint32_t n = 0; n < PARTS_MAX; n++)
		gh_bytes_finish(&parts[n]);
	gh_table_unref(table);
	table = NULL;
	return 0;
}

static enum gh_status read_in_order(const uint32_t *order, uint32_t count, struct gh_table **back)
{
	struct gh_parts_reader reader = { .rows_max = ROWS_MAX };
	enum gh_status status = GH_OK;

	*back = NULL;
	for (uint32_t i = 0; status == GH_OK && i < count; i++)
		status = gh_parts_read(&reader, gh_bytes_view(&parts[order[i]]), NULL);
	if (status == GH_OK)
		status = gh_parts_complete(&reader, back, NULL);
	gh_parts_finish(&reader);
	return status;
}

static enum gh_status read_all(struct gh_table **back)
{
	uint32_t order[PARTS_MAX];

	for (uint32_t n = 0; n < part_count; n++)
		order[n] = n;
	return read_in_order(order, part_count, back);
}

static void test_there_and_back(void **state)
{
	struct gh_table *back;

	assert_int_equal(read_all(&back), GH_OK);
	assert_int_equal(back->voyage.version, 7);
	assert_int_equal(back->voyage.person_count, PERSONS);
	assert_int_equal(back->phase, GH_TABLE_DONE);
	for (size_t i = 0; i < PERSONS; i++) {
		struct gh_person person = table->voyage.persons[i];

		for (uint32_t k = 0; k < 2; k++)
			person.portraits[k].offset_bytes = 0;
		assert_memory_equal(&back->voyage.persons[i], &person, sizeof(person));
		assert_int_equal(back->of_person[i].row_count, 2);
	}
	assert_int_equal(gh_rows_count(&back->rows), PERSONS * 2);
	for (size_t row = 0; row < PERSONS * 2; row++) {
		assert_memory_equal(gh_rows_template(&back->rows, row),
			gh_rows_template(&table->rows, row), sizeof(struct gh_template));
		assert_memory_equal(
			&back->sources[row], &table->sources[row], sizeof(back->sources[row]));
	}
	assert_memory_equal(back->flags->bits, table->flags->bits, PERSONS);
	assert_int_equal(back->finding_count, 1);
	assert_int_equal(back->unusable, 1);
	assert_int_equal(back->findings[0].status, GH_NO_FACE);
	gh_table_unref(back);
}

static void test_missing_and_doubled_parts(void **state)
{
	struct gh_table *back;

	for (uint32_t at = 0; at < part_count; at++) {
		uint32_t without[PARTS_MAX];
		uint32_t twice[PARTS_MAX + 1];
		uint32_t count = 0;

		for (uint32_t n = 0; n < part_count; n++) {
			if (n != at)
				without[count++] = n;
			twice[n <= at ? n : n + 1] = n;
		}
		twice[at + 1] = at;
		assert_int_not_equal(read_in_order(without, count, &back), GH_OK);
		assert_int_not_equal(read_in_order(twice, part_count + 1, &back), GH_OK);
	}
}

static void test_parts_in_another_order(void **state)
{
	/* Head late, rows before persons, rows of later persons first, findings before persons. */
	static const uint32_t orders[][7] = {
		{ 1, 0, 2, 3, 4, 5, 6 },
		{ 0, 3, 1, 2, 4, 5, 6 },
		{ 0, 1, 3, 2, 4, 5, 6 },
		{ 0, 1, 2, 4, 3, 5, 6 },
		{ 0, 6, 1, 2, 3, 4, 5 },
	};
	struct gh_table *back;

	assert_int_equal(part_count, 7);
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		assert_int_not_equal(read_in_order(orders[i], 7, &back), GH_OK);
}

static void test_every_cut_is_refused(void **state)
{
	struct gh_table *back;

	for (uint32_t n = 0; n < part_count; n++) {
		size_t whole = parts[n].length_bytes;

		for (size_t cut = 0; cut < whole; cut += cut < 200 ? 7 : whole / 23 + 1) {
			parts[n].length_bytes = cut;
			assert_int_not_equal(read_all(&back), GH_OK);
			assert_null(back);
		}
		parts[n].length_bytes = whole;
	}
}

/* Bytes that a seal would not have let through must not do harm either. */
static void test_changed_bytes_never_break_the_reader(void **state)
{
	uint64_t seed = synthetic_seed(101);
	const char *is_long = getenv("GATEHOUSE_LONG");
	int rounds = is_long && is_long[0] == '1' ? 20000 : 400;
	int accepted = 0;

	for (int i = 0; i < rounds; i++) {
		uint32_t n = (uint32_t)synthetic_below(&seed, part_count);
		size_t at = synthetic_below(&seed, i % 2 ? 200 : parts[n].length_bytes) %
			parts[n].length_bytes;
		uint8_t old = parts[n].data[at];
		struct gh_table *back;

		parts[n].data[at] = (uint8_t)synthetic_random(&seed);
		if (read_all(&back) == GH_OK) {
			accepted++;
			assert_true(back->voyage.person_count <= PERSONS);
		}
		gh_table_unref(back);
		parts[n].data[at] = old;
	}
	printf("%d of %d changes were within range\n", accepted, rounds);
}

static void test_more_rows_than_there_is_room_for(void **state)
{
	struct gh_parts_reader reader = { .rows_max = PERSONS };

	assert_int_equal(gh_parts_read(&reader, gh_bytes_view(&parts[0]), NULL), GH_FULL);
	gh_parts_finish(&reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_there_and_back),
		TEST(test_missing_and_doubled_parts),
		TEST(test_parts_in_another_order),
		TEST(test_every_cut_is_refused),
		TEST(test_changed_bytes_never_break_the_reader),
		TEST(test_more_rows_than_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
