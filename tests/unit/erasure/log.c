/* SPDX-License-Identifier: Apache-2.0 */
/* The erasure log: what is appended stands, and what is altered is refused. */
#include "gatehouse/erasure/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "batch.h"
#include "gatehouse/base/file.h"
#include "gatehouse/base/log.h"
#include "receipts.h"
#include "support/folder.h"

static struct gh_clock_manual clock_by_hand;
static struct gh_provider *provider;

static int set_up(void **state)
{
	if (folder_set_up(state) != 0)
		return -1;
	gh_clock_manual_init(&clock_by_hand, 1000000, INT64_C(1790000000000));
	return gh_provider_open("file", folder_place("keys"), &provider, NULL) == GH_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	gh_provider_close(provider);
	return folder_tear_down(state);
}

static enum gh_status try_open(
	uint64_t confirmed, struct gh_erasure_log **log, struct gh_error *error)
{
	struct gh_erasure_log_options options = { .folder = folder_path(),
		.lane = "lane-1",
		.provider = provider,
		.clock = &clock_by_hand.clock,
		.confirmed = confirmed };

	return gh_erasure_log_open(&options, log, error);
}

static struct gh_erasure_log *open_log(uint64_t confirmed)
{
	struct gh_erasure_log *log;
	struct gh_error error = GH_ERROR_NONE;

	if (try_open(confirmed, &log, &error) != GH_OK)
		fail_msg("%s", error.text);
	return log;
}

static struct gh_erasing row_of(uint64_t serial)
{
	struct gh_erasing row = { .serial = serial,
		.what = (enum gh_erased_what)(serial % 3),
		.why = GH_ERASED_ACKNOWLEDGED,
		.quality = GH_CLOCK_SYNCED,
		.captured_ms = 1789990000000,
		.limit_ms = serial % 2 ? 1790040000000 : 0,
		.deleted_ms = 1789999000000,
		.clock_step_ms = serial % 5 ? 0 : -3000 };

	row.id.bytes[0] = 'e';
	row.id.bytes[15] = (uint8_t)serial;
	return row;
}

static enum gh_status append(struct gh_erasure_log *log, uint64_t first, size_t count)
{
	struct gh_erasing *rows = calloc(count, sizeof(*rows));
	enum gh_status status;

	assert_non_null(rows);
	for (size_t i = 0; i < count; i++)
		rows[i] = row_of(first + i);
	gh_clock_manual_advance(&clock_by_hand, 3600000000);
	status = gh_erasure_log_append(log, rows, count, first, NULL);
	free(rows);
	return status;
}

/* A log of batches with 1, 2, 3 ... entries. */
static void fill(unsigned batches)
{
	struct gh_erasure_log *log = open_log(0);
	uint64_t serial = 1;

	for (unsigned n = 1; n <= batches; serial += n, n++)
		assert_int_equal(append(log, serial, n), GH_OK);
	gh_erasure_log_close(log);
}

static struct gh_bytes read_log(void)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;

	assert_int_equal(
		gh_file_read(folder_place(GH_ERASURE_LOG_FILE), 1u << 24, &bytes, NULL), GH_OK);
	return bytes;
}

