/* SPDX-License-Identifier: Apache-2.0 */
/* An authority at work: what it takes to be one, and what its certificates say. */
#include "gatehouse/crypto/issuer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/file.h"
#include "support/folder.h"

#define HOUR_MS (INT64_C(3600) * 1000)

static int set_up(void **state)
{
	static const char *const clients[] = { "lane-1" };
	static const char *const roles[] = { GH_ROLE_LANE };

	return folder_set_up(state) ||
		gh_demo_certificates_make(folder_place("demo"), clients, roles, 1, NULL) != GH_OK ||
		gh_demo_certificates_make(folder_place("other"), clients, roles, 1, NULL) != GH_OK;
}

static int64_t now_ms(void)
{
	return gh_clock_system()->real_ms(gh_clock_system());
}

static enum gh_status open_issuer(const char *certificate, const char *key, const char *ca,
	int64_t at_ms, struct gh_issuer **issuer)
{
	struct gh_bytes pem = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;
	char path[256], ca_path[256];
	enum gh_status status;

	assert_int_equal(gh_file_read(folder_place(key), 65536, &pem, NULL), GH_OK);
	strcpy(path, folder_place(certificate));
	strcpy(ca_path, folder_place(ca));
	status = gh_issuer_open(path, gh_bytes_view(&pem), ca_path, at_ms, issuer, &error);
	gh_bytes_finish(&pem);
	if (status != GH_OK) {
		assert_null(*issuer);
		assert_int_not_equal(error.text[0], '\0');
	}
	assert_int_equal(ERR_peek_error(), 0);
	return status;
}

static void read_csr(const char *name, struct gh_csr *csr, struct gh_bytes *key)
{
	struct gh_bytes der = GH_BYTES_EMPTY;

	assert_int_equal(gh_csr_new_key(key, NULL), GH_OK);
	assert_int_equal(gh_csr_make(name, "operator", gh_bytes_view(key), &der, NULL), GH_OK);
	assert_int_equal(gh_csr_read(gh_bytes_view(&der), csr, NULL), GH_OK);
	gh_bytes_finish(&der);
}

static struct gh_issue issue_of(const char *name)
{
	return (struct gh_issue){ .organisation = "Utopia",
		.role = GH_ROLE_LANE,
		.name = name,
		.domain = "localhost",
		.now_ms = now_ms(),
		.life_ms = HOUR_MS };
}

static void only_an_authority_issues(void **state)
{
	struct gh_issuer *issuer;

	(void)state;
	assert_int_equal(
		open_issuer("demo/ca.pem", "other/ca.key", "demo/ca.pem", now_ms(), &issuer),
		GH_INTEGRITY);
	assert_int_equal(
		open_issuer("demo/lane-1.pem", "demo/lane-1.key", "demo/ca.pem", now_ms(), &issuer),
		GH_SETTINGS);
	assert_int_equal(
		open_issuer("demo/ca.pem", "demo/ca.key", "other/ca.pem", now_ms(), &issuer),
		GH_SETTINGS);
	assert_int_equal(open_issuer("demo/ca.pem", "demo/ca.key", "demo/ca.pem",
				 now_ms() + 24 * HOUR_MS * (GH_DEMO_DAYS + 1), &issuer),
		GH_SETTINGS);
	assert_int_equal(
		open_issuer("demo/ca.pem", "demo/ca.key", "demo/ca.pem", now_ms(), &issuer), GH_OK);
	assert_int_equal(gh_issuer_certs(issuer)->count, 1);
	gh_issuer_close(issuer);
	gh_issuer_close(NULL);
}

static void expect_extensions(const struct gh_bytes *der)
{
	const unsigned char *place = der->data;
	X509 *x509 = d2i_X509(NULL, &place, (long)der->length_bytes);
	GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
	char organisation[32];

	assert_int_equal(X509_get_version(x509), X509_VERSION_3);
	assert_int_equal(X509_check_ca(x509), 0);
	assert_int_equal(X509_get_key_usage(x509), X509v3_KU_DIGITAL_SIGNATURE);
	assert_int_equal(X509_get_extended_key_usage(x509), XKU_SSL_CLIENT);
	assert_int_equal(sk_GENERAL_NAME_num(names), 1);
	assert_int_equal(X509_check_host(x509, "lane-1.localhost", 0, 0, NULL), 1);
	assert_int_equal(X509_NAME_get_text_by_NID(X509_get_subject_name(x509),
				 NID_organizationName, organisation, sizeof(organisation)),
		6);
	assert_string_equal(organisation, "Utopia");
	GENERAL_NAMES_free(names);
	X509_free(x509);
}

