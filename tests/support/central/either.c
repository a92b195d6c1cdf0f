/* SPDX-License-Identifier: Apache-2.0 */
/* One suite over both kinds of store. */
#include "either.h"

#include <stdlib.h>

#include "gatehouse/base/log.h"
#include "server.h"

static const uint8_t bytes[100] = { 7 };
const struct gh_view either_some = { bytes, sizeof(bytes) };
static struct server server;

int either_set_up(void **state)
{
	char address[320] = "";

	if (server.process)
		server_new_address(&server, address);
	*state = calloc(1, sizeof(struct counter));
	counter_make_at(*state, GH_PURPOSE_DEMO, address);
	return 0;
}

int either_tear_down(void **state)
{
	counter_remove(*state);
	free(*state);
	return 0;
}

struct store *either_store(void **state)
{
	return ((struct counter *)*state)->desk.store;
}

enum stored either_put(struct store *store, struct store_put put)
{
	struct store_put *puts[] = { &put };

	assert_int_equal(store_put_all(store, puts, 1, NULL), GH_OK);
	assert_int_equal(put.status, GH_OK);
	return put.stored;
}

int either_run(const struct CMUnitTest *tests, size_t count)
{
	const char *missing;
	int failed;

	gh_log_set_level((enum gh_log_level)0);
	failed = _cmocka_run_group_tests("SQLite", tests, count, NULL, NULL);
	missing = server_start(&server, false);
	if (missing)
		print_message("not run on PostgreSQL: %s\n", missing);
	else
		failed += _cmocka_run_group_tests("PostgreSQL", tests, count, NULL, NULL);
	server_stop(&server);
	return failed;
}
