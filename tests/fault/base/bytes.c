/* SPDX-License-Identifier: Apache-2.0 */
/* Buffers without memory: the content stays as it was. */
#include "gatehouse/base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "inject.h"

static void appending_keeps_what_was_there(void **state)
{
	static const char more[300] = { 'm' };

	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_bytes bytes = GH_BYTES_EMPTY;
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status first = gh_bytes_append(&bytes, "kept", 4, &error);
		enum gh_status second = gh_bytes_append(&bytes, more, sizeof(more), &error);
		enum gh_status third = gh_bytes_print(&bytes, &error, "%01000d", 7);
		size_t expected = 0;

		inject_pause();
		expected += first == GH_OK ? 4 : 0;
		expected += second == GH_OK ? sizeof(more) : 0;
		expected += third == GH_OK ? 1000 : 0;
		assert_int_equal(bytes.length_bytes, expected);
		if (first == GH_OK)
			assert_memory_equal(bytes.data, "kept", 4);
		if (inject_hit())
			assert_int_equal(error.status, GH_NO_MEMORY);
		assert_int_equal((first != GH_OK) + (second != GH_OK) + (third != GH_OK),
			inject_hit() ? 1 : 0);
		gh_bytes_finish(&bytes);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(appending_keeps_what_was_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
