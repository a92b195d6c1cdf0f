/* SPDX-License-Identifier: Apache-2.0 */
/* Certification requests: our own, others' by OpenSSL itself, and those that prove nothing. */
#include "gatehouse/crypto/csr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

static void make(const char *name, struct gh_bytes *key, struct gh_bytes *der)
{
	assert_int_equal(gh_csr_new_key(key, NULL), GH_OK);
	assert_int_equal(gh_csr_make(name, "lane", gh_bytes_view(key), der, NULL), GH_OK);
}

static enum gh_status read_csr(struct gh_view der, struct gh_csr *csr)
{
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = gh_csr_read(der, csr, &error);

	if (status != GH_OK) {
		assert_int_not_equal(error.text[0], '\0');
		assert_int_equal(csr->name[0], '\0');
		assert_int_equal(csr->key_bytes, 0);
	}
	assert_int_equal(ERR_peek_error(), 0);
	return status;
}

static void what_is_made_is_read(void **state)
{
	struct gh_bytes key = GH_BYTES_EMPTY;
	struct gh_bytes one = GH_BYTES_EMPTY;
	struct gh_bytes two = GH_BYTES_EMPTY;
	struct gh_csr first, second;

	(void)state;
	make("lane-1", &key, &one);
	assert_int_equal(read_csr(gh_bytes_view(&one), &first), GH_OK);
	assert_string_equal(first.name, "lane-1");
	assert_string_equal(first.role, "lane");
	assert_int_equal(first.key_bytes, 91);
	/* The same key in another request is known again. */
	assert_int_equal(gh_csr_make("lane-1", "lane", gh_bytes_view(&key), &two, NULL), GH_OK);
	assert_int_equal(read_csr(gh_bytes_view(&two), &second), GH_OK);
	assert_true(gh_sha256_equal(&first.key_id, &second.key_id));
	gh_bytes_finish(&key);
	make("lane-1", &key, &two);
	assert_int_equal(read_csr(gh_bytes_view(&two), &second), GH_OK);
	assert_false(gh_sha256_equal(&first.key_id, &second.key_id));
	gh_bytes_finish(&key);
	gh_bytes_finish(&one);
	gh_bytes_finish(&two);
}

static void names_have_their_length(void **state)
{
	struct gh_bytes key = GH_BYTES_EMPTY;
	struct gh_bytes der = GH_BYTES_EMPTY;
	char name[66] = "";

	(void)state;
	assert_int_equal(gh_csr_new_key(&key, NULL), GH_OK);
	memset(name, 'a', 65);
	assert_int_equal(gh_csr_make(name, "lane", gh_bytes_view(&key), &der, NULL), GH_MALFORMED);
	assert_int_equal(gh_csr_make("", "lane", gh_bytes_view(&key), &der, NULL), GH_MALFORMED);
	assert_int_equal(gh_csr_make("a", "", gh_bytes_view(&key), &der, NULL), GH_MALFORMED);
	name[64] = '\0';
	assert_int_equal(gh_csr_make(name, "lane", gh_bytes_view(&key), &der, NULL), GH_OK);
	assert_int_equal(
		gh_csr_make("a", "lane", gh_view_of_text("no key"), &der, NULL), GH_MALFORMED);
	assert_null(der.data);
	gh_bytes_finish(&key);
}

/* Every bit of it is under the signature, or makes it no request any more. */
static void a_changed_bit_is_noticed(void **state)
{
	struct gh_bytes key = GH_BYTES_EMPTY;
	struct gh_bytes der = GH_BYTES_EMPTY;
	struct gh_csr csr;

	(void)state;
	make("lane-1", &key, &der);
	for (size_t i = 0; i < der.length_bytes; i++) {
		der.data[i] ^= 1;
		assert_int_not_equal(read_csr(gh_bytes_view(&der), &csr), GH_OK);
		der.data[i] ^= 1;
	}
	for (size_t length = 0; length < der.length_bytes; length++)
		assert_int_equal(
			read_csr((struct gh_view){ der.data, length }, &csr), GH_MALFORMED);
	assert_int_equal(gh_bytes_append(&der, "x", 1, NULL), GH_OK);
	assert_int_equal(read_csr(gh_bytes_view(&der), &csr), GH_MALFORMED);
	gh_bytes_finish(&key);
	gh_bytes_finish(&der);
}

