/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of certificates: there and back, and what is none. */
#include "gatehouse/crypto/certs_only.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>

#include "gatehouse/base/file.h"
#include "gatehouse/crypto/base64.h"
#include "gatehouse/crypto/certificate.h"
#include "gatehouse/crypto/cms.h"
#include "support/folder.h"

static int set_up(void **state)
{
	static const char *const clients[] = { "lane-1" };
	static const char *const roles[] = { GH_ROLE_LANE };

	return folder_set_up(state) ||
		gh_demo_certificates_make(folder_place("demo"), clients, roles, 1, NULL) != GH_OK;
}

static void add(struct gh_certs *certs, const char *file)
{
	struct gh_bytes pem = GH_BYTES_EMPTY;

	assert_int_equal(gh_file_read(folder_place(file), 65536, &pem, NULL), GH_OK);
	assert_int_equal(gh_certs_add_pem(certs, gh_bytes_view(&pem), NULL), GH_OK);
	gh_bytes_finish(&pem);
}

static void there_and_back(void **state)
{
	struct gh_certs certs = { .count = 0 };
	struct gh_certs back = { .count = 0 };
	struct gh_bytes text = GH_BYTES_EMPTY;

	(void)state;
	add(&certs, "demo/ca.pem");
	add(&certs, "demo/lane-1.pem");
	add(&certs, "demo/ca.pem"); /* it is there already */
	assert_int_equal(certs.count, 2);
	assert_int_equal(gh_certs_only_encode(&certs, &text, NULL), GH_OK);
	assert_int_equal(gh_certs_only_decode(gh_bytes_view(&text), &back, NULL), GH_OK);
	assert_int_equal(back.count, 2);
	for (size_t i = 0; i < 2; i++) {
		bool found = false;

		/* The message is a set: DER sorts it. */
		for (size_t j = 0; j < 2; j++)
			found |= gh_view_equal(
				gh_bytes_view(&certs.der[i]), gh_bytes_view(&back.der[j]));
		assert_true(found);
	}
	assert_int_equal(ERR_peek_error(), 0);
	gh_certs_finish(&certs);
	gh_certs_finish(&back);
	gh_bytes_finish(&text);
}

static void a_chain_leaves_the_root_out(void **state)
{
	struct gh_certs above = { .count = 0 };
	struct gh_certs lane = { .count = 0 };
	struct gh_bytes pem = GH_BYTES_EMPTY;
	struct gh_bytes file = GH_BYTES_EMPTY;

	(void)state;
	add(&above, "demo/ca.pem");
	add(&above, "demo/central.pem");
	add(&lane, "demo/lane-1.pem");
	assert_int_equal(gh_certs_chain(gh_bytes_view(&lane.der[0]), &above, &pem, NULL), GH_OK);
	assert_int_equal(gh_file_read(folder_place("demo/lane-1.pem"), 65536, &file, NULL), GH_OK);
	assert_true(gh_view_equal(gh_bytes_view(&pem), gh_bytes_view(&file)));
	gh_certs_finish(&above);
	gh_certs_finish(&lane);
	gh_bytes_finish(&pem);
	gh_bytes_finish(&file);
}

static enum gh_status decode(struct gh_view text)
{
	struct gh_certs certs = { .count = 0 };
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = gh_certs_only_decode(text, &certs, &error);

	if (status != GH_OK) {
		assert_int_equal(certs.count, 0);
		assert_int_not_equal(error.text[0], '\0');
	}
	assert_int_equal(ERR_peek_error(), 0);
	gh_certs_finish(&certs);
	return status;
}

static void what_is_no_such_message_is_refused(void **state)
{
	static uint8_t large[GH_CERTS_ONLY_BYTES_MAX + 1];
	struct gh_bytes cms = GH_BYTES_EMPTY;
	struct gh_bytes text = GH_BYTES_EMPTY;

	(void)state;
	assert_int_equal(decode(gh_view_of_text("")), GH_MALFORMED);
	assert_int_equal(decode(gh_view_of_text("AAAA")), GH_MALFORMED);
	assert_int_equal(decode(gh_view_of_text("not base64")), GH_MALFORMED);
	memset(large, 'A', sizeof(large));
	assert_int_equal(decode((struct gh_view){ large, sizeof(large) }), GH_TOO_LARGE);
	/* One that somebody has signed is something else. */
	assert_int_equal(gh_cms_sign(folder_place("demo/signer.pem"),
				 folder_place("demo/signer.key"), gh_view_of_text("x"), &cms, NULL),
		GH_OK);
	assert_int_equal(gh_base64_encode(gh_bytes_view(&cms), &text, NULL), GH_OK);
	assert_int_equal(decode(gh_bytes_view(&text)), GH_MALFORMED);
	gh_bytes_finish(&cms);
	gh_bytes_finish(&text);
}

static void certificates_have_a_bound(void **state)
{
	static const char *const clients[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i" };
	static const char *const roles[] = { "x", "x", "x", "x", "x", "x", "x", "x", "x" };
	struct gh_certs certs = { .count = 0 };
	struct gh_bytes pem = GH_BYTES_EMPTY;

	(void)state;
	assert_int_equal(
		gh_demo_certificates_make(folder_place("many"), clients, roles, 9, NULL), GH_OK);
	for (size_t i = 0; i < 8; i++) {
		char file[] = "many/?.pem";

		file[5] = clients[i][0];
		add(&certs, file);
	}
	assert_int_equal(gh_file_read(folder_place("many/i.pem"), 65536, &pem, NULL), GH_OK);
	assert_int_equal(gh_certs_add_pem(&certs, gh_bytes_view(&pem), NULL), GH_TOO_LARGE);
	assert_int_equal(gh_certs_add_pem(&certs, gh_view_of_text(""), NULL), GH_MALFORMED);
	assert_int_equal(gh_certs_add_pem(&certs, gh_view_of_text("x"), NULL), GH_MALFORMED);
	gh_certs_finish(&certs);
	assert_int_equal(gh_certs_only_encode(&certs, &pem, NULL), GH_MALFORMED);
	assert_null(pem.data);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, folder_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(there_and_back),
		TEST(a_chain_leaves_the_root_out),
		TEST(what_is_no_such_message_is_refused),
		TEST(certificates_have_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
