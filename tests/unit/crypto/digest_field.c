/* SPDX-License-Identifier: Apache-2.0 */
/* Content-Digest: written as RFC 9530 shows it, and read with all that others may write. */
#include "gatehouse/crypto/digest_field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The example of RFC 9530, appendix B.1: {"hello": "world"} and a line feed. */
static const char example[] = "{\"hello\": \"world\"}\n";
static const char example_field[] = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";

static void the_example_of_the_standard_is_met(void **state)
{
	char text[GH_DIGEST_FIELD_BYTES];
	struct gh_sha256 hash;
	struct gh_sha256 read;

	assert_int_equal(gh_sha256_of(gh_view_of_text(example), &hash, NULL), GH_OK);
	gh_digest_field_format(&hash, text);
	assert_string_equal(text, example_field);
	assert_int_equal(gh_digest_field_parse(text, &read, NULL), GH_OK);
	assert_true(gh_sha256_equal(&hash, &read));
}

static void other_algorithms_are_passed_over(void **state)
{
	char text[300];
	struct gh_sha256 hash;
	struct gh_sha256 read;

	assert_int_equal(gh_sha256_of(gh_view_of_text(example), &hash, NULL), GH_OK);
	snprintf(text, sizeof(text), " sha-512=:AAAA: , %s", example_field);
	assert_int_equal(gh_digest_field_parse(text, &read, NULL), GH_OK);
	assert_true(gh_sha256_equal(&hash, &read));
	snprintf(text, sizeof(text), "%s,\tunixsum=::", example_field);
	assert_int_equal(gh_digest_field_parse(text, &read, NULL), GH_OK);
	assert_true(gh_sha256_equal(&hash, &read));
	assert_int_equal(gh_digest_field_parse("sha-512=:AAAA:", &read, NULL), GH_NOT_FOUND);
}

static void what_is_no_digest_is_refused(void **state)
{
	static const char *const bad[] = { "", " ", ",", "sha-256",
		"sha-256=", "sha-256=:", "sha-256=::", "sha-256=:AAAA:", "SHA-256=:AAAA:",
		"sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=",
		"sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDgA:",
		"sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabD==:",
		"sha-256=:=K/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:",
		"sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP_lF5HF9bvEF8FabDg=:",
		"sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:,",
		"sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=: x" };
	char long_text[GH_DIGEST_FIELD_BYTES_MAX + 20];
	struct gh_sha256 read;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (gh_digest_field_parse(bad[i], &read, NULL) != GH_MALFORMED)
			fail_msg("taken: %s", bad[i]);
	memset(long_text, ' ', sizeof(long_text));
	strcpy(long_text + sizeof(long_text) - 15, "sha-512=:AAAA:");
	assert_int_equal(gh_digest_field_parse(long_text, &read, NULL), GH_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_standard_is_met),
		cmocka_unit_test(other_algorithms_are_passed_over),
		cmocka_unit_test(what_is_no_digest_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