struct attribute {
	const char *field;
	const char *text;
};

/* A request as somebody else makes it. */
static enum gh_status foreign(EVP_PKEY *key, const EVP_MD *digest,
	const struct attribute *attributes, size_t count, struct gh_csr *csr)
{
	X509_REQ *request = X509_REQ_new();
	unsigned char *der = NULL;
	enum gh_status status;
	int length;

	for (size_t i = 0; i < count; i++)
		assert_int_equal(X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request),
					 attributes[i].field, MBSTRING_UTF8,
					 (const unsigned char *)attributes[i].text, -1, -1, 0),
			1);
	assert_int_equal(X509_REQ_set_pubkey(request, key), 1);
	assert_true(X509_REQ_sign(request, key, digest) > 0);
	length = i2d_X509_REQ(request, &der);
	assert_true(length > 0);
	status = read_csr((struct gh_view){ der, (size_t)length }, csr);
	OPENSSL_free(der);
	X509_REQ_free(request);
	return status;
}

static void keys_of_other_kinds_are_refused(void **state)
{
	static const struct attribute name[] = { { "CN", "lane-1" } };
	struct {
		EVP_PKEY *key;
		const EVP_MD *digest;
		enum gh_status expected;
	} cases[] = {
		{ EVP_EC_gen("P-256"), EVP_sha256(), GH_OK },
		{ EVP_EC_gen("P-384"), EVP_sha384(), GH_OK },
		{ EVP_EC_gen("P-256"), EVP_sha1(), GH_UNSUPPORTED },
		{ EVP_EC_gen("P-521"), EVP_sha512(), GH_UNSUPPORTED },
		{ EVP_EC_gen("secp256k1"), EVP_sha256(), GH_UNSUPPORTED },
		{ EVP_RSA_gen(2048), EVP_sha256(), GH_UNSUPPORTED },
		{ EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), NULL, GH_UNSUPPORTED },
	};
	struct gh_csr csr;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (foreign(cases[i].key, cases[i].digest, name, 1, &csr) != cases[i].expected)
			fail_msg("case %zu", i);
		EVP_PKEY_free(cases[i].key);
	}
}

static void subjects_are_one_each(void **state)
{
	static const struct {
		struct attribute attributes[4];
		size_t count;
		enum gh_status expected;
	} cases[] = {
		{ { { "O", "Utopia" }, { "OU", "lane" }, { "CN", "lane-1" } }, 3, GH_OK },
		{ { { "CN", "lane-1" } }, 1, GH_OK },
		{ { { "CN", "lane-1" }, { "CN", "lane-2" } }, 2, GH_MALFORMED },
		{ { { "OU", "lane" }, { "OU", "operator" }, { "CN", "lane-1" } }, 3, GH_MALFORMED },
		{ { { "OU", "lane" } }, 1, GH_MALFORMED },
		{ { { "C", "UT" }, { "CN", "lane-1" } }, 2, GH_MALFORMED },
		{ { { "CN", "lane-1" }, { "serialNumber", "5" } }, 2, GH_MALFORMED },
		{ { { "CN", "lane\n1" } }, 1, GH_MALFORMED },
		{ { { "CN", "" } }, 0, GH_MALFORMED },
	};
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct gh_csr csr;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (foreign(key, EVP_sha256(), cases[i].attributes, cases[i].count, &csr) !=
			cases[i].expected)
			fail_msg("case %zu", i);
	EVP_PKEY_free(key);
}

static void a_request_has_its_size(void **state)
{
	static const uint8_t bytes[GH_CSR_BYTES_MAX + 1];
	struct gh_csr csr;

	(void)state;
	assert_int_equal(read_csr((struct gh_view){ bytes, sizeof(bytes) }, &csr), GH_TOO_LARGE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_made_is_read),
		cmocka_unit_test(names_have_their_length),
		cmocka_unit_test(a_changed_bit_is_noticed),
		cmocka_unit_test(keys_of_other_kinds_are_refused),
		cmocka_unit_test(subjects_are_one_each),
		cmocka_unit_test(a_request_has_its_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
