/* SPDX-License-Identifier: Apache-2.0 */
/* A renewal that is cut off at each of its steps: a pair that fits is there, and it goes on. */
#include "gatehouse/crypto/credential.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/file.h"
#include "gatehouse/crypto/issuer.h"
#include "inject.h"
#include "support/folder.h"

#define HOUR_MS (INT64_C(3600) * 1000)

static struct gh_issuer *issuer;
static char certificate_file[256];
static char key[256];
static bool kept;

static int64_t now_ms(void)
{
	return gh_clock_system()->real_ms(gh_clock_system());
}

static struct gh_credential place_of(struct gh_provider *provider)
{
	return (struct gh_credential){ .provider = provider,
		.certificate_file = certificate_file,
		.key = key,
		.name = "lane-1" };
}

static struct gh_provider *open_provider(void)
{
	struct gh_provider *provider = NULL;

	if (kept)
		assert_int_equal(
			gh_provider_open("file", folder_place("keys"), &provider, NULL), GH_OK);
	return provider;
}

static enum gh_status certify(
	const struct gh_credential *place, struct gh_bytes *der, struct gh_error *error)
{
	struct gh_issue issue = { .organisation = "",
		.role = GH_ROLE_LANE,
		.name = "lane-1",
		.domain = "localhost",
		.now_ms = now_ms(),
		.life_ms = HOUR_MS };
	struct gh_bytes request = GH_BYTES_EMPTY;
	struct gh_issued issued = { .serial = "" };
	struct gh_csr csr;
	enum gh_status status = gh_credential_begin(place, &request, error);

	if (status == GH_OK)
		status = gh_csr_read(gh_bytes_view(&request), &csr, error);
	if (status == GH_OK)
		status = gh_issuer_issue(issuer, &csr, &issue, &issued, error);
	*der = issued.der;
	gh_bytes_finish(&request);
	return status;
}

/* As a lane renews: what was begun before goes on. */
static enum gh_status renew(struct gh_provider *provider, struct gh_error *error)
{
	struct gh_credential place = place_of(provider);
	struct gh_bytes der = GH_BYTES_EMPTY;
	enum gh_status status = gh_credential_settle(&place, error);

	if (status == GH_OK)
		status = certify(&place, &der, error);
	if (status == GH_OK)
		status = gh_credential_keep(
			&place, gh_bytes_view(&der), gh_issuer_certs(issuer), now_ms(), error);
	if (status == GH_OK)
		status = gh_credential_adopt(&place, now_ms(), error);
	gh_bytes_finish(&der);
	return status;
}

static struct gh_sha256 expect_a_pair(struct gh_provider *provider)
{
	struct gh_credential place = place_of(provider);
	struct gh_bytes certificate = GH_BYTES_EMPTY;
	struct gh_bytes pem = GH_BYTES_EMPTY;
	struct gh_certificate found;
	struct gh_error error = GH_ERROR_NONE;

	if (gh_credential_read(&place, &certificate, &pem, &error) != GH_OK)
		fail_msg("no pair that fits: %s", error.text);
	assert_int_equal(
		gh_certificate_match(gh_bytes_view(&certificate), gh_bytes_view(&pem), NULL),
		GH_OK);
	assert_int_equal(gh_certificate_parse(gh_bytes_view(&certificate), &found, NULL), GH_OK);
	gh_bytes_finish(&certificate);
	gh_bytes_finish(&pem);
	return found.fingerprint;
}

static int set_up(void)
{
	struct gh_provider *provider;
	struct gh_bytes pem = GH_BYTES_EMPTY;
	enum gh_status status;

	if (folder_set_up(NULL) ||
		gh_demo_certificates_make(folder_place("demo"), NULL, NULL, 0, NULL) != GH_OK ||
		gh_file_read(folder_place("demo/ca.key"), 65536, &pem, NULL) != GH_OK)
		return -1;
	status = gh_issuer_open(folder_place("demo/ca.pem"), gh_bytes_view(&pem),
		folder_place("demo/ca.pem"), now_ms(), &issuer, NULL);
	gh_bytes_finish(&pem);
	if (status != GH_OK)
		return -1;
	strcpy(certificate_file, folder_place("lane.pem"));
	strcpy(key, kept ? "provider:lane" : folder_place("lane.key"));
	provider = open_provider();
	status = renew(provider, NULL);
	gh_provider_close(provider);
	return status == GH_OK ? 0 : -1;
}