/* Not durably: this is done for every byte. */
static void write_log(struct gh_view bytes)
{
	FILE *file = fopen(folder_place(GH_ERASURE_LOG_FILE), "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes.data, 1, bytes.length_bytes, file), bytes.length_bytes);
	assert_int_equal(fclose(file), 0);
}

static enum gh_status check(struct gh_erasure_summary *summary)
{
	uint8_t key[GH_PUBLIC_KEY_BYTES];

	gh_provider_public_key(provider, key);
	return gh_erasure_log_check(folder_place(GH_ERASURE_LOG_FILE), key, summary, NULL);
}

static void what_is_appended_is_there_after_reopening(void **state)
{
	struct gh_erasure_head head;
	struct gh_erasure_summary summary;
	struct gh_erasure_log *log;

	(void)state;
	fill(4);
	log = open_log(4);
	gh_erasure_log_head(log, &head);
	assert_int_equal(head.number, 4);
	assert_int_equal(head.last_serial, 10);
	assert_string_equal(head.lane, "lane-1");
	assert_int_equal(append(log, 11, 1), GH_OK);
	gh_erasure_log_close(log);
	assert_int_equal(check(&summary), GH_OK);
	assert_int_equal(summary.newest.number, 5);
	assert_int_equal(summary.entries, 11);
	assert_int_equal(summary.stepped, 2);
	/* Five hours went by: nothing with a limit of ten and more is late. */
	assert_int_equal(summary.late, 0);
	assert_int_equal(summary.tail_bytes, 0);
}

static void serials_have_to_go_on(void **state)
{
	struct gh_erasure_log *log = open_log(0);
	struct gh_erasing rows[2] = { row_of(3), row_of(5) };
	struct gh_erasure_head head;

	(void)state;
	assert_int_equal(append(log, 7, 2), GH_OK);
	assert_int_equal(append(log, 10, 1), GH_WRONG_STATE);
	assert_int_equal(append(log, 8, 1), GH_WRONG_STATE);
	assert_int_equal(gh_erasure_log_append(log, rows, 2, 1, NULL), GH_WRONG_STATE);
	gh_erasure_log_head(log, &head);
	assert_int_equal(head.number, 1);
	gh_erasure_log_close(log);
}

/* Cut anywhere: behind what was confirmed it is a power cut, before it a loss. */
static void a_log_cut_short_loses_its_tail_or_is_refused(void **state)
{
	struct gh_bytes whole;
	size_t third;

	(void)state;
	fill(3);
	whole = read_log();
	third = 2 * GH_ERASURE_HEADER_BYTES + 3 * GH_ERASURE_ENTRY_BYTES;
	for (size_t cut = 0; cut < whole.length_bytes; cut += 7) {
		struct gh_erasure_log *log;
		struct gh_erasure_head head;
		enum gh_status status;

		write_log((struct gh_view){ whole.data, cut });
		status = try_open(2, &log, NULL);
		assert_int_equal(status, cut < third ? GH_TRUNCATED : GH_OK);
		if (status != GH_OK)
			continue;
		gh_erasure_log_head(log, &head);
		assert_int_equal(head.number, 2);
		assert_int_equal(append(log, 4, 3), GH_OK);
		gh_erasure_log_close(log);
		gh_erasure_log_close(open_log(3));
	}
	gh_bytes_finish(&whole);
}

/* Blocks of the last write that did not arrive are zeros: nobody relied on that batch yet. */
static void a_last_batch_of_zeros_is_cut_off_when_it_was_not_confirmed(void **state)
{
	struct gh_bytes bytes;
	struct gh_erasure_log *log;
	struct gh_erasure_head head;

	(void)state;
	fill(3);
	bytes = read_log();
	memset(bytes.data + bytes.length_bytes - 100, 0, 100);
	write_log(gh_bytes_view(&bytes));
	assert_int_equal(try_open(3, &log, NULL), GH_INTEGRITY);
	log = open_log(2);
	gh_erasure_log_head(log, &head);
	assert_int_equal(head.number, 2);
	gh_erasure_log_close(log);
	gh_bytes_finish(&bytes);
}

static void every_byte_changed_is_noticed(void **state)
{
	struct gh_bytes bytes;

	(void)state;
	fill(3);
	bytes = read_log();
	for (size_t i = 0; i < bytes.length_bytes; i++) {
		struct gh_erasure_log *log = NULL;
		struct gh_erasure_summary summary;
		enum gh_status status;

		bytes.data[i] ^= (uint8_t)(1 << i % 8);
		write_log(gh_bytes_view(&bytes));
		status = try_open(3, &log, NULL);
		/* A count that grew makes the last batch look cut off. */
		if (status != GH_INTEGRITY && status != GH_MALFORMED && status != GH_TRUNCATED)
			fail_msg("byte %zu changed: opened with status %d", i, (int)status);
		assert_null(log);
		status = check(&summary);
		assert_true(status != GH_OK || summary.newest.number < 3);
		bytes.data[i] ^= (uint8_t)(1 << i % 8);
	}
	write_log(gh_bytes_view(&bytes));
	gh_erasure_log_close(open_log(3));
	gh_bytes_finish(&bytes);
}

/* Where batch n (from 1) of fill() begins. */
static size_t begin_of(unsigned n)
{
	return (n - 1) * GH_ERASURE_HEADER_BYTES + (n - 1) * n / 2 * GH_ERASURE_ENTRY_BYTES;
}

static void expect_refused(const struct gh_bytes *bytes)
{
	struct gh_erasure_log *log;
	struct gh_erasure_summary summary;
	enum gh_status status;

	write_log(gh_bytes_view(bytes));
	status = try_open(4, &log, NULL);
	assert_true(status == GH_INTEGRITY || status == GH_MALFORMED);
	status = check(&summary);
	assert_true(status == GH_INTEGRITY || status == GH_MALFORMED);
}

static void move(const struct gh_bytes *whole, struct gh_bytes *to, unsigned batch)
{
	assert_int_equal(gh_bytes_append(to, whole->data + begin_of(batch),
				 begin_of(batch + 1) - begin_of(batch), NULL),
		GH_OK);
}

static void batches_reordered_left_out_or_doubled_are_refused(void **state)
{
	static const unsigned orders[][5] = { { 1, 3, 2, 4 }, { 2, 3, 4 }, { 1, 2, 4 },
		{ 1, 2, 2, 3, 4 }, { 4, 3, 2, 1 }, { 1, 2, 3, 4, 4 } };
	struct gh_bytes whole;

	(void)state;
	fill(4);
	whole = read_log();
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		struct gh_bytes other = GH_BYTES_EMPTY;

		for (size_t k = 0; k < 5 && orders[i][k] > 0; k++)
			move(&whole, &other, orders[i][k]);
		/* Behind the confirmed ones a doubled batch would be cut off as never relied on. */
		if (i + 1 < sizeof(orders) / sizeof(orders[0]))
			expect_refused(&other);
		else {
			struct gh_erasure_summary summary;

			write_log(gh_bytes_view(&other));
			assert_int_equal(check(&summary), GH_INTEGRITY);
			gh_erasure_log_close(open_log(4));
		}
		gh_bytes_finish(&other);
	}
	gh_bytes_finish(&whole);
}

