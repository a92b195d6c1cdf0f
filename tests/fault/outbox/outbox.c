/* SPDX-License-Identifier: Apache-2.0 */
/* Every step of the outbox's database fails once: nothing confirmed is lost, nothing is half. */
#include "gatehouse/outbox/outbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/outbox/box.h"
#include "../../support/outbox/fault_sqlite.h"
#include "gatehouse/base/log.h"
#include "gatehouse/outbox/list.h"
#include "inject.h"

#define ENCOUNTERS 6
/* Encounters that are there when the outbox is opened. */
#define OLDER 4
#define ROUNDS_MAX 100000ul

/* What was confirmed, by encounter. */
struct ledger {
	bool put[ENCOUNTERS];
	bool delivered[ENCOUNTERS];
};

static void put_all(struct box *box, struct ledger *ledger)
{
	for (uint32_t n = 0; n < ENCOUNTERS; n++) {
		enum gh_status status = box_put(box, n, n % 2 ? 3000 : 0, NULL);

		assert_true(status != GH_EXISTS && status != GH_CONFLICT);
		ledger->put[n] = ledger->put[n] || status == GH_OK;
	}
}

static void deliver_half(struct box *box, struct ledger *ledger)
{
	for (uint32_t n = 0; n < ENCOUNTERS / 2; n++) {
		struct gh_item item;

		if (box_take(box, &item) != GH_OK)
			continue;
		struct gh_receipt receipt = box_receipt(&item, 7, INT64_C(1764000000000));
		if (gh_outbox_acknowledge(box->outbox, &item, &receipt, NULL) == GH_OK &&
			item.kind == GH_ITEM_ENCOUNTER && box_number(&item.id) < ENCOUNTERS)
			ledger->delivered[box_number(&item.id)] = true;
		gh_item_finish(&item);
	}
}

static void count_record(void *ctx, const struct gh_outbox_row *row)
{
	unsigned *counts = ctx;

	if (row->kind == GH_ITEM_ENCOUNTER && box_number(&row->id) < ENCOUNTERS)
		counts[box_number(&row->id)]++;
}

/* An item that went has its receipt, and one that is there has none. */
static void judge_receipts(struct box *box, const unsigned *counts, const struct ledger *ledger)
{
	static struct gh_outbox_receipt rows[2];

	for (uint32_t n = 0; n < ENCOUNTERS; n++) {
		struct gh_id id = box_id('e', n);
		size_t count;
		enum gh_status status = gh_outbox_receipts_of(box->outbox, &id, rows, &count, NULL);

		if (counts[n] == 1)
			assert_int_equal(status, GH_NOT_FOUND);
		if (ledger->delivered[n])
			assert_int_equal(status, GH_OK);
	}
}

/* Open again without faults and compare with what was confirmed. */
static void judge(struct box *box, const struct ledger *ledger)
{
	unsigned counts[ENCOUNTERS] = { 0 };

	box_reopen(box);
	assert_int_equal(box_state(box).sending, 0);
	assert_int_equal(gh_outbox_list(box->outbox, count_record, counts, NULL), GH_OK);
	judge_receipts(box, counts, ledger);
	for (uint32_t n = 0; n < ENCOUNTERS; n++) {
		assert_true(counts[n] <= 1);
		if (ledger->delivered[n])
			assert_int_equal(counts[n], 0);
		if (counts[n] == 0 && ledger->put[n] && !ledger->delivered[n])
			assert_int_equal(box_put(box, n, n % 2 ? 3000 : 0, NULL), GH_EXISTS);
		if (counts[n] == 1 && !ledger->put[n])
			/* Only a put that failed at its very end may be found after all. */
			assert_int_equal(box_put(box, n, n % 2 ? 3000 : 0, NULL), GH_EXISTS);
	}
	/* All that is there goes out whole. */
	for (;;) {
		struct gh_item item;
		enum gh_status status = box_take(box, &item);

		if (status == GH_NOT_FOUND)
			break;
		assert_int_equal(status, GH_OK);
		assert_true(item.body.length_bytes > 0);
		assert_int_equal(gh_outbox_acknowledge(box->outbox, &item, NULL, NULL), GH_OK);
		gh_item_finish(&item);
	}
	assert_int_equal(box_state(box).quarantined, 0);
}

