/* SPDX-License-Identifier: Apache-2.0 */
/* Lists, updates and checks when memory runs out at the n-th allocation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/manifest/finding.h"
#include "inject.h"
#include "support/manifest/list.h"

enum {
	PERSONS = 300
};

static void write_list(struct gh_bytes *text, const char *sent)
{
	struct list list = { .sent = sent };

	list_begin(text, &list);
	for (unsigned n = 0; n < PERSONS; n++)
		list_specimen(text, n);
	list_end(text, &list);
}

static void parsing(void **state)
{
	struct gh_bytes text = GH_BYTES_EMPTY;

	write_list(&text, NULL);
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_paxlst paxlst;
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status =
			gh_paxlst_parse(gh_bytes_view(&text), LIST_TODAY_MS, &paxlst, &error);

		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		assert_int_equal(paxlst.voyage.person_count, status == GH_OK ? PERSONS : 0);
		gh_paxlst_finish(&paxlst);
	}
	gh_bytes_finish(&text);
}

static void updating(void **state)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	struct gh_paxlst paxlst;

	write_list(&text, "261124:0900");
	list_parse(&text, &paxlst);
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_voyage voyage;
		struct gh_voyage before;
		enum gh_status status;

		inject_pause();
		list_voyage(&voyage, PERSONS / 2, 1);
		assert_int_equal(gh_voyage_copy(&voyage, &before, NULL), GH_OK);
		inject_arm(INJECT_ALLOC, n);
		status = gh_voyage_apply(&voyage, &paxlst, 0, NULL);
		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		if (status != GH_OK) {
			assert_memory_equal(&voyage, &before, offsetof(struct gh_voyage, persons));
			assert_memory_equal(voyage.persons, before.persons,
				before.person_count * sizeof(before.persons[0]));
		}
		gh_voyage_finish(&before);
		gh_voyage_finish(&voyage);
	}
	gh_paxlst_finish(&paxlst);
	gh_bytes_finish(&text);
}

static void checking_and_copying(void **state)
{
	struct gh_voyage voyage;

	list_voyage(&voyage, PERSONS, 0);
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_findings findings;
		struct gh_voyage copy = { .persons = NULL };
		enum gh_status status = gh_voyage_check(&voyage, LIST_TODAY_MS, &findings, NULL);

		if (status == GH_OK)
			status = gh_voyage_copy(&voyage, &copy, NULL);
		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		gh_findings_finish(&findings);
		gh_voyage_finish(&copy);
	}
	gh_voyage_finish(&voyage);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(parsing),
		cmocka_unit_test(updating),
		cmocka_unit_test(checking_and_copying),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
