/* SPDX-License-Identifier: Apache-2.0 */
/* The centre's receipts stand in the outbox exactly when their items are acknowledged. */
#include "gatehouse/outbox/receipts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/outbox/box.h"
#include "gatehouse/base/log.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define NOW_MS INT64_C(1764000000000)

static struct gh_outbox_receipt rows[GH_OUTBOX_RECEIPTS_READ_MAX];

static int make_box(void **state)
{
	struct box *box = calloc(1, sizeof(*box));

	box_make(box, NULL);
	box->options.receipt_days = 90;
	box_open(box);
	*state = box;
	return 0;
}

static int remove_box(void **state)
{
	box_remove(*state);
	free(*state);
	return 0;
}

/* Put encounter n, take it, and acknowledge it with a receipt of that time. */
static void deliver(struct box *box, uint32_t n, uint8_t key, int64_t received_ms)
{
	struct gh_item item;
	struct gh_receipt receipt;

	assert_int_equal(box_put(box, n, 0, NULL), GH_OK);
	assert_int_equal(box_take(box, &item), GH_OK);
	receipt = box_receipt(&item, key, received_ms);
	assert_int_equal(gh_outbox_acknowledge(box->outbox, &item, &receipt, NULL), GH_OK);
	gh_item_finish(&item);
}

static size_t count_kept(struct box *box)
{
	int64_t after = 0;
	size_t sum = 0;
	size_t count;

	do {
		assert_int_equal(gh_outbox_receipts(box->outbox, after, rows, &count, NULL), GH_OK);
		sum += count;
		after = count > 0 ? rows[count - 1].number : after;
	} while (count == GH_OUTBOX_RECEIPTS_READ_MAX);
	return sum;
}

static void assert_same(const struct gh_receipt *one, const struct gh_receipt *two)
{
	uint8_t messages[2][GH_RECEIPT_MESSAGE_BYTES];

	gh_receipt_message(one, messages[0]);
	gh_receipt_message(two, messages[1]);
	assert_memory_equal(messages[0], messages[1], sizeof(messages[0]));
	assert_memory_equal(one->signature, two->signature, sizeof(one->signature));
}

static void a_receipt_is_kept_as_it_came(void **state)
{
	struct box *box = *state;
	struct gh_receipt given[2];
	struct gh_item item;
	struct gh_id id = box_id('e', 1);
	struct gh_id other = box_id('e', 2);
	size_t count;

	assert_int_equal(box_put(box, 1, 300, NULL), GH_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(box_take(box, &item), GH_OK);
		given[i] = box_receipt(&item, 7, NOW_MS + i);
		assert_int_equal(gh_outbox_acknowledge(box->outbox, &item, &given[i], NULL), GH_OK);
		gh_item_finish(&item);
	}
	box_reopen(box);
	assert_int_equal(gh_outbox_receipts_of(box->outbox, &id, rows, &count, NULL), GH_OK);
	assert_int_equal(count, 2);
	for (int i = 0; i < 2; i++)
		assert_same(&rows[i].receipt, &given[i]);
	assert_int_equal(
		gh_outbox_receipts_of(box->outbox, &other, rows, &count, NULL), GH_NOT_FOUND);
}

static void a_receipt_for_another_item_acknowledges_nothing(void **state)
{
	struct box *box = *state;
	struct gh_receipt receipt;
	struct gh_item item;

	assert_int_equal(box_put(box, 1, 0, NULL), GH_OK);
	for (int flaw = 0; flaw < 3; flaw++) {
		assert_int_equal(box_take(box, &item), GH_OK);
		receipt = box_receipt(&item, 7, NOW_MS);
		if (flaw == 0)
			receipt.id.bytes[3] ^= 1;
		else if (flaw == 1)
			receipt.kind = GH_RECEIPT_PHOTO;
		else
			receipt.hash.bytes[31] ^= 1;
		assert_int_equal(
			gh_outbox_acknowledge(box->outbox, &item, &receipt, NULL), GH_CONFLICT);
		gh_item_finish(&item);
	}
	assert_int_equal(count_kept(box), 0);
	assert_int_equal(box_state(box).acknowledged, 0);
	/* It waits again, and a good receipt is taken for it. */
	assert_int_equal(box_take(box, &item), GH_OK);
	receipt = box_receipt(&item, 7, NOW_MS);
	assert_int_equal(gh_outbox_acknowledge(box->outbox, &item, &receipt, NULL), GH_OK);
	gh_item_finish(&item);
	assert_int_equal(count_kept(box), 1);
}

