/* SPDX-License-Identifier: Apache-2.0 */
/* Records when memory runs out at the n-th allocation, jansson's own included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "inject.h"
#include "support/encounter/specimen.h"

static void encoding(void **state)
{
	struct gh_encounter encounter;
	unsigned long rounds = 0;

	specimen_encounter_of(SPECIMEN_MATCH, 1, &encounter);
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_bytes json = GH_BYTES_EMPTY;
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status = gh_encounter_encode(&encounter, &json, &error);

		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		assert_true(status == GH_OK || json.length_bytes == 0);
		gh_bytes_finish(&json);
		rounds = n;
	}
	/* Over a hundred values: jansson's memory was really counted. */
	assert_true(rounds > 100);
}

static void decoding(void **state)
{
	struct gh_encounter encounter;
	struct gh_bytes json = GH_BYTES_EMPTY;
	unsigned long rounds = 0;

	memset(&encounter, 0, sizeof(encounter));
	specimen_encounter_of(SPECIMEN_MATCH, 1, &encounter);
	assert_int_equal(gh_encounter_encode(&encounter, &json, NULL), GH_OK);
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_encounter read;
		enum gh_status status;

		memset(&read, 0, sizeof(read));
		status = gh_encounter_decode(gh_bytes_view(&json), &read, NULL);
		inject_pause();
		/* Where jansson loses characters instead of saying so, they are missed. */
		if (inject_hit())
			assert_true(status == GH_NO_MEMORY || status == GH_MALFORMED);
		else
			assert_int_equal(status, GH_OK);
		if (status == GH_OK)
			assert_memory_equal(&read, &encounter, sizeof(read));
		rounds = n;
	}
	assert_true(rounds > 100);
	gh_bytes_finish(&json);
}

static void addenda(void **state)
{
	struct gh_addendum addendum;

	specimen_addendum(GH_ADDENDUM_DISPOSITION, &addendum);
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_bytes json = GH_BYTES_EMPTY;
		struct gh_addendum read;
		enum gh_status status = gh_addendum_encode(&addendum, &json, NULL);
		bool encoded = status == GH_OK;

		if (encoded)
			status = gh_addendum_decode(gh_bytes_view(&json), &read, NULL);
		inject_pause();
		if (!inject_hit())
			assert_int_equal(status, GH_OK);
		else
			assert_true(status == GH_NO_MEMORY || (encoded && status == GH_MALFORMED));
		gh_bytes_finish(&json);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(encoding),
		cmocka_unit_test(decoding),
		cmocka_unit_test(addenda),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