/* The beginning of one log and the end of another of the same lane and key. */
static void a_log_spliced_from_two_is_refused(void **state)
{
	struct gh_bytes one, two, both = GH_BYTES_EMPTY;

	(void)state;
	fill(4);
	one = read_log();
	unlink(folder_place(GH_ERASURE_LOG_FILE));
	fill(4);
	two = read_log();
	move(&one, &both, 1);
	move(&one, &both, 2);
	move(&two, &both, 3);
	move(&two, &both, 4);
	expect_refused(&both);
	gh_bytes_finish(&one);
	gh_bytes_finish(&two);
	gh_bytes_finish(&both);
}

static void another_lanes_or_keys_log_is_refused(void **state)
{
	struct gh_erasure_log_options options = { .folder = folder_path(),
		.lane = "lane-2",
		.provider = provider,
		.clock = &clock_by_hand.clock };
	struct gh_erasure_log *log;
	struct gh_erasure_summary summary;

	(void)state;
	fill(2);
	assert_int_equal(gh_erasure_log_open(&options, &log, NULL), GH_INTEGRITY);
	gh_provider_close(provider);
	assert_int_equal(gh_provider_open("file", folder_place("other"), &provider, NULL), GH_OK);
	assert_int_equal(try_open(2, &log, NULL), GH_INTEGRITY);
	assert_int_equal(check(&summary), GH_INTEGRITY);
}

static void a_refused_log_is_set_aside_and_a_new_chain_begins(void **state)
{
	struct gh_erasure_log *log;
	struct gh_erasure_head head;

	(void)state;
	fill(2);
	assert_int_equal(gh_erasure_log_set_aside(folder_path(), 77, NULL), GH_OK);
	assert_int_equal(access(folder_place(GH_ERASURE_LOG_FILE ".damaged.77"), F_OK), 0);
	log = open_log(0);
	gh_erasure_log_head(log, &head);
	assert_int_equal(head.number, 0);
	assert_int_equal(append(log, 4, 1), GH_OK);
	gh_erasure_log_close(log);
}