static void the_key_of_the_newest_is_remembered(void **state)
{
	struct box *box = *state;
	uint8_t key[GH_PUBLIC_KEY_BYTES];

	assert_int_equal(gh_outbox_receipt_key(box->outbox, key, NULL), GH_NOT_FOUND);
	deliver(box, 1, 7, NOW_MS);
	deliver(box, 2, 8, NOW_MS + 1);
	deliver(box, 3, 7, NOW_MS + 2);
	assert_int_equal(gh_outbox_receipt_key(box->outbox, key, NULL), GH_OK);
	assert_int_equal(key[0], 7);
	/* Also when all receipts are gone. */
	box->options.receipt_days = 1;
	box_reopen(box);
	deliver(box, 4, 8, NOW_MS + 5 * DAY_MS);
	deliver(box, 5, 8, NOW_MS + 5 * DAY_MS);
	assert_int_equal(count_kept(box), 2);
	box_reopen(box);
	assert_int_equal(gh_outbox_receipt_key(box->outbox, key, NULL), GH_OK);
	assert_int_equal(key[31], 8);
}

static void old_ones_go_by_the_centres_clock(void **state)
{
	struct box *box = *state;

	for (uint32_t n = 0; n < 6; n++)
		deliver(box, n, 7, NOW_MS + n);
	assert_int_equal(count_kept(box), 6);
	/* The lane's own clock removes nothing, wherever it stands. */
	box->clock.real_ms += 400 * DAY_MS;
	deliver(box, 6, 7, NOW_MS + 90 * DAY_MS);
	assert_int_equal(count_kept(box), 7);
	/* Two go with each that comes, the oldest first. */
	deliver(box, 7, 7, NOW_MS + 90 * DAY_MS + 6);
	assert_int_equal(count_kept(box), 6);
	deliver(box, 8, 7, NOW_MS + 90 * DAY_MS + 6);
	deliver(box, 9, 7, NOW_MS + 90 * DAY_MS + 6);
	assert_int_equal(count_kept(box), 4);
	deliver(box, 10, 7, NOW_MS + 90 * DAY_MS + 6);
	assert_int_equal(count_kept(box), 5);
}

static void for_ever_is_bounded_by_size(void **state)
{
	struct box *box = *state;
	uint64_t most = (8u << 20) / 16 / GH_OUTBOX_RECEIPT_BYTES;

	box->options.receipt_days = 0;
	box->options.size_max_bytes = 8u << 20;
	box_reopen(box);
	for (uint32_t n = 0; n < most + 10; n++)
		deliver(box, n, 7, NOW_MS + (int64_t)n * DAY_MS);
	assert_int_equal(count_kept(box), most);
	assert_int_equal(gh_outbox_receipts(box->outbox, 0, rows, &(size_t){ 0 }, NULL), GH_OK);
	assert_int_equal(box_number(&rows[0].receipt.id), 10);
	assert_false(box_state(box).full);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_box, remove_box)
	const struct CMUnitTest tests[] = {
		TEST(a_receipt_is_kept_as_it_came),
		TEST(a_receipt_for_another_item_acknowledges_nothing),
		TEST(the_key_of_the_newest_is_remembered),
		TEST(old_ones_go_by_the_centres_clock),
		TEST(for_ever_is_bounded_by_size),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