static int set_up_kept(void **state)
{
	(void)state;
	kept = true;
	return set_up();
}

static int set_up_files(void **state)
{
	(void)state;
	kept = false;
	return set_up();
}

static int tear_down(void **state)
{
	gh_issuer_close(issuer);
	issuer = NULL;
	return folder_tear_down(state);
}

/* In a process of its own, which the n-th call at this point ends; whether it came so far. */
static bool cut_off(enum inject_point point, unsigned long n)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		struct gh_provider *provider = open_provider();

		inject_arm(point, n);
		inject_kill();
		(void)!renew(provider, NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status);
}

static void after_a_power_cut(enum inject_point point)
{
	for (unsigned long n = 1; cut_off(point, n); n++) {
		struct gh_provider *provider = open_provider();
		struct gh_sha256 before = expect_a_pair(provider);
		struct gh_sha256 after;
		struct gh_credential place = place_of(provider);

		assert_int_equal(gh_credential_settle(&place, NULL), GH_OK);
		after = expect_a_pair(provider);
		assert_true(gh_sha256_equal(&before, &after));
		/* And then another renewal is another certificate. */
		assert_int_equal(renew(provider, NULL), GH_OK);
		after = expect_a_pair(provider);
		assert_false(gh_sha256_equal(&before, &after));
		gh_provider_close(provider);
		assert_true(n < 1000);
	}
}

static void a_power_cut_at_every_write(void **state)
{
	(void)state;
	after_a_power_cut(INJECT_WRITE);
}

static void a_power_cut_in_every_write(void **state)
{
	(void)state;
	after_a_power_cut(INJECT_SHORT);
}

static void a_power_cut_at_every_sync(void **state)
{
	(void)state;
	after_a_power_cut(INJECT_SYNC);
}

static void a_power_cut_at_every_rename(void **state)
{
	(void)state;
	after_a_power_cut(INJECT_RENAME);
}

static void renew_while(enum inject_point point)
{
	INJECT_EACH(point, n)
	{
		struct gh_provider *provider;
		struct gh_error error = GH_ERROR_NONE;
		struct gh_sha256 before, after;
		enum gh_status status;

		inject_pause();
		provider = open_provider();
		before = expect_a_pair(provider);
		inject_arm(point, n);
		status = renew(provider, &error);
		inject_pause();
		if (!inject_hit())
			assert_int_equal(status, GH_OK);
		if (status != GH_OK)
			assert_int_not_equal(error.text[0], '\0');
		(void)expect_a_pair(provider);
		assert_int_equal(renew(provider, NULL), GH_OK);
		after = expect_a_pair(provider);
		assert_false(gh_sha256_equal(&before, &after));
		gh_provider_close(provider);
	}
}

static void a_full_disk(void **state)
{
	(void)state;
	renew_while(INJECT_WRITE);
}

static void a_disk_that_cannot_sync(void **state)
{
	(void)state;
	renew_while(INJECT_SYNC);
}

static void a_rename_that_is_denied(void **state)
{
	(void)state;
	renew_while(INJECT_RENAME);
}

static void no_memory(void **state)
{
	(void)state;
	renew_while(INJECT_ALLOC);
}

#define BOTH(name) \
	cmocka_unit_test_setup_teardown(name, set_up_kept, tear_down), \
		cmocka_unit_test_setup_teardown(name, set_up_files, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		BOTH(a_power_cut_at_every_write),
		BOTH(a_power_cut_in_every_write),
		BOTH(a_power_cut_at_every_sync),
		BOTH(a_power_cut_at_every_rename),
		BOTH(a_full_disk),
		BOTH(a_disk_that_cannot_sync),
		BOTH(a_rename_that_is_denied),
		BOTH(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
