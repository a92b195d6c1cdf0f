/* SPDX-License-Identifier: Apache-2.0 */
/* Every write and allocation of heartbeats, looks and scrapes fails once: then all is as it was. */
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
#include "../../support/outbox/fault_sqlite.h"
#include "gatehouse/base/log.h"
#include "inject.h"

/* What GET answers: the status; how often a word stands in the body. */
static int get(struct counter *counter, enum endpoint endpoint, const char *word, int *times)
{
	const struct request request = { .endpoint = endpoint, .role = ROLE_OPERATOR };
	struct answer answer;
	struct deposit deposit;
	const char *at;
	int status;

	answer_init(&answer);
	deposit_begin(&deposit, &request, &answer);
	desk_decide(&counter->desk, &deposit);
	status = answer.status;
	inject_pause();
	assert_int_equal(gh_bytes_append(&answer.body, "", 1, NULL), GH_OK);
	*times = 0;
	for (at = (const char *)answer.body.data; (at = strstr(at, word)); at++)
		++*times;
	deposit_finish(&deposit);
	answer_finish(&answer);
	return status;
}

static void make_ill(const struct counter *counter, struct gh_heartbeat *heartbeat)
{
	counter_heartbeat(counter, heartbeat);
	heartbeat->quarantined = 1;
	heartbeat->disk_free_permille = 1;
}

/* After whatever failed: the heartbeat is taken, two alarms stand, and both are told. */
static void judge(struct counter *counter, const struct gh_heartbeat *heartbeat)
{
	char code[32];
	int times;

	counter_reopen(counter);
	assert_int_equal(counter_put_heartbeat(counter, heartbeat, code), 204);
	desk_look(&counter->desk);
	assert_int_equal(get(counter, ENDPOINT_ALARM_LIST, "\"lane-1\"", &times), 200);
	assert_int_equal(times, 2);
	assert_int_equal(get(counter, ENDPOINT_METRICS, "_lane_alarm{", &times), 200);
	assert_int_equal(times, 2);
}

static bool round_with(enum fault fault, unsigned long n)
{
	struct counter counter;
	struct gh_heartbeat heartbeat;
	char code[32];
	int put;
	bool fell;

	counter_make(&counter, GH_PURPOSE_DEMO);
	make_ill(&counter, &heartbeat);
	fault_arm(fault, n, 1);
	put = counter_put_heartbeat(&counter, &heartbeat, code);
	desk_look(&counter.desk);
	fell = fault_disarm();
	assert_true(put == 204 || put == 500 || put == 503);
	judge(&counter, &heartbeat);
	counter_remove(&counter);
	return fell;
}

static void every_write_fails(void **state)
{
	(void)state;
	assert_true(fault_each(FAULT_IO, round_with) > 2);
}

static void the_disk_is_full_at_every_write(void **state)
{
	(void)state;
	assert_true(fault_each(FAULT_FULL, round_with) > 2);
}

static void every_allocation_of_ours_fails(void **state)
{
	(void)state;
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct counter counter;
		struct gh_heartbeat heartbeat;
		struct gh_bytes json = GH_BYTES_EMPTY;
		char code[32];
		int put, listed, scraped, times;

		inject_pause();
		counter_make(&counter, GH_PURPOSE_DEMO);
		make_ill(&counter, &heartbeat);
		assert_int_equal(gh_heartbeat_encode(&heartbeat, &json, NULL), GH_OK);
		strcpy(counter.name, "lane-1");
		inject_arm(INJECT_ALLOC, n);
		put = counter_put(&counter, ENDPOINT_HEARTBEAT_PUT, &(struct gh_id){ { 0 } },
			gh_bytes_view(&json), code);
		desk_look(&counter.desk);
		listed = get(&counter, ENDPOINT_ALARM_LIST, "\"lane-1\"", &times);
		gh_bytes_finish(&json);
		assert_true(put == 204 || (inject_hit() && (put == 500 || put == 503)));
		assert_true(listed == 200 || (inject_hit() && (listed == 500 || listed == 503)));
		judge(&counter, &heartbeat);
		inject_arm(INJECT_ALLOC, n);
		scraped = get(&counter, ENDPOINT_METRICS, "_lane_alarm{", &times);
		assert_true(scraped == 200 ? times == 2
					   : inject_hit() && (scraped == 500 || scraped == 503));
		counter_remove(&counter);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_write_fails),
		cmocka_unit_test(the_disk_is_full_at_every_write),
		cmocka_unit_test(every_allocation_of_ours_fails),
	};

	gh_log_set_level((enum gh_log_level)0);
	fault_register();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
