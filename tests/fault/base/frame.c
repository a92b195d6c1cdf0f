/* SPDX-License-Identifier: Apache-2.0 */
/* The frame pool without memory, and that it takes none once it is made. */
#include "gatehouse/base/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "inject.h"

static void a_pool_is_made_whole_or_not_at_all(void **state)
{
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_frame_pool *pool;
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status = gh_frame_pool_create(4, 1000, &pool, &error);

		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		assert_int_equal(pool == NULL, inject_hit());
		assert_int_equal(error.status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		gh_frame_pool_destroy(pool);
	}
}

static void no_frame_allocates(void **state)
{
	struct gh_frame_pool *pool;
	uint8_t *memory;
	size_t length;

	assert_int_equal(gh_frame_pool_create(2, 1000, &pool, NULL), GH_OK);
	inject_arm_from(INJECT_ALLOC, 1);
	for (int i = 0; i < 100; i++) {
		struct gh_frame *taken = gh_frame_take(pool, &memory, &length);
		struct gh_frame *lent = gh_frame_lend(pool, NULL, NULL);

		gh_frame_unref(gh_frame_ref(taken));
		gh_frame_pool_wipe(pool);
		gh_frame_unref(taken);
		gh_frame_unref(lent);
	}
	inject_pause();
	assert_int_equal(inject_count(INJECT_ALLOC), 0);
	gh_frame_pool_destroy(pool);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pool_is_made_whole_or_not_at_all),
		cmocka_unit_test(no_frame_allocates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
