/* SPDX-License-Identifier: Apache-2.0 */
/* A lane's pair of certificate and key, and the next one beside it. */
#include "gatehouse/crypto/credential.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/file.h"
#include "gatehouse/crypto/issuer.h"
#include "support/folder.h"

#define HOUR_MS (INT64_C(3600) * 1000)

/* Both kinds of places take every test. */
struct bench {
	struct gh_credential place;
	char certificate_file[256];
	char key[256];
	struct gh_issuer *issuer;
	struct gh_provider *provider;
};

static struct bench bench;

static int64_t now_ms(void)
{
	return gh_clock_system()->real_ms(gh_clock_system());
}

static int set_up(bool kept)
{
	struct gh_bytes key = GH_BYTES_EMPTY;
	enum gh_status status;

	memset(&bench, 0, sizeof(bench));
	if (folder_set_up(NULL) ||
		gh_demo_certificates_make(folder_place("demo"), NULL, NULL, 0, NULL) != GH_OK ||
		gh_file_read(folder_place("demo/ca.key"), 65536, &key, NULL) != GH_OK)
		return -1;
	status = gh_issuer_open(folder_place("demo/ca.pem"), gh_bytes_view(&key),
		folder_place("demo/ca.pem"), now_ms(), &bench.issuer, NULL);
	gh_bytes_finish(&key);
	if (status != GH_OK)
		return -1;
	strcpy(bench.certificate_file, folder_place("lane.pem"));
	strcpy(bench.key, kept ? "provider:lane" : folder_place("lane.key"));
	bench.place = (struct gh_credential){
		.certificate_file = bench.certificate_file, .key = bench.key, .name = "lane-1"
	};
	if (kept && gh_provider_open("file", folder_place("keys"), &bench.provider, NULL) != GH_OK)
		return -1;
	bench.place.provider = bench.provider;
	return 0;
}

static int set_up_kept(void **state)
{
	(void)state;
	return set_up(true);
}

static int set_up_files(void **state)
{
	(void)state;
	return set_up(false);
}

static int tear_down(void **state)
{
	gh_issuer_close(bench.issuer);
	gh_provider_close(bench.provider);
	return folder_tear_down(state);
}

/* What a centre would answer to the request. */
static void certify(const char *name, const char *role, int64_t at_ms, struct gh_bytes *der)
{
	struct gh_issue issue = { .organisation = "",
		.role = role,
		.name = name,
		.domain = "localhost",
		.now_ms = at_ms,
		.life_ms = HOUR_MS };
	struct gh_bytes request = GH_BYTES_EMPTY;
	struct gh_issued issued;
	struct gh_csr csr;

	assert_int_equal(gh_credential_begin(&bench.place, &request, NULL), GH_OK);
	assert_int_equal(gh_csr_read(gh_bytes_view(&request), &csr, NULL), GH_OK);
	assert_string_equal(csr.name, "lane-1");
	assert_int_equal(gh_issuer_issue(bench.issuer, &csr, &issue, &issued, NULL), GH_OK);
	gh_bytes_finish(der);
	*der = issued.der;
	gh_bytes_finish(&request);
}

static enum gh_status keep(struct gh_bytes *der)
{
	enum gh_status status = gh_credential_keep(
		&bench.place, gh_bytes_view(der), gh_issuer_certs(bench.issuer), now_ms(), NULL);

	gh_bytes_finish(der);
	return status;
}

static void enrol(void)
{
	struct gh_bytes der = GH_BYTES_EMPTY;

	certify("lane-1", GH_ROLE_LANE, now_ms(), &der);
	assert_int_equal(keep(&der), GH_OK);
	assert_int_equal(gh_credential_adopt(&bench.place, now_ms(), NULL), GH_OK);
}

static enum gh_status read_pair(struct gh_sha256 *fingerprint)
{
	struct gh_bytes certificate = GH_BYTES_EMPTY;
	struct gh_bytes key = GH_BYTES_EMPTY;
	struct gh_certificate found = { .name = "" };
	enum gh_status status = gh_credential_read(&bench.place, &certificate, &key, NULL);

