/* SPDX-License-Identifier: Apache-2.0 */
/* docs/coaching.md shows the table of coaching as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gatehouse/vision/coach.h"
#include "support/document.h"

#define PRINT(text, ...) assert_int_equal(gh_bytes_print(text, NULL, __VA_ARGS__), GH_OK)

static void the_rules_are_the_table(void **unused)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	size_t count;
	const struct gh_coach_rule *rules = gh_coach_rules(&count);

	(void)unused;
	PRINT(&text, "| instruction | met when | until | before the next, because |\n");
	PRINT(&text, "|---|---|---|---|\n");
	for (size_t i = 0; i < count; i++)
		PRINT(&text, "| `%s` | %s | %s | %s |\n", gh_instruction_name(rules[i].instruction),
			rules[i].met, rules[i].until, rules[i].place);
	assert_true(document_has("coaching.md", "rules", &text));
	gh_bytes_finish(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rules_are_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
