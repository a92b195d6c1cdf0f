/* SPDX-License-Identifier: Apache-2.0 */
/* Every step of the store fails once: what was answered as stored is there, and nothing is half. */
#include "desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/central/counter.h"
#include "../../support/encounter/specimen.h"
#include "../../support/outbox/fault_sqlite.h"
#include "gatehouse/base/log.h"
#include "inject.h"

#define RECORDS 3

static const uint8_t photo_bytes[6000] = { 0xff, 0xd8, 1, 2, 3 };
static const struct gh_view photo = { photo_bytes, sizeof(photo_bytes) };

struct told {
	int record[RECORDS];
	int photo[RECORDS];
	int addendum[RECORDS];
};

static struct gh_encounter encounters[RECORDS];
static struct gh_addendum addenda[RECORDS];

static void make_goods(struct counter *counter)
{
	for (uint64_t n = 0; n < RECORDS; n++) {
		counter_record(counter, n + 1, photo, &encounters[n]);
		specimen_addendum((n + 50) * GH_ADDENDUM_COUNT + GH_ADDENDUM_PASSED, &addenda[n]);
		addenda[n].encounter = encounters[n].id;
		addenda[n].test = true;
	}
}

static void put_all(struct counter *counter, struct told *told)
{
	char code[32];

	for (int n = 0; n < RECORDS; n++) {
		told->record[n] = counter_put_record(counter, &encounters[n], code);
		told->photo[n] = counter_put_photo(counter, &encounters[n].id, photo, code);
		told->addendum[n] = counter_put_addendum(counter, &addenda[n], code);
	}
}

/* What was stored is known; what was not may be put again and then all is there. */
static void judge(struct counter *counter, const struct told *told)
{
	struct told again;
	struct store_counts counts;

	counter_reopen(counter);
	put_all(counter, &again);
	for (int n = 0; n < RECORDS; n++) {
		assert_true(again.record[n] == 200 || again.record[n] == 201);
		assert_true(again.photo[n] == 200 || again.photo[n] == 201);
		assert_true(again.addendum[n] == 200 || again.addendum[n] == 201);
		if (told->record[n] == 201)
			assert_int_equal(again.record[n], 200);
		if (told->photo[n] == 201)
			assert_int_equal(again.photo[n], 200);
		if (told->addendum[n] == 201)
			assert_int_equal(again.addendum[n], 200);
	}
	assert_int_equal(store_count(counter->desk.store, &counts, NULL), GH_OK);
	assert_int_equal(counts.encounters, RECORDS);
	assert_int_equal(counts.photos, RECORDS);
	assert_int_equal(counts.addenda, RECORDS);
}

static bool is_answer(int status)
{
	/* 404: a photo or addendum whose record was not stored. */
	return status == 201 || status == 404 || status == 500 || status == 503;
}

static bool round_with(enum fault fault, unsigned long n)
{
	struct counter counter;
	struct told told;
	bool fell;

	counter_make(&counter, GH_PURPOSE_DEMO);
	make_goods(&counter);
	fault_arm(fault, n, 1);
	put_all(&counter, &told);
	fell = fault_disarm();
	for (int i = 0; i < RECORDS; i++)
		assert_true(is_answer(told.record[i]) && is_answer(told.photo[i]) &&
			is_answer(told.addendum[i]));
	judge(&counter, &told);
	counter_remove(&counter);
	return fell;
}

static void every_step(enum fault fault, unsigned long stride)
{
	unsigned long n = 1;
	unsigned long rounds = 0;

	while (round_with(fault, n)) {
		n += stride;
		rounds++;
	}
	printf("%lu steps failed\n", rounds);
	assert_true(rounds > 10);
}

static void every_write_fails(void **state)
{
	every_step(FAULT_IO, 1);
}

static void the_disk_is_full_at_every_write(void **state)
{
	every_step(FAULT_FULL, 1);
}

static void every_allocation_of_sqlite_fails(void **state)
{
	const char *whole = getenv("GATEHOUSE_LONG");

	every_step(FAULT_MEMORY, whole && strcmp(whole, "1") == 0 ? 1 : 5);
}

static void every_allocation_of_ours_fails(void **state)
{
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct counter counter;
		char code[32];
		struct gh_bytes json = GH_BYTES_EMPTY;
		int record, picture;

		inject_pause();
		counter_make(&counter, GH_PURPOSE_DEMO);
		make_goods(&counter);
		assert_int_equal(gh_encounter_encode(&encounters[0], &json, NULL), GH_OK);
		inject_arm(INJECT_ALLOC, n);
		record = counter_put(&counter, ENDPOINT_ENCOUNTER_PUT, &encounters[0].id,
			gh_bytes_view(&json), code);
		inject_pause();
		gh_bytes_finish(&json);
		/* Never the record's fault; stored it may be though the answer had no memory. */
		if (inject_hit() ? record != 503 && record != 500 && record != 201 : record != 201)
			fail_msg("allocation %lu: %d %s", n, record, code);
		record = counter_put_record(&counter, &encounters[0], code);
		assert_true(record == 200 || record == 201);
		picture = counter_put_photo(&counter, &encounters[0].id, photo, code);
		assert_int_equal(picture, 201);
		counter_remove(&counter);
	}
}

static int put_piece(struct counter *counter, uint64_t offset, size_t length, bool complete)
{
	char code[32];

	counter->upload_offset = offset;
	counter->upload_complete = complete;
	return counter_put(counter, ENDPOINT_PHOTO_PATCH, &encounters[0].id,
		(struct gh_view){ photo.data + offset, length }, code);
}

/* A piece that found no memory is not there, or all begins anew: never half. */
static void every_allocation_of_a_piece_fails(void **state)
{
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct counter counter;
		char code[32];
		int first, last;

		inject_pause();
		counter_make(&counter, GH_PURPOSE_DEMO);
		make_goods(&counter);
		assert_int_equal(counter_put_record(&counter, &encounters[0], code), 201);
		inject_arm(INJECT_ALLOC, n);
		first = put_piece(&counter, 0, 4000, false);
		last = put_piece(&counter, 4000, photo.length_bytes - 4000, true);
		inject_pause();
		if (!inject_hit())
			assert_true(first == 204 && last == 201);
		else
			assert_true((first == 204 || first == 500 || first == 503) &&
				(last == 201 || last == 409 || last == 500 || last == 503));
		/* Whatever there is of it: the whole is taken, once. */
		last = counter_put_photo(&counter, &encounters[0].id, photo, code);
		assert_true(last == 200 || last == 201);
		assert_int_equal(partials_find(counter.desk.partials, "lane-1", &encounters[0].id)
					 .length_bytes,
			0);
		counter_remove(&counter);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_write_fails),
		cmocka_unit_test(the_disk_is_full_at_every_write),
		cmocka_unit_test(every_allocation_of_sqlite_fails),
		cmocka_unit_test(every_allocation_of_ours_fails),
		cmocka_unit_test(every_allocation_of_a_piece_fails),
	};

	gh_log_set_level((enum gh_log_level)0);
	fault_register();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