static void a_certificate_says_what_the_issuer_wants(void **state)
{
	struct gh_issuer *issuer;
	struct gh_issue issue = issue_of("lane-1");
	struct gh_bytes key = GH_BYTES_EMPTY;
	struct gh_issued issued;
	struct gh_csr csr;

	(void)state;
	assert_int_equal(
		open_issuer("demo/ca.pem", "demo/ca.key", "demo/ca.pem", now_ms(), &issuer), GH_OK);
	/* The request names another, as an operator: nobody listens to that. */
	read_csr("lane-9", &csr, &key);
	assert_int_equal(gh_issuer_issue(issuer, &csr, &issue, &issued, NULL), GH_OK);
	assert_string_equal(issued.certificate.name, "lane-1");
	assert_string_equal(issued.certificate.role, GH_ROLE_LANE);
	assert_true(issued.certificate.demo); /* by its issuer */
	assert_int_equal(strlen(issued.serial), 32);
	assert_int_equal(
		issued.certificate.not_after_ms / 1000, (issue.now_ms + issue.life_ms) / 1000);
	assert_true(issued.certificate.not_before_ms <= issue.now_ms);
	assert_int_equal(
		gh_certificate_match(gh_bytes_view(&issued.der), gh_bytes_view(&key), NULL), GH_OK);
	expect_extensions(&issued.der);
	gh_bytes_finish(&issued.der);
	gh_bytes_finish(&key);
	gh_issuer_close(issuer);
}

static void serials_differ(void **state)
{
	struct gh_issuer *issuer;
	struct gh_issue issue = issue_of("lane-1");
	struct gh_bytes key = GH_BYTES_EMPTY;
	struct gh_issued one, two;
	struct gh_csr csr;

	(void)state;
	assert_int_equal(
		open_issuer("demo/ca.pem", "demo/ca.key", "demo/ca.pem", now_ms(), &issuer), GH_OK);
	read_csr("lane-1", &csr, &key);
	assert_int_equal(gh_issuer_issue(issuer, &csr, &issue, &one, NULL), GH_OK);
	assert_int_equal(gh_issuer_issue(issuer, &csr, &issue, &two, NULL), GH_OK);
	assert_string_not_equal(one.serial, two.serial);
	gh_bytes_finish(&one.der);
	gh_bytes_finish(&two.der);
	gh_bytes_finish(&key);
	gh_issuer_close(issuer);
}

static void none_outlives_its_issuer(void **state)
{
	struct gh_issuer *issuer;
	struct gh_issue issue = issue_of("lane-1");
	struct gh_bytes key = GH_BYTES_EMPTY;
	struct gh_certificate authority;
	struct gh_issued issued;
	struct gh_csr csr;

	(void)state;
	assert_int_equal(
		open_issuer("demo/ca.pem", "demo/ca.key", "demo/ca.pem", now_ms(), &issuer), GH_OK);
	assert_int_equal(gh_certificate_read(folder_place("demo/ca.pem"), &authority, NULL), GH_OK);
	read_csr("lane-1", &csr, &key);
	issue.life_ms = 1000 * 24 * HOUR_MS;
	assert_int_equal(gh_issuer_issue(issuer, &csr, &issue, &issued, NULL), GH_OK);
	assert_int_equal(issued.certificate.not_after_ms, authority.not_after_ms);
	assert_true(issued.certificate.not_before_ms >= authority.not_before_ms);
	gh_bytes_finish(&issued.der);
	issue.now_ms = authority.not_after_ms;
	assert_int_equal(gh_issuer_issue(issuer, &csr, &issue, &issued, NULL), GH_SETTINGS);
	assert_null(issued.der.data);
	gh_bytes_finish(&key);
	gh_issuer_close(issuer);
}

static void names_are_no_words_of_openssl(void **state)
{
	static const char *const bad[] = { "", "lane,DNS:central", "lane 1", "a\nb", "lane;1",
		"12345678901234567890123456789012345678901234567890123456789012345" };
	struct gh_issuer *issuer;
	struct gh_issue issue = issue_of("lane-1");
	struct gh_bytes key = GH_BYTES_EMPTY;
	struct gh_issued issued;
	struct gh_csr csr;

	(void)state;
	assert_int_equal(
		open_issuer("demo/ca.pem", "demo/ca.key", "demo/ca.pem", now_ms(), &issuer), GH_OK);
	read_csr("lane-1", &csr, &key);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		issue.name = bad[i];
		assert_int_equal(
			gh_issuer_issue(issuer, &csr, &issue, &issued, NULL), GH_MALFORMED);
	}
	issue = issue_of("lane-1");
	issue.domain = "x,IP:127.0.0.1";
	assert_int_equal(gh_issuer_issue(issuer, &csr, &issue, &issued, NULL), GH_MALFORMED);
	gh_bytes_finish(&key);
	gh_issuer_close(issuer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, folder_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(only_an_authority_issues),
		TEST(a_certificate_says_what_the_issuer_wants),
		TEST(serials_differ),
		TEST(none_outlives_its_issuer),
		TEST(names_are_no_words_of_openssl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
