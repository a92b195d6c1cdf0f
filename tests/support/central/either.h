/* SPDX-License-Identifier: Apache-2.0 */
/* One suite over both kinds of store: SQLite, and a real PostgreSQL where there is one. */
#ifndef GATEHOUSE_TESTS_SUPPORT_CENTRAL_EITHER_H
#define GATEHOUSE_TESTS_SUPPORT_CENTRAL_EITHER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "counter.h"

/* Some bytes that stand for whatever is stored. */
extern const struct gh_view either_some;

/* For each test: state is a struct counter with an empty store. */
int either_set_up(void **state);
int either_tear_down(void **state);
struct store *either_store(void **state);

/* Put one, which is taken; whether it was new. */
enum stored either_put(struct store *store, struct store_put put);

/* Run the tests on each kind; how many failed. */
int either_run(const struct CMUnitTest *tests, size_t count);

#define EITHER_TEST(name) cmocka_unit_test_setup_teardown(name, either_set_up, either_tear_down)

#endif
