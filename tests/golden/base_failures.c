/* SPDX-License-Identifier: Apache-2.0 */
/* docs/failures.md lists every status, reason and referral there is, and no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "gatehouse/base/words.h"
#include "support/document.h"

#define PRINT(text, ...) assert_int_equal(gh_bytes_print(text, NULL, __VA_ARGS__), GH_OK)

static void the_statuses_are_the_lists(void **unused)
{
	struct gh_bytes text = GH_BYTES_EMPTY;

	(void)unused;
	PRINT(&text, "| status | who can mend it | in words |\n|---|---|---|\n");
	for (int i = 0; i < GH_STATUS_COUNT; i++) {
		enum gh_status status = (enum gh_status)i;

		PRINT(&text, "| `%s` | %s | %s |\n", gh_status_name(status),
			gh_remedy_name(gh_status_remedy(status)), gh_status_text(status));
	}
	assert_true(document_has("failures.md", "statuses", &text));
	gh_bytes_finish(&text);
}

static const char *read_document(struct gh_bytes *document)
{
	const char *source = getenv("GATEHOUSE_SOURCE_DIR");
	char path[1024];

	snprintf(path, sizeof(path), "%s/docs/failures.md", source ? source : ".");
	assert_int_equal(gh_file_read(path, 1 << 20, document, NULL), GH_OK);
	assert_int_equal(gh_bytes_append(document, "", 1, NULL), GH_OK);
	return (const char *)document->data;
}

/* The table under a heading; its rows begin with the words of a list, in the list's order. */
static void words_under(const char *heading, const char *(*name)(unsigned), unsigned count)
{
	struct gh_bytes document = GH_BYTES_EMPTY;
	const char *row = strstr(read_document(&document), heading);
	char begin[64];

	assert_non_null(row);
	row = strstr(row, "|---");
	for (unsigned i = 0; i < count; i++) {
		assert_non_null(row);
		row = strchr(row, '\n') + 1;
		snprintf(begin, sizeof(begin), "| `%s` |", name(i));
		if (strncmp(row, begin, strlen(begin)) != 0)
			fail_msg("docs/failures.md: a row that begins with %s is missing", begin);
	}
	row = strchr(row, '\n') + 1;
	assert_true(*row != '|');
	gh_bytes_finish(&document);
}

/* GH_REASON_NONE is no failure. */
static const char *reason(unsigned index)
{
	return gh_reason_name((enum gh_reason)(index + 1));
}

static const char *referral(unsigned index)
{
	return gh_referral_name((enum gh_referral)index);
}

static void every_reason_is_explained(void **unused)
{
	(void)unused;
	words_under("\n## Not captured\n", reason, GH_REASON_COUNT - 1);
}

static void every_referral_is_explained(void **unused)
{
	(void)unused;
	words_under("\n## Referred\n", referral, GH_REFERRAL_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_statuses_are_the_lists),
		cmocka_unit_test(every_reason_is_explained),
		cmocka_unit_test(every_referral_is_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