static struct gh_erasure_receipt receipt_of(struct gh_erasure_log *log, struct gh_provider *centre)
{
	struct gh_erasure_receipt receipt = { .time_ms = 1790100000000 };
	struct gh_erasure_head head;
	uint8_t message[GH_ERASURE_WITNESS_BYTES];

	gh_erasure_log_head(log, &head);
	receipt.chain = head.chain;
	receipt.number = head.number;
	receipt.hash = head.hash;
	gh_provider_public_key(centre, receipt.public_key);
	gh_erasure_witness_message(&receipt, message);
	assert_int_equal(gh_provider_sign(centre, (struct gh_view){ message, sizeof(message) },
				 receipt.signature, NULL),
		GH_OK);
	return receipt;
}

static void receipts_are_checked_and_kept(void **state)
{
	struct gh_provider *centre;
	struct gh_erasure_log *log;
	struct gh_erasure_receipt receipt, found;
	struct gh_erasure_head head;

	(void)state;
	assert_int_equal(gh_provider_open("file", folder_place("centre"), &centre, NULL), GH_OK);
	fill(2);
	log = open_log(2);
	receipt = receipt_of(log, centre);
	receipt.signature[5] ^= 1;
	assert_int_equal(gh_erasure_log_receive(log, &receipt, NULL), GH_INTEGRITY);
	receipt.signature[5] ^= 1;
	receipt.time_ms++;
	assert_int_equal(gh_erasure_log_receive(log, &receipt, NULL), GH_INTEGRITY);
	receipt.time_ms--;
	assert_int_equal(append(log, 4, 3), GH_OK);
	/* For an older head it is as good. */
	assert_int_equal(gh_erasure_log_receive(log, &receipt, NULL), GH_OK);
	assert_int_equal(gh_erasure_log_receive(log, &receipt, NULL), GH_OK);
	gh_erasure_log_close(log);
	log = open_log(3);
	gh_erasure_log_head(log, &head);
	assert_int_equal(head.number, 3);
	assert_int_equal(head.witnessed, 2);
	assert_int_equal(receipts_find(folder_path(), &head.chain, 1, &found, NULL), GH_OK);
	assert_memory_equal(&found, &receipt, sizeof(found));
	assert_int_equal(receipts_find(folder_path(), &head.chain, 3, &found, NULL), GH_NOT_FOUND);
	gh_erasure_log_close(log);
	gh_provider_close(centre);
}

/* The centre signed what does not stand here: one of the two was altered. */
static void a_receipt_for_another_head_is_a_conflict(void **state)
{
	struct gh_provider *centre;
	struct gh_erasure_log *log;
	struct gh_erasure_receipt receipt;

	(void)state;
	assert_int_equal(gh_provider_open("file", folder_place("centre"), &centre, NULL), GH_OK);
	fill(2);
	log = open_log(2);
	receipt = receipt_of(log, centre);
	gh_erasure_log_close(log);
	unlink(folder_place(GH_ERASURE_LOG_FILE));
	fill(3);
	log = open_log(3);
	assert_int_equal(gh_erasure_log_receive(log, &receipt, NULL), GH_CONFLICT);
	gh_erasure_log_close(log);
	gh_provider_close(centre);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_is_appended_is_there_after_reopening),
		TEST(serials_have_to_go_on),
		TEST(a_log_cut_short_loses_its_tail_or_is_refused),
		TEST(a_last_batch_of_zeros_is_cut_off_when_it_was_not_confirmed),
		TEST(every_byte_changed_is_noticed),
		TEST(batches_reordered_left_out_or_doubled_are_refused),
		TEST(a_log_spliced_from_two_is_refused),
		TEST(another_lanes_or_keys_log_is_refused),
		TEST(a_refused_log_is_set_aside_and_a_new_chain_begins),
		TEST(receipts_are_checked_and_kept),
		TEST(a_receipt_for_another_head_is_a_conflict),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
