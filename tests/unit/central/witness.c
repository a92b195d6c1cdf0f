/* SPDX-License-Identifier: Apache-2.0 */
/* Countersigning heads: on from what was seen, never a fork, never for another lane. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/log.h"
#include "gatehouse/erasure/witness.h"
#include "support/central/counter.h"

static struct counter counter;

static int begin(void **state)
{
	(void)state;
	counter_make(&counter, GH_PURPOSE_DEMO);
	return 0;
}

static int end(void **state)
{
	(void)state;
	counter_remove(&counter);
	return 0;
}

/* Bring a head: the HTTP status, and the receipt where there is one. */
static int bring(const char *lane, uint8_t chain, uint64_t number, uint8_t hash,
	struct gh_erasure_receipt *receipt)
{
	struct gh_erasure_head head = {
		.chain = { { chain } }, .number = number, .hash = { { hash } }
	};
	struct gh_bytes body = GH_BYTES_EMPTY;
	struct request request = {
		.endpoint = ENDPOINT_WITNESS_PUT, .id = head.chain, .role = ROLE_LANE
	};
	struct answer answer;
	struct deposit deposit;
	int status;

	gh_text_copy(head.lane, sizeof(head.lane), lane);
	assert_int_equal(gh_erasure_head_encode(&head, &body, NULL), GH_OK);
	request.body = gh_bytes_view(&body);
	strcpy(request.peer, "lane-1");
	answer_init(&answer);
	deposit_begin(&deposit, &request, &answer);
	desk_decide(&counter.desk, &deposit);
	status = answer.status;
	if (status == 200)
		assert_int_equal(
			gh_erasure_receipt_decode(gh_bytes_view(&answer.body), receipt, NULL),
			GH_OK);
	deposit_finish(&deposit);
	answer_finish(&answer);
	gh_bytes_finish(&body);
	return status;
}

static void a_head_that_goes_on_is_countersigned(void **state)
{
	struct gh_erasure_receipt receipt;
	uint8_t message[GH_ERASURE_WITNESS_BYTES];
	uint8_t key[GH_PUBLIC_KEY_BYTES];

	(void)state;
	assert_int_equal(bring("lane-1", 1, 3, 7, &receipt), 200);
	assert_int_equal(receipt.number, 3);
	assert_int_equal(receipt.chain.bytes[0], 1);
	assert_int_equal(receipt.hash.bytes[0], 7);
	assert_int_equal(receipt.time_ms, counter.clock.real_ms);
	gh_provider_public_key(counter.desk.provider, key);
	assert_memory_equal(receipt.public_key, key, sizeof(key));
	gh_erasure_witness_message(&receipt, message);
	assert_int_equal(gh_signature_verify(key, (struct gh_view){ message, sizeof(message) },
				 receipt.signature, NULL),
		GH_OK);
	/* The same once more, and on. */
	assert_int_equal(bring("lane-1", 1, 3, 7, &receipt), 200);
	assert_int_equal(bring("lane-1", 1, 9, 8, &receipt), 200);
}

static void an_older_or_another_head_is_refused_over_restarts_too(void **state)
{
	struct gh_erasure_receipt receipt;

	(void)state;
	assert_int_equal(bring("lane-1", 1, 3, 7, &receipt), 200);
	counter_reopen(&counter);
	assert_int_equal(bring("lane-1", 1, 2, 6, &receipt), 409);
	assert_int_equal(bring("lane-1", 1, 3, 8, &receipt), 409);
	assert_int_equal(bring("lane-1", 1, 4, 9, &receipt), 200);
}

/* A lane that lost its log begins another chain: that is seen, and reported, not prevented. */
static void another_chain_is_countersigned_from_its_beginning(void **state)
{
	struct gh_erasure_receipt receipt;

	(void)state;
	assert_int_equal(bring("lane-1", 1, 30, 7, &receipt), 200);
	assert_int_equal(bring("lane-1", 2, 1, 1, &receipt), 200);
	assert_int_equal(receipt.chain.bytes[0], 2);
}

static void a_lane_has_its_own_head_countersigned_only(void **state)
{
	struct gh_erasure_receipt receipt;

	(void)state;
	assert_int_equal(bring("lane-2", 1, 3, 7, &receipt), 403);
}

static void what_is_no_head_is_refused(void **state)
{
	struct gh_id id = { { 1 } };
	char code[32];

	(void)state;
	assert_int_equal(
		counter_put(&counter, ENDPOINT_WITNESS_PUT, &id, gh_view_of_text("{}"), code), 422);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(a_head_that_goes_on_is_countersigned),
		TEST(an_older_or_another_head_is_refused_over_restarts_too),
		TEST(another_chain_is_countersigned_from_its_beginning),
		TEST(a_lane_has_its_own_head_countersigned_only),
		TEST(what_is_no_head_is_refused),
	};

	gh_log_set_level((enum gh_log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