/* One round with a fault at step n; false when no fault fell. */
static bool round_with(enum fault fault, unsigned long n, bool at_open)
{
	struct ledger ledger = { { false }, { false } };
	struct box box;
	enum gh_status status;
	bool fell;

	box_make(&box, NULL);
	box_open(&box);
	if (at_open) {
		for (uint32_t i = 0; i < OLDER; i++)
			assert_int_equal(box_put(&box, ENCOUNTERS + i, 5000, NULL), GH_OK);
		box_close(&box);
	}
	fault_arm(fault, n, 1);
	if (at_open) {
		status = gh_outbox_open(&box.options, &box.outbox, NULL);
		assert_true(status == GH_OK || box.outbox == NULL);
		/* A fault is no damage. */
		assert_true(status != GH_INTEGRITY && status != GH_UNSUPPORTED);
	}
	if (box.outbox) {
		put_all(&box, &ledger);
		deliver_half(&box, &ledger);
	}
	fell = fault_disarm();
	if (!fell && box.outbox)
		for (uint32_t i = 0; i < ENCOUNTERS; i++)
			assert_true(ledger.put[i]);
	judge(&box, &ledger);
	box_remove(&box);
	return fell;
}

/* A seeded share of the steps where there are thousands, unless full counts are asked for. */
static void every_step(enum fault fault, bool at_open, unsigned long stride)
{
	unsigned long n = 1;
	unsigned long rounds = 0;

	if (box_long())
		stride = 1;
	else if (stride > 1)
		n += box_seed(1) % stride;
	while (round_with(fault, n, at_open)) {
		n += stride;
		rounds++;
		assert_true(n < ROUNDS_MAX);
	}
	printf("%lu steps failed\n", rounds);
	assert_true(rounds > 10);
}

static void every_write_fails_once_and_for_ever(void **state)
{
	every_step(FAULT_IO, true, 1);
}

static void the_disk_is_full_at_every_write(void **state)
{
	every_step(FAULT_FULL, false, 1);
}

static void every_read_fails(void **state)
{
	every_step(FAULT_READ, true, 1);
}

static void every_allocation_of_sqlite_fails(void **state)
{
	every_step(FAULT_MEMORY, true, 7);
}

static void a_full_disk_is_called_full(void **state)
{
	struct box box;
	struct gh_id id = box_id('e', 0);

	box_make(&box, NULL);
	box_open(&box);
	fault_arm(FAULT_FULL, 1, 1);
	assert_int_equal(box_put(&box, 0, 3000, NULL), GH_FULL);
	assert_true(fault_disarm());
	assert_int_equal(box_put(&box, 0, 3000, NULL), GH_OK);
	/* A verdict that finds no room is forgotten: the item goes out once more. */
	struct gh_item item;
	assert_int_equal(box_take(&box, &item), GH_OK);
	fault_arm(FAULT_FULL, 1, 1);
	assert_int_equal(gh_outbox_acknowledge(box.outbox, &item, NULL, NULL), GH_FULL);
	assert_true(fault_disarm());
	gh_item_finish(&item);
	box_deliver(&box, GH_ITEM_ENCOUNTER, &id);
	box_deliver(&box, GH_ITEM_PHOTO, &id);
	box_remove(&box);
}

static void every_allocation_of_ours_fails(void **state)
{
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct box box;
		struct gh_item item = { .attempts = 0 };
		enum gh_status status;

		inject_pause();
		box_make(&box, NULL);
		inject_arm(INJECT_ALLOC, n);
		status = gh_outbox_open(&box.options, &box.outbox, NULL);
		if (status == GH_OK)
			status = box_put(&box, 1, 3000, NULL);
		if (status == GH_OK)
			status = box_take(&box, &item);
		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		gh_item_finish(&item);
		if (box.outbox) {
			box_reopen(&box);
			assert_int_equal(box_state(&box).quarantined, 0);
		}
		box_remove(&box);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_write_fails_once_and_for_ever),
		cmocka_unit_test(the_disk_is_full_at_every_write),
		cmocka_unit_test(every_read_fails),
		cmocka_unit_test(every_allocation_of_sqlite_fails),
		cmocka_unit_test(a_full_disk_is_called_full),
		cmocka_unit_test(every_allocation_of_ours_fails),
	};

	gh_log_set_level(GH_LOG_ERROR);
	fault_register();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
