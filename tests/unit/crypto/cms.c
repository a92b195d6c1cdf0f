/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures with a certificate in them: whose, over what, and when. */
#include "gatehouse/crypto/cms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "gatehouse/base/clock.h"
#include "support/folder.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static const char content[] = "content";

static int set_up(void **state)
{
	static const char *const clients[] = { "other" };
	static const char *const roles[] = { GH_ROLE_LANE };

	return folder_set_up(state) ||
		gh_demo_certificates_make(folder_place("demo"), clients, roles, 1, NULL) != GH_OK ||
		gh_demo_certificates_make(folder_place("elsewhere"), clients, roles, 1, NULL) !=
		GH_OK;
}

static int64_t now_ms(void)
{
	return gh_clock_system()->real_ms(gh_clock_system());
}

static void sign(struct gh_bytes *cms)
{
	struct gh_error error = GH_ERROR_NONE;

	if (gh_cms_sign(folder_place("demo/signer.pem"), folder_place("demo/signer.key"),
		    gh_view_of_text(content), cms, &error) != GH_OK)
		fail_msg("%s", error.text);
}

static enum gh_status verify(
	const struct gh_bytes *cms, const char *text, const char *ca, int64_t at_ms)
{
	struct gh_certificate signer;
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = gh_cms_verify(gh_bytes_view(cms), gh_view_of_text(text),
		folder_place(ca), at_ms, &signer, &error);

	if (status == GH_OK) {
		assert_string_equal(signer.name, "signer");
		assert_string_equal(signer.role, GH_ROLE_SIGNER);
	} else {
		assert_string_equal(signer.role, "");
		assert_int_not_equal(error.text[0], '\0');
	}
	return status;
}

static void what_is_signed_verifies(void **state)
{
	struct gh_bytes cms = GH_BYTES_EMPTY;

	sign(&cms);
	assert_int_equal(verify(&cms, content, "demo/ca.pem", now_ms()), GH_OK);
	gh_bytes_finish(&cms);
}

static void another_content_does_not(void **state)
{
	struct gh_bytes cms = GH_BYTES_EMPTY;

	sign(&cms);
	assert_int_equal(verify(&cms, "contenT", "demo/ca.pem", now_ms()), GH_INTEGRITY);
	assert_int_equal(verify(&cms, "", "demo/ca.pem", now_ms()), GH_INTEGRITY);
	gh_bytes_finish(&cms);
}

static void trust_is_by_authority_and_by_time(void **state)
{
	struct gh_bytes cms = GH_BYTES_EMPTY;

	sign(&cms);
	assert_int_equal(verify(&cms, content, "elsewhere/ca.pem", now_ms()), GH_DENIED);
	assert_int_equal(
		verify(&cms, content, "demo/ca.pem", now_ms() + (GH_DEMO_DAYS + 1) * DAY_MS),
		GH_DENIED);
	assert_int_equal(verify(&cms, content, "demo/ca.pem", now_ms() - 30 * DAY_MS), GH_DENIED);
	assert_int_equal(verify(&cms, content, "demo/none.pem", now_ms()), GH_NOT_FOUND);
	gh_bytes_finish(&cms);
}

/* Each byte in turn: never accepted with another content, never a crash. */
static void no_changed_byte_makes_it_fit_another_content(void **state)
{
	struct gh_bytes cms = GH_BYTES_EMPTY;

	sign(&cms);
	for (size_t i = 0; i < cms.length_bytes; i++) {
		cms.data[i] ^= 0x01;
		assert_int_not_equal(verify(&cms, "contenT", "demo/ca.pem", now_ms()), GH_OK);
		cms.data[i] ^= 0x01;
	}
	for (size_t cut = 0; cut < cms.length_bytes; cut++) {
		struct gh_certificate signer;

		assert_int_not_equal(
			gh_cms_verify((struct gh_view){ cms.data, cut }, gh_view_of_text(content),
				folder_place("demo/ca.pem"), now_ms(), &signer, NULL),
			GH_OK);
	}
	assert_int_equal(gh_bytes_append(&cms, "x", 1, NULL), GH_OK);
	assert_int_equal(verify(&cms, content, "demo/ca.pem", now_ms()), GH_MALFORMED);
	gh_bytes_finish(&cms);
}

static void what_is_no_signature_is_told(void **state)
{
	struct gh_bytes cms = GH_BYTES_EMPTY;

	assert_int_equal(gh_bytes_append(&cms, "no DER", 6, NULL), GH_OK);
	assert_int_equal(verify(&cms, content, "demo/ca.pem", now_ms()), GH_MALFORMED);
	while (cms.length_bytes <= GH_CMS_BYTES_MAX)
		assert_int_equal(gh_bytes_append(&cms, content, sizeof(content), NULL), GH_OK);
	assert_int_equal(verify(&cms, content, "demo/ca.pem", now_ms()), GH_TOO_LARGE);
	gh_bytes_finish(&cms);
}

static void a_key_of_another_or_open_to_others_signs_nothing(void **state)
{
	struct gh_bytes cms = GH_BYTES_EMPTY;

	assert_int_equal(
		gh_cms_sign(folder_place("demo/signer.pem"), folder_place("demo/other.key"),
			gh_view_of_text(content), &cms, NULL),
		GH_INTEGRITY);
	assert_int_equal(cms.length_bytes, 0);
	assert_int_equal(gh_cms_sign(folder_place("demo/signer.pem"), folder_place("demo/none.key"),
				 gh_view_of_text(content), &cms, NULL),
		GH_NOT_FOUND);
	assert_int_equal(chmod(folder_place("demo/signer.key"), 0644), 0);
	assert_int_equal(
		gh_cms_sign(folder_place("demo/signer.pem"), folder_place("demo/signer.key"),
			gh_view_of_text(content), &cms, NULL),
		GH_DENIED);
	gh_bytes_finish(&cms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_signed_verifies, set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(another_content_does_not, set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			trust_is_by_authority_and_by_time, set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			no_changed_byte_makes_it_fit_another_content, set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_no_signature_is_told, set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			a_key_of_another_or_open_to_others_signs_nothing, set_up, folder_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