	if (status == GH_OK) {
		assert_int_equal(gh_certificate_match(
					 gh_bytes_view(&certificate), gh_bytes_view(&key), NULL),
			GH_OK);
		assert_int_equal(
			gh_certificate_parse(gh_bytes_view(&certificate), &found, NULL), GH_OK);
	}
	if (fingerprint)
		*fingerprint = found.fingerprint;
	gh_bytes_finish(&certificate);
	gh_bytes_finish(&key);
	return status;
}

static bool has_next(void)
{
	struct gh_bytes certificate = GH_BYTES_EMPTY;
	struct gh_bytes key = GH_BYTES_EMPTY;
	enum gh_status status =
		gh_credential_next(&bench.place, now_ms(), &certificate, &key, NULL);

	assert_true(status == GH_OK || status == GH_NOT_FOUND);
	gh_bytes_finish(&certificate);
	gh_bytes_finish(&key);
	return status == GH_OK;
}

static void a_first_pair_and_the_one_after_it(void **state)
{
	struct gh_sha256 first, second, now;
	struct gh_bytes der = GH_BYTES_EMPTY;
	struct stat file;

	(void)state;
	assert_int_equal(read_pair(NULL), GH_NOT_FOUND);
	assert_int_equal(gh_credential_settle(&bench.place, NULL), GH_OK);
	assert_int_equal(gh_credential_adopt(&bench.place, now_ms(), NULL), GH_NOT_FOUND);
	enrol();
	assert_int_equal(read_pair(&first), GH_OK);
	assert_int_equal(stat(bench.certificate_file, &file), 0);
	assert_int_equal(file.st_mode & 0777, 0600);
	assert_false(has_next());
	/* The next is kept beside it, and nothing changes until it is adopted. */
	certify("lane-1", GH_ROLE_LANE, now_ms(), &der);
	assert_int_equal(keep(&der), GH_OK);
	assert_true(has_next());
	assert_int_equal(read_pair(&now), GH_OK);
	assert_true(gh_sha256_equal(&first, &now));
	assert_int_equal(gh_credential_adopt(&bench.place, now_ms(), NULL), GH_OK);
	assert_int_equal(read_pair(&second), GH_OK);
	assert_false(gh_sha256_equal(&first, &second));
	assert_false(has_next());
	/* No key of before is left: lane.pem and demo, and keys or lane.key. */
	assert_int_equal(folder_count(""), 3);
}

static void a_lost_answer_is_asked_for_with_the_same_key(void **state)
{
	struct gh_bytes one = GH_BYTES_EMPTY;
	struct gh_bytes two = GH_BYTES_EMPTY;
	struct gh_csr first, second;

	(void)state;
	assert_int_equal(gh_credential_begin(&bench.place, &one, NULL), GH_OK);
	assert_int_equal(gh_credential_begin(&bench.place, &two, NULL), GH_OK);
	assert_int_equal(gh_csr_read(gh_bytes_view(&one), &first, NULL), GH_OK);
	assert_int_equal(gh_csr_read(gh_bytes_view(&two), &second, NULL), GH_OK);
	assert_true(gh_sha256_equal(&first.key_id, &second.key_id));
	assert_int_equal(gh_credential_drop(&bench.place, NULL), GH_OK);
	assert_int_equal(gh_credential_begin(&bench.place, &two, NULL), GH_OK);
	assert_int_equal(gh_csr_read(gh_bytes_view(&two), &second, NULL), GH_OK);
	assert_false(gh_sha256_equal(&first.key_id, &second.key_id));
	gh_bytes_finish(&one);
	gh_bytes_finish(&two);
}

static void only_the_lanes_own_certificate_is_kept(void **state)
{
	struct gh_bytes der = GH_BYTES_EMPTY;
	struct gh_sha256 first, now;

	(void)state;
	enrol();
	assert_int_equal(read_pair(&first), GH_OK);
	certify("lane-2", GH_ROLE_LANE, now_ms(), &der);
	assert_int_equal(keep(&der), GH_REFUSED);
	certify("lane-1", GH_ROLE_OPERATOR, now_ms(), &der);
	assert_int_equal(keep(&der), GH_REFUSED);
	certify("lane-1", GH_ROLE_LANE, now_ms() - 2 * HOUR_MS, &der);
	assert_int_equal(keep(&der), GH_REFUSED);
	/* One for another key: as from another request. */
	certify("lane-1", GH_ROLE_LANE, now_ms(), &der);
	assert_int_equal(gh_credential_drop(&bench.place, NULL), GH_OK);
	assert_int_equal(keep(&der), GH_NOT_FOUND);
	certify("lane-1", GH_ROLE_LANE, now_ms(), &der);
	struct gh_bytes other = GH_BYTES_EMPTY;
	assert_int_equal(gh_credential_drop(&bench.place, NULL), GH_OK);
	assert_int_equal(gh_credential_begin(&bench.place, &other, NULL), GH_OK);
	assert_int_equal(keep(&der), GH_INTEGRITY);
	gh_bytes_finish(&other);
	assert_false(has_next());
	assert_int_equal(read_pair(&now), GH_OK);
	assert_true(gh_sha256_equal(&first, &now));
}

static void a_pair_that_does_not_fit_is_told(void **state)
{
	(void)state;
	enrol();
	assert_int_equal(gh_file_replace(bench.certificate_file, gh_view_of_text("no certificate"),
				 0600, NULL),
		GH_OK);
	assert_int_equal(read_pair(NULL), GH_MALFORMED);
	struct gh_bytes pem = GH_BYTES_EMPTY;
	assert_int_equal(gh_file_read(folder_place("demo/ca.pem"), 65536, &pem, NULL), GH_OK);
	assert_int_equal(
		gh_file_replace(bench.certificate_file, gh_bytes_view(&pem), 0600, NULL), GH_OK);
	gh_bytes_finish(&pem);
	assert_int_equal(read_pair(NULL), GH_INTEGRITY);
	assert_int_equal(gh_credential_settle(&bench.place, NULL), GH_OK);
}

static void a_key_that_others_may_read_is_refused(void **state)
{
	(void)state;
	enrol();
	assert_int_equal(chmod(bench.key, 0644), 0);
	assert_int_equal(read_pair(NULL), GH_DENIED);
}

static void a_name_has_room_for_the_next(void **state)
{
	struct gh_bytes csr = GH_BYTES_EMPTY;

	(void)state;
	bench.place.key = "provider:abcdefghijklmnopqrstuvwxyza";
	assert_int_equal(gh_credential_begin(&bench.place, &csr, NULL), GH_OK);
	bench.place.key = "provider:abcdefghijklmnopqrstuvwxyzab";
	assert_int_equal(gh_credential_begin(&bench.place, &csr, NULL), GH_SETTINGS);
	gh_bytes_finish(&csr);
}

#define KEPT(name) cmocka_unit_test_setup_teardown(name, set_up_kept, tear_down)
#define FILES(name) cmocka_unit_test_setup_teardown(name, set_up_files, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		KEPT(a_first_pair_and_the_one_after_it),
		FILES(a_first_pair_and_the_one_after_it),
		KEPT(a_lost_answer_is_asked_for_with_the_same_key),
		FILES(a_lost_answer_is_asked_for_with_the_same_key),
		KEPT(only_the_lanes_own_certificate_is_kept),
		FILES(only_the_lanes_own_certificate_is_kept),
		KEPT(a_pair_that_does_not_fit_is_told),
		FILES(a_pair_that_does_not_fit_is_told),
		FILES(a_key_that_others_may_read_is_refused),
		KEPT(a_name_has_room_for_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
